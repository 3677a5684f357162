"""`kill -9` at any moment: the next run completes, and nothing is lost, doubled or torn.

Run by `test_kill.py` in a process of its own. A child is forked from it, which has everything imported, and runs the
film of a small project into an empty store; it is killed, the store is examined, and another child goes on with it. The
film is 160 x 90 at 12 frames a second. In ordinary runs a store is killed several times before its film is whole, so
that each kill costs the work between two kills and not a film; in the soak every kill has a store of its own.
"""

from __future__ import annotations

import hashlib
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite3
import pytest

from pipelines.progress import Silent

RANDOM_KILLS = 40
SOAK_KILLS = 1_000


class Moments(Silent):
    """Names the moments of a run, before a stage and after an item, and kills its own process at the one called `last`.

    An item whose moment is among `past` is not to be made again.
    """

    def __init__(self, last: str = "", past: Collection[str] = ()) -> None:
        super().__init__()
        self.last, self.past = last, past
        self.names: list[str] = []
        self._stages = 0

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        self._stages += 1  # a stage begins more than once, and begins in a run that finds all of it done
        self._moment(f"{self._stages} {stage}")

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        name = f"{stage} {item}"
        assert name not in self.past, f"{name} was made again"
        self._moment(name)

    def _moment(self, name: str) -> None:
        self.names.append(name)
        if name == self.last:
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
    """The film of an undisturbed run, how long it took, how long it took to find all of it done, and its moments."""
    studio = studio_at(tmp_path_factory.mktemp("reference"))
    source = studio.write()
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        (film,) = finish([studio], [source])
        seconds.append(time.perf_counter() - started)
    other, moments = studio_at(tmp_path_factory.mktemp("counted")), Moments()
    other.run(other.write(), progress=moments)
    assert len(set(moments.names)) == len(moments.names) > 40
    return {
        "film": film, "seconds": seconds[0], "again_s": seconds[1], "moments": moments.names, "rows": examine(studio),
    }  # fmt: skip


Kill = Callable[[Sequence[Any], Sequence[Path]], None]
"""Starts runs in some studios and kills them, once or more often."""


def kill_and_finish(studios: Sequence[Any], reference: dict[str, Any], kill: Kill) -> None:
    sources = [studio.write() for studio in studios]
    kill(studios, sources)
    assert finish(studios, sources) == [reference["film"]] * len(studios)
    for studio in studios:
        assert examine(studio) == reference["rows"], "something was lost or doubled"
        assert list((studio.store / "scratch").iterdir()) == [], "the killed run's scratch was not swept"
        shutil.rmtree(studio.folder)


def kill_at(moments: Sequence[str], studio: Any, source: Path) -> None:
    """Kills one run after the other at these moments, each of which the one before did not live to see."""
    rows = 0
    for number, moment in enumerate(moments):
        progress = Moments(moment, moments[:number])
        _, status = os.waitpid(forked(lambda progress=progress: studio.run(source, progress=progress)), 0)
        assert os.WIFSIGNALED(status), f"the moment {moment!r} was not reached, or something was made again"
        before, rows = rows, examine(studio)
        assert rows >= before, f"rows are gone after the kill at {moment!r}"


@pytest.mark.timeout(900)
def test_killed_at_every_boundary_the_rerun_completes(
    make_studio: Callable[[str], Any], reference: dict[str, Any]
) -> None:
    """One run after the other lives one boundary longer, on what all before it left; the last one completes."""
    kill_and_finish(
        [make_studio("s")], reference, lambda studios, sources: kill_at(reference["moments"], studios[0], sources[0])
    )


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_killed_at_every_boundary_of_a_first_run_the_rerun_completes(
    make_studio: Callable[[str], Any], reference: dict[str, Any]
) -> None:
    for moment in reference["moments"]:
        kill_and_finish(
            [make_studio("s")],
            reference,
            lambda studios, sources, moment=moment: kill_at([moment], studios[0], sources[0]),
        )


def kill_after(waits_s: Sequence[float], studios: Sequence[Any], sources: Sequence[Path]) -> int:
    """Kills runs that start side by side, each after its time; how many of them were not done by then."""
    started = time.monotonic()
    children = [forked(lambda one=one: one[0].run(one[1])) for one in zip(studios, sources, strict=True)]
    for wait_s, child in sorted(zip(waits_s, children, strict=True)):
        ends = os.pidfd_open(child)
        select.select([ends], [], [], max(0.0, started + wait_s - time.monotonic()))
        os.close(ends)
        os.kill(child, signal.SIGKILL)
    return sum(os.WIFSIGNALED(os.waitpid(child, 0)[1]) for child in children)


def random_kills(
    make_studio: Callable[[str], Any], reference: dict[str, Any], count: int, seed: int, each: int
) -> None:
    """At least `count` kills, `each` of them on one store, at moments that are spread over the making of the film; as many
    runs side by side as there are CPUs."""
    chosen, width = random.Random(seed), len(os.sched_getaffinity(0))
    kills = hits = 0

    def kill(studios: Sequence[Any], sources: Sequence[Path]) -> None:
        nonlocal kills, hits
        waits = [waits_of_a_store() for _ in studios]
        for of_this_turn in zip(*waits, strict=True):
            hits += kill_after(of_this_turn, studios, sources)
            kills += len(studios)
            for studio in studios:
                examine(studio)

    def waits_of_a_store() -> list[float]:
        """A run first finds done what those before it made."""
        moments = sorted(chosen.uniform(0, reference["seconds"]) for _ in range(each))
        return [moments[0], *(after - before + reference["again_s"] for before, after in pairwise(moments))]

    while kills < count:
        kill_and_finish([make_studio(f"s{kills + k}") for k in range(width)], reference, kill)
    assert hits > kills / 4, "most runs were done before they were killed"


@pytest.mark.timeout(1200)
def test_killed_at_random_moments_the_rerun_completes(
    make_studio: Callable[[str], Any], reference: dict[str, Any]
) -> None:
    random_kills(make_studio, reference, RANDOM_KILLS, seed=1, each=4)


RAY_KILLS = 3

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
        assert folders, "it renders without Ray"
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
    """The temporary folders whose owner is this process, as their names say."""
    return [path for path in Path("/tmp").glob("rw*") if path.name.split(".")[2:3] == [str(process_id)]]


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
def test_killed_a_thousand_times_the_rerun_completes(
    make_studio: Callable[[str], Any], reference: dict[str, Any]
) -> None:
    random_kills(make_studio, reference, SOAK_KILLS, seed=2, each=1)
