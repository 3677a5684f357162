"""Still pictures: JPEG, PNG, WebP."""

from __future__ import annotations

import struct
from pathlib import Path

from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.pixels import Picture, RgbConverter
from pipelines.media.sniff import sniff
from pipelines.media.source import decodable, open_media
from schemas.errors import MediaUnreadable


def read_image(path: Path, *, max_side_px: int | None = None, limits: MediaLimits = DEFAULT_LIMITS) -> Picture:
    """uint8 (H, W, 3) RGB: the picture, turned as its EXIF orientation says, over white where it is transparent.

    Args:
        path: JPEG, PNG or WebP; of an animation, the first frame.
        max_side_px: When the longer side is above this, the picture is reduced to it.
        limits: Bounds on pixels and bytes.

    Raises:
        MediaUnreadable: no such picture, damaged, or beyond `limits`.
    """
    check_image_header(path, limits)
    with open_media(path, limits) as (container, _):
        stream = container.streams.video[0]
        decodable(path, stream)
        for frame in container.decode(stream):
            if frame.is_corrupt:
                break
            return RgbConverter(max_side_px=max_side_px).picture(frame)
    raise MediaUnreadable(f"{path.name!r} is damaged (it holds no whole picture)")


def check_image_header(path: Path, limits: MediaLimits = DEFAULT_LIMITS) -> tuple[int, int] | None:
    """Width and height that the header of an image claims, in pixels; None when it is read only by decoding.

    Raises:
        MediaUnreadable: not an image, or it claims more pixels than `limits.image_pixels`.
    """
    found = sniff(path)
    if found.form != "image":
        raise MediaUnreadable(f"{path.name!r} is {found.name}, not an image")
    with path.open("rb") as file:
        head = file.read(min(limits.image_bytes, 1 << 20))
    claimed = {"png": _png_size, "jpeg": _jpeg_size, "webp": _webp_size}[found.name](head)
    if claimed is not None and claimed[0] * claimed[1] > limits.image_pixels:
        raise MediaUnreadable(
            f"{path.name!r} claims {claimed[0]} x {claimed[1]} pixels, at most {limits.image_pixels} are read"
        )
    return claimed


def _png_size(head: bytes) -> tuple[int, int] | None:
    if len(head) < 24 or head[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    """From the first start-of-frame segment (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    """From the extended header; simple files are at most 16383 pixels a side and their decoder checks them."""
    if head[12:16] != b"VP8X" or len(head) < 30:
        return None
    return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
