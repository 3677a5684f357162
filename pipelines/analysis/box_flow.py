"""Where does a box go from one frame to the next, when nobody detects it there? By the flow of points inside it.

Source: Lucas-Kanade flow in pyramids (Bouguet, 2001) with the forward-backward check of Kalal, Mikolajczyk and Matas
(2010), "Forward-Backward Error: Automatic Detection of Tracking Failures", whose median flow gives shift and scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
"""uint8 (H, W)."""

Box = NDArray[np.float32]
"""float32 (4,): left, top, right, bottom."""

GRID = 6
"""Points a side that are followed."""

ROUND_TRIP_PX = 1.0
"""A point counts when it comes back this near to where it began; pixels of the grey picture."""

NEEDED = 0.4
"""Share of the points that must count, or the box is lost."""

LARGEST_SCALING = 1.25
"""A box does not grow or shrink faster within one frame; what seems to is a wrong match."""

_FLOW = {"winSize": (15, 15), "maxLevel": 3, "criteria": (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 10, 0.03)}


def carried(frames: Sequence[Grey], box: Box) -> Iterator[Box]:
    """The box in frames[1], frames[2], ... for as long as it can be followed from frames[0].

    Args:
        frames: in the order in which it is to be followed, which may be backwards in time.
        box: in pixels of these frames.
    """
    cv2.setNumThreads(1)
    for before, after in pairwise(frames):
        moved = _moved(before, after, box)
        if moved is None:
            return
        box = moved
        yield box


def _moved(before: Grey, after: Grey, box: Box) -> Box | None:
    points = _grid(box, before.shape)
    if not len(points):
        return None
    there, found, _ = cv2.calcOpticalFlowPyrLK(before, after, points, None, **_FLOW)  # type: ignore[call-overload]
    back, returned, _ = cv2.calcOpticalFlowPyrLK(after, before, there, None, **_FLOW)  # type: ignore[call-overload]
    error = np.linalg.norm(back - points, axis=1)
    good = (found[:, 0] == 1) & (returned[:, 0] == 1) & (error < ROUND_TRIP_PX)
    if good.mean() < NEEDED:
        return None
    start, end = points[good], there[good]
    shift = np.median(end - start, axis=0)
    scale = _scaling(start, end)
    if not 1 / LARGEST_SCALING < scale < LARGEST_SCALING:
        return None
    centre, half = (box[:2] + box[2:]) / 2 + shift, (box[2:] - box[:2]) / 2 * scale
    return np.concatenate([centre - half, centre + half]).astype(np.float32)


def _grid(box: Box, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """float32 (N, 2): points spread over the middle of the box, without those outside the picture."""
    inner = np.linspace(0.15, 0.85, GRID, dtype=np.float32)
    xs, ys = box[0] + inner * (box[2] - box[0]), box[1] + inner * (box[3] - box[1])
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    inside = (points >= 0).all(axis=1) & (points[:, 0] < shape[1]) & (points[:, 1] < shape[0])
    return np.ascontiguousarray(points[inside])


def _scaling(start: NDArray[np.float32], end: NDArray[np.float32]) -> float:
    """Median ratio of the distances between points, of each to the one half the list away."""
    before, after = (np.linalg.norm(part - np.roll(part, len(part) // 2, axis=0), axis=1) for part in (start, end))
    apart = before > 1.0
    return float(np.median(after[apart] / before[apart])) if apart.any() else 1.0
