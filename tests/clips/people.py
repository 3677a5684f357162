"""Who walks through a generated clip, and where the face is in each frame: a formula of the frame number, not a detection.

The one portrait is scikit-image's `astronaut` (Eileen Collins, NASA, public domain). Other people are copies of it,
mirrored, scaled and shifted in colour.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""uint8 (H, W, 3), blue green red."""

FACE_BOX = (181.0, 62.0, 87.0, 110.0)
"""Left, top, width and height of the face in the 512x512 portrait: facenet-pytorch's MTCNN at its defaults finds
(181.05, 62.16, 86.70, 109.89) there, at a probability of 1.00."""

FACE_CENTRE = (FACE_BOX[0] + FACE_BOX[2] / 2, FACE_BOX[1] + FACE_BOX[3] / 2)

OUTLINE = (
    (22, 512), (24, 420), (22, 380), (40, 290), (60, 250), (100, 220), (112, 190), (130, 165), (158, 150), (181, 149),
    (172, 122), (157, 106), (153, 76), (160, 50), (184, 30), (214, 15), (250, 17), (280, 35), (298, 64), (300, 95),
    (286, 121), (272, 133), (267, 158), (290, 185), (306, 230), (303, 248), (340, 265), (358, 310), (364, 345),
    (400, 344), (448, 358), (486, 410), (500, 512),
)  # fmt: skip
"""The person in the portrait with the helmet, traced by hand."""

BODY_BLUR_PX = 8.0
MOST_HALVINGS = 4


@dataclass(frozen=True)
class Placement:
    """Where a portrait stands in one frame."""

    x_px: float
    y_px: float
    """Centre of the face."""

    scale: float
    """Pixels of the frame for one of the portrait."""

    lean: float
    """Radians clockwise, about the centre of the face."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width, height of the face: FACE_BOX moved and scaled, not turned with the head."""
        wide, high = self.scale * FACE_BOX[2], self.scale * FACE_BOX[3]
        return round(self.x_px - wide / 2, 1), round(self.y_px - high / 2, 1), round(wide, 1), round(high, 1)


@dataclass(frozen=True)
class TrueFace:
    """One face in one frame."""

    person: str
    box: tuple[float, float, float, float]
    """Left, top, width and height in pixels of the upright picture; it may reach beyond it."""

    visible: float
    """Share of the box that is in the picture and not covered, 0 to 1."""


@dataclass(frozen=True)
class Person:
    """The portrait on its way through a shot: u runs from 0 at its first frame to 1 at its last."""

    name: str
    start: tuple[float, float] = (0.5, 0.4)
    end: tuple[float, float] = (0.5, 0.4)
    """Centre of the face at u = 0 and at u = 1, in shares of the picture's width and height; may lie outside."""

    face: tuple[float, float] = (0.25, 0.25)
    """Width of the face at u = 0 and at u = 1, in shares of the picture's height."""

    sway: float = 0.15
    """The head swings to either side by this share of the face's width."""

    period_s: float = 3.0
    lean_degrees: float = 4.0
    """Most that the head leans to either side."""

    mirrored: bool = False
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Gain of blue, green and red."""

    def placement(self, u: float, time_s: float, width_px: int, height_px: int) -> Placement:
        """Where this person stands at `u`, `time_s` after the shot began."""
        face_px = height_px * self.face[0] * (self.face[1] / self.face[0]) ** u
        phase = 2 * math.pi * time_s / self.period_s
        x, y = ((1 - u) * a + u * b for a, b in zip(self.start, self.end, strict=True))
        return Placement(
            x_px=x * width_px + self.sway * face_px * math.sin(phase),
            y_px=y * height_px + 0.2 * self.sway * face_px * math.sin(2.3 * phase),
            scale=face_px / FACE_BOX[2],
            lean=math.radians(self.lean_degrees * math.sin(0.7 * phase)),
        )

    def paste(self, canvas: Image, placed: Placement) -> None:
        """Draw this person over the canvas."""
        halvings = min(MOST_HALVINGS, max(0, math.floor(-math.log2(placed.scale))))
        pixels = _portrait(self.mirrored, self.tint, halvings)
        matrix = self._matrix(placed)
        left, top, right, bottom = _extent(matrix, canvas.shape[1], canvas.shape[0])
        if left >= right or top >= bottom:
            return
        # the first pixel of a halved portrait has its centre between the first two of the whole one
        matrix[:, 2] += matrix[:, :2].sum(axis=1) * (2**halvings - 1) / 2 - (left, top)
        matrix[:, :2] *= 2**halvings
        warped = cv2.warpAffine(pixels, matrix, (right - left, bottom - top))
        part = canvas[top:bottom, left:right]
        clear = cv2.cvtColor(255 - warped[..., 3], cv2.COLOR_GRAY2BGR)
        part[:] = cv2.add(cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR), cv2.multiply(part, clear, scale=1 / 255))

    def covers(self, placed: Placement, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which of the float64 (N, 2) points of the frame this person stands before."""
        matrix = self._matrix(placed)
        inside = np.rint(np.linalg.solve(matrix[:, :2], (points - matrix[:, 2]).T)).astype(int).T
        alpha = _portrait(self.mirrored, self.tint, 0)[..., 3]
        held = ((inside >= 0) & (inside < 512)).all(axis=1)
        x, y = np.clip(inside, 0, 511).T
        covered: NDArray[np.bool_] = held & (alpha[y, x] > 127)
        return covered

    def _matrix(self, placed: Placement) -> NDArray[np.float64]:
        """float64 (2, 3), from the portrait to the frame."""
        centre = np.array([511 - FACE_CENTRE[0] if self.mirrored else FACE_CENTRE[0], FACE_CENTRE[1]])
        cos, sin = placed.scale * math.cos(placed.lean), placed.scale * math.sin(placed.lean)
        turn = np.array([[cos, -sin], [sin, cos]])
        shift = np.array([placed.x_px, placed.y_px]) - turn @ centre
        return np.column_stack([turn, shift])


