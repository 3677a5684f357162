"""OpenTimelineIO files as JSON: parsed strictly, handed to the library, and written back.

Metadata, which other programs own, and times never pass through the library: its objects carry a place in a list
instead. It cuts whole numbers above 64 bits, and reads fractions wrong in their last place (opentimelineio 0.18.1).
What else it must not see is kept from it in `otio_schema.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import opentimelineio as otio

from schemas.document import parsed_json
from schemas.errors import InvalidInput
from schemas.otio_report import OtioFinding

MOST_BYTES = 32 * 2**20
"""A feature film's edit with all of an editing program's metadata stays below it."""

DEEPEST = 200
"""Levels of JSON. A nested sequence takes four."""

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


def parsed(raw: bytes) -> dict[str, Any]:
    """The object that a file holds, as JSON.

    Raises:
        InvalidInput: too large, no JSON, too deep, or no OpenTimelineIO.
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
    return value


def written(root: Any, prepared: Prepared) -> bytes:
    """The file that holds `root`, whose metadata `prepared` keeps."""
    value = json.loads(otio.core.serialize_json_to_string(root, {}, -1))
    return (json.dumps(_put_back(value, prepared), indent=4, ensure_ascii=False) + "\n").encode()


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
