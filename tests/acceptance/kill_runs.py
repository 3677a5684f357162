"""`kill -9` at any moment: the next run completes, and nothing is lost, doubled or torn.

Run by `test_kill.py` in a process of its own. A child is forked from it, which has everything imported, and runs the
film of a small project into an empty store; it is killed, the store is examined, and a second child finishes the film.
The film is 160 x 90 at 12 frames a second, so that dozens of kills fit into a minute or two; `make soak` has every
boundary and a thousand random moments.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite3
import pytest

from pipelines.progress import Silent

EVERY_BOUNDARY = 3
"""Of so many one in an ordinary run."""

RANDOM_KILLS = 12
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


def completing(studio: Any, source: Path) -> Callable[[], None]:
    """A run that must complete."""

    def run() -> None:
        report = studio.run(source)
        if report.status != "completed":
            raise AssertionError(f"{report.status}: {report.error}")

    return run


def finish(studios: Sequence[Any], sources: Sequence[Path]) -> list[str]:
    """Runs to the end in one child a studio, side by side, and returns the hashes of the films."""
    children = [forked(completing(studio, source)) for studio, source in zip(studios, sources, strict=True)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(children)
    return [hashlib.sha256((studio.out / "episode.mp4").read_bytes()).hexdigest() for studio in studios]


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
    (film,) = finish([studio], [source])
    seconds = time.perf_counter() - started
    other = studio_at(tmp_path_factory.mktemp("counted"))
    other.run(other.write(), progress=counting)
    return {"film": film, "seconds": seconds, "moments": counting.seen, "rows": examine(studio)}


Kill = Callable[[Any, Path], list[int]]
"""Starts a run that is killed; the processes to wait for, the run last."""


def kill_and_finish(studios: Sequence[Any], reference: dict[str, Any], kills: Sequence[Kill]) -> None:
    sources = [studio.write() for studio in studios]
    children = [kill(studio, source) for studio, source, kill in zip(studios, sources, kills, strict=True)]
    ends = [[os.waitpid(child, 0)[1] for child in own][-1] for own in children]
    assert set(ends) <= {0, signal.SIGKILL}, f"neither killed nor completed: {ends}"
    for studio in studios:
        examine(studio)
    assert finish(studios, sources) == [reference["film"]] * len(studios)
    for studio in studios:
        assert examine(studio) == reference["rows"], "something was lost or doubled"
        assert list((studio.store / "scratch").iterdir()) == [], "the killed run's scratch was not swept"
        shutil.rmtree(studio.folder)


def in_batches(make_studio: Callable[[str], Any], reference: dict[str, Any], kills: Sequence[Kill]) -> None:
    """As many runs side by side as there are CPUs."""
    width = len(os.sched_getaffinity(0))
    for first in range(0, len(kills), width):
        batch = kills[first : first + width]
        kill_and_finish([make_studio(f"s{first + k}") for k in range(len(batch))], reference, batch)


def kills_at_boundaries(make_studio: Callable[[str], Any], reference: dict[str, Any], step: int) -> None:
    def kill_at(moment: int) -> Kill:
        def run(studio: Any, source: Path) -> None:
            studio.run(source, progress=Counting(moment))
            raise AssertionError(f"moment {moment} was never reached")

        return lambda studio, source: [forked(lambda: run(studio, source))]

    assert reference["moments"] > 40
    in_batches(make_studio, reference, [kill_at(moment) for moment in range(1, reference["moments"] + 1, step)])


@pytest.mark.timeout(900)
def test_killed_at_boundaries_the_rerun_completes(make_studio: Callable[[str], Any], reference: dict[str, Any]) -> None:
    kills_at_boundaries(make_studio, reference, EVERY_BOUNDARY)


def random_kills(make_studio: Callable[[str], Any], reference: dict[str, Any], count: int, seed: int) -> None:
    moments = random.Random(seed)

    def kill_after(wait_s: float) -> Kill:
        def kill(studio: Any, source: Path) -> list[int]:
            child = forked(lambda: studio.run(source))
            return [forked(lambda: (time.sleep(wait_s), os.kill(child, signal.SIGKILL))), child]

        return kill

    in_batches(make_studio, reference, [kill_after(moments.uniform(0, reference["seconds"])) for _ in range(count)])


@pytest.mark.timeout(1200)
def test_killed_at_random_moments_the_rerun_completes(
    make_studio: Callable[[str], Any], reference: dict[str, Any]
) -> None:
    random_kills(make_studio, reference, RANDOM_KILLS, seed=1)


RAY_KILLS = 1

_ON_RAY = """
import sys
import pipelines.executors
pipelines.executors.RAY_START_S = -1.0
from serve.cli import main
main()
"""
"""`reelwright` in a process of its own, in which Ray always pays; Ray does not survive a fork."""


@pytest.mark.timeout(300)
def test_killed_with_ray_the_rerun_completes_and_no_process_stays(
    make_studio: Callable[[str], Any], reference: dict[str, Any]
) -> None:
    moments, left = random.Random(3), list[Path]()
    for number in range(RAY_KILLS):
        studio = make_studio(f"ray{number}")
        source = studio.write()
        started = start_on_ray(studio, source)
        assert started.stderr is not None
        while "Rendering shots" not in (line := started.stderr.readline()):
            assert line, "the run ended before it rendered"
        time.sleep(moments.uniform(0.5, 6))
        folders = ray_folders_of(started.pid)
        started.kill()
        started.wait()
        started.stderr.close()
        examine(studio)
        again = start_on_ray(studio, source)
        _, said = again.communicate(timeout=120)
        assert again.returncode == 0, said
        assert hashlib.sha256((studio.out / "episode.mp4").read_bytes()).hexdigest() == reference["film"]
        assert examine(studio) == reference["rows"]
        assert not any(folder.exists() for folder in folders), "the killed run's Ray folder was not swept"
        left += folders
    wait_until_gone(left)


def start_on_ray(studio: Any, source: Path) -> subprocess.Popen[str]:
    words = ["run", str(source), "--out", str(studio.out), "--store", str(studio.store)]
    return subprocess.Popen([sys.executable, "-c", _ON_RAY, *words], stderr=subprocess.PIPE, text=True)


def ray_folders_of(process_id: int) -> list[Path]:
    """The temporary folders whose owner is this process."""
    owners = {path.parent: path.read_text() for path in Path("/tmp").glob("rw*/owner")}
    return [folder for folder, owner in owners.items() if owner.split("/")[-2:-1] == [str(process_id)]]


def wait_until_gone(folders: Sequence[Path], seconds: float = 60) -> None:
    """Waits for the end of every process that was started with one of these folders; Ray's agents take half a minute."""
    names = [str(folder).encode() for folder in folders]
    until = time.monotonic() + seconds
    while left := [process for process in Path("/proc").glob("[0-9]*") if mentions(process, names)]:
        assert time.monotonic() < until, f"left behind: {left}"
        time.sleep(0.5)


def mentions(process: Path, names: Sequence[bytes]) -> bool:
    try:
        said = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
    except OSError:  # it ended, or is another user's
        return False
    return any(name in said for name in names)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_killed_at_every_boundary_and_a_thousand_times_the_rerun_completes(
    make_studio: Callable[[str], Any], reference: dict[str, Any]
) -> None:
    kills_at_boundaries(make_studio, reference, 1)
    random_kills(make_studio, reference, SOAK_KILLS, seed=2)
