"""An episode as a Ray job: `reelwright run` in a process of its own, somewhere on the cluster, followed by a worker.

The Ray job is called after our job. A worker that takes the job over from one that died finds the command that still
runs under that name and follows it; only when there is none, or the last one failed, another is started. The worker
waits and reports; the run itself finds again in the registry what was made before.
"""

from __future__ import annotations

import json
import logging
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import serve
from cluster.jobs.records import JobRecord
from cluster.ray_jobs import RayJob, RayJobs
from cluster.settings import Settings
from schemas.errors import Cancelled, Defect, ReelwrightError, Refused, Unavailable, from_code
from schemas.render_output import RenderOutput
from serve import exit_codes
from serve.http.site import Site
from serve.run_folder import SUMMARY_NAME, write_record
from serve.season import EpisodeOrder

_LOG = logging.getLogger(__name__)

LOG_NAME = "ray_job.log"
"""File in the run folder with what the command wrote; Ray keeps its own only as long as it runs."""

LOOK_S = 1.0
"""Between two looks at a Ray job."""

AWAY_S = 60.0
"""How long Ray's job API may be silent before the job goes back to its queue."""

PENDING_S = 300.0
"""How long a command may wait for a place. Ray itself waits for ever for a resource that no node has."""

MOST_STARTS = 100
"""Commands of one job that a cluster remembers; far above the attempts that a job has."""

QUEUE_PART = 0.001
"""What the command takes of its queue's resource: enough to be placed on a node that has it. Its worker holds the
place itself."""


class Kept(Protocol):
    """What a worker knows of the job that it holds."""

    def look(self) -> None:
        """Nothing, while it is ours and wanted.

        Raises:
            LeaseLost: it is somebody else's by now.
            Cancelled: its caller wants it stopped.
        """

    def tell(self, payload: Mapping[str, Any]) -> None:
        """Makes an event of the job.

        Raises:
            LeaseLost: it is somebody else's by now.
        """


def make_episode(
    site: Site, job: JobRecord, kept: Kept, ray_jobs: RayJobs | None = None
) -> tuple[Mapping[str, Any], bool]:
    """The ids of what the episode's run made, and whether the film is degraded.

    Raises:
        ReelwrightError: as the run itself ended.
        Cancelled: its caller stopped it, and so is the command.
        LeaseLost: another worker follows it by now; the command goes on.
        Unavailable: Ray does not answer, or the command went away; it is tried again.
    """
    order = EpisodeOrder.of(job)
    ray_jobs = ray_jobs or RayJobs.here()
    running = _running(ray_jobs, site, job, order)
    kept.tell({"stage": "ray_job", "submission_id": running.submission_id, "status": running.status})
    try:
        ended = _followed(ray_jobs, running, order.out, kept)
    except Cancelled:
        ray_jobs.stop(running.submission_id)
        raise
    return _result(ended, order)


def stop_episode(job: JobRecord, ray_jobs: RayJobs | None = None) -> None:
    """Stops the command of a job that ended without its worker. A Ray that does not answer has none, or loses it."""
    try:
        ray_jobs = ray_jobs or RayJobs.here()
        for submission_id in _names(job.job_id):
            found = ray_jobs.find(submission_id)
            if found is None:
                return
            if found.is_running:
                ray_jobs.stop(submission_id)
    except Unavailable as exc:
        _LOG.warning("the command of job %s could not be stopped: %s", job.job_id, exc.message)


def _running(ray_jobs: RayJobs, site: Site, job: JobRecord, order: EpisodeOrder) -> RayJob:
    """The command of this job: one that runs, one that succeeded unreported, or a new one."""
    for submission_id in _names(job.job_id):
        found = ray_jobs.find(submission_id)
        if found is None:
            return ray_jobs.start(
                submission_id,
                _command(order),
                environment=_environment(site.settings, job),
                metadata={"job_id": job.job_id, "episode_id": order.episode_id, "before": _last_run(order.out)},
                resources={job.queue: QUEUE_PART},
            )
        if found.is_running or found.status == "succeeded":
            return found
    raise Defect(f"job {job.job_id!r} was started {MOST_STARTS} times")


def _names(job_id: str) -> Iterator[str]:
    """Ray lets a name be used once."""
    yield job_id
    yield from (f"{job_id}-{number}" for number in range(2, MOST_STARTS + 1))


def _command(order: EpisodeOrder) -> str:
    """In one process: the episodes of a season run beside each other, and a command waits for no part of Ray."""
    words = [sys.executable, "-m", "serve", "run", str(order.project), "--out", str(order.out), "--in-process"]
    words += ["--log-json", "--profile", order.profile, "--captions", order.captions.replace("_", "-")]
    words += ["--no-voice"] if order.voice == "muted" else []
    words += ["--approve"] if order.approve else []
    return shlex.join(words)


