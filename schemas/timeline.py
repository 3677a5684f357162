"""Timeline: sequences of tracks of clips, with in points and speeds, on rational time.

A clip says where it lies in the record, from which point of its media it is taken, and how fast. Its out point follows
from these and is stored nowhere, so that the two can never contradict each other:

    record   start_ticks         start_ticks + duration_ticks       at the track's rate
                |------------- clip -------------|
    media    source_in_ticks     source_in_ticks + duration * |speed|   at `source_rate`; exact, not always a whole tick

Gaps are where no clip lies: nothing has to be renumbered when a clip comes or goes. What is computed from a timeline
stands in `pipelines/editing/timeline.py`.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import Literal

from pydantic import Field, StrictBool, model_validator

from schemas.document import Document, Identifier, Part
from schemas.edit_media import (
    MOST_TICKS,
    ExternalMedia,
    GeneratedMedia,
    Length,
    MediaSpan,
    Metadata,
    NumberedFrames,
    Position,
    Rate,
    ReducedSpeed,
    Speed,
    Text,
)
from schemas.timing import EditRate

DEEPEST_NESTING = 16
"""Sequences within sequences; editing programs nest two or three deep."""

Name = Field(default="", max_length=1024)


class Marker(Part):
    """A note at a moment or over a stretch."""

    name: Text = Name
    """Title of the note."""

    comment: Text = Field(default="", max_length=16_384)
    """The note itself."""

    colour: Text = Field(default="", max_length=64)
    """Colour by name, for example `RED`; empty for none."""

    span: MediaSpan
    """Where: in media time for a clip's marker, else in the time of its track or sequence."""

    metadata: Metadata = Field(default={})
    """JSON of other programs; kept as it is."""


class Clip(Part):
    """A stretch of one source, placed on a track. At most one of the five sources is set; none means missing media."""

    clip_id: Identifier
    """Name of the clip, unique in its timeline."""

    name: Text = Name
    """What people call it."""

    start_ticks: Length
    """Where it begins in the record, ticks at the track's rate."""

    duration_ticks: int = Field(strict=True, ge=1, le=MOST_TICKS)
    """How long it lasts in the record, ticks at the track's rate."""

    source_rate: Rate = EditRate()
    """Ticks a second of the media."""

    source_in_ticks: Position = 0
    """First media tick that is used. When media run backwards it is the lowest one, and the last to be seen."""

    speed: ReducedSpeed = Speed()
    enabled: StrictBool = True
    """Whether it is seen and heard."""

    asset_id: Identifier | None = None
    """The registered film, sound or picture that it shows."""

    sequence_id: Identifier | None = None
    """The sequence of this timeline that it shows."""

    external: ExternalMedia | None = None
    generated: GeneratedMedia | None = None
    frames: NumberedFrames | None = None

    media_name: Text = Name
    """Name of the media, for people."""

    available: MediaSpan | None = None
    """How much of the media there is, where that is known."""

    media_metadata: Metadata = Field(default={})
    """JSON of other programs about the media; kept as it is."""

    markers: tuple[Marker, ...] = ()
    """Notes, in media time."""

    metadata: Metadata = Field(default={})
    """JSON of other programs about the clip; kept as it is."""

    @property
    def end_ticks(self) -> int:
        """First tick of the record after it."""
        return self.start_ticks + self.duration_ticks

    @model_validator(mode="after")
    def _one_source(self) -> Clip:
        named = ("asset_id", "sequence_id", "external", "generated", "frames")
        given = [name for name in named if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"clip {self.clip_id!r} shows {' and '.join(given)}; a clip shows one")
        about_media = [name for name in ("media_name", "available", "media_metadata") if getattr(self, name)]
        if self.sequence_id is not None and about_media:
            raise ValueError(f"clip {self.clip_id!r} shows a sequence, which has no {' or '.join(about_media)}")
        return self


class Transition(Part):
    """A change from what ends at a moment to what begins there; a gap on either side is black or silence."""

    at_ticks: Length
    """The moment, at the track's rate: where a clip begins or ends."""

    in_ticks: Length
    """How long before it the change begins."""

    out_ticks: Length
    """How long after it the change ends."""

    kind: Text = Field(default="SMPTE_Dissolve", max_length=256)
    """`SMPTE_Dissolve`, or another program's word."""

    name: Text = Name
    """What people call it."""

    metadata: Metadata = Field(default={})
    """JSON of other programs; kept as it is."""


class Track(Part):
    """Clips in order, none of which overlaps another."""

    track_id: Identifier
    """Name of the track, unique in its timeline."""

    name: Text = Name
    """What people call it."""

    kind: Literal["video", "audio"]
    """What is taken from its clips' media."""

    enabled: StrictBool = True
    """Whether it is seen or heard."""

    edit_rate: Rate | None = None
    """Ticks a second of this track; the sequence's unless given. Sound may be cut finer than pictures."""

    clips: tuple[Clip, ...] = ()
    """In order of `start_ticks`."""

    transitions: tuple[Transition, ...] = ()
    """In order of `at_ticks`."""

    trailing_gap_ticks: Length = 0
    """Empty time after the last clip."""

    markers: tuple[Marker, ...] = ()
    """Notes, in the track's time."""

    metadata: Metadata = Field(default={})
    """JSON of other programs; kept as it is."""

    @property
    def end_ticks(self) -> int:
        """First tick after the track."""
        return (self.clips[-1].end_ticks if self.clips else 0) + self.trailing_gap_ticks

    @model_validator(mode="after")
    def _consistent(self) -> Track:
        for before, after in pairwise(self.clips):
            if after.start_ticks < before.end_ticks:
                raise ValueError(
                    f"track {self.track_id!r}: clip {after.clip_id!r} begins at {after.start_ticks}, before "
                    f"{before.clip_id!r} ends at {before.end_ticks}"
                )
        if self.end_ticks > MOST_TICKS:
            raise ValueError(f"track {self.track_id!r} ends at {self.end_ticks}, past {MOST_TICKS}")
        edges, last = self.edges(), None
        for one in self.transitions:
            if fault := transition_fault(one, edges, last):
                raise ValueError(f"track {self.track_id!r}: {fault}")
            last = one
        return self

    def edges(self) -> list[int]:
        """Where something begins or ends, ascending, each once; the track's own ends included."""
        cuts = {edge for clip in self.clips for edge in (clip.start_ticks, clip.end_ticks)}
        return sorted(cuts | {0, self.end_ticks})


