"""Opening the database: its version, its schema, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import cluster.registry
from cluster.registry.database import Database, check_sqlite_version
from cluster.registry.tables import APPEND_ONLY, SCHEMA_REVISION, metadata
from schemas.errors import Defect, InvalidInput, SchemaUnsupported, Unavailable


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'registry.sqlite3'}"


@pytest.fixture
def database(url):
    opened = Database.open(url)
    yield opened
    opened.close()


def test_newest_migration_is_the_one_that_open_expects():
    config = Config()
    config.set_main_option("script_location", str(Path(cluster.registry.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA_REVISION


def test_migrations_make_exactly_the_declared_tables(database):
    with database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        triggers = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
    assert differences == []
    assert triggers == {f"{table}_no_{verb}" for table in APPEND_ONLY for verb in ("UPDATE", "DELETE")}


def test_open_uses_wal_full_and_foreign_keys(database):
    with database.read() as connection:
        settings = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]


def test_open_of_a_database_from_the_future_says_so(url, database):
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaUnsupported, match="'9999'"):
        Database.open(url)


def test_open_of_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "registry.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(Defect, match="not a database"):
        Database.open(f"sqlite:///{tmp_path / 'registry.sqlite3'}")


@pytest.mark.parametrize("bad", ["", "mysql://host/x", "sqlite://", "//nothing"])
def test_open_of_an_unknown_url_is_refused(bad):
    with pytest.raises(InvalidInput, match="database_url"):
        Database.open(bad)


def test_open_without_a_server_is_unavailable_and_hides_the_password(tmp_path):
    with pytest.raises(Unavailable) as raised:
        Database.open(f"postgresql://ann:hunter2@/x?host={tmp_path}")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("version", "safe"), [((3, 51, 2), False), ((3, 51, 3), True), ((3, 40, 1), False), ((4, 0), True)]
)
def test_sqlite_with_the_wal_reset_bug_is_refused(version, safe):
    if safe:
        check_sqlite_version(version)
    else:
        with pytest.raises(Defect, match=r"3\.51\.3"):
            check_sqlite_version(version)


def test_write_that_fails_leaves_nothing(database):
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'x'"))
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == SCHEMA_REVISION


def test_read_while_another_writes_sees_the_old_state_and_does_not_wait(url, database):
    other = Database.open(url)
    with database.write() as writing:
        writing.execute(text("UPDATE alembic_version SET version_num = 'x'"))
        with other.read() as reading:
            assert reading.execute(text("SELECT version_num FROM alembic_version")).scalar() == SCHEMA_REVISION
    other.close()


def test_statement_error_hides_its_parameters(database):
    with pytest.raises(Defect) as raised, database.write() as connection:
        connection.execute(text("INSERT INTO audit (actor) VALUES (:actor)"), {"actor": "hunter2"})
    assert "hunter2" not in str(raised.value) + str(raised.value.__cause__)
