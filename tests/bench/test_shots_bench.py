"""Shot detection against a plain decode and against PySceneDetect, and its precision and recall on random films.

A minute of 720p is generated: photographs panned, zoomed, cut, dissolved and faded, with the noise of a camera. Every
round runs every contender once; ratios are of the same round, and the median round is printed.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from actors.visual.opencv import OpencvVisualMeta
from actors.visual.signals import measured
from pipelines.analysis.boundaries import Boundary, find_boundaries
from pipelines.media.frame_reader import FrameReader
from pipelines.media.thumbs import ThumbMaker
from tests.bench.peers.environment import HERE, peer_python
from tests.boundary_scores import score
from tests.clips import Truth, broll_film
from tests.random_films import random_film
from tests.shot_films import track_of

SECONDS = 60
ROUNDS = 5
THREADS = (2, 1)
RANDOM_FILMS = 60


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    path = tmp_path_factory.mktemp("shots") / "minute.mp4"
    return path, broll_film(path, seconds=SECONDS, width_px=1280, height_px=720, rate=30, music=False)


@pytest.fixture(scope="module")
def engine() -> OpencvVisualMeta:
    made = OpencvVisualMeta()
    made.load()
    return made


def plain(path: Path, threads: int) -> int:
    """Frames of a film, decoded and let go."""
    with FrameReader(path, threads=threads) as reader:
        return sum(1 for _ in reader.frames())


def shots(path: Path, threads: int, engine: OpencvVisualMeta) -> tuple[Boundary, ...]:
    maker = ThumbMaker()
    with FrameReader(path, threads=threads) as reader:
        frames = ((one.pts, maker.thumb(one.frame)) for one in reader.frames())
        return find_boundaries(measured(frames, engine.infer, engine.spec.batch))


@dataclass(frozen=True)
class Taken:
    """Of one run: seconds on the clock, and of all processors together, which other work disturbs less."""

    clock_s: float
    processor_s: float


def seconds(work: Callable[[], object]) -> float:
    return taken(work).clock_s


def taken(work: Callable[[], object]) -> Taken:
    clock_s, processor_s = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - clock_s, time.process_time() - processor_s)


def scenedetect(python: Path, path: Path) -> dict[str, Taken]:
    """What each of PySceneDetect's backends takes, importing aside."""
    command = [str(python), str(HERE / "run_scenedetect.py"), str(path)]
    answer = subprocess.run(command, check=True, capture_output=True, timeout=600)
    return {
        f"PySceneDetect {name}": Taken(one["clock_s"], one["processor_s"])
        for name, one in json.loads(answer.stdout).items()
    }


def test_shot_detection_against_plain_decode_and_scenedetect(clip, engine, capsys):
    path, truth = clip
    with capsys.disabled():
        python = peer_python("scenedetect")
    rounds: list[dict[str, Taken]] = []
    for _ in range(ROUNDS):
        round_: dict[str, Taken] = {}
        for threads in THREADS:
            round_[f"decode {threads}"] = taken(lambda threads=threads: plain(path, threads))
            round_[f"shots {threads}"] = taken(lambda threads=threads: shots(path, threads, engine))
        if python is not None:
            round_ |= scenedetect(python, path)
        rounds.append(round_)
    found = shots(path, 2, engine)
    with capsys.disabled():
        print(f"\n{SECONDS} s of 1280x720 at 30 a second, {ROUNDS} rounds; times a plain decode with as many threads:")
        for name in rounds[0]:
            print(row(name, rounds, f"decode {name[-1]}" if name[-1] in "12" else "decode 2"))
        print(f"cuts found {[one.first_frame for one in found if one.kind == 'cut']}, there {list(truth.cuts)}")
    assert [one.first_frame for one in found if one.kind == "cut"] == list(truth.cuts)


def row(name: str, rounds: Sequence[dict[str, Taken]], against: str) -> str:
    """One contender in words: its best round against the best plain decode, and the middle one of all rounds."""
    best = min(one[name].clock_s for one in rounds)
    least = min(one[against].clock_s for one in rounds)
    middle = median(one[name].clock_s / one[against].clock_s for one in rounds)
    processor = min(one[name].processor_s for one in rounds) / min(one[against].processor_s for one in rounds)
    return (
        f"{name:24} best {best:6.2f} s: {best / least:5.2f}x, median round {middle:5.2f}x, "
        f"processor time {processor:5.2f}x {against}"
    )


def test_cost_of_each_step_a_frame(clip, engine, capsys):
    path, _ = clip
    maker = ThumbMaker()
    with FrameReader(path) as reader:
        frames = [one.frame for one, _ in zip(reader.frames(), range(60), strict=False)]
    thumbs = [(number, maker.thumb(frame)) for number, frame in enumerate(frames)]
    track = measured(thumbs, engine.infer, 64)
    steps = {
        "thumb": lambda: [maker.thumb(frame) for frame in frames],
        "signals, 64 at a time": lambda: measured(thumbs, engine.infer, 64),
        "signals, 8 at a time": lambda: measured(thumbs, engine.infer, 8),
        "boundaries": lambda: find_boundaries(track),
    }
    with capsys.disabled():
        print()
        for name, work in steps.items():
            print(f"{name:24} {min(seconds(work) for _ in range(9)) / len(frames) * 1e6:6.0f} us a frame")
    assert len(track) == 60


def test_precision_and_recall_by_kind_on_random_films(capsys):
    scores = score((film.boundaries, track_of(film.frames)) for film in map(random_film, range(RANDOM_FILMS)))
    with capsys.disabled():
        print(f"\n{RANDOM_FILMS} random films, cuts within 1 frame, others by overlap of 0.3")
        for one in scores.values():
            print(one)
    assert min(one.f1 for one in scores.values()) > 0.9


def test_boundaries_of_many_hours_need_little_memory(engine, capsys):
    import resource

    track = track_of(random_film(3).frames)
    count = 1_000_000
    repeats = count // len(track) + 1
    signals = np.tile(track.signals, repeats)[:count]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    long = type(track)(np.arange(count), signals, track.first, track.last)
    taken = seconds(lambda: find_boundaries(long))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    with capsys.disabled():
        print(f"\n{count} frames (9 h at 30 a second): {signals.nbytes / 1e6:.0f} MB of signals, ", end="")
        print(f"{taken:.1f} s and {grown:.0f} MB more for their boundaries")
    assert grown < 2 * signals.nbytes / 1e6
