"""What is told of a job and of the workers: lines with its stage, a summary of each try, who lives."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cluster.jobs.queue import LeaseTimes
from cluster.jobs.records import QUEUES, JobRecord
from schemas.errors import Unavailable
from serve.http.site import Site
from serve.workers import Watched, Worker, perform
from tests.clips import face_film
from tests.operated_server import CALLER, Server, operated, scripted


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with operated(tmp_path / "store") as made:
        yield made()


def test_lines_of_a_job_carry_job_tenant_and_stage(server):
    job_id = server.done("fine")
    own = server.lines(job_id=job_id, tenant="t1", site="s1")
    assert [line["event"] for line in own] == ["job started", "stage started", "job ended"]
    assert [line.get("stage") for line in own] == [None, "faces", None]
    assert (own[-1]["status"], own[0]["queue_wait_s"] >= 0) == ("completed", True)


def test_defect_of_a_job_is_logged_with_its_trace(server):
    job_id = server.done("defect")
    (line,) = server.lines(event="job failed", job_id=job_id)
    assert "KeyError: 'something of ours'" in line["exception"]


@pytest.mark.parametrize(
    ("says", "status", "ended", "codes"),
    [
        ("fine", "completed", ["completed"], []),
        ("degraded", "degraded", ["degraded"], []),
        ("invalid", "failed", ["failed"], ["invalid_input"]),
        ("defect", "failed", ["failed"], ["defect"]),
        ("cancelled", "cancelled", ["cancelled"], []),
        ("unavailable", "completed", ["retrying", "completed"], ["unavailable"]),
    ],
)
def test_summary_says_how_each_try_of_a_job_went(server, monkeypatch, says, status, ended, codes):
    monkeypatch.setattr("cluster.jobs.queue.retry_delay_s", lambda *_: 0.0)
    answer = server.get(f"/jobs/{server.done(says)}/summary").json()
    assert answer["status"] == status
    assert [one["ended"] for one in answer["tries"]] == ended
    assert {one["run_id"] for one in answer["tries"]} == {"run_1"}
    assert [one["code"] for one in answer["errors"]] == codes
    runs = len(ended)
    assert answer["cache"] == {"hits": 3 * runs, "misses": runs, "hit_rate": 0.75}
    assert answer["stages"]["faces"]["seconds"] == 1.5 * runs
    assert answer["retries"] == runs - 1 + 2 * runs
    assert answer["compute"] == {"local": runs, "external": 0}
    assert answer["cost_usd"] == 0
    assert answer["queue_wait_s"] >= 0 <= answer["run_s"] <= answer["total_s"]


def test_summary_of_a_try_whose_worker_went_away_says_so(server):
    job_id = server.submit("fine")
    brief = replace(server.site, lease=LeaseTimes(lease_s=0.001, heartbeat_s=60))
    assert brief.queue().claim("cpu_queue", "gone") is not None
    while not brief.queue().reap():
        pass
    answer = server.get(f"/jobs/{job_id}/summary").json()
    assert [(one["ended"], one["run_id"]) for one in answer["tries"]] == [("lease_expired", "")]
    assert (answer["status"], answer["total_s"], answer["stages"]) == ("queued", None, {})


def test_media_job_tells_stages_engines_and_cache(server, tmp_path):
    film = tmp_path / "clip.mp4"
    face_film(film, seconds=1, width_px=160, height_px=90, rate=25, cuts=(), bars=False, lines=())
    headers = {"Authorization": f"Bearer {server.token}", "Prefer": "wait=0"}
    asset = server.client.post("/media/v2/assets/upload?name=a.mp4", content=film.read_bytes(), headers=headers)
    body = {"tenant_id": "t1", "env": "dev", "asset_id": asset.json()["artifact_id"]}
    submitted = server.client.post("/video/regions", json=body, headers=headers)
    job_id = submitted.json()["job_id"]
    assert server.lines(event="request", route="/video/regions", job_id=job_id)
    assert Worker(server.site, "w1", QUEUES, perform).work_once()
    answer = server.get(f"/jobs/{job_id}/summary").json()
    assert answer["engines"]["faces"]["name"] == "opencv_face_detector"
    assert answer["cache"]["misses"] == sum(one["misses"] for one in answer["stages"].values()) > 0
    assert len({line["run_id"] for line in server.lines(job_id=job_id, event="stage started")}) == 1
    stages = {line["stage"] for line in server.lines(job_id=job_id, event="stage started")}
    assert stages == set(answer["stages"])


def test_worker_signs_while_it_waits_works_and_drains(server):
    entered, go_on = threading.Event(), threading.Event()

    def slow(_site: Site, _job: JobRecord, _progress: Watched) -> tuple[Mapping[str, Any], bool]:
        entered.set()
        go_on.wait(30)
        return {}, False

    def seen(state: str) -> str:
        while (found := server.site.workers().list()[0]).state != state:
            assert thread.is_alive()
        return found.job_id

    worker = Worker(server.site, "w1", QUEUES, slow)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    while not server.site.workers().list():
        pass
    assert seen("idle") == ""
    job_id = server.submit("fine")
    assert entered.wait(30)
    assert seen("active") == job_id
    worker.stop()
    assert seen("draining") == job_id
    go_on.set()
    thread.join()
    assert server.site.workers().list()[0].state == "offline"


def test_worker_waits_for_a_database_that_is_away(server, monkeypatch):
    monkeypatch.setattr("serve.workers.AWAY_S", 0.01)
    job_id = server.submit("fine")
    failures = iter([Unavailable("away"), Unavailable("away")])
    worker = Worker(server.site, "w1", QUEUES, scripted)
    reap = worker._queue.reap

    def away(**given: Any) -> Any:
        if (failure := next(failures, None)) is not None:
            raise failure
        return reap(**given)

    monkeypatch.setattr(worker._queue, "reap", away)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    while server.site.jobs(CALLER).get(job_id).finished_at is None:
        assert thread.is_alive()
    worker.stop()
    thread.join()
    assert len(server.lines(event="worker w1 waits: away")) == 2
