"""Jobs: listed, looked at, followed, cancelled, tried again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from anyio.to_thread import run_sync
from fastapi import FastAPI, Header, Query
from fastapi.responses import StreamingResponse

from cluster.jobs.records import ENDED, JobEvent, JobStatus
from cluster.jobs.store import JobStore
from serve.http.callers import OnSite, Operator, Reader
from serve.http.job_answers import JobView
from serve.http.job_summary import JobSummary
from serve.http.media_routes import RESPONSES

PAUSE_S = 0.25
"""Between two looks for new events."""

ALIVE_S = 15.0
"""A comment at least so often: whoever stands between closes connections on which nothing moves."""


def add_job_routes(app: FastAPI) -> None:
    """Adds the routes."""

    @app.get("/jobs", operation_id="list_jobs", tags=["jobs"], responses=RESPONSES)
    def list_jobs(
        site: OnSite,
        caller: Reader,
        status: JobStatus | None = None,
        kind: str | None = None,
        before: Annotated[str | None, Query(description="Only jobs older than this one.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> list[JobView]:
        """Jobs, newest first."""
        found = site.jobs(caller).list(status=status, kind=kind, before=before, limit=limit)
        return [JobView.of(one) for one in found]

    @app.get("/jobs/{job_id}", operation_id="get_job", tags=["jobs"], responses=RESPONSES)
    def get_job(job_id: str, site: OnSite, caller: Reader) -> JobView:
        """One job as it is now."""
        return JobView.of(site.jobs(caller).get(job_id))

    @app.get("/jobs/{job_id}/summary", operation_id="job_summary", tags=["jobs"], responses=RESPONSES)
    def job_summary(job_id: str, site: OnSite, caller: Reader) -> JobSummary:
        """How a job went, or goes: waiting, stages, cache, retries, engines, cost, errors."""
        jobs = site.jobs(caller)
        return JobSummary.of(jobs.get(job_id), jobs.events(job_id, without="progress"))

    @app.post("/jobs/{job_id}/cancel", operation_id="cancel_job", tags=["jobs"], responses=RESPONSES)
    def cancel_job(job_id: str, site: OnSite, caller: Operator) -> JobView:
        """The job, stopped as soon as it can be; one that has ended stays as it is."""
        return JobView.of(site.jobs(caller).cancel(job_id))

    @app.post("/jobs/{job_id}/retry", operation_id="retry_job", tags=["jobs"], responses=RESPONSES)
    def retry_job(job_id: str, site: OnSite, caller: Operator) -> JobView:
        """The failed job, in its queue again."""
        return JobView.of(site.jobs(caller).retry(job_id))

    @app.get(
        "/jobs/{job_id}/events", operation_id="job_events", tags=["jobs"], response_class=StreamingResponse,
        responses={**RESPONSES, 200: {"content": {"text/event-stream": {}}, "description": "Events, as they come."}},
    )  # fmt: skip
    async def job_events(
        job_id: str,
        site: OnSite,
        caller: Reader,
        last: Annotated[
            str, Header(alias="Last-Event-ID", pattern="^[0-9]{0,9}$", description="Go on after this event.")
        ] = "",
    ) -> StreamingResponse:
        """What happens to a job, as server-sent events, until it has ended."""
        jobs = site.jobs(caller)
        await run_sync(jobs.get, job_id)
        return StreamingResponse(
            _events(jobs, job_id, int(last or 0)), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )


async def _events(jobs: JobStore, job_id: str, after: int) -> AsyncIterator[bytes]:
    silent_s = 0.0
    while True:
        record = await run_sync(jobs.get, job_id)  # before its events: the last one is then among them
        for event in await run_sync(lambda after=after: jobs.events(job_id, after=after)):  # type: ignore[misc]
            after, silent_s = event.number, 0.0
            yield _sent(event)
        if record.status in ENDED and after >= record.last_event:
            return
        await anyio.sleep(PAUSE_S)
        silent_s += PAUSE_S
        if silent_s >= ALIVE_S:
            silent_s = 0.0
            yield b": alive\n\n"


def _sent(event: JobEvent) -> bytes:
    data = json.dumps({"at": event.at.isoformat(), **event.payload}, ensure_ascii=False)
    return f"id: {event.number}\nevent: {event.kind}\ndata: {data}\n\n".encode()
