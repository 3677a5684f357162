"""Moving pictures by edit tick: whatever the clip's own rate, the frame that is on screen at a tick of ours.

clip pts   0.00      0.05 0.08          0.21         (variable frame rate)
frame      |---0-----|-1--|-----2-------|--3--| end
tick       0         1         2        3         4   -> frames 0, 0, 2, 2, ...
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import av
from av.container import InputContainer

from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.pixels import Picture, RgbConverter
from pipelines.media.source import best_picture, decodable, open_media, reading
from schemas.errors import InvalidInput, MediaUnreadable
from schemas.timing import EditRate


@dataclass(frozen=True)
class FrameTimes:
    """When each frame of a clip is shown, from its packets alone."""

    pts: tuple[int, ...]
    """Ascending, in units of `time_base`."""

    key_pts: tuple[int, ...]
    """Those at which decoding can begin."""

    end_pts: int
    """Where the last frame ends, exclusive."""

    time_base: Fraction
    """Seconds a unit."""

    ends_torn: bool = False
    """Whether the file ends in the middle of a frame."""

    @property
    def duration_s(self) -> Fraction:
        """From the first frame to the end of the last."""
        return (self.end_pts - self.pts[0]) * self.time_base

    def shown_at(self, time_s: Fraction) -> int:
        """Index of the frame on screen `time_s` after the first one appears."""
        return max(0, bisect_right(self.pts, self.pts[0] + time_s / self.time_base) - 1)


def frame_times(
    path: Path, container: InputContainer, stream: av.VideoStream, limits: MediaLimits = DEFAULT_LIMITS
) -> FrameTimes:
    """Times of all frames of a stream; reads it from where it stands and decodes nothing."""
    shown: list[int] = []
    keys: list[int] = []
    end_pts = 0
    ends_torn = False
    for packet in container.demux(stream):
        if packet.pts is None or packet.is_discard or not packet.size:
            continue
        # what FFmpeg calls corrupt in a packet is that it is shorter than it should be
        ends_torn = packet.is_corrupt
        shown.append(packet.pts)
        end_pts = max(end_pts, packet.pts + (packet.duration or 0))
        if packet.is_keyframe:
            keys.append(packet.pts)
        if len(shown) > limits.video_frames:
            raise MediaUnreadable(f"{path.name!r} has more than {limits.video_frames} frames")
    if not keys or stream.time_base is None:
        raise MediaUnreadable(f"{path.name!r} is damaged (no frame can be decoded)")
    shown.sort()
    if end_pts <= shown[-1]:
        end_pts = shown[-1] + max(1, (shown[-1] - shown[0]) // max(1, len(shown) - 1))
    return FrameTimes(tuple(shown), tuple(sorted(keys)), end_pts, stream.time_base, ends_torn)


class ClipReader:
    """Frames of a clip by tick. In order costs one decode a frame; elsewhere it seeks to the key frame before."""

    def __init__(
        self,
        path: Path,
        rate: EditRate,
        *,
        at_end: Literal["hold", "loop"] = "loop",
        max_side_px: int | None = None,
        limits: MediaLimits = DEFAULT_LIMITS,
    ) -> None:
        """Open a clip.

        Args:
            path: A file with a moving picture.
            rate: Ticks a second of `frame_at`.
            at_end: After its last frame the clip begins again, or stands still.
            max_side_px: Frames are reduced so that the longer side is at most this.
            limits: Bounds on pixels, frames and duration.

        Raises:
            MediaUnreadable: no moving picture, damaged, or beyond `limits`.
        """
        self._path, self._rate, self._at_end = path, rate, at_end
        self._exit = ExitStack()
        with ExitStack() as opening:
            container, _ = opening.enter_context(open_media(path, limits))
            self._container, self._stream = container, best_picture(path, container)
            decodable(path, self._stream)
            self.times = frame_times(path, container, self._stream, limits)
            self._converter = RgbConverter(
                max_side_px=max_side_px, pixel_aspect=self._stream.sample_aspect_ratio or None
            )
            self._exit = opening.pop_all()
        self._decoded: Iterator[av.VideoFrame] = iter(())
        self._pts: int | None = None
        self._picture: Picture | None = None

    @property
    def duration_ticks(self) -> int:
        """Ticks that the clip fills before it loops or holds, at least 1."""
        return max(1, round(self.times.duration_s * self._rate.fraction))

    def frame_at(self, tick: int) -> Picture:
        """uint8 (H, W, 3) RGB, upright: the frame on screen `tick` ticks after the clip begins. Do not write to it.

        Raises:
            InvalidInput: a negative tick.
            MediaUnreadable: the file is damaged there.
        """
        if tick < 0:
            raise InvalidInput(f"a clip has no tick {tick!r}")
        time_s = tick / self._rate.fraction
        if self._at_end == "loop":
            time_s %= self.times.duration_s
        wanted = self.times.pts[self.times.shown_at(time_s)]
        if self._picture is None or self._pts != wanted:
            self._picture, self._pts = self._converter.picture(self._decode(wanted)), wanted
        return self._picture

    def _decode(self, wanted: int) -> av.VideoFrame:
        with reading(self._path):
            if self._must_seek(wanted):
                self._container.seek(wanted, stream=self._stream)
                self._decoded = self._container.decode(self._stream)
            for frame in self._decoded:
                if frame.pts is not None and frame.pts >= wanted and not frame.is_corrupt:
                    return frame
        raise MediaUnreadable(f"{self._path.name!r} is damaged (its frame at {wanted} cannot be decoded)")

    def _must_seek(self, wanted: int) -> bool:
        """Whether a key frame lies nearer before `wanted` than where the decoder stands."""
        if self._pts is None or wanted <= self._pts:
            return True
        keys = self.times.key_pts
        return bisect_right(keys, wanted) > bisect_right(keys, self._pts) + 1

    def close(self) -> None:
        """Close the file; the reader is of no use afterwards."""
        self._exit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
