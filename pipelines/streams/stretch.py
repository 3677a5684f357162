"""A segment as stretches: runs of consecutive frames, ready for engines, of bounded size however long the segment is.

    frames    0 1 2 3 4 5 6 7 8 9 | 10 11 ...
    looks     L       L     LL    L   L                  the first, the last, every interval, both sides of a break
              stretch 0             stretch 1

Between two looks nothing is needed of a neighbouring stretch, so that stretches may be worked off anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from actors.engine import Engine
from actors.visual.signals import SIGNALS, FrameSignals, SignalTrack, Thumb, ThumbPair
from pipelines.media.frame_reader import FilmShape, FrameReader, ReadFrame
from pipelines.media.reduced_frames import ReducedFrames
from pipelines.media.thumbs import ThumbMaker
from pipelines.streams.segments import Segment
from schemas.errors import Defect

STRETCH_FRAMES = 96
"""Three or four seconds: 5 MB of grey pictures and some 15 MB of colour ones at 720p."""

GROUP_FRAMES = 8
"""Decoded frames that are held at once: 100 MB of 4k film."""

DETECTOR_FACE_PX = 24
"""Width of the smallest face in the pictures that detectors get: twice MTCNN's window, so that its later networks see
more than the first."""

_NO_PICTURES = np.zeros((0, 0, 0, 3), np.uint8)
_NO_GREY = np.zeros((0, 0, 0), np.uint8)

VisualEngine = Engine[ThumbPair, FrameSignals]


@dataclass(frozen=True)
class FaceSampling:
    """How often and how closely a detector looks."""

    interval_ms: int
    smallest_face_px: int
    """Of the upright picture."""

    @property
    def scale(self) -> float:
        """Size of the detector's pictures against the upright frame."""
        return min(1.0, DETECTOR_FACE_PX / self.smallest_face_px)


@dataclass(frozen=True)
class Stretch:
    """Consecutive frames of one segment, N of them, with M looks."""

    segment: int
    index: int
    is_last: bool
    """Whether it ends its segment."""

    track: SignalTrack
    """Timestamps and signals of the N frames; those of a segment's first frame are of no pair."""

    damaged: NDArray[np.bool_]
    """bool (N,): frames at which the decoder had to guess."""

    times_s: NDArray[np.float64]
    """float64 (N,): when each frame is shown, from the first of the film."""

    looks: NDArray[np.int64]
    """int64 (M,): positions of the pictures, ascending; empty when nobody looks for faces."""

    pictures: NDArray[np.uint8]
    """uint8 (M, H, W, 3) RGB, upright, at `FaceSampling.scale`."""

    grey: NDArray[np.uint8]
    """uint8 (N, h, w), upright; (0, 0, 0) when nobody looks for faces."""

    grey_scale: float
    """Pixels of a grey picture for one of the upright frame."""

    def to_bytes(self) -> bytes:
        """Safetensors, for the way from the process that decodes to the one that looks."""
        raw: bytes = save(
            {
                "place": np.array([self.segment, self.index, self.is_last], np.int64),
                "pts": self.track.pts,
                "signals": np.frombuffer(self.track.signals.tobytes(), np.uint8).reshape(-1, SIGNALS.itemsize),
                "first": self.track.first.pixels,
                "last": self.track.last.pixels,
                "damaged": self.damaged,
                "times_s": self.times_s,
                "looks": self.looks,
                "pictures": self.pictures,
                "grey": self.grey,
                "grey_scale": np.array([self.grey_scale]),
            }
        )
        return raw

    @classmethod
    def empty(cls, segment: int) -> Self:
        """All of a segment of which no frame could be decoded."""
        return cls(
            segment=segment,
            index=0,
            is_last=True,
            track=SignalTrack.empty(),
            damaged=np.zeros(0, np.bool_),
            times_s=np.zeros(0, np.float64),
            looks=np.zeros(0, np.int64),
            pictures=_NO_PICTURES,
            grey=_NO_GREY,
            grey_scale=1.0,
        )

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """What `to_bytes` gave."""
        arrays = load(raw)
        segment, index, is_last = arrays["place"].tolist()
        signals = np.frombuffer(arrays["signals"].tobytes(), SIGNALS)
        return cls(
            segment=segment,
            index=index,
            is_last=bool(is_last),
            track=SignalTrack(arrays["pts"], signals, Thumb(arrays["first"]), Thumb(arrays["last"])),
            damaged=arrays["damaged"],
            times_s=arrays["times_s"],
            looks=arrays["looks"],
            pictures=arrays["pictures"],
            grey=arrays["grey"],
            grey_scale=float(arrays["grey_scale"][0]),
        )


