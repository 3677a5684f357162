"""How does a frame go on from the one before? Its picture in a grid, what changed beyond light and motion, and motion.

    previous --light matched--> --motion undone--> correlation with current -> change
                                 ^ Lucas-Kanade on 8 x 5 points, begun where phase correlation says when needed

Everything is computed from two thumbs, sums in integers, so that a pair gives the same bytes in any batch.

Source: Lucas and Kanade (1981), "An iterative image registration technique"; Kuglin and Hines (1975), "The phase
correlation image alignment method".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.visual.signals import (
    GRID_CHROMA,
    GRID_HEIGHT,
    GRID_WIDTH,
    SIGNALS,
    THUMB_HEIGHT,
    THUMB_WIDTH,
    ThumbPair,
)

Lumas = NDArray[np.uint8]
"""uint8 (N, 36, 64)."""

STILL = 0.4
"""Levels of `shift` below which nothing moves. A thumb's rounding gives up to 0.3, noise of 8 levels 0.35."""

LOOK_FAR = 2.0
"""Levels that differ after motion was undone, above which a larger motion is looked for. Pans that Lucas-Kanade follows
by itself leave 0.5 to 1.5."""

KEEPS = 0.9
"""A motion is believed when it leaves less than this share of the difference: noise and light leave all of it."""

GAIN = 3.0
"""Most that contrast is raised or lowered to match light. Beyond it a picture is made of noise."""

DIM = 2.0
"""Levels of contrast below which pictures have nothing to compare but noise; added to every contrast."""

NEW, LEAP = 0.08, 30.0
"""`change` and `difference` above which a frame is suspect."""

FAR, EXPLAINED = 14.0, 0.01
"""A frame whose `shift` is above the first is suspect unless motion explains it down to a `change` of the second. Of
1,162 cuts in 130 generated films every one is suspect by one of these, and 3.6 % of the other frames are: whip pans,
shakes, flashes, strobes, damage."""

BLANK, BLANK_LEAP = 10.0, 8.0
"""Levels of contrast below which a picture is so plain that its brightness is all it shows, and the `difference` above
which it is suspect then."""

INNER = (slice(2, -2), slice(3, -3))
"""Rows and columns that are compared: what a motion brings in at the edges is unknown."""

POINTS_ACROSS, POINTS_DOWN = 8, 5
PART_WIDTH, PART_HEIGHT = 8, 7
"""Cells around a point."""

STRAYED = 8.0
"""Cells from where it began at which a point has lost its hold."""

_POINTS = np.stack(
    np.meshgrid(np.arange(4, THUMB_WIDTH, PART_WIDTH), np.arange(4, THUMB_HEIGHT, PART_HEIGHT)),
    axis=-1,
    dtype=np.float32,
).reshape(-1, 1, 2)
_CELLS = np.stack(np.meshgrid(np.arange(THUMB_WIDTH), np.arange(THUMB_HEIGHT)), axis=-1, dtype=np.float32)
_NO_MAP = np.empty(0, np.float32)
_WINDOW = cv2.createHanningWindow((THUMB_WIDTH, THUMB_HEIGHT), cv2.CV_32F)
_SEARCH = (11, 11)
_STOP = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)
_TEXTURE = 1e-3
"""Least eigenvalue of a point's gradients, ten times OpenCV's default: noise on a plain wall holds nothing."""


def signals_of(batch: Sequence[ThumbPair]) -> NDArray[np.void]:
    """`SIGNALS` (N,)."""
    signals = np.zeros(len(batch), SIGNALS)
    lumas = np.stack([pair.current.luma for pair in batch])
    chroma = np.stack([pair.current.chroma for pair in batch])
    signals["luma"] = _means(lumas, GRID_HEIGHT, GRID_WIDTH)
    signals["chroma"] = _means(chroma, *GRID_CHROMA)
    means, contrasts = _moments(lumas)
    signals["contrast"], signals["detail"] = contrasts, _detail(lumas)
    signals["suspect"] = True
    paired = [index for index, pair in enumerate(batch) if pair.previous is not None]
    if paired:
        before = np.stack([pair.previous.luma for pair in batch if pair.previous is not None])
        _compare(signals, np.array(paired), before, lumas[paired], means[paired], contrasts[paired])
    return signals


