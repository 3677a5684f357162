"""Workers: they take jobs from the queues, do them as their callers would at the command line, and say how it went.

claim -> heartbeat every 15 s -> do -> complete | fail | cancelled
             '-- lease lost, or asked to stop -> what runs is interrupted at its next step
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, Literal

from cluster.jobs.queue import JobQueue
from cluster.jobs.records import ENDED, ClaimedJob, JobRecord, Lease
from cluster.jobs.worker_book import WorkerState
from cluster.log_scope import log_scope
from pipelines.analysis.asset import find_asset
from pipelines.progress import Silent
from schemas.errors import Cancelled, Defect, LeaseLost, ReelwrightError, Unavailable
from schemas.render_package import RenderPackageRequest
from serve.episode_jobs import make_episode, stop_episode
from serve.http.media_calls import CALLS
from serve.http.site import Site
from serve.media_run import media_flow
from serve.packages import PLAN, RENDER, plan_for, render_for, withheld
from serve.season import EPISODE

_LOG = logging.getLogger(__name__)

IDLE_S = 0.1
"""Between two looks into empty queues."""

AWAY_S = 1.0
"""Between two tries when the database is away."""

REAP_EVERY = 100
"""Looks between two sweeps for jobs whose worker went away."""

Perform = Callable[[Site, JobRecord, "Watched"], tuple[Mapping[str, Any], bool]]
"""Does a job: its result, and whether a fallback was used."""


class Watched(Silent):
    """Progress that becomes events of the job, and stops what runs when the job is no longer ours or not wanted."""

    stage = ""
    """The stage that was begun last."""

    detail: Literal["summary", "stage", "item"] = "stage"
    """How much becomes events: nothing, stages and long items, or every item."""

    summary: Mapping[str, Any] | None = None
    """How the run went, once it has ended."""

    def __init__(self, queue: JobQueue, lease: Lease, stop: threading.Event) -> None:
        super().__init__()
        self._queue, self._lease, self._stop = queue, lease, stop
        self._told: dict[tuple[str, str], int] = {}

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        self._check()
        self.stage = stage
        _LOG.info("stage started", extra={"items": total, "cached": cached})
        if self.detail != "summary":
            self._queue.progress(self._lease, {"stage": stage, "total": total, "cached": cached})

    def item_part(self, stage: str, item: str, share: float) -> None:
        self._check()
        tenth = int(share * 10)
        if self.detail != "summary" and self._told.get((stage, item), -1) < tenth:
            self._told[stage, item] = tenth
            self._queue.progress(self._lease, {"stage": stage, "item": item, "share": round(share, 3)})

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        self._check()
        if self.detail == "item":
            self._queue.progress(self._lease, {"stage": stage, "item": item, "seconds": round(seconds, 3)})

    def summed(self, summary: Mapping[str, Any]) -> None:
        """Keeps the summary of the run that did the job."""
        self.summary = summary

    def look(self) -> None:
        """Nothing, while the job is ours and wanted.

        Raises:
            LeaseLost: it is somebody else's by now.
            Cancelled: its caller wants it stopped.
        """
        if self._stop.is_set():
            self._queue.heartbeat(self._lease)
            raise Cancelled("the job was stopped")

    def tell(self, payload: Mapping[str, Any]) -> None:
        """Makes an event of the job.

        Raises:
            LeaseLost: it is somebody else's by now.
        """
        self._queue.progress(self._lease, payload)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Cancelled("the job was stopped")


def perform(site: Site, job: JobRecord, progress: Watched) -> tuple[Mapping[str, Any], bool]:
    """Does one job in its caller's name.

    Raises:
        ReelwrightError: it cannot be done; `stage` in the detail says where that was found.
    """
    if job.kind not in PERFORM:
        raise Defect(f"no worker of this version does {job.kind!r}")
    try:
        return PERFORM[job.kind](site, job, progress)
    except ReelwrightError as exc:
        exc.detail.setdefault("stage", progress.stage)
        raise


def _media(site: Site, job: JobRecord, progress: Watched) -> tuple[Mapping[str, Any], bool]:
    call = CALLS[job.kind]
    request = call.request.given(job.payload)
    with media_flow(site.desk(job.scope), site.engines, progress, build=site.build, tell=progress.summed) as flow:
        document = call.run(flow, find_asset(flow, request.asset_id), request)
    return document, bool(document.get("meta", {}).get("degraded"))


def _package(site: Site, job: JobRecord, progress: Watched) -> tuple[Mapping[str, Any], bool]:
    request = RenderPackageRequest.read(job.payload)
    progress.detail = request.logging_options.trace_level
    try:
        response = render_for(site.desk(job.scope), request, progress, progress.summed)
    except ReelwrightError as exc:
        if not request.logging_options.redact_content:
            raise
        raise withheld(exc) from None
    return response.model_dump(mode="json"), response.status == "degraded"


def _package_plan(site: Site, job: JobRecord, _: Watched) -> tuple[Mapping[str, Any], bool]:
    return plan_for(site.desk(job.scope), RenderPackageRequest.read(job.payload)).model_dump(mode="json"), False


PERFORM: Mapping[str, Perform] = {
    **dict.fromkeys(CALLS, _media), RENDER: _package, PLAN: _package_plan, EPISODE: make_episode,
}  # fmt: skip
"""Kind of job -> what does it."""


class Worker:
    """One worker of a site. `run` goes on until `stop`."""

    def __init__(self, site: Site, name: str, queues: tuple[str, ...], perform: Perform = perform) -> None:
        self._site, self._name, self._queues, self._perform = site, name, queues, perform
        self._queue, self._book = site.queue(), site.workers()
        self._stopped = threading.Event()
        self._job_id, self._told_at_s = "", -math.inf

    def stop(self) -> None:
        """Take no further job."""
        self._stopped.set()

    def run(self) -> None:
        """Works until it is stopped. A database that is away is waited for."""
        looks = 0
        while not self._stopped.is_set():
            try:
                self._sign()
                if looks % REAP_EVERY == 0:
                    self._reap()
                looks += 1
                if not self.work_once():
                    self._stopped.wait(IDLE_S)
            except Unavailable as exc:
                _LOG.warning("worker %s waits: %s", self._name, exc.message)
                self._stopped.wait(AWAY_S)
        self._sign("offline")

    def _reap(self) -> None:
        """Jobs whose worker went away go back to their queues; what ran elsewhere for those that ended is stopped."""
        for job in self._queue.reap():
            if job.kind == EPISODE and job.status in ENDED:
                stop_episode(job)

    def work_once(self) -> bool:
        """Does the job whose turn it is; False when there is none."""
        for name in self._queues:
            claimed = self._queue.claim(name, self._name)
            if claimed is not None:
                self._do(claimed)
                return True
        return False

    def _do(self, claimed: ClaimedJob) -> None:
        job, lease = claimed.job, claimed.lease
        waited_s = (job.started_at - job.submitted_at).total_seconds() if job.started_at else 0.0
        known = {"job_id": job.job_id, "tenant": job.tenant, "kind": job.kind, "attempt": job.attempt}
        with log_scope(**known):
            _LOG.info("job started", extra={"queue": job.queue, "queue_wait_s": round(waited_s, 3)})
            began_s, self._job_id = time.perf_counter(), job.job_id
            try:
                ended = self._done(job, lease)
            except LeaseLost:
                _LOG.warning("job was taken from worker %s, which had been away", self._name)
            else:
                seconds = round(time.perf_counter() - began_s, 3)
                said = {"status": ended.status, "error_code": ended.error_code, "seconds": seconds}
                _LOG.info("job ended", extra=said)
            finally:
                self._job_id = ""

    def _done(self, job: JobRecord, lease: Lease) -> JobRecord:
        """The job after this try.

        Raises:
            LeaseLost: it is not ours any more; nothing was written.
        """
        with self._kept(lease) as stop:
            watched = Watched(self._queue, lease, stop)
            try:
                result, degraded = self._perform(self._site, job, watched)
            except LeaseLost:
                raise
            except Cancelled:
                return self._queue.cancelled(lease, summary=watched.summary)
            except ReelwrightError as exc:
                if isinstance(exc, Unavailable | Defect):  # the others speak of the tenant's things, to the tenant
                    _LOG.warning("%s: %s", exc.code, exc.message)
                return self._queue.fail(lease, exc, summary=watched.summary)
            except Exception as exc:  # noqa: BLE001 - one job's defect must not end the worker
                _LOG.error("job failed", exc_info=exc)
                return self._queue.fail(lease, Defect(f"{type(exc).__name__}: {exc}"), summary=watched.summary)
            return self._queue.complete(lease, result, degraded=degraded, summary=watched.summary)

    def _sign(self, state: WorkerState | None = None) -> None:
        """Says that this worker lives, once a heartbeat."""
        if state is None and time.monotonic() - self._told_at_s < self._queue.times.heartbeat_s:
            return
        if state is None:
            state = "draining" if self._stopped.is_set() else "active" if self._job_id else "idle"
        try:
            self._book.beat(self._name, self._queues, state, self._job_id)
        except Unavailable as exc:
            _LOG.warning("worker %s could not sign: %s", self._name, exc.message)
        self._told_at_s = time.monotonic()

    @contextmanager
    def _kept(self, lease: Lease) -> Iterator[threading.Event]:
        """Keeps a lease alive beside the work; the event says that the work should stop."""
        stop, over = threading.Event(), threading.Event()

        def beat() -> None:
            while not over.wait(self._queue.times.heartbeat_s):
                try:
                    if self._queue.heartbeat(lease).cancel_requested:
                        stop.set()
                except LeaseLost:
                    stop.set()
                    return
                except ReelwrightError as exc:
                    _LOG.warning("a heartbeat failed: %s", exc.message)
                self._sign()

        run = copy_context().run
        thread = threading.Thread(target=run, args=(beat,), name=f"heartbeat-{lease.job_id}", daemon=True)
        thread.start()
        try:
            yield stop
        finally:
            over.set()
            thread.join()
