"""Another aspect of the same film: which part of each frame is kept, so that the primary subject stays in it.

    shot whose subject stays near one place    one still frame for the whole shot, as an operator would hold it
    shot whose subject wanders                 the frame follows, smoothed over a second, never across a cut

Cropping alone: nothing is enlarged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from pipelines.media.frame_reader import FilmShape
from schemas.errors import InvalidInput
from schemas.visual_meta import Shot, VisualMeta, VisualSample

STILL_SHARE = 0.5
"""Of the kept width or height, within which a subject may move before the frame follows it."""

SMOOTH_S = 1.0
"""Standard deviation of the smoothing of a frame that follows."""

LEAST_SIDE_PX = 16


def framed_size(shape: FilmShape, aspect: str) -> tuple[int, int]:
    """Width and height of the result, even: the largest part of the upright picture with that aspect; the whole picture
    for an empty one.

    Args:
        shape: of the film.
        aspect: width to height, such as `9:16`.

    Raises:
        InvalidInput: the aspect leaves less than LEAST_SIDE_PX pixels.
    """
    width_px, height_px = shape.width_px, shape.height_px
    if aspect:
        across, down = (int(part) for part in aspect.split(":"))
        if not across or not down:
            raise InvalidInput(f"an aspect is width to height, both above 0, got {aspect!r}")
        wanted = Fraction(across, down)
        if wanted < Fraction(width_px, height_px):
            width_px = round(height_px * wanted)
        else:
            height_px = round(width_px / wanted)
    size = width_px // 2 * 2, height_px // 2 * 2
    if min(size) < LEAST_SIDE_PX:
        raise InvalidInput(f"aspect {aspect!r} of {shape.width_px} x {shape.height_px} pixels leaves {size}")
    return size


@dataclass(frozen=True)
class FramePath:
    """Where the kept part lies at any time."""

    times_s: NDArray[np.float64]
    """float64 (N,), ascending."""

    corners: NDArray[np.float64]
    """float64 (N, 2): left and top at each of them, pixels of the upright picture."""

    shots: tuple[float, ...]
    """When each shot begins, seconds; corners are never blended across one."""

    def corner_at(self, time_s: float) -> tuple[int, int]:
        """Left and top of the kept part."""
        shot = bisect_right(self.shots, time_s)
        same = np.searchsorted(self.shots, self.times_s, side="right") == shot
        if not same.any():
            same = np.ones(len(self.times_s), np.bool_)
        left, top = (float(np.interp(time_s, self.times_s[same], self.corners[same, side])) for side in (0, 1))
        return round(left), round(top)


def frame_path(meta: VisualMeta, size: tuple[int, int]) -> FramePath:
    """Where the frame of `size` lies through a film.

    Args:
        meta: of the film.
        size: width and height of the kept part, pixels of the upright picture.
    """
    times = np.array([sample.time_ms / 1000 for sample in meta.samples])
    corners = np.concatenate([_corners(shot, _of(shot, meta.samples), meta, size) for shot in meta.shots])
    return FramePath(times, corners, tuple(shot.start_ms / 1000 for shot in meta.shots))


def _of(shot: Shot, samples: Sequence[VisualSample]) -> list[VisualSample]:
    return [sample for sample in samples if sample.shot_index == shot.index]


def _corners(
    shot: Shot, samples: Sequence[VisualSample], meta: VisualMeta, size: tuple[int, int]
) -> NDArray[np.float64]:
    """(N, 2): a corner for each sample of a shot."""
    room = np.array([meta.width_px - size[0], meta.height_px - size[1]], np.float64)
    placed = [one for one in samples if one.primary_subject_center_x is not None]
    if not placed:
        return np.repeat(room[None] / 2, len(samples), axis=0)
    known_s = np.array([one.time_ms / 1000 for one in placed])
    centres = np.array(
        [
            (one.primary_subject_center_x * meta.width_px, one.primary_subject_center_y * meta.height_px)
            for one in placed
            if one.primary_subject_center_x is not None and one.primary_subject_center_y is not None
        ]
    )
    times_s = np.array([one.time_ms / 1000 for one in samples])
    sides = [_axis(known_s, centres[:, side], times_s, size[side]) for side in (0, 1)]
    corners: NDArray[np.float64] = np.clip(np.stack(sides, axis=1) - np.array(size) / 2, 0, room)
    return corners


def _axis(
    known_s: NDArray[np.float64], centres: NDArray[np.float64], times_s: NDArray[np.float64], side_px: int
) -> NDArray[np.float64]:
    """Centre of the frame along one axis at each time."""
    if np.ptp(centres) <= STILL_SHARE * side_px:
        return np.full(len(times_s), float(np.median(centres)))
    followed = np.interp(times_s, known_s, centres)
    weights = np.exp(-(((times_s[:, None] - times_s[None]) / SMOOTH_S) ** 2) / 2)
    smoothed: NDArray[np.float64] = (weights @ followed) / weights.sum(axis=1)
    return smoothed
