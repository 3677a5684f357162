"""A decoded frame made smaller, upright, with square pixels: in colour for detectors, in grey to follow motion."""

from __future__ import annotations

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from pipelines.media.frame_reader import FilmShape
from pipelines.media.pixels import EXACT, Picture, RgbConverter, turned

GREY_SIDE_PX = 320
"""Longer side of grey pictures: a face that matters keeps some dozen points to follow."""

_LUMA_IS_A_BYTE = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"})
"""Pixel formats whose first plane is 8-bit luma: it is reduced where it lies."""


class ReducedFrames:
    """Makes the pictures of one film; not for several threads at once."""

    def __init__(self, shape: FilmShape, scale: float) -> None:
        """`scale` is the size of colour pictures against the upright frame, at most 1."""
        self._turns = shape.quarter_turns
        longer_px = max(shape.width_px, shape.height_px)
        self.grey_scale = min(1.0, GREY_SIDE_PX / longer_px)
        sideways = self._turns % 2
        upright = (shape.width_px, shape.height_px)
        wide, high = upright[::-1] if sideways else upright
        self._grey_size = (max(1, round(wide * self.grey_scale)), max(1, round(high * self.grey_scale)))
        self._converter = RgbConverter(
            max_side_px=max(1, round(longer_px * scale)), pixel_aspect=shape.pixel_aspect, quarter_turns=self._turns
        )
        self._reformatter = VideoReformatter()

    def picture(self, frame: av.VideoFrame) -> Picture:
        """uint8 (H, W, 3) RGB."""
        return self._converter.picture(frame)

    def grey(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        """uint8 (h, w): luma as the film has it, at `grey_scale`."""
        if frame.format.name in _LUMA_IS_A_BYTE:
            plane = frame.planes[0]
            rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)  # type: ignore[call-overload]
            luma = rows[: frame.height, : frame.width]
            small = cv2.resize(luma, self._grey_size, interpolation=cv2.INTER_AREA)
        else:
            width_px, height_px = self._grey_size
            small = self._reformatter.reformat(
                frame, width=width_px, height=height_px, format="gray", interpolation=EXACT, threads=1
            ).to_ndarray()
        return turned(np.asarray(small, np.uint8), self._turns)
