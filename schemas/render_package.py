"""RenderPackage v1: a ShotList, an AssetManifest and a RenderPlan in, the video out (specification section 21).

A reference is `artifact://{tenant}/{env}/{artifact_id}` of the caller's own; an inline document stands in its place.
Nothing here is prose that anybody reads for meaning.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Discriminator, Field, StrictBool, Tag, model_validator

from schemas.asset_manifest import AssetManifest
from schemas.canonical import canonical_json
from schemas.document import ArtifactUri, Document, Hash, Identifier, Part
from schemas.errors import Defect
from schemas.render_plan import RenderPlan
from schemas.shotlist import ShotList

DesiredOutput = Literal["video", "captions", "audio_stems", "run_summary"]

PackageStatus = Literal["queued", "in_progress", "completed", "failed", "degraded"]

CallbackUrl = Annotated[str, Field(min_length=1, max_length=2048)]
"""`https://…`; addresses of this machine and its network are refused when the message is sent."""

MOST_CALLBACKS = 8

_READ = {"ShotList": ShotList.read, "AssetManifest": AssetManifest.read, "RenderPlan": RenderPlan.read}


def _inline(name: str) -> BeforeValidator:
    """Reads an inline document as it would be read from the registry: its MAJOR version is checked, not assumed."""
    return BeforeValidator(lambda raw: _READ[name](raw) if isinstance(raw, dict) else raw)


def _form(value: Any) -> str:
    return "ref" if isinstance(value, str) else "inline"


_Ref = Annotated[ArtifactUri, Tag("ref")]


class PackageInputs(Part):
    """What is rendered: each a reference into the registry or the document itself."""

    shotlist_ref: Annotated[_Ref | Annotated[ShotList, _inline("ShotList"), Tag("inline")], Discriminator(_form)]
    """The locked timeline."""

    asset_manifest_ref: Annotated[
        _Ref | Annotated[AssetManifest, _inline("AssetManifest"), Tag("inline")], Discriminator(_form)
    ]
    """What the timeline needs."""

    render_plan_ref: Annotated[_Ref | Annotated[RenderPlan, _inline("RenderPlan"), Tag("inline")], Discriminator(_form)]
    """Where it comes from, and at which format."""


class LoggingOptions(Part):
    """What is told while the package is rendered. Secrets are never told, whatever stands here."""

    trace_level: Literal["summary", "stage", "item"] = "stage"
    """Events of the job: only its states; also every stage; also every shot, line and sound."""

    redact_content: StrictBool = False
    """Leave the package's own words out of errors and shortfalls: a code and a subject stay."""


class RenderPackageRequest(Document):
    """One render invocation."""

    schema_version: str = Field(pattern=r"^1\.\d+\.\d+$")
    """Version of this contract, `1.x.y`."""

    request_id: UUID
    """Names this invocation; chosen by the caller."""

    idempotency_key: str = Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")
    """Equal key and body: the same render, whatever happened to the first answer. Printable ASCII."""

    tenant_id: Identifier
    """Tenant of the caller; it must be the token's."""

    env: str = Field(default="", max_length=128)
    """Environment within the tenant; when given, it must be the token's."""

    render_profile: str = Field(pattern=r"^(preview_local|standard_local|hq_[A-Za-z0-9_]{1,64})$")
    """Profile to render at. One of an outside provider that is not here gives the local render, `degraded`."""

    inputs: PackageInputs
    desired_outputs: tuple[DesiredOutput, ...] = Field(default=("video", "captions"), min_length=1, max_length=16)
    """What is wanted; what is not wanted and not needed for it is not made."""

    callbacks: tuple[CallbackUrl, ...] = Field(default=(), max_length=MOST_CALLBACKS)
    """Addresses to be told when it has ended: a signed message to each, at least once and in no order. Kept sealed and
    never shown again."""

    logging_options: LoggingOptions = LoggingOptions()

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        try:
            canonical_json(raw)
        except Defect as exc:
            raise ValueError(f"the package has no canonical JSON form: {exc.message:.200}") from exc
        return cls._upgraded(raw)


class PackageProblem(Part):
    """Something that went wrong, or less well than it should have."""

    code: str
    """Stable; what programs look at."""

    message: str
    """What, in words, with the offending value."""

    stage: str = ""
    """Where it happened; empty before the first stage."""

    recoverable: bool = False
    """True when the render went on, or when the same request may succeed later."""


class StageSummary(Part):
    """What one stage did."""

    seconds: float
    """Wall-clock time."""

    hits: int
    """Results that were there already."""

    misses: int
    """Results that were made."""

    failures: int = 0
    """Results that could not be made."""

    retries: int = 0
    """Attempts beyond the first."""


class PackageRunSummary(Part):
    """How the render went."""

    run_id: str
    """The run in the ledger and in every log line."""

    seconds: float
    """Wall-clock time of the render, without the wait in the queue."""

    stages: dict[str, StageSummary]
    """Stage -> what it did."""

    cache_hits: int
    """Results that were there already, over all stages."""

    cache_misses: int
    """Results that were made, over all stages."""

    cost_usd: float = 0.0
    """What outside providers charged, US dollars."""

    publishable: bool | None = None
    """Whether every quality gate passed; null when no video was asked for."""

    shortfalls: tuple[PackageProblem, ...] = ()


class RenderPackageResponse(Document):
    """How an invocation stands."""

    request_id: UUID
    """The request's own."""

    status: PackageStatus
    """`degraded`: whole, but with less than was asked for; `errors` say what."""

    job_id: str = ""
    """The job behind it: `/jobs/{job_id}/events` follows it, `/jobs/{job_id}/cancel` stops it."""

    artifact_uris: dict[str, ArtifactUri] = Field(default_factory=dict)
    """Output name -> where it stands: `video`, `poster`, `captions` (SubRip), `captions_vtt`, `audio_stems.dialogue`,
    `audio_stems.music`, `audio_stems.effects`, `render_output`. Filled when it has ended well."""

    lineage_hashes: dict[str, Hash] = Field(default_factory=dict)
    """Artifact name -> SHA-256 of its bytes: the inputs, what was made of them, and every output."""

    run_summary: PackageRunSummary | None = None
    """When it was asked for and the render has ended."""

    errors: tuple[PackageProblem, ...] = ()


class PlannedStage(Part):
    """What a stage would do."""

    reuse: int = 0
    """Results that are there already."""

    make: int = 0
    """Results that would be made."""

    items: tuple[str, ...] = ()
    """The first of those that would be made, each with the reason."""


class PlannedGate(Part):
    """A quality gate, as far as it can be judged before anything is rendered."""

    gate: str
    """Name of the gate, as RenderOutput has it."""

    status: Literal["passed", "failed", "not_applicable", "after_render"]
    """`after_render` is measured on the finished file."""

    detail: tuple[str, ...] = ()
    """One line for each thing found."""


class RenderPackagePlan(Document):
    """What a RenderPackage would do."""

    request_id: UUID
    """The request's own."""

    valid: bool
    """Whether it would be rendered."""

    errors: tuple[PackageProblem, ...] = ()
    """Why not, or what would be less than it should be."""

    stages: dict[str, PlannedStage] = Field(default_factory=dict)
    """Stage -> what it would do, in the order of the render."""

    reused: int = 0
    """Results that are there already, over all stages."""

    made: int = 0
    """Results that would be made, over all stages."""

    estimated_cost_usd: float = 0.0
    """Of outside providers; a local render costs none."""

    estimated_seconds: float = 0.0
    """On one core of the reference machine; what is reused takes no time."""

    gates: tuple[PlannedGate, ...] = ()
