"""RenderOutput: what a render gave, where it came from, and whether it may be published."""

from __future__ import annotations

from typing import Literal

from schemas.document import ArtifactUri, Document, Hash, Identifier, Part
from schemas.project import PictureFormat
from schemas.timing import EditRate
from schemas.vocabulary import RenderProfile


class OutputFile(Part):
    """One file of the output."""

    uri: ArtifactUri
    content_hash: Hash
    media_type: str
    size_bytes: int


class GateOverride(Part):
    """Who let a failed gate pass, and why."""

    approver_id: str
    reason: str


class GateResult(Part):
    """The verdict of one quality gate (specification section 15)."""

    gate: Literal[
        "canon_continuity", "missing_assets", "runtime_pacing", "caption_sync", "shot_timing",
        "audio_loudness", "rights_license", "content_safety",
    ]  # fmt: skip
    status: Literal["passed", "failed", "overridden", "not_applicable"]
    measured: str = ""
    limit: str = ""
    detail: tuple[str, ...] = ()
    override: GateOverride | None = None


class Shortfall(Part):
    """One place where the film is less than it should be."""

    kind: Literal["placeholder", "slate", "fallback_backend", "missing_glyph"]
    subject: str
    """Asset, shot or engine."""

    reason: str


class Lineage(Part):
    """A document that this output was made from."""

    document: Identifier
    uri: ArtifactUri
    content_hash: Hash


class RenderOutput(Document):
    """The finished film and everything beside it."""

    title: str
    status: Literal["completed", "degraded"]
    profile: RenderProfile
    picture: PictureFormat
    edit_rate: EditRate
    duration_ticks: int
    timing_lock_hash: Hash
    video: OutputFile
    captions_srt: OutputFile
    captions_vtt: OutputFile
    stems: dict[Literal["dialogue", "music", "effects"], OutputFile]
    poster: OutputFile
    shortfalls: tuple[Shortfall, ...] = ()
    quality_report: tuple[GateResult, ...]
    publishable: bool
    """False when any gate failed without an override."""

    lineage: tuple[Lineage, ...] = ()
