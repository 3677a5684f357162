"""RenderPackages: read from a request, carried out or planned for a job, and told as the contract wants it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Literal, TypeVar
from uuid import UUID

from cluster.jobs.records import ENDED, JobRecord
from cluster.logs import log_context
from cluster.tenancy.scope import TenantScope
from pipelines.analysis.caller import check_own
from pipelines.flow.guards import Guards
from pipelines.flow.maker import Flow, Options
from pipelines.flow.package import Package
from pipelines.maker import Maker
from pipelines.package import PackageOutcome, estimated_s, gates_ahead, render_package
from pipelines.planning import Plan
from pipelines.progress import Progress, Silent
from pipelines.rendering.package_rules import package_problems
from pipelines.runner import Artifact, Execution, stored_artifact
from pipelines.wiring import Parts
from schemas.asset_manifest import AssetManifest
from schemas.document import Document
from schemas.errors import InvalidInput, NotFound, ReelwrightError, Refused, from_code
from schemas.render_output import GateResult
from schemas.render_package import (
    PackageProblem,
    PackageRunSummary,
    PlannedGate,
    PlannedStage,
    RenderPackagePlan,
    RenderPackageRequest,
    RenderPackageResponse,
    StageSummary,
)
from schemas.render_plan import RenderPlan
from schemas.shotlist import ShotList
from serve.desk import Desk
from serve.run_scope import new_run_id, scratch_folder
from serve.run_summary import TellSummary, run_summary

RENDER, PLAN = "render_package", "render_package_plan"
"""Kinds of job."""

PROJECT = "render_package"
"""The ledger's name for runs of packages."""

ITEMS_SHOWN = 12
"""Results of one stage that a plan lists one by one."""

WITHHELD = "withheld (logging_options.redact_content)"

D = TypeVar("D", bound=Document)


@cache
def parts() -> Parts:
    """Voices and native libraries of this process, opened once."""
    return Parts()


def check_owner(request: RenderPackageRequest, scope: TenantScope) -> None:
    """Nothing, when a request is its caller's to make.

    Raises:
        TenantMismatch: it names another tenant or environment.
    """
    check_own("tenant_id", request.tenant_id, scope.tenant)
    check_own("env", request.env or scope.env, scope.env)


def read_package(desk: Desk, request: RenderPackageRequest) -> Package:
    """The three documents of a request, checked as far as documents can be.

    Raises:
        InvalidInput: a reference is no document of the caller's, or the documents do not belong together.
    """
    stored: dict[str, Artifact] = {}
    inputs = request.inputs
    shotlist = _read(desk, ShotList, inputs.shotlist_ref, stored)
    manifest = _read(desk, AssetManifest, inputs.asset_manifest_ref, stored)
    plan = _read(desk, RenderPlan, inputs.render_plan_ref, stored)
    problems = list(package_problems(shotlist, manifest, plan))
    foreign = [asset.uri for asset in plan.assets if not asset.uri.startswith(desk.scope.uri_prefix)]
    if foreign:
        problems.append(f"{foreign[0]!r} is no artifact of this tenant and environment")
    if not _is_external(request.render_profile) and request.render_profile != plan.profile:
        problems.append(f"render_profile is {request.render_profile!r}, the render plan is for {plan.profile!r}")
    if problems:
        raise InvalidInput("; ".join(problems), problems=problems)
    return Package(shotlist, manifest, plan, stored)


def _read(desk: Desk, kind: type[D], given: D | str, stored: dict[str, Artifact]) -> D:
    if not isinstance(given, str):
        return given
    try:
        record = desk.registry.resolve(given)
    except NotFound as exc:
        raise InvalidInput(f"{given!r} is no {kind.name()} of this tenant and environment", ref=given) from exc
    if record.kind != kind.name():
        raise InvalidInput(f"{given!r} is a {record.kind}, not a {kind.name()}", ref=given)
    if not desk.blobs.has(record.content_hash, record.size_bytes):
        raise InvalidInput(f"the bytes of {given!r} were let go; make it again", ref=given)
    stored[kind.name()] = stored_artifact(record)
    return kind.read(desk.blobs.read(record.content_hash))


def render_for(
    desk: Desk, request: RenderPackageRequest, progress: Progress, tell: TellSummary = lambda _: None
) -> RenderPackageResponse:
    """The outputs of a request, made in the caller's name; `tell` is given the run's summary, however it ended.

    Raises:
        ReelwrightError: it cannot be rendered.
    """
    package = read_package(desk, request)
    started = time.perf_counter()
    with _execution(desk, progress, tell) as execution:
        flow = _flow(execution, package, progress)
        outcome = render_package(flow, package, desk.registry, request.desired_outputs)
        problems = _problems(flow, request)
        summary = _summary(execution, outcome, problems, time.perf_counter() - started)
        status: Literal["completed", "degraded"] = "degraded" if problems else "completed"
        desk.ledger.finish(execution.run_id, status, summary=summary.model_dump(mode="json"))
    return RenderPackageResponse(
        request_id=request.request_id,
        status=status,
        artifact_uris={name: one.uri for name, one in outcome.outputs.items()},
        lineage_hashes={name: one.content_hash for name, one in outcome.lineage.items()},
        run_summary=summary if "run_summary" in request.desired_outputs else None,
        errors=problems,
    )


