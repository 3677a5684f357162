"""One `reelwright run`: the flow, its record, and the folder it leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import structlog

from pipelines.episode import make_episode
from pipelines.flow.guards import Guards
from pipelines.flow.maker import Flow, Options
from pipelines.narrative.project_source import ProjectInput
from pipelines.outcome import Paused
from pipelines.progress import Progress
from pipelines.runner import Artifact, Execution
from pipelines.wiring import Parts
from schemas.errors import Cancelled, Defect, ReelwrightError
from schemas.render_output import RenderOutput
from serve.desk import Desk
from serve.run_folder import SUMMARY_NAME, open_run_folder, place, remove_stale_video, write_record
from serve.run_scope import ended_by_signal, new_run_id, scratch_folder
from serve.run_summary import run_summary

_LOG = structlog.get_logger(__name__)

RunStatus = Literal["completed", "degraded", "in_progress", "failed"]


@dataclass(frozen=True)
class RunReport:
    """How a run ended."""

    run_id: str
    status: RunStatus
    folder: Path
    output: RenderOutput | None = None
    error: ReelwrightError | None = None
    waiting_on: str = ""
    waiting_artifact: str = ""
    question: str = ""


def run_episode(
    desk: Desk,
    source: ProjectInput,
    options: Options,
    folder: Path,
    *,
    approve: bool,
    progress: Progress,
    parts: Parts | None = None,
) -> RunReport:
    """Runs the flow and writes the run folder, whatever happens.

    Args:
        approve: decide every checkpoint with yes, in the name of the settings' user.
    """
    open_run_folder(folder)
    run_id = new_run_id()
    started = time.perf_counter()
    parts = parts or Parts()
    with ended_by_signal(), scratch_folder(desk.scratch, run_id) as scratch:
        desk.ledger.start(run_id, source.project.id)
        execution = Execution(
            registry=desk.registry, blobs=desk.blobs, ledger=desk.ledger, scope=desk.scope, run_id=run_id,
            scratch=scratch, natives=parts.natives, progress=progress,
        )  # fmt: skip
        guards = Guards(lambda checkpoint, artifact: _verdict(desk, checkpoint, artifact, approve=approve))
        flow = Flow(maker=execution, parts=parts, options=options, guards=guards, progress=progress)
        report = _outcome(run_id, folder, flow, source)
        summary = _summary(report, execution, source, options, time.perf_counter() - started)
        desk.ledger.finish(run_id, report.status, waiting_on=report.waiting_on, error=report.error, summary=summary)
        write_record(folder, SUMMARY_NAME, (json.dumps(summary, indent=2, ensure_ascii=False) + "\n").encode())
    return report


def _outcome(run_id: str, folder: Path, flow: Flow, source: ProjectInput) -> RunReport:
    """How the run ended, with everything that it made placed in the folder. No film of another run stays there."""
    report = _ending(run_id, folder, lambda: _completed(run_id, folder, flow, source))
    if report.output is not None:
        return report

    def leave() -> RunReport:
        remove_stale_video(folder)
        _deliver(flow, folder)
        return report

    left = _ending(run_id, folder, leave)
    return report if report.error is not None else left


def _completed(run_id: str, folder: Path, flow: Flow, source: ProjectInput) -> RunReport:
    output = flow.maker.document(RenderOutput, make_episode(flow, source))
    _deliver(flow, folder)
    return RunReport(run_id, output.status, folder, output)


def _ending(run_id: str, folder: Path, step: Callable[[], RunReport]) -> RunReport:
    """What `step` reports, or what its exception means for the run."""
    try:
        return step()
    except Paused as paused:
        waiting = paused.waiting
        return RunReport(
            run_id, "in_progress", folder, waiting_on=waiting.checkpoint,
            waiting_artifact=waiting.artifact_id, question=waiting.question,
        )  # fmt: skip
    except (KeyboardInterrupt, SystemExit, BrokenPipeError):  # Ctrl-C; SIGTERM while Ray starts; `| head`
        error: ReelwrightError = Cancelled("cancelled; the same command goes on from here")
    except ReelwrightError as exc:
        error = exc
    except Exception as exc:  # noqa: BLE001 - whatever broke, the run's record says so; the trace goes to the log
        _LOG.exception("the run broke")
        error = Defect(f"{type(exc).__name__}: {exc}")
        error.__cause__ = exc
    return RunReport(run_id, "failed", folder, error=error)


def _verdict(desk: Desk, checkpoint: str, artifact: Artifact, *, approve: bool) -> str | None:
    decision = desk.approvals.latest(checkpoint, artifact.content_hash)
    if decision is None and approve:
        decision = desk.approvals.decide(checkpoint, artifact.content_hash, "approved", notes="--approve")
    return None if decision is None else decision.decision


def _deliver(flow: Flow, folder: Path) -> None:
    place(folder, {name: (one.content_hash, partial(flow.maker.path, one)) for name, one in flow.files.items()})


def _summary(
    report: RunReport, execution: Execution, source: ProjectInput, options: Options, seconds: float
) -> dict[str, Any]:
    """The record of a run (specification section 16). No part of any identity."""
    output = report.output
    return {
        **run_summary(execution),
        "project_id": source.project.id,
        "status": report.status,
        "waiting_on": report.waiting_on or None,
        "profile": options.profile,
        "seconds": round(seconds, 3),
        "errors": [{"code": report.error.code, "message": report.error.message}] if report.error else [],
        "shortfalls": [one.model_dump(mode="json") for one in output.shortfalls] if output else [],
        "publishable": output.publishable if output else False,
        "warnings": list(source.warnings),
    }  # fmt: skip
