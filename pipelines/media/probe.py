"""What a file is, from its first bytes and its headers, before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.container import InputContainer

from pipelines.media.image import check_image_header
from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.sniff import MediaFormat, sniff
from pipelines.media.source import best_picture, decodable, open_media, pictures
from schemas.errors import MediaUnreadable


@dataclass(frozen=True)
class MediaFacts:
    """Facts of a media file. Numbers come from headers."""

    form: Literal["image", "clip", "audio"]
    format: str
    media_type: str
    width_px: int = 0
    height_px: int = 0
    """As stored, before rotation; 0 when the header does not say, and for sound."""

    frame_rate: Fraction = Fraction(0)
    duration_s: float = 0.0
    sample_rate_hz: int = 0
    channels: int = 0
    """0 when there is no sound."""


def probe(path: Path, *, limits: MediaLimits = DEFAULT_LIMITS) -> MediaFacts:
    """The facts of a media file.

    Raises:
        MediaUnreadable: not an accepted format, damaged, empty of picture and sound, or beyond `limits`.
    """
    found = sniff(path)
    if found.form == "image":
        width_px, height_px = check_image_header(path, limits) or (0, 0)
        with open_media(path, limits) as (container, _):
            decodable(path, container.streams.video[0])
        return MediaFacts("image", found.name, found.media_type, width_px=width_px, height_px=height_px)
    with open_media(path, limits) as (container, _):
        return _stream_facts(path, container, found)


def _stream_facts(path: Path, container: InputContainer, found: MediaFormat) -> MediaFacts:
    sounding = container.streams.audio
    picture = best_picture(path, container) if pictures(container) else None
    if picture is not None:
        decodable(path, picture)
    for sound in sounding[:1]:
        decodable(path, sound)
    if picture is None and not sounding:
        raise MediaUnreadable(f"{path.name!r} holds neither picture nor sound")
    if picture is not None and not (picture.width and picture.height):
        raise MediaUnreadable(f"{path.name!r} is damaged (its picture has no size)")
    return MediaFacts(
        form="clip" if picture is not None else "audio",
        format=found.name,
        media_type=found.media_type if picture is not None else found.media_type.replace("video/", "audio/"),
        width_px=picture.width if picture is not None else 0,
        height_px=picture.height if picture is not None else 0,
        frame_rate=(picture.average_rate or Fraction(0)) if picture is not None else Fraction(0),
        duration_s=(container.duration or 0) / av.time_base,
        sample_rate_hz=sounding[0].rate if sounding else 0,
        channels=sounding[0].channels if sounding else 0,
    )
