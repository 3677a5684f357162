"""An OpenTimelineIO file as a Timeline, and a report of what that does not hold.

Positions are added up as exact fractions and put on whole ticks at the end, so that nothing drifts. Ids are those that
an export of ours left in the metadata; everything else gets one made of the file's hash and its place, so that the same
file gives the same document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import opentimelineio as otio
from pydantic import ValidationError

from pipelines.editing.otio_items import (
    fraction_of,
    identifier,
    is_item,
    listed,
    named,
    note_gap,
    rate_of,
    speed_of,
)  # fmt: skip
from pipelines.editing.otio_media import Times, media_of, split
from pipelines.editing.otio_schema import prepare
from pipelines.editing.otio_tracks import RawClip, RawTrack, RawTransition, frame_rate, on_ticks
from schemas.canonical import fingerprint, sha256_hex
from schemas.document import describe
from schemas.errors import InvalidInput
from schemas.otio_report import OtioReport
from schemas.timeline import Marker, Sequence, Timeline, shown_by
from schemas.timing import EditRate

MEDIA_TYPE = "application/vnd.pixar.opentimelineio+json"

KINDS = {"Video": "video", "Audio": "audio"}

MOST_ITEMS = 50_000
"""Clips, gaps and compositions that are looked at, repeated ones each time: about a minute's work."""

_SCHEMA = otio.schema


@dataclass(frozen=True)
class Imported:
    """What a file gave."""

    timeline: Timeline
    report: OtioReport


def import_otio(raw: bytes) -> Imported:
    """The timeline of a file (`.otio`), and what it does not hold.

    Raises:
        InvalidInput: no OpenTimelineIO file, or one whose times make no sense; the message says where.
    """
    prepared = prepare(raw)
    root = prepared.root()
    _, ours = split(prepared.opaque(root))
    rates = [exact for one in listed(ours, "rates") if (exact := fraction_of(one)) is not None and exact > 0]
    taking = _Import(Times(prepared, {float(one): one for one in rates}), sha256_hex(raw))
    try:
        return Imported(taking.timeline(root, ours), OtioReport(findings=tuple(prepared.findings)))
    except ValidationError as exc:
        raise InvalidInput(f"the file makes no valid timeline: {describe(exc)}") from exc


@dataclass(frozen=True)
class _Facts:
    """What a sequence is called and how it counts, where the file says so."""

    sequence_id: object = None
    name: str = ""
    rate: EditRate | None = None
    start_s: Fraction = Fraction(0)
    start_rate: Fraction | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    markers: tuple[Marker, ...] = ()


