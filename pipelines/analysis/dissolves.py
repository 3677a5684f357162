"""Where does one picture turn into another by and by?

    halfway between frames a and b of a dissolve the picture is halfway between theirs:   M = (A + B) / 2

Motion does not do that: what moves is somewhere else halfway. So for windows of several lengths the way from A to B is
held against the frames between, at a quarter, a half and three quarters. A and B must be different pictures, not the
same in another light, and mixing two pictures takes detail from both.

Source: of the model, Hampapur, Jain and Weymouth (1994), "Digital video segmentation"; of the detail, Lienhart (1999),
"Comparison of automatic shot boundary detection algorithms".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.analysis.grids import CHUNK, LUMA_CELLS, Rows, Signals, Values, alike, alike_moved, changed, vectors

WINDOWS = (6, 9, 13, 19, 28, 41, 60, 88, 128)
"""Frames between A and B, each 1.45 times the one before: a dissolve is at most a fifth off the nearest."""

WEIGHT_SIZE, WEIGHT_BEND, WEIGHT_ALIKE, WEIGHT_AREA, WEIGHT_DETAIL = 2.5, -20.0, -2.5, 17.0, -17.5
WEIGHT_SUSPECT, BIAS = -4.0, -3.0
"""Logistic regression over the windows of 70 generated films, 183 dissolves of 6 to 60 frames in them, rounded, with 2
taken off the bias for precision. The share of suspect frames is there for strobes and for objects that cross: frames
of a dissolve go on from each other."""

MOST_BENT = 0.35
"""Share of the way from A to B that the frames between may lie off it. Pans lie further off; so do dissolves between
shots that move fast, and those are not found."""

MOST_ALIKE = 0.75
"""Correlation of A and B from which they are one picture, brightening or clouding over."""

LEAST_SIZE = 8.0
"""Root mean square levels between A and B, their mean brightness aside. Below it lie drifting clouds and waves."""

PLAINEST = 4.0
"""Least contrast of A and B, levels: out of and into plain colour go fades."""

ENDS = 0.08
"""Share of the way that a dissolve's ends are left out of the line that finds them: there motion weighs most."""


@dataclass(frozen=True)
class Dissolve:
    """Frames [first_frame, end_frame) that show both pictures."""

    first_frame: int
    end_frame: int

    score: float
    """Log-odds."""


def find_dissolves(signals: Signals, broken: NDArray[np.bool_]) -> tuple[Dissolve, ...]:
    """The dissolves of a film in order; none overlaps another.

    Args:
        signals: Of the film.
        broken: bool (N,): frames that no dissolve may reach over, since a shot begins there or a fade goes on.
    """
    windows = [window for length in WINDOWS for window in _windows(signals, broken, length)]
    taken: list[Dissolve] = []
    for window in sorted(windows, key=lambda one: (-one.score, one.first_frame, one.end_frame)):
        if all(window.end_frame <= one.first_frame or window.first_frame >= one.end_frame for one in taken):
            taken.append(window)
    taken = [one for one in taken if alike_moved(signals, one.first_frame, one.end_frame) <= MOST_ALIKE]
    fitted = [_fitted(signals, broken, window) for window in taken]
    return tuple(sorted(fitted, key=lambda one: one.first_frame))


