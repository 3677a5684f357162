"""The ground: artifacts, their parents, runs, stage attempts, observations and audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SQLITE_GUARD = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""

_POSTGRESQL_REFUSAL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""

_POSTGRESQL_GUARD = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""


def upgrade() -> None:
    """Create the tables, and the triggers that keep observation and audit append-only."""
    _create_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(_POSTGRESQL_REFUSAL)
    guard = _SQLITE_GUARD if sqlite else _POSTGRESQL_GUARD
    for table in ("observation", "audit"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(guard.format(table=table, verb=verb))


def _create_tables() -> None:
    op.create_table(
        "artifact",
        sa.Column("seq", _SEQ, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("env", sa.String(length=64), nullable=False),
        sa.Column("artifact_id", sa.String(length=34), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("output", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=128), nullable=False),
        sa.Column("stage_version", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=255), nullable=False),
        sa.Column("schema_version", sa.String(length=64), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("meta", sa.Text(), nullable=False),
        sa.Column("cost_usd", sa.Float(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("site_id", sa.String(length=64), nullable=False),
        sa.Column("created_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "env", "artifact_id", name="artifact_id_once"),
        sa.UniqueConstraint("tenant", "env", "identity", "output", name="artifact_identity_once"),
    )
    op.create_index("artifact_by_content", "artifact", ["tenant", "env", "content_hash"], unique=False)
    op.create_index("artifact_by_kind", "artifact", ["tenant", "env", "kind", "seq"], unique=False)
    op.create_table(
        "audit",
        sa.Column("seq", _SEQ, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("env", sa.String(length=64), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=128), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("site_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("audit_by_subject", "audit", ["tenant", "env", "subject"], unique=False)
    op.create_table(
        "observation",
        sa.Column("seq", _SEQ, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("env", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=128), nullable=False),
        sa.Column("occurrence", sa.String(length=255), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("payload_hash", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("site_id", sa.String(length=64), nullable=False),
        sa.Column("observed_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "env", "kind", "occurrence", "payload_hash", name="observation_payload_once"),
        sa.UniqueConstraint("tenant", "env", "kind", "occurrence", "rank", name="observation_rank_once"),
    )
    op.create_table(
        "run",
        sa.Column("seq", _SEQ, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("env", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=128), nullable=False),
        sa.Column("project_id", sa.String(length=128), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("waiting_on", sa.String(length=128), nullable=False),
        sa.Column("process", sa.String(length=255), nullable=False),
        sa.Column("site_id", sa.String(length=64), nullable=False),
        sa.Column("started_at_us", sa.BigInteger(), nullable=False),
        sa.Column("finished_at_us", sa.BigInteger(), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "env", "run_id", name="run_id_once"),
    )
    op.create_index("run_by_project", "run", ["tenant", "env", "project_id", "seq"], unique=False)
    op.create_table(
        "artifact_parent",
        sa.Column("seq", _SEQ, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("env", sa.String(length=64), nullable=False),
        sa.Column("artifact_id", sa.String(length=34), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.String(length=34), nullable=False),
        sa.Column("role", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "env", "artifact_id"],
            ["artifact.tenant", "artifact.env", "artifact.artifact_id"],
            name="parent_of",
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "env", "parent_id"],
            ["artifact.tenant", "artifact.env", "artifact.artifact_id"],
            name="parent_is",
        ),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("tenant", "env", "artifact_id", "ordinal", name="artifact_parent_once"),
    )
    op.create_index("artifact_parent_by_parent", "artifact_parent", ["tenant", "env", "parent_id"], unique=False)
    op.create_table(
        "stage_attempt",
        sa.Column("seq", _SEQ, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("env", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=128), nullable=False),
        sa.Column("item", sa.String(length=128), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cache_hit", sa.Boolean(), nullable=False),
        sa.Column("started_at_us", sa.BigInteger(), nullable=False),
        sa.Column("finished_at_us", sa.BigInteger(), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "env", "run_id"], ["run.tenant", "run.env", "run.run_id"], name="attempt_of"
        ),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("stage_attempt_by_run", "stage_attempt", ["tenant", "env", "run_id", "seq"], unique=False)
