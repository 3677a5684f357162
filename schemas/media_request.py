"""What a caller asks a media engine for: the bodies of the engines' calls, by the specification's field names.

Every request names its tenant, environment and asset; whether they are the caller's own is checked by
`pipelines/analysis/caller.py` before anything else happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from schemas.document import Identifier, Part, describe
from schemas.errors import InvalidInput
from schemas.regions import RegionType

Effect = Literal["blur", "mosaic", "solid"]
"""How a region is made unrecognisable."""

Strength = Literal["light", "medium", "strong"]
"""How far. `light` is cosmetic: a face stays a face, is found by detectors and may be recognised. At `medium` and
`strong` MTCNN does not find it again, not after deconvolution either (tests/unit/editing). For `solid` all are the
same."""


AUTO = "auto"
"""The language hint that lets the engine find out."""


MOST_COVERED_INTERVAL_MS = 500
"""A face is followed and held for so long beyond where it was seen; one that came and went between looks further apart
would stay visible."""


class MediaRequest(Part):
    """Who asks, and about which asset."""

    tenant_id: str = ""
    """Tenant of the caller; it must be the one that was verified."""

    env: str = ""
    """Environment within the tenant."""

    user_id: str = ""
    """Who is acting; empty for the verified user."""

    asset_id: Identifier
    """The film, as it was registered."""

    @classmethod
    def given(cls, values: Mapping[str, object]) -> Self:
        """The request with these fields.

        Raises:
            InvalidInput: a field is wrong; the message lists every such field.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as exc:
            raise InvalidInput(f"{cls.__name__}: {describe(exc)}") from exc


class RegionsRequest(MediaRequest):
    """Where the faces of a film are."""

    frame_sample_interval_ms: int = Field(default=200, ge=20, le=10_000)
    """Longest time between two detections, milliseconds."""

    min_confidence: float = Field(default=0.5, ge=0, le=1)
    """A track none of whose detections reaches this is dropped."""

    smallest_face_px: int | None = Field(default=None, ge=12, le=4000)
    """Narrowest face that is looked for, pixels of the upright picture; unset means an eighteenth of its shorter side,
    between 20 and 48."""

    include_regions: tuple[RegionType, ...] = Field(default=("face",), min_length=1)
    """Which regions are wanted."""


class VisualMetaRequest(MediaRequest):
    """Shots, motion and the primary subject of a film."""

    frame_sample_interval_ms: int = Field(default=500, ge=20, le=60_000)
    """Time between two samples, milliseconds."""

    faces: bool = True
    """Whether the primary subject may be a face; without, salience alone decides and no faces engine is needed."""


class CaptionsRequest(MediaRequest):
    """What is said in a film or a sound file."""

    language: str = "en"
    """Language hint (BCP 47); `auto` lets the engine detect it."""

    use_shots: bool = True
    """Whether captions end before cuts, which takes a look at the picture."""


class AudioSemanticRequest(MediaRequest):
    """What is heard in a film or a sound file, and when."""

    artifact_id: Identifier | None = None
    """A rendition of the asset (a stored film or sound) to listen to in its place."""

    include_beats: bool = True
    include_speech_music: bool = True
    """Whether speech, music, noise and silence are told apart."""

    min_silence_ms: int = 300
    """Shorter pauses are part of what is around them; held within 50 and 5,000."""

    loudness_window_ms: int = 1000
    """Length of a window of loudness; held within 100 and 10,000."""

    transcribe: bool = True
    """Whether what is said is written down; takes longest. Needs `include_speech_music`."""

    language: str = AUTO
    """Language hint (BCP 47) for that; `auto` lets the engine detect it."""

    @field_validator("min_silence_ms")
    @classmethod
    def _silence(cls, value: int) -> int:
        return min(max(value, 50), 5_000)

    @field_validator("loudness_window_ms")
    @classmethod
    def _window(cls, value: int) -> int:
        return min(max(value, 100), 10_000)


class AudioOriginRequest(MediaRequest):
    """Which of some sounds is heard when in a finished mix, the asset."""

    source_asset_ids: tuple[Identifier, ...] = Field(min_length=1, max_length=200)
    """Films and sounds that may be in it, as they were registered."""


class AnonymiseRequest(MediaRequest):
    """A copy of a film in which nobody can be recognised."""

    effect: Effect = "blur"
    strength: Strength = "medium"
    frame_sample_interval_ms: int = Field(default=200, ge=20, le=MOST_COVERED_INTERVAL_MS)
    """As in RegionsRequest, but never longer than faces are carried between looks; the latest summary that matches is
    used."""

    region_summary_id: Identifier | None = None
    """A summary of this asset to use in place of the latest matching one."""

    keep_asset_id: Identifier | None = None
    """Portrait of the one person who stays visible, as it was registered; unset covers everybody."""


class Trim(Part):
    """The part of a film that is kept, [start_ms, end_ms) from its first frame."""

    start_ms: int = Field(default=0, ge=0)
    """First moment that is kept, milliseconds."""

    end_ms: int | None = Field(default=None, ge=1)
    """First moment that is no longer kept; unset for the end."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_ms is not None and self.end_ms <= self.start_ms:
            raise ValueError(f"nothing lies between {self.start_ms} and {self.end_ms} ms")
        return self


class RenderRequest(MediaRequest):
    """A film rendered with what is known about it: faces covered, captions, another aspect, a part of it."""

    cover_faces: Effect | None = None
    """Effect on every face of the latest region summary; unset leaves them."""

    strength: Strength = "medium"
    captions: Literal["none", "burned_in", "track"] = "none"
    """Captions of the latest transcript: none, drawn into the picture, or as a track that players switch on."""

    aspect: str = Field(default="", pattern=r"^(\d{1,3}:\d{1,3})?$")
    """Width to height of the result, such as `9:16`: the frame follows the primary subject. Empty keeps the film's."""

    trim: Trim = Trim()
