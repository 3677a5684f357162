"""What the media engines answer, as `serve/media_present.py` writes it: for the documentation, and for those who
generate clients from it. Nothing is read back through these.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from schemas.anonymise_report import AnonymiseReport
from schemas.audio_origin_map import AudioOriginMap
from schemas.audio_semantic_timeline import AudioSemanticTimelineSummary
from schemas.media_render_plan import MediaRenderPlan
from schemas.regions import VideoRegionSummary
from schemas.transcript import AsrTranscript
from schemas.visual_meta import VisualMeta


class MediaAnswer(BaseModel):
    """What all of them say."""

    cache_hit: bool = Field(description="Whether it was there already.")


class RegionsAnswer(MediaAnswer):
    """Where the faces of a film are."""

    artifact_id: str = Field(description="Of the summary.")
    meta: dict[str, Any] = Field(description="Backend, model, parameters, `cache_key`; `degraded` says why it is less.")
    masks: dict[str, str] = Field(description="Track -> artifact of its mask.")
    summary: VideoRegionSummary


class VisualMetaAnswer(MediaAnswer):
    """The shots, motion and subject of a film."""

    artifact_id: str = Field(description="Of the document.")
    meta: dict[str, Any] = Field(description="Backend, model, parameters, `cache_key`.")
    visual_meta: VisualMeta


class CaptionsAnswer(MediaAnswer):
    """What is said in a film."""

    artifact_id: str = Field(description="Of the transcript; its files are at `/video/captions/{artifact_id}/srt`.")
    meta: dict[str, Any] = Field(description="Backend, model, language, `cache_key`; `degraded` says why it is less.")
    files: dict[str, str] = Field(description="`srt`, `vtt`, `ass` -> artifact.")
    transcript: AsrTranscript


class SemanticTimelineAnswer(MediaAnswer):
    """What is heard in a sound, and when."""

    audio_semantic_artifact_id: str = Field(description="Of the timeline: `/audio/semantic-timeline/{artifact_id}`.")
    uri: str = Field(description="Its address in the registry.")
    meta: dict[str, Any] = Field(description="Backend, parameters, `audio_semantic_cache_key`, `backend_info`.")
    summary: AudioSemanticTimelineSummary


class AudioOriginAnswer(MediaAnswer):
    """Which source is heard when in a mix."""

    artifact_id: str = Field(description="Of the map.")
    origins: AudioOriginMap


class AnonymisedAnswer(MediaAnswer):
    """A film in which every face is covered."""

    video_artifact_id: str
    report_artifact_id: str
    report: AnonymiseReport


class RenderPlanAnswer(BaseModel):
    """What a render would do."""

    asset_id: str
    plan: MediaRenderPlan


class RenderedAnswer(MediaAnswer):
    """A rendered film."""

    video_artifact_id: str
    plan_artifact_id: str
    plan: MediaRenderPlan
