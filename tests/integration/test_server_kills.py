"""Parts of a whole server are killed while jobs are submitted and done: each job ends once, and nothing runs twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import psycopg
import pytest

from cluster.registry.database import Database
from cluster.registry.runs import RunLedger
from cluster.tenancy.scope import TenantScope
from tests.clips import face_film
from tests.contract.conftest import postgresql_socket  # noqa: F401 - a fixture
from tests.served_store import LIMIT_S, ServedStore, season, until

pytestmark = [pytest.mark.timeout(900)]

SCOPE = TenantScope("t_local", "dev")
LONG = 40
"""Spoken lines of an episode that runs long enough to be interrupted."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedStore]:
    served = ServedStore(tmp_path / "store")
    yield served
    served.end()


@pytest.fixture
def on_postgresql(tmp_path: Path, postgresql_socket: Path) -> Iterator[tuple[ServedStore, str]]:  # noqa: F811
    with psycopg.connect(host=str(postgresql_socket), user="postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE kills")
    url = f"postgresql://postgres@/kills?host={postgresql_socket}"
    served = ServedStore(tmp_path / "store", {"REELWRIGHT_DATABASE_URL": url})
    yield served, url
    served.end()


def runs(url: str, *names: str) -> dict[str, list[str]]:
    """How each run of these projects stands."""
    database = Database.open(url)
    try:
        found = RunLedger(database, SCOPE, "local").latest(limit=100)
        return {name: [one.status for one in found if one.project_id == name] for name in names}
    finally:
        database.close()


def assert_each_ended_once(client: httpx2.Client, jobs: list[str]) -> None:
    for job in jobs:
        events = client.get(f"/jobs/{job}/events").text
        kinds = Counter(line[7:] for line in events.splitlines() if line.startswith("event: "))
        assert kinds["completed"] == 1, kinds
        assert not kinds.keys() & {"failed", "degraded", "cancelled"}, kinds


def all_completed(served: ServedStore, names: list[str]) -> dict[str, dict[str, Any]] | None:
    found = {name: one for name, one in served.jobs().items() if name in names}
    assert all(one["status"] in ("queued", "in_progress", "completed") for one in found.values()), found
    return found if all(one["status"] == "completed" for one in found.values()) and len(found) == len(names) else None


def running_episode(served: ServedStore) -> list[psutil.Process]:
    return served.processes("serve run ")


class Asking(threading.Thread):
    """A client that submits jobs and tries again whatever happens, each under a key of its own."""

    def __init__(self, client: httpx2.Client, asset: str) -> None:
        super().__init__(daemon=True)
        self._client, self._asset = client, asset
        self.jobs: list[str] = []
        self.away = 0
        self.enough = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            body = {
                "tenant_id": "t_local", "env": "dev", "asset_id": self._asset, "faces": False,
                "frame_sample_interval_ms": 100 + number,
            }  # fmt: skip
            headers = {"Idempotency-Key": f"k{number}", "Prefer": "wait=0"}
            try:
                answer = self._client.post("/video/visual-meta/analyze", json=body, headers=headers, timeout=20)
            except httpx2.HTTPError:
                answer = None
            if answer is not None and answer.status_code in (200, 202):
                self.jobs.append(answer.headers["X-Job-Id"])
                number += 1
            else:
                self.away += 1
            self.enough.wait(1.0)


def test_workers_controller_api_proxy_and_database_connections_killed_at_their_work(on_postgresql, tmp_path):
    served, url = on_postgresql
    served.start()
    film = tmp_path / "clip.mp4"
    face_film(film, seconds=2, width_px=320, height_px=180, rate=12, bars=False, lines=())
    with served.client() as client:
        uploaded = client.post("/media/v2/assets/upload?name=clip.mp4", content=film.read_bytes())
        asking = Asking(client, uploaded.json()["artifact_id"])
        asking.start()
        path = season(tmp_path / "s", ["e1"], LONG)
        served.said("submit", str(path), "--out", str(tmp_path / "out"), "--approve")
        (command,) = [one.pid for one in until(lambda: running_episode(served), "the episode begins")][-1:]

        served.kill("ray::WorkerActor")
        until(lambda: served.processes("ray::WorkerActor"), "the workers are back")
        for part in ("ray::ServeReplica:api", "ray::ServeController", "ray::ProxyActor"):
            before = len(asking.jobs)
            served.kill(part)
            until(lambda before=before: len(asking.jobs) > before + 1, f"jobs are taken after {part} died")
        assert psutil.pid_exists(command) or not running_episode(served), "nobody else's death ended the episode"
        with psycopg.connect(url, autocommit=True) as connection:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'kills' AND pid <> pg_backend_pid()"
            assert len(connection.execute(others).fetchall()) > 3
        before = len(asking.jobs)
        until(lambda: len(asking.jobs) > before, "jobs are taken after the connections were cut")
        asking.enough.set()
        asking.join(LIMIT_S)

        done = until(lambda: all_completed(served, ["e1"]), "the episode is done")
        assert done["e1"]["attempt"] >= 2, "its worker died"
        assert runs(url, "e1") == {"e1": ["completed"]}, "who took it over followed the run that went on"
        assert len(set(asking.jobs)) == len(asking.jobs) >= 7
        until(
            lambda: all(client.get(f"/jobs/{job}").json()["status"] == "completed" for job in asking.jobs),
            "every job that was accepted is done",
        )
        assert_each_ended_once(client, [*asking.jobs, done["e1"]["job_id"]])
    assert (tmp_path / "out" / "e1" / "episode.mp4").exists()
    assert "render_output" in (tmp_path / "out" / "e1" / "ray_job.log").read_text()


@pytest.mark.soak
def test_server_whose_ray_died_ends_at_once_and_the_next_one_goes_on(served, tmp_path):
    names = ["e1", "e2"]
    served.start()
    path = season(tmp_path / "s", names, LONG)
    served.said("submit", str(path), "--out", str(tmp_path / "out"), "--approve")
    until(lambda: running_episode(served), "an episode begins")
    tree = served.processes()
    served.kill("gcs_server")
    assert served.server.wait(30) == 1, "it does not sit there dead"
    _, left = psutil.wait_procs(tree, timeout=90)
    assert left == [], "whatever it had started went with it"

    served.start()
    done = until(lambda: all_completed(served, names), "the episodes are done")
    assert done["e1"]["attempt"] == 2
    assert served.said("submit", str(path), "--out", str(tmp_path / "out"), "--approve").count("there already") == 2
    url = f"sqlite:///{served.store}/registry.sqlite3"
    assert [states.count("completed") for states in runs(url, *names).values()] == [1, 1]
    with served.client() as client:
        assert_each_ended_once(client, [one["job_id"] for one in done.values()])


@pytest.mark.soak
@pytest.mark.parametrize("part", ["raylet", "dashboard.py", ""], ids=["raylet", "dashboard", "everything"])
def test_whatever_part_of_the_head_dies_the_store_goes_on(served, tmp_path, part):
    served.start()
    path = season(tmp_path / "s", ["e1", "e2", "e3"], LONG)
    served.said("submit", str(path), "--out", str(tmp_path / "out"), "--approve")
    until(lambda: running_episode(served), "an episode begins")
    if part:
        served.kill(part)
        assert served.server.wait(60) == 1
    else:
        served.kill_all()
    served.start()
    done = until(lambda: all_completed(served, ["e1", "e2", "e3"]), "the episodes are done")
    with served.client() as client:
        assert_each_ended_once(client, [one["job_id"] for one in done.values()])
