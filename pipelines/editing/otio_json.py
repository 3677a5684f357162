"""OpenTimelineIO files as JSON: strictly read and made ready for the library, and written back.

The library's own reader lets through what crashes or misleads later: NaN, rates of zero, objects that contain
themselves, nesting that overflows the stack; unknown fields vanish without a word, whole numbers above 64 bits are cut,
and fractions come out wrong in their last place (opentimelineio 0.18.1, tests/unit/editing/test_otio_json.py). So the
text is parsed and checked here first. Metadata, which other programs own, and times never pass through the library: its
objects carry a place in a list instead of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import opentimelineio as otio

from schemas.document import parsed_json
from schemas.errors import InvalidInput
from schemas.otio_report import OtioFinding

MOST_BYTES = 32 * 2**20
"""A feature film's edit with all of an editing program's metadata stays below it."""

MOST_NODES = 1_000_000
"""Objects and lists after references are replaced by what they name; an hour-long edit has some 100,000."""

DEEPEST = 200
"""Levels of JSON. A nested sequence takes four."""

SLOWEST, FASTEST = 1e-6, 1e12
"""Ticks a second that a file may count in: from one in eleven days to a thousand a nanosecond."""

LARGEST = 1e18

_ITEMS = frozenset({"Clip", "Gap", "Stack", "Track"})
_COMPOSABLE = _ITEMS | {"Transition"}
_EFFECTS = frozenset({"Effect", "TimeEffect", "LinearTimeWarp", "FreezeFrame"})
_MEDIA = frozenset({"ExternalReference", "GeneratorReference", "ImageSequenceReference", "MissingReference"})
_READ = _COMPOSABLE | _EFFECTS | _MEDIA | {"Timeline", "SerializableCollection", "Marker"}
_LISTS = {"effects": _EFFECTS, "markers": frozenset({"Marker"})}
_OLDER_FIELDS = {"Clip": {"media_reference"}, "Marker": {"range"}, "Timeline": {"global_offset"}}
"""Fields of older versions of a schema, which the library upgrades."""

_REFUSALS = (ValueError, KeyError, TypeError, IndexError, RuntimeError, otio.exceptions.OTIOError)
"""What the library raises at a file that it does not accept."""

_PLACE = "kept"
_OPAQUE = ("metadata", "parameters")


@dataclass
class Prepared:
    """A file that the library can read, and what was taken out of it."""

    text: str
    findings: list[OtioFinding] = field(default_factory=list)
    _kept: list[dict[str, Any]] = field(default_factory=list)
    _times: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 1.0)])
    """Value and rate; what the library makes where a file says nothing, 0 at rate 1, reads as the first of them."""

    _numbers: list[float] = field(default_factory=list)
    nodes: int = 0

    def root(self) -> Any:
        """The object that the file holds.

        Raises:
            InvalidInput: the library does not accept it.
        """
        try:
            return otio.core.deserialize_json_from_string(self.text)
        except _REFUSALS as exc:
            raise InvalidInput(f"this is no OpenTimelineIO file: {exc}") from exc

    def opaque(self, thing: Any, name: str = "metadata") -> dict[str, Any]:
        """The metadata (or the generator's parameters) of an object, as they stood in the file."""
        place = getattr(thing, name).get(_PLACE)
        return {} if place is None else self._kept[place]

    def time(self, time: Any) -> tuple[float, float]:
        """Value and rate of a RationalTime, as they stood in the file."""
        value, rate = self._times[round(time.value)]
        return value, rate

    def number(self, place: float) -> float:
        """A speed, or the rate of an image sequence, as it stood in the file."""
        return self._numbers[round(place)]

    def keep_time(self, value: float, rate: float) -> dict[str, Any]:
        """What stands in the place of a RationalTime while the library reads the file."""
        self._times.append((value, rate))
        return {"OTIO_SCHEMA": "RationalTime.1", "value": len(self._times) - 1, "rate": 1}

    def keep_number(self, number: float) -> int:
        """What stands in the place of a number while the library reads the file."""
        self._numbers.append(number)
        return len(self._numbers) - 1

    def keep(self, value: dict[str, Any]) -> dict[str, Any]:
        """What stands in the place of `value` while the library has the object."""
        self._kept.append(value)
        return {_PLACE: len(self._kept) - 1}

    def found(self, path: str, what: str, why: str, *, changed: bool = False) -> None:
        """Notes what the timeline will not hold."""
        self.findings.append(OtioFinding(path=path, what=what, outcome="changed" if changed else "dropped", why=why))


def prepare(raw: bytes) -> Prepared:
    """The file made ready.

    Raises:
        InvalidInput: too large, no JSON, too deep, not OpenTimelineIO, newer than the library, or contains itself.
    """
    if len(raw) > MOST_BYTES:
        raise InvalidInput(f"the OpenTimelineIO file has {len(raw)} bytes; {MOST_BYTES} are the most")
    if raw[:2] == b"PK":
        raise InvalidInput("this is an .otioz bundle; unpack it and bring its content.otio")
    try:
        value = parsed_json(raw)
    except (ValueError, RecursionError) as exc:
        raise InvalidInput(f"the OpenTimelineIO file is not valid JSON: {exc}") from exc
    _check_depth(value)
    if not isinstance(value, dict) or not isinstance(value.get("OTIO_SCHEMA"), str):
        raise InvalidInput(f"this is no OpenTimelineIO file: no OTIO_SCHEMA in {json.dumps(value)[:60]!r}")
    if (name := _schema(value, "")[0]) not in _READ:
        raise InvalidInput(f"the file holds a {name}, in which there is no Timeline, Stack or Track")
    prepared = Prepared("")
    ready = _Preparation(prepared, dict(_named(value))).value(value, "", ())
    prepared.text = json.dumps(ready)
    return prepared


def written(root: Any, prepared: Prepared) -> bytes:
    """The file that holds `root`, whose metadata `prepared` keeps.

    Raises:
        InvalidInput: metadata make a file that OpenTimelineIO cannot read.
    """
    value = json.loads(otio.core.serialize_json_to_string(root, {}, -1))
    text = json.dumps(_put_back(value, prepared), indent=4, ensure_ascii=False) + "\n"
    try:
        otio.core.deserialize_json_from_string(text)
    except _REFUSALS as exc:
        raise InvalidInput(f"the metadata make a file that OpenTimelineIO cannot read: {exc}") from exc
    return text.encode()


def _put_back(value: Any, prepared: Prepared) -> Any:
    if isinstance(value, list):
        return [_put_back(one, prepared) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: prepared._kept[inner[_PLACE]] if key in _OPAQUE and _PLACE in (inner or ()) else _put_back(inner, prepared)
        for key, inner in value.items()
    }


def _check_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        if any(isinstance(inner, float) and math.isinf(inner) for one in level for inner in _inside(one)):
            raise InvalidInput("the OpenTimelineIO file holds a number beyond what floating point can")
        depth += 1
        if depth > DEEPEST:
            raise InvalidInput(f"the OpenTimelineIO file is nested more than {DEEPEST} levels deep")
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, dict | list)]


