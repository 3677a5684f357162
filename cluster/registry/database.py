"""The database of the registry: one SQLite file, or PostgreSQL, behind the same two verbs `read` and `write`.

SQLite runs in WAL mode with `synchronous=FULL`: a commit that returned survives a power cut (0.3 ms each, so no other
mode is offered). It comes from the pysqlite3 wheel, because the one inside Python 3.11 has the WAL-reset bug, which
can corrupt a file that two connections write (fixed in SQLite 3.51.3). Writers take the lock when they begin, so none
finds half-way through that it has read what another has changed since.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from cluster.registry.tables import SCHEMA_REVISION
from schemas.errors import Defect, InvalidInput, SchemaUnsupported, Unavailable

SQLITE_FLOOR = (3, 51, 3)
"""First SQLite without the WAL-reset bug."""

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another; a registry transaction takes milliseconds."""

_BUSY_OR_AWAY = (OperationalError, InterfaceError, sqlite.OperationalError)

_SCHEMA_LOCK = 0x7265656C
"""Key of the PostgreSQL advisory lock held while the schema is upgraded ("reel")."""


class Database:
    """An open database at the newest schema. Not for use across `fork`: open one per process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Database:
        """The database at `url` (`sqlite:///file` or `postgresql://…`), created and upgraded when it must be.

        Processes that open the same database at once wait for each other.

        Raises:
            InvalidInput: `url` is neither of the two.
            SchemaUnsupported: the database was written by a newer reelwright.
            Unavailable: the server cannot be reached, or the file cannot be opened.
        """
        target = _checked(url)
        embedded = target.get_backend_name() == "sqlite"
        engine = _sqlite_engine(target) if embedded else _postgresql_engine(target)
        try:
            with _file_lock(target) if embedded else nullcontext(), _our_errors():
                if embedded:
                    _enter_wal(engine)
                _upgrade(engine)
        except BaseException as exc:
            engine.dispose()
            if isinstance(exc, Defect):
                raise Defect(f"{target.render_as_string(hide_password=True)}: {exc.message}") from exc
            raise
        return cls(engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, rolled back when an exception leaves it."""
        with _our_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads: one consistent view on SQLite, and no lock is taken."""
        with _our_errors(), self._engine.connect().execution_options(deferred=True) as connection:
            yield connection

    def alone(self, connection: Connection, name: str) -> None:
        """Let no other transaction that asks for `name` go on until this one ends.

        On SQLite a write transaction is the only one anyhow.
        """
        if self._engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})

    def snapshot(self, path: Path) -> None:
        """Writes the rows as they are now to a new SQLite file, synced, while others go on writing.

        Raises:
            InvalidInput: this is PostgreSQL, which `pg_dump` copies.
            Unavailable: the disk gave up.
        """
        if self._engine.dialect.name != "sqlite":
            raise InvalidInput("the rows are in PostgreSQL: copy them with pg_dump")
        with _our_errors(), closing(self._engine.raw_connection()) as raw, closing(sqlite.connect(str(path))) as copy:
            raw.driver_connection.backup(copy)  # type: ignore[union-attr]
        with path.open("rb") as file:
            os.fsync(file.fileno())

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def check_sqlite_version(version: tuple[int, ...]) -> None:
    """Nothing, when this SQLite is safe with several connections in WAL mode.

    Raises:
        Defect: it is older than 3.51.3.
    """
    if version < SQLITE_FLOOR:
        found, floor = (".".join(str(part) for part in numbers) for numbers in (version, SQLITE_FLOOR))
        raise Defect(f"SQLite {found!r} can corrupt a WAL file; {floor} or newer is needed: reinstall pysqlite3")


def _checked(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError as exc:
        # The text may hold a password, so it is not repeated here.
        raise InvalidInput("database_url is not a URL like sqlite:///file or postgresql://user@host/name") from exc
    if target.get_backend_name() not in ("sqlite", "postgresql"):
        raise InvalidInput(f"database_url must start with sqlite:// or postgresql://, got {target.drivername!r}")
    if target.get_backend_name() == "sqlite" and not target.database:
        raise InvalidInput(f"database_url {url!r} names no file")
    return target


def _postgresql_engine(target: URL) -> Engine:
    return create_engine(target.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)


def _sqlite_engine(target: URL) -> Engine:
    check_sqlite_version(sqlite.sqlite_version_info)
    Path(str(target.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(target, module=sqlite, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        deferred = connection.get_execution_options().get("deferred", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    return engine


def _enter_wal(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        mode = raw.cursor().execute("PRAGMA journal_mode=WAL").fetchone()[0]
    finally:
        raw.close()
    if mode != "wal":
        raise Unavailable(f"the registry's file system does not support SQLite's WAL mode (journal_mode is {mode!r})")


def _upgrade(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
        found = _revision(connection)
        if found == SCHEMA_REVISION:
            return
        if found is not None and found > SCHEMA_REVISION:
            raise SchemaUnsupported(
                f"the registry is at schema {found!r}, this reelwright reads up to {SCHEMA_REVISION!r}: "
                "use the newer reelwright that wrote it"
            )
        _migrate(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(connection: Connection) -> None:
    # Loading Alembic takes longer than a whole warm run has, and only a new or old database needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _file_lock(target: URL) -> Iterator[None]:
    # Entering WAL mode ignores the busy timeout, so the first two openers need a lock of their own.
    with Path(f"{target.database}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except PoolTimeoutError as exc:  # no error of the database: more threads ask than there are connections
        raise Unavailable("the registry's database is busy: no connection was free in time") from exc
    except (DBAPIError, sqlite.Error) as exc:  # raw ones come from what runs before SQLAlchemy has the connection
        reason = exc.orig if isinstance(exc, DBAPIError) else exc
        if isinstance(exc, _BUSY_OR_AWAY):
            raise Unavailable(f"the registry's database is busy or away: {reason}") from exc
        raise Defect(f"the registry's database refused a statement: {reason}") from exc
