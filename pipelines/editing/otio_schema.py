"""What the library may see of a file: known schemas, known fields, each of the type that it expects.

At a field of another type, or one that is missing, opentimelineio 0.18.1 may read beyond its memory; at the schema
name `UnknownSchema.1` it ends the process; objects that contain themselves or lie too deep overflow its stack. So each
object is checked and completed, and brought to the newest version. What nobody knows is dropped with a note where
nothing depends on it, and refused elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import opentimelineio as otio

from pipelines.editing.otio_json import Prepared, parsed
from schemas.errors import InvalidInput

MOST_NODES = 1_000_000
"""Objects and lists after references are replaced by what they name; an hour-long edit has some 100,000."""

SLOWEST, FASTEST = 1e-6, 1e12
"""Ticks a second that a file may count in: from one in eleven days to a thousand a nanosecond."""

LARGEST = 1e18

Kind = Literal[
    "text", "flag", "whole", "number", "policy", "time", "range", "children", "list", "one", "map", "opaque", "unused",
]  # fmt: skip

_OBJECT: dict[str, Kind] = {"metadata": "opaque", "name": "text"}
_ITEM: dict[str, Kind] = {
    **_OBJECT, "source_range": "range", "effects": "list", "markers": "list", "enabled": "flag", "color": "unused",
}  # fmt: skip
_EFFECT: dict[str, Kind] = {**_OBJECT, "effect_name": "text", "enabled": "flag"}
_WARP: dict[str, Kind] = {**_EFFECT, "time_scalar": "number"}
_MEDIUM: dict[str, Kind] = {**_OBJECT, "available_range": "range", "available_image_bounds": "unused"}

FIELDS: dict[str, dict[str, Kind]] = {
    "Timeline": {**_OBJECT, "global_start_time": "time", "tracks": "one"},
    "SerializableCollection": {**_OBJECT, "children": "children"},
    "Stack": {**_ITEM, "children": "children"},
    "Track": {**_ITEM, "children": "children", "kind": "text"},
    "Gap": _ITEM,
    "Clip": {
        **_ITEM, "media_references": "map", "active_media_reference_key": "text",
    },
    "Transition": {**_OBJECT, "in_offset": "time", "out_offset": "time", "transition_type": "text"},
    "Marker": {**_OBJECT, "color": "text", "comment": "text", "marked_range": "range"},
    "Effect": _EFFECT,
    "TimeEffect": _EFFECT,
    "LinearTimeWarp": _WARP,
    "FreezeFrame": _WARP,
    "MissingReference": _MEDIUM,
    "ExternalReference": {**_MEDIUM, "target_url": "text"},
    "GeneratorReference": {**_MEDIUM, "generator_kind": "text", "parameters": "opaque"},
    "ImageSequenceReference": {
        **_MEDIUM, "target_url_base": "text", "name_prefix": "text", "name_suffix": "text", "start_frame": "whole",
        "frame_step": "whole", "rate": "number", "frame_zero_padding": "whole", "missing_frame_policy": "policy",
    },
}  # fmt: skip
"""Schema -> its fields."""

_RENAMED = {
    ("Clip", 1): ("media_reference", "media_references", "DEFAULT_MEDIA"),
    ("Marker", 1): ("range", "marked_range", ""),
}
"""Older version -> a field that is called otherwise since, its name now, and the key under which its value stands."""

_COMPOSABLE = frozenset({"Clip", "Gap", "Stack", "Track", "Transition"})
_MEDIA = frozenset({"ExternalReference", "GeneratorReference", "ImageSequenceReference", "MissingReference"})
_BELONGS = {
    "effects": frozenset({"Effect", "TimeEffect", "LinearTimeWarp", "FreezeFrame"}),
    "markers": frozenset({"Marker"}),
    "media_references": _MEDIA,
    "tracks": frozenset({"Stack"}),
}
"""Field -> the schemas that may stand there; what may not is dropped with a note."""

_UNUSED = {
    "color": "an item's colour on the screen is not modelled",
    "available_image_bounds": "the size of the picture is not modelled",
}

_POLICIES = ("error", "hold", "black")

_UNSAID: dict[str, dict[str, float]] = {
    "LinearTimeWarp": {"time_scalar": 1.0},
    "FreezeFrame": {"time_scalar": 0.0},
    "ImageSequenceReference": {"rate": 1.0},
}
"""What a number is when a file does not say."""

_REFERENCE = "SerializableObjectRef"


def prepare(raw: bytes) -> Prepared:
    """A file made ready for the library.

    Raises:
        InvalidInput: no file of OpenTimelineIO, newer than the library, or one that it must not see.
    """
    value = parsed(raw)
    if (name := schema_of(value, "")[0]) not in FIELDS:
        raise InvalidInput(f"the file holds a {name}, in which there is no Timeline, Stack or Track")
    prepared = Prepared("")
    prepared.text = json.dumps(_Preparation(prepared, dict(_named(value))).thing(value, "", ()))
    return prepared


def schema_of(value: dict[str, Any], path: str) -> tuple[str, int]:
    """Name and version of an object's schema."""
    name, _, version = str(value.get("OTIO_SCHEMA")).rpartition(".")
    if not name or not version.isascii() or not version.isdigit() or len(version) > 9:
        found = f"{value.get('OTIO_SCHEMA')!r:.80}"
        raise InvalidInput(f"{path or 'the file'} has the OTIO_SCHEMA {found}, which is not NAME.VERSION")
    return name, int(version)


