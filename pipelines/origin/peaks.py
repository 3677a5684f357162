"""Landmarks in the units that are compared: seconds, hertz, and how far under the loud ones each lies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipelines.origin.fingerprint import Fingerprint

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

CLASS_DB = 10.0
CLASSES = 5

LOUD_SHARE = 95
"""Percentile of the levels that counts as loud."""

LOUD_BLOCK_S = 10.0
QUIET_BLOCK_DB = 20.0
"""A stretch is compared with itself, but never with less than this under the loud landmarks of the whole sound: in a
pause, nothing is loud."""


@dataclass(frozen=True, eq=False)
class Peaks:
    """Landmarks of one sound, by time."""

    times_s: Numbers
    frequencies_hz: Numbers
    levels_db: Numbers
    classes: Indices
    """(N,): 0 for loud landmarks, one more for every CLASS_DB under them, CLASSES - 1 for all the rest."""

    duration_s: float


def peaks(fingerprint: Fingerprint) -> Peaks:
    """The landmarks of a fingerprint with their classes."""
    times_s, levels_db = fingerprint.times_s, fingerprint.levels_db
    classes = np.zeros(len(times_s), np.int64)
    if len(times_s):
        whole_db = np.percentile(levels_db, LOUD_SHARE)
        block = (times_s // LOUD_BLOCK_S).astype(np.int64)
        starts = np.searchsorted(block, np.arange(block[-1] + 2))
        for start, end in pairwise(starts):
            if end > start:
                loud_db = max(np.percentile(levels_db[start:end], LOUD_SHARE), whole_db - QUIET_BLOCK_DB)
                under = (loud_db - levels_db[start:end]) // CLASS_DB
                classes[start:end] = np.clip(under, 0, CLASSES - 1).astype(np.int64)
    return Peaks(times_s, fingerprint.frequencies_hz, levels_db, classes, fingerprint.duration_s)


def spread(starts: Indices, ends: Indices) -> tuple[Indices, Indices]:
    """(row, index) of every index in [starts[row], ends[row]) of every row, in order."""
    counts = np.maximum(ends - starts, 0)
    rows = np.repeat(np.arange(len(starts)), counts)
    firsts = np.cumsum(counts) - counts
    return rows, np.arange(len(rows)) - firsts[rows] + starts[rows]
