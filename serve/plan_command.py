"""`reelwright plan`: what a run would make, what it would reuse, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from pipelines.episode import make_episode
from pipelines.flow.guards import Guards
from pipelines.flow.maker import Flow
from pipelines.narrative.project_source import read_project
from pipelines.outcome import Paused
from pipelines.planning import Plan, PlannedWork
from pipelines.progress import Silent
from pipelines.runner import Artifact
from pipelines.wiring import Parts
from schemas.errors import Refused
from schemas.vocabulary import RenderProfile
from serve import exit_codes
from serve.desk import Desk
from serve.run_command import render_options
from serve.terminal import LABELS

SHOWN = 12
"""Items of one stage that are listed one by one."""


def plan_command(
    desk: Desk, source: Path, *, profile: RenderProfile, captions: str, no_voice: bool, as_json: bool
) -> int:
    """Prints the plan; the exit code tells whether a run would be refused or would wait."""
    given = read_project(source)
    parts = Parts()
    plan = Plan(desk.registry, desk.blobs, desk.ledger, desk.scope, given.project.id, parts.natives)
    verdicts: list[str] = []
    guards = Guards(lambda checkpoint, artifact: _assume(desk, checkpoint, artifact, verdicts))
    options = render_options(profile, captions, no_voice=no_voice)
    flow = Flow(maker=plan, parts=parts, options=options, guards=guards, progress=Silent(), side_by_side=False)
    code = exit_codes.DONE
    try:
        make_episode(flow, given)
    except Refused as exc:
        verdicts.append(f"would be refused ({exc.code}): {exc.message}")
        code = exit_codes.exit_code(exc)
    except Paused as paused:
        verdicts.append(f"would wait on {paused.waiting.checkpoint}")
        code = exit_codes.WAITING
    if as_json:
        works = [asdict(work) for work in plan.works]
        answer = {"works": works, "verdicts": verdicts, "warnings": given.warnings}
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _print(plan.works, [*verdicts, *(f"warning: {warning}" for warning in given.warnings)])
    return code


def _assume(desk: Desk, checkpoint: str, artifact: Artifact, verdicts: list[str]) -> str:
    """A plan looks past open checkpoints, and says that the run would not."""
    decision = desk.approvals.latest(checkpoint, artifact.content_hash)
    if decision is None:
        verdicts.append(f"would wait on {checkpoint}, unless --approve")
        return "approved"
    return decision.decision


def _print(works: Sequence[PlannedWork], verdicts: Sequence[str]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for stage in dict.fromkeys(work.stage for work in works):
        of_stage = [work for work in works if work.stage == stage]
        make = [work for work in of_stage if work.action == "make"]
        counts = f"make {len(make):>4}   reuse {len(of_stage) - len(make):>4}"
        console.print(f"{LABELS.get(stage, stage):<20} {counts}", markup=False)
        for work in make[:SHOWN]:
            console.print(f"    {work.item}: {work.why}", markup=False)
        if len(make) > SHOWN:
            console.print(f"    ... and {len(make) - SHOWN} more", markup=False)
    reused = sum(work.action == "reuse" for work in works)
    console.print(f"{reused} of {len(works)} would be reused", markup=False)
    for verdict in verdicts:
        console.print(verdict, markup=False)