def _windows(signals: Signals, broken: NDArray[np.bool_], length: int) -> Sequence[Dissolve]:
    """The windows of one length that look like a dissolve, none within a third of its length of a better one."""
    starts = np.arange(max(0, len(signals) - length), dtype=np.intp)
    breaks = np.concatenate([[0], np.cumsum(broken)])
    unbroken = breaks[starts + length + 1] == breaks[starts + 1]
    textured = np.minimum(signals["contrast"][starts], signals["contrast"][starts + length]) >= PLAINEST
    starts = starts[unbroken & textured]
    scores = np.full(len(signals), -np.inf, np.float32)
    for begin in range(0, len(starts), CHUNK):
        rows = starts[begin : begin + CHUNK]
        scores[rows] = _scores(signals, rows, length)
    found = []
    for start in np.flatnonzero(scores > 0):
        near = scores[max(0, start - length // 3) : start + length // 3 + 1]
        if scores[start] >= near.max():
            found.append(Dissolve(int(start), int(start) + length, float(scores[start])))
    return found


def _scores(signals: Signals, starts: Rows, length: int) -> Values:
    """float32 (M,): log-odds that the pictures at `starts` dissolve into those `length` frames later."""
    scores = np.full(len(starts), -np.inf, np.float32)
    size = _unlit_size(signals, starts, length)
    bend = np.ones(len(starts), np.float32)
    wide = np.flatnonzero(size >= LEAST_SIZE)
    bend[wide] = _bend(signals, starts[wide], length)
    kept = np.flatnonzero(bend <= MOST_BENT)
    starts, ends = starts[kept], starts[kept] + length
    likeness = alike(signals, starts, ends)
    whole = (signals["detail"][starts] + signals["detail"][ends]) / 2
    detail = np.clip(signals["detail"][starts + length // 2] / (whole + 0.1), 0.5, 1.3)
    suspects = np.concatenate([[0], np.cumsum(signals["suspect"])])
    odds = (
        WEIGHT_SIZE * np.log(size[kept] + 1)
        + WEIGHT_BEND * bend[kept]
        + WEIGHT_ALIKE * likeness
        + WEIGHT_AREA * changed(signals, starts, ends)
        + WEIGHT_DETAIL * detail
        + WEIGHT_SUSPECT * (suspects[ends] - suspects[starts + 1]) / length
        + BIAS
    )
    scores[kept] = np.where(likeness <= MOST_ALIKE, odds, -np.inf)
    return scores


def _unlit_size(signals: Signals, starts: Rows, length: int) -> Values:
    """Root mean square difference of luma between the ends of each window once their mean difference is taken off."""
    luma = signals["luma"]
    steps = (luma[starts + length].astype(np.int16) - luma[starts]).reshape(len(starts), LUMA_CELLS)
    return np.asarray(steps.std(axis=1), np.float32)


def _bend(signals: Signals, starts: Rows, length: int) -> Values:
    """How far the frames between lie off the way from A to B, as a share of it; the furthest of three."""
    first, last = vectors(signals, starts), vectors(signals, starts + length)
    way = last - first
    off = np.zeros(len(starts), np.float32)
    for step in (length // 4, length // 2, 3 * length // 4):
        between = vectors(signals, starts + step)
        off = np.maximum(off, _rms(between - first - way * np.float32(step / length)))
    return off / (_rms(way) + 1)


def _fitted(signals: Signals, broken: NDArray[np.bool_], window: Dissolve) -> Dissolve:
    """The dissolve with the ends that a straight ramp from one picture to the other has.

    The share of the second picture in each frame, by projection on the way from the first, is held against ramps with
    every first and last frame around the window; the nearest in the least-squares sense wins.
    """
    reach = max(3, (window.end_frame - window.first_frame) // 4)
    middle = (window.first_frame + window.end_frame) // 2
    stops = np.flatnonzero(broken[: middle + 1])
    low = max(0, window.first_frame - reach, int(stops[-1]) if len(stops) else 0)
    stops = np.flatnonzero(broken[middle + 1 :])
    high = min(len(signals), window.end_frame + reach + 1, middle + 1 + int(stops[0]) if len(stops) else len(signals))
    around = vectors(signals, np.arange(low, high))
    first, last = around[:3].mean(axis=0), around[-3:].mean(axis=0)
    way = last - first
    share = np.clip((around - first) @ way / max(float(way @ way), 1e-6), -0.1, 1.1)
    frames = np.arange(low, high, dtype=np.float32)
    best = (np.inf, window.first_frame, window.end_frame)
    for start in range(low, middle):
        ends = np.arange(max(middle, start + 3), high, dtype=np.float32)
        ramps = np.clip((frames - start) / (ends[:, None] - start), 0, 1)
        errors = np.square(ramps - share).sum(axis=1)
        place = int(np.argmin(errors))
        best = min(best, (float(errors[place]), start, int(ends[place])))
    return Dissolve(best[1] + 1, best[2], window.score)


def _rms(differences: NDArray[np.float32]) -> Values:
    return np.asarray(np.sqrt(np.square(differences).mean(axis=1)), np.float32)
