"""The tables of the registry, one schema for SQLite and PostgreSQL.

Every table but `paused_queue` and `worker` starts with `tenant` and `env`, and every key and foreign key contains them,
so that a row of one tenant cannot point at another's. `seq` numbers rows in the order in which they were written;
parents are always written before children, so ascending `seq` is a topological order. Moments are integer microseconds
since 1970 in UTC; JSON is RFC 8785 text, so that equal values are equal strings.
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

SCHEMA_REVISION = "0003"
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
    Index("artifact_by_moment", "tenant", "created_at_us"),
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

job = _owned(
    "job",
    Column("job_id", String(34), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("kind", String(128), nullable=False),
    Column("status", String(16), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("callbacks", Text, nullable=False),
    Column("request_id", String(128)),
    Column("route", String(128)),
    Column("idempotency_key", String(255)),
    Column("body_hash", String(64)),
    Column("identity", String(64)),
    Column("held_identity", String(64)),
    Column("attempt", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("lease_owner", String(255), nullable=False),
    Column("lease_until_us", BigInteger),
    Column("not_before_us", BigInteger, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("dead", Boolean, nullable=False),
    Column("last_event", Integer, nullable=False),
    Column("result", Text),
    Column("error_code", String(64), nullable=False),
    Column("error", Text, nullable=False),
    Column("error_detail", Text, nullable=False),
    Column("submitted_by", String(128), nullable=False),
    Column("site_id", String(64), nullable=False),
    Column("submitted_at_us", BigInteger, nullable=False),
    Column("started_at_us", BigInteger),
    Column("finished_at_us", BigInteger),
    UniqueConstraint("tenant", "env", "job_id", name="job_id_once"),
    UniqueConstraint("tenant", "env", "request_id", name="job_request_once"),
    UniqueConstraint("tenant", "env", "route", "idempotency_key", name="job_key_once"),
    UniqueConstraint("tenant", "env", "held_identity", name="job_identity_once"),
    Index("job_by_turn", "site_id", "queue", "status", "rank", "seq"),
    Index("job_by_lease", "site_id", "status", "lease_until_us"),
    Index("job_by_status", "tenant", "env", "status", "seq"),
)
"""`rank` is minus the priority, so that one ascending index gives the order of claims. `held_identity` is the identity
for as long as the job stands for it, and NULL once it failed or was cancelled; so is
`idempotency_key` once it expired."""

job_event = _owned(
    "job_event",
    Column("job_id", String(34), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    UniqueConstraint("tenant", "env", "job_id", "number", name="job_event_once"),
    ForeignKeyConstraint(["tenant", "env", "job_id"], ["job.tenant", "job.env", "job.job_id"], name="event_of"),
)

outbox = _owned(
    "outbox",
    Column("delivery_id", String(36), nullable=False),
    Column("job_id", String(34), nullable=False),
    Column("event", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("endpoint", String(64), nullable=False),
    Column("sealed_url", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fence", BigInteger, nullable=False),
    Column("lease_owner", String(255), nullable=False),
    Column("lease_until_us", BigInteger),
    Column("not_before_us", BigInteger, nullable=False),
    Column("answer", Integer),
    Column("error", Text, nullable=False),
    Column("site_id", String(64), nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("finished_at_us", BigInteger),
    UniqueConstraint("tenant", "env", "delivery_id", name="delivery_id_once"),
    ForeignKeyConstraint(["tenant", "env", "job_id"], ["job.tenant", "job.env", "job.job_id"], name="delivery_of"),
    Index("outbox_by_turn", "site_id", "status", "not_before_us"),
    Index("outbox_by_endpoint", "site_id", "endpoint", "status"),
    Index("outbox_by_job", "tenant", "env", "job_id", "seq"),
)
"""Callbacks that are to be sent. The address is sealed, for it may hold a secret; `endpoint` is a keyed digest of its
host, which keeps deliveries to one receiver apart from the others."""

api_token = _owned(
    "api_token",
    Column("public_id", String(32), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("user_id", String(128), nullable=False),
    Column("role", String(64), nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("site_id", String(64), nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger, nullable=False),
    Column("revoked_at_us", BigInteger),
    UniqueConstraint("public_id", name="token_public_id_once"),
    Index("api_token_by_user", "tenant", "env", "user_id", "seq"),
)

signing_secret = _owned(
    "signing_secret",
    Column("secret_id", String(34), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("created_by", String(128), nullable=False),
    Column("site_id", String(64), nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("expires_at_us", BigInteger),
    UniqueConstraint("tenant", "env", "secret_id", name="signing_secret_id_once"),
)

paused_queue = Table(
    "paused_queue",
    metadata,
    Column("site_id", String(64), primary_key=True),
    Column("queue", String(64), primary_key=True),
    Column("paused_by", String(128), nullable=False),
    Column("paused_at_us", BigInteger, nullable=False),
)
"""A row holds its queue back. Queues belong to a site and are shared by its tenants."""

worker = Table(
    "worker",
    metadata,
    Column("site_id", String(64), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("queues", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("job_id", String(34), nullable=False),
    Column("started_at_us", BigInteger, nullable=False),
    Column("seen_at_us", BigInteger, nullable=False),
)
"""When each worker was last heard of. Like queues they belong to a site and work for all its tenants."""

APPEND_ONLY = ("observation", "audit")
"""Tables whose rows a trigger of the database refuses to change or delete."""
