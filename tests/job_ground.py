"""A site of its own with queues, for tests of jobs: each claims only what it submitted, on a database that all share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from cluster.jobs.outbox import Outbox
from cluster.jobs.queue import JobQueue, LeaseTimes
from cluster.jobs.records import ClaimedJob, Idempotency, JobRequest, QueueLimits
from cluster.jobs.store import JobStore
from cluster.registry.database import Database
from cluster.tenancy.quotas import UNLIMITED, Quota
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.sealing import Sealer

_SITES = itertools.count()

NOON_US = 1_777_636_800_000_000


@dataclass
class SetClock:
    """A clock that tests move."""

    now_us: int = NOON_US

    def __call__(self, _connection: Connection) -> int:
        return self.now_us

    def forward(self, seconds: float) -> None:
        self.now_us += round(seconds * 1_000_000)


@dataclass
class JobGround:
    """One site's queues, and the jobs of one tenant on it."""

    database: Database
    scope: TenantScope
    site_id: str = field(default_factory=lambda: f"site-{next(_SITES)}")
    clock: Callable[[Connection], int] = field(default_factory=SetClock)
    sealer: Sealer = field(default_factory=lambda: Sealer([b"k" * 32]))
    times: LeaseTimes = field(default_factory=LeaseTimes)
    quota: Quota = UNLIMITED
    draw: Callable[[], float] = lambda: 0.5

    @property
    def store(self) -> JobStore:
        return self.store_of(self.scope)

    def store_of(self, scope: TenantScope, limits: QueueLimits | None = None) -> JobStore:
        return JobStore(
            self.database, scope, self.site_id, self.sealer, quota=self.quota, limits=limits, clock=self.clock
        )

    @property
    def queue(self) -> JobQueue:
        return JobQueue(self.database, self.site_id, times=self.times, clock=self.clock, draw=self.draw)

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.database, self.site_id, self.sealer, clock=self.clock, draw=self.draw)

    def submit(self, **given: Any) -> str:
        return self.store.submit(request(**given)).job.job_id

    def claim(self, queue: str = "cpu_queue", worker: str = "w1") -> ClaimedJob:
        claimed = self.queue.claim(queue, worker)
        assert claimed is not None
        return claimed

    def kinds(self, job_id: str) -> list[str]:
        return [event.kind for event in self.store.events(job_id)]


def request(
    *, key: str | None = None, body: Mapping[str, Any] | None = None, route: str = "/v1/x", **given: Any
) -> JobRequest:
    """A request with calm defaults; `key` makes it idempotent."""
    calm = {"queue": "cpu_queue", "kind": "render", "payload": {"shot": 1}} | given
    idempotency = None if key is None else Idempotency(route, key, body if body is not None else {"shot": 1})
    return JobRequest(**calm, idempotency=idempotency)