def faces_of(
    people: tuple[Person, ...], placed: list[Placement], bars: list[tuple[int, int]], width_px: int, height_px: int
) -> tuple[TrueFace, ...]:
    """The faces of which anything is visible. Later people stand before earlier ones, bars [left, right) before all."""
    found = []
    for index, person in enumerate(people):
        points = _points(placed[index].box)
        x, y = points.T
        seen = (x >= 0) & (x < width_px) & (y >= 0) & (y < height_px)
        for left, right in bars:
            seen &= (x < left) | (x >= right)
        for before, where in zip(people[index + 1 :], placed[index + 1 :], strict=True):
            seen &= ~before.covers(where, points)
        if seen.any():
            found.append(TrueFace(person.name, placed[index].box, round(float(seen.mean()), 3)))
    return tuple(found)


def photograph(file: str) -> Image:
    """A picture of scikit-image's wheel."""
    image = cv2.imread(str(Path(skimage.__file__).parent / "data" / file), cv2.IMREAD_COLOR)
    assert image is not None, f"scikit-image ships no {file}"
    return image.astype(np.uint8, copy=False)


@functools.cache
def _portrait(mirrored: bool, tint: tuple[float, float, float], halvings: int) -> NDArray[np.uint8]:
    """uint8 (H, W, 4): blue, green and red times alpha, and alpha; halved `halvings` times."""
    alpha = np.zeros((512, 512), np.uint8)
    cv2.fillPoly(alpha, [np.array(OUTLINE, np.int32)], (255,))
    alpha = cv2.GaussianBlur(alpha, (0, 0), 1.5).astype(np.uint8)
    photo = photograph("astronaut.png").astype(np.float64)
    # badges, straps and reflections below the collar are soft: MTCNN took one in ten of them for small faces
    soft = np.clip((np.arange(512) - 185) / 40, 0, 1)[:, None, None]
    photo = (1 - soft) * photo + soft * cv2.GaussianBlur(photo, (0, 0), BODY_BLUR_PX)
    colours = np.clip(photo * np.array(tint), 0, 255) * (alpha[..., None] / 255.0)
    pixels = np.dstack([colours, alpha]).round().astype(np.uint8)
    pixels = np.ascontiguousarray(pixels[:, ::-1]) if mirrored else pixels
    for _ in range(halvings):
        pixels = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return pixels


def _extent(matrix: NDArray[np.float64], width_px: int, height_px: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the portrait within the frame."""
    corners = np.array([[0, 0, 1], [512, 0, 1], [0, 512, 1], [512, 512, 1]]) @ matrix.T
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    return int(left), int(top), min(int(right), width_px), min(int(bottom), height_px)


def _points(box: tuple[float, float, float, float]) -> NDArray[np.float64]:
    """float64 (256, 2): a grid over the box."""
    steps = (np.arange(16) + 0.5) / 16
    x, y = np.meshgrid(box[0] + box[2] * steps, box[1] + box[3] * steps)
    return np.column_stack([x.ravel(), y.ravel()])
