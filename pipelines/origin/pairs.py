"""Which stretches of the sources might be heard in a stretch of a mix? Votes of pairs of landmarks.

A pair is two loud landmarks within a second: (frequency, frequency, time between) is much rarer than one landmark alone
(Wang 2003). Played at another speed, all three change by the same factor; so each of a few speeds is tried, and pairs
that agree on speed and place vote for it. Which of the best is true is decided by evidence, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pipelines.origin.peaks import Indices, Numbers, Peaks, spread

SLOT_S = 0.5
SLOT_LOUDEST = 14
"""Landmarks of each half second that form pairs."""

FAN_OUT = 5
"""Pairs that begin in one landmark."""

NEAREST_S, FURTHEST_S = 0.03, 1.0
WIDEST_HZ_RATIO = 2.5

WARP_HZ = 800.0
WARP_TOLERANCE = 0.006
"""Of ln(1 + frequency / WARP_HZ): 5 Hz for low tones and 0.6 % of high ones, about what noise and half a step of the
grid of speeds move them."""

TIME_TOLERANCE_S = 0.02

PLACE_S = 0.06
"""Width of a vote: what half a step of the grid moves a place within half a window."""

WARP_CELLS = 180
TIME_CELLS = 28
APART_S = 60.0
"""Silence between sources on their common clock, so that no vote falls between two."""


@dataclass(frozen=True)
class Tempo:
    """How a source is played."""

    speed: float
    """Seconds of the source that pass in a second of the mix."""

    pitch: float
    """Frequency in the mix by frequency in the source: the speed itself when the sound was resampled."""


@dataclass(frozen=True)
class Seed:
    """A guess: at `mix_s` of the mix, `source_s` of a source is heard."""

    source: int
    mix_s: float
    source_s: float
    tempo: Tempo
    votes: int


@dataclass(frozen=True, eq=False)
class _Pairs:
    times_s: Numbers
    gaps_s: Numbers
    first_hz: Numbers
    second_hz: Numbers


class PairIndex:
    """Pairs of all sources by what they look like."""

    def __init__(self, sources: Sequence[Peaks]) -> None:
        self._bases_s = np.cumsum([0.0, *(one.duration_s + APART_S for one in sources)])
        each = [_pairs(one) for one in sources]
        times_s = np.concatenate([one.times_s + base for one, base in zip(each, self._bases_s, strict=False)])
        first = _warped(np.concatenate([one.first_hz for one in each]))
        second = _warped(np.concatenate([one.second_hz for one in each]))
        gaps_s = np.concatenate([one.gaps_s for one in each])
        keys = _keys(_cells(first), _cells(second), _time_cells(gaps_s))
        order = np.argsort(keys, kind="stable")  # what lies in one cell lies together
        self._times_s, self._first, self._second = times_s[order], first[order], second[order]
        self._gaps_s = gaps_s[order]
        counts = np.bincount(keys, minlength=WARP_CELLS * WARP_CELLS * TIME_CELLS)
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    def seeds(self, mix: Peaks, start_s: float, end_s: float, tempos: Sequence[Tempo], most: int) -> list[Seed]:
        """The places with the most votes of a stretch of the mix, the best first."""
        first, last = np.searchsorted(mix.times_s, [start_s, end_s])
        part = Peaks(
            mix.times_s[first:last], mix.frequencies_hz[first:last], mix.levels_db[first:last],
            mix.classes[first:last], mix.duration_s,
        )  # fmt: skip
        pairs = _pairs(part)
        middle_s = (start_s + end_s) / 2
        found: list[Seed] = []
        for tempo in tempos:
            places, votes = _votes(self._places(pairs, middle_s, tempo))
            best = np.argsort(-votes, kind="stable")[:most]
            found += [self._seed(places[one], votes[one], middle_s, tempo) for one in best]
        found.sort(key=lambda seed: -seed.votes)
        kept: list[Seed] = []
        for seed in found:
            if not any(seed.source == one.source and abs(seed.source_s - one.source_s) < 3 * PLACE_S for one in kept):
                kept.append(seed)
        return kept[:most]

    def _places(self, pairs: _Pairs, middle_s: float, tempo: Tempo) -> Numbers:
        """Where on the sources' common clock each matching pair puts the middle of the stretch."""
        first, second = _warped(pairs.first_hz / tempo.pitch), _warped(pairs.second_hz / tempo.pitch)
        gaps_s = pairs.gaps_s * tempo.speed
        sides = (-1, 1)
        firsts = [_cells(first + side * WARP_TOLERANCE) for side in sides]
        seconds = [_cells(second + side * WARP_TOLERANCE) for side in sides]
        times = [_time_cells(gaps_s + side * TIME_TOLERANCE_S) for side in sides]
        found = []
        for cells in product(firsts, seconds, times):
            keys = _keys(*cells)
            rows, at = spread(self._starts[keys], self._starts[keys + 1])
            for known, asked, tolerance in (
                (self._first, first, WARP_TOLERANCE),
                (self._second, second, WARP_TOLERANCE),
                (self._gaps_s, gaps_s, TIME_TOLERANCE_S),
            ):
                alike = np.abs(known[at] - asked[rows]) < tolerance
                rows, at = rows[alike], at[alike]
            found.append(self._times_s[at] + tempo.speed * (middle_s - pairs.times_s[rows]))
        return np.concatenate(found)

    def _seed(self, place_s: float, votes: int, middle_s: float, tempo: Tempo) -> Seed:
        # a stretch may begin before its source does
        source = int(np.searchsorted(self._bases_s, place_s + APART_S / 2, side="right")) - 1
        source = min(max(source, 0), len(self._bases_s) - 2)
        return Seed(source, middle_s, float(place_s - self._bases_s[source]), tempo, int(votes))


