"""Where does a region's effect apply, and how does it fade out? All of it inside, none of it outside.

ellipse      through the corners of the box, so that the whole box lies in it; the soft edge lies outside of it
rectangle    the box; the soft edge outside
frame        the whole picture, no edge

       . - ~ - .        .  soft edge, outside
    .'+---------+'.     +  the box
   :  |         |  :
    '.+---------+.'
       ' - . - '
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InvalidInput

Outline = Literal["ellipse", "rectangle", "frame"]

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels of the stored picture; it may reach beyond its edges."""

FULL = 256
"""Weight of a sample that is wholly changed."""

MARGIN_PX = 2.0
"""By which a box is enlarged on each side first: a sample of halved chroma reaches this far."""

EDGE = 0.12
"""Width of the soft edge, as a share of half the ellipse's axis or of half the rectangle's side."""


@dataclass(frozen=True)
class Mask:
    """Weights for a part of one plane."""

    left: int
    top: int
    weights: NDArray[np.uint16]
    """uint16 (H, W), 0 to FULL; row 0, column 0 lies at (`top`, `left`) of the plane."""

    @property
    def part(self) -> tuple[slice, slice]:
        """The rows and columns of the plane that it lies on."""
        height, width = self.weights.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def region_mask(
    box: Box, outline: Outline, plane: tuple[int, int], across: float = 1.0, down: float = 1.0
) -> Mask | None:
    """The weights of a region on a plane; None where nothing of it is in the picture.

    Args:
        box: In samples of the picture's first plane.
        outline: Shape of the region.
        plane: Height and width of the plane.
        across: Samples of the first plane for one of this plane, across: 2 for halved chroma.
        down: The same, down.

    Raises:
        InvalidInput: the box is not finite, or has no size.
    """
    left, top, width, height = box
    if not all(map(math.isfinite, box)) or width <= 0 or height <= 0:
        raise InvalidInput(f"a box is left, top, width and height, the last two above 0; got {box!r}")
    if outline == "frame":
        return Mask(0, 0, np.full(plane, FULL, np.uint16))
    horizontal = _Axis(left + width / 2, width / 2 + MARGIN_PX, across, plane[1], outline)
    vertical = _Axis(top + height / 2, height / 2 + MARGIN_PX, down, plane[0], outline)
    if horizontal.start >= horizontal.end or vertical.start >= vertical.end:
        return None
    weights = _elliptic(horizontal, vertical) if outline == "ellipse" else _rectangular(horizontal, vertical)
    return Mask(horizontal.start, vertical.start, weights)


class _Axis:
    """One direction of a region on a plane: the samples [start, end) that it may change, and how far off they are."""

    def __init__(self, centre_px: float, half_px: float, step_px: float, samples: int, outline: Outline) -> None:
        self.half_px = half_px * (math.sqrt(2) if outline == "ellipse" else 1)
        self.reach_px = self.half_px * (1 + EDGE)
        self.start = min(samples, max(0, math.floor((centre_px - self.reach_px) / step_px)))
        self.end = max(0, min(samples, math.ceil((centre_px + self.reach_px) / step_px)))
        at_px = (np.arange(self.start, self.end, dtype=np.float32) + np.float32(0.5)) * np.float32(step_px)
        self.off_px: NDArray[np.float32] = np.abs(at_px - np.float32(centre_px))


def _elliptic(horizontal: _Axis, vertical: _Axis) -> NDArray[np.uint16]:
    """Full inside the ellipse, then falling with the square of the distance: no square root a sample."""
    slope = np.float32(FULL / ((1 + EDGE) ** 2 - 1))
    across = np.floor(slope * (horizontal.off_px / np.float32(horizontal.half_px)) ** 2)
    down = np.ceil(slope * (np.float32((1 + EDGE) ** 2) - (vertical.off_px / np.float32(vertical.half_px)) ** 2))
    return _clipped(np.subtract.outer(down.astype(np.int16), across.astype(np.int16)))


def _rectangular(horizontal: _Axis, vertical: _Axis) -> NDArray[np.uint16]:
    across, down = (
        np.ceil(FULL * (np.float32(axis.reach_px) - axis.off_px) / np.float32(axis.reach_px - axis.half_px))
        for axis in (horizontal, vertical)
    )
    return _clipped(
        np.minimum.outer(np.minimum(down, FULL).astype(np.int16), np.minimum(across, FULL).astype(np.int16))
    )


def _clipped(weights: NDArray[np.int16]) -> NDArray[np.uint16]:
    return np.clip(weights, 0, FULL, out=weights).view(np.uint16)
