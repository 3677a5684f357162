"""MediaRenderPlan: what a render of a film would do, from which artifacts, and what it lacks.

A dry run answers with this and does nothing; a render carries it out.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.document import Document, Identifier, Part
from schemas.timing import EditRate

StepKind = Literal["trim", "cover_faces", "reframe", "burn_in_captions", "caption_track"]
"""What is done to the film, in this order."""


class RenderStep(Part):
    """One thing that is done."""

    kind: StepKind
    """Which."""

    detail: str
    """How, in words."""

    artifact_id: Identifier | None = None
    """What it is done from; unset when it needs nothing, or when that is missing."""


class DependencyNotice(Part):
    """An artifact that the render depends on, and who made it."""

    kind: str
    """Kind of the artifact, for example `video_region_summary`."""

    artifact_id: Identifier
    """The newest of its kind that fits."""

    backend_version: str
    """Engine and version that made it."""

    model_used: str
    """Its weights or data."""

    cache_key: str
    """The specification's key of the request that it answers."""


class MediaRenderPlan(Document):
    """The plan of one render."""

    @classmethod
    def name(cls) -> str:
        return "media_render_plan"

    asset_id: Identifier
    """The film."""

    width_px: int = Field(ge=2)
    """Width of the result."""

    height_px: int = Field(ge=2)
    """Height of the result."""

    edit_rate: EditRate
    first_tick: int = Field(ge=0)
    """First tick of the film that is kept; ticks count at `edit_rate` from its first frame."""

    end_tick: int = Field(ge=1)
    """First tick that is no longer kept."""

    duration_ms: int = Field(ge=1)
    """Length of the result, rounded."""

    steps: tuple[RenderStep, ...] = ()
    dependency_notices: tuple[DependencyNotice, ...] = ()
    """Every artifact that goes into it."""

    warnings: tuple[str, ...] = ()
    """What is missing, and what the render would do about it."""
