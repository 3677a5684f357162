"""What a server says of itself to its operators: a line for each request, figures, readiness."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cluster.jobs.queue import LeaseTimes
from cluster.jobs.records import QUEUES
from schemas.errors import Unavailable
from serve.http.app import build_api
from tests.operated_server import CALLER, Server, operated


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    with operated(tmp_path / "store") as made:
        yield made


@pytest.fixture
def server(make: Callable[..., Server]) -> Server:
    return make()


def test_request_is_one_line_with_template_status_time_and_tenant(server):
    answer = server.get("/media/v2/artifacts/a_0123456789abcdef?x=y", **{"X-Request-ID": "request-0001"})
    (line,) = server.lines(event="request")
    assert "X-Request-ID" not in answer.headers  # Serve's proxy adds the caller's own
    assert line.pop("ms") > 0
    assert {key: line[key] for key in line if key not in ("timestamp", "level")} == {
        "event": "request", "logger": "serve.http.access", "method": "GET", "process": "test", "site": "s1",
        "request_id": "request-0001", "route": "/media/v2/artifacts/{artifact_id}", "status": 404, "tenant": "t1",
    }  # fmt: skip


@pytest.mark.parametrize("bad", ["", "short", "x" * 65, "a b c d e f", "id\x7f000000"])
def test_request_id_that_no_log_should_carry_is_replaced(server, bad):
    answer = server.client.get("/health", headers={"X-Request-ID": bad})
    assert answer.headers["X-Request-ID"] != bad
    assert len(answer.headers["X-Request-ID"]) == 32


def test_lines_within_a_request_carry_its_id_and_tenant(server, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise KeyError("of ours")

    monkeypatch.setattr("cluster.registry.registry.ArtifactRegistry.get", broken)
    answer = server.get("/media/v2/artifacts/a_1", **{"X-Request-ID": "request-0002"})
    assert (answer.status_code, answer.json()["code"]) == (500, "defect")
    assert "of ours" not in answer.text
    (line,) = server.lines(event="a request failed")
    assert (line["tenant"], line["request_id"]) == ("t1", "request-0002")
    assert "KeyError: 'of ours'" in line["exception"]
    assert server.lines(event="request", status=500, route="/media/v2/artifacts/{artifact_id}")


def test_paths_that_nothing_serves_share_one_label(server):
    for number in range(3):
        server.client.get(f"/nowhere/{number}")
        server.client.request("BREW", "/health")
    assert len(server.lines(event="request", route="unmatched", status=404)) == 3
    counted = server.figures()["reelwright_http_requests_total"]
    assert counted[frozenset({"GET", "unmatched", "404"})] == 3
    assert counted[frozenset({"OTHER", "/health", "405"})] == 3


def test_metrics_say_queues_jobs_and_workers(server):
    server.done("fine")
    server.submit("fine")
    server.site.queue().pause("media_queue", CALLER)
    server.site.workers().beat("w1", QUEUES, "idle")
    found = server.figures()
    assert found["reelwright_queue_jobs"][frozenset({"cpu_queue", "waiting"})] == 1
    assert found["reelwright_queue_oldest_seconds"][frozenset({"cpu_queue"})] >= 0
    assert found["reelwright_queue_paused"] == {
        frozenset({name}): float(name == "media_queue") for name in QUEUES
    }  # fmt: skip
    assert found["reelwright_jobs"][frozenset({"completed"})] == 1
    assert found["reelwright_jobs"][frozenset({"failed"})] == 0
    assert found["reelwright_workers"][frozenset({"idle"})] == 1
    assert found["reelwright_database_up"] == {frozenset(): 1}
    assert list(found["reelwright_build_info"].values()) == [1]
    assert found["process_resident_memory_bytes"][frozenset()] > 0


def test_metrics_of_requests_have_one_series_for_each_route(server):
    for number in range(5):
        server.get(f"/jobs/j_{number}")
    found = server.figures()
    assert found["reelwright_http_request_seconds_count"][frozenset({"GET", "/jobs/{job_id}"})] == 5
    assert "t1" not in str(found) and "j_1" not in str(found)


def test_metrics_without_a_database_are_still_those_of_requests(server, monkeypatch):
    def away(*_: object) -> None:
        raise Unavailable("away")

    server.client.get("/health")
    monkeypatch.setattr("cluster.jobs.queue.JobQueue.depths", away)
    found = server.figures()
    assert found["reelwright_database_up"] == {frozenset(): 0}
    assert "reelwright_queue_jobs" not in found
    assert found["reelwright_http_requests_total"][frozenset({"GET", "/health", "200"})] == 1


def parts(answer: Any) -> dict[str, bool]:
    return {one["name"]: one["ready"] for one in answer.json()["parts"]}


def test_ready_wants_a_living_worker_for_every_queue(make):
    server = make()
    alone = server.client.get("/ready")
    assert (alone.status_code, alone.json()["status"]) == (503, "not_ready")
    assert parts(alone) == {"database": True, "store": True, **{f"queue:{name}": False for name in QUEUES}}
    server.site.workers().beat("w1", QUEUES, "idle")
    assert make().client.get("/ready").status_code == 200
    server.site.workers().beat("w1", QUEUES[:3], "active")
    server.site.workers().beat("w2", QUEUES, "offline")
    some = make().client.get("/ready")
    assert (some.status_code, [name for name, good in parts(some).items() if not good]) == (
        503, [f"queue:{QUEUES[3]}"],
    )  # fmt: skip


def test_ready_takes_a_silent_worker_for_gone(make):
    server = make()
    brief = replace(server.site, lease=LeaseTimes(lease_s=0.001))
    brief.workers().beat("w1", QUEUES, "idle")
    client = TestClient(build_api(brief))
    while client.get("/ready").status_code != 503:
        pass


def test_ready_names_the_application_that_does_not_run(make):
    states = {"api": "RUNNING", "faces-x-cpu": "DEPLOY_FAILED"}
    server = make(applications=lambda: states)
    server.site.workers().beat("w1", QUEUES, "idle")
    answer = server.client.get("/ready")
    assert answer.status_code == 503
    assert (parts(answer)["application:api"], parts(answer)["application:faces-x-cpu"]) == (True, False)
    states["faces-x-cpu"] = "RUNNING"
    assert make(applications=lambda: states).client.get("/ready").status_code == 200


def test_ready_says_so_when_ray_does_not_answer(make):
    def gone() -> Mapping[str, str]:
        raise RuntimeError("the controller at 10.0.0.7 is gone")

    answer = make(applications=gone).client.get("/ready")
    assert parts(answer)["applications"] is False
    assert "10.0.0.7" not in answer.text


def test_ready_needs_a_store_and_a_database(make, monkeypatch):
    server = make()
    server.site.workers().beat("w1", QUEUES, "idle")
    shutil.move(server.site.settings.store, server.site.settings.store.with_name("elsewhere"))
    assert parts(server.client.get("/ready"))["store"] is False

    def away(_: object) -> None:
        raise Unavailable("postgresql://ann:hunter2@db is away")

    monkeypatch.setattr("cluster.registry.database.Database.read", away)
    answer = make().client.get("/ready")
    assert answer.status_code == 503
    assert parts(answer)["database"] is False
    assert "hunter2" not in answer.text
    assert make().client.get("/health").json() == {"status": "ok"}


def test_ready_that_hangs_holds_up_nobody_else(make, monkeypatch):
    monkeypatch.setattr("serve.http.readiness.FRESH_S", 0.0)
    monkeypatch.setattr("serve.http.readiness.LONGEST_LOOK_S", 0.0)
    hanging, go_on, calls = threading.Event(), threading.Event(), iter([False, True])

    def applications() -> Mapping[str, str]:
        if next(calls, False):
            hanging.set()
            go_on.wait(30)
        return {}

    client = make(applications=applications).client
    client.get("/ready")
    thread = threading.Thread(target=client.get, args=("/ready",))
    thread.start()
    assert hanging.wait(30)
    answer = client.get("/ready")
    go_on.set()
    thread.join()
    assert (answer.status_code, answer.json()["parts"][0]["name"]) == (503, "inspection")
