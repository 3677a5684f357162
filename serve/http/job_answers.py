"""What a call answers: the result when it is there soon enough, else the job that makes it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import anyio
from anyio.to_thread import run_sync
from fastapi import Response
from pydantic import BaseModel, Field

from cluster.jobs.records import ENDED, JobRecord, JobStatus, Submitted
from cluster.jobs.store import JobStore
from cluster.log_scope import tell
from schemas.errors import InvalidInput, from_code

USUAL_WAIT_S = 10.0
MOST_WAIT_S = 60.0

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 0.2

_WAIT = re.compile(r"(?:^|,)\s*wait=(\d{1,3})\s*(?:,|$)")


class JobError(BaseModel):
    """Why a job failed."""

    code: str
    message: str
    detail: dict[str, Any] = Field(default_factory=dict)


class JobView(BaseModel):
    """A job as callers see it."""

    job_id: str
    kind: str
    status: JobStatus
    attempt: int
    max_attempts: int
    cancel_requested: bool
    dead: bool = Field(description="Whether it used up its attempts and waits for a person.")
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] | None
    error: JobError | None
    last_event: int = Field(description="Number of its newest event; `/jobs/{job_id}/events` tells what it was.")

    @classmethod
    def of(cls, record: JobRecord) -> JobView:
        """The view of a job."""
        error = None
        if record.error_code:
            error = JobError(code=record.error_code, message=record.error, detail=record.error_detail)
        return cls(
            job_id=record.job_id, kind=record.kind, status=record.status, attempt=record.attempt,
            max_attempts=record.max_attempts, cancel_requested=record.cancel_requested, dead=record.dead,
            submitted_at=record.submitted_at, started_at=record.started_at, finished_at=record.finished_at,
            result=record.result, error=error, last_event=record.last_event,
        )  # fmt: skip


def wait_s(prefer: str | None, usual_s: float = USUAL_WAIT_S) -> float:
    """Seconds that a caller is ready to wait: `wait=N` of the header Prefer (RFC 7240), `usual_s` without it.

    Raises:
        InvalidInput: more than 60.
    """
    found = _WAIT.search(prefer or "")
    if found is None:
        return usual_s
    seconds = float(found.group(1))
    if seconds > MOST_WAIT_S:
        raise InvalidInput(f"Prefer: wait is at most {MOST_WAIT_S:g} seconds, got {seconds:g}")
    return seconds


async def ended(jobs: JobStore, job_id: str, longest_s: float) -> JobRecord:
    """The job when it has ended, or as it is after `longest_s`."""
    until, pause_s = time.monotonic() + longest_s, _FIRST_PAUSE_S
    while True:
        record = await run_sync(jobs.get, job_id)
        left_s = until - time.monotonic()
        if record.status in ENDED or left_s <= 0:
            return record
        await anyio.sleep(min(pause_s, left_s))
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


async def answered(jobs: JobStore, submitted: Submitted, longest_s: float, response: Response) -> Mapping[str, Any]:
    """The body of the answer to a call, its status and headers set.

    Raises:
        ReelwrightError: the job failed, with its error.
    """
    tell(job_id=submitted.job.job_id)
    record = await ended(jobs, submitted.job.job_id, longest_s)
    if submitted.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    response.headers["X-Job-Id"] = record.job_id
    if record.status in ("failed", "cancelled"):
        message = record.error or f"job {record.job_id!r} was cancelled"
        raise from_code(record.error_code or "cancelled", message, record.error_detail)
    if record.result is not None:
        return record.result
    response.status_code = 202
    response.headers["Location"] = f"/jobs/{record.job_id}"
    return JobView.of(record).model_dump(mode="json")
