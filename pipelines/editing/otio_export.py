"""A Timeline as an OpenTimelineIO file that editing programs read.

Everything that OpenTimelineIO has a place for stands there and nowhere else, so that what an editor changes counts. Our
ids, and rates that a floating point number does not tell, stand in the metadata under `reelwright`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from pipelines.editing.otio_items import SPEED
from pipelines.editing.otio_json import Prepared, written
from pipelines.editing.otio_media import add_markers, range_of, reference_of, time_of
from pipelines.editing.otio_time import exact_rate, simplest
from schemas.edit_media import MOST_TICKS, RESERVED, MediaSpan, Speed
from schemas.errors import InvalidInput
from schemas.timeline import Clip, Sequence, Timeline, Track
from schemas.timing import EditRate

MOST_CLIPS = 50_000
"""A sequence is written out wherever a clip shows it, so nesting multiplies."""

KINDS = {"video": "Video", "audio": "Audio"}


def export_otio(timeline: Timeline) -> bytes:
    """The file: a Timeline for one sequence that no clip shows, a SerializableCollection of them for more.

    Fields that this version of the schema does not know are left out.

    Raises:
        InvalidInput: with every nested sequence written out, it has too many clips.
    """
    return _Export(timeline).file()


@dataclass
class _Export:
    document: Timeline

    def __post_init__(self) -> None:
        self.prepared = Prepared("")
        self.sequences = {one.sequence_id: one for one in self.document.sequences}
        self.clips = 0

    def file(self) -> bytes:
        document = self.document
        whole = {
            "timeline_id": document.timeline_id,
            "project_id": document.project_id,
            "title": document.title,
            "sequences": [one.sequence_id for one in document.sequences],
            "rates": sorted({_pair(rate) for rate in _rates(document) if not _told_by_float(rate)}),
        }
        roots = document.roots()
        if len(roots) == 1:
            return written(self._top(roots[0], whole), self.prepared)
        collection = otio.schema.SerializableCollection(name=document.title, metadata=self._kept({}, whole))
        collection.extend([self._top(one, {}) for one in roots])
        return written(collection, self.prepared)

    def _top(self, sequence: Sequence, ours: dict[str, Any]) -> Any:
        ours = {**ours, "sequence_id": sequence.sequence_id, "edit_rate": _pair(sequence.edit_rate)}
        top = otio.schema.Timeline(
            name=sequence.name,
            global_start_time=time_of(sequence.start_ticks, sequence.edit_rate),
            metadata=self._kept(sequence.metadata, ours),
        )
        top.tracks.extend([self._track(sequence, one) for one in sequence.tracks])
        add_markers(top.tracks, sequence.markers, self.prepared)
        return top

    def _track(self, sequence: Sequence, track: Track) -> Any:
        rate = sequence.rate_of(track)
        ours = {"track_id": track.track_id, "edit_rate": None if track.edit_rate is None else _pair(rate)}
        made = otio.schema.Track(name=track.name, kind=KINDS[track.kind], metadata=self._kept(track.metadata, ours))
        made.enabled = track.enabled
        add_markers(made, track.markers, self.prepared)
        transitions = {one.at_ticks: one for one in track.transitions}
        for start, item in self._items(track, rate):
            if (one := transitions.get(start)) is not None:
                made.append(
                    otio.schema.Transition(
                        name=one.name,
                        transition_type=one.kind,
                        in_offset=time_of(one.in_ticks, rate),
                        out_offset=time_of(one.out_ticks, rate),
                        metadata=self.prepared.keep(one.metadata),
                    )
                )
            if item is not None:
                made.append(item)
        return made

    def _items(self, track: Track, rate: EditRate) -> Iterator[tuple[int, Any]]:
        """Clips and gaps in order, each with where it starts; None at the track's end."""
        at = 0
        for clip in track.clips:
            if clip.start_ticks > at:
                yield at, otio.schema.Gap(duration=time_of(clip.start_ticks - at, rate))
            yield clip.start_ticks, self._clip(clip, rate)
            at = clip.end_ticks
        if track.trailing_gap_ticks:
            yield at, otio.schema.Gap(duration=time_of(track.trailing_gap_ticks, rate))
        yield track.end_ticks, None

    def _clip(self, clip: Clip, rate: EditRate) -> Any:
        self.clips += 1
        if self.clips > MOST_CLIPS:
            raise InvalidInput(f"with every nested sequence written out, the timeline has more than {MOST_CLIPS} clips")
        ours: dict[str, Any] = {"clip_id": clip.clip_id}
        exact = clip.speed.fraction
        if simplest(float(exact)) != exact:
            ours[SPEED] = [exact.numerator, exact.denominator]
        if clip.sequence_id is None:
            made = otio.schema.Clip(media_reference=reference_of(clip, self.prepared))
        else:
            made = self._nested(self.sequences[clip.sequence_id], ours)
        made.name, made.enabled = clip.name, clip.enabled
        made.source_range = _source_range(clip, rate)
        made.metadata.update(self._kept(clip.metadata, ours))
        add_markers(made, clip.markers, self.prepared)
        if clip.speed != Speed():
            made.effects.append(_effect(exact))
        return made

    def _nested(self, sequence: Sequence, ours: dict[str, Any]) -> Any:
        ours["sequence"] = {
            "sequence_id": sequence.sequence_id,
            "name": sequence.name,
            "edit_rate": _pair(sequence.edit_rate),
            "start_ticks": sequence.start_ticks,
            "metadata": sequence.metadata,
        }
        made = otio.schema.Stack()
        made.extend([self._track(sequence, one) for one in sequence.tracks])
        add_markers(made, sequence.markers, self.prepared, of_sequence=True)
        return made

    def _kept(self, metadata: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
        return self.prepared.keep({**metadata, RESERVED: ours})


def _source_range(clip: Clip, rate: EditRate) -> Any:
    """In the rate of the media when the length is whole there too: not all programs read two rates in a range."""
    length = clip.duration_ticks / rate.fraction * clip.source_rate.fraction
    if length.denominator == 1 and length <= MOST_TICKS:
        span = MediaSpan(edit_rate=clip.source_rate, start_ticks=clip.source_in_ticks, duration_ticks=int(length))
        return range_of(span)
    start, duration = time_of(clip.source_in_ticks, clip.source_rate), time_of(clip.duration_ticks, rate)
    return otio.opentime.TimeRange(start, duration)


def _effect(speed: Fraction) -> Any:
    return otio.schema.LinearTimeWarp(time_scalar=float(speed)) if speed else otio.schema.FreezeFrame()


def _pair(rate: EditRate) -> tuple[int, int]:
    return rate.numerator, rate.denominator


def _told_by_float(rate: EditRate) -> bool:
    return exact_rate(float(rate.fraction), {})[0] == rate.fraction


def _rates(timeline: Timeline) -> Iterator[EditRate]:
    for sequence in timeline.sequences:
        yield sequence.edit_rate
        yield from (one.span.edit_rate for one in sequence.markers)
        for track in sequence.tracks:
            yield sequence.rate_of(track)
            yield from (one.span.edit_rate for one in track.markers)
            for clip in track.clips:
                yield clip.source_rate
                yield from (one.span.edit_rate for one in clip.markers)
                yield from (one.edit_rate for one in (clip.available, clip.frames) if one is not None)
