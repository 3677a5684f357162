"""`kill -9` at any moment: the next run completes, and nothing is lost, doubled or torn.

A child is forked from this process, which has everything imported, and runs the film of a small project into an empty
store; it is killed, the store is examined, and a second child finishes the film. The film is 160 x 90 at 12 frames a
second, so that a hundred kills fit into minutes.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite3
import pytest

from pipelines.progress import Silent

RANDOM_KILLS = 100
SOAK_KILLS = 1_000


class Counting(Silent):
    """Kills its own process at the n-th moment of a run, before or after a stage or an item."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at
        self.seen = 0

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        self._moment()

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        self._moment()

    def _moment(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def forked(call: Callable[[], Any]) -> int:
    """Process id of a child that runs `call` and exits 0, or 1 when it raises."""
    child = os.fork()
    if child == 0:
        try:
            call()
        except BaseException as exc:  # noqa: BLE001 - a child of a test must never return into pytest
            os.write(2, f"{type(exc).__name__}: {exc}\n".encode())
            os._exit(1)
        os._exit(0)
    return child


def finish(studio: Any, source: Path) -> str:
    """Runs to the end in a child and returns the film's hash."""

    def run() -> None:
        report = studio.run(source)
        if report.status != "completed":
            raise AssertionError(f"{report.status}: {report.error}")

    _, status = os.waitpid(forked(run), 0)
    assert status == 0
    return hashlib.sha256((studio.out / "episode.mp4").read_bytes()).hexdigest()


def examine(studio: Any) -> int:
    """Checks that every row has its bytes, whole, and the database is sound; returns the number of rows."""
    if not (studio.store / "registry.sqlite3").exists():
        return 0
    with sqlite3.connect(studio.store / "registry.sqlite3") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        tables = {name for (name,) in database.execute("select name from sqlite_master where type='table'")}
        if "artifact" not in tables:
            return 0
        rows = database.execute("select identity, output, content_hash from artifact").fetchall()
    assert len({(identity, output) for identity, output, _ in rows}) == len(rows), "an output was recorded twice"
    blobs = {path.parent.name + path.name: path for path in studio.store.rglob("blobs/sha256/*/*")}
    for _, _, content_hash in rows:
        path = blobs.get(content_hash) or next(p for name, p in blobs.items() if name.endswith(content_hash))
        assert hashlib.sha256(path.read_bytes()).hexdigest() == content_hash
    return len(rows)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, studio_at: Callable[[Path], Any]) -> dict[str, Any]:
    """The film of an undisturbed run, how long it took, and how many moments it had."""
    studio = studio_at(tmp_path_factory.mktemp("reference"))
    source = studio.write()
    counting = Counting(at=0)
    started = time.perf_counter()
    film = finish(studio, source)
    seconds = time.perf_counter() - started
    other = studio_at(tmp_path_factory.mktemp("counted"))
    other.run(other.write(), progress=counting)
    return {"film": film, "seconds": seconds, "moments": counting.seen, "rows": examine(studio)}


def kill_and_finish(studio: Any, reference: dict[str, Any], kill: Callable[[Path], None]) -> None:
    source = studio.write()
    kill(source)
    examine(studio)
    assert finish(studio, source) == reference["film"]
    assert examine(studio) == reference["rows"], "something was lost or doubled"
    assert list((studio.store / "scratch").iterdir()) == [], "the killed run's scratch was not swept"


@pytest.mark.timeout(600)
def test_killed_at_every_boundary_the_rerun_completes(make_studio: Callable[[str], Any], reference: dict[str, Any]) -> None:
    assert reference["moments"] > 40
    for moment in range(1, reference["moments"] + 1):
        studio = make_studio(f"boundary{moment}")

        def kill(source: Path, studio: Any = studio, moment: int = moment) -> None:
            _, status = os.waitpid(forked(lambda: studio.run(source, progress=Counting(moment))), 0)
            assert os.WIFSIGNALED(status), f"moment {moment} was never reached"

        kill_and_finish(studio, reference, kill)


def random_kills(make_studio: Callable[[str], Any], reference: dict[str, Any], count: int, seed: int) -> None:
    moments = random.Random(seed)
    for number in range(count):
        studio = make_studio(f"random{number}")
        wait_s = moments.uniform(0, reference["seconds"])

        def kill(source: Path, studio: Any = studio, wait_s: float = wait_s) -> None:
            child = forked(lambda: studio.run(source))
            time.sleep(wait_s)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

        kill_and_finish(studio, reference, kill)


@pytest.mark.timeout(900)
def test_killed_at_random_moments_the_rerun_completes(make_studio: Callable[[str], Any], reference: dict[str, Any]) -> None:
    random_kills(make_studio, reference, RANDOM_KILLS, seed=1)


@pytest.mark.soak
def test_killed_a_thousand_times_the_rerun_completes(make_studio: Callable[[str], Any], reference: dict[str, Any]) -> None:
    random_kills(make_studio, reference, SOAK_KILLS, seed=2)
