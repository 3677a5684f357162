"""Between rows of the tables and records: JSON columns, moments, and parents put back in order."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, select

from cluster.registry.records import ArtifactRecord, Observation, ParentLink
from cluster.registry.tables import artifact, artifact_parent
from cluster.tenancy.scope import TenantScope
from schemas.canonical import canonical_json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

QUERY_SIZE = 500
"""Values in one IN list: SQLite and PostgreSQL plan it in well under a millisecond."""


def now_utc() -> datetime:
    """The time of the host, UTC: the clock that the registry uses unless it is given another."""
    return datetime.now(tz=UTC)


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of an aware `moment`."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(moment_us: int) -> datetime:
    """The UTC moment `moment_us` microseconds after the start of 1970."""
    return _EPOCH + timedelta(microseconds=moment_us)


def to_json(value: Mapping[str, Any]) -> str:
    """RFC 8785 text of `value`."""
    return canonical_json(dict(value)).decode()


def load_artifacts(connection: Connection, query: Select[Any], scope: TenantScope) -> list[ArtifactRecord]:
    """The records that `query` over `artifact` yields, in its order, with their parents."""
    rows = connection.execute(query).mappings().all()
    parents = _parents(connection, [row["artifact_id"] for row in rows], scope)
    return [_artifact_record(row, tuple(parents[row["artifact_id"]])) for row in rows]


def artifacts_of(scope: TenantScope) -> Select[Any]:
    """A query for the artifacts of this scope: what every other query starts from."""
    return select(artifact).where(artifact.c.tenant == scope.tenant, artifact.c.env == scope.env)


def observation_record(row: RowMapping) -> Observation:
    """The record of a row of `observation`."""
    return Observation(
        kind=row["kind"],
        occurrence=row["occurrence"],
        payload=json.loads(row["payload"]),
        actor=row["actor"],
        rank=row["rank"],
        observed_at=from_us(row["observed_at_us"]),
    )


def _parents(connection: Connection, ids: list[str], scope: TenantScope) -> Mapping[str, list[ParentLink]]:
    links: dict[str, list[ParentLink]] = defaultdict(list)
    for part in portions(ids):
        query = (
            select(artifact_parent.c.artifact_id, artifact_parent.c.parent_id, artifact_parent.c.role)
            .where(
                and_(
                    artifact_parent.c.tenant == scope.tenant,
                    artifact_parent.c.env == scope.env,
                    artifact_parent.c.artifact_id.in_(part),
                )
            )
            .order_by(artifact_parent.c.artifact_id, artifact_parent.c.ordinal)
        )
        for child, parent, role in connection.execute(query):
            links[child].append(ParentLink(parent, role))
    return links


def portions(values: Iterable[str]) -> Iterable[list[str]]:
    """`values` in lists short enough for one query."""
    waiting = list(values)
    for start in range(0, len(waiting), QUERY_SIZE):
        yield waiting[start : start + QUERY_SIZE]


def _artifact_record(row: RowMapping, parents: tuple[ParentLink, ...]) -> ArtifactRecord:
    return ArtifactRecord(
        artifact_id=row["artifact_id"],
        identity=row["identity"],
        output=row["output"],
        kind=row["kind"],
        stage=row["stage"],
        stage_version=row["stage_version"],
        tenant=row["tenant"],
        env=row["env"],
        content_hash=row["content_hash"],
        size_bytes=row["size_bytes"],
        media_type=row["media_type"],
        schema_version=row["schema_version"],
        parents=parents,
        parameters=json.loads(row["parameters"]),
        origin=row["origin"],
        backend=json.loads(row["backend"]),
        rights=json.loads(row["rights"]),
        cost_usd=row["cost_usd"],
        site_id=row["site_id"],
        meta=json.loads(row["meta"]),
        pinned=row["pinned"],
        created_at=from_us(row["created_at_us"]),
    )
