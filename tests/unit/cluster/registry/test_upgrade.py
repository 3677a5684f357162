"""A database of an older reelwright, with rows in it, opens at the newest schema and has lost nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

import cluster.registry
from cluster.registry import database as opening
from cluster.registry.database import Database
from cluster.registry.tables import SCHEMA_REVISION, metadata

ROWS = {
    "artifact": {
        "artifact_id": "a_1", "identity": "i" * 64, "output": "film", "kind": "video", "stage": "shot",
        "stage_version": "1", "content_hash": "c" * 64, "size_bytes": 7, "media_type": "video/mp4",
        "schema_version": "", "parameters": "{}", "origin": "local", "backend": "{}", "rights": "{}", "meta": "{}",
        "cost_usd": 0.5, "pinned": True, "site_id": "s", "created_at_us": 1_777_636_800_000_250,
    },
    "artifact_parent": {"artifact_id": "a_1", "ordinal": 0, "parent_id": "a_1", "role": "self"},
    "run": {
        "run_id": "r", "project_id": "p", "status": "failed", "waiting_on": "", "process": "x", "site_id": "s",
        "started_at_us": 1, "error_code": "defect", "error": "boom", "summary": "{}",
    },
    "stage_attempt": {
        "run_id": "r", "stage": "shot", "item": "", "identity": "i" * 64, "state": "done", "cache_hit": False,
        "started_at_us": 1, "error_code": "", "error": "",
    },
    "observation": {
        "kind": "upload", "occurrence": "o", "rank": 0, "payload_hash": "h", "payload": "{}", "actor": "ann",
        "site_id": "s", "observed_at_us": 1,
    },
    "audit": {
        "at_us": 1, "actor": "ann", "role": "operator", "action": "x", "subject": "y", "payload_hash": "h",
        "payload": "{}", "site_id": "s",
    },
}  # fmt: skip
"""One row of every table of 0001."""


def downgraded(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database at `url` as 0001 made it, with its rows."""

    def only_first(connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(cluster.registry.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")

    with monkeypatch.context() as patch:
        patch.setattr(opening, "_migrate", only_first)
        old = Database.open(url)
    with old.write() as connection:
        for table, row in ROWS.items():
            columns = {"tenant": "t", "env": "dev", **row}
            names, values = ", ".join(columns), ", ".join(f":{name}" for name in columns)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), columns)
    old.close()


def contents(database: Database) -> dict[str, list[dict[str, object]]]:
    with database.read() as connection:
        return {
            table: [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]
            for table in ROWS
        }


def test_database_of_0001_opens_with_all_its_rows_and_the_new_tables(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'registry.sqlite3'}"
    downgraded(url, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "SCHEMA_REVISION", "0001")
        old = Database.open(url)
    before = contents(old)
    old.close()
    assert {table: len(rows) for table, rows in before.items()} == dict.fromkeys(ROWS, 1)

    database = Database.open(url)
    with database.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == SCHEMA_REVISION
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert contents(database) == before
    with pytest.raises(Exception, match="append-only"), database.write() as connection:
        connection.execute(text("DELETE FROM audit"))
    database.close()
