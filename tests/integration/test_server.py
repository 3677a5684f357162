"""The whole server on Ray: HTTP through Serve, a worker's process, an engine's replica, and one worker that was killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from cluster.jobs.records import QUEUES, JobRequest
from cluster.ray_jobs import RayJobs
from cluster.registry.database import Database
from cluster.settings import EngineSettings, Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.tokens import TokenBook
from serve.http.site import open_site
from serve.season import submit_season
from serve.server import ServerOptions, running
from tests.clips import face_film
from tests.ray_noise import NOISE
from tests.served_store import season

pytestmark = [pytest.mark.timeout(300), *(pytest.mark.filterwarnings(rule) for rule in NOISE)]

PORT = 18_473


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings.load(store=tmp_path_factory.mktemp("server") / "store")


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[httpx2.Client]:
    engines = EngineSettings.load(region_backend="opencv_face_detector")
    with running(settings, engines, ServerOptions(port=PORT, workers=1)) as address:
        database = Database.open(settings.registry_url())
        book = TokenBook(database, TenantScope("t1", "dev", "root", "admin"), settings.site_id)
        token = book.create("u1", Role.OPERATOR, timedelta(hours=1)).text
        database.close()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=address, headers=headers, timeout=120) as client:
            yield client


@pytest.fixture(scope="module")
def asked(client: httpx2.Client, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    path = tmp_path_factory.mktemp("films") / "clip.mp4"
    face_film(path, seconds=2, width_px=320, height_px=180, rate=12, bars=False, lines=())
    answer = client.post("/media/v2/assets/upload?name=clip.mp4", content=path.read_bytes())
    assert answer.status_code == 201, answer.text
    return {"tenant_id": "t1", "env": "dev", "asset_id": answer.json()["artifact_id"]}


def test_engines_answer_through_their_replicas(client, asked):
    answer = client.post("/video/regions", json=asked, headers={"Prefer": "wait=60"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["meta"]["backend"] == "opencv_face_detector"
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/docs").status_code == 200


def test_worker_that_was_killed_is_started_again_and_takes_jobs(client, asked):
    killed = [int(one.name) for one in Path("/proc").glob("[0-9]*") if b"ray::WorkerActor" in _command(one)]
    assert killed
    for process in killed:
        os.kill(process, signal.SIGKILL)
    answer = client.post("/video/visual-meta/analyze", json=asked, headers={"Prefer": "wait=0"})
    until = time.monotonic() + 120
    while (job := client.get(answer.headers["Location"]).json())["status"] in ("queued", "in_progress"):
        assert time.monotonic() < until, job
        time.sleep(0.5)
    assert job["status"] == "completed"


def test_every_queue_has_a_worker_that_takes_from_no_other(client, settings):
    """A job of a kind that no worker knows ends at once, so that each queue's worker is seen to take one."""
    import ray

    with open_site(settings) as site:
        jobs = site.jobs(TenantScope("t1", "dev", "u1", "operator"))
        submitted = {q: jobs.submit(JobRequest(queue=q, kind="unknown", payload={})).job.job_id for q in QUEUES}
        until = time.monotonic() + 60
        while (found := {q: jobs.get(job) for q, job in submitted.items()}) and not all(
            one.status == "failed" for one in found.values()
        ):
            assert time.monotonic() < until, found
            time.sleep(0.2)
    assert {one.error_code for one in found.values()} == {"defect"}
    names = {queue: f"worker-{queue}-0" for queue in QUEUES}
    assert all(ray.get(ray.get_actor(name).ready.remote()) for name in names.values())
    left = ray.available_resources()
    assert all(0 < left[queue] < 0.02 for queue in QUEUES), "each holds its queue's one place"


def test_a_call_is_answered_while_the_worker_of_another_queue_is_busy_with_an_episode(
    client, asked, settings, tmp_path
):
    path = season(tmp_path / "s", ["e1"], 60)
    with open_site(settings) as site:
        jobs = site.jobs(TenantScope("t1", "dev", "u1", "operator"))
        (episode,) = submit_season(jobs, path, tmp_path / "out", approve=True)
        job_id = episode.submitted.job.job_id
        until = time.monotonic() + 60
        while jobs.get(job_id).status == "queued":
            assert time.monotonic() < until
            time.sleep(0.2)
        wanted = asked | {"frame_sample_interval_ms": 222}
        answer = client.post("/video/regions", json=wanted, headers={"Prefer": "wait=60"})
        assert answer.status_code == 200, answer.text
        assert jobs.get(job_id).status == "in_progress", "the episode is too short for this test"
        assert client.post(f"/jobs/{job_id}/cancel").status_code == 200
        while (record := jobs.get(job_id)).status == "in_progress":
            assert time.monotonic() < until + 60, record
            time.sleep(0.2)
    assert record.status == "cancelled"
    while RayJobs.here().find(job_id).is_running:
        assert time.monotonic() < until + 90
        time.sleep(0.2)


def test_events_stream_through_the_proxy_until_the_job_has_ended(client, asked):
    wanted = asked | {"frame_sample_interval_ms": 333}
    location = client.post("/video/regions", json=wanted, headers={"Prefer": "wait=0"}).headers["Location"]
    with client.stream("GET", f"{location}/events") as events:
        kinds = [line[7:] for line in events.iter_lines() if line.startswith("event: ")]
    assert kinds[0] == "queued"
    assert kinds[-1] == "completed"


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
