"""How sure is it that a line is true? Landmarks that are where the line says, against what chance would put there.

A line says: at time t of the mix, time `source_s + speed (t - mix_s)` of the source is heard. Every landmark of the
source is then looked for in the mix. Found or not, it counts with the logarithm of how much likelier that is if the
line is true. The sum over a stretch is its evidence in nats (Wald 1945, sequential probability ratio test): the best
coincidence among many lines grows with the logarithm of their number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from pipelines.origin.pairs import Tempo
from pipelines.origin.peaks import Indices, Numbers, Peaks, spread

FRAME_S = 0.1

TIME_TOLERANCE_S = 0.024
FREQUENCY_TOLERANCE_HZ = 10.0

HEARD = np.array([[0.6, 0.5, 0.3, 0.1, 0.05], [0.5, 0.25, 0.08, 0.03, 0.02]])
"""Chance that a landmark of a source is found in a mix in which it is heard, by class; a little under what generated
music and speech gave with white noise at 10 dB SNR, the first row for most, the second for quiet tones under which the
noise lies. The row that suits a line better is taken. In a clean mix more are found, which adds evidence."""

MOST_NATS = 6.0
"""What a frame can say for or against. Landmarks of one moment are no independent witnesses: a drum or a vowel that
sounds like another brings dozens at once. Time after time they do not agree unless the line is true."""

CELL_S, CELL_HZ = 0.25, 20.0
ROW_S = 8.0
AREA_S, AREA_HZ = 1.0, 500.0
LEAST_CHANCE, MOST_CHANCE = 0.01, 0.6


@dataclass(frozen=True)
class Line:
    """A source, and how its time runs with that of the mix."""

    source: int
    mix_s: float
    source_s: float
    tempo: Tempo
    start_s: float
    end_s: float
    """In the mix: where it is looked for."""

    def source_time_s(self, mix_s: float) -> float:
        return self.source_s + self.tempo.speed * (mix_s - self.mix_s)

    def mix_times_s(self, source_s: Numbers) -> Numbers:
        return self.mix_s + (source_s - self.source_s) / self.tempo.speed


class ChanceMap:
    """How likely is a landmark of a mix at a place by chance?

    As likely as landmarks are around it: in the second and 500 Hz about it, or in its row of the spectrogram over 8 s,
    whichever is more. A held tone has many in its row, and one more there says little.
    """

    def __init__(self, mix: Peaks) -> None:
        shape = (int(mix.duration_s / CELL_S) + 2, int(8_000 / CELL_HZ))
        cells = np.zeros(shape, np.float32)
        np.add.at(cells, (self._time(mix.times_s, shape[0]), self._row(mix.frequencies_hz, shape[1])), 1)
        rows = uniform_filter1d(cells, round(ROW_S / CELL_S), axis=0, mode="constant")
        rows[:, 1:-1] = rows[:, :-2] / 4 + rows[:, 1:-1] / 2 + rows[:, 2:] / 4
        area = uniform_filter1d(cells, round(AREA_S / CELL_S), axis=0, mode="constant")
        area = uniform_filter1d(area, round(AREA_HZ / CELL_HZ), axis=1, mode="constant")
        box = (2 * TIME_TOLERANCE_S / CELL_S) * (2 * FREQUENCY_TOLERANCE_HZ / CELL_HZ)
        self._chance: NDArray[np.float32] = np.clip(
            1 - np.exp(-box * np.maximum(rows, area)), LEAST_CHANCE, MOST_CHANCE
        )

    def at(self, times_s: Numbers, frequencies_hz: Numbers) -> NDArray[np.float32]:
        """float32 (N,), in [LEAST_CHANCE, MOST_CHANCE]."""
        count, rows = self._chance.shape
        found: NDArray[np.float32] = self._chance[self._time(times_s, count), self._row(frequencies_hz, rows)]
        return found

    @staticmethod
    def _time(times_s: Numbers, count: int) -> Indices:
        return np.clip(times_s // CELL_S, 0, count - 1).astype(np.int64)

    @staticmethod
    def _row(frequencies_hz: Numbers, count: int) -> Indices:
        return np.clip(frequencies_hz // CELL_HZ, 0, count - 1).astype(np.int64)


def expected(source: Peaks, line: Line) -> tuple[Indices, Numbers, Numbers]:
    """Indices of the source's landmarks that the line puts between its ends; when and at what frequency in the mix."""
    ends_s = [line.source_time_s(line.start_s), line.source_time_s(line.end_s)]
    first, last = np.searchsorted(source.times_s, ends_s)
    index = np.arange(first, last)
    return index, line.mix_times_s(source.times_s[index]), source.frequencies_hz[index] * line.tempo.pitch


