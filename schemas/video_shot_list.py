"""ShotListRequest and ShotListResult: which part of which sound each shot of a video follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from schemas.document import Identifier, Part


class WantedShot(Part):
    """A shot that is to follow a source."""

    source_asset_id: Identifier
    """The sound or film that it follows."""

    target_duration_ms: int = Field(ge=1, le=24 * 3_600_000)
    """How long it is shown."""

    source_start_ms: int | None = Field(default=None, ge=0)
    """Where it begins in the source, when somebody has decided that; it is kept. Unset, the timeline decides."""


class ShotListRequest(Part):
    """Shots to be mapped to their sounds."""

    tenant_id: str = ""
    """Tenant of the caller; it must be the one that was verified."""

    env: str = ""
    """Environment within the tenant."""

    user_id: str = ""
    """Who is acting; empty for the verified user."""

    shots: tuple[WantedShot, ...] = Field(min_length=1, max_length=10_000)
    """In the order in which they are shown."""

    align_to_beats: bool = True
    """Whether a shot without a decided start begins on the last beat before the speech that it follows."""


class VideoShot(Part):
    """One shot and the stretch of its source."""

    shot_index: int = Field(ge=0)
    source_asset_id: Identifier
    source_start_ms: int = Field(ge=0)
    source_end_ms: int = Field(ge=0)
    target_duration_ms: int = Field(ge=1)
    meta: Mapping[str, Any] = Field(default_factory=dict)
    """`semantic_offset_ms`, `semantic_version`, `semantic_cache_key`, `semantic_artifact_id`, `beat_offset_ms`, and
    `semantic_missing` where the source has no timeline."""


class ShotListResult(Part):
    """The shots, in the order of the request."""

    shots: tuple[VideoShot, ...]
    meta: Mapping[str, Any] = Field(default_factory=dict)
    """`semantic_version` and `semantic_cache_key` of the timeline that was seen last, and `missing_semantics`: sources
    that have none."""
