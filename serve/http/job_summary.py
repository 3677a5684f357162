"""How a job went (specification section 16), told from its events: each try ends with one that holds its run's summary.

What a killed worker did is not known; its try is in the list with `lease_expired` and no run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from cluster.jobs.records import ENDED, JobEvent, JobRecord, JobStatus

TRY_ENDS = ENDED | {"retrying", "lease_expired"}
"""Kinds of events with which a try ends."""


class StageFigures(BaseModel):
    """What one stage did, over all tries."""

    seconds: float = 0.0
    hits: int = Field(default=0, description="Results that were there already.")
    misses: int = Field(default=0, description="Results that were made.")
    failures: int = 0
    retries: int = 0


class CacheFigures(BaseModel):
    """How much was there already."""

    hits: int = 0
    misses: int = 0
    hit_rate: float = 0.0


class TryView(BaseModel):
    """One try of a worker."""

    started_at: datetime
    ended_at: datetime | None = None
    ended: str = Field(default="", description="Event that ended it; empty while it runs.")
    code: str = Field(default="", description="Of the error that ended it.")
    run_id: str = Field(default="", description="The run that it was; empty where none is known.")


class JobSummary(BaseModel):
    """How a job went, or goes."""

    job_id: str
    kind: str
    queue: str
    status: JobStatus
    tries: list[TryView]
    queue_wait_s: float | None = Field(description="From its submission to its first try; null before that.")
    run_s: float = Field(description="Seconds that tries took together, as far as they have ended.")
    total_s: float | None = Field(description="From its submission to its end; null before that.")
    stages: dict[str, StageFigures]
    cache: CacheFigures
    retries: int = Field(description="Of the job, and of items within its tries.")
    engines: dict[str, dict[str, Any]] = Field(description="Family -> the engine that was chosen last.")
    compute: dict[str, int] = Field(description="Results made here (`local`) and by providers (`external`).")
    tokens_used: int
    cost_usd: float
    errors: list[dict[str, Any]] = Field(description="Code and moment of each error, the last one's message as well.")

    @classmethod
    def of(cls, record: JobRecord, events: Sequence[JobEvent]) -> JobSummary:
        """The summary of a job from its events, those about progress aside."""
        runs = [one.payload["summary"] for one in events if "summary" in one.payload]
        tries = _tries(events)
        stages = _stages(runs)
        hits, misses = (sum(getattr(one, name) for one in stages.values()) for name in ("hits", "misses"))
        ended = record.finished_at
        return cls(
            job_id=record.job_id,
            kind=record.kind,
            queue=record.queue,
            status=record.status,
            tries=tries,
            queue_wait_s=_seconds(record.submitted_at, record.started_at),
            run_s=round(sum(_seconds(one.started_at, one.ended_at) or 0 for one in tries), 3),
            total_s=_seconds(record.submitted_at, ended),
            stages=stages,
            cache=CacheFigures(hits=hits, misses=misses, hit_rate=round(hits / max(1, hits + misses), 4)),
            retries=max(0, len(tries) - 1) + sum(one.retries for one in stages.values()),
            engines={family: engine for run in runs for family, engine in run.get("engines", {}).items()},
            compute={place: sum(run["compute"][place] for run in runs) for place in ("local", "external")},
            tokens_used=sum(run["tokens_used"] for run in runs),
            cost_usd=sum(run["cost_usd"] for run in runs),
            errors=_errors(record, events),
        )


def _tries(events: Sequence[JobEvent]) -> list[TryView]:
    tries: list[TryView] = []
    for one in events:
        if one.kind == "started":
            tries.append(TryView(started_at=one.at))
        elif one.kind in TRY_ENDS and tries and tries[-1].ended_at is None:
            ended = {"ended_at": one.at, "ended": one.kind, "code": one.payload.get("code", "")}
            run_id = one.payload.get("summary", {}).get("run_id", "")
            tries[-1] = tries[-1].model_copy(update={**ended, "run_id": run_id})
    return tries


def _stages(runs: Sequence[dict[str, Any]]) -> dict[str, StageFigures]:
    found: dict[str, StageFigures] = {}
    for run in runs:
        for name, figures in run["stages"].items():
            before = found.get(name, StageFigures())
            both = {key: round(getattr(before, key) + figures[key], 3) for key in StageFigures.model_fields}
            found[name] = StageFigures(**both)
    return found


def _errors(record: JobRecord, events: Sequence[JobEvent]) -> list[dict[str, Any]]:
    found = [{"code": one.payload["code"], "at": one.at.isoformat()} for one in events if one.payload.get("code")]
    if found and record.error_code:
        found[-1]["message"] = record.error
    return found


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return None if end is None else round((end - start).total_seconds(), 3)