def _named(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Objects that others may refer to, by their OTIO_REF_ID."""
    if isinstance(value, dict) and isinstance(value.get("OTIO_REF_ID"), str):
        yield value["OTIO_REF_ID"], value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _named(inner)


@dataclass
class _Preparation:
    """One pass over a file."""

    prepared: Prepared
    named: dict[str, dict[str, Any]]
    nodes: int = 0

    def thing(self, value: dict[str, Any], path: str, above: tuple[str, ...]) -> dict[str, Any]:
        """An object as the library may have it; `above` holds the references that led here."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise InvalidInput(f"the OpenTimelineIO file holds more than {MOST_NODES} objects")
        name, version = schema_of(value, path)
        if name == _REFERENCE:
            if value["id"] in above:
                raise InvalidInput(f"{path} contains itself: {value['id']!r}")
            return self.thing(self.named[value["id"]], path, (*above, value["id"]))
        if "OTIO_REF_ID" in value:
            above = (*above, str(value["OTIO_REF_ID"]))
        if (name, version) == ("Marker", 3):
            value, version = self._older_marker(value, path), 2
        elif (name, version) in _RENAMED:
            value = _newer(value, *_RENAMED[name, version])
        newest = otio.core.type_version_map()[name]
        if version > newest:
            raise InvalidInput(f"{path or 'the file'} is a {name}.{version}; the newest known here is {name}.{newest}")
        ready = _fresh(name)
        for key, inner in {**_UNSAID.get(name, {}), **value}.items():
            below = f"{path}.{key}" if path else key
            kind = FIELDS[name].get(key)
            if kind is not None:
                self._field(ready, name, key, inner, kind, below, above)
            elif key not in ("OTIO_SCHEMA", "OTIO_REF_ID"):
                self.prepared.found(below, f"field {key!r}", f"a {name} has no such field")
        if name == "Clip":
            ready["media_references"].setdefault(ready["active_media_reference_key"], _fresh("MissingReference"))
        return ready

    def _field(
        self, ready: dict[str, Any], owner: str, key: str, inner: Any, kind: Kind, path: str, above: tuple[str, ...]
    ) -> None:
        if inner is None:
            return  # as if the file did not say
        if kind == "unused":
            self.prepared.found(path, key, _UNUSED[key])
        elif kind == "opaque":
            ready[key] = self.prepared.keep(_object(inner, path))
        elif kind in ("children", "list"):
            ready[key] = list(self._things(owner, key, inner, path, above))
        elif kind == "map":
            every = {str(name): (one, f"{path}.{name}") for name, one in _object(inner, path).items()}
            kept = {
                name: self.thing(one, at, above) for name, (one, at) in every.items() if self._belongs(key, one, at)
            }
            ready[key] = kept or {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "MissingReference.1"}}
        elif kind == "one":
            if self._belongs(key, inner, path):
                ready[key] = self.thing(inner, path, above)
        else:
            ready[key] = self._plain(inner, kind, path)

    def _plain(self, value: Any, kind: Kind, path: str) -> Any:
        if kind == "text":
            return _text(value, path)
        if kind == "policy" and value in _POLICIES:
            return value
        if kind == "number":
            return self.prepared.keep_number(_number(value, path))
        if kind == "time":
            return self._time(value, path)
        if kind == "range":
            _check_schema(value, "TimeRange", path)
            times = {one: self._time(value.get(one), f"{path}.{one}") for one in ("start_time", "duration")}
            return {"OTIO_SCHEMA": "TimeRange.1", **times}
        if kind == "flag" and isinstance(value, bool):
            return value
        if kind == "whole" and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31:
            return value
        wanted = {"flag": "true or false", "policy": f"one of {', '.join(_POLICIES)}"}.get(kind, "a whole number")
        raise InvalidInput(f"{path} must be {wanted}, got {value!r:.60}")

    def _time(self, value: Any, path: str) -> dict[str, Any]:
        _check_schema(value, "RationalTime", path)
        number, rate = (_number(value.get(key), f"{path}.{key}") for key in ("value", "rate"))
        if not SLOWEST <= rate <= FASTEST:
            raise InvalidInput(f"{path}.rate is {rate!r}; it must be {SLOWEST} to {FASTEST}")
        return self.prepared.keep_time(number, rate)

    def _things(self, owner: str, key: str, inner: Any, path: str, above: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        """The objects of a list; children of which nobody knows how long they are, are refused, since others follow."""
        if not isinstance(inner, list):
            raise InvalidInput(f"{path} must be a list, got {inner!r:.60}")
        for index, one in enumerate(inner):
            at = f"{path}[{index}]"
            if key == "children" and owner != "SerializableCollection":
                name = schema_of(self._target(one, at), at)[0]
                if name not in _COMPOSABLE:
                    raise InvalidInput(
                        f"{at} is a {name}, whose length nobody here knows; what follows it has no place"
                    )
                yield self.thing(one, at, above)
            elif self._belongs(key, one, at):
                yield self.thing(one, at, above)

    def _belongs(self, key: str, value: Any, path: str) -> bool:
        """Whether an object is one that may stand in a field; what may not is noted."""
        name, version = schema_of(self._target(value, path), path)
        fits = name in _BELONGS.get(key, FIELDS)
        if not fits:
            self.prepared.found(path, f"{name}.{version}", "nobody here knows what it is in this place")
        return fits

    def _target(self, value: Any, path: str) -> dict[str, Any]:
        """The object itself, or the one that it refers to."""
        found = _object(value, path)
        for _ in range(len(self.named) + 1):
            if schema_of(found, path)[0] != _REFERENCE:
                return found
            wanted = found.get("id")
            if not isinstance(wanted, str) or wanted not in self.named:
                raise InvalidInput(f"{path} refers to {wanted!r:.80}, which is not in the file")
            found = self.named[wanted]
        raise InvalidInput(f"{path} refers to itself")

    def _older_marker(self, value: dict[str, Any], path: str) -> dict[str, Any]:
        """A marker as version 2 has it. Version 3, which no release writes yet, gives its colour in components."""
        colour = value.get("color")
        name = colour.get("name") if isinstance(colour, dict) else colour
        if isinstance(colour, dict):
            self.prepared.found(f"{path}.color", f"Color {name!r:.60}", "kept by its name alone", changed=True)
        return {**value, "color": name if isinstance(name, str) else ""}


@cache
def _fresh_text(name: str) -> str:
    text: str = otio.core.serialize_json_to_string(getattr(otio.schema, name)(), {}, -1)
    return text


def _fresh(name: str) -> dict[str, Any]:
    """A new object of the newest version, with every field: the library may read beyond its memory where one lacks."""
    made: dict[str, Any] = json.loads(_fresh_text(name))
    return made


def _newer(value: dict[str, Any], old: str, new: str, key: str) -> dict[str, Any]:
    """An object with a field renamed."""
    rest = {name: inner for name, inner in value.items() if name != old}
    if value.get(old) is None:
        return rest
    return {**rest, new: {key: value[old]} if key else value[old]}


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(f"{path} must be an object, got {value!r:.60}")
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{path} must be a text, got {value!r:.60}")
    if "\0" in value:
        raise InvalidInput(f"{path} holds a NUL, at which the library would cut it off: {value!r:.60}")
    return value


def _number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        raise InvalidInput(f"{path} must be a number up to {LARGEST:.0e}, got {value!r:.60}")
    return value


def _check_schema(value: Any, wanted: str, path: str) -> None:
    name, _ = schema_of(_object(value, path), path)
    if name != wanted:
        raise InvalidInput(f"{path} must be a {wanted}, got a {name}")
