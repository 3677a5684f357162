"""Arithmetic of face boxes: float32 (N, 4) left, top, right, bottom.

Coordinates of MTCNN's boxes count pixels inclusively, hence the `+ 1` in widths.
Source: Zhang et al. (2016) and its reimplementation in facenet-pytorch 2.6.0, `detect_face.py`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]


def suppressed(
    boxes: Boxes, scores: NDArray[np.float32], overlap: float, against: Literal["union", "smaller"] = "union"
) -> NDArray[np.intp]:
    """Indices of the boxes that stay, best score first: none overlaps a better one by more than `overlap`.

    Args:
        boxes: float32 (N, 4).
        scores: float32 (N,); of equal ones the earlier box counts as better.
        overlap: share of the union of two boxes, or of the smaller one's area.
        against: which.
    """
    order = np.argsort(-scores, kind="stable")
    areas = np.maximum(boxes[:, 2] - boxes[:, 0] + 1, 0) * np.maximum(boxes[:, 3] - boxes[:, 1] + 1, 0)
    kept = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        width = np.minimum(boxes[best, 2], boxes[rest, 2]) - np.maximum(boxes[best, 0], boxes[rest, 0]) + 1
        height = np.minimum(boxes[best, 3], boxes[rest, 3]) - np.maximum(boxes[best, 1], boxes[rest, 1]) + 1
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        whole = np.minimum(areas[best], areas[rest]) if against == "smaller" else areas[best] + areas[rest] - shared
        order = rest[shared <= overlap * whole]
    return np.array(kept, np.intp)


def refined(boxes: Boxes, offsets: Boxes) -> Boxes:
    """Boxes moved by a network's regression: each side by `offset` times the width or height."""
    width, height = boxes[:, 2] - boxes[:, 0] + 1, boxes[:, 3] - boxes[:, 1] + 1
    return (boxes + offsets * np.stack([width, height, width, height], axis=1)).astype(np.float32)


def squared(boxes: Boxes) -> Boxes:
    """Boxes made square about their centres, as long as their longer side."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    side = np.maximum(width, height)
    left, top = boxes[:, 0] + (width - side) / 2, boxes[:, 1] + (height - side) / 2
    return np.stack([left, top, left + side, top + side], axis=1).astype(np.float32)
