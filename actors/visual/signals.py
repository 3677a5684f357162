"""Thumb, FrameSignals and SignalTrack: what is kept of a film's frames for decisions that need the whole film.

Signals are computed from two neighbouring thumbs alone, so that any stretch of a film may be worked off anywhere. Only
the first frame of a stretch lacks its predecessor; `joined` completes it, and then stretches give what one pass gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Defect

THUMB_WIDTH, THUMB_HEIGHT = 64, 36
"""Cells of a thumb's luma, whatever the frame's aspect; chroma has half of each."""

GRID_WIDTH, GRID_HEIGHT = 16, 9
"""Cells of the picture that a frame's signals carry; its chroma has GRID_CHROMA."""

GRID_CHROMA = (6, 8)
"""Rows and columns."""

SIGNALS = np.dtype(
    [
        ("luma", np.uint8, (GRID_HEIGHT, GRID_WIDTH)),
        ("chroma", np.uint8, (2, *GRID_CHROMA)),
        ("contrast", "<f4"),
        ("detail", "<f4"),
        ("difference", "<f4"),
        ("shift", "<f4"),
        ("change", "<f4"),
        ("motion_x", "<f4"),
        ("motion_y", "<f4"),
        ("suspect", np.bool_),
    ]
)
"""One frame, 269 bytes. Of the frame alone:

- `luma`, `chroma`: the picture as 9 x 16 and two times 6 x 8 means, full range, chroma around 128.
- `contrast`: standard deviation of the thumb's luma, levels. `detail`: mean step to the right plus mean step down.

Of the pair, zero without a previous frame:

- `difference`: mean absolute difference of luma, levels.
- `shift`: the same after brightness and contrast of the previous frame were brought to those of this one.
- `change`: 1 - correlation with the previous frame after that and after motion was undone: 0 for a frame that goes on,
  about 1 for another picture, 2 for its negative.
- `motion_x`, `motion_y`: root mean square displacement since the previous frame over those parts of the picture that
  have something to hold on to, in widths and heights of the stored frame.
- `suspect`: see `FrameSignals`.
"""


