"""What a clip shows, and stretches of media time: the vocabulary that timelines point outside with."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from schemas.document import Part
from schemas.timing import EditRate

MOST_TICKS = 2**53 - 1
"""The largest whole number that survives in every JSON reader, and as OpenTimelineIO's floating point value."""

RESERVED = "reelwright"
"""The key under which exported OpenTimelineIO metadata carries our ids."""

ASSET_URN = "urn:reelwright:asset:"
"""What stands before an asset's id where a file asks for an address."""


def _in_lowest_terms(rate: EditRate) -> EditRate:
    exact = rate.fraction
    if (exact.numerator, exact.denominator) != (rate.numerator, rate.denominator):
        raise ValueError(
            f"{rate.numerator}/{rate.denominator} is not in lowest terms; write {exact.numerator}/{exact.denominator}"
        )
    return rate


def _plain_json(value: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, RecursionError) as exc:
        raise ValueError(f"is not JSON: {exc}") from exc
    return value


def _without_reserved(metadata: dict[str, Any]) -> dict[str, Any]:
    if RESERVED in metadata:
        raise ValueError(f"the key {RESERVED!r} is reserved for exported files; got {metadata[RESERVED]!r:.60}")
    return metadata


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise ValueError("holds a NUL")
    return text


Text = Annotated[str, AfterValidator(_without_nul)]
"""Other programs cut a text off at a NUL."""

Rate = Annotated[EditRate, AfterValidator(_in_lowest_terms)]
"""Ticks a second, in lowest terms, so that equal rates are equal documents."""

Position = Annotated[int, Field(strict=True, ge=-MOST_TICKS, le=MOST_TICKS)]
Length = Annotated[int, Field(strict=True, ge=0, le=MOST_TICKS)]

Json = Annotated[dict[str, Any], AfterValidator(_plain_json)]
Metadata = Annotated[Json, AfterValidator(_without_reserved)]
"""JSON that other programs attached; kept as it is and read by nobody here."""


class Speed(Part):
    """How fast media run against the record, as a fraction in lowest terms: 1/1, 1/2, -2/1; 0/1 holds one frame."""

    numerator: int = Field(strict=True, default=1, ge=-MOST_TICKS, le=MOST_TICKS)
    """Media seconds that pass in `denominator` seconds of record; negative when media run backwards."""

    denominator: int = Field(strict=True, default=1, ge=1, le=MOST_TICKS)
    """Seconds of record."""

    @property
    def fraction(self) -> Fraction:
        """Media seconds a second of record."""
        return Fraction(self.numerator, self.denominator)


def _speed_in_lowest_terms(speed: Speed) -> Speed:
    exact = speed.fraction
    if (exact.numerator, exact.denominator) != (speed.numerator, speed.denominator):
        raise ValueError(
            f"speed {speed.numerator}/{speed.denominator} is not in lowest terms; "
            f"write {exact.numerator}/{exact.denominator}"
        )
    return speed


ReducedSpeed = Annotated[Speed, AfterValidator(_speed_in_lowest_terms)]


class MediaSpan(Part):
    """A half-open stretch of time, on a clock of its own rate."""

    edit_rate: Rate = EditRate()
    """Ticks a second of this span."""

    start_ticks: Position
    """First tick."""

    duration_ticks: Length
    """Ticks that it lasts; zero marks a moment."""


class ExternalMedia(Part):
    """A file or stream that is not registered here; nothing in reelwright opens it."""

    url: Text = Field(min_length=1, max_length=4096)
    """Where it lies, as the other program wrote it."""

    @model_validator(mode="after")
    def _outside(self) -> ExternalMedia:
        if self.url.startswith(ASSET_URN):
            raise ValueError(f"{self.url!r} is an asset; name it by asset_id")
        return self


class GeneratedMedia(Part):
    """A picture or sound that an editing program makes by itself: a title, bars, black."""

    generator: Text = Field(max_length=256)
    """Which generator, in that program's word."""

    parameters: Json = Field(default={})
    """What it is told; kept as it is."""


class NumberedFrames(Part):
    """A folder of numbered frame files, as visual effects deliver them."""

    base_url: Text = Field(max_length=4096)
    """Folder."""

    prefix: Text = Field(default="", max_length=512)
    """File name before the number."""

    suffix: Text = Field(default="", max_length=512)
    """File name after the number, with its ending."""

    start_frame: int = Field(strict=True, default=1, ge=-(2**31), lt=2**31)
    """Number of the first frame."""

    frame_step: int = Field(strict=True, default=1, ge=1, lt=2**31)
    """Numbers between one frame and the next."""

    zero_padding: int = Field(strict=True, default=0, ge=0, le=64)
    """Digits that numbers are filled up to with zeros."""

    edit_rate: Rate = EditRate()
    """Frames a second."""

    missing_frames: Literal["error", "hold", "black"] = "error"
    """What is seen where a file is missing."""
