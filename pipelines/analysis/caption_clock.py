"""On which ticks captions begin and end, and where the picture cuts: one grid for any film, or for none.

fixed frame rate      a tick is a frame
variable frame rate   a tick is a millisecond; frames are looked up by their own times
no picture            a tick is a millisecond, there are no frames and no cuts
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipelines.media.clip import FrameTimes
from schemas.captions import CaptionProfile
from schemas.timing import EditRate

MILLISECONDS = EditRate(numerator=1000)

NOMINAL = (
    *(Fraction(rate) for rate in (12, 15, 24, 25, 30, 48, 50, 60, 100, 120)),
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120)),
)
"""Frame rates that films are made at; a measured one this near (NEAR) is one of them."""

NEAR = Fraction(1, 4000)
"""Half the way from 24 to 24000/1001."""

USUAL_FRAME_MS = Fraction(1000, 24)
"""A frame where there are none, for the shortest gap between captions."""


@dataclass(frozen=True)
class CaptionClock:
    """The grid of one film's captions."""

    rate: EditRate
    cuts_ticks: tuple[int, ...] = ()
    """First tick of each new shot, ascending."""

    end_ticks: int | None = None
    """When the film is over; None where nothing says so."""

    frame_ms: Fraction = USUAL_FRAME_MS
    """How long a frame lasts, on average."""

    frame_starts_ms: tuple[Fraction, ...] | None = None
    """When each frame is shown, for film of variable frame rate."""

    has_picture: bool = False

    @property
    def ticks_are_frames(self) -> bool:
        return self.has_picture and self.frame_starts_ms is None

    def frame(self, ticks: int) -> int | None:
        """Number of the first frame that is shown at a tick or after it; None without a picture."""
        if not self.has_picture:
            return None
        return ticks if self.frame_starts_ms is None else bisect_left(self.frame_starts_ms, ticks)

    def on_grid(self, profile: CaptionProfile) -> CaptionProfile:
        """The profile with its gap, which is meant in frames, in ticks of this clock."""
        if self.ticks_are_frames:
            return profile
        return profile.model_copy(update={"min_gap_ticks": round(profile.min_gap_ticks * self.frame_ms)})


def sound_clock() -> CaptionClock:
    """The clock of a sound without picture."""
    return CaptionClock(MILLISECONDS)


def film_clock(times: FrameTimes, *, variable_frame_rate: bool, cut_frames: Sequence[int] = ()) -> CaptionClock:
    """The clock of a film.

    Args:
        times: of its frames.
        variable_frame_rate: whether frames last differently long.
        cut_frames: first frame of each new shot, from 0.
    """
    mean_ms = times.duration_s * 1000 / len(times.pts)
    cuts = tuple(sorted(set(cut_frames) - {0}))
    if not variable_frame_rate:
        return CaptionClock(_rate(times), cuts, len(times.pts), mean_ms, has_picture=True)
    starts_ms = tuple((pts - times.pts[0]) * times.time_base * 1000 for pts in times.pts)
    cuts_ms = tuple(-(-starts_ms[frame] // 1) for frame in cuts)
    return CaptionClock(MILLISECONDS, cuts_ms, int(times.duration_s * 1000), mean_ms, starts_ms, has_picture=True)


def _rate(times: FrameTimes) -> EditRate:
    """Frames a second, without the rounding of timestamps."""
    steps = max(1, len(times.pts) - 1)
    last_s = (times.pts[-1] - times.pts[0]) * times.time_base if len(times.pts) > 1 else times.duration_s
    measured = Fraction(steps) / last_s
    nearest = min(NOMINAL, key=lambda rate: abs(rate - measured))
    exact = nearest if abs(nearest / measured - 1) < NEAR else measured.limit_denominator(1001)
    return EditRate(numerator=exact.numerator, denominator=exact.denominator)
