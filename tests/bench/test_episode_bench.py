"""The whole run, cold, warm and after a one-line edit, for the example and for a ten-minute episode of about forty shots.

`make bench` prints wall time against the length of the film, against a plain encode of as many frames of the same size
in the same run, peak memory of all processes together, and the share that was reused. Nothing here asserts a time.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import psutil
import pytest

from schemas.shotlist import ShotList

EXAMPLE = Path("docs/examples/lighthouse")
SAMPLE_S = 0.25


@dataclass(frozen=True)
class Measured:
    """One run of the command."""

    seconds: float
    peak_mib: float
    hits: int
    misses: int
    film_s: float
    frames: int
    shots: int

    @property
    def reused(self) -> float:
        return self.hits / max(1, self.hits + self.misses)


def run(source: Path, folder: Path) -> Measured:
    """Runs `reelwright run` as a user does and samples the proportional memory of its process tree."""
    command = [sys.executable, "-m", "serve", "run", str(source), "--out", str(folder / "out")]
    started, peak = time.perf_counter(), 0.0
    with (folder / "stderr").open("wb") as errors:
        process = psutil.Popen([*command, "--store", str(folder / "store")], stdout=subprocess.DEVNULL, stderr=errors)
        while process.poll() is None:
            peak = max(peak, tree_mib(process))
            time.sleep(SAMPLE_S)
    seconds = time.perf_counter() - started
    assert process.returncode == 0, (folder / "stderr").read_text()
    cache = json.loads((folder / "out" / "run_summary.json").read_text())["cache"]
    shotlist = ShotList.read((folder / "out" / "ShotList.json").read_bytes())
    film_s = shotlist.edit_rate.seconds(shotlist.duration_ticks)
    return Measured(seconds, peak, cache["hits"], cache["misses"], film_s, shotlist.duration_ticks, len(shotlist.shots))


def tree_mib(process: psutil.Process) -> float:
    """Proportional set size of a process and all it started, MiB: shared pages count once."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            try:
                total += one.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
    except psutil.NoSuchProcess:
        return 0.0
    return total / 2**20


def plain_encode_s(film: Path, frames: int) -> float:
    """Seconds that x264 needs for as many frames of the film's own pictures, with all cores and its default preset."""
    with av.open(str(film)) as source:
        pictures = [frame for _, frame in zip(range(240), source.decode(video=0), strict=False)]
    arrays = [frame.reformat(format="yuv420p") for frame in pictures]
    started = time.perf_counter()
    with av.open("/dev/null", "w", format="mp4") as target:
        stream = target.add_stream("libx264", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = arrays[0].width, arrays[0].height, "yuv420p"
        for number in range(frames):
            frame = arrays[number % len(arrays)]
            frame.pts, frame.time_base = number, Fraction(1, 24)
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return time.perf_counter() - started


def report(name: str, source: Path, folder: Path, edit: tuple[Path, str, str]) -> None:
    """Cold, warm, edited; one line each."""
    cold = run(source, folder)
    warm = run(source, folder)
    path, old, new = edit
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    edited = run(source, folder)
    plain_s = plain_encode_s(folder / "out" / "episode.mp4", cold.frames)
    print(f"\n{name}: {cold.film_s:.1f} s of film, {cold.shots} shots, {cold.frames} frames")
    print(f"  plain x264 encode of as many frames: {plain_s:.1f} s")
    for label, one in (("cold", cold), ("warm", warm), ("one line edited", edited)):
        print(
            f"  {label:<16} {one.seconds:7.2f} s  {one.film_s / one.seconds:6.1f} x real time  "
            f"{one.seconds / plain_s:5.2f} x plain encode  {one.seconds / cold.seconds:6.1%} of cold  "
            f"peak {one.peak_mib:6.0f} MiB  reused {one.reused:.1%}"
        )


@pytest.mark.timeout(0)
def test_example_cold_warm_edited(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(EXAMPLE, project)
    lines = [
        line for line in (project / "script.fountain").read_text().splitlines() if line == "And me! I have questions!"
    ]
    edit = (project / "script.fountain", lines[0], "And me! I have so many questions!")
    report("example", project / "project.json", tmp_path, edit)


SUBJECTS = ("tide", "lamp", "harbour", "letter", "storm", "garden", "engine", "winter", "river", "bridge")
SENTENCES = (
    "I have thought about the {0} every day since we left, and it never once looked the same to me.",
    "When the {0} changes, everybody in this town changes with it, though few of them would say so.",
    "You told me that the {0} could wait, and I believed you, because I wanted so much to believe.",
    "My mother used to say that a {0} keeps its own hours, and that we are only ever its guests.",
)


def ten_minutes() -> str:
    """A screenplay of nine scenes and about forty shots, each with a long speech."""
    scenes = []
    for number in range(9):
        place = ("INT. KITCHEN", "EXT. HARBOUR", "INT. WORKSHOP")[number % 3]
        time_of_day = ("DAY", "NIGHT", "DUSK")[number // 3]
        speeches = []
        for line in range(3):
            words = [sentence.format(SUBJECTS[(number + line + k) % 10]) for k, sentence in enumerate(SENTENCES)]
            speeches.append(f"{('ANNA', 'BEN')[line % 2]}\n{' '.join(words)}")
        scenes.append(f"{place} - {time_of_day}\n\n" + "\n\n".join(speeches))
    return "Title: Ten Minutes\n\n" + "\n\n".join(scenes) + "\n"


@pytest.mark.timeout(0)
def test_ten_minutes_cold_warm_edited(tmp_path: Path) -> None:
    script = tmp_path / "ten.fountain"
    script.write_text(ten_minutes(), encoding="utf-8")
    project = tmp_path / "project.json"
    project.write_text(json.dumps({
        "schema_version": "1.0.0", "id": "ten", "title": "Ten Minutes", "sources": {"script": "ten.fountain"},
        "human_checkpoints": {"approve_canon_diff": False, "approve_shotlist_timing_lock": False},
    }))  # fmt: skip
    edit = (script, "every day since we left", "every single day since we left")
    report("ten minutes", project, tmp_path, edit)