def plan_for(desk: Desk, request: RenderPackageRequest) -> RenderPackagePlan:
    """What a request would do. Stores nothing; what is wrong with it stands in the answer."""
    planned = Plan(desk.registry, desk.blobs, desk.ledger, desk.scope, PROJECT, parts().natives)
    try:
        package = read_package(desk, request)
    except InvalidInput as exc:
        return RenderPackagePlan(request_id=request.request_id, valid=False, errors=(_problem(exc, request),))
    flow = _flow(planned, package, Silent(), side_by_side=False)
    problems: tuple[PackageProblem, ...] = ()
    valid = True
    try:
        render_package(flow, package, desk.registry, request.desired_outputs)
        problems = _problems(flow, request)
    except (InvalidInput, Refused) as exc:
        valid, problems = False, (_problem(exc, request),)
        flow.findings += exc.detail.get("findings", [])
    gates = gates_ahead(package.shotlist, package.plan, flow.findings) if "video" in request.desired_outputs else ()
    return RenderPackagePlan(
        request_id=request.request_id,
        valid=valid,
        errors=problems,
        stages=_stages(planned),
        reused=sum(work.action == "reuse" for work in planned.works),
        made=sum(work.action == "make" for work in planned.works),
        estimated_seconds=round(estimated_s(planned, package.shotlist, package.plan), 1),
        gates=tuple(map(_gate, gates)),
    )


def response_of(job: JobRecord) -> RenderPackageResponse:
    """How the request behind a job stands."""
    if job.result is not None:
        return RenderPackageResponse.model_validate({**job.result, "job_id": job.job_id})
    request_id = UUID(job.payload["request_id"])
    if job.status not in ENDED:
        status = "in_progress" if job.status == "in_progress" else "queued"
        return RenderPackageResponse(request_id=request_id, status=status, job_id=job.job_id)
    code = job.error_code or "cancelled"
    problem = PackageProblem(
        code=code,
        message=job.error or "the job was cancelled",
        stage=str(job.error_detail.get("stage", "")),
        recoverable=from_code(code, "").retryable or code == "cancelled",
    )
    return RenderPackageResponse(request_id=request_id, status="failed", job_id=job.job_id, errors=(problem,))


def withheld(error: ReelwrightError) -> ReelwrightError:
    """The error without a word of what it is about."""
    return type(error)(WITHHELD, **{name: error.detail[name] for name in ("stage",) if name in error.detail})


@contextmanager
def _execution(desk: Desk, progress: Progress, tell: TellSummary) -> Iterator[Execution]:
    """A run of its own; one that breaks is recorded as failed."""
    run_id = new_run_id()
    with log_context(run_id=run_id), scratch_folder(desk.scratch, run_id) as scratch:
        desk.ledger.start(run_id, PROJECT)
        execution = Execution(
            registry=desk.registry, blobs=desk.blobs, ledger=desk.ledger, scope=desk.scope, run_id=run_id,
            scratch=scratch, natives=parts().natives, progress=progress,
        )  # fmt: skip
        try:
            yield execution
        except Exception as exc:
            desk.ledger.finish(run_id, "failed", error=exc, summary=run_summary(execution))
            raise
        finally:
            tell(run_summary(execution))


def _flow(maker: Maker, package: Package, progress: Progress, *, side_by_side: bool = True) -> Flow:
    plan = package.plan
    return Flow(
        maker=maker,
        parts=parts(),
        options=Options(profile=plan.profile, captions=plan.captions, voice=plan.voice),
        guards=Guards(lambda _checkpoint, _artifact: None),
        progress=progress,
        side_by_side=side_by_side,
    )


def _is_external(profile: str) -> bool:
    return profile.startswith("hq_")


def _problems(flow: Flow, request: RenderPackageRequest) -> tuple[PackageProblem, ...]:
    """What came out less than it should have."""
    secret = request.logging_options.redact_content
    found = [
        PackageProblem(
            code=one.kind, message=WITHHELD if secret else f"{one.subject}: {one.reason}", stage="render",
            recoverable=True,
        )
        for one in sorted(flow.shortfalls, key=lambda one: (one.kind, one.subject))
    ]  # fmt: skip
    if _is_external(request.render_profile):
        provider = request.render_profile.removeprefix("hq_")
        message = f"no provider {provider!r} is here; rendered as {flow.options.profile}"
        found.insert(0, PackageProblem(code="provider_unavailable", message=message, stage="routing", recoverable=True))
    return tuple(found)


def _problem(error: ReelwrightError, request: RenderPackageRequest) -> PackageProblem:
    message = WITHHELD if request.logging_options.redact_content else error.message
    return PackageProblem(code=error.code, message=message, recoverable=error.retryable)


def _summary(
    execution: Execution, outcome: PackageOutcome, problems: tuple[PackageProblem, ...], seconds: float
) -> PackageRunSummary:
    tallies = execution.tallies
    return PackageRunSummary(
        run_id=execution.run_id,
        seconds=round(seconds, 3),
        stages={
            name: StageSummary(
                seconds=round(one.seconds, 3), hits=one.hits, misses=one.misses, failures=one.failures,
                retries=one.retries,
            )
            for name, one in tallies.items()
        },
        cache_hits=sum(one.hits for one in tallies.values()),
        cache_misses=sum(one.misses for one in tallies.values()),
        publishable=outcome.output.publishable if outcome.output else None,
        shortfalls=problems,
    )  # fmt: skip


def _stages(planned: Plan) -> dict[str, PlannedStage]:
    stages: dict[str, PlannedStage] = {}
    for name in dict.fromkeys(work.stage for work in planned.works):
        of_stage = [work for work in planned.works if work.stage == name]
        make = [work for work in of_stage if work.action == "make"]
        items = tuple(f"{work.item}: {work.why}" for work in make[:ITEMS_SHOWN])
        stages[name] = PlannedStage(reuse=len(of_stage) - len(make), make=len(make), items=items)
    return stages


def _gate(verdict: GateResult | str) -> PlannedGate:
    if isinstance(verdict, str):
        return PlannedGate(gate=verdict, status="after_render")
    return PlannedGate(gate=verdict.gate, status=verdict.status, detail=verdict.detail)
