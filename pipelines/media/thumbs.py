"""What does a decoded frame look like at a glance? A thumb of 64 x 36 cells, at a tenth of the cost of decoding.

    planes as decoded, rows skipped -> halved, halved, ... -> 64 x 36 -> softened -> full range, 8 bits

Planar YUV and grey are read where the decoder left them; every other format is converted first. The thumb keeps the
stored orientation and fills its cells whatever the aspect: a cell is one 64th of the width and one 36th of the height.
"""

from __future__ import annotations

import re
from typing import cast

import av
import cv2
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from actors.visual.signals import THUMB_HEIGHT, THUMB_WIDTH, Thumb

Plane = NDArray[np.uint8] | NDArray[np.uint16]
"""(H, W) of one component; rows may be padded."""

PLANAR = re.compile(r"(yuvj?4[0-4]{2}p|gray)(?:(9|1[0-6])le)?")
"""Formats read in place; the second group is the depth in bits."""

LUMA_ROWS, CHROMA_ROWS = 4, 2
"""Rows of the frame that are read for one of the thumb, at least: of 720 and 1080 lines every fourth. Reading the frame
is what a thumb costs; noise averages out over the width. Read in full, real films gave the same motion (correlation 0.9
and more, means equal to 1 %) and the same boundaries."""


class ThumbMaker:
    """Makes thumbs of the frames of one stream, reusing one converter."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # handing rows to threads costs more than these small pictures
        self._reformatter = VideoReformatter()

    def thumb(self, frame: av.VideoFrame) -> Thumb:
        """The thumb of a frame. Alpha is ignored; grey has neutral chroma."""
        planar = PLANAR.fullmatch(frame.format.name)
        if planar is None:
            frame = self._reformatter.reformat(
                frame, format="yuv420p", dst_color_range=ColorRange.MPEG, interpolation=Interpolation.POINT, threads=1
            )
        depth = int(planar[2] or 8) if planar else 8
        pixels = np.full((THUMB_HEIGHT * 3 // 2, THUMB_WIDTH), 128, np.uint8)
        thumb = Thumb(pixels)
        targets = [thumb.luma, *thumb.chroma]
        curves = _FULL if _is_full_range(frame) else _LIMITED
        for index, (target, plane) in enumerate(zip(targets, frame.planes, strict=False)):
            height, width = target.shape
            small = _reduced(_view(plane, depth), height, width, CHROMA_ROWS if index else LUMA_ROWS)
            if depth > 8:
                small = (small >> (depth - 8)).astype(np.uint8)
            cv2.LUT(cv2.blur(small, (3, 3)), curves[index > 0], dst=target)
        return thumb


def _is_full_range(frame: av.VideoFrame) -> bool:
    """What the format or the stream says; grey that says nothing is full, as swscale has it, the rest is limited."""
    name = frame.format.name
    if name.startswith("yuvj"):
        return True
    if frame.color_range == ColorRange.UNSPECIFIED:
        return name.startswith("gray")
    return frame.color_range == ColorRange.JPEG


def _view(plane: VideoPlane, depth: int) -> Plane:
    """One component where the decoder left it."""
    kind = np.dtype(np.uint8 if depth == 8 else "<u2")
    samples = np.frombuffer(plane, kind)  # type: ignore[call-overload]
    rows: Plane = samples.reshape(-1, plane.line_size // kind.itemsize)[: plane.height, : plane.width]
    return rows


def _reduced(plane: Plane, height: int, width: int, rows_per_cell: int) -> Plane:
    """(height, width): halved both ways while that leaves enough, which is fast, then interpolated."""
    step = 1
    while plane.shape[0] >= 2 * step * rows_per_cell * height:
        step *= 2
    plane = plane[::step]
    while plane.shape[0] >= 2 * height and plane.shape[1] >= 2 * width:
        plane = _resized(plane, plane.shape[0] // 2, plane.shape[1] // 2, cv2.INTER_AREA)
    # interpolation looks at two cells each way, so one side of an unusual aspect is brought near first
    while plane.shape[0] >= 3 * height:
        plane = _resized(plane, plane.shape[0] // 2, plane.shape[1], cv2.INTER_LINEAR)
    while plane.shape[1] >= 3 * width:
        plane = _resized(plane, plane.shape[0], plane.shape[1] // 2, cv2.INTER_LINEAR)
    return _resized(plane, height, width, cv2.INTER_LINEAR)


def _resized(plane: Plane, height: int, width: int, interpolation: int) -> Plane:
    """(height, width). An odd last row or column is left out of a halving, which is fast only at exactly two."""
    down, across = plane.shape[0] // height, plane.shape[1] // width
    if interpolation == cv2.INTER_AREA:
        plane = plane[: height * down, : width * across]
    return cast(Plane, cv2.resize(plane, (width, height), interpolation=interpolation))


def _curve(low: int, span: int, middle: int) -> NDArray[np.uint8]:
    """Look-up from limited to full range: `low` maps to 0 for luma (`middle` 0), `middle` stays for chroma."""
    levels = (np.arange(256) - low) * 255 / span + middle
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


_FULL = (np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8))
_LIMITED = (_curve(16, 219, 0), _curve(128, 224, 128))
"""Look-ups for luma and chroma. Source: ITU-R BT.709, item 4.6 (quantisation levels)."""
