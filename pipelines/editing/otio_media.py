"""Media references, spans and markers, from OpenTimelineIO and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from pipelines.editing.otio_json import Prepared
from pipelines.editing.otio_schema import FASTEST, SLOWEST
from pipelines.editing.otio_time import exact_rate, grid, simplest
from schemas.edit_media import ASSET_URN, RESERVED, MediaSpan
from schemas.errors import InvalidInput
from schemas.timeline import Clip, Marker
from schemas.timing import EditRate

_OF_SEQUENCE = "of_sequence"
"""Set in a marker that belongs to a nested sequence and not to the clip that shows it: both are one stack in a file."""


@dataclass
class Times:
    """The exact times of one file; notes those that were not written exactly, each rate once."""

    prepared: Prepared
    known: Mapping[float, Fraction]
    """Unusual rates that the file names exactly."""

    _rates: dict[float, Fraction] = field(default_factory=dict)

    def rate(self, rate: float, path: str) -> Fraction:
        """Ticks a second."""
        if rate in self._rates:
            return self._rates[rate]
        exact, written = exact_rate(rate, self.known)
        self._rates[rate] = exact
        if not written:
            why = f"read as {exact.numerator}/{exact.denominator}, for which {rate} is the usual short form"
            self.prepared.found(path, f"rate {rate}", why, changed=True)
        return exact

    def seconds(self, time: Any, path: str) -> Fraction:
        """A RationalTime, exactly."""
        value, rate = self.prepared.time(time)
        return simplest(value) / self.rate(rate, path)

    def rate_of(self, time: Any, path: str) -> Fraction:
        """The rate in which a RationalTime is written."""
        return self.rate(self.prepared.time(time)[1], path)

    def length(self, time: Any, path: str) -> Fraction:
        """A RationalTime that may not be negative."""
        seconds = self.seconds(time, path)
        if seconds < 0:
            raise InvalidInput(f"{path} is {self.prepared.time(time)[0]!r} ticks; a length is not negative")
        return seconds

    def on_grid(self, times_s: list[Fraction], wishes: list[Fraction], path: str) -> EditRate:
        """A rate at which all of them are whole ticks, else a fine one, with a note."""
        rate, exact = grid(times_s, wishes)
        if not exact:
            why = f"no rate that can be written holds its times exactly; rounded to 1/{rate.numerator} s"
            self.prepared.found(path, "times", why, changed=True)
        return rate

    def span(self, time_range: Any, path: str) -> MediaSpan:
        """A TimeRange."""
        start_s = self.seconds(time_range.start_time, f"{path}.start_time")
        duration_s = self.length(time_range.duration, f"{path}.duration")
        wishes = [self.rate_of(one, path) for one in (time_range.start_time, time_range.duration)]
        rate = self.on_grid([start_s, duration_s], wishes, path)
        start = round(start_s * rate.fraction)
        end = round((start_s + duration_s) * rate.fraction)
        return MediaSpan(edit_rate=rate, start_ticks=start, duration_ticks=end - start)

    def markers(self, thing: Any, path: str) -> list[tuple[Marker, bool]]:
        """The markers of an item, and of each whether it belongs to the nested sequence."""
        found = []
        for index, one in enumerate(thing.markers):
            metadata, ours = split(self.prepared.opaque(one))
            span = self.span(one.marked_range, f"{path}.markers[{index}].marked_range")
            marker = Marker(name=one.name, comment=one.comment, colour=one.color or "", span=span, metadata=metadata)
            found.append((marker, ours.get(_OF_SEQUENCE) is True))
        return found


def split(metadata: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Metadata without what an export of ours added, and that."""
    ours = metadata.get(RESERVED)
    rest = {key: value for key, value in metadata.items() if key != RESERVED}
    return rest, ours if isinstance(ours, dict) else {}


