"""AudioOriginMap: which source and which time of it is heard at every moment of a finished mix."""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from schemas.document import Document, Identifier
from schemas.transcript import MillisecondSpan


class OriginStretch(MillisecondSpan):
    """A stretch of the mix."""

    source_asset_id: Identifier | None = None
    """Where it came from; none where nothing is known."""

    source_start_ms: int | None = None
    """Time of the source that is heard at its beginning, rounded."""

    source_end_ms: int | None = None
    """Time of the source that is heard at its end, rounded."""

    speed: float | None = Field(default=None, gt=0)
    """Seconds of the source that pass in a second of the mix."""

    confidence: float = Field(default=0, ge=0, le=1)
    """How likely this is the origin, given that the next best, or none, might be; 0.5 where two fit equally well."""

    landmarks: int = Field(default=0, ge=0)
    """Landmarks of the source that were found in it."""


class AudioOriginMap(Document):
    """The origins of a mix, from its beginning to its end."""

    @classmethod
    def name(cls) -> str:
        return "audio_origin_map"

    asset_id: Identifier
    """The mix."""

    source_asset_ids: tuple[Identifier, ...]
    """The candidates, in the order of the request."""

    duration_ms: int = Field(ge=0)
    """Length of the mix, rounded."""

    stretches: tuple[OriginStretch, ...] = ()
    """In order, without gaps and overlaps."""

    known_ms: int = Field(ge=0)
    """How much of the mix has an origin."""

    @model_validator(mode="after")
    def _covers(self) -> Self:
        for one, other in pairwise(self.stretches):
            if other.start_ms != one.end_ms:
                raise ValueError(f"stretches do not follow each other: {one.end_ms}, then {other.start_ms}")
        return self
