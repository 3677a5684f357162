"""The memory of a picture as arrays, one a plane, to be changed in place: luma and chroma each at its own size.

4:2:0, 1280x720      luma (720, 1280)   chroma (360, 640)   chroma (360, 640)
4:4:4, or RGB        three planes of one size
grey                 one plane
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from schemas.errors import Defect

Plane = NDArray[Any]
"""uint8 (H, W) for 8 bits a sample, uint16 (H, W) in native order for more. Rows may be padded."""


@dataclass(frozen=True)
class Planes:
    """A picture as it is stored: before rotation, with the pixel aspect that it has."""

    arrays: tuple[Plane, ...]
    """Luma, then blue and red chroma; or green, blue, red; or grey alone. Alpha is not among them."""

    bits: int = 8
    """Of a sample; what is above them in a uint16 is zero."""

    is_rgb: bool = False
    full_range: bool = False
    """Whether black is 0 and not a sixteenth of the range. RGB is."""

    def __post_init__(self) -> None:
        wanted = np.uint8 if self.bits == 8 else np.uint16
        if not self.arrays or any(array.dtype != wanted or array.ndim != 2 for array in self.arrays):
            kinds = [f"{array.dtype} {array.shape}" for array in self.arrays]
            raise Defect(f"planes of {self.bits!r} bits are {np.dtype(wanted)} (H, W), got {kinds}")

    @property
    def height_px(self) -> int:
        """Of the picture, and of its first plane."""
        return int(self.arrays[0].shape[0])

    @property
    def width_px(self) -> int:
        """Of the picture, and of its first plane."""
        return int(self.arrays[0].shape[1])

    @property
    def black(self) -> tuple[int, ...]:
        """The sample of each plane that shows black."""
        unit = 1 << (self.bits - 8)
        darkest = 0 if self.full_range or self.is_rgb else 16 * unit
        chroma = darkest if self.is_rgb else 128 * unit
        return (darkest, *(chroma for _ in self.arrays[1:]))


def editable(format_name: str) -> bool:
    """Whether pictures of a pixel format are planes as `Planes` has them."""
    pixel_format = av.VideoFormat(format_name)
    parts = pixel_format.components
    bits = {part.bits for part in parts}
    one_each = len({part.plane for part in parts}) == len(parts) and not any(part.is_alpha for part in parts)
    plain = not (pixel_format.has_palette or pixel_format.is_bit_stream or pixel_format.is_big_endian)
    return one_each and plain and len(bits) == 1 and 8 <= min(bits) <= 16


def planes_of(frame: av.VideoFrame) -> Planes:
    """Views on the memory of a frame of an editable pixel format.

    Raises:
        Defect: another pixel format.
    """
    if not editable(frame.format.name):
        raise Defect(f"pixel format {frame.format.name!r} has no planes to change")
    bits = frame.format.components[0].bits
    arrays = tuple(_view(plane, bits) for plane in frame.planes)
    full_range = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return Planes(arrays, bits, is_rgb=frame.format.is_rgb, full_range=full_range)


def _view(plane: av.video.plane.VideoPlane, bits: int) -> Plane:
    samples = np.frombuffer(plane, np.uint8 if bits == 8 else np.uint16)  # type: ignore[call-overload]
    stride = plane.line_size // samples.itemsize
    view: Plane = samples.reshape(plane.height, stride)[:, : plane.width]
    return view