def _inside(value: Any) -> Iterator[Any]:
    return iter(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


def _named(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Objects that others may refer to, by their OTIO_REF_ID."""
    if isinstance(value, dict) and isinstance(value.get("OTIO_REF_ID"), str):
        yield value["OTIO_REF_ID"], value
    for inner in _inside(value):
        yield from _named(inner)


@cache
def _versions() -> dict[str, int]:
    """Schema -> its newest version. The library knows more names, and the process ends when it meets some of them."""
    return {name: version for name, version in otio.core.type_version_map().items() if name in _READ}


@cache
def _fields(name: str) -> frozenset[str]:
    """The fields of a schema: those that the library writes for a new object, and those of its older versions."""
    fresh = json.loads(otio.core.serialize_json_to_string(getattr(otio.schema, name)(), {}, -1))
    return frozenset(fresh) | _OLDER_FIELDS.get(name, set()) | {"OTIO_REF_ID"}


@dataclass
class _Preparation:
    """One pass over a file."""

    prepared: Prepared
    named: dict[str, dict[str, Any]]

    def value(self, value: Any, path: str, above: tuple[str, ...]) -> Any:
        """`value` as the library may have it; `above` holds the references that led here."""
        if isinstance(value, dict | list):
            self.prepared.nodes += 1
            if self.prepared.nodes > MOST_NODES:
                raise InvalidInput(f"the OpenTimelineIO file holds more than {MOST_NODES} objects")
        if isinstance(value, str) and "\0" in value:
            raise InvalidInput(f"{path} holds a NUL, at which the library would cut it off: {value!r:.60}")
        if isinstance(value, list):
            return [self.value(one, f"{path}[{index}]", above) for index, one in enumerate(value)]
        if not isinstance(value, dict) or "OTIO_SCHEMA" not in value:
            return (
                value
                if not isinstance(value, dict)
                else {key: self.value(inner, _below(path, key), above) for key, inner in value.items()}
            )
        name, version = _schema(value, path)
        if name == "SerializableObjectRef":
            return self._referred(value, path, above)
        if "OTIO_REF_ID" in value:
            above = (*above, str(value["OTIO_REF_ID"]))
        if name not in _versions() and name not in _LEAVES:
            return {"OTIO_SCHEMA": "Unread.1"}  # under its own name, UnknownSchema.1 for one ends the process
        if name in _LEAVES:
            return self._leaf(value, name, path)
        if (name, version) == ("Marker", 3):
            value = self._older_marker(value, path)
        elif version > _versions()[name]:
            raise InvalidInput(
                f"{path or 'the file'} is a {name}.{version}; the newest known here is {name}.{_versions()[name]}"
            )
        return self._object(value, name, path, above)

    def _referred(self, value: dict[str, Any], path: str, above: tuple[str, ...]) -> Any:
        wanted = value.get("id")
        if wanted in above:
            raise InvalidInput(f"{path} contains itself: {wanted!r}")
        if wanted not in self.named:
            raise InvalidInput(f"{path} refers to {wanted!r}, which is not in the file")
        return self.value(self.named[wanted], path, above)

    def _object(self, value: dict[str, Any], name: str, path: str, above: tuple[str, ...]) -> dict[str, Any]:
        ready: dict[str, Any] = {}
        for key, inner in {**_NUMBERS.get(name, {}), **value}.items():
            below = _below(path, key)
            if key not in _fields(name):
                self.prepared.found(below, f"field {key!r}", f"a {name} has no such field")
            elif key in _OPAQUE and "metadata" in _fields(name):
                if not isinstance(inner, dict | None):
                    raise InvalidInput(f"{below} must be an object, got {inner!r:.60}")
                ready[key] = self.prepared.keep(inner or {})
            elif key in _NUMBERS.get(name, {}):
                ready[key] = self.prepared.keep_number(_checked_number(inner, below))
            elif key != "OTIO_REF_ID":
                ready[key] = self._field(name, key, inner, below, above)
        return ready

    def _field(self, owner: str, key: str, inner: Any, below: str, above: tuple[str, ...]) -> Any:
        if key in _LISTS and isinstance(inner, list):
            return [
                self.value(one, f"{below}[{index}]", above)
                for index, one in enumerate(inner)
                if self._known(one, f"{below}[{index}]", _LISTS[key])
            ]
        if key == "media_reference" and not self._known(inner, below, _MEDIA):
            return None
        if key == "media_references" and isinstance(inner, dict):
            kept = {name: one for name, one in inner.items() if self._known(one, _below(below, name), _MEDIA)}
            return {name: self.value(one, _below(below, name), above) for name, one in kept.items()} or {
                "DEFAULT_MEDIA": {"OTIO_SCHEMA": "MissingReference.1"}
            }
        if key == "children" and owner in _ITEMS and isinstance(inner, list):
            for index, one in enumerate(inner):
                self._check_child(one, f"{below}[{index}]")
        return self.value(inner, below, above)

    def _known(self, value: Any, path: str, kinds: frozenset[str]) -> bool:
        """Whether an object is of a kind that belongs here; what is not is dropped and noted."""
        value = self._target(value)
        if not isinstance(value, dict):
            return value is None
        name, _ = _schema(value, path)
        if name not in kinds:
            self.prepared.found(path, str(value["OTIO_SCHEMA"]), "nobody here knows this schema")
        return name in kinds

    def _check_child(self, value: Any, path: str) -> None:
        value = self._target(value)
        if isinstance(value, dict) and (name := _schema(value, path)[0]) not in _COMPOSABLE | {"SerializableObjectRef"}:
            raise InvalidInput(f"{path} is a {name}, whose length nobody here knows; what follows it has no place")

    def _target(self, value: Any) -> Any:
        if isinstance(value, dict) and str(value.get("OTIO_SCHEMA", "")).startswith("SerializableObjectRef."):
            return self.named.get(value.get("id", ""), value)
        return value

    def _leaf(self, value: dict[str, Any], name: str, path: str) -> dict[str, Any]:
        ready = dict(value)
        for key, inner in value.items():
            if isinstance(inner, dict):
                ready[key] = self.value(inner, _below(path, key), ())
        if name == "RationalTime":
            number, rate = (_checked_number(value.get(key), f"{path}.{key}") for key in ("value", "rate"))
            if not SLOWEST <= rate <= FASTEST:
                raise InvalidInput(f"{path}.rate is {rate!r}; it must be {SLOWEST} to {FASTEST}")
            return self.prepared.keep_time(number, rate)
        return ready

    def _older_marker(self, value: dict[str, Any], path: str) -> dict[str, Any]:
        """A marker as version 2 has it. Version 3, which no release writes yet, gives its colour in components."""
        colour = value.get("color")
        name = colour.get("name") if isinstance(colour, dict) else colour
        if isinstance(colour, dict):
            self.prepared.found(f"{path}.color", f"Color {name!r:.60}", "kept by its name alone", changed=True)
        return {**value, "OTIO_SCHEMA": "Marker.2", "color": name if isinstance(name, str) else ""}


_LEAVES = frozenset({"RationalTime", "TimeRange", "TimeTransform", "Box2d", "V2d", "Color"})

_NUMBERS: dict[str, dict[str, float]] = {
    "LinearTimeWarp": {"time_scalar": 1.0},
    "FreezeFrame": {"time_scalar": 0.0},
    "ImageSequenceReference": {"rate": 1.0},
}
"""Schema -> its fractions, with what they are when a file does not say."""


def _checked_number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        raise InvalidInput(f"{path} must be a number up to {LARGEST:.0e}, got {value!r:.60}")
    return value


def _schema(value: dict[str, Any], path: str) -> tuple[str, int]:
    name, _, version = str(value.get("OTIO_SCHEMA")).rpartition(".")
    if not name or not version.isascii() or not version.isdigit() or len(version) > 9:
        raise InvalidInput(
            f"{path or 'the file'} has the OTIO_SCHEMA {value.get('OTIO_SCHEMA')!r:.80}, which is not NAME.VERSION"
        )
    return name, int(version)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
