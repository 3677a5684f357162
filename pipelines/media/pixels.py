"""Decoded frames as RGB arrays: upright, square pixels, no larger than asked for."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""uint8 (H, W, 3) RGB."""

_UNSPECIFIED = 2
"""AVCOL_SPC_UNSPECIFIED."""

_HD_HEIGHT_PX = 720
"""Untagged video from here up is BT.709, below BT.601: the rule that broadcast equipment follows."""

EXACT = Interpolation.ACCURATE_RND | Interpolation.BITEXACT


class RgbConverter:
    """Turns the frames of one stream into pictures, reusing one scaler."""

    def __init__(
        self,
        *,
        max_side_px: int | None = None,
        pixel_aspect: Fraction | None = None,
        quarter_turns: int | None = None,
    ) -> None:
        """Pictures keep their size unless the longer side is above `max_side_px`. `pixel_aspect` is the width of a
        pixel over its height; pictures come out with square ones. `quarter_turns` makes them upright; each frame's own
        when None."""
        self._reformatter = VideoReformatter()
        self._turns = quarter_turns
        self._max_side_px = max_side_px
        self._aspect = pixel_aspect or Fraction(1)

    def picture(self, frame: av.VideoFrame) -> Picture:
        """The frame, upright. Transparent parts show white."""
        see_through = any(component.is_alpha for component in frame.format.components)
        untagged_hd = frame.colorspace == _UNSPECIFIED and frame.height >= _HD_HEIGHT_PX and not frame.format.is_rgb
        width_px, height_px = self._size(frame)
        smaller = width_px < frame.width or height_px < frame.height
        converted = self._reformatter.reformat(
            frame,
            width=width_px,
            height=height_px,
            format="rgba" if see_through else "rgb24",
            src_colorspace=Colorspace.ITU709 if untagged_hd else None,
            dst_color_range=ColorRange.JPEG,
            interpolation=(Interpolation.AREA if smaller else Interpolation.BICUBIC) | EXACT,
            threads=1,
        )
        pixels = converted.to_ndarray().astype(np.uint8, copy=False)
        turns = round(frame.rotation / 90) % 4 if self._turns is None else self._turns
        return turned(_on_white(pixels) if see_through else pixels, turns)

    def _size(self, frame: av.VideoFrame) -> tuple[int, int]:
        width_px, height_px = round(frame.width * self._aspect), frame.height
        longer_px = max(width_px, height_px)
        if self._max_side_px is None or longer_px <= self._max_side_px:
            return max(1, width_px), height_px
        scale = Fraction(self._max_side_px, longer_px)
        return max(1, round(width_px * scale)), max(1, round(height_px * scale))


def turned(pixels: NDArray[np.uint8], quarter_turns: int) -> NDArray[np.uint8]:
    """uint8 (H, W) or (H, W, channels), turned counter-clockwise; what is upright already is not copied."""
    return np.ascontiguousarray(np.rot90(pixels, quarter_turns)) if quarter_turns else pixels


def _on_white(rgba: NDArray[np.uint8]) -> Picture:
    """Straight alpha over white, rounded: (c * a + 255 * (255 - a) + 127) // 255."""
    alpha = rgba[..., 3:].astype(np.uint16)
    blended = (rgba[..., :3].astype(np.uint32) * alpha + 255 * (255 - alpha).astype(np.uint32) + 127) // 255
    return blended.astype(np.uint8)
