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
    """Where it stands in the registry."""

    content_hash: Hash
    """SHA-256 of its bytes."""

    media_type: str
    """IANA media type, for example `video/mp4`."""

    size_bytes: int
    """Length in bytes."""


class GateOverride(Part):
    """Who let a failed gate pass, and why."""

    approver_id: str
    """Person who took the responsibility."""

    reason: str
    """Their reason, in their words."""


class GateResult(Part):
    """The verdict of one quality gate (specification section 15)."""

    gate: Literal[
        "canon_continuity", "missing_assets", "runtime_pacing", "caption_sync", "shot_timing",
        "audio_loudness", "rights_license", "content_safety",
    ]  # fmt: skip
    """Which gate this is."""

    status: Literal["passed", "failed", "overridden", "not_applicable"]
    """`overridden` is a failure that a person let pass."""

    measured: str = ""
    """What was found on the finished file, with its unit."""

    limit: str = ""
    """What is allowed, with its unit."""

    detail: tuple[str, ...] = ()
    """One line for each thing found."""

    override: GateOverride | None = None
    """Who let it pass; None unless `overridden`."""


class Shortfall(Part):
    """One place where the film is less than it should be."""

    kind: Literal["placeholder", "slate", "fallback_backend", "missing_glyph"]
    """What stands in for the real thing."""

    subject: str
    """Asset, shot or engine."""

    reason: str
    """Why, for people."""


class Lineage(Part):
    """A document that this output was made from."""

    document: Identifier
    """Kind of document, for example `ShotList`."""

    uri: ArtifactUri
    """Where it stands in the registry."""

    content_hash: Hash
    """SHA-256 of its bytes."""


class RenderOutput(Document):
    """The finished film and everything beside it."""

    title: str
    """Title of the film."""

    status: Literal["completed", "degraded"]
    """`degraded` when the film is whole but holds a shortfall."""

    profile: RenderProfile
    """Profile that this was rendered at."""

    picture: PictureFormat
    edit_rate: EditRate
    duration_ticks: int
    """Length of the film, ticks at `edit_rate`."""

    timing_lock_hash: Hash
    """Lock of the ShotList that was rendered."""

    video: OutputFile
    captions_srt: OutputFile
    captions_vtt: OutputFile
    stems: dict[Literal["dialogue", "music", "effects"], OutputFile]
    """The mix in parts, each as long as the film."""

    poster: OutputFile
    shortfalls: tuple[Shortfall, ...] = ()
    quality_report: tuple[GateResult, ...]
    publishable: bool
    """False when any gate failed without an override."""

    lineage: tuple[Lineage, ...] = ()
