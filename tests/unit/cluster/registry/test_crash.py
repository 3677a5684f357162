"""Killed, or cut from power, at any point: nothing acknowledged is lost, nothing is torn, nothing is there twice."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from cluster.registry.blobs import FolderBlobStore, pass_by
from cluster.registry.database import Database
from cluster.registry.eviction import sweep_orphans
from cluster.registry.records import NewArtifact, ParentLink
from cluster.registry.registry import ArtifactRegistry
from cluster.registry.rows import now_utc
from cluster.registry.runs import RunLedger, Work
from cluster.tenancy.scope import TenantScope
from schemas.canonical import fingerprint, sha256_hex

SCOPE = TenantScope("t_local", "dev")
IDENTITIES = [fingerprint(number) for number in range(4)]
POINTS = ("temp_written", "temp_synced", "linked", "folder_synced", "before_row", "row_written", "committed")

Reached = Callable[[str], None]

_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory where Linux offers it: a killed process needs no disk to lose things, and a sync takes 5 ms on one."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path_factory.mktemp("crash")
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="reelwright-test-") as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def empty_store(folder: Path) -> Path:
    """A store with its tables and a paused run, to be copied: making them takes longer than all the rest."""
    store = folder / "empty"
    database = Database.open(url(store))
    ledger = RunLedger(database, SCOPE, "local")
    ledger.start("run", "film")
    ledger.finish("run", "in_progress")
    database.close()
    return store


@pytest.fixture
def store(empty_store: Path) -> Path:
    return copy_of(empty_store)


def copy_of(empty_store: Path) -> Path:
    return Path(shutil.copytree(empty_store, empty_store.with_name(f"store-{next(_NUMBERS)}")))


def url(store: Path) -> str:
    return f"sqlite:///{store / 'registry.sqlite3'}"


def content_of(identity: str) -> tuple[bytes, bytes]:
    return identity.encode() * 2000, b"poster of " + identity.encode()


def work_through(store: Path, reached: Reached, acknowledge: Callable[[str], None] = lambda identity: None) -> None:
    """Commit every identity that is not there yet: a chain of stages with two outputs each."""
    database = Database.open(url(store))
    blobs = FolderBlobStore(store, SCOPE, reached)
    registry = ArtifactRegistry(database, blobs, SCOPE, "local", reached=reached)
    ledger = RunLedger(database, SCOPE, "local")
    ledger.start("run", "film")
    parents: list[ParentLink] = []
    for identity in IDENTITIES:
        stored = registry.find(identity)
        if not stored:
            (attempt,) = ledger.begin("run", [Work("shot", identity)])
            film, poster = content_of(identity)
            made = store / f"made-{os.getpid()}"
            made.write_bytes(film)
            outputs = [
                NewArtifact("film", "video", blobs.put_file(made, adopt=True), "video/mp4", "", {}),
                NewArtifact("poster", "image", blobs.put_bytes(poster), "image/png", "", {}),
            ]
            made.unlink()
            stored = registry.commit(
                identity=identity, stage="shot", stage_version="1", parameters={}, parents=parents,
                outputs=outputs, backend={}, attempt=attempt,
            )  # fmt: skip
        acknowledge(identity)
        parents = [ParentLink(stored["film"].artifact_id, "previous")]
    ledger.finish("run", "completed")
    database.close()


def in_child(action: Callable[[], None]) -> int:
    """Fork a child that runs `action`; gives its process id. Nothing of the parent's runs at its exit."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    return child


def exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dies_at(point: str, visit: int, loss: Callable[[], None] = lambda: None) -> Reached:
    """A crash at the `visit`-th time that `point` is reached; `loss` is what the crash takes with it."""
    visits = dict.fromkeys(POINTS, 0)

    def reached(here: str) -> None:
        visits[here] += 1
        if here == point and visits[here] == visit:
            loss()
            os._exit(9)

    return reached


def check_whole(store: Path) -> set[str]:
    """What is committed, after checking that every row has its bytes and every blob is what its name says."""
    database = Database.open(url(store))
    registry = ArtifactRegistry(database, FolderBlobStore(store, SCOPE), SCOPE, "local")
    blobs = FolderBlobStore(store, SCOPE)
    rows = registry.list()
    for row in rows:
        assert blobs.read(row.content_hash) in content_of(row.identity)
    for use in blobs.uses():
        assert sha256_hex(blobs.path(use.content_hash).read_bytes()) == use.content_hash
    committed = {row.identity for row in rows}
    assert len(rows) == 2 * len(committed)
    done = [a.work.identity for a in RunLedger(database, SCOPE, "local").attempts("run") if a.state == "done"]
    assert sorted(done) == sorted(committed)
    with database.read() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
    database.close()
    return committed


