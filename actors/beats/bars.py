"""Which beat of its bar each beat is, where that can be told.

The network says how likely each beat is a downbeat; the meter that explains a row of beats best (2, 3 or 4 beats a bar)
is found by Viterbi over (meter, position), where a change of meter or a lost beat costs CHANGE. A stretch whose
downbeats do not stand out has no bars.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

METERS = (2, 3, 4)

CHANGE = 8.0
"""Cost of going on with another meter or at another position, in natural units of likelihood."""

LEAST_BARS = 2
"""Downbeats that a stretch needs before it counts as bars."""

STANDS_OUT = 0.15
"""By how much the median of a stretch's downbeats must be likelier than its other beats are on average."""

UNKNOWN = 0

_STATES = [(meter, position) for meter in METERS for position in range(meter)]


@dataclass(frozen=True)
class Bars:
    """Places of a row's beats in their bars, one number a beat."""

    meters: NDArray[np.int64]
    """Beats a bar; UNKNOWN where nothing is told."""

    positions: NDArray[np.int64]
    """From 1; UNKNOWN where nothing is told."""


def bars_of(downbeat: NDArray[np.float64]) -> Bars:
    """The bars of a row of beats, of float64 (beats,): how likely each is a downbeat."""
    states = _likeliest(np.clip(downbeat, 0.02, 0.98))
    meters = np.array([_STATES[state][0] for state in states], np.int64)
    positions = np.array([_STATES[state][1] + 1 for state in states], np.int64)
    for stretch in _stretches(meters, positions):
        first = positions[stretch] == 1
        enough = first.sum() >= LEAST_BARS and not first.all()
        if not enough or np.median(downbeat[stretch][first]) - downbeat[stretch][~first].mean() < STANDS_OUT:
            meters[stretch] = positions[stretch] = UNKNOWN
    return Bars(meters, positions)


def _likeliest(downbeat: NDArray[np.float64]) -> list[int]:
    """State of each beat."""
    count = len(_STATES)
    cost = np.full((count, count), CHANGE)
    for index, (meter, position) in enumerate(_STATES):
        cost[index, _STATES.index((meter, (position + 1) % meter))] = 0
    begins = np.array([position == 0 for _, position in _STATES])
    seen = np.where(begins, np.log(downbeat)[:, None], np.log(1 - downbeat)[:, None])
    score, came = seen[0], np.zeros(seen.shape, np.int64)
    for beat in range(1, len(seen)):
        options = score[:, None] - cost
        came[beat] = options.argmax(axis=0)
        score = options.max(axis=0) + seen[beat]
    states = [int(score.argmax())]
    for beat in range(len(seen) - 1, 0, -1):
        states.append(int(came[beat, states[-1]]))
    return states[::-1]


def _stretches(meters: NDArray[np.int64], positions: NDArray[np.int64]) -> list[slice]:
    """Runs of beats in one meter without a jump."""
    goes_on = (meters[1:] == meters[:-1]) & (positions[1:] == positions[:-1] % meters[:-1] + 1)
    borders = [0, *(np.flatnonzero(~goes_on) + 1).tolist(), len(meters)]
    return [slice(start, end) for start, end in pairwise(borders)]
