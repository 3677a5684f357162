"""A film file whose picture is encoded behind the caller's back, with the sound of another film copied in.

    caller    put 2 | put 3 | ...          at most AHEAD frames wait
    worker    encode 1 | mux | encode 2 | mux ...

Packets that are copied are read as the picture's come to their time, so that memory does not grow with the film. The
target appears when it is whole. What makes its bytes repeat: fixed threads, bit-exact flags, no dates.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import av
from av.buffer import Buffer
from av.codec.context import Flags
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet

from pipelines.media.carried_streams import Carried, add_carried, muxer_of
from pipelines.media.clip import FrameTimes
from pipelines.media.picture_coding import THREADS, PictureConverter, PictureLook, picture_coding, set_colours
from pipelines.media.source import best_picture
from pipelines.media.whole_file import whole_file
from schemas.errors import Defect, Unavailable

AHEAD = 4
"""Frames that wait before a stage: enough to even out key frames, 6 MB at 1280x720, 50 MB at 3840x2160."""

_MAX_MOVIE_TIMESCALE = 10_000_000
_DISPLAY_MATRIX = struct.Struct("=9i")


class FilmWriter:
    """Encodes frames behind the caller's back and puts the packets that go along between them."""

    def __init__(
        self,
        source: Path,
        target: Path,
        container: InputContainer,
        along: Carried,
        first: av.VideoFrame,
        times: FrameTimes,
    ) -> None:
        self._target, self._times = target, times
        self._waiting: deque[Future[None]] = deque()
        self._exit = ExitStack()
        try:
            muxer = muxer_of(target)
            self._output = self._exit.enter_context(_film_file(target, muxer, _muxer_options(muxer, container, times)))
            self._stream, self.converter = _add_picture(
                self._output, muxer, best_picture(source, container), first, times
            )
            self._along = add_carried(source, container, along, self._output)
            self._next_along = next(self._along, None)
            self._worker = self._exit.enter_context(ThreadPoolExecutor(1, "encode"))
        except BaseException as exc:
            self._exit.__exit__(type(exc), exc, exc.__traceback__)
            raise

    def put(self, frame: av.VideoFrame) -> None:
        """Hand a frame over; the caller must not touch it any more."""
        if len(self._waiting) >= AHEAD:
            self._waiting.popleft().result()
        self._waiting.append(self._worker.submit(self._encode, frame))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if exc is not None:
            self._exit.__exit__(kind, exc, trace)
            return
        with self._exit:
            while self._waiting:
                self._waiting.popleft().result()
            self._worker.submit(self._encode, None).result()

    def _encode(self, frame: av.VideoFrame | None) -> None:
        """Encode and mux a frame, or what is left."""
        with _writing(self._target):
            if frame is not None:
                # the kind of frame that the source's encoder chose would force ours
                frame.pict_type = 0
                frame.time_base = self._times.time_base
            for packet in self._stream.encode(frame):
                self._mux(packet)
            if frame is None:
                while self._next_along is not None:
                    self._mux_along()

    def _mux(self, packet: Packet[Any]) -> None:
        assert packet.pts is not None and packet.dts is not None
        packet.duration = _shown_for(self._times, packet.pts)
        dts_s = packet.dts * packet.time_base
        while self._next_along is not None and (self._next_along.dts or 0) * self._next_along.time_base <= dts_s:
            self._mux_along()
        self._output.mux(packet)

    def _mux_along(self) -> None:
        assert self._next_along is not None
        self._output.mux(self._next_along)
        self._next_along = next(self._along, None)


def _add_picture(
    output: OutputContainer, muxer: str, picture: av.VideoStream, first: av.VideoFrame, times: FrameTimes
) -> tuple[av.VideoStream, PictureConverter]:
    rate = picture.average_rate or len(times.pts) / times.duration_s
    steps = {later - sooner for sooner, later in pairwise((*times.pts, times.end_pts))}
    look = PictureLook(
        first.width, first.height, first.format.name, Fraction(rate), first.interlaced_frame, uneven=len(steps) > 1
    )
    coding = picture_coding(look, muxer)
    stream = output.add_stream(coding.encoder, rate=rate, options=dict(coding.options))
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height, stream.pix_fmt = first.width, first.height, coding.pixel_format
    stream.time_base = times.time_base
    context = stream.codec_context
    context.time_base, context.thread_count = times.time_base, THREADS
    context.flags |= Flags.bitexact
    if coding.interlaced:
        context.flags |= Flags.interlaced_dct | Flags.interlaced_me
    if coding.tag:
        context.codec_tag = coding.tag
    if picture.sample_aspect_ratio:
        context.sample_aspect_ratio = picture.sample_aspect_ratio
    set_colours(context, first)
    _keep_upright(stream, first)
    if picture.language:
        stream.metadata["language"] = picture.language
    return stream, PictureConverter(coding.pixel_format)


def _keep_upright(stream: av.VideoStream, frame: av.VideoFrame) -> None:
    """Have the stream turned as the frame is turned to be shown."""
    try:
        matrix = cast(Buffer | None, frame.side_data.get("DISPLAYMATRIX"))
    except ValueError:
        # PyAV reads no side data of a frame that also carries a kind it does not know, but it tells the turn
        if frame.rotation:
            stream.set_display_rotation(frame.rotation)
        return
    if matrix is not None:
        stream.set_display_matrix(_DISPLAY_MATRIX.unpack(bytes(matrix)))


def _muxer_options(muxer: str, source: InputContainer, times: FrameTimes) -> dict[str, str]:
    options = {"fflags": "+bitexact"}
    if muxer in ("mp4", "mov"):
        units = [times.time_base, *(stream.time_base for stream in source.streams.audio if stream.time_base)]
        exact = math.lcm(*(unit.denominator for unit in units))
        options["movflags"] = "+faststart"
        # the unit of edit lists, which say by how much the picture begins before or after the sound
        options["movie_timescale"] = str(exact if exact <= _MAX_MOVIE_TIMESCALE else times.time_base.denominator)
        if times.time_base.numerator == 1:
            options["video_track_timescale"] = str(times.time_base.denominator)
    return options


def _shown_for(times: FrameTimes, pts: int) -> int:
    after = bisect_left(times.pts, pts) + 1
    return (times.pts[after] if after < len(times.pts) else times.end_pts) - pts


@contextmanager
def _film_file(target: Path, muxer: str, options: dict[str, str]) -> Iterator[OutputContainer]:
    with (
        _writing(target),
        whole_file(target) as partial,
        av.open(str(partial), "w", format=muxer, options=options) as output,
    ):
        yield output


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """The wall between FFmpeg's errors and ours on the side that writes."""
    try:
        yield
    except FFmpegError as exc:
        if isinstance(exc, OSError):
            raise Unavailable(f"{target.name!r} cannot be written: {exc.strerror}") from exc
        raise Defect(f"{target.name!r} cannot be encoded: {exc.strerror}") from exc
