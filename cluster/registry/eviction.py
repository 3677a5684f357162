"""Which bytes may go when the store is too large. Rows never go; a stage that is asked again rebuilds the bytes.

Least recently used first. Spared are: pinned artifacts (inputs, paid and published ones), documents (they are small,
and are read by whoever finds their row), the kinds that the caller names, what was used within the grace time (a run
may be about to read it), and bytes without a row (`sweep_orphans` has those).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from cluster.registry.blobs import BlobStore, BlobUse
from cluster.registry.database import Database
from cluster.registry.tables import artifact
from cluster.tenancy.scope import TenantScope
from schemas.errors import InvalidInput

GRACE_S = 3600.0
"""Longer than any stage runs between finding its inputs and reading them."""

DOCUMENT = "application/json"


@dataclass(frozen=True)
class Eviction:
    """What an eviction did."""

    evicted: tuple[str, ...]
    """Content hashes, least recently used first."""

    freed_bytes: int
    kept_bytes: int
    """What is left; above the limit when too much of it must be kept."""


def choose(
    uses: Sequence[BlobUse], evictable: Collection[str], limit_bytes: int, used_before_s: float
) -> list[BlobUse]:
    """The least recently used blobs that bring the total to `limit_bytes` or as near as `evictable` allows."""
    total_bytes = sum(use.size_bytes for use in uses)
    chosen = []
    for use in sorted(uses, key=lambda use: (use.last_used_s, use.content_hash)):
        if total_bytes <= limit_bytes:
            break
        if use.content_hash in evictable and use.last_used_s < used_before_s:
            chosen.append(use)
            total_bytes -= use.size_bytes
    return chosen


def evict(
    database: Database,
    blobs: BlobStore,
    *,
    limit_bytes: int,
    now: datetime,
    spare_kinds: Collection[str] = (),
    grace_s: float = GRACE_S,
) -> Eviction:
    """The store of one scope brought to at most `limit_bytes`, as far as its evictable bytes allow.

    Raises:
        InvalidInput: the limit is negative.
    """
    if limit_bytes < 0:
        raise InvalidInput(f"the store's limit must be at least 0 bytes, got {limit_bytes!r}")
    uses = list(blobs.uses())
    evictable = _evictable(database, blobs.scope, spare_kinds)
    gone = choose(uses, evictable, limit_bytes, now.timestamp() - grace_s)
    for use in gone:
        blobs.discard(use.content_hash)
    freed_bytes = sum(use.size_bytes for use in gone)
    return Eviction(
        evicted=tuple(use.content_hash for use in gone),
        freed_bytes=freed_bytes,
        kept_bytes=sum(use.size_bytes for use in uses) - freed_bytes,
    )


def sweep_orphans(database: Database, blobs: BlobStore, *, older_than_s: float, now: datetime) -> tuple[str, ...]:
    """What crashes left in the blob store, removed: temporary files, and bytes that no row names."""
    with database.read() as connection:
        referenced = frozenset(connection.execute(select(artifact.c.content_hash).where(*_mine(blobs.scope))).scalars())
    return blobs.sweep_orphans(referenced=referenced, older_than_s=older_than_s, now_s=now.timestamp())


def _evictable(database: Database, scope: TenantScope, spare_kinds: Collection[str]) -> frozenset[str]:
    """Content that has rows, all of which allow it to go: one pinned artifact pins the bytes for all."""
    wanted = (artifact.c.content_hash, artifact.c.kind, artifact.c.pinned, artifact.c.media_type)
    rows = select(*wanted).where(*_mine(scope)).distinct()
    known, spared = set(), set()
    with database.read() as connection:
        for content_hash, kind, pinned, media_type in connection.execute(rows):
            known.add(content_hash)
            if pinned or kind in spare_kinds or media_type == DOCUMENT:
                spared.add(content_hash)
    return frozenset(known - spared)


def _mine(scope: TenantScope) -> tuple[ColumnElement[bool], ...]:
    return artifact.c.tenant == scope.tenant, artifact.c.env == scope.env