def transition_fault(transition: Transition, edges: list[int], last: Transition | None) -> str:
    """What is wrong with a transition, in words; empty when nothing is.

    Args:
        transition: the one that is looked at.
        edges: of its track, ascending.
        last: the transition before it on the track.
    """
    at = transition.at_ticks
    if last is not None and at <= last.at_ticks:
        return f"a transition at {at} stands after the one at {last.at_ticks}"
    index = bisect_left(edges, at)
    if index == len(edges) or edges[index] != at:
        return f"a transition stands at {at}, where no clip begins or ends"
    if transition.in_ticks + transition.out_ticks == 0:
        return f"the transition at {at} lasts 0 ticks"
    first = max(edges[max(index - 1, 0)], 0 if last is None else last.at_ticks + last.out_ticks)
    end = edges[min(index + 1, len(edges) - 1)]
    begins, ends = at - transition.in_ticks, at + transition.out_ticks
    if begins < first or ends > end:
        return f"the transition at {at} reaches from {begins} to {ends}, with room from {first} to {end}"
    return ""


class Sequence(Part):
    """Tracks over one another, from the same start; the last video track lies on top."""

    sequence_id: Identifier
    """Name of the sequence, unique in its timeline."""

    name: Text = Name
    """What people call it."""

    edit_rate: Rate = EditRate()
    """Frames a second of the record."""

    start_ticks: Position = 0
    """Time code of its first frame, in frames; positions on tracks count from zero all the same."""

    tracks: tuple[Track, ...] = ()
    """From the bottom up."""

    markers: tuple[Marker, ...] = ()
    """Notes, in the sequence's time."""

    metadata: Metadata = Field(default={})
    """JSON of other programs; kept as it is."""

    def rate_of(self, track: Track) -> EditRate:
        """Ticks a second of one of its tracks."""
        return self.edit_rate if track.edit_rate is None else track.edit_rate


class Timeline(Document):
    """The sequences of one edit. A sequence may be shown by clips of others, but not by its own."""

    timeline_id: Identifier
    """Name of the edit; stays when it is changed."""

    project_id: Identifier | None = None
    """The production that it belongs to."""

    title: Text = Name
    """What people call it."""

    sequences: tuple[Sequence, ...] = Field(min_length=1)
    """Each once; those that no clip shows are the edit's own, the others are nested."""

    @classmethod
    def name(cls) -> str:
        return "timeline"

    @model_validator(mode="after")
    def _consistent(self) -> Timeline:
        self._each_once("sequence", [one.sequence_id for one in self.sequences])
        tracks = [track for one in self.sequences for track in one.tracks]
        self._each_once("track", [track.track_id for track in tracks])
        self._each_once("clip", [clip.clip_id for track in tracks for clip in track.clips])
        shown = {one.sequence_id: shown_by(one) for one in self.sequences}
        for sequence_id, clips in shown.items():
            for wanted, clip_id in clips.items():
                if wanted not in shown:
                    raise ValueError(f"clip {clip_id!r} of {sequence_id!r} shows the sequence {wanted!r}, unknown here")
        heights: dict[str, int] = {}
        for sequence_id in shown:
            _height(sequence_id, shown, heights, ())
        return self

    @staticmethod
    def _each_once(what: str, names: list[str]) -> None:
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise ValueError(f"the {what} {name!r} stands in the timeline twice")
            seen.add(name)

    def roots(self) -> tuple[Sequence, ...]:
        """The sequences that no clip shows, in order; at least one."""
        nested = {wanted for one in self.sequences for wanted in shown_by(one)}
        return tuple(one for one in self.sequences if one.sequence_id not in nested)


def shown_by(sequence: Sequence) -> dict[str, str]:
    """Ids of the sequences that clips of `sequence` show, each with the last clip that does."""
    return {
        clip.sequence_id: clip.clip_id
        for track in sequence.tracks
        for clip in track.clips
        if clip.sequence_id is not None
    }


def _height(sequence_id: str, shown: dict[str, dict[str, str]], heights: dict[str, int], above: tuple[str, ...]) -> int:
    """How many sequences deep a sequence is, itself included."""
    if sequence_id in above:
        raise ValueError(f"sequences show one another in a circle: {' > '.join((*above, sequence_id))}")
    if len(above) == DEEPEST_NESTING:
        raise ValueError(f"sequences are nested more than {DEEPEST_NESTING} deep: {' > '.join((*above, sequence_id))}")
    if sequence_id not in heights:
        below = [_height(one, shown, heights, (*above, sequence_id)) for one in shown[sequence_id]]
        heights[sequence_id] = 1 + max(below, default=0)
    if len(above) + heights[sequence_id] > DEEPEST_NESTING:
        raise ValueError(f"sequences are nested more than {DEEPEST_NESTING} deep, through {sequence_id!r}")
    return heights[sequence_id]
