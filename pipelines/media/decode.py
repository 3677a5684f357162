"""The readers that stages use: pictures, moving pictures and sounds of a library, as arrays."""

from __future__ import annotations

from pipelines.media.clip import ClipReader
from pipelines.media.image import read_image
from pipelines.media.sound import read_audio

__all__ = ["ClipReader", "read_audio", "read_image"]
