"""How far apart are two frames of a film? Measured on the small pictures that the signals of each frame carry.

A picture is 9 x 16 means of luma and two times 6 x 8 of chroma: enough to tell one shot from another, and small enough
to compare any frame of a film with any other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from actors.visual.signals import GRID_CHROMA, GRID_HEIGHT, GRID_WIDTH

Signals = NDArray[np.void]
"""`actors.visual.signals.SIGNALS` (N,), one record a frame."""

Rows = NDArray[np.intp]
"""intp (M,): positions of frames in a film's signals."""

Values = NDArray[np.float32]
"""float32 (M,): one number a pair, or a frame."""

LUMA_CELLS, CHROMA_CELLS = GRID_HEIGHT * GRID_WIDTH, 2 * GRID_CHROMA[0] * GRID_CHROMA[1]

CHUNK = 8192
"""Pairs compared at a time, so that hours of film need no more memory than minutes."""

QUIET = 4.0
"""Variance of luma, levels squared, that is added before correlating, so that two plain pictures are alike."""


def apart(signals: Signals, one: Rows, other: Rows) -> Values:
    """Mean absolute difference of luma plus that of chroma, levels."""

    def measure(here: Rows, there: Rows) -> Values:
        luma = np.abs(signals["luma"][here].astype(np.int16) - signals["luma"][there])
        chroma = np.abs(signals["chroma"][here].astype(np.int16) - signals["chroma"][there])
        return np.asarray(luma.mean(axis=(1, 2)) + chroma.mean(axis=(1, 2, 3)), np.float32)

    return _in_chunks(measure, one, other)


def alike(signals: Signals, one: Rows, other: Rows) -> Values:
    """Correlation of luma: 1 for the same picture in whatever light, about 0 for unrelated ones."""

    def measure(here: Rows, there: Rows) -> Values:
        first, second = (_centred(signals["luma"][rows]) for rows in (here, there))
        covariance = (first * second).mean(axis=1) + QUIET
        spread = ((first * first).mean(axis=1) + QUIET) * ((second * second).mean(axis=1) + QUIET)
        return np.asarray(covariance / np.sqrt(spread), np.float32)

    return _in_chunks(measure, one, other)


def alike_moved(signals: Signals, one: int, other: int) -> float:
    """The highest correlation of luma between two frames over shifts by up to 3 cells to the side and 1 up or down.

    It is what `alike` gives once a slow pan is undone.
    """
    first, second = (signals["luma"][row].astype(np.float32) for row in (one, other))
    best = -1.0
    for down in (-1, 0, 1):
        for across in range(-3, 4):
            here, there = _overlap(first, down, across), _overlap(second, -down, -across)
            here, there = here - here.mean(), there - there.mean()
            spread = ((here * here).mean() + QUIET) * ((there * there).mean() + QUIET)
            best = max(best, float(((here * there).mean() + QUIET) / np.sqrt(spread)))
    return best


def changed(signals: Signals, one: Rows, other: Rows) -> Values:
    """Share of the luma cells that differ by more than noise and by more than a seventh of the contrast, 0 to 1."""

    def measure(here: Rows, there: Rows) -> Values:
        steps = np.abs(signals["luma"][here].astype(np.int16) - signals["luma"][there]).reshape(len(here), LUMA_CELLS)
        least = 0.15 * np.minimum(signals["contrast"][here], signals["contrast"][there])
        return np.asarray((steps > np.maximum(1, least)[:, None]).mean(axis=1), np.float32)

    return _in_chunks(measure, one, other)


def vectors(signals: Signals, rows: Rows) -> NDArray[np.float32]:
    """float32 (M, 240): luma and chroma of each frame."""
    luma, chroma = signals["luma"][rows], signals["chroma"][rows]
    flat = luma.reshape(len(rows), LUMA_CELLS), chroma.reshape(len(rows), CHROMA_CELLS)
    return np.concatenate(flat, axis=1, dtype=np.float32)


def steps(signals: Signals) -> Values:
    """float32 (N,): how far each frame is `apart` from the one before; 0 for the first."""
    rows = np.arange(len(signals))
    return apart(signals, np.maximum(rows - 1, 0), rows)


def _overlap(luma: NDArray[np.float32], down: int, across: int) -> NDArray[np.float32]:
    """The part of a picture that is still there when it is shifted."""
    height, width = luma.shape
    return luma[max(0, down) : height + min(0, down), max(0, across) : width + min(0, across)]


def _centred(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    flat = luma.reshape(len(luma), LUMA_CELLS).astype(np.float32)
    return np.asarray(flat - flat.mean(axis=1, keepdims=True), np.float32)


def _in_chunks(measure: Callable[[Rows, Rows], Values], one: Rows, other: Rows) -> Values:
    bounds = range(0, len(one), CHUNK)
    parts = [measure(one[start : start + CHUNK], other[start : start + CHUNK]) for start in bounds]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
