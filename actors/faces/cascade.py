"""MTCNN as a cascade over one picture: many cheap proposals, few of which survive two dearer networks.

    picture -> pyramid -> PNet -> propose -> RNet -> refuse, refine -> ONet -> score, refine, landmarks

The networks are handed in as functions over arrays, so that the cascade itself is plain arithmetic. Every network sees
crops in chunks of one fixed size, filled up with zeros: the same picture gives the same floats whatever else is asked.

Source: Zhang, Zhang, Li, Qiao (2016), "Joint Face Detection and Alignment using Multi-task Cascaded Convolutional
Networks"; thresholds of the first two stages and the pyramid step as in facenet-pytorch 2.6.0. Here each level of the
pyramid is reduced from the first one, not from the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.faces.boxes import Boxes, refined, squared, suppressed
from actors.faces.detection import FaceDetections, no_faces

Floats = NDArray[np.float32]

WINDOW_PX = 12
"""PNet looks at 12 x 12 pixels, two pixels apart."""

STRIDE_PX = 2
STEP = 0.709
"""Each level of the pyramid against the one before: areas halve."""

PROPOSED, PASSED = 0.6, 0.7
"""Scores that a box needs after PNet and after RNet."""

SCORED = 0.3
"""Score that a weak candidate needs after ONet; who wants faces alone takes those above 0.9 or so."""

REFINED_AT_ONCE, SCORED_AT_ONCE = 16, 4
"""Crops of one call of RNet and of ONet: dozens reach the first, a few the second, and what is filled up costs too."""

Network = Callable[[Floats], tuple[Floats, ...]]
"""float32 (N, H, W, 3) scaled to about [-1, 1] -> arrays of N rows each."""


@dataclass(frozen=True)
class Networks:
    """The three stages."""

    propose: Network
    """PNet: offsets (1, 4, h, w) and scores (1, h, w) of every window of one picture."""

    refine: Network
    """RNet: offsets (N, 4) and scores (N,) of N crops of 24 x 24."""

    score: Network
    """ONet: offsets (N, 4), landmarks (N, 10) and scores (N,) of N crops of 48 x 48."""


def find_faces(picture: NDArray[np.uint8], smallest_face_px: int, networks: Networks) -> FaceDetections:
    """The faces of uint8 (H, W, 3) RGB that are at least about `smallest_face_px` wide."""
    boxes = _proposals(picture, smallest_face_px, networks.propose)
    offsets, scores = _judged(_crops(picture, boxes, 24), REFINED_AT_ONCE, networks.refine, (4, 1))
    boxes, scores, offsets = _above(PASSED, scores[:, 0], boxes, offsets)
    kept = suppressed(boxes, scores, 0.7)
    boxes = squared(refined(boxes[kept], offsets[kept]))
    offsets, points, scores = _judged(_crops(picture, boxes, 48), SCORED_AT_ONCE, networks.score, (4, 10, 1))
    boxes, scores, offsets, points = _above(SCORED, scores[:, 0], boxes, offsets, points)
    if not len(boxes):
        return no_faces()
    landmarks = _landmarks(boxes, points)
    boxes = refined(boxes, offsets)
    kept = suppressed(boxes, scores, 0.7, "smaller")
    return FaceDetections(boxes[kept], scores[kept], landmarks[kept])


def _proposals(picture: NDArray[np.uint8], smallest_face_px: int, propose: Network) -> Boxes:
    found = [np.zeros((0, 9), np.float32)]
    for scale, level in _pyramid(picture, WINDOW_PX / smallest_face_px):
        offsets, scores = propose(_scaled(level[None]))
        windows = _windows(offsets[0], scores[0], scale)
        found.append(windows[suppressed(windows[:, :4], windows[:, 4], 0.5)])
    windows = np.concatenate(found)
    windows = windows[suppressed(windows[:, :4], windows[:, 4], 0.7)]
    width, height = windows[:, 2] - windows[:, 0], windows[:, 3] - windows[:, 1]
    return squared(windows[:, :4] + windows[:, 5:] * np.stack([width, height, width, height], axis=1))


def _pyramid(picture: NDArray[np.uint8], scale: float) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Smaller and smaller pictures with their scales, until one window is all that fits."""
    height, width = picture.shape[:2]
    level: Any = picture
    while min(height, width) * scale >= WINDOW_PX:
        size = (int(width * scale + 1), int(height * scale + 1))
        level = cv2.resize(level, size, interpolation=cv2.INTER_AREA if size[0] < level.shape[1] else cv2.INTER_LINEAR)
        yield scale, level
        scale *= STEP


def _windows(offsets: Floats, scores: Floats, scale: float) -> Floats:
    """float32 (N, 9) of the windows above PROPOSED: box in pixels of the picture, score, four offsets."""
    rows, columns = np.nonzero(scores >= PROPOSED)
    corner = np.stack([columns, rows], axis=1) * STRIDE_PX
    left_top, right_bottom = (corner + 1) // scale, (corner + WINDOW_PX) // scale
    above = scores[rows, columns][:, None]
    return np.concatenate([left_top, right_bottom, above, offsets[:, rows, columns].T], axis=1).astype(np.float32)


def _judged(crops: NDArray[np.uint8], at_once: int, network: Network, widths: tuple[int, ...]) -> tuple[Floats, ...]:
    """What a network says of every crop: one array (N, width) for each of `widths`."""
    answers = [[np.zeros((0, width), np.float32)] for width in widths]
    for first in range(0, len(crops), at_once):
        part = crops[first : first + at_once]
        full = np.concatenate([part, np.zeros((at_once - len(part), *part.shape[1:]), np.uint8)])
        for answer, values in zip(answers, network(_scaled(full)), strict=True):
            answer.append(values.reshape(at_once, -1)[: len(part)])
    return tuple(np.concatenate(answer) for answer in answers)


def _crops(picture: NDArray[np.uint8], boxes: Boxes, side_px: int) -> NDArray[np.uint8]:
    """uint8 (N, side, side, 3): of each box what lies inside the picture, stretched to a square."""
    height, width = picture.shape[:2]
    crops = np.zeros((len(boxes), side_px, side_px, 3), np.uint8)
    for crop, (left, top, right, bottom) in zip(crops, boxes.astype(int), strict=True):
        part = picture[max(top, 1) - 1 : min(bottom, height), max(left, 1) - 1 : min(right, width)]
        if part.size:
            smaller = part.shape[0] >= side_px and part.shape[1] >= side_px
            crop[:] = cv2.resize(
                part, (side_px, side_px), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
            )
    return crops


def _scaled(pictures: NDArray[np.uint8]) -> Floats:
    """What the networks take: float32, (value - 127.5) / 128."""
    return (pictures.astype(np.float32) - np.float32(127.5)) * np.float32(0.0078125)


def _above(threshold: float, scores: Floats, *arrays: Floats) -> tuple[Floats, ...]:
    """The first of `arrays`, the scores, and the other arrays, where the score is above the threshold."""
    passed = scores > threshold
    first, *others = arrays
    return (first[passed], scores[passed], *(other[passed] for other in others))


def _landmarks(boxes: Boxes, points: Floats) -> Floats:
    """float32 (N, 5, 2) in pixels of the picture, from x and y as shares of the square that ONet saw."""
    size = boxes[:, 2:] - boxes[:, :2] + 1
    shares = np.stack([points[:, :5], points[:, 5:]], axis=2)
    return (shares * size[:, None] + boxes[:, None, :2] - 1).astype(np.float32)