def _compare(
    signals: NDArray[np.void],
    rows: NDArray[np.intp],
    before: Lumas,
    after: Lumas,
    means: NDArray[np.float32],
    contrasts: NDArray[np.float32],
) -> None:
    """Fills in what the pairs give; `means` and `contrasts` are those of `after`."""
    old_means, old_contrasts = _moments(before)
    gains = np.clip((contrasts + DIM) / (old_contrasts + DIM), 1 / GAIN, GAIN)[:, None, None]
    lit = (before - old_means[:, None, None]) * gains + means[:, None, None]
    matched = np.clip(np.rint(lit), 0, 255).astype(np.uint8)
    shifts = _difference(matched, after)
    moves = [_move(*pair) if shift >= STILL else _NO_MOVE for *pair, shift in zip(matched, after, shifts, strict=True)]
    for index, move in enumerate(moves):
        if move.undone is not None:
            matched[index] = move.undone
    differences = _difference(before, after)
    changes = 1 - _correlation(matched[:, *INNER], after[:, *INNER])
    signals["difference"][rows] = differences
    signals["shift"][rows] = shifts
    signals["change"][rows] = changes
    signals["motion_x"][rows] = [move.x for move in moves]
    signals["motion_y"][rows] = [move.y for move in moves]
    signals["suspect"][rows] = _suspects(changes, shifts, differences, np.minimum(contrasts, old_contrasts))


@dataclass(frozen=True)
class _Move:
    """How one frame moved from the one before."""

    x: float
    """Root mean square, widths of the frame."""

    y: float
    """The same, heights."""

    undone: NDArray[np.uint8] | None
    """uint8 (36, 64): the previous frame as it would look after the motion; None when it did not move."""


_NO_MOVE = _Move(0.0, 0.0, None)


@dataclass(frozen=True)
class _Flow:
    """A guess at the motion between two frames."""

    cells: NDArray[np.float32]
    """float32 (5, 8, 2): where each point of the later frame lies in the earlier one, cells away."""

    known: NDArray[np.bool_]
    """bool (5, 8): points that have something to hold on to."""

    undone: NDArray[np.uint8]
    """uint8 (36, 64): the earlier frame moved accordingly."""

    left: float
    """Mean absolute difference to the later frame after that, levels."""