def media_of(clip: Any, times: Times, path: str) -> dict[str, Any]:
    """The fields of `Clip` that say which media it shows."""
    references = clip.media_references()
    for key in sorted(references):
        missing = references[key].is_missing_reference and not times.prepared.opaque(references[key])
        if key != clip.active_media_reference_key and not missing:
            times.prepared.found(
                f"{path}.media_references.{key}",
                type(references[key]).__name__,
                "a clip has one medium, the active one",
            )
    reference = clip.media_reference
    at = f"{path}.media_reference"
    if reference is None:
        return {}
    metadata, _ = split(times.prepared.opaque(reference))
    fields: dict[str, Any] = {"media_name": reference.name, "media_metadata": metadata}
    if reference.available_range is not None:
        fields["available"] = times.span(reference.available_range, f"{at}.available_range")
    return fields | _source(reference, times, at)


def _source(reference: Any, times: Times, path: str) -> dict[str, Any]:
    if isinstance(reference, otio.schema.ExternalReference):
        if reference.target_url.startswith(ASSET_URN):
            return {"asset_id": reference.target_url.removeprefix(ASSET_URN)}
        if not reference.target_url:
            times.prepared.found(path, "ExternalReference", "it names no address; taken as missing media", changed=True)
            return {}
        return {"external": {"url": reference.target_url}}
    if isinstance(reference, otio.schema.GeneratorReference):
        parameters = times.prepared.opaque(reference, "parameters")
        return {"generated": {"generator": reference.generator_kind, "parameters": parameters}}
    if isinstance(reference, otio.schema.ImageSequenceReference):
        written = times.prepared.number(reference.rate)
        if not SLOWEST <= written <= FASTEST:
            raise InvalidInput(f"{path}.rate is {written!r}; it must be {SLOWEST} to {FASTEST}")
        rate = times.on_grid([], [times.rate(written, f"{path}.rate")], f"{path}.rate")
        return {
            "frames": {
                "base_url": reference.target_url_base,
                "prefix": reference.name_prefix,
                "suffix": reference.name_suffix,
                "start_frame": reference.start_frame,
                "frame_step": reference.frame_step,
                "zero_padding": reference.frame_zero_padding,
                "edit_rate": rate,
                "missing_frames": reference.missing_frame_policy.name,
            }
        }
    return {}


def time_of(ticks: int, rate: EditRate) -> Any:
    """A RationalTime."""
    return otio.opentime.RationalTime(ticks, float(rate.fraction))


def range_of(span: MediaSpan | None) -> Any:
    """A TimeRange, or None."""
    if span is None:
        return None
    start, duration = time_of(span.start_ticks, span.edit_rate), time_of(span.duration_ticks, span.edit_rate)
    return otio.opentime.TimeRange(start, duration)


def reference_of(clip: Clip, prepared: Prepared) -> Any:
    """The media reference of a clip that shows no sequence."""
    schema = otio.schema
    made = schema.MissingReference()
    if clip.asset_id is not None:
        made = schema.ExternalReference(target_url=ASSET_URN + clip.asset_id)
    elif clip.external is not None:
        made = schema.ExternalReference(target_url=clip.external.url)
    elif clip.generated is not None:
        parameters = prepared.keep(clip.generated.parameters)
        made = schema.GeneratorReference(generator_kind=clip.generated.generator, parameters=parameters)
    elif (frames := clip.frames) is not None:
        made = schema.ImageSequenceReference(
            target_url_base=frames.base_url,
            name_prefix=frames.prefix,
            name_suffix=frames.suffix,
            start_frame=frames.start_frame,
            frame_step=frames.frame_step,
            rate=float(frames.edit_rate.fraction),
            frame_zero_padding=frames.zero_padding,
            missing_frame_policy=getattr(schema.ImageSequenceReference.MissingFramePolicy, frames.missing_frames),
        )
    made.name = clip.media_name
    made.available_range = range_of(clip.available)
    made.metadata.update(prepared.keep(clip.media_metadata))
    return made


def add_markers(thing: Any, markers: tuple[Marker, ...], prepared: Prepared, *, of_sequence: bool = False) -> None:
    """Gives an item its markers."""
    for one in markers:
        metadata = {**one.metadata, RESERVED: {_OF_SEQUENCE: True}} if of_sequence else one.metadata
        made = otio.schema.Marker(
            name=one.name, marked_range=range_of(one.span), color=one.colour, comment=one.comment,
            metadata=prepared.keep(metadata),
        )  # fmt: skip
        thing.markers.append(made)
