"""The film pass gives the same bytes in this process, in threads and through Ray Data, whoever else is looked at beside
it, and whoever is killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from actors import catalogue
from actors.catalogue import Build, EngineChoice
from actors.placement import HostFacts
from cluster.settings import Settings
from pipelines.executors import InProcess, InThreads
from pipelines.media.frame_reader import FrameReader
from pipelines.progress import Silent
from pipelines.runner import Executor
from pipelines.streams.film_pass import SegmentTask
from pipelines.streams.ray_segments import collected, seen_rows
from pipelines.streams.segment_looker import SegmentLooker
from pipelines.streams.segment_seen import SegmentSeen
from pipelines.streams.segments import plan_segments
from pipelines.streams.stretch import FaceSampling
from schemas.errors import MediaUnreadable
from serve.cli import app
from serve.desk import open_desk
from tests.clips import face_film
from tests.deadly_engine import killing
from tests.ray_noise import NOISE

pytestmark = [pytest.mark.timeout(300), *(pytest.mark.filterwarnings(rule) for rule in NOISE)]

HOST = HostFacts(2, 16_000)
DETECTORS = ("opencv_face_detector", "stub_face_detector", "")
"""The last is nobody who looks for faces."""

DETECTOR = "opencv_face_detector"
SEGMENTS = 3
KILLED_AFTER = 1
INTERVAL_MS = 500
OPTIONS = ("--json", "--interval-ms", str(INTERVAL_MS))


@dataclass(frozen=True)
class OnSharedRay:
    """What `RaySegments` does, on the Ray that runs already."""

    build: Build = catalogue.build
    num_cpus: int = 2
    """As many actors look at once."""

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterator[tuple[int, Any, float]]:
        yield from collected(payloads, seen_rows(payloads, HOST, num_cpus=self.num_cpus, build=self.build))


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two films of three segments, each of a few stretches, with people in them."""
    folder = tmp_path_factory.mktemp("films")
    paths = [folder / "one.mp4", folder / "other.mp4"]
    for seed, path in enumerate(paths):
        face_film(path, seconds=26, width_px=128, height_px=72, rate=12, faces=2, cuts=(126, 250), lines=(), seed=seed)
    return paths


def tasks_of(film: Path, detector: str = DETECTOR) -> list[SegmentTask]:
    visual = EngineChoice("visual", "opencv_visual_meta")
    faces, sampling = (EngineChoice("faces", detector), FaceSampling(INTERVAL_MS, 20)) if detector else (None, None)
    with FrameReader(film) as reader:
        segments = plan_segments(reader.shape.times)
    return [SegmentTask(str(film), one, visual, faces, sampling) for one in segments]


def looked(executor: Executor, tasks: Sequence[SegmentTask]) -> list[bytes]:
    """The bytes of each segment."""
    found: dict[int, bytes] = {}
    with SegmentLooker() as looker:
        for index, outputs, _ in executor.run(looker, tasks):
            assert not isinstance(outputs, Exception), outputs
            found[index] = outputs["result"].content
    return [found[index] for index in range(len(tasks))]


@pytest.fixture(scope="module")
def here(films: list[Path]) -> Callable[..., list[bytes]]:
    """The segments of a film, looked at one after the other in this process."""
    known: dict[tuple[Path, str], list[bytes]] = {}

    def bytes_of(film: Path, detector: str = DETECTOR) -> list[bytes]:
        if (film, detector) not in known:
            known[film, detector] = looked(InProcess(), tasks_of(film, detector))
        return known[film, detector]

    return bytes_of


def test_films_have_several_segments_and_faces_in_them(films, here):
    for film in films:
        seen = [SegmentSeen.read(raw) for raw in here(film)]
        assert len(seen) == SEGMENTS
        assert all(len(one.track) > 96 for one in seen[:2])
        assert sum(len(one.pieces) for one in seen) > SEGMENTS
    assert not set(here(films[0])) & set(here(films[1]))


@pytest.mark.parametrize("detector", DETECTORS)
def test_looking_again_or_in_threads_gives_the_same_bytes(films, here, detector):
    tasks = [*tasks_of(films[0], detector), *tasks_of(films[1], detector)]
    expected = [*here(films[0], detector), *here(films[1], detector)]
    assert looked(InProcess(), tasks) == expected
    assert looked(InThreads(3), tasks) == expected


@pytest.mark.parametrize("detector", DETECTORS)
def test_several_films_at_once_through_ray_give_what_each_gives_alone_here(ray_hosts, films, here, detector):
    tasks = [*tasks_of(films[1], detector), *tasks_of(films[0], detector)]
    assert looked(OnSharedRay(), tasks) == [*here(films[1], detector), *here(films[0], detector)]


