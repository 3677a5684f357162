"""Tracks of a file with exact times, before and after they are put on whole ticks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pipelines.editing.otio_media import Times
from pipelines.editing.otio_time import as_rate
from schemas.timeline import Clip, Marker, Track, Transition, transition_fault
from schemas.timing import EditRate


@dataclass(frozen=True)
class RawClip:
    """A clip with exact times."""

    start_s: Fraction
    """Where it begins on its track."""

    duration_s: Fraction
    source_in_s: Fraction
    source_rates: tuple[Fraction, ...]
    """Rates that its media may have, the likeliest first."""

    fields: dict[str, Any]
    """The other fields of `Clip`."""

    path: str


@dataclass(frozen=True)
class RawTransition:
    """A transition with exact times."""

    at_s: Fraction
    in_s: Fraction
    out_s: Fraction
    fields: dict[str, Any]
    path: str


@dataclass
class RawTrack:
    """A track with exact times."""

    path: str
    fields: dict[str, Any]
    """The other fields of `Track`."""

    stored_rate: EditRate | None = None
    """What an export of ours said."""

    clips: list[RawClip] = field(default_factory=list)
    transitions: list[RawTransition] = field(default_factory=list)
    end_s: Fraction = Fraction(0)
    rates: list[Fraction] = field(default_factory=list)
    """Rates in which lengths were written."""

    markers: tuple[Marker, ...] = ()


def frame_rate(tracks: Iterable[RawTrack], start_rate: Fraction | None) -> EditRate:
    """The rate in which most lengths on video tracks are written, else on any; the first of those that tie."""
    every = list(tracks)
    for chosen in ([one for one in every if one.fields["kind"] == "video"], every):
        votes = Counter(rate for track in chosen for rate in track.rates if as_rate(rate) is not None)
        if votes:
            rate = as_rate(max(votes, key=lambda one: votes[one]))
            assert rate is not None
            return rate
    return (as_rate(start_rate) if start_rate is not None else None) or EditRate()


def on_ticks(raw: RawTrack, sequence_rate: EditRate, times: Times) -> Track:
    """The track on whole ticks. Boundaries are rounded, where they must be, and never lengths."""
    cuts = {raw.end_s} | {edge for one in raw.clips for edge in (one.start_s, one.start_s + one.duration_s)}
    cuts |= {edge for one in raw.transitions for edge in (one.at_s - one.in_s, one.at_s, one.at_s + one.out_s)}
    wishes = [*([raw.stored_rate.fraction] if raw.stored_rate else []), sequence_rate.fraction, *raw.rates]
    rate = times.on_grid(list(cuts), list(dict.fromkeys(wishes)), raw.path)
    clips = [clip for one in raw.clips if (clip := _clip(one, rate, sequence_rate, times)) is not None]
    end = clips[-1].end_ticks if clips else 0
    track = Track(
        **raw.fields,
        edit_rate=None if rate == sequence_rate and raw.stored_rate is None else rate,
        clips=tuple(clips),
        trailing_gap_ticks=max(0, round(raw.end_s * rate.fraction) - end),
        markers=raw.markers,
    )
    return track.model_copy(update={"transitions": _transitions(raw, track, rate, times)})


def _clip(raw: RawClip, rate: EditRate, sequence_rate: EditRate, times: Times) -> Clip | None:
    start = round(raw.start_s * rate.fraction)
    end = round((raw.start_s + raw.duration_s) * rate.fraction)
    if end == start:
        times.prepared.found(raw.path, f"Clip {raw.fields['name']!r}", "it lasts no time")
        return None
    wishes = list(dict.fromkeys((*raw.source_rates, sequence_rate.fraction)))
    source_rate = times.on_grid([raw.source_in_s], wishes, f"{raw.path}.source_range.start_time")
    return Clip(
        **raw.fields,
        start_ticks=start,
        duration_ticks=end - start,
        source_rate=source_rate,
        source_in_ticks=round(raw.source_in_s * source_rate.fraction),
    )


def _transitions(raw: RawTrack, track: Track, rate: EditRate, times: Times) -> tuple[Transition, ...]:
    kept: list[Transition] = []
    edges = track.edges()
    for one in raw.transitions:
        at = round(one.at_s * rate.fraction)
        begin, end = round((one.at_s - one.in_s) * rate.fraction), round((one.at_s + one.out_s) * rate.fraction)
        made = Transition(**one.fields, at_ticks=at, in_ticks=at - begin, out_ticks=end - at)
        if fault := transition_fault(made, edges, kept[-1] if kept else None):
            times.prepared.found(one.path, f"Transition {made.name!r}", fault)
        else:
            kept.append(made)
    return tuple(kept)
