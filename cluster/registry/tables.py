"""The tables of the registry, one schema for SQLite and PostgreSQL.

Every table starts with `tenant` and `env`, and every key and foreign key contains them, so that a row of one tenant
cannot point at another's. `seq` numbers rows in the order in which they were written; parents are always written
before children, so ascending `seq` is a topological order. Moments are integer microseconds since 1970 in UTC; JSON
is RFC 8785 text, so that equal values are equal strings.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_REVISION = "0001"
"""The newest migration. A database at this revision is opened without loading Alembic, which takes 0.2 s."""

metadata = MetaData()

_SEQ = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers only an INTEGER PRIMARY KEY by itself."""


def _owned(name: str, *columns: Column[object] | UniqueConstraint | ForeignKeyConstraint | Index) -> Table:
    return Table(
        name,
        metadata,
        Column("seq", _SEQ, primary_key=True, autoincrement=True),
        Column("tenant", String(64), nullable=False),
        Column("env", String(64), nullable=False),
        *columns,
    )


artifact = _owned(
    "artifact",
    Column("artifact_id", String(34), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("output", String(128), nullable=False),
    Column("kind", String(128), nullable=False),
    Column("stage", String(128), nullable=False),
    Column("stage_version", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("schema_version", String(64), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("backend", Text, nullable=False),
    Column("rights", Text, nullable=False),
    Column("meta", Text, nullable=False),
    Column("cost_usd", Float, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("site_id", String(64), nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    UniqueConstraint("tenant", "env", "artifact_id", name="artifact_id_once"),
    UniqueConstraint("tenant", "env", "identity", "output", name="artifact_identity_once"),
    Index("artifact_by_content", "tenant", "env", "content_hash"),
    Index("artifact_by_kind", "tenant", "env", "kind", "seq"),
)

artifact_parent = _owned(
    "artifact_parent",
    Column("artifact_id", String(34), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("parent_id", String(34), nullable=False),
    Column("role", String(128), nullable=False),
    UniqueConstraint("tenant", "env", "artifact_id", "ordinal", name="artifact_parent_once"),
    ForeignKeyConstraint(
        ["tenant", "env", "artifact_id"], ["artifact.tenant", "artifact.env", "artifact.artifact_id"], name="parent_of"
    ),
    ForeignKeyConstraint(
        ["tenant", "env", "parent_id"], ["artifact.tenant", "artifact.env", "artifact.artifact_id"], name="parent_is"
    ),
    Index("artifact_parent_by_parent", "tenant", "env", "parent_id"),
)

run = _owned(
    "run",
    Column("run_id", String(128), nullable=False),
    Column("project_id", String(128), nullable=False),
    Column("status", String(16), nullable=False),
    Column("waiting_on", String(128), nullable=False),
    Column("process", String(255), nullable=False),
    Column("site_id", String(64), nullable=False),
    Column("started_at_us", BigInteger, nullable=False),
    Column("finished_at_us", BigInteger),
    Column("error_code", String(64), nullable=False),
    Column("error", Text, nullable=False),
    Column("summary", Text, nullable=False),
    UniqueConstraint("tenant", "env", "run_id", name="run_id_once"),
    Index("run_by_project", "tenant", "env", "project_id", "seq"),
)

stage_attempt = _owned(
    "stage_attempt",
    Column("run_id", String(128), nullable=False),
    Column("stage", String(128), nullable=False),
    Column("item", String(128), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("cache_hit", Boolean, nullable=False),
    Column("started_at_us", BigInteger, nullable=False),
    Column("finished_at_us", BigInteger),
    Column("error_code", String(64), nullable=False),
    Column("error", Text, nullable=False),
    ForeignKeyConstraint(["tenant", "env", "run_id"], ["run.tenant", "run.env", "run.run_id"], name="attempt_of"),
    Index("stage_attempt_by_run", "tenant", "env", "run_id", "seq"),
)

observation = _owned(
    "observation",
    Column("kind", String(128), nullable=False),
    Column("occurrence", String(255), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("payload_hash", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("site_id", String(64), nullable=False),
    Column("observed_at_us", BigInteger, nullable=False),
    UniqueConstraint("tenant", "env", "kind", "occurrence", "rank", name="observation_rank_once"),
    UniqueConstraint("tenant", "env", "kind", "occurrence", "payload_hash", name="observation_payload_once"),
)

audit = _owned(
    "audit",
    Column("at_us", BigInteger, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("role", String(64), nullable=False),
    Column("action", String(128), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("payload_hash", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("site_id", String(64), nullable=False),
    Index("audit_by_subject", "tenant", "env", "subject"),
)

APPEND_ONLY = ("observation", "audit")
"""Tables whose rows a trigger of the database refuses to change or delete."""