@dataclass(frozen=True, eq=False)
class Thumb:
    """A small soft picture of a frame, in the frame's stored orientation.

    Raises:
        Defect: the pixels have another type or shape.
    """

    pixels: NDArray[np.uint8]
    """uint8 (54, 64), full range: 36 rows of luma, then Cb and Cr (18, 32) each, laid out row after row."""

    def __post_init__(self) -> None:
        if self.pixels.dtype != np.uint8 or self.pixels.shape != (THUMB_HEIGHT * 3 // 2, THUMB_WIDTH):
            raise Defect(f"a thumb is uint8 (54, 64), got {self.pixels.dtype} {self.pixels.shape}")

    @property
    def luma(self) -> NDArray[np.uint8]:
        """uint8 (36, 64); 0 is black and 255 white."""
        return self.pixels[:THUMB_HEIGHT]

    @property
    def chroma(self) -> NDArray[np.uint8]:
        """uint8 (2, 18, 32): Cb and Cr around 128."""
        return self.pixels[THUMB_HEIGHT:].reshape(2, THUMB_HEIGHT // 2, THUMB_WIDTH // 2)


@dataclass(frozen=True)
class ThumbPair:
    """What an engine gets: a frame and the one before it."""

    previous: Thumb | None
    """None at the first frame of a film or of a stretch."""

    current: Thumb


@dataclass(frozen=True)
class FrameSignals:
    """The signals of one frame.

    Raises:
        Defect: the record has another length.
    """

    record: bytes
    """One `SIGNALS` record."""

    def __post_init__(self) -> None:
        if len(self.record) != SIGNALS.itemsize:
            raise Defect(f"a frame's signals are {SIGNALS.itemsize} bytes, got {len(self.record)}")

    @property
    def suspect(self) -> bool:
        """Whether this frame may not go on from the previous one, so that nothing must be tracked across it.

        Every cut is among the suspects; flashes, jerks and damaged frames are too. True without a previous frame.
        """
        return bool(np.frombuffer(self.record, SIGNALS)["suspect"][0])


Infer = Callable[[Sequence[ThumbPair]], list[FrameSignals]]
"""`infer` of a loaded engine."""


@dataclass(frozen=True, eq=False)
class SignalTrack:
    """The signals of consecutive frames: of a stretch, or of a whole film.

    Raises:
        Defect: not one record a frame, or timestamps that do not ascend.
    """

    pts: NDArray[np.int64]
    """int64 (N,), ascending, in the film's time base."""

    signals: NDArray[np.void]
    """`SIGNALS` (N,). Do not write to it."""

    first: Thumb
    """Of the first frame; of a track without frames it means nothing."""

    last: Thumb
    """Of the last frame, likewise."""

    def __post_init__(self) -> None:
        count = len(self.pts)
        if self.signals.shape != (count,) or self.signals.dtype != SIGNALS:
            raise Defect(f"{count} frames need SIGNALS ({count},), got {self.signals.dtype} {self.signals.shape}")
        if (np.diff(self.pts) <= 0).any():
            raise Defect(f"a track has frames with ascending timestamps, got {self.pts[:20]}")

    def __len__(self) -> int:
        return len(self.pts)

    @classmethod
    def empty(cls) -> SignalTrack:
        """Of a stretch none of whose frames could be decoded."""
        blank = Thumb(np.zeros((THUMB_HEIGHT * 3 // 2, THUMB_WIDTH), np.uint8))
        return cls.of((), (), blank, blank)

    @classmethod
    def of(
        cls, pts: Sequence[int] | NDArray[np.int64], signals: Iterable[FrameSignals], first: Thumb, last: Thumb
    ) -> SignalTrack:
        """The track of some frames.

        Args:
            pts: Ascending.
            signals: One a frame.
            first: Thumb of the first frame.
            last: Thumb of the last frame.
        """
        packed = b"".join(one.record for one in signals)
        return cls(np.array(pts, np.int64), np.frombuffer(packed, SIGNALS), first, last)


def joined(tracks: Sequence[SignalTrack], infer: Infer) -> SignalTrack:
    """One track of consecutive ones; where they meet, `infer` measures the pair that neither could.

    Tracks without frames leave no trace: what is before and after them meets.

    Joining is associative, and any cutting of a film into stretches gives the same track as one pass.

    Raises:
        Defect: no tracks, or out of order.
    """
    if not tracks:
        raise Defect("there are no tracks to join")
    tracks = [one for one in tracks if len(one)] or tracks[:1]
    signals = np.concatenate([one.signals for one in tracks])
    starts = np.cumsum([len(one) for one in tracks])[:-1]
    pairs = [ThumbPair(before.last, after.first) for before, after in pairwise(tracks)]
    for start, met in zip(starts, infer(pairs) if pairs else (), strict=True):
        signals[start] = np.frombuffer(met.record, SIGNALS)[0]
    return SignalTrack(np.concatenate([one.pts for one in tracks]), signals, tracks[0].first, tracks[-1].last)


def measured(frames: Iterable[tuple[int, Thumb]], infer: Infer, batch: int) -> SignalTrack:
    """The track of consecutive frames, measured `batch` at a time.

    Args:
        frames: Timestamp and thumb of each.
        infer: Of a loaded engine.
        batch: Frames a call.

    Raises:
        Defect: no frames.
    """
    pts: list[int] = []
    signals: list[FrameSignals] = []
    first: Thumb | None = None
    last: Thumb | None = None
    for group in _groups(iter(frames), batch):
        thumbs = [thumb for _, thumb in group]
        signals += infer([ThumbPair(*pair) for pair in zip([last, *thumbs], thumbs, strict=False)])
        pts += [time for time, _ in group]
        first, last = first or thumbs[0], thumbs[-1]
    if first is None or last is None:
        raise Defect("there are no frames to measure")
    return SignalTrack.of(pts, signals, first, last)


def _groups(frames: Iterator[tuple[int, Thumb]], size: int) -> Iterator[list[tuple[int, Thumb]]]:
    while group := list(islice(frames, size)):
        yield group