def check_rerun_completes(store: Path) -> None:
    assert exit_code(in_child(lambda: work_through(store, pass_by))) == 0
    assert check_whole(store) == set(IDENTITIES)
    database = Database.open(url(store))
    sweep_orphans(database, FolderBlobStore(store, SCOPE), older_than_s=-60, now=now_utc())
    database.close()
    assert len(list((store / SCOPE.folder / "blobs").rglob("*/*/*"))) == 2 * len(IDENTITIES)
    assert list((store / SCOPE.folder / "blobs" / "incoming").iterdir()) == []


@pytest.mark.parametrize("visit", [2])
@pytest.mark.parametrize("point", POINTS)
def test_kill_at_each_point_leaves_whole_results_and_a_rerun_completes(store, point, visit):
    assert exit_code(in_child(lambda: work_through(store, dies_at(point, visit)))) == 9
    check_whole(store)
    check_rerun_completes(store)


class PowerCut:
    """What a power cut leaves of the blobs: synced contents, under names whose folders were synced since."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._contents: set[int] = set()
        self._names: dict[Path, set[str]] = {store: {"tenants"}}
        self._fsync = os.fsync

    def fsync(self, descriptor: int) -> None:
        self._fsync(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.is_dir():
            self._names[path] = {entry.name for entry in path.iterdir()}
        else:
            self._contents.add(os.fstat(descriptor).st_ino)

    def strike(self) -> None:
        for path in list((self._store / "tenants").rglob("*")):
            if path.is_file() and not self._survives(path):
                path.unlink()
            elif path.is_file() and path.stat().st_ino not in self._contents:
                os.truncate(path, path.stat().st_size // 2)

    def _survives(self, path: Path) -> bool:
        above = [path, *path.parents]
        chain = above[: above.index(self._store)]
        return all(step.name in self._names.get(step.parent, set()) for step in chain)


@pytest.mark.parametrize("visit", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_power_cut_at_each_point_leaves_every_row_its_bytes(store, point, visit):
    def work() -> None:
        cut = PowerCut(store)
        os.fsync = cut.fsync
        work_through(store, dies_at(point, visit, cut.strike))

    assert exit_code(in_child(work)) == 9
    check_whole(store)
    check_rerun_completes(store)


@pytest.mark.parametrize("kills", [10, pytest.param(1000, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
def test_kill_at_random_moments_loses_nothing_acknowledged(empty_store, kills):
    store = copy_of(empty_store)
    began_s = time.monotonic()
    exit_code(in_child(lambda: work_through(store, pass_by)))
    whole_run_s = time.monotonic() - began_s
    moments = random.Random(7)
    numbers_done = []
    for number in range(kills):
        if number % 3 == 0:  # each store is killed three times, so that reruns are killed too
            store = copy_of(empty_store)
        acknowledged = kill_after(moments.uniform(0.0, whole_run_s), store)
        assert acknowledged <= check_whole(store)
        numbers_done.append(len(acknowledged))
    check_rerun_completes(store)
    assert 0 < sum(numbers_done) < kills * len(IDENTITIES), "the kills came all too early or all too late"


def kill_after(delay_s: float, store: Path) -> set[str]:
    """SIGKILL a child at work in `store` after `delay_s`; gives the identities that it had said were done."""
    readable, writable = os.pipe()

    def acknowledge(identity: str) -> None:
        os.write(writable, identity.encode())

    child = in_child(lambda: work_through(store, pass_by, acknowledge))
    os.close(writable)
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    exit_code(child)
    with os.fdopen(readable, "rb") as pipe:
        said = pipe.read().decode()
    return {said[start : start + 64] for start in range(0, len(said), 64)}


def test_killed_run_is_shown_as_interrupted_with_its_open_attempt(store):
    assert exit_code(in_child(lambda: work_through(store, dies_at("row_written", 2)))) == 9
    database = Database.open(url(store))
    ledger = RunLedger(database, SCOPE, "local")

    assert ledger.get("run").status == "interrupted"
    assert [attempt.state for attempt in ledger.attempts("run")] == ["done", "interrupted"]
    database.close()
