"""Workers: they take jobs from the queues, do them as their callers would at the command line, and say how it went.

claim -> heartbeat every 15 s -> do -> complete | fail | cancelled
             '-- lease lost, or asked to stop -> what runs is interrupted at its next step
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from cluster.jobs.queue import JobQueue
from cluster.jobs.records import ENDED, ClaimedJob, JobRecord, Lease
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

    def __init__(self, queue: JobQueue, lease: Lease, stop: threading.Event) -> None:
        super().__init__()
        self._queue, self._lease, self._stop = queue, lease, stop
        self._told: dict[tuple[str, str], int] = {}

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        self._check()
        self.stage = stage
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
    with media_flow(site.desk(job.scope), site.engines, progress, build=site.build) as flow:
        document = call.run(flow, find_asset(flow, request.asset_id), request)
    return document, bool(document.get("meta", {}).get("degraded"))


def _package(site: Site, job: JobRecord, progress: Watched) -> tuple[Mapping[str, Any], bool]:
    request = RenderPackageRequest.read(job.payload)
    progress.detail = request.logging_options.trace_level
    try:
        response = render_for(site.desk(job.scope), request, progress)
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
        self._queue = site.queue()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Take no further job."""
        self._stopped.set()

    def run(self) -> None:
        """Works until it is stopped. A database that is away is waited for."""
        looks = 0
        while not self._stopped.is_set():
            try:
                if looks % REAP_EVERY == 0:
                    self._reap()
                looks += 1
                if not self.work_once():
                    self._stopped.wait(IDLE_S)
            except Unavailable as exc:
                _LOG.warning("worker %s waits: %s", self._name, exc.message)
                self._stopped.wait(AWAY_S)

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
        try:
            with self._kept(lease) as stop:
                try:
                    result, degraded = self._perform(self._site, job, Watched(self._queue, lease, stop))
                except LeaseLost:
                    raise
                except Cancelled:
                    self._queue.cancelled(lease)
                except ReelwrightError as exc:
                    self._queue.fail(lease, exc)
                except Exception as exc:  # noqa: BLE001 - one job's defect must not end the worker
                    _LOG.error("job %s failed", job.job_id, exc_info=exc)
                    self._queue.fail(lease, Defect(f"{type(exc).__name__}: {exc}"))
                else:
                    self._queue.complete(lease, result, degraded=degraded)
        except LeaseLost:
            _LOG.warning("job %s was taken from worker %s, which had been away", job.job_id, self._name)

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

        thread = threading.Thread(target=beat, name=f"heartbeat-{lease.job_id}", daemon=True)
        thread.start()
        try:
            yield stop
        finally:
            over.set()
            thread.join()
