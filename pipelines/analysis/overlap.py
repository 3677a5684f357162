"""How much do boxes overlap, and which of two lists belong together?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]
"""float32 (N, 4): left, top, right, bottom."""


def intersection_over_union(first: Boxes, second: Boxes) -> NDArray[np.float32]:
    """float32 (N, M): shared area over joint area of every pair; 0 for boxes without an area."""
    left_top = np.maximum(first[:, None, :2], second[None, :, :2])
    right_bottom = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.maximum(right_bottom - left_top, 0), axis=2)
    joint = _areas(first)[:, None] + _areas(second)[None, :] - shared
    shares: NDArray[np.float32] = np.divide(shared, joint, out=np.zeros_like(shared, np.float32), where=joint > 0)
    return shares


def grown(boxes: Boxes, factor: float) -> Boxes:
    """Boxes `factor` times as wide and high about their centres."""
    centre, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2 * factor
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)


def pairs(likeness: NDArray[np.float32], least: float) -> list[tuple[int, int]]:
    """Rows and columns that belong together: the most alike first, each once, none below `least`."""
    found = []
    rest = likeness.copy()
    while rest.size and rest.max() >= least:
        row, column = (int(index) for index in np.unravel_index(np.argmax(rest), rest.shape))
        found.append((row, column))
        rest[row, :], rest[:, column] = -1, -1
    return found


def _areas(boxes: Boxes) -> NDArray[np.float32]:
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    areas: NDArray[np.float32] = sides[:, 0] * sides[:, 1]
    return areas