def _warped(frequencies_hz: Numbers) -> Numbers:
    return np.log1p(frequencies_hz / WARP_HZ)


def _cells(warped: Numbers) -> Indices:
    """Two tolerances wide: what is alike lies in the cell of one end of the tolerance or of the other."""
    return np.clip(warped // (2 * WARP_TOLERANCE), 0, WARP_CELLS - 1).astype(np.int64)


def _time_cells(gaps_s: Numbers) -> Indices:
    return np.clip(gaps_s // (2 * TIME_TOLERANCE_S), 0, TIME_CELLS - 1).astype(np.int64)


def _keys(first: Indices, second: Indices, time: Indices) -> Indices:
    return (first * WARP_CELLS + second) * TIME_CELLS + time


def _pairs(peaks: Peaks) -> _Pairs:
    slot = (peaks.times_s // SLOT_S).astype(np.int64)
    order = np.lexsort((-peaks.levels_db, slot))
    rank = np.arange(len(order)) - np.searchsorted(slot[order], slot[order])
    loud = np.sort(order[rank < SLOT_LOUDEST])
    times_s, frequencies_hz = peaks.times_s[loud], peaks.frequencies_hz[loud]
    rows, at = spread(
        np.searchsorted(times_s, times_s + NEAREST_S), np.searchsorted(times_s, times_s + FURTHEST_S, side="right")
    )
    ratio = frequencies_hz[at] / frequencies_hz[rows]
    near = (ratio < WIDEST_HZ_RATIO) & (ratio > 1 / WIDEST_HZ_RATIO)
    rows, at = rows[near], at[near]
    first = np.arange(len(rows)) - np.searchsorted(rows, rows) < FAN_OUT
    rows, at = rows[first], at[first]
    return _Pairs(times_s[rows], times_s[at] - times_s[rows], frequencies_hz[rows], frequencies_hz[at])


def _votes(places_s: Numbers) -> tuple[Numbers, NDArray[np.int64]]:
    """The fullest stretch of PLACE_S that begins in each bin: mean place, votes."""
    if not len(places_s):
        return np.zeros(0), np.zeros(0, np.int64)
    ordered = np.sort(places_s)
    ends = np.searchsorted(ordered, ordered + PLACE_S, side="right")
    votes = ends - np.arange(len(ordered))
    totals = np.concatenate([[0], np.cumsum(ordered)])
    means = (totals[ends] - totals[np.arange(len(ordered))]) / votes
    bins = (ordered // PLACE_S).astype(np.int64)
    firsts = np.flatnonzero(np.diff(bins, prepend=bins[0] - 1))
    chosen = _fullest(votes, firsts)
    return means[chosen], votes[chosen]


def _fullest(votes: NDArray[np.int64], firsts: Indices) -> Indices:
    """Of each group, which begin at `firsts`, the first index with the most votes."""
    group = np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, len(votes))))
    hits = np.flatnonzero(votes == np.maximum.reduceat(votes, firsts)[group])
    return hits[np.unique(group[hits], return_index=True)[1]]
