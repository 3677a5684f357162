"""What does the way over HTTP cost, and does the server stay quick while its workers have both cores?

    python -m pytest -m "" --timeout=0 -s tests/bench/test_http_bench.py

One `reelwright serve` with two workers, asked by clients in threads of this process, on the same two cores. Normal load
is one client a worker, each sending its next job when the last one has ended. Only results are asserted.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cluster.registry.database import Database
from cluster.settings import EngineSettings, Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.tokens import TokenBook
from pipelines.analysis.asset import find_asset
from pipelines.analysis.region_flow import find_regions
from pipelines.analysis.visual_flow import find_visuals
from pipelines.progress import Silent
from schemas.media_request import RegionsRequest, VisualMetaRequest
from serve.desk import desk_of
from serve.media_run import media_flow
from serve.server import ServerOptions, running
from tests.clips import face_film
from tests.ray_noise import NOISE

pytestmark = [pytest.mark.timeout(0), *(pytest.mark.filterwarnings(rule) for rule in NOISE)]

PORT = 18_491
WORKERS = 2
CLIENTS = 4
READING_S = 10.0
ROUNDS = 12


@dataclass(frozen=True)
class Bench:
    """A running server, an asset in it, and who may call."""

    settings: Settings
    address: str
    token: str
    asset: str

    def client(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.token}"}, timeout=300)

    def visuals(self, client: httpx2.Client, interval_ms: int) -> httpx2.Response:
        """As `regions`, by an engine that is in the worker."""
        body = {
            "tenant_id": "t1", "env": "dev", "asset_id": self.asset, "frame_sample_interval_ms": interval_ms,
            "faces": False,
        }  # fmt: skip
        return client.post("/video/visual-meta/analyze", json=body, headers={"Prefer": "wait=60"})

    def regions(self, client: httpx2.Client, interval_ms: int, wait_s: int) -> httpx2.Response:
        """One job that no other asks for: the interval is its own."""
        body = {"tenant_id": "t1", "env": "dev", "asset_id": self.asset, "frame_sample_interval_ms": interval_ms}
        return client.post("/video/regions", json=body, headers={"Prefer": f"wait={wait_s}"})


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    settings = Settings.load(store=tmp_path_factory.mktemp("bench") / "store")
    engines = EngineSettings.load(region_backend="opencv_face_detector")
    path = tmp_path_factory.mktemp("films") / "clip.mp4"
    face_film(path, seconds=20, width_px=640, height_px=360, rate=25, bars=False, lines=())
    with running(settings, engines, ServerOptions(port=PORT, workers=WORKERS)) as address:
        database = Database.open(settings.registry_url())
        book = TokenBook(database, TenantScope("t1", "dev", "root", "admin"), settings.site_id)
        token = book.create("u1", Role.OPERATOR, timedelta(hours=6)).text
        database.close()
        made = Bench(settings, address, token, "")
        with made.client() as client:
            answer = client.post("/media/v2/assets/upload?name=clip.mp4", content=path.read_bytes())
            made = Bench(settings, address, token, answer.json()["artifact_id"])
            assert made.regions(client, 999, 60).status_code == 200  # the engine is loaded
        yield made


def percentiles(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered) * 1000:7.1f} ms   p99 {p99 * 1000:7.1f} ms   worst {ordered[-1] * 1000:7.1f} ms"


def timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


@contextmanager
def saturated(bench: Bench, first_ms: int) -> Iterator[None]:
    """Both workers have a job at every moment."""
    stop, intervals = threading.Event(), iter(range(first_ms, first_ms + 10_000))
    lock = threading.Lock()

    def keep() -> None:
        with bench.client() as client:
            while not stop.is_set():
                with lock:
                    interval_ms = next(intervals)
                assert bench.regions(client, interval_ms, 60).status_code in (200, 202, 429)

    with ThreadPoolExecutor(WORKERS + 1) as pool:
        running_jobs = [pool.submit(keep) for _ in range(WORKERS + 1)]
        time.sleep(2)
        try:
            yield
        finally:
            stop.set()
            for one in running_jobs:
                one.result()


def read_for(bench: Bench, seconds: float) -> list[float]:
    """Latency of reads by several clients at once."""
    until = time.monotonic() + seconds

    def read() -> list[float]:
        found = []
        with bench.client() as client:
            paths = (
                f"/media/v2/artifacts/{bench.asset}",
                "/jobs?limit=20",
                f"/media/v2/artifacts/{bench.asset}/lineage",
            )
            while time.monotonic() < until:
                for path in paths:
                    began = time.perf_counter()
                    assert client.get(path).status_code == 200
                    found.append(time.perf_counter() - began)
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        return [one for many in pool.map(lambda _: read(), range(CLIENTS)) for one in many]


def accept_some(bench: Bench, first_ms: int, count: int) -> list[float]:
    """Latency of accepting a job that nobody waits for; each is cancelled at once."""
    found = []
    with bench.client() as client:
        for interval_ms in range(first_ms, first_ms + count):
            began = time.perf_counter()
            answer = bench.regions(client, interval_ms, 0)
            found.append(time.perf_counter() - began)
            assert answer.status_code == 202, answer.text
            client.post(f"{answer.headers['Location']}/cancel")
            time.sleep(0.02)
    return found


def test_overhead_of_http_over_the_call_in_this_process(bench: Bench) -> None:
    """Visual meta is measured by the worker itself, so that HTTP, queue and worker are all that differ; faces are found
    in a replica, which the worker asks look by look."""
    scope = TenantScope("t1", "dev", "u1")
    database = Database.open(bench.settings.registry_url())
    engines = EngineSettings.load(region_backend="opencv_face_detector")
    with bench.client() as client, media_flow(desk_of(bench.settings, scope, database), engines, Silent()) as flow:
        asset = find_asset(flow, bench.asset)

        def visuals(interval_ms: int) -> None:
            given = VisualMetaRequest(
                tenant_id="t1", env="dev", asset_id=bench.asset, frame_sample_interval_ms=interval_ms, faces=False
            )
            [found] = find_visuals(flow, [asset], given)
            assert not isinstance(found, Exception)

        def regions(interval_ms: int) -> None:
            given = RegionsRequest(
                tenant_id="t1", env="dev", asset_id=bench.asset, frame_sample_interval_ms=interval_ms
            )
            [found] = find_regions(flow, [asset], lambda _: given)
            assert not isinstance(found, Exception)

        calls: tuple[tuple[str, Callable[[int], None], Callable[[int], Any]], ...] = (
            ("visual meta", visuals, lambda interval_ms: bench.visuals(client, interval_ms)),
            ("regions", regions, lambda interval_ms: bench.regions(client, interval_ms, 60)),
        )
        for name, here_call, there_call in calls:
            here_call(1500)
            there_call(1600)
            here, there, known = [], [], []
            for number in range(1, ROUNDS):
                here.append(timed(partial(here_call, 1500 + number)))
                there.append(timed(partial(there_call, 1600 + number)))
                known.append(timed(partial(there_call, 1600 + number)))
            mid_here, mid_there = statistics.median(here), statistics.median(there)
            print(
                f"\n{name:12} in this process {mid_here * 1000:7.1f} ms   over HTTP {mid_there * 1000:7.1f} ms "
                f"({mid_there / mid_here:.2f} x, {(mid_there - mid_here) * 1000:+.0f} ms)   "
                f"over HTTP, known {statistics.median(known) * 1000:.1f} ms"
            )
    database.close()


def test_reads_and_acceptance_idle_and_while_both_cores_are_busy(bench: Bench) -> None:
    idle = read_for(bench, READING_S)
    print(f"\nreads, idle       {percentiles(idle)}   {len(idle) / READING_S:.0f} requests/s from {CLIENTS} clients")
    print(f"acceptance, idle  {percentiles(accept_some(bench, 2000, 100))}")
    with saturated(bench, 3000):
        busy = read_for(bench, READING_S)
        accepted = accept_some(bench, 6000, 100)
    print(f"reads, busy       {percentiles(busy)}   {len(busy) / READING_S:.0f} requests/s   aim p99 200 ms")
    print(f"acceptance, busy  {percentiles(accepted)}   aim p99 500 ms")


def test_wait_as_a_share_of_run_time(bench: Bench) -> None:
    with bench.client() as client:
        for clients in (1, WORKERS, 2 * WORKERS):
            base = 8000 + 400 * clients

            def work(number: int, base: int = base) -> list[str]:
                with bench.client() as mine:
                    return [
                        bench.regions(mine, base + 20 * number + turn, 60).headers["X-Job-Id"] for turn in range(5)
                    ]  # fmt: skip

            with ThreadPoolExecutor(clients) as pool:
                jobs = [one for many in pool.map(work, range(clients)) for one in many]
            waits, runs = [], []
            for job_id in jobs:
                job = client.get(f"/jobs/{job_id}").json()
                submitted, started, finished = (
                    datetime.fromisoformat(job[name]) for name in ("submitted_at", "started_at", "finished_at")
                )
                waits.append((started - submitted).total_seconds())
                runs.append((finished - started).total_seconds())
            share = sum(waits) / sum(runs)
            note = "   normal load, aim 20 %" if clients == WORKERS else ""
            print(f"\n{clients} clients on {WORKERS} workers: wait {share:.1%} of run time{note}")


def test_throughput_of_the_queue(tmp_path: Path) -> None:
    from cluster.jobs.records import JobRequest
    from serve.http.site import open_site

    with open_site(Settings.load(store=tmp_path / "store")) as site:
        jobs, queue = site.jobs(TenantScope("t1", "dev", "u1")), site.queue()
        submit_s = timed(lambda: [jobs.submit(JobRequest("cpu_queue", "nothing", {"n": n})) for n in range(500)])

        def drain() -> None:
            while (claimed := queue.claim("cpu_queue", "w")) is not None:
                queue.complete(claimed.lease, {})

        drain_s = timed(drain)
    print(f"\nSQLite, one process: {500 / submit_s:.0f} submissions/s, {500 / drain_s:.0f} claims and completions/s")
