"""A media file opened with its sniffed format pinned, whitelists on, and FFmpeg's errors turned into ours.

path -> sniff -> size -> av.open(file:/..., format=<sniffed>, protocol, format and codec whitelists) -> streams checked
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition

from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.sniff import MediaFormat, sniff
from schemas.errors import MediaUnreadable, ReelwrightError

_CODECS = (
    "h264 hevc vp8 vp9 av1 libdav1d libvpx libvpx-vp9 mpeg4 mjpeg png webp prores "
    "aac mp3 mp3float opus libopus vorbis flac alac pcm_u8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be "
    "pcm_f32le pcm_f64le mov_text"
)
CODECS = frozenset(_CODECS.split())
"""Decoders that may run. Everything else in FFmpeg stays closed to files from outside."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """The wall between FFmpeg's errors and ours: any of them is `MediaUnreadable` of `path`."""
    try:
        yield
    except FFmpegError as exc:
        reason = "takes too long to open" if isinstance(exc, av.error.ExitError) else f"is damaged ({exc.strerror})"
        raise MediaUnreadable(f"{path.name!r} {reason}") from exc
    except (UnicodeDecodeError, MemoryError) as exc:
        raise MediaUnreadable(f"{path.name!r} is damaged ({exc})") from exc


@contextmanager
def known_as(path: Path, name: str) -> Iterator[None]:
    """Errors inside call `path` by `name`: a stored file is named by its hash, which tells its user nothing."""
    try:
        yield
    except ReelwrightError as exc:
        exc.message = exc.message.replace(repr(path.name), repr(name))
        exc.args = (exc.message,)
        raise


@contextmanager
def open_media(path: Path, limits: MediaLimits = DEFAULT_LIMITS) -> Iterator[tuple[InputContainer, MediaFormat]]:
    """The file's container and format; errors inside the block count as damage of the file.

    Raises:
        MediaUnreadable: not an accepted format, damaged, or beyond `limits`.
    """
    found = sniff(path)
    _check_size(path, found, limits)
    with reading(path), _opened(path, found, limits) as container:
        _check_streams(path, container, limits)
        _check_pixels(path, container, found, limits)
        yield container, found


def pictures(container: InputContainer) -> list[av.VideoStream]:
    """The moving pictures of a container: cover art in a sound file is not one."""
    return [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]


def best_picture(path: Path, container: InputContainer) -> av.VideoStream:
    """The moving picture with the most pixels; of equal ones, the first.

    Raises:
        MediaUnreadable: there is none.
    """
    moving = pictures(container)
    if not moving:
        raise MediaUnreadable(f"{path.name!r} holds no moving picture")
    return max(moving, key=_pixels)


def decoded(
    container: InputContainer, stream: av.VideoStream | av.AudioStream
) -> Iterator[av.VideoFrame | av.AudioFrame | Packet[Any]]:
    """The frames of a stream from where the container stands, in presentation order.

    A packet that cannot be decoded comes out itself, as soon as the decoder refuses it: before the frames that the
    decoder still holds back to reorder them.
    """
    for packet in container.demux(stream):
        try:
            frames = cast(list[av.VideoFrame | av.AudioFrame], packet.decode())
        except av.error.MemoryError:
            raise
        except FFmpegError:
            # not InvalidDataError alone: the AAC decoder, for one, makes error numbers of what it reads
            yield packet
        else:
            yield from frames


def _pixels(stream: av.VideoStream) -> int:
    # a stream without a decoder has no size to ask for; whoever wants its frames is refused by `decodable`
    return stream.width * stream.height if stream.codec_context is not None else 0


def decodable(path: Path, stream: av.VideoStream | av.AudioStream) -> None:
    """Refuse a stream whose decoder is not on the list."""
    if stream.codec_context is None:
        raise MediaUnreadable(f"{path.name!r} is coded in a way that nothing here decodes")
    name = stream.codec_context.codec.name
    if name not in CODECS:
        raise MediaUnreadable(f"{path.name!r} is coded as {name!r}, which is not accepted")


def _opened(path: Path, found: MediaFormat, limits: MediaLimits) -> InputContainer:
    pixels = _most_pixels(found, limits)
    options = {
        # `file:` keeps a name like `concat:a|b` or `http:x` from being taken for a protocol.
        "protocol_whitelist": "file",
        "format_whitelist": f"{found.demuxer},{av.ContainerFormat(found.demuxer, 'r').name}",
        "codec_whitelist": ",".join(sorted(CODECS)),
        "max_pixels": str(pixels),
        "max_streams": str(limits.streams + 1),
    }
    container = av.open(
        f"file:{path.absolute()}",
        "r",
        format=found.demuxer,
        options=options,
        metadata_errors="replace",
        timeout=(limits.probe_timeout_s, None),
    )
    for stream in (*container.streams.video, *container.streams.audio):
        if stream.codec_context is not None:
            stream.codec_context.options = {"max_pixels": str(pixels)}
            stream.codec_context.thread_count = 1
    return container


def _check_size(path: Path, found: MediaFormat, limits: MediaLimits) -> None:
    size = path.stat().st_size
    limit = limits.image_bytes if found.form == "image" else limits.file_bytes
    if size > limit:
        raise MediaUnreadable(f"{path.name!r} has {size} bytes, more than {limit} are not read")


def _check_pixels(path: Path, container: InputContainer, found: MediaFormat, limits: MediaLimits) -> None:
    """By the headers; whoever claims less than there is meets the decoder's own limit."""
    limit = _most_pixels(found, limits)
    for stream in pictures(container):
        if _pixels(stream) > limit:
            size = f"{stream.width} x {stream.height}"
            raise MediaUnreadable(f"{path.name!r} has a picture of {size} pixels, at most {limit} are read")


def _most_pixels(found: MediaFormat, limits: MediaLimits) -> int:
    return limits.image_pixels if found.form == "image" else limits.video_pixels


def _check_streams(path: Path, container: InputContainer, limits: MediaLimits) -> None:
    if len(container.streams) > limits.streams:
        raise MediaUnreadable(f"{path.name!r} has {len(container.streams)} streams or more, at most {limits.streams}")
    for stream in container.streams.audio:
        # a stream without a decoder has no channels to ask for; whoever wants its sound is refused by `decodable`
        if stream.codec_context is not None and stream.channels > limits.channels:
            raise MediaUnreadable(f"{path.name!r} has {stream.channels} channels, at most {limits.channels}")
    duration_s = (container.duration or 0) / av.time_base
    if duration_s > limits.duration_s:
        raise MediaUnreadable(f"{path.name!r} lasts {duration_s:.0f} s, at most {limits.duration_s:.0f} s")
