"""What Prometheus is told: requests of this replica, and queues, jobs and workers of the whole site.

Labels have few values: templates of routes, statuses, names of queues; never a tenant, an id or a path.
"""

from __future__ import annotations

import logging
import platform
import threading
import time
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from cluster.jobs.worker_book import WorkerState
from cluster.registry.rows import now_utc
from schemas.errors import ReelwrightError
from serve.http.site import Site

_LOG = logging.getLogger(__name__)

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""With the limits that reads (0.2) and submissions (0.5) are held to, and the longest that a call waits."""

FRESH_S = 1.0
"""The database is asked once so long, however many ask us."""


class Metrics:
    """The metrics of one application."""

    def __init__(self, site: Site) -> None:
        """Begins to count."""
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "reelwright_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "reelwright_http_request_seconds",
            "From a request's arrival to the end of its answer, the waiting that it asked for included.",
            ("method", "route"),
            buckets=BUCKETS_S,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(_SiteFigures(site))

    def measure(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def page(self, accept: str) -> tuple[bytes, str]:
        """All of it in the form that `accept` asks for, and the media type of that."""
        encode, media_type = choose_encoder(accept)
        return encode(self._registry), media_type


class _SiteFigures(Collector):
    """Figures of the site, read from its database when they are asked for."""

    def __init__(self, site: Site) -> None:
        self._queue, self._workers = site.queue(), site.workers()
        self._build = (version("reelwright"), platform.python_version(), site.settings.site_id)
        self._lock = threading.Lock()
        self._read_at_s = 0.0
        self._figures: tuple[Metric, ...] = ()

    def describe(self) -> Iterable[Metric]:
        """Nothing: names are known when it collects, and registering must not ask the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The figures, at most a second old."""
        build = GaugeMetricFamily("reelwright_build_info", "1.", labels=("version", "python", "site"))
        build.add_metric(self._build, 1)
        yield build
        with self._lock:
            if not self._figures or time.monotonic() - self._read_at_s >= FRESH_S:
                self._figures = self._read()
                self._read_at_s = time.monotonic()
            figures = self._figures
        yield from figures

    def _read(self) -> tuple[Metric, ...]:
        up = GaugeMetricFamily("reelwright_database_up", "1 when the database answers; else its figures are left out.")
        try:
            figures = (*self._of_queues(), self._of_jobs(), self._of_workers())
        except ReelwrightError as exc:
            _LOG.warning("no figures: %s", exc.message)
            up.add_metric((), 0)
            return (up,)
        up.add_metric((), 1)
        return (up, *figures)

    def _of_queues(self) -> tuple[Metric, ...]:
        jobs = GaugeMetricFamily("reelwright_queue_jobs", "Jobs in a queue.", labels=("queue", "state"))
        oldest = GaugeMetricFamily(
            "reelwright_queue_oldest_seconds", "How long the oldest job waits; 0 when none does.", labels=("queue",)
        )
        paused = GaugeMetricFamily("reelwright_queue_paused", "1 when it is held back.", labels=("queue",))
        now = now_utc()
        for one in self._queue.depths():
            jobs.add_metric((one.queue, "waiting"), one.waiting)
            jobs.add_metric((one.queue, "running"), one.running)
            since = one.oldest_submitted_at
            oldest.add_metric((one.queue,), max(0.0, (now - since).total_seconds()) if since else 0)
            paused.add_metric((one.queue,), int(one.paused))
        return jobs, oldest, paused

    def _of_jobs(self) -> Metric:
        jobs = GaugeMetricFamily("reelwright_jobs", "Jobs of this site.", labels=("status",))
        for status, count in self._queue.counts().items():
            jobs.add_metric((status,), count)
        return jobs

    def _of_workers(self) -> Metric:
        workers = GaugeMetricFamily("reelwright_workers", "Workers by what they do.", labels=("state",))
        found = [one.state for one in self._workers.list()]
        for state in get_args(WorkerState):
            workers.add_metric((state,), found.count(state))
        return workers
