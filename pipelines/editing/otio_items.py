"""What the items of a file have in common: speed, and what is not modelled of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import opentimelineio as otio
from pydantic import TypeAdapter, ValidationError

from pipelines.editing.otio_media import Times, split
from pipelines.editing.otio_time import simplest
from schemas.document import Identifier
from schemas.edit_media import MOST_TICKS, Speed
from schemas.errors import InvalidInput
from schemas.timing import EditRate

_ID: TypeAdapter[str] = TypeAdapter(Identifier)

SPEED = "speed"


def is_item(composition: Any, times: Times) -> bool:
    """Whether a track or stack is trimmed or runs at a speed of its own, so that it is no plain layer."""
    return composition.source_range is not None or any(
        one.enabled and isinstance(one, otio.schema.LinearTimeWarp) and times.prepared.number(one.time_scalar) != 1
        for one in composition.effects
    )


def speed_of(item: Any, times: Times, path: str) -> Speed:
    """The speed that the item's effects give it; every other effect is noted."""
    speed, warps = Fraction(1), 0
    for index, effect in enumerate(item.effects):
        at = f"{path}.effects[{index}]"
        if not isinstance(effect, otio.schema.LinearTimeWarp):
            times.prepared.found(at, named(effect), "of effects, only a constant speed is modelled")
        elif not effect.enabled:
            times.prepared.found(at, named(effect), "a speed that is switched off is not modelled")
        else:
            speed, warps = speed * simplest(times.prepared.number(effect.time_scalar)), warps + 1
            if effect.name not in ("", type(effect).__name__):
                times.prepared.found(f"{at}.name", f"{effect.name!r:.80}", "names of speeds are not modelled")
            if times.prepared.opaque(effect):
                times.prepared.found(f"{at}.metadata", named(effect), "metadata of speeds are not modelled")
    if warps > 1:
        times.prepared.found(f"{path}.effects", f"{warps} speeds", "multiplied into one", changed=True)
    stored = fraction_of(split(times.prepared.opaque(item))[1].get(SPEED))
    if stored is not None and float(stored) == float(speed):
        speed = stored
    if max(abs(speed.numerator), speed.denominator) > MOST_TICKS:
        raise InvalidInput(f"{path} has the speed {float(speed)!r}, which is beyond what a timeline holds")
    return Speed(numerator=speed.numerator, denominator=speed.denominator)


def note_gap(gap: Any, times: Times, path: str) -> None:
    """Notes what a gap has beside its length."""
    metadata, _ = split(times.prepared.opaque(gap))
    for field, value in (("name", gap.name), ("metadata", metadata)):
        if value:
            times.prepared.found(
                f"{path}.{field}", f"Gap {gap.name!r:.60}", f"a gap is where no clip is; it has no {field}"
            )
    for field in ("effects", "markers"):
        for index, one in enumerate(getattr(gap, field)):
            times.prepared.found(
                f"{path}.{field}[{index}]", named(one), f"a gap is where no clip is; it has no {field}"
            )


def named(thing: Any) -> str:
    """An object's kind and name, for people."""
    name = getattr(thing, "name", "") or getattr(thing, "effect_name", "")
    return f"{type(thing).__name__} {name!r:.80}" if name else type(thing).__name__


def identifier(value: object) -> str | None:
    """`value`, if it can name something in a document."""
    try:
        return _ID.validate_python(value, strict=True)
    except ValidationError:
        return None


def fraction_of(value: object) -> Fraction | None:
    """The fraction that an export of ours wrote as [numerator, denominator]; None for anything else."""
    match value:
        case [int(numerator), int(denominator)] if denominator > 0:
            return Fraction(numerator, denominator)
    return None


def rate_of(value: object) -> EditRate | None:
    """The rate that an export of ours wrote; None for anything else."""
    exact = fraction_of(value)
    try:
        return None if exact is None else EditRate(numerator=exact.numerator, denominator=exact.denominator)
    except ValidationError:
        return None


def listed(ours: Mapping[str, Any], key: str) -> list[Any]:
    """A list that an export of ours wrote; empty for anything else."""
    value = ours.get(key)
    return value if isinstance(value, list) else []
