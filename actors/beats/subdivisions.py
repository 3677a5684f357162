"""Into how many parts the music divides its beats: nothing, halves, thirds or quarters.

beat   |              |              |        onset strength is read at twelfths of each beat and
1/12   0 1 2 3 4 5 6 7 8 9 . . 0              averaged over the beats around it
halves             ^        quarters  ^     ^     ^        thirds    ^       ^
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AROUND_BEATS = 8
"""Beats to each side over which onsets are averaged: two bars, mostly."""

PARTS = 12

STANDS_OUT = 0.2
"""Onset strength between beats, as part of that on beats, from which it counts."""


def subdivisions_of(times_s: NDArray[np.float64], onset: NDArray[np.float32], frame_s: float) -> NDArray[np.int64]:
    """Parts of each beat (1, 2, 3 or 4), of a row of at least two beats.

    Args:
        times_s: of the beats.
        onset: float32 (frames,), how strongly something begins in each.
        frame_s: from one frame to the next.
    """
    number = np.arange(0, len(times_s) - 1, 1 / PARTS)
    at = np.interp(number, np.arange(len(times_s)), times_s) / frame_s
    smooth = np.convolve(onset.astype(np.float64), (0.5, 1.0, 0.5), "same")
    strength = np.interp(at, np.arange(len(onset)), smooth).reshape(-1, PARTS)
    sums = np.cumsum(np.concatenate([np.zeros((1, PARTS)), strength]), axis=0)
    beats = np.minimum(np.arange(len(times_s)), len(strength) - 1)
    start, end = np.maximum(beats - AROUND_BEATS, 0), np.minimum(beats + AROUND_BEATS + 1, len(strength))
    profile = (sums[end] - sums[start]) / (end - start)[:, None]
    floor = np.median(profile, axis=1)
    stands = (profile - floor[:, None]) / np.maximum(profile[:, 0] - floor, 1e-9)[:, None]
    halves, thirds, quarters = stands[:, 6], stands[:, [4, 8]].max(axis=1), stands[:, [3, 9]].mean(axis=1)
    found: NDArray[np.int64] = np.select(
        [(thirds > STANDS_OUT) & (thirds > np.maximum(halves, quarters)), quarters > STANDS_OUT, halves > STANDS_OUT],
        [3, 4, 2],
        1,
    )
    return found
