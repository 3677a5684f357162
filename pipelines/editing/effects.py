"""A region of a picture made unrecognisable, in place, on the planes as they are stored: blur, mosaic or solid.

    plane --mean of each cell--> coarse --blurred--> coarse --smooth: blur, in squares: mosaic--> plane, by the mask

Detail is thrown away before anything is smoothed: what is left of a face are a few averages, from which nothing wins it
back. The cells are a grid of the picture, not of the region, in a few fixed sizes, so that a region that moves does not
shimmer. Colour and coarse light remain; who must not leave even these takes `solid`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.editing.masks import FULL, Box, Mask, Outline, region_mask
from pipelines.media.planes import Plane, Planes
from schemas.errors import InvalidInput
from schemas.media_request import Effect, Strength

CELLS: Mapping[Strength, float] = {"light": 16.0, "medium": 7.0, "strong": 4.0}
"""Most cells that a region measures across; its side is the root of its area. MTCNN still finds the portrait that the
tests use at 16 when it is 64 to 300 pixels wide, and at no size from 10 down."""

CELL_SIZES_PX = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
"""Even, so that cells of halved chroma lie under those of luma; few, so that a face that comes nearer changes its cells
seldom."""

BAND_SAMPLES = 1 << 15
"""Blended at once: what is in between stays in the cache, and the allocator keeps it. It takes a third of the time, for
a face of 200 pixels."""


def apply_region(
    planes: Planes, box: Box, effect: Effect = "blur", strength: Strength = "medium", outline: Outline = "ellipse"
) -> None:
    """Change the samples of a region, and no others. Regions may overlap, and lie outside the picture.

    Args:
        planes: Of the stored picture.
        box: What must not be seen, in pixels of the stored picture (`stored_box`).
        effect: What is done.
        strength: How much of it; relative to the region's size.
        outline: Shape of the region about the box.

    Raises:
        InvalidInput: an unknown word, or a box without a size.
    """
    for word, known in ((effect, get_args(Effect)), (strength, get_args(Strength)), (outline, get_args(Outline))):
        if word not in known:
            raise InvalidInput(f"{word!r} is none of {', '.join(known)}")
    masks: dict[tuple[int, ...], Mask | None] = {}
    for plane, black in zip(planes.arrays, planes.black, strict=True):
        across, down = _halvings(planes.width_px, plane.shape[1]), _halvings(planes.height_px, plane.shape[0])
        if plane.shape not in masks:
            masks[plane.shape] = region_mask(box, outline, (plane.shape[0], plane.shape[1]), across, down)
        if (mask := masks[plane.shape]) is None:
            continue
        if effect == "solid":
            _blend(plane, mask, np.array(black, plane.dtype))
            continue
        cell_px = _cell_px(planes, box, strength, outline)
        cells = max(1, cell_px // across), max(1, cell_px // down)
        _blend(plane, mask, _coarse(plane, mask, cells, smooth=effect == "blur"))


def _halvings(whole: int, part: int) -> int:
    """Samples of the first plane for one of another: 1, 2 or 4, even where the last one stands for fewer."""
    return int(2 ** math.ceil(math.log2(whole / part)))


def _cell_px(planes: Planes, box: Box, strength: Strength, outline: Outline) -> int:
    width, height = (planes.width_px, planes.height_px) if outline == "frame" else box[2:]
    wanted = math.sqrt(width * height) / CELLS[strength]
    return next((size for size in CELL_SIZES_PX if size >= wanted), CELL_SIZES_PX[-1])


def _coarse(plane: Plane, mask: Mask, cells: tuple[int, int], *, smooth: bool) -> Plane:
    """What the part under the mask looks like in cells of `cells` samples across and down.

    Means of half cells are blurred by a standard deviation of one cell before they are used, which leaves 0.7 % of the
    finest pattern that the cells could show: what is finer does not come through as aliasing either, from which frames
    of a moving face could be put together.
    """
    across, down = cells
    rows, columns = mask.part
    top, left = max(0, rows.start // down - 1) * down, max(0, columns.start // across - 1) * across
    seen = plane[top : (rows.stop // down + 2) * down, left : (columns.stop // across + 2) * across]
    below, beside = -seen.shape[0] % down, -seen.shape[1] % across
    if below or beside:
        seen = cv2.copyMakeBorder(seen, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    high, wide = seen.shape
    fine = (wide // across, high // down) if 1 in cells else (2 * wide // across, 2 * high // down)
    few = cv2.resize(seen, fine, interpolation=cv2.INTER_AREA)
    few = cv2.GaussianBlur(few, (0, 0), fine[0] * across / wide, borderType=cv2.BORDER_REPLICATE)
    if not smooth:
        few = cv2.resize(few, (wide // across, high // down), interpolation=cv2.INTER_AREA)
    many = cv2.resize(few, (wide, high), interpolation=cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST)
    return many[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]


def _blend(plane: Plane, mask: Mask, other: Plane) -> None:
    """Put `other`, a picture or one sample, over the part of `plane` under the mask, by its weights, rounded.

    part * FULL + (other - part) * weight, in unsigned numbers that wrap: the sum never leaves them.
    """
    part, weights = plane[mask.part], mask.weights
    kind = np.uint16 if plane.dtype == np.uint8 else np.uint32
    band = max(1, BAND_SAMPLES // part.shape[1])
    for top in range(0, part.shape[0], band):
        rows = slice(top, top + band)
        before: NDArray[np.uint16 | np.uint32] = part[rows].astype(kind)
        mixed = (other[rows] if other.ndim else other) - before
        mixed *= weights[rows]
        before <<= kind(8)
        mixed += before
        mixed += kind(FULL // 2)
        mixed >>= kind(8)
        part[rows] = mixed
