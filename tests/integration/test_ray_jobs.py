"""Ray's job API, closed to strangers, and runs inside a process that is part of a Ray already, all on two CPUs."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from cluster.ray_jobs import RayJob, RayJobs
from cluster.ray_session import is_connected, local_ray
from pipelines.executors import InProcess, RayTasks, worthwhile
from schemas.errors import InvalidInput, Unavailable
from serve.episode_jobs import QUEUE_PART
from serve.server import PLACE
from tests.ray_noise import NOISE

pytestmark = [pytest.mark.timeout(300), *(pytest.mark.filterwarnings(rule) for rule in NOISE)]

LIMIT_S = 120


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """Beside another that has the port of Ray's agent, as one that was killed has for a minute."""
    with _taken(52_365), local_ray(2, dashboard=True, resources={"cpu_queue": 1.0}) as ray:
        yield ray


@contextmanager
def _taken(port: int) -> Iterator[None]:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # another Ray has it
            other.bind(("", port))
            other.listen()
        yield


def started(jobs: RayJobs, name: str, command: str, **resources: float) -> RayJob:
    return jobs.start(name, command, environment={"WHO": "me"}, metadata={"k": "v"}, resources=resources)


def ended(jobs: RayJobs, name: str) -> RayJob:
    until = time.monotonic() + LIMIT_S
    while (job := jobs.find(name)) is None or job.is_running:
        assert time.monotonic() < until, job
        time.sleep(0.2)
    return job


def test_a_command_runs_once_under_its_name_and_says_how_it_ended(ray, tmp_path):
    jobs = RayJobs.here()
    command = f"echo once >> {tmp_path}/times; echo $WHO; exit 3"
    for _ in range(3):
        started(jobs, "j_1", command, cpu_queue=QUEUE_PART)
    job = ended(jobs, "j_1")
    assert (job.status, job.exit_code, job.metadata["k"]) == ("failed", 3, "v")
    assert (tmp_path / "times").read_text() == "once\n"
    assert "\nme\n" in jobs.log("j_1")
    assert jobs.find("j_2") is None


def test_a_stopped_command_takes_its_processes_with_it(ray, tmp_path):
    jobs = RayJobs.here()
    started(jobs, "j_stop", f"sleep 1000 & echo $! > {tmp_path}/child; wait")
    until = time.monotonic() + LIMIT_S
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
        assert time.monotonic() < until
        time.sleep(0.1)
    child = int((tmp_path / "child").read_text())
    assert psutil.pid_exists(child)
    jobs.stop("j_stop")
    assert ended(jobs, "j_stop").status == "stopped"
    while psutil.pid_exists(child):
        assert time.monotonic() < until
        time.sleep(0.1)


def test_a_command_finds_a_place_beside_the_worker_of_its_queue(ray):
    worker = ray.remote(_Worker).options(num_cpus=0, resources={"cpu_queue": PLACE}).remote()
    assert ray.get(worker.alive.remote())
    assert ended_ok(RayJobs.here(), "j_beside")
    ray.kill(worker)


def ended_ok(jobs: RayJobs, name: str) -> bool:
    started(jobs, name, "true", cpu_queue=QUEUE_PART)
    return ended(jobs, name).status == "succeeded"


def test_the_job_api_is_closed_to_who_has_no_token(ray):
    url = f"http://{ray._private.worker._global_node.webui_url}"
    assert url.startswith("http://127.0.0.1:"), "for this machine alone"
    assert httpx2.get(f"{url}/api/jobs/").status_code == 401
    body = {"entrypoint": "true", "submission_id": "j_stranger"}
    assert httpx2.post(f"{url}/api/jobs/", json=body).status_code == 401
    assert RayJobs.here().find("j_stranger") is None


def test_a_cluster_that_does_not_answer_is_unavailable():
    with pytest.raises(Unavailable, match="job API"):
        RayJobs("http://127.0.0.1:9").find("j_1")


class _Worker:
    """Part of a server: it holds some of what Ray counts, and may render."""

    def alive(self) -> bool:
        return True

    def render(self, payloads: list[int]) -> tuple[str, list[Any], list[str]]:
        executor = worthwhile(60.0, 2, in_process=False)
        found = {index: result for index, result, _ in executor.run(_half, payloads)}
        own = [one.name() for one in psutil.Process().children(recursive=True)]
        return type(executor).__name__, [found[index] for index in range(len(payloads))], own


def _half(payload: int) -> int:
    if payload % 2:
        raise InvalidInput(f"{payload} is odd", payload=payload)
    time.sleep(0.05)
    return payload // 2


def test_two_runs_inside_workers_share_the_ray_that_runs_though_the_server_holds_most_of_it(ray):
    holders = [ray.remote(_Worker).options(num_cpus=0.5).remote() for _ in range(3)]
    ray.get([one.alive.remote() for one in holders])
    answers = [one.render.remote([2, 3, 4, 6, 8, 10]) for one in holders[:2]]
    for executor, results, own in ray.get(answers, timeout=LIMIT_S):
        assert executor == "RayTasks"
        assert isinstance(results.pop(1), InvalidInput)
        assert results == [1, 2, 3, 4, 5]
        assert "gcs_server" not in own, "a second Ray was started"
    for one in holders:
        ray.kill(one)


def test_tasks_on_a_ray_that_runs_pay_sooner_and_leave_it_running(ray):
    assert is_connected()
    assert isinstance(worthwhile(10.0, 2, in_process=False), RayTasks)
    assert isinstance(worthwhile(10.0, 2, in_process=True), InProcess)
    assert [result for _, result, _ in sorted(RayTasks(2).run(_half, [2, 4]))] == [1, 2]
    abandoned = RayTasks(2).run(_half, [2] * 20)
    next(abandoned)
    abandoned.close()
    assert is_connected()


def test_outside_a_ray_there_are_no_ray_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("ray.is_initialized", lambda: False)
    with pytest.raises(Unavailable, match="reelwright serve"):
        RayJobs.here()