def _move(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> _Move:
    """The motion between two frames of the same light, as far as undoing it brings them together, part by part."""
    raw = _left(before, after)
    flow = _flow(before, after, np.zeros(2, np.float32))
    if flow.left > LOOK_FAR and flow.left > raw / 2:
        far, _ = cv2.phaseCorrelate(after.astype(np.float32), before.astype(np.float32), _WINDOW)
        if abs(far[0]) < THUMB_WIDTH / 2 and abs(far[1]) < THUMB_HEIGHT / 2:
            flow = min(flow, _flow(before, after, np.array(far, np.float32)), key=lambda one: one.left)
    if not flow.known.any():
        return _NO_MOVE
    believed = _parts(flow.undone, after) <= KEEPS * _parts(before, after)
    moved = np.where(believed[:, :, None], flow.cells, 0)[flow.known]
    x, y = np.sqrt(np.square(moved).mean(axis=0))
    undone = flow.undone if flow.left <= KEEPS * raw else None
    return _Move(float(x) / THUMB_WIDTH, float(y) / THUMB_HEIGHT, undone)


def _flow(before: NDArray[np.uint8], after: NDArray[np.uint8], start: NDArray[np.float32]) -> _Flow:
    """The motion that Lucas-Kanade finds when every point begins `start` cells away."""
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        after,
        before,
        _POINTS,
        _POINTS + start,
        winSize=_SEARCH,
        maxLevel=0,
        criteria=_STOP,
        flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        minEigThreshold=_TEXTURE,
    )
    cells = (found - _POINTS).reshape(POINTS_DOWN, POINTS_ACROSS, 2).astype(np.float32, copy=False)
    known = (status.reshape(POINTS_DOWN, POINTS_ACROSS) > 0) & (np.abs(cells - start).max(axis=-1) < STRAYED)
    cells[~known] = start
    where = _CELLS + cv2.resize(cells, (THUMB_WIDTH, THUMB_HEIGHT), interpolation=cv2.INTER_LINEAR)
    moved = cv2.remap(before, where, _NO_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    undone = moved.astype(np.uint8, copy=False)
    return _Flow(cells, known, undone, _left(undone, after))


def _parts(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Summed absolute difference around each point, uint32 (5, 8)."""
    apart = cv2.absdiff(before, after)[: POINTS_DOWN * PART_HEIGHT]
    parts = apart.reshape(POINTS_DOWN, PART_HEIGHT, POINTS_ACROSS, PART_WIDTH)
    return np.asarray(parts.sum(axis=(1, 3)), np.uint32)


def _left(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    """Mean absolute difference away from the edges, levels."""
    return cv2.norm(before[INNER], after[INNER], cv2.NORM_L1) / after[INNER].size


def _suspects(
    changes: NDArray[np.float32],
    shifts: NDArray[np.float32],
    differences: NDArray[np.float32],
    contrasts: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """Whether each frame may not go on from its predecessor; `contrasts` are the smaller ones of each pair."""
    plain = (contrasts < BLANK) & (differences > BLANK_LEAP)
    far = (shifts > FAR) & (changes > EXPLAINED)
    suspects: NDArray[np.bool_] = (changes > NEW) | far | (differences > LEAP) | plain
    return suspects


def _means(planes: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    """(..., H, W) reduced to (..., rows, columns) by rounded means; the sizes divide."""
    *lead, height, width = planes.shape
    cells = planes.reshape(*lead, rows, height // rows, columns, width // columns)
    size = (height // rows) * (width // columns)
    means: NDArray[np.uint8] = ((cells.sum(axis=(-3, -1), dtype=np.uint32) + size // 2) // size).astype(np.uint8)
    return means


def _moments(lumas: Lumas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and standard deviation of each, float32 (N,)."""
    flat = lumas.reshape(len(lumas), -1).astype(np.int32)
    count = flat.shape[1]
    sums, squares = flat.sum(axis=1), (flat * flat).sum(axis=1)
    deviations = np.sqrt(np.maximum(squares * count - sums * sums, 0)) / count
    return (sums / count).astype(np.float32), deviations.astype(np.float32)


def _detail(lumas: Lumas) -> NDArray[np.float32]:
    """Mean step to the right plus mean step down, levels, float32 (N,)."""
    signed = lumas.astype(np.int16)
    across, down = np.abs(np.diff(signed, axis=2)), np.abs(np.diff(signed, axis=1))
    steps = across.sum(axis=(1, 2)) / across[0].size + down.sum(axis=(1, 2)) / down[0].size
    return np.asarray(steps, np.float32)


def _difference(before: Lumas, after: Lumas) -> NDArray[np.float32]:
    """Mean absolute difference of each pair, levels, float32 (N,)."""
    apart = np.abs(before.astype(np.int16) - after).sum(axis=(1, 2))
    return np.asarray(apart / after[0].size, np.float32)


def _correlation(before: Lumas, after: Lumas) -> NDArray[np.float32]:
    """(cov + DIM^2) / sqrt((var + DIM^2) (var' + DIM^2)) of each pair: 1 for two plain pictures, float32 (N,)."""
    one, two = (part.reshape(len(part), -1).astype(np.int64) for part in (before, after))
    count, totals = one.shape[1], (one.sum(axis=1), two.sum(axis=1))
    floor = DIM * DIM * count * count
    spread = [
        (part * part).sum(axis=1) * count - total**2 + floor for part, total in zip((one, two), totals, strict=True)
    ]
    covariance = (one * two).sum(axis=1) * count - totals[0] * totals[1] + floor
    return np.asarray(covariance / np.sqrt(spread[0] * spread[1]), np.float32)
