"""From what the engine heard in a whole sound to its beats: pure functions, the same answer every time.

    activations -> weights -> rows of beats (tempo_path) -> rows that are sure enough -> bars, subdivisions -> BeatTrack

A sound without a beat that lasts has no beats here, and `stable` is False; a row of beats that begins after ten minutes
of talk is found where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.beats.activations import BEAT, DOWNBEAT, ONSET, Activations
from actors.beats.bars import UNKNOWN, bars_of
from actors.beats.mel import FRAME_S
from actors.beats.subdivisions import subdivisions_of
from actors.beats.tempo_path import COSTS, STEP_S, RowCosts, best_rows

EVEN = 0.1
"""Likelihood of a beat from which it speaks for a row, and under which against it."""

LEAST_BEATS = 4
"""A shorter row is no row."""

SURE = 0.3
"""Mean likelihood of its beats from which a row counts."""

NEAR_FRAMES = (0, -1, 1, -2, 2)
"""A beat is moved to the likeliest of these frames, to the nearest where all are alike."""


@dataclass(frozen=True)
class Beat:
    """One beat."""

    time_s: float
    index: int
    """Counted from 0 in the whole sound."""

    bar_index: int | None
    """Counted from 0 in the whole sound; None where the bars are not known."""

    position: int | None
    """In its bar, from 1 (the downbeat); None where the bars are not known."""

    subdivision: int
    """Parts that the music around it divides a beat into: 1, 2, 3 or 4."""


@dataclass(frozen=True)
class BeatTrack:
    """The beats of a sound."""

    beats: tuple[Beat, ...]
    """By time; empty without a stable beat."""

    tempo_bpm: float | None
    """Median over the beats, in beats a minute; None without a stable beat."""

    beats_per_bar: int | None
    """Of most bars; None where no bars are known."""

    confidence: float
    """Mean likelihood of the beats, in [0, 1]; of the best row that was not sure enough, without a stable beat."""

    stable: bool
    """Whether there is a beat that lasts anywhere in the sound."""


def track_beats(activations: Activations, costs: RowCosts = COSTS) -> BeatTrack:
    """Beats, bars and tempo of a sound from all its activations, in order."""
    likely = np.clip(activations[:, BEAT].astype(np.float64), 1e-4, 1 - 1e-4)
    rows = best_rows(_weights(likely), costs) if len(likely) > 1 else []
    rows = [row for row in rows if len(row) >= LEAST_BEATS]
    sure = [float(np.mean(_likely_at(likely, np.multiply(row, STEP_S, dtype=np.float64)))) for row in rows]
    kept = [_placed(likely, row) for row, one in zip(rows, sure, strict=True) if one >= SURE]
    if not kept:
        return BeatTrack((), None, None, max(sure, default=0.0), stable=False)
    beats: list[Beat] = []
    meters: list[int] = []
    bar = -1
    for times_s in kept:
        found = bars_of(_likely_at(activations[:, DOWNBEAT].astype(np.float64), times_s))
        parts = subdivisions_of(times_s, activations[:, ONSET], FRAME_S)
        known = found.positions != UNKNOWN
        for number, time_s in enumerate(times_s.tolist()):
            begins = number == 0 or found.positions[number] == 1 or not known[number - 1]
            bar += int(known[number] and begins)
            bar_index, position = (bar, int(found.positions[number])) if known[number] else (None, None)
            beats.append(Beat(time_s, len(beats), bar_index, position, int(parts[number])))
        meters += found.meters[known].tolist()
    confidence = float(np.mean(_likely_at(likely, np.concatenate(kept))))
    beats_per_bar = int(np.bincount(meters).argmax()) if meters else None
    return BeatTrack(tuple(beats), _tempo_bpm(kept), beats_per_bar, confidence, stable=True)


def _weights(likely: NDArray[np.float64]) -> NDArray[np.float32]:
    """What a beat adds at each step of the path: its log odds against EVEN, linear between frames."""
    odds = np.log(likely / (1 - likely)) - np.log(EVEN / (1 - EVEN))
    steps = np.arange(round((len(likely) - 1) * FRAME_S / STEP_S) + 1) * (STEP_S / FRAME_S)
    weights: NDArray[np.float32] = np.interp(steps, np.arange(len(odds)), np.clip(odds, -5, 4)).astype(np.float32)
    return weights


def _likely_at(likely: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """The highest likelihood within a frame of each time."""
    frames = np.round(times_s / FRAME_S).astype(np.int64)
    near = [likely[np.clip(frames + shift, 0, len(likely) - 1)] for shift in (-1, 0, 1)]
    highest: NDArray[np.float64] = np.max(near, axis=0)
    return highest


def _placed(likely: NDArray[np.float64], row: NDArray[np.int64]) -> NDArray[np.float64]:
    """Seconds of a row's beats: the peak of a parabola through the likeliest frame near each."""
    at = np.round(row * STEP_S / FRAME_S).astype(np.int64)
    around = np.clip(at[:, None] + np.array(NEAR_FRAMES), 1, len(likely) - 2)
    peak = np.take_along_axis(around, likely[around].argmax(axis=1)[:, None], axis=1)[:, 0]
    left, top, right = likely[peak - 1], likely[peak], likely[peak + 1]
    bend = left - 2 * top + right
    shift = np.where(bend < -1e-9, (left - right) / (2 * np.minimum(bend, -1e-9)), 0)
    times_s: NDArray[np.float64] = (peak + np.clip(shift, -0.5, 0.5)) * FRAME_S
    return times_s


def _tempo_bpm(rows: list[NDArray[np.float64]]) -> float:
    """60 by the median length of a beat, each measured over four beats where it can be."""
    lengths = np.concatenate([(row[3:] - row[:-3]) / 3 for row in rows])
    return float(60 / np.median(lengths))
