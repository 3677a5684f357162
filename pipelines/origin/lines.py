"""From a guess to a line: speed and place fitted to matching landmarks, over as much of the mix as bears it out.

    seed (4 s) -> fit -> evidence on both sides -> best stretch -> fit -> ... until it grows no more

A speed that is off by 0.03 % is 18 ms off after a minute; each fit over a longer stretch is finer, so a line stays
within a few milliseconds however long it gets.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipelines.origin.evidence import FRAME_S, ChanceMap, Line, best_stretch, evidence, expected, matches
from pipelines.origin.pairs import Seed, Tempo
from pipelines.origin.peaks import Peaks

FIT_TOLERANCES = ((0.06, 20.0), (0.04, 12.0), (0.024, 10.0))
"""Seconds and hertz of the first, second and third fit."""

PICK_S, PICK_HZ = 0.012, 4.0
"""Standard deviations of a landmark's time and frequency in noise."""

LEAST_MATCHES = 8
GROWTH_S = 4.0
FURTHEST_TEMPO = 0.07
"""Speeds beyond are not believed."""


def grown(mix: Peaks, chances: ChanceMap, source: Peaks, seed: Seed, half_s: float, least: float) -> Line | None:
    """The line that a seed is part of, over the stretch with the most evidence; None if that is below `least` nats.

    Args:
        half_s: half of the stretch of the mix that voted for the seed.
    """
    around = (max(0.0, seed.mix_s - half_s), min(mix.duration_s, seed.mix_s + half_s))
    line: Line | None = Line(seed.source, seed.mix_s, seed.source_s, seed.tempo, *around)
    while True:
        assert line is not None
        fitted = _fit(mix, source, line)
        if fitted is None:
            return None
        more_s = max(GROWTH_S, fitted.end_s - fitted.start_s)
        wider = within(fitted, fitted.start_s - more_s, fitted.end_s + more_s, mix, source)
        if wider is None:
            return None
        nats = evidence(mix, chances, source, wider)
        first, last, most = best_stretch(nats.nats)
        if most < least:
            return None
        stretch = replace(
            wider,
            start_s=max(wider.start_s, (nats.first_frame + first) * FRAME_S),
            end_s=min(wider.end_s, (nats.first_frame + last) * FRAME_S),
        )
        if stretch.start_s >= line.start_s - FRAME_S and stretch.end_s <= line.end_s + FRAME_S:
            return _fit(mix, source, stretch)
        line = stretch


def within(line: Line, start_s: float, end_s: float, mix: Peaks, source: Peaks) -> Line | None:
    """The line where both mix and source last; None where they never meet."""
    begin_s, over_s = line.mix_times_s(np.array([0.0, source.duration_s]))
    start_s, end_s = max(start_s, begin_s, 0.0), min(end_s, over_s, mix.duration_s)
    return replace(line, start_s=float(start_s), end_s=float(end_s)) if end_s - start_s > FRAME_S else None


def same(one: Line, other: Line, at_s: float) -> bool:
    """Do two lines say the same about a moment of the mix?"""
    close = abs(one.source_time_s(at_s) - other.source_time_s(at_s)) < 0.08
    return one.source == other.source and close and abs(one.tempo.speed - other.tempo.speed) < 0.012


def _fit(mix: Peaks, source: Peaks, line: Line) -> Line | None:
    """Least squares over the matches between the line's ends; None with too few, or a speed that is not believed."""
    for tolerance_s, tolerance_hz in FIT_TOLERANCES:
        index, times_s, frequencies_hz = expected(source, line)
        rows, at = matches(mix, times_s, frequencies_hz, tolerance_s, tolerance_hz)
        if len(rows) < LEAST_MATCHES:
            return None
        heard_s, source_s = mix.times_s[at], source.times_s[index[rows]]
        heard_hz, source_hz = mix.frequencies_hz[at], source.frequencies_hz[index[rows]]
        middle_s = float(heard_s.mean())
        away_s = heard_s - middle_s
        weight = float(away_s @ away_s) / PICK_S**2
        speed = float(away_s @ source_s) / max(float(away_s @ away_s), 1e-9)
        if line.tempo.pitch == line.tempo.speed:
            # resampled: frequencies tell the speed too, in short stretches better than times do
            pitch_weight = float(source_hz @ source_hz) / PICK_HZ**2
            pitch = float(source_hz @ heard_hz) / float(source_hz @ source_hz)
            speed = (weight * speed + pitch_weight * pitch) / (weight + pitch_weight)
            tempo = Tempo(speed, speed)
        else:
            tempo = Tempo(speed, line.tempo.pitch)
        if abs(speed - 1) > FURTHEST_TEMPO:
            return None
        line = replace(line, mix_s=middle_s, source_s=float(source_s.mean()), tempo=tempo)
    return line