def _environment(settings: Settings, job: JobRecord) -> dict[str, str]:
    """The run's scope and store, and this worker's code. The database's address may hold a password, which Ray would
    show: the command reads it from its node's own environment.

    Raises:
        Unavailable: that is not where this worker has it from.
    """
    here = Settings.load(store=settings.store)
    if here.registry_url() != settings.registry_url():
        raise Unavailable("Ray jobs find the database by REELWRIGHT_DATABASE_URL in the environment of their nodes")
    if here.bucket() != settings.bucket():
        raise Unavailable("Ray jobs find the bucket by REELWRIGHT_BLOBS_… and AWS_… in the environment of their nodes")
    return {
        "REELWRIGHT_STORE": str(settings.store),
        "REELWRIGHT_SITE_ID": settings.site_id,
        "REELWRIGHT_TENANT": job.tenant,
        "REELWRIGHT_ENV": job.env,
        "REELWRIGHT_USER_ID": job.scope.user_id,
        "PYTHONPATH": str(Path(serve.__file__).resolve().parents[1]),
    }


def _followed(ray_jobs: RayJobs, job: RayJob, folder: Path, kept: Kept) -> RayJob:
    """The command, ended; its log lies in the run folder, and grows there while it runs."""
    began_s = answered_s = time.monotonic()
    log = ""
    while True:
        kept.look()
        try:
            job = ray_jobs.find(job.submission_id) or _forgotten(job)
            log = _copied(log, ray_jobs.log(job.submission_id), folder)
            answered_s = time.monotonic()
        except Unavailable:
            if time.monotonic() - answered_s > AWAY_S:
                raise
        if not job.is_running:
            return job
        if job.status == "pending" and time.monotonic() - began_s > PENDING_S:
            ray_jobs.stop(job.submission_id)
            raise Unavailable(f"no node took the command {job.submission_id!r} in {PENDING_S:g} s")
        time.sleep(LOOK_S)


def _forgotten(job: RayJob) -> RayJob:
    return RayJob(job.submission_id, "failed", "the cluster that ran it is gone", None, job.metadata)


def _copied(before: str, log: str, folder: Path) -> str:
    if log and log != before:
        folder.mkdir(parents=True, exist_ok=True)
        write_record(folder, LOG_NAME, log.encode())
    return log


def _result(ended: RayJob, order: EpisodeOrder) -> tuple[Mapping[str, Any], bool]:
    """What the run left in its folder, when it is this run's."""
    summary = _summary(order.out)
    if summary is None or summary["run_id"] == ended.metadata.get("before"):
        summary = None
    if ended.status == "stopped":
        raise Cancelled("its Ray job was stopped")
    if ended.exit_code == exit_codes.WAITING and summary is not None:
        raise Refused(f"waits for a person at {summary['waiting_on']}; its log says how to decide", **_of(summary))
    if ended.status == "failed" or summary is None:
        raise _failure(ended, summary)
    output = RenderOutput.read((order.out / "RenderOutput.json").read_bytes())
    files = {"video": output.video, "captions_srt": output.captions_srt, "captions_vtt": output.captions_vtt}
    files |= {f"stems.{name}": one for name, one in output.stems.items()} | {"poster": output.poster}
    result = {
        "run_id": summary["run_id"],
        "status": output.status,
        "publishable": output.publishable,
        "outputs": {name: one.uri for name, one in files.items()},
    }
    return result, output.status == "degraded"


def _failure(ended: RayJob, summary: Mapping[str, Any] | None) -> ReelwrightError:
    """Why the run failed, in the words of its record; without one, it never came so far or was killed."""
    if summary is not None and summary["errors"]:
        error = from_code(summary["errors"][0]["code"], summary["errors"][0]["message"])
        error.detail.update(_of(summary))
        return error
    kinds = {exit_codes.INVALID: "invalid_input", exit_codes.REFUSED: "refused", exit_codes.CANCELLED: "cancelled"}
    code = kinds.get(-1 if ended.exit_code is None else ended.exit_code, "unavailable")
    return from_code(code, f"the command ended with {ended.exit_code}: {ended.message[-500:]}")


def _of(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {"run_id": summary["run_id"]}


def _last_run(folder: Path) -> str:
    """Whose summary lies in the folder before the command starts."""
    summary = _summary(folder)
    return "" if summary is None else str(summary["run_id"])


def _summary(folder: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads((folder / SUMMARY_NAME).read_bytes()))
    except (OSError, ValueError):
        return None
