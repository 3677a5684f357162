"""A server that is looked at: a site whose process logs to a file, its application called in this process."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from cluster.jobs.queue import LeaseTimes
from cluster.jobs.records import QUEUES, JobRecord, JobRequest
from cluster.logs import log_context
from cluster.settings import EngineSettings, Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.tokens import TokenBook
from schemas.errors import Cancelled, InvalidInput, Unavailable
from serve.http.app import build_api
from serve.http.site import Site, open_site
from serve.process_logs import start_logging
from serve.workers import Watched, Worker

CALLER = TenantScope("t1", "dev", "u1", "operator")

RUN = {
    "run_id": "run_1", "stages": {"faces": {"seconds": 1.5, "hits": 3, "misses": 1, "failures": 0, "retries": 2}},
    "engines": {"faces": {"name": "x"}}, "compute": {"local": 1, "external": 0}, "tokens_used": 0, "cost_usd": 0.0,
}  # fmt: skip


def scripted(_: Site, job: JobRecord, progress: Watched) -> tuple[Mapping[str, Any], bool]:
    """Does what the job says."""
    with log_context(stage="faces"):
        progress.stage_started("faces", 4, 3)
    progress.summed(RUN)
    said = job.payload["says"]
    if said == "unavailable" and job.attempt == 1:
        raise Unavailable("not now", retry_after_s=0)
    if said == "invalid":
        raise InvalidInput("not so")
    if said == "cancelled":
        raise Cancelled("stopped")
    if said == "defect":
        raise KeyError("something of ours")
    return {}, said == "degraded"


@dataclass(frozen=True)
class Server:
    """A site whose process logs to a file, called in this process."""

    site: Site
    client: TestClient
    token: str

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.token}", **headers})

    def lines(self, **wanted: Any) -> list[dict[str, Any]]:
        """The lines of the log that say so."""
        text = (self.site.settings.log_folder() / "test.jsonl").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        return [line for line in lines if wanted.items() <= line.items()]

    def figures(self) -> dict[str, dict[frozenset[str], float]]:
        """Name of a sample -> values of its labels -> its value."""
        found: dict[str, dict[frozenset[str], float]] = {}
        for family in text_string_to_metric_families(self.client.get("/metrics").text):
            for sample in family.samples:
                found.setdefault(sample.name, {})[frozenset(sample.labels.values())] = sample.value
        return found

    def submit(self, says: str) -> str:
        request = JobRequest("cpu_queue", "scripted", {"says": says}, max_attempts=2)
        return self.site.jobs(CALLER).submit(request).job.job_id

    def done(self, says: str) -> str:
        """A job that a worker has done."""
        job_id = self.submit(says)
        worker = Worker(self.site, "w1", QUEUES, scripted)
        while self.site.jobs(CALLER).get(job_id).finished_at is None:
            worker.work_once()
        return job_id


@contextmanager
def logging_as_before() -> Iterator[None]:
    """Whatever the block configures is taken back."""
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, threading.excepthook
    try:
        yield
    finally:
        for handler in root.handlers:
            if handler not in handlers:
                handler.close()
        root.handlers[:], threading.excepthook = handlers, hook
        root.setLevel(level)
        structlog.reset_defaults()


@contextmanager
def operated(store: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers with what `build_api` is given beside the site."""
    settings = Settings.load(store=store, site_id="s1")
    engines = EngineSettings.load(region_backend="opencv_face_detector")
    with logging_as_before():
        start_logging(settings, "test")
        with open_site(settings, engines) as opened:
            site = replace(opened, lease=LeaseTimes(lease_s=5, heartbeat_s=0.05))
            token = TokenBook(site.database, CALLER, "s1").create("u1", Role.OPERATOR, timedelta(hours=1)).text

            def made(**given: Any) -> Server:
                return Server(site, TestClient(build_api(site, **given), raise_server_exceptions=False), token)

            yield made