@dataclass
class _Import:
    times: Times
    digest: str
    sequences: dict[str, Sequence] = field(default_factory=dict)
    tops: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    items: int = 0

    def timeline(self, root: Any, ours: Mapping[str, Any]) -> Timeline:
        if isinstance(root, _SCHEMA.Timeline):
            self._top(root, "")
        elif isinstance(root, _SCHEMA.SerializableCollection):
            self._lost(
                split(self.times.prepared.opaque(root))[0], "metadata", "metadata of a collection are not modelled"
            )
            for index, one in enumerate(root):
                if isinstance(one, _SCHEMA.Timeline):
                    self._top(one, f"children[{index}]")
                else:
                    self._found(f"children[{index}]", named(one), "of a collection, only timelines are taken")
        elif isinstance(root, _SCHEMA.Stack | _SCHEMA.Track):
            self.tops.append(self._nested(root, "", {}).sequence_id)
        if not self.sequences:
            raise InvalidInput(f"the file holds a {type(root).__name__}, in which there is no Timeline, Stack or Track")
        order = {one: index for index, one in enumerate(listed(ours, "sequences")) if isinstance(one, str)}
        kept: set[str] = set()
        for top in self.tops:
            self._reach(top, kept)  # what only a clip of no length showed is gone with it
        sequences = [one for one in self.sequences.values() if one.sequence_id in kept]
        sequences.sort(key=lambda one: one.sequence_id not in self.tops)
        sequences.sort(key=lambda one: order.get(one.sequence_id, len(order)))
        title = ours.get("title")
        return Timeline(
            timeline_id=identifier(ours.get("timeline_id")) or f"t_{self.digest[:16]}",
            project_id=identifier(ours.get("project_id")),
            title=title if isinstance(title, str) else root.name,
            sequences=tuple(sequences),
        )

    def _reach(self, sequence_id: str, kept: set[str]) -> None:
        if sequence_id not in kept:
            kept.add(sequence_id)
            for one in shown_by(self.sequences[sequence_id]):
                self._reach(one, kept)

    def _top(self, top: Any, path: str) -> None:
        metadata, ours = split(self.times.prepared.opaque(top))
        below, start_at = _at(path, "tracks"), _at(path, "global_start_time")
        start = top.global_start_time
        raw: list[RawTrack] = []
        markers: tuple[Marker, ...] = ()
        stack = top.tracks
        if stack is not None and is_item(stack, self.times):
            raw = [self._alone(stack, below)]
            self._found(below, named(stack), "its range and speed are kept by a nested sequence", changed=True)
        elif stack is not None:
            markers = tuple(one for one, _ in self.times.markers(stack, below))
            raw = list(self._layers(stack, below))
            self._note_stack(stack, top, below)
        facts = _Facts(
            sequence_id=ours.get("sequence_id"),
            name=top.name,
            rate=rate_of(ours.get("edit_rate")),
            start_s=Fraction(0) if start is None else self.times.seconds(start, start_at),
            start_rate=None if start is None else self.times.rate_of(start, start_at),
            metadata=metadata,
            markers=markers,
        )
        self.tops.append(self._add(raw, facts, below).sequence_id)

    def _note_stack(self, stack: Any, top: Any, path: str) -> None:
        speed_of(stack, self.times, path)
        self._lost(self.times.prepared.opaque(stack), f"{path}.metadata", "the timeline's own are kept instead")
        if stack.name not in ("", "tracks", top.name):
            self._lost(stack.name, f"{path}.name", "the timeline's own is kept instead")
        if not stack.enabled:
            self._found(f"{path}.enabled", "false", "a whole sequence cannot be switched off")

    def _add(self, raw: list[RawTrack], facts: _Facts, path: str) -> Sequence:
        """A sequence of these tracks, added to the timeline."""
        rate = facts.rate or frame_rate(raw, facts.start_rate)
        start = facts.start_s * rate.fraction
        if start.denominator != 1:
            self._found(path, f"start at {float(facts.start_s)} s", "rounded to a whole frame", changed=True)
        sequence = Sequence(
            sequence_id=self._take("s", facts.sequence_id, path),
            name=facts.name,
            edit_rate=rate,
            start_ticks=round(start),
            tracks=tuple(on_ticks(one, rate, self.times) for one in raw),
            markers=facts.markers,
            metadata=dict(facts.metadata),
        )
        self.sequences[sequence.sequence_id] = sequence
        return sequence

    def _layers(self, stack: Any, path: str) -> Iterator[RawTrack]:
        """The tracks of a stack; what lies in it beside plain tracks gets one of its own."""
        for index, one in enumerate(stack):
            at = f"{path}.children[{index}]"
            if isinstance(one, _SCHEMA.Track) and one.kind not in KINDS:
                self._found(at, named(one), f"tracks of kind {one.kind!r:.60} are not modelled")
            elif isinstance(one, _SCHEMA.Track) and not is_item(one, self.times):
                yield self._track(one, at)
            elif isinstance(one, _SCHEMA.Transition):
                self._found(at, named(one), "a transition lies between clips of a track, not in a stack")
            else:
                self._found(at, named(one), "put on a track of its own, since it lies in a stack", changed=True)
                yield self._alone(one, at)

    def _track(self, track: Any, path: str) -> RawTrack:
        metadata, ours = split(self.times.prepared.opaque(track))
        speed_of(track, self.times, path)
        fields = {
            "track_id": self._take("k", ours.get("track_id"), path), "name": track.name, "kind": KINDS[track.kind],
            "enabled": track.enabled, "metadata": metadata,
        }  # fmt: skip
        raw = RawTrack(path, fields, rate_of(ours.get("edit_rate")))
        raw.markers = tuple(one for one, _ in self.times.markers(track, path))
        for index, one in enumerate(track):
            self._append(raw, one, f"{path}.children[{index}]")
        return raw

    def _alone(self, item: Any, path: str) -> RawTrack:
        kind = KINDS.get(getattr(item, "kind", "Video"), "video")
        raw = RawTrack(path, {"track_id": self._take("k", None, f"{path}#track"), "kind": kind})
        self._append(raw, item, path)
        return raw

    def _append(self, raw: RawTrack, item: Any, path: str) -> None:
        self.items += 1
        if self.items > MOST_ITEMS:
            raise InvalidInput(f"the file has more than {MOST_ITEMS} items, repeated ones counted each time")
        if isinstance(item, _SCHEMA.Transition):
            metadata, _ = split(self.times.prepared.opaque(item))
            fields = {"kind": item.transition_type, "name": item.name, "metadata": metadata}
            in_s = self.times.length(item.in_offset, f"{path}.in_offset")
            out_s = self.times.length(item.out_offset, f"{path}.out_offset")
            raw.transitions.append(RawTransition(raw.end_s, in_s, out_s, fields, path))
        elif isinstance(item, _SCHEMA.Gap):
            note_gap(item, self.times, path)
            raw.rates.append(self.times.rate_of(item.source_range.duration, path))
            raw.end_s += self.times.length(item.source_range.duration, f"{path}.source_range.duration")
        else:
            raw.clips.append(self._clip(raw, item, path))
            raw.end_s += raw.clips[-1].duration_s

    def _clip(self, raw: RawTrack, item: Any, path: str) -> RawClip:
        metadata, ours = split(self.times.prepared.opaque(item))
        fields = {
            "clip_id": self._take("c", ours.get("clip_id"), path), "name": item.name, "enabled": item.enabled,
            "speed": speed_of(item, self.times, path), "metadata": metadata,
        }  # fmt: skip
        markers = self.times.markers(item, path)
        taken, whole_s, rates = item.source_range, Fraction(0), []
        if isinstance(item, _SCHEMA.Clip):
            fields |= media_of(item, self.times, path)
            taken = taken or (item.media_reference and item.media_reference.available_range)
            if taken is None:
                raise InvalidInput(f"{path} has neither a source range nor an available range, so no length")
        else:
            shown = self._nested(item, path, ours, tuple(one for one, of_sequence in markers if of_sequence))
            fields["sequence_id"] = shown.sequence_id
            markers = [one for one in markers if not one[1]]
            whole_s, rates = _longest_s(shown), [shown.edit_rate.fraction]
        fields["markers"] = tuple(one for one, _ in markers)
        start_s = Fraction(0)
        if taken is not None:
            start_s = self.times.seconds(taken.start_time, f"{path}.source_range.start_time")
            whole_s = self.times.length(taken.duration, f"{path}.source_range.duration")
            rates = [self.times.rate_of(one, path) for one in (taken.start_time, taken.duration)]
        raw.rates.append(rates[-1])
        return RawClip(raw.end_s, whole_s, start_s, tuple(rates), fields, path)

    def _nested(self, item: Any, path: str, ours: Mapping[str, Any], markers: tuple[Marker, ...] = ()) -> Sequence:
        """The sequence of a stack or track; copies of one that was exported more than once are one again."""
        stored = ours.get("sequence")
        stored = stored if isinstance(stored, dict) else {}
        rate, start = rate_of(stored.get("edit_rate")), stored.get("start_ticks")
        facts = _Facts(
            sequence_id=stored.get("sequence_id"),
            name=stored["name"] if isinstance(stored.get("name"), str) else item.name,
            rate=rate,
            start_s=start / rate.fraction if rate is not None and isinstance(start, int) else Fraction(0),
            start_rate=None if item.source_range is None else self.times.rate_of(item.source_range.duration, path),
            metadata=stored["metadata"] if isinstance(stored.get("metadata"), dict) else {},
            markers=markers,
        )
        first = self.sequences.get(str(facts.sequence_id))
        if first is None:
            return self._built(item, facts, path)
        used, sequences, found = set(self.used), dict(self.sequences), len(self.times.prepared.findings)
        self.used -= _ids(first)
        copy = self._built(item, facts, path)
        self.used, self.sequences = used, sequences
        if copy == first:
            del self.times.prepared.findings[found:]
            return first
        why = f"differs from the sequence {first.sequence_id!r}, whose id it bears; it got one of its own"
        self._found(path, named(item), why, changed=True)
        return self._built(item, facts, path)

    def _built(self, item: Any, facts: _Facts, path: str) -> Sequence:
        if isinstance(item, _SCHEMA.Stack):
            return self._add(list(self._layers(item, path)), facts, path)
        self._found(path, named(item), "a track within a track is shown as a nested sequence", changed=True)
        if item.kind not in KINDS:
            self._found(f"{path}.kind", f"{item.kind!r:.60}", "taken as video", changed=True)
        raw = RawTrack(
            path, {"track_id": self._take("k", None, f"{path}#track"), "kind": KINDS.get(item.kind, "video")}
        )
        for index, one in enumerate(item):
            self._append(raw, one, f"{path}.children[{index}]")
        return self._add([raw], facts, path)

    def _take(self, letter: str, wanted: object, path: str) -> str:
        """An id that nothing else has: the one that is stored, unless it is taken, else one made of the place."""
        stored = identifier(wanted)
        if stored is not None and stored not in self.used:
            self.used.add(stored)
            return stored
        if stored is not None:
            self._found(path, f"id {stored!r}", "another object bears it already; it got a new one", changed=True)
        made, turn = "", 0
        while not made or made in self.used:
            made = f"{letter}_{fingerprint([self.digest, letter, path, turn])[:16]}"
            turn += 1
        self.used.add(made)
        return made

    def _found(self, path: str, what: str, why: str, *, changed: bool = False) -> None:
        self.times.prepared.found(path, what, why, changed=changed)

    def _lost(self, value: object, path: str, why: str) -> None:
        if value:
            self._found(path, f"{value!r:.80}", why)


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _longest_s(sequence: Sequence) -> Fraction:
    ends = [Fraction(track.end_ticks) / sequence.rate_of(track).fraction for track in sequence.tracks]
    return max(ends, default=Fraction(0))


def _ids(sequence: Sequence) -> set[str]:
    clips = {clip.clip_id for track in sequence.tracks for clip in track.clips}
    return clips | {track.track_id for track in sequence.tracks} | {sequence.sequence_id}
