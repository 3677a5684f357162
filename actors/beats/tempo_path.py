"""The most likely row of beats: tempo and phase decided together, and where there is no row at all.

    score of a row = sum over its beats of weight(time)              how much a beat there explains
                   - STIFFNESS * |ln(interval / interval before)|    for each pair of intervals
                   - TASTE * ln(interval / USUAL)^2                  for each beat: people tap neither fast nor slowly
                   - ENTRY for each unbroken row                     rest between rows scores nothing

    rest ~~~~~~|beat ... beat ... beat|~~~~ rest ~~~~|beat . beat . beat

The best sum is found by dynamic programming over (time, interval), a Viterbi decoding of a semi-Markov chain; beats of
the next SHORTEST frames depend on earlier frames alone, so that so many are computed at once. Three hours take some
seconds and 90 MB.
Source: F. Krebs, S. Böck, G. Widmer, An efficient state-space model for joint tempo and meter tracking, ISMIR 2015
(changes of tempo); D. Ellis, Beat tracking by dynamic programming, JNMR 2007 (beats alone are scored; usual tempos are
liked, log-normally).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP_S = 0.01
"""Frames of this search."""

SHORTEST, LONGEST = 28, 110
"""Frames between beats: 214 to 54.5 beats a minute."""

USUAL = 54.0
"""Frames between beats that people tap most: 111 beats a minute."""

REST = 255
"""Back pointer: a row begins here."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class RowCosts:
    """What rows of beats cost; chosen on VALIDATION of `tools/train_beats.py`."""

    stiffness: float = 40.0
    """For a change of interval by a factor of e."""

    taste: float = 1.0
    """For each beat whose interval is e times the usual one."""

    entry: float = 9.0
    """For each row."""


COSTS = RowCosts()


def best_rows(weights: Floats, costs: RowCosts = COSTS) -> list[NDArray[np.int64]]:
    """Frames of the beats, one array an unbroken row, in order.

    Args:
        weights: float32 (frames,), what a beat at each frame adds; negative where none is likely.
        costs: of rows and of changes of tempo.
    """
    came, ended = _forward(weights, costs)
    return _rows(came, ended)


def _forward(weights: Floats, costs: RowCosts) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Back pointers: which interval came before (frame, interval), and which interval ended when rest began."""
    intervals = np.arange(SHORTEST, LONGEST + 1)
    count, block = len(intervals), SHORTEST
    change = (costs.stiffness * np.abs(np.log(intervals[:, None] / intervals[None, :]))).astype(np.float32)
    taste = (costs.taste * np.log(intervals / USUAL) ** 2).astype(np.float32)
    total = -(-len(weights) // block) * block
    padded = np.full(total, -50, np.float32)
    padded[: len(weights)] = weights
    came = np.empty((total, count), np.uint8)
    ended = np.full(total, REST, np.uint8)
    # what the next beat can build on, LONGEST frames back: best score by the interval to come, and which was before;
    # scores of 12 hours add up to 300,000, which float32 holds to 0.03
    best = np.full((LONGEST, count), -1e9, np.float32)
    before = np.zeros((LONGEST, count), np.uint8)
    rest = np.zeros(LONGEST, np.float32)
    rows = np.arange(block)[:, None] + LONGEST - intervals[None, :]
    columns = np.arange(count)[None, :]
    for start in range(0, total, block):
        going_on, beginning = best[rows, columns], rest[rows] - np.float32(costs.entry)
        begins = beginning > going_on
        came[start : start + block] = np.where(begins, REST, before[rows, columns])
        scores = padded[start : start + block, None] - taste + np.maximum(going_on, beginning)
        options = scores[:, :, None] - change[None]
        which = options.argmax(axis=1)
        last = scores.argmax(axis=1)
        ending = scores[np.arange(block), last]
        rested = np.maximum.accumulate(np.concatenate([rest[-1:], ending]))
        ended[start : start + block] = np.where(rested[1:] > rested[:-1], last, REST)
        best = np.concatenate([best[block:], np.take_along_axis(options, which[:, None], axis=1)[:, 0]])
        before = np.concatenate([before[block:], which.astype(np.uint8)])
        rest = np.concatenate([rest[block:], rested[1:]])
    return came[: len(weights)], ended[: len(weights)]


def _rows(came: NDArray[np.uint8], ended: NDArray[np.uint8]) -> list[NDArray[np.int64]]:
    rows: list[NDArray[np.int64]] = []
    at = len(ended) - 1
    while at >= 0:
        if ended[at] == REST:
            at -= 1
            continue
        interval, beats = int(ended[at]), [at]
        while (previous := int(came[at, interval])) != REST:
            at -= interval + SHORTEST
            interval = previous
            beats.append(at)
        rows.append(np.array(beats[::-1]))
        at -= interval + SHORTEST
    return rows[::-1]
