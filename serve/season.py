"""`reelwright submit`: a season's episodes become jobs, which the workers of the running server do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from cluster.jobs.records import JobRecord, JobRequest, Submitted
from cluster.jobs.store import JobStore
from pipelines.narrative.project_source import EpisodeInput, ProjectInput, read_season
from schemas.canonical import fingerprint

EPISODE = "episode"
"""Kind of the jobs."""

QUEUE = "cpu_queue"

PRIORITY = -100
"""Whoever waits for an answer goes first."""


class EpisodeOrder(BaseModel):
    """What a worker is to make: the payload of a job."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    season: str
    """Title of the season."""

    episode_id: str
    project: Path
    """Project file, screenplay or idea, absolute."""

    out: Path
    """Run folder, absolute."""

    profile: str
    captions: str
    voice: str
    approve: bool
    """Whether every checkpoint is approved in the name of who submitted the season."""

    @classmethod
    def of(cls, job: JobRecord) -> EpisodeOrder:
        """The order behind a job."""
        return cls.model_validate(job.payload)


@dataclass(frozen=True)
class SubmittedEpisode:
    """One episode and its job."""

    episode_id: str
    submitted: Submitted


def submit_season(jobs: JobStore, path: Path, out: Path, *, approve: bool) -> Iterator[SubmittedEpisode]:
    """Each episode's job as soon as it is there. The same season again gives the same jobs, except for those that
    failed or were stopped, and for episodes whose sources have changed since.

    Args:
        out: folder above the run folders.

    Raises:
        InvalidInput: something is wrong with the season or an episode; no job was made.
        QuotaExceeded: the tenant has used what it may; the jobs that were made stay.
    """
    season, episodes = read_season(path)
    for one in episodes:
        order = EpisodeOrder(
            season=season.title, episode_id=one.episode.episode_id, project=one.path.resolve(),
            out=out.absolute() / one.episode.episode_id, profile=one.episode.profile, captions=one.episode.captions,
            voice=one.episode.voice, approve=approve,
        )  # fmt: skip
        yield SubmittedEpisode(order.episode_id, jobs.submit(_request(order, one)))


def _request(order: EpisodeOrder, given: EpisodeInput) -> JobRequest:
    payload = order.model_dump(mode="json")
    identity = fingerprint({"kind": EPISODE, "order": payload, "sources": _sources(given.project)})
    return JobRequest(queue=QUEUE, kind=EPISODE, payload=payload, priority=PRIORITY, identity=identity)


def _sources(given: ProjectInput) -> dict[str, Any]:
    """Everything that the film depends on, so that a season with an edited script is not answered with the old film."""
    return {
        "project": given.project.model_dump(mode="json"),
        "script": None if given.script is None else given.script.model_dump(mode="json"),
        "canon": given.canon.model_dump(mode="json"),
        "library": [] if given.library is None else list(_files(given.library)),
    }


def _files(folder: Path) -> Iterator[list[str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found = path.stat()
            yield [str(path.relative_to(folder)), str(found.st_size), str(found.st_mtime_ns)]
