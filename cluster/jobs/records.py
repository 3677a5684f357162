"""What the job store takes and gives: frozen values, no connection behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from cluster.tenancy.scope import TenantScope
from schemas.errors import InvalidInput

JobStatus = Literal["queued", "in_progress", "completed", "failed", "degraded", "cancelled"]

Queue = Literal["cpu_queue", "local_ai_queue", "media_queue", "external_ai_queue"]
"""The queues of the specification (section 13), each a Ray resource of the same name."""

QUEUES: tuple[Queue, ...] = get_args(Queue)

WAITING: Mapping[str, int] = {"local_ai_queue": 8}
"""How many jobs may wait in a queue unless the operator says otherwise (specification section 13)."""

ENDED: frozenset[JobStatus] = frozenset({"completed", "failed", "degraded", "cancelled"})

LONGEST_CALLBACK_URL = 2048

MOST_CALLBACKS = 8

_KEY = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
"""What an HTTP header carries unchanged: 1 to 255 printable ASCII characters, no space at either end."""


@dataclass(frozen=True)
class Idempotency:
    """A caller's promise that this is the same request as another of the same key."""

    route: str
    """Where it was sent; the same key on another route is another key."""

    key: str
    body: Mapping[str, Any]
    """The validated body. Only its hash is kept."""

    def __post_init__(self) -> None:
        """Refuse a key that is not 1 to 255 printable ASCII characters."""
        if not _KEY.fullmatch(self.key):
            raise InvalidInput(f"an idempotency key is 1 to 255 printable ASCII characters, got {self.key!r:.300}")


@dataclass(frozen=True)
class JobRequest:
    """What is to be done."""

    queue: str
    kind: str
    """What the worker is to do, for example `render_package`."""

    payload: Mapping[str, Any]
    """JSON for the worker. Callback addresses do not belong here: they are kept sealed, this is not."""

    priority: int = 0
    """Higher goes first; among equals the older one."""

    max_attempts: int = 3
    request_id: str | None = None
    """The caller's own id; one job per id."""

    idempotency: Idempotency | None = None
    identity: str | None = None
    """SHA-256 of what the result depends on. Without an idempotency key, a job of this identity that waits, runs or is
    completed answers the request."""

    callbacks: tuple[str, ...] = ()
    """Addresses that are told when the job has ended."""

    def __post_init__(self) -> None:
        """Refuse what no job can be.

        Raises:
            InvalidInput: names the field and the value.
        """
        if self.queue not in QUEUES:
            raise InvalidInput(f"queue must be one of {', '.join(QUEUES)}, got {self.queue!r}")
        if self.max_attempts < 1:
            raise InvalidInput(f"max_attempts must be at least 1, got {self.max_attempts!r}")
        if not -1000 <= self.priority <= 1000:
            raise InvalidInput(f"priority must be between -1000 and 1000, got {self.priority!r}")
        if len(self.callbacks) > MOST_CALLBACKS:
            raise InvalidInput(f"a job has at most {MOST_CALLBACKS} callbacks, got {len(self.callbacks)}")
        if any(len(url) > LONGEST_CALLBACK_URL for url in self.callbacks):
            raise InvalidInput(f"a callback address has at most {LONGEST_CALLBACK_URL} characters")


@dataclass(frozen=True)
class JobRecord:
    """One job as it is now."""

    job_id: str
    tenant: str
    env: str
    site_id: str
    queue: str
    kind: str
    payload: dict[str, Any]
    priority: int
    status: JobStatus
    attempt: int
    """How often it was claimed since it was submitted or retried by a person."""

    max_attempts: int
    cancel_requested: bool
    dead: bool
    """In the dead letters: it used up its attempts, and a person should look."""

    request_id: str | None
    identity: str | None
    submitted_by: str
    submitted_at: datetime
    started_at: datetime | None
    """When it was first claimed."""

    finished_at: datetime | None
    result: dict[str, Any] | None
    error_code: str
    error: str
    error_detail: dict[str, Any]
    last_event: int
    """Number of its newest event."""

    @property
    def scope(self) -> TenantScope:
        """Whose job it is, for the worker that does it in their name."""
        return TenantScope(self.tenant, self.env, self.submitted_by)


@dataclass(frozen=True)
class Submitted:
    """The answer to a submission."""

    job: JobRecord
    replayed: bool
    """The job was there already: the same key and body, or the same identity."""


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job. Numbers start at 1 and have no holes: they serve as `Last-Event-ID`."""

    number: int
    kind: str
    """`queued`, `started`, `progress`, `retrying`, `lease_expired`, `cancel_requested`, or the status it ended in."""

    payload: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class Lease:
    """A worker's right to write about a job until its time is over."""

    tenant: str
    env: str
    job_id: str
    fence: int
    """Grows with every claim of the job; a write with an older one is refused."""


@dataclass(frozen=True)
class ClaimedJob:
    """A job, and the right to work on it."""

    job: JobRecord
    lease: Lease


@dataclass(frozen=True)
class Heartbeat:
    """The answer to a heartbeat."""

    lease_until: datetime
    cancel_requested: bool


@dataclass(frozen=True)
class QueueDepth:
    """One queue of a site at one moment, over all tenants."""

    queue: str
    waiting: int
    running: int
    paused: bool
    oldest_submitted_at: datetime | None
    """When the oldest job that waits was submitted."""


@dataclass(frozen=True)
class QueueLimits:
    """How many jobs may wait in a queue; one that is not named takes any number."""

    waiting: Mapping[str, int] = field(default_factory=lambda: WAITING)
    retry_after_s: int = 30
    """What a caller is told when there is no place."""