class StretchReader:
    """Reads the stretches of one segment: at least one, which is empty where no frame can be decoded."""

    def __init__(
        self, reader: FrameReader, segment: Segment, visual: VisualEngine, sampling: FaceSampling | None
    ) -> None:
        self._reader, self._segment, self._visual, self._sampling = reader, segment, visual, sampling
        self._reduced = ReducedFrames(reader.shape, sampling.scale if sampling else 1.0)
        self._thumb = ThumbMaker()
        self._before: Thumb | None = None

    def __iter__(self) -> Iterator[Stretch]:
        frames = self._reader.frames(self._segment.start_pts, self._segment.end_pts)
        index = 0
        waiting = list(islice(frames, 1))
        if not waiting:
            yield Stretch.empty(self._segment.index)
        while waiting:
            growing = _Growing(self._sampling, self._reduced, self._reader.shape)
            while waiting and len(growing.pts) < STRETCH_FRAMES:
                group = waiting + list(islice(frames, GROUP_FRAMES - len(waiting)))
                self._add(growing, group)
                waiting = list(islice(frames, 1))
            yield growing.stretch(self._segment.index, index, is_last=not waiting)
            index += 1

    def _add(self, growing: _Growing, group: Sequence[ReadFrame]) -> None:
        thumbs = [self._thumb.thumb(one.frame) for one in group]
        pairs = [ThumbPair(before, thumb) for before, thumb in zip([self._before, *thumbs], thumbs, strict=False)]
        self._before = thumbs[-1]
        growing.add(group, thumbs, self._visual.infer(pairs))


class _Growing:
    """A stretch under construction. The latest frame is held: only its successor tells whether it is looked at."""

    def __init__(self, sampling: FaceSampling | None, reduced: ReducedFrames, shape: FilmShape) -> None:
        self._sampling, self._reduced, self._shape = sampling, reduced, shape
        self.pts: list[int] = []
        self._damaged: list[bool] = []
        self._signals: list[FrameSignals] = []
        self._looks: list[int] = []
        self._pictures: list[NDArray[np.uint8]] = []
        self._grey: list[NDArray[np.uint8]] = []
        self._latest: ReadFrame | None = None
        self._first_thumb: Thumb | None = None
        self._last_thumb: Thumb | None = None

    def add(self, group: Sequence[ReadFrame], thumbs: Sequence[Thumb], signals: Sequence[FrameSignals]) -> None:
        """Goes on by some frames."""
        for one, judged in zip(group, signals, strict=True):
            self._add(one, judged)
        self._first_thumb, self._last_thumb = self._first_thumb or thumbs[0], thumbs[-1]

    def _add(self, one: ReadFrame, signals: FrameSignals) -> None:
        if self._sampling is not None:
            begins = not self.pts or signals.suspect
            if signals.suspect:
                self._look_at_latest()
            self._grey.append(self._reduced.grey(one.frame))
            # a damaged frame is passed over: the next sound one is looked at in its place
            due = begins or (self._since_last_look_ms(one.pts) >= self._sampling.interval_ms and not one.is_damaged)
            self._latest = one
            self.pts.append(one.pts)
            if due:
                self._look_at_latest()
        else:
            self.pts.append(one.pts)
        self._damaged.append(one.is_damaged)
        self._signals.append(signals)

    def _look_at_latest(self) -> None:
        position = len(self.pts) - 1
        if self._latest is not None and (not self._looks or self._looks[-1] != position):
            self._looks.append(position)
            self._pictures.append(self._reduced.picture(self._latest.frame))

    def _since_last_look_ms(self, pts: int) -> float:
        return float((pts - self.pts[self._looks[-1]]) * self._shape.times.time_base * 1000)

    def stretch(self, segment: int, index: int, *, is_last: bool) -> Stretch:
        """The finished stretch."""
        self._look_at_latest()
        if self._first_thumb is None or self._last_thumb is None:
            raise Defect("a stretch has at least one frame")
        times = self._shape.times
        return Stretch(
            segment=segment,
            index=index,
            is_last=is_last,
            track=SignalTrack.of(self.pts, self._signals, self._first_thumb, self._last_thumb),
            damaged=np.array(self._damaged, np.bool_),
            times_s=np.array([(pts - times.pts[0]) * float(times.time_base) for pts in self.pts], np.float64),
            looks=np.array(self._looks, np.int64),
            pictures=np.stack(self._pictures) if self._pictures else _NO_PICTURES,
            grey=np.stack(self._grey) if self._grey else _NO_GREY,
            grey_scale=self._reduced.grey_scale,
        )
