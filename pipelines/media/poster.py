"""One frame of a film as a PNG file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pipelines.media.clip import ClipReader
from pipelines.media.pixels import Picture
from pipelines.media.probe import probe
from schemas.errors import Defect
from schemas.timing import EditRate


def poster(path: Path, tick: int) -> bytes:
    """PNG bytes of frame `tick` of a film or segment of constant rate; of the last frame when it is shorter."""
    frame_rate = probe(path).frame_rate
    rate = EditRate(numerator=frame_rate.numerator, denominator=frame_rate.denominator)
    with ClipReader(path, rate, at_end="hold") as film:
        return png(film.frame_at(tick))


def png(picture: Picture) -> bytes:
    """PNG bytes of uint8 (H, W, 3) RGB, the same for the same pixels."""
    return _encoded(picture, "rgb24")


def grey_png(picture: NDArray[np.uint8]) -> bytes:
    """PNG bytes of uint8 (H, W), 0 black to 255 white, the same for the same pixels."""
    return _encoded(picture, "gray")


def _encoded(picture: NDArray[np.uint8], pixel_format: str) -> bytes:
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = picture.shape[1], picture.shape[0], pixel_format
    encoder.time_base = Fraction(1)
    packets = [*encoder.encode(av.VideoFrame.from_ndarray(picture, pixel_format)), *encoder.encode(None)]
    if len(packets) != 1:
        raise Defect(f"a picture of {picture.shape!r} gave {len(packets)} PNG packets, not 1")
    return bytes(packets[0])
