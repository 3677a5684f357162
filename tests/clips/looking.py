"""What a film holds, for comparing two of them: when its frames are shown, how they look, and its other packets."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pipelines.media.clip import frame_times
from pipelines.media.pixels import RgbConverter
from pipelines.media.source import best_picture, open_media

Track = tuple[str, str | None, list[tuple[Fraction, Fraction, bytes]]]


def times(path: Path) -> tuple[list[Fraction], Fraction]:
    """Seconds at which each frame of the best picture is shown, and when the last one is over."""
    with open_media(path) as (container, _):
        read = frame_times(path, container, best_picture(path, container))
    return [pts * read.time_base for pts in read.pts], read.end_pts * read.time_base


def shown(path: Path) -> list[NDArray[np.uint8]]:
    """uint8 (H, W, 3) RGB: the frames of the best picture as a player shows them."""
    with open_media(path) as (container, _):
        stream = best_picture(path, container)
        converter = RgbConverter(pixel_aspect=stream.sample_aspect_ratio or None)
        return [converter.picture(frame) for frame in container.decode(stream)]


def packets(path: Path, kinds: Collection[str] = ("audio", "subtitle")) -> list[Track]:
    """Kind, language and packets (time and duration in seconds, bytes) of the streams of some kinds."""
    with av.open(str(path)) as container:
        streams = [stream for stream in container.streams if stream.type in kinds]
        found: dict[int, Track] = {stream.index: (stream.type, stream.language, []) for stream in streams}
        for packet in container.demux(*streams) if streams else ():
            if packet.pts is not None:
                base = packet.time_base
                found[packet.stream.index][2].append((packet.pts * base, (packet.duration or 0) * base, bytes(packet)))
    return sorted(found.values(), key=lambda track: (track[0], track[1] or ""))
