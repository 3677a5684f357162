"""The frames of a film in presentation order, each with its timestamp, from any key frame to any timestamp.

    packets      I0 P3 B1 B2 | I4 P7 B5 B6 | ...          demuxed once for their times, nothing decoded
    segments     [ 0 .. 4 )    [ 4 .. 8 )                 begin where decoding can begin
    frames       0 1 2 3       4 5 6 7                    the decoder gives them in presentation order

A frame that the decoder marks as damaged comes out as such. One that it leaves out, or whose packet cannot be decoded,
is missing from the sequence, and whoever counts frames sees the hole in the timestamps. What may be predicted from it,
up to the next key frame, comes out as damaged.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av

from pipelines.media.clip import FrameTimes, frame_times
from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.source import best_picture, decodable, decoded, open_media, reading
from pipelines.media.stream_ends import cut_off_from_s
from schemas.errors import MediaUnreadable

MOST_LOST = Fraction(1, 2)
"""Share of a film's frames without which it still counts as one that can be read."""


@dataclass(frozen=True)
class FilmShape:
    """What every frame of a film has in common."""

    width_px: int
    """Width of the upright picture with square pixels."""

    height_px: int
    """Height of it."""

    stored_width_px: int
    stored_height_px: int
    """As coded, before rotation and pixel aspect."""

    pixel_aspect: Fraction
    """Width of a stored pixel over its height."""

    quarter_turns: int
    """Counter-clockwise turns by 90 degrees that make a stored frame upright, 0 to 3."""

    times: FrameTimes

    @property
    def variable_frame_rate(self) -> bool:
        """Whether frames last differently long, by more than the rounding of timestamps."""
        steps = [later - sooner for sooner, later in zip(self.times.pts, self.times.pts[1:], strict=False)]
        return bool(steps) and max(steps) - min(steps) > 2

    def time_ms(self, pts: int) -> int:
        """Milliseconds from the first frame of the film, rounded half to even."""
        return round((pts - self.times.pts[0]) * self.times.time_base * 1000)


@dataclass(frozen=True)
class ReadFrame:
    """One frame as the decoder gave it."""

    pts: int
    frame: av.VideoFrame
    is_damaged: bool
    """The decoder had to guess; what it shows may be wrong."""


class FrameReader:
    """Reads the best video stream of a file: the one with the most pixels, cover art aside."""

    def __init__(self, path: Path, *, threads: int = 1, limits: MediaLimits = DEFAULT_LIMITS) -> None:
        """Open a film and read the times of its frames.

        Args:
            path: A file with a moving picture.
            threads: Of the decoder; the frames are the same with any number.
            limits: Bounds on pixels, frames and duration.

        Raises:
            MediaUnreadable: no moving picture, damaged, or beyond `limits`.
        """
        self._path, self._threads, self._limits = path, threads, limits
        with ExitStack() as opening:
            container, _ = opening.enter_context(open_media(path, limits))
            stream = best_picture(path, container)
            decodable(path, stream)
            stream.codec_context.thread_count = threads
            stream.codec_context.thread_type = "AUTO"
            self._container, self._stream = container, stream
            times = frame_times(path, container, stream, limits)
            if (whole_s := cut_off_from_s(container, stream, times)) is not None:
                raise MediaUnreadable(
                    f"{path.name!r} is cut off after {float(times.duration_s):.2f} s of {float(whole_s):.2f} s"
                )
            self.shape = self._shape(times)
            self._exit = opening.pop_all()

    def frames(self, start_pts: int | None = None, end_pts: int | None = None) -> Iterator[ReadFrame]:
        """Frames with `start_pts <= pts < end_pts`, in presentation order.

        Args:
            start_pts: A key frame's, or None for the first frame.
            end_pts: Exclusive, or None for all that follow.

        Raises:
            MediaUnreadable: the file is damaged so that reading cannot go on, or more than MOST_LOST of the film's
                packets cannot be decoded.
        """
        times = self.shape.times
        start = times.pts[0] if start_pts is None else start_pts
        end = times.end_pts if end_pts is None else end_pts
        last: int | None = None
        lost, guessed_until = 0, start
        with reading(self._path):
            self._container.seek(start, stream=self._stream)
            for frame in decoded(self._container, self._stream):
                if not isinstance(frame, av.VideoFrame):
                    if self._threads > 1:
                        # a decoder with several threads forgets frames when it fails at the end of a film
                        with FrameReader(self._path, limits=self._limits) as careful:
                            yield from (one for one in careful.frames(start, end) if last is None or one.pts > last)
                        return
                    lost += 1
                    check_lost(self._path.name, lost, times)
                    guessed_until = max(guessed_until, _next_key(times, frame.pts))
                    continue
                pts = frame.pts
                if pts is None or pts < start or (last is not None and pts <= last):
                    continue
                if pts >= end:
                    return
                last = pts
                yield ReadFrame(pts, frame, is_damaged=frame.is_corrupt or pts < guessed_until)

    def _shape(self, times: FrameTimes) -> FilmShape:
        """Rotation is known from a frame alone, so the first one is decoded."""
        with reading(self._path):
            self._container.seek(times.pts[0], stream=self._stream)
            frames = decoded(self._container, self._stream)
            first = next((frame for frame in frames if isinstance(frame, av.VideoFrame)), None)
        if first is None and self._threads > 1:
            with FrameReader(self._path, limits=self._limits) as careful:
                return careful.shape
        if first is None:
            raise MediaUnreadable(f"{self._path.name!r} is damaged (no frame can be decoded)")
        aspect = self._stream.sample_aspect_ratio or Fraction(1)
        turns = round(first.rotation / 90) % 4
        wide, high = max(1, round(first.width * aspect)), first.height
        return FilmShape(
            width_px=high if turns % 2 else wide,
            height_px=wide if turns % 2 else high,
            stored_width_px=first.width,
            stored_height_px=first.height,
            pixel_aspect=aspect,
            quarter_turns=turns,
            times=times,
        )

    def close(self) -> None:
        """Close the file; the reader is of no use afterwards."""
        self._exit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def check_lost(name: str, lost: int, times: FrameTimes) -> None:
    """Refuse a film of which `lost` frames cannot be decoded, when that is too many for anything to be said of it.

    Raises:
        MediaUnreadable: more than MOST_LOST of its frames.
    """
    if lost > MOST_LOST * len(times.pts):
        raise MediaUnreadable(f"{name!r} is damaged ({lost} of its {len(times.pts)} frames cannot be decoded)")


def _next_key(times: FrameTimes, pts: int | None) -> int:
    """Where decoding begins anew after a packet that was lost."""
    after = bisect_right(times.key_pts, pts) if pts is not None else len(times.key_pts)
    return times.key_pts[after] if after < len(times.key_pts) else times.end_pts
