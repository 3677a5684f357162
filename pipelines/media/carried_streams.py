"""Which streams of a film go along when its picture is written anew, and in which container is there room for them?

    sound        every stream, packet by packet, or the film is not written
    the rest     never: cover pictures, other pictures, data (positions, gyroscopes), attachments, chapters, and
                 subtitles, in which cameras write positions and people write names

What is left out never passes the edit: a cover or a second picture would show what the edit hides. Of a stream's
metadata only its language and its disposition go along; titles, dates, places and device names stay behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.sniff import sniff
from pipelines.media.source import best_picture, open_media, reading
from schemas.errors import InvalidInput

CONTAINERS: Mapping[str, str] = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".webm": "webm",
}
"""Suffix of a film that is written -> FFmpeg's muxer."""

_PCM = "pcm_u8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le pcm_f64le"
_SOUND: Mapping[str, frozenset[str]] = {
    "mp4": frozenset(("aac", "mp3", "opus", "flac", "alac", "ac3", "eac3")),
    "mov": frozenset(f"aac mp3 alac ac3 eac3 {_PCM}".split()),
    "matroska": frozenset(f"aac mp3 opus vorbis flac alac ac3 eac3 dts truehd {_PCM}".split()),
    "webm": frozenset(("opus", "vorbis")),
}
"""What players expect there. FFmpeg would also write Vorbis or PCM into MP4; few play them."""

_KEPT_DISPOSITION = ~(Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image)


@dataclass(frozen=True)
class Carried:
    """Streams of a source by their index."""

    sound: tuple[int, ...]
    left_out: tuple[str, ...]
    """What stays behind, in words."""


def container_for(source: Path, *, limits: MediaLimits = DEFAULT_LIMITS) -> str:
    """The suffix under which a film is best written anew: its own, or `.mkv` if its own cannot hold what it has.

    Raises:
        MediaUnreadable: no moving picture, damaged, or beyond `limits`.
    """
    own = own_suffix(source)
    with open_media(source, limits) as (container, _):
        picture = best_picture(source, container)
        pixel_format = picture.codec_context.pix_fmt if picture.codec_context is not None else None
        deep = pixel_format is not None and max(part.bits for part in av.VideoFormat(pixel_format).components) > 8
        held = all(_codec(stream) in _SOUND[CONTAINERS[own]] for stream in container.streams.audio)
    return ".mkv" if not held or (own == ".webm" and deep) else own


def own_suffix(source: Path) -> str:
    """The suffix that fits what a film is, whatever its name.

    Raises:
        MediaUnreadable: it is none that is accepted.
    """
    return {"mov": ".mov", "mkv": ".mkv", "webm": ".webm"}.get(sniff(source).name, ".mp4")


def left_out(source: Path, *, limits: MediaLimits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """What stays behind when a film is written anew, in words; nothing when it is one picture and its sound.

    Raises:
        MediaUnreadable: no moving picture, damaged, or beyond `limits`.
    """
    with open_media(source, limits) as (container, _):
        picture = best_picture(source, container)
        others = [stream for stream in container.streams if stream.index != picture.index and stream.type != "audio"]
        return tuple(_words(stream) for stream in others)


def carried(source: Path, container: InputContainer, target: Path) -> Carried:
    """What goes along with the best picture of a file into `target`.

    Raises:
        MediaUnreadable: there is no moving picture.
        InvalidInput: the suffix of `target` is unknown, or its container holds no sound of this kind.
    """
    muxer, picture = muxer_of(target), best_picture(source, container)
    sound, behind = [], []
    for stream in container.streams:
        if stream.index == picture.index:
            continue
        if stream.type == "audio":
            if (codec := _codec(stream)) not in _SOUND[muxer]:
                room = [suffix for suffix in CONTAINERS if codec in _SOUND[CONTAINERS[suffix]]]
                raise InvalidInput(
                    f"{source.name!r} sounds in {codec!r}, for which {target.suffix!r} has no room; "
                    f"{', '.join(room) or 'nothing here'} has"
                )
            sound.append(stream.index)
        else:
            behind.append(_words(stream))
    return Carried(tuple(sound), tuple(behind))


def muxer_of(target: Path) -> str:
    """FFmpeg's muxer for the suffix of a file.

    Raises:
        InvalidInput: no film is written under that suffix.
    """
    suffix = target.suffix.lower()
    if suffix not in CONTAINERS:
        raise InvalidInput(f"a film is written as {', '.join(CONTAINERS)}, not as {target.name!r}")
    return CONTAINERS[suffix]


def add_carried(path: Path, source: InputContainer, streams: Carried, output: OutputContainer) -> Iterator[Packet[Any]]:
    """Add a stream to `output` for each that goes along; what comes back reads their packets, in the order of the file.

    Raises:
        MediaUnreadable: while reading, the file `path` of `source` is damaged.
    """
    added = {}
    for index in streams.sound:
        template = source.streams[index]
        stream = output.add_stream_from_template(template)
        if template.language:
            stream.metadata["language"] = template.language
        stream.disposition = template.disposition & _KEPT_DISPOSITION
        added[index] = stream
    return _packets(path, source, added)


def _packets(path: Path, source: InputContainer, added: Mapping[int, Stream]) -> Iterator[Packet[Any]]:
    if not added:
        return
    with reading(path):
        for packet in source.demux(*(source.streams[index] for index in added)):
            if packet.dts is None and packet.pts is None:
                continue  # what FFmpeg sends at the end of a file to flush decoders
            if packet.dts is None:
                packet.dts = packet.pts
            packet.stream = added[packet.stream.index]
            yield packet


def _codec(stream: Stream) -> str:
    return stream.codec_context.codec.canonical_name if stream.codec_context is not None else "an unknown coding"


def _words(stream: Stream) -> str:
    if stream.type == "video":
        if stream.disposition & Disposition.attached_pic:
            return "a cover picture"
        return f"another picture (stream {stream.index})"
    what = {"subtitle": f"subtitles in {_codec(stream)}", "data": "data", "attachment": "an attachment"}
    return f"{what.get(stream.type, 'something unknown')} (stream {stream.index})"
