"""What a timeline says about time: lengths, what is seen at a moment, and which media time that is.

All times are exact fractions of a second, counted from the start of a sequence or of a source; ranges are half-open.
Media run against the record like this (`in` and `out` as `source_range` gives them):

    speed  2     record  |0--------d)        source  |in ----------------- out)     time t shows in + 2t
    speed -1     record  |0--------d)        source  |in --------- out)             time t shows just before out - t
    speed  0     record  |0--------d)        source  |in = out)                     every t shows the frame at in

A transition changes nothing here: at its moment the next clip begins.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from schemas.errors import InvalidInput, NotFound
from schemas.timeline import Clip, Sequence, Timeline, Track
from schemas.timing import EditRate

Kind = Literal["video", "audio"]

MOST_LAYERS = 10_000
"""Nested sequences multiply; no edit comes near."""


@dataclass(frozen=True)
class SourceRange:
    """The media that a clip uses, in media ticks; whole ones unless its speed or rate leaves a rest."""

    rate: EditRate
    in_ticks: Fraction
    out_ticks: Fraction
    """First tick that is not used."""

    @property
    def in_s(self) -> Fraction:
        """Start, seconds."""
        return self.in_ticks / self.rate.fraction

    @property
    def out_s(self) -> Fraction:
        """End, seconds."""
        return self.out_ticks / self.rate.fraction


@dataclass(frozen=True)
class PlacedClip:
    """A clip and where it stands."""

    sequence: Sequence
    track: Track
    clip: Clip

    @property
    def rate(self) -> EditRate:
        """Ticks a second of its track."""
        return self.sequence.rate_of(self.track)

    @property
    def start_s(self) -> Fraction:
        """Where it begins in its sequence, seconds."""
        return self.clip.start_ticks / self.rate.fraction

    @property
    def end_s(self) -> Fraction:
        """First moment after it, seconds."""
        return self.clip.end_ticks / self.rate.fraction

    @property
    def source_range(self) -> SourceRange:
        """The media that it uses."""
        clip = self.clip
        used = clip.duration_ticks / self.rate.fraction * abs(clip.speed.fraction) * clip.source_rate.fraction
        start = Fraction(clip.source_in_ticks)
        return SourceRange(clip.source_rate, start, start + used)

    def source_s(self, time_s: Fraction) -> Fraction:
        """Media time at a moment of the sequence; when media run backwards, what is seen lies just before it."""
        used, speed = self.source_range, self.clip.speed.fraction
        return (used.in_s if speed >= 0 else used.out_s) + (time_s - self.start_s) * speed

    def source_tick(self, time_s: Fraction) -> int:
        """The media tick (frame or sample) that is seen or heard at a moment of the sequence."""
        at = self.source_s(time_s) * self.clip.source_rate.fraction
        return math.floor(at) if self.clip.speed.numerator >= 0 else math.ceil(at) - 1


def duration_s(sequence: Sequence) -> Fraction:
    """Length of a sequence: the end of its longest track, trailing gaps included; seconds."""
    ends = (track.end_ticks / sequence.rate_of(track).fraction for track in sequence.tracks)
    return max(ends, default=Fraction(0))


def find_sequence(timeline: Timeline, sequence_id: str) -> Sequence:
    """The sequence of an id.

    Raises:
        NotFound: the timeline has none.
    """
    for one in timeline.sequences:
        if one.sequence_id == sequence_id:
            return one
    raise NotFound(f"timeline {timeline.timeline_id!r} has no sequence {sequence_id!r}")


def placed_clips(timeline: Timeline) -> Iterator[PlacedClip]:
    """Every clip of every sequence, in the order of the document."""
    for sequence in timeline.sequences:
        for track in sequence.tracks:
            for clip in track.clips:
                yield PlacedClip(sequence, track, clip)


def find_clip(timeline: Timeline, clip_id: str) -> PlacedClip:
    """The clip of an id.

    Raises:
        NotFound: the timeline has none.
    """
    for one in placed_clips(timeline):
        if one.clip.clip_id == clip_id:
            return one
    raise NotFound(f"timeline {timeline.timeline_id!r} has no clip {clip_id!r}")


def clip_at(sequence: Sequence, track: Track, time_s: Fraction) -> PlacedClip | None:
    """The clip of a track at a moment; None in a gap and outside."""
    ticks = math.floor(time_s * sequence.rate_of(track).fraction)
    index = bisect_right(track.clips, ticks, key=lambda clip: clip.start_ticks) - 1
    if index < 0 or ticks >= track.clips[index].end_ticks:
        return None
    return PlacedClip(sequence, track, track.clips[index])


@dataclass(frozen=True)
class Seen:
    """What is seen or heard at a moment, through nested sequences."""

    above: tuple[PlacedClip, ...]
    """The clips that show nested sequences on the way, the outermost first."""

    placed: PlacedClip
    source_s: Fraction
    """Media time, seconds; see `PlacedClip.source_s`."""

    source_tick: int


def seen_at(timeline: Timeline, sequence: Sequence, time_s: Fraction) -> Seen | None:
    """The topmost picture at a moment; None where there is none.

    A clip or track that is disabled shows what is below it; a clip of missing media covers it. A nested sequence that
    has no picture at its moment lets what is below it through.
    """
    return next(_Look(timeline, "video").layers(sequence, time_s, ()), None)


def heard_at(timeline: Timeline, sequence: Sequence, time_s: Fraction) -> tuple[Seen, ...]:
    """Everything that sounds at a moment, from the top track down."""
    return tuple(_Look(timeline, "audio").layers(sequence, time_s, ()))


@dataclass
class _Look:
    timeline: Timeline
    kind: Kind
    clips: int = 0

    def layers(self, sequence: Sequence, time_s: Fraction, above: tuple[PlacedClip, ...]) -> Iterator[Seen]:
        """What the tracks of a sequence show at a moment, from the top down."""
        for track in reversed(sequence.tracks):
            placed = clip_at(sequence, track, time_s) if track.enabled and track.kind == self.kind else None
            if placed is None or not placed.clip.enabled:
                continue
            self.clips += 1
            if self.clips > MOST_LAYERS:
                raise InvalidInput(f"more than {MOST_LAYERS} clips lie over one another at {float(time_s)} s")
            if placed.clip.sequence_id is None:
                yield Seen(above, placed, placed.source_s(time_s), placed.source_tick(time_s))
                continue
            inner_s = placed.source_s(time_s)
            if placed.clip.speed.numerator < 0:
                # What is seen lies just before that moment: the middle of the frame before stands for it.
                inner_s = (placed.source_tick(time_s) + Fraction(1, 2)) / placed.clip.source_rate.fraction
            inner = find_sequence(self.timeline, placed.clip.sequence_id)
            yield from self.layers(inner, inner_s, (*above, placed))