def matches(
    mix: Peaks, times_s: Numbers, frequencies_hz: Numbers, tolerance_s: float, tolerance_hz: float
) -> tuple[Indices, Indices]:
    """(row, index in the mix) of all landmarks of the mix that close to an expected one."""
    rows, at = spread(
        np.searchsorted(mix.times_s, times_s - tolerance_s),
        np.searchsorted(mix.times_s, times_s + tolerance_s, side="right"),
    )
    near = np.abs(mix.frequencies_hz[at] - frequencies_hz[rows]) <= tolerance_hz
    return rows[near], at[near]


@dataclass(frozen=True, eq=False)
class Evidence:
    """Of a line, by frames of FRAME_S of the mix."""

    first_frame: int
    nats: Numbers
    """(N,): above 0 where the source is rather heard than not."""

    heard: Indices
    """(N,): landmarks of the source that were found."""

    def between(self, start: int, end: int) -> Numbers:
        """Nats of the frames [start, end); minus infinity outside."""
        found = np.full(end - start, -np.inf)
        low, high = max(start, self.first_frame), min(end, self.first_frame + len(self.nats))
        if high > low:
            found[low - start : high - start] = self.nats[low - self.first_frame : high - self.first_frame]
        return found


def evidence(mix: Peaks, chances: ChanceMap, source: Peaks, line: Line) -> Evidence:
    """For and against a line, frame by frame between its ends."""
    index, times_s, frequencies_hz = expected(source, line)
    rows, _ = matches(mix, times_s, frequencies_hz, TIME_TOLERANCE_S, FREQUENCY_TOLERANCE_HZ)
    found = np.zeros(len(index), np.bool_)
    found[rows] = True
    chance = chances.at(times_s, frequencies_hz).astype(np.float64)
    first, last = int(line.start_s // FRAME_S), int(np.ceil(line.end_s / FRAME_S))
    frame = np.clip(times_s // FRAME_S - first, 0, last - first - 1).astype(np.int64)
    nats = max(
        (_by_frame(frame, _nats(found, chance, likely[source.classes[index]]), last - first) for likely in HEARD),
        key=lambda one: best_stretch(one)[2],
    )
    return Evidence(first, nats, np.bincount(frame, found.astype(np.float64), last - first).astype(np.int64))


def best_stretch(nats: Numbers) -> tuple[int, int, float]:
    """[first, last) with the greatest sum, and the sum (Kadane's algorithm); (0, 0, 0) if nothing is above 0."""
    sums = np.concatenate([[0.0], np.cumsum(nats)])
    lowest = np.minimum.accumulate(sums)
    last = int(np.argmax(sums - lowest))
    first = int(np.argmin(sums[: last + 1]))
    return first, last, float(sums[last] - sums[first])


def _by_frame(frame: Indices, nats: Numbers, count: int) -> Numbers:
    totals = np.bincount(frame, nats, count).astype(np.float64)
    return np.clip(totals, -MOST_NATS, MOST_NATS)


def _nats(found: NDArray[np.bool_], chance: Numbers, heard: Numbers) -> Numbers:
    """Logarithms of how much likelier each landmark's being found, or not, is if the line is true."""
    heard = np.maximum(heard, chance)
    return np.where(found, np.log(heard / chance), np.log((1 - heard) / (1 - chance)))
