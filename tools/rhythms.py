"""Rhythms for `annotated_music`: what drummers, basses, chords and melodies play in a bar of a meter.

A rhythm is a list of (beat within the bar from 0, ...); levels are in (0, 1].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

Hit = tuple[float, str, float]
"""(beat, drum, level)."""

Tone = tuple[float, float, float]
"""(beat, length in beats, level)."""


@dataclass(frozen=True)
class Meter:
    """A time signature as it is felt: beats, and parts of a beat."""

    beats: int
    parts: int
    centre_bpm: float
    styles: tuple[str, ...]
    share: float
    """Of the pieces that are drawn."""


METERS: Mapping[str, Meter] = {
    "4/4": Meter(
        4, 4, 112, ("rock", "rock", "floor", "half", "funk", "latin", "tresillo", "break", "onedrop", "jazz", "polka",
                    "train", "any"), 0.64,
    ),
    "3/4": Meter(3, 2, 118, ("waltz", "waltz", "jazzwaltz", "any"), 0.2),
    "2/4": Meter(2, 4, 105, ("polka", "any", "train"), 0.04),
    "6/8": Meter(2, 3, 76, ("six", "any"), 0.06),
    "12/8": Meter(4, 3, 88, ("shuffle", "slowblues", "any"), 0.06),
}  # fmt: skip


STYLE_BPM: Mapping[str, float] = {
    "rock": 118, "floor": 124, "half": 76, "funk": 100, "latin": 104, "tresillo": 96, "break": 160, "onedrop": 76,
    "jazz": 140, "polka": 112, "train": 108, "waltz": 122, "jazzwaltz": 145, "six": 72, "shuffle": 112,
    "slowblues": 66, "click": 108, "pulse": 108,
}  # fmt: skip
"""Tempo that a style is mostly played at."""


PULSES = ("click", "click", "click", "rim", "bell", "hat", "kick", "snare", "clap")


def _every(meter: Meter, parts: int, name: str, level: float, random: Generator) -> list[Hit]:
    """A drum on each of so many parts of every beat, the later ones softer."""
    soft = random.uniform(0.3, 1.0)
    steps = range(meter.beats * parts)
    return [(step / parts, name, level * (1 if step % parts == 0 else soft)) for step in steps]


def _at(name: str, level: float, *beats: float) -> list[Hit]:
    return [(beat, name, level) for beat in beats]


def drum_bar(style: str, meter: Meter, tempo_bpm: float, random: Generator) -> list[Hit]:
    """What the drummer repeats; cymbals are played as fast as hands can, no faster."""
    cymbal = str(random.choice(["hat", "hat", "shaker", "ride"]))
    back = str(random.choice(["snare", "snare", "snare", "clap", "rim", "brush"]))
    level = float(random.uniform(0.2, 0.5))
    cymbals = [2, 4] if tempo_bpm < 85 else [1, 2, 2, 2, 4] if tempo_bpm < 125 else [1, 2, 2]
    hats = _every(meter, int(random.choice(cymbals)) if meter.parts != 3 else 3, cymbal, level, random)
    offbeats = [beat + 0.5 for beat in range(meter.beats)]
    odd = [float(beat) for beat in range(1, meter.beats, 2)]
    kicks = _at("kick", 0.9, 0, 2)
    loose = [beat for beat in (0.5, 0.75, 1.5, 1.75, 2.5, 2.75, 3.5) if random.random() < 0.22]
    ghosts = [beat + 0.25 for beat in range(4) if random.random() < 0.4]
    bars: Mapping[str, Callable[[], list[Hit]]] = {
        "rock": lambda: hats + kicks + _at("kick", 0.7, *loose) + _at(back, 0.9, 1, 3),
        "floor": lambda: _at("kick", 1.0, 0, 1, 2, 3) + _at(back, 0.7, 1, 3) + _at("open_hat", level, *offbeats),
        "half": lambda: hats + _at("kick", 0.9, 0, *loose[:2]) + _at(back, 0.9, 2),
        "funk": lambda: (
            _every(meter, 4, cymbal, level, random)
            + _at("kick", 0.9, 0, *loose, 2.5)
            + _at(back, 0.9, 1, 3)
            + _at("snare", 0.2, *ghosts)
        ),
        "latin": lambda: (
            _at("rim", 0.6, *((0, 0.75, 1.5, 2.5, 3) if random.random() < 0.5 else (0.5, 1, 2, 2.75, 3.5)))
            + _at("kick", 0.7, 0, 1.5, 2, 3.5)
            + _every(meter, int(random.choice([2, 4])), "shaker", level, random)
            + _at("conga", 0.5, *(beat for beat in (1.5, 3, 3.5) if random.random() < 0.7))
        ),
        "tresillo": lambda: (
            _at("kick", 0.9, 0, 1, 2, 3)
            + _at(back, 0.8, 0.75, 1.5, 2.75, 3.5)
            + (hats if random.random() < 0.5 else [])
        ),
        "break": lambda: (
            hats + _at("kick", 0.9, 0, 0.5, 2.5, 2.75) + _at(back, 0.9, 1, 3) + _at("snare", 0.3, 1.75, 2.25)
        ),
        "onedrop": lambda: hats + _at("kick", 0.9, 2) + _at("rim", 0.8, 2),
        "jazz": lambda: (
            _at("ride", 0.6, 0, 1, 1.5, 2, 3, 3.5)
            + _at("hat", 0.5, 1, 3)
            + _at("kick", 0.25, *(range(4) if random.random() < 0.4 else ()))
            + _at("snare", 0.35, *(beat for beat in (0.5, 1.5, 2.5, 3.5) if random.random() < 0.25))
        ),
        "polka": lambda: _at("kick", 0.9, *range(meter.beats)) + _at(back, 0.7, *offbeats),
        "train": lambda: (
            _every(meter, 4, "brush" if random.random() < 0.5 else "snare", 0.35, random)
            + _at("snare", 0.6, *odd)
            + _at("kick", 0.8, *range(0, meter.beats, 2))
        ),
        "waltz": lambda: _at("kick", 0.9, 0) + _at(back, 0.6, 1, 2) + (hats if random.random() < 0.6 else []),
        "jazzwaltz": lambda: _at("ride", 0.6, 0, 1, 1.5, 2) + _at("hat", 0.5, 1) + _at("kick", 0.6, 0),
        "six": lambda: hats + _at("kick", 0.9, 0, *((5 / 3,) if random.random() < 0.4 else ())) + _at(back, 0.9, 1),
        "shuffle": lambda: (
            [hit for hit in _every(meter, 3, cymbal, level, random) if round(hit[0] * 3) % 3 != 1]
            + kicks
            + _at(back, 0.9, 1, 3)
        ),
        "slowblues": lambda: hats + kicks + _at("kick", 0.6, 5 / 3) + _at(back, 0.9, 1, 3),
        "click": lambda: _at("accent", 1.0, 0) + _at("click", random.uniform(0.3, 0.8), *range(1, meter.beats)),
        "pulse": lambda: _at(str(random.choice(PULSES)), 0.9, *range(meter.beats)),
        "any": lambda: _any_drums(meter, random) + (hats if random.random() < 0.5 else []),
    }
    return bars[style]()


def _any_drums(meter: Meter, random: Generator) -> list[Hit]:
    """Three drums wherever the meter makes a note likely; a low one begins most bars."""
    hits: list[Hit] = []
    for name in random.choice(["kick", "snare", "conga", "tom", "rim", "bell", "clap", "shaker"], 3, replace=False):
        density = random.uniform(0.15, 0.5)
        for step in range(meter.beats * meter.parts):
            weight = _weight(step, meter)
            if random.random() < density * weight * 1.6:
                hits.append((step / meter.parts, str(name), float(random.uniform(0.3, 0.6) + 0.35 * weight)))
    return hits + (_at("kick", 0.9, 0) if random.random() < 0.7 else [])


def _weight(step: int, meter: Meter) -> float:
    """How likely a note is to begin on a part of the bar, in (0, 1]."""
    if step == 0:
        return 1.0
    if step % meter.parts == 0:
        return 0.8 if meter.beats == 4 and step == 2 * meter.parts else 0.7
    return 0.4 if meter.parts % 2 == 0 and step % (meter.parts // 2) == 0 else 0.2


def comping(meter: Meter, random: Generator, figure: str) -> list[Tone]:
    """What bass or chords repeat: each tone lasts to the next, or is short."""
    beats, parts = meter.beats, meter.parts
    eighths = 3 if parts == 3 else 2
    starts: list[float] = {
        "hold": lambda: [0.0] if beats < 4 or random.random() < 0.7 else [0.0, 2.0],
        "beats": lambda: [float(beat) for beat in range(beats)],
        "pump": lambda: [step / eighths for step in range(beats * eighths)],
        "sparse": lambda: [0.0] + ([float(beats - 1)] if random.random() < 0.4 else []),
        "offbeat": lambda: [beat + (0.5 if parts != 3 else 2 / 3) for beat in range(beats)],
        "oompah": lambda: [float(beat) for beat in range(beats) if beat % 2 or beats == 3],
        "arpeggio": lambda: _steps(beats, int(random.choice([2, 4])) if parts != 3 else 3),
        "syncopated": lambda: [
            step / parts for step in range(beats * parts) if random.random() < 0.2 + 0.5 * _weight(step, meter)
        ],
    }[figure]()
    starts = starts or [0.0]
    ends = [*starts[1:], float(beats)]
    short = float(random.choice([1.0, 0.9, 0.5]))
    return [
        (start, max(0.1, (end - start) * short), 0.7 + 0.3 * (start == 0))
        for start, end in zip(starts, ends, strict=True)
    ]


def _steps(beats: int, parts: int) -> list[float]:
    return [step / parts for step in range(beats * parts)]


def melody_rhythm(meter: Meter, random: Generator, density: float) -> list[Tone]:
    """A bar of a melody; on most parts of the bar nothing begins."""
    starts = [
        step / meter.parts
        for step in range(meter.beats * meter.parts)
        if random.random() < density * (0.25 + _weight(step, meter))
    ]
    ends = [*starts[1:], float(meter.beats)] if starts else []
    gaps = np.subtract(ends, starts) if starts else np.zeros(0)
    return [(start, float(gap), float(random.uniform(0.6, 1))) for start, gap in zip(starts, gaps, strict=True)]
