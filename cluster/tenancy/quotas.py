"""What a tenant may use, and whether it has: values, and one look at the database (specification section 23.1).

Quotas are soft: two requests that come at once may both pass on bytes and money. The number of jobs is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field
from sqlalchemy import Connection, func, select

from cluster.registry.tables import artifact, job
from schemas.errors import QuotaExceeded

_DAY_US = 24 * 3600 * 1_000_000

_RETRY_AFTER_S = 30
"""When a job or some bytes may be gone again."""


@dataclass(frozen=True)
class Quota:
    """The most that one tenant may use, over all its environments; None is no limit."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", allow_inf_nan=False)

    concurrent_jobs: Annotated[int, Field(ge=0)] | None = None
    """Jobs that wait or run."""

    stored_bytes: Annotated[int, Field(ge=0)] | None = None
    """Bytes of its artifacts, each content once, those included that were evicted and may be made again."""

    daily_spend_usd: Annotated[float, Field(ge=0)] | None = None
    """Cost of the artifacts made since midnight UTC."""


UNLIMITED = Quota()


@dataclass(frozen=True)
class Use:
    """What a tenant uses of what a `Quota` limits, in the same units."""

    concurrent_jobs: int
    stored_bytes: int
    daily_spend_usd: float


def use_of(connection: Connection, tenant: str, now_us: int) -> Use:
    """What the tenant uses now, over all its environments. Reads all its artifacts."""
    return Use(_jobs(connection, tenant), _stored(connection, tenant), _spent(connection, tenant, now_us))


def check_spending(connection: Connection, tenant: str, quota: Quota, now_us: int) -> None:
    """Nothing, when the tenant may still store and spend. Reads all its artifacts when bytes are limited.

    Raises:
        QuotaExceeded: `reason` is `stored_bytes` or `daily_spend_usd`.
    """
    if quota.daily_spend_usd is not None:
        spent = _spent(connection, tenant, now_us)
        if spent >= quota.daily_spend_usd:
            left_s = (_DAY_US - now_us % _DAY_US) // 1_000_000 + 1
            raise _exceeded("daily_spend_usd", spent, quota.daily_spend_usd, left_s)
    check_storage(connection, tenant, quota)


def check_storage(connection: Connection, tenant: str, quota: Quota) -> None:
    """Nothing, when the tenant may still store. Reads all its artifacts when bytes are limited.

    Raises:
        QuotaExceeded: `reason` is `stored_bytes`.
    """
    if quota.stored_bytes is not None:
        size = _stored(connection, tenant)
        if size >= quota.stored_bytes:
            raise _exceeded("stored_bytes", size, quota.stored_bytes, _RETRY_AFTER_S)


def check_jobs(connection: Connection, tenant: str, quota: Quota) -> None:
    """Nothing, when the tenant may have one more job. Exact where the caller's transaction is alone for the tenant.

    Raises:
        QuotaExceeded: `reason` is `concurrent_jobs`.
    """
    if quota.concurrent_jobs is not None:
        count = _jobs(connection, tenant)
        if count >= quota.concurrent_jobs:
            raise _exceeded("concurrent_jobs", count, quota.concurrent_jobs, _RETRY_AFTER_S)


def _jobs(connection: Connection, tenant: str) -> int:
    unfinished = select(func.count()).where(job.c.tenant == tenant, job.c.status.in_(("queued", "in_progress")))
    return int(connection.execute(unfinished).scalar_one())


def _stored(connection: Connection, tenant: str) -> int:
    contents = select(artifact.c.env, artifact.c.content_hash, artifact.c.size_bytes).where(artifact.c.tenant == tenant)
    stored = select(func.sum(contents.distinct().subquery().c.size_bytes))
    return int(connection.execute(stored).scalar() or 0)


def _spent(connection: Connection, tenant: str, now_us: int) -> float:
    midnight_us = now_us - now_us % _DAY_US
    spent = select(func.sum(artifact.c.cost_usd)).where(
        artifact.c.tenant == tenant, artifact.c.created_at_us >= midnight_us
    )
    return float(connection.execute(spent).scalar() or 0)


def _exceeded(reason: str, used: float, limit: float, retry_after_s: int) -> QuotaExceeded:
    message = f"the quota {reason} is {limit!r} and {used!r} is used"
    return QuotaExceeded(message, reason=reason, limit=limit, used=used, retry_after_s=retry_after_s)
