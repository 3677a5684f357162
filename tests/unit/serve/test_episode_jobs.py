"""An episode behind a Ray job: one command a job, whoever follows it, and what its end means."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from cluster.jobs.records import ClaimedJob
from cluster.ray_jobs import RayJob
from cluster.settings import EngineSettings, Settings
from schemas.errors import Cancelled, CanonConflict, InvalidInput, LeaseLost, Refused, Unavailable
from serve import episode_jobs
from serve.episode_jobs import LOG_NAME, make_episode, stop_episode
from serve.http.site import Site, open_site
from serve.season import EpisodeOrder, submit_season
from tests.unit.serve.test_season import season


@dataclass
class ScriptedRay:
    """A cluster's job API: each look at a running job takes the next step of `course`."""

    course: Callable[[str], Iterator[RayJob]]
    jobs: dict[str, RayJob] = field(default_factory=dict)
    courses: dict[str, Iterator[RayJob]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    environments: list[dict[str, str]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def find(self, submission_id: str) -> RayJob | None:
        if submission_id in self.courses:
            self.jobs[submission_id] = next(self.courses[submission_id], self.jobs[submission_id])
        return self.jobs.get(submission_id)

    def start(self, submission_id: str, command: str, *, environment: Any, metadata: Any, resources: Any) -> RayJob:
        assert submission_id not in self.jobs
        self.commands.append(command)
        self.environments.append(environment)
        self.jobs[submission_id] = RayJob(submission_id, "pending", "", None, metadata)
        self.courses[submission_id] = (replace(one, metadata=metadata) for one in self.course(submission_id))
        return self.jobs[submission_id]

    def stop(self, submission_id: str) -> None:
        self.stopped.append(submission_id)

    def log(self, submission_id: str) -> str:
        return f"log of {submission_id}\n"


@dataclass
class Holding:
    """A worker that holds its job until it is told otherwise."""

    ends: Exception | None = None
    told: list[dict[str, Any]] = field(default_factory=list)

    def look(self) -> None:
        if self.ends is not None:
            raise self.ends

    def tell(self, payload: dict[str, Any]) -> None:
        self.told.append(payload)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(episode_jobs, "LOOK_S", 0.0)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(Settings.load(store=tmp_path / "store"), EngineSettings.load()) as site:
        yield site


@pytest.fixture
def claimed(site: Site, tmp_path: Path) -> ClaimedJob:
    list(submit_season(site.jobs(site.settings.scope()), season(tmp_path / "s"), tmp_path / "out", approve=True))
    found = site.queue().claim("cpu_queue", "w")
    assert found is not None
    return found


def course(*states: tuple[str, int | None]) -> Callable[[str], Iterator[RayJob]]:
    return lambda name: (RayJob(name, status, "said", code, {}) for status, code in states)


def left(folder: Path, run_id: str = "run_1", **given: Any) -> None:
    """What a run leaves in its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    calm = {"run_id": run_id, "status": "completed", "waiting_on": None, "errors": []}
    (folder / "run_summary.json").write_text(json.dumps(calm | given))


def folder_of(claimed: ClaimedJob) -> Path:
    return EpisodeOrder.of(claimed.job).out


def ending(folder: Path, end: str, code: int | None, **given: Any) -> Callable[[str], Iterator[RayJob]]:
    """Runs, writes its record, ends."""

    def steps(name: str) -> Iterator[RayJob]:
        yield RayJob(name, "running", "", None, {})
        left(folder, **given)
        yield RayJob(name, end, "said", code, {})

    return steps


def film(folder: Path) -> None:
    sample = Path(__file__).resolve().parents[2] / "fixtures" / "schemas" / "RenderOutput" / "1.0.0.json"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "RenderOutput.json").write_bytes(sample.read_bytes())


def test_the_command_is_the_run_of_the_order_in_the_callers_scope(site, claimed):
    folder = folder_of(claimed)
    film(folder)
    ray = ScriptedRay(ending(folder, "succeeded", 0))
    result, _ = make_episode(site, claimed.job, Holding(), ray)
    assert list(ray.jobs) == [claimed.job.job_id]
    (command,), (environment,) = ray.commands, ray.environments
    assert f"run {EpisodeOrder.of(claimed.job).project} --out {folder} --in-process" in command
    assert "--approve" in command
    assert environment["REELWRIGHT_STORE"] == str(site.settings.store)
    assert (environment["REELWRIGHT_TENANT"], environment["REELWRIGHT_USER_ID"]) == ("t_local", "local")
    assert result["run_id"] == "run_1"
    assert {"video", "captions_srt", "stems.dialogue"} <= set(result["outputs"])
    assert (folder / LOG_NAME).read_text() == f"log of {claimed.job.job_id}\n"


def test_who_takes_the_job_over_follows_the_command_that_runs(site, claimed):
    ray = ScriptedRay(ending(folder_of(claimed), "succeeded", 0))
    film(folder_of(claimed))
    with pytest.raises(LeaseLost):
        make_episode(site, claimed.job, Holding(LeaseLost("away")), ray)
    assert ray.stopped == []
    make_episode(site, claimed.job, Holding(), ray)
    assert len(ray.commands) == 1


def test_a_command_that_failed_is_started_again_under_another_name(site, claimed):
    folder = folder_of(claimed)
    film(folder)
    ray = ScriptedRay(course(("failed", -9)))
    with pytest.raises(Unavailable, match="ended with -9"):
        make_episode(site, claimed.job, Holding(), ray)
    ray.course = ending(folder, "succeeded", 0)
    make_episode(site, claimed.job, Holding(), ray)
    assert list(ray.jobs) == [claimed.job.job_id, f"{claimed.job.job_id}-2"]


def test_stopped_by_its_caller_the_command_is_stopped_too(site, claimed):
    ray = ScriptedRay(course(("running", None)))
    with pytest.raises(Cancelled):
        make_episode(site, claimed.job, Holding(Cancelled("asked")), ray)
    assert ray.stopped == [claimed.job.job_id]


def test_what_still_runs_for_a_job_that_ended_without_its_worker_is_stopped(claimed):
    job_id = claimed.job.job_id
    ray = ScriptedRay(course())
    states = {job_id: "failed", f"{job_id}-2": "running"}
    ray.jobs = {name: RayJob(name, status, "", None, {}) for name, status in states.items()}
    stop_episode(claimed.job, ray)
    assert ray.stopped == [f"{job_id}-2"]


@pytest.mark.parametrize(
    ("status", "code", "record", "expected"),
    [
        ("failed", 3, {"errors": [{"code": "canon_conflict", "message": "she is 34"}]}, CanonConflict),
        ("failed", 4, {"status": "in_progress", "waiting_on": "approve_canon_diff"}, Refused),
        ("failed", 1, {"errors": [{"code": "unavailable", "message": "the disk is full"}]}, Unavailable),
        ("stopped", None, {}, Cancelled),
    ],
    ids=["refused", "waiting", "unavailable", "stopped"],
)
def test_the_end_of_the_run_is_the_end_of_the_job(site, claimed, status, code, record, expected):
    ray = ScriptedRay(ending(folder_of(claimed), status, code, **record))
    with pytest.raises(expected):
        make_episode(site, claimed.job, Holding(), ray)


@pytest.mark.parametrize(("code", "expected"), [(2, InvalidInput), (3, Refused), (130, Cancelled), (None, Unavailable)])
def test_without_a_record_the_exit_code_says_who_must_act(site, claimed, code, expected):
    with pytest.raises(expected, match="said"):
        make_episode(site, claimed.job, Holding(), ScriptedRay(course(("running", None), ("failed", code))))


def test_the_record_of_an_earlier_run_is_not_taken_for_this_one(site, claimed):
    film(folder_of(claimed))
    left(folder_of(claimed), "run_0")
    with pytest.raises(Unavailable):
        make_episode(site, claimed.job, Holding(), ScriptedRay(course(("running", None), ("succeeded", 0))))


def test_a_cluster_that_forgot_the_command_is_tried_again(site, claimed):
    class Forgetful(ScriptedRay):
        def find(self, submission_id: str) -> RayJob | None:
            return None

    with pytest.raises(Unavailable, match="is gone"):
        make_episode(site, claimed.job, Holding(), Forgetful(course(("running", None))))


def test_a_job_api_that_is_away_for_long_gives_the_job_back(site, claimed, monkeypatch):
    class Silent(ScriptedRay):
        def find(self, submission_id: str) -> RayJob | None:
            if self.commands:
                raise Unavailable("away")
            return super().find(submission_id)

    monkeypatch.setattr(episode_jobs, "AWAY_S", 0.2)
    with pytest.raises(Unavailable, match="away"):
        make_episode(site, claimed.job, Holding(), Silent(course()))


def test_a_command_that_no_node_takes_is_given_back(site, claimed, monkeypatch):
    monkeypatch.setattr(episode_jobs, "PENDING_S", 0.0)
    ray = ScriptedRay(course(("pending", None)))
    with pytest.raises(Unavailable, match="no node took"):
        make_episode(site, claimed.job, Holding(), ray)
    assert ray.stopped == [claimed.job.job_id]


def test_a_database_that_the_node_would_not_find_is_not_left_for_another(site, claimed):
    elsewhere = replace(site, settings=Settings.load(store=site.settings.store, database_url="postgresql://x@y/z"))
    with pytest.raises(Unavailable, match="REELWRIGHT_DATABASE_URL"):
        make_episode(elsewhere, claimed.job, Holding(), ScriptedRay(course()))