def test_film_that_cannot_be_read_spares_the_others_on_ray(ray_hosts, films, here, tmp_path):
    [first, *_] = tasks_of(films[0])
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(films[0].read_bytes()[:2000])
    missing = SegmentTask(str(broken), first.segment, first.visual, first.faces, first.sampling)
    given = [first, missing, *tasks_of(films[1])]
    results = {index: outputs for index, outputs, _ in OnSharedRay().run(print, given)}
    assert isinstance(results.pop(1), MediaUnreadable)
    expected = [here(films[0])[0], *here(films[1])]
    assert [results[index]["result"].content for index in sorted(results)] == expected


@pytest.mark.parametrize(("family", "nth"), [("faces", 7), ("visual", 14)], ids=["actor", "worker"])
def test_process_that_is_killed_half_way_through_ray_changes_no_byte(ray_hosts, films, here, tmp_path, family, nth):
    """The engine of faces lives in the pool's actors, the visual one in the workers that decode."""
    marker = tmp_path / "was_killed"
    on_ray = OnSharedRay(killing(family, marker, nth=nth))
    assert looked(on_ray, tasks_of(films[0])) == here(films[0])
    assert marker.exists()


def test_mtcnn_gives_the_same_bytes_here_in_threads_and_through_ray(ray_hosts, films, here):
    [first, second, _] = tasks_of(films[0], "facenet_mtcnn")
    expected = looked(InProcess(), [first, second])
    assert sum(len(SegmentSeen.read(raw).pieces) for raw in expected) > 1
    assert looked(InThreads(2), [second, first]) == expected[::-1]
    assert looked(OnSharedRay(num_cpus=1), [first, second]) == expected


class Store:
    """A store, and the command on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def regions(self, *words: str | Path) -> None:
        result = CliRunner().invoke(app, ["regions", *map(str, words), *OPTIONS, "--store", str(self.folder)])
        assert result.exit_code == 0, result.output

    def records(self) -> dict[str, str]:
        """artifact_id -> content hash of everything in the store."""
        with open_desk(Settings.load(store=self.folder)) as desk:
            return {one.artifact_id: one.content_hash for one in desk.registry.list(limit=10_000)}

    def segments(self) -> dict[str, Any]:
        """artifact_id -> when it was stored, of every segment that was looked at."""
        with open_desk(Settings.load(store=self.folder)) as desk:
            found = desk.registry.list(limit=10_000)
            return {one.artifact_id: one.created_at for one in found if one.kind == "segment_seen"}

    def looks(self) -> list[bool]:
        """Whether each segment of the latest run was found rather than looked at."""
        with open_desk(Settings.load(store=self.folder)) as desk:
            latest = desk.ledger.latest("media", limit=1)[0]
            return [one.cache_hit for one in desk.ledger.attempts(latest.run_id) if one.work.stage == "film_pass"]


@pytest.fixture
def cheap_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIDEO_REGION_BACKEND", DETECTOR)


@pytest.fixture(scope="module")
def whole(films: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that an undisturbed run in this process stores of both films, one after the other."""
    store = Store(tmp_path_factory.mktemp("whole"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VIDEO_REGION_BACKEND", DETECTOR)
        for film in films:
            store.regions(film)
    return store.records()


def test_command_stores_the_same_artifacts_again(cheap_detector, films, whole, tmp_path):
    again = Store(tmp_path)
    for film in films:
        again.regions(film)
    assert again.records() == whole


class Deadly(Silent):
    """Ends its process when so many segments are stored."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        self.left -= stage == "film_pass"
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def killed_run(store: str, film: str, *, on_ray: bool) -> None:
    """What runs in the process that dies."""
    from cluster.settings import EngineSettings
    from serve.media_commands import regions_command

    with open_desk(Settings.load(store=Path(store))) as desk:
        regions_command(
            desk, EngineSettings.load(), Deadly(KILLED_AFTER), [Path(film)], on_ray=on_ray,
            frame_sample_interval_ms=INTERVAL_MS,
        )  # fmt: skip


PROGRAM = "import sys; from tests.integration.test_stream_parity import killed_run; "


@pytest.mark.parametrize("on_ray", [False, True], ids=["here", "on_ray"])
def test_run_that_was_killed_goes_on_from_its_stored_segments_to_the_artifacts_of_a_whole_run(
    cheap_detector, films, whole, tmp_path, on_ray
):
    """Once with everything in this process, and once with everything through Ray, where both films are asked for."""
    program = f"{PROGRAM}killed_run({str(tmp_path)!r}, {str(films[0])!r}, on_ray={on_ray})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == -signal.SIGKILL, ran.stderr[-2000:]
    store = Store(tmp_path)
    stored = store.segments()
    assert KILLED_AFTER <= len(stored) < SEGMENTS

    store.regions(*films if on_ray else films[:1])
    wanted = SEGMENTS * (2 if on_ray else 1)
    assert sorted(store.looks()) == [False] * (wanted - len(stored)) + [True] * len(stored)
    assert store.segments().items() >= stored.items()

    store.regions(films[1])
    assert store.records() == whole
