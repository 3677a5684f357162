"""What a media file may ask of us. Reaching a limit is `MediaUnreadable`, never a slow machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MediaLimits:
    """Bounds for one file. The defaults are near those of public media services."""

    image_pixels: int = 50_000_000
    """A JPEG of this size decodes into 150 MB."""

    image_bytes: int = 32_000_000
    video_pixels: int = 8_294_400
    """Pixels of a frame: 3840 x 2160."""

    video_frames: int = 1_000_000
    duration_s: float = 14_400.0
    audio_duration_s: float = 1_800.0
    """`read_audio` holds the whole sound: half an hour of stereo is 690 MB."""

    file_bytes: int = 20_000_000_000
    streams: int = 8
    channels: int = 8
    probe_timeout_s: float = 10.0
    """Wall time for opening a file."""


DEFAULT_LIMITS = MediaLimits()
