"""Small films of numbered test cards, in any coding, for tests that look at times, tracks and pixels rather than faces.

+-----------------+
| red      bits   |     corner by corner another colour, so that a turned or mirrored picture shows;
|       ####      |     the frame's number in black and white squares along the top;
| white    blue   |     a face's worth of stripes in the middle that every effect changes
+-----------------+
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.codec.context import Flags
from numpy.typing import NDArray

BITS = 8
"""Squares along the top; numbers from 0 to 255."""

QUIET: Mapping[str, Mapping[str, str]] = {
    "libx264": {"preset": "ultrafast", "crf": "4", "bf": "2"},
    "libx265": {"preset": "ultrafast", "crf": "4", "x265-params": "log-level=none"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8", "crf": "4"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "b": "2000000"},
}
"""Encoder -> what makes it quick, faithful and silent."""

STEREO_S16 = ("flac", "pcm_s16le")


@dataclass(frozen=True)
class Card:
    """How a film of cards is stored. The defaults are those of an ordinary film."""

    width_px: int = 160
    height_px: int = 90
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    times: Sequence[int] = tuple(range(0, 12 * 40, 40))
    """Timestamp of each card in units of `time_base`."""

    time_base: Fraction = Fraction(1, 1000)
    rotation: int = 0
    """Degrees counter-clockwise by which players turn it; the cards are stored lying, so that they stand then."""

    pixel_aspect: Fraction | None = None
    colours: tuple[int, int, int, int] | None = None
    """Matrix, primaries, transfer and range as FFmpeg numbers them."""

    interlaced: bool = False
    key_every: int = 0
    """Frames from one key frame to the next; 0 leaves it to the encoder."""

    sounds: Sequence[str] = ()
    """Encoder of each sound track: a tone of its own pitch, one second long."""

    sound_starts_s: Fraction = Fraction(0)
    subtitles: str = ""
    """`subrip` or `mov_text`: one line from 0 to 0.2 s."""

    metadata: Mapping[str, str] = field(default_factory=dict)
    track_metadata: Mapping[str, str] = field(default_factory=dict)
    """Of each sound track."""

    attachment: bytes = b""
    cover: bool = False
    muxer: Mapping[str, str] = field(default_factory=dict)


def card(number: int, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """uint8 (H, W, 3) RGB, upright."""
    picture = np.full((height_px, width_px, 3), 110, np.uint8)
    high, wide = height_px // 4, width_px // 4
    picture[-high:, :wide], picture[-high:, -wide:], picture[:high, :wide] = 235, (20, 20, 220), (220, 20, 20)
    picture[high : 2 * high, wide:-wide:4] = 30
    picture[high : 2 * high, wide + 1 : -wide : 4] = 220
    side = (width_px - wide) // BITS
    for bit in range(BITS):
        picture[:high, wide + bit * side : wide + (bit + 1) * side] = 225 if number >> bit & 1 else 25
    return picture


def number_of(picture: NDArray[np.uint8]) -> int:
    """The number on a decoded upright card."""
    height_px, width_px = picture.shape[:2]
    wide = width_px // 4
    side = (width_px - wide) // BITS
    middles = (wide + bit * side + side // 2 for bit in range(BITS))
    return sum(int(picture[height_px // 8, x].mean() > 128) << bit for bit, x in enumerate(middles))


def card_film(path: Path, made: Card | None = None, **given: Any) -> Path:
    """Writes cards 0, 1, 2, ... to `path`, whose suffix is the format; `given` are fields of `Card`."""
    made = made or Card(**given)
    turns = made.rotation // 90
    size = (made.width_px, made.height_px)[:: -1 if turns % 2 else 1]
    with av.open(str(path), "w", options=dict(made.muxer)) as container:
        container.metadata.update(made.metadata)
        stream = _add_picture(container, made, size)
        tracks = [container.add_stream(codec, rate=48_000, layout="mono") for codec in made.sounds]
        for index, track in enumerate(tracks):
            track.metadata["language"] = ("eng", "deu")[index % 2]
            track.metadata.update(made.track_metadata)
        text = container.add_mux_stream(made.subtitles) if made.subtitles else None
        if made.attachment:
            container.add_attachment("a.ttf", "font/ttf", made.attachment)
        if made.cover:
            _mux_cover(container)
        for number, pts in enumerate(made.times):
            lying = np.ascontiguousarray(np.rot90(card(number, made.width_px, made.height_px), -turns))
            frame = av.VideoFrame.from_ndarray(lying).reformat(format=made.pixel_format)
            frame.pts, frame.time_base = pts, made.time_base
            container.mux(stream.encode(frame))
            if number == 0:
                _mux_tracks(container, made, tracks, text)
        container.mux(stream.encode(None))
    return path


def _add_picture(container: av.container.OutputContainer, made: Card, size: tuple[int, int]) -> av.VideoStream:
    stream = container.add_stream(made.codec, rate=25, options=dict(QUIET.get(made.codec, {})))
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = *size, made.pixel_format
    context = stream.codec_context
    context.time_base, context.thread_count = made.time_base, 1
    if made.key_every:
        context.gop_size = made.key_every
    if made.rotation:
        stream.set_display_rotation(made.rotation)
    if made.pixel_aspect:
        context.sample_aspect_ratio = made.pixel_aspect
    if made.interlaced:
        context.flags |= Flags.interlaced_dct
    if made.colours:
        context.colorspace, context.color_primaries, context.color_trc, context.color_range = made.colours
    return stream


def _mux_tracks(container: av.container.OutputContainer, made: Card, tracks: Sequence[Any], text: Any) -> None:
    for index, track in enumerate(tracks):
        tone = 0.2 * np.sin(2 * np.pi * (330 + 110 * index) * np.arange(48_000) / 48_000)
        whole = made.sounds[index] in STEREO_S16
        samples = (32_767 * tone).astype(np.int16) if whole else tone.astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16" if whole else "flt", layout="mono")
        frame.rate, frame.time_base = 48_000, Fraction(1, 48_000)
        frame.pts = round(made.sound_starts_s * 48_000)
        container.mux(track.encode(frame))
        container.mux(track.encode(None))
    if text is not None:
        line = b"hello"
        packet = av.Packet(len(line).to_bytes(2, "big") + line if made.subtitles == "mov_text" else line)
        packet.stream, packet.time_base = text, Fraction(1, 1000)
        packet.pts = packet.dts = 0
        packet.duration = 200
        container.mux(packet)


def _mux_cover(container: av.container.OutputContainer) -> None:
    stream = container.add_stream("mjpeg")
    stream.width, stream.height, stream.pix_fmt = 32, 32, "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    container.mux(
        stream.encode(av.VideoFrame.from_ndarray(np.full((32, 32, 3), 90, np.uint8)).reformat(format="yuvj420p"))
    )
    container.mux(stream.encode(None))
