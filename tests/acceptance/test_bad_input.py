"""Bad input, from a user's chair: one line that says what is wrong, the right exit code, and nothing lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from schemas.captions import CaptionTrack
from serve.cli import main

HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "truncated": ('{"schema_version": "1.0.0", "id": "a', "is not valid JSON"),
    "nested": ('{"a":' * 100_000, "is not valid JSON"),
    "binary": (bytes(range(256)) * 8, "is not UTF-8 text"),
    "huge": ('{"a": "' + "x" * 21_000_000 + '"}', "is larger than 20971520 bytes"),
    "array": ("[1]", "must hold a JSON object"),
    "nan": ('{"schema_version": "1.0.0", "id": "a", "title": "t", "weight": NaN}', "NaN is not JSON"),
    "twice": ('{"schema_version": "1.0.0", "id": "a", "id": "b", "title": "t"}', "'id' stands twice"),
    "half a pair": ('{"schema_version": "1.0.0", "id": "a", "title": "t", "x": "\\ud800"}', "half of a surrogate pair"),
}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "zero length": ({"target_duration": {"max_s": 0}}, "target_duration.max_s"),
    "negative": ({"target_duration": {"min_s": -1}}, "target_duration.min_s"),
    "no ticks": ({"edit_rate": {"numerator": 0, "denominator": 1}}, "edit_rate.numerator"),
    "odd picture": ({"picture": {"width_px": 65, "height_px": 90}}, "picture.width_px"),
    "wrong type": ({"title": 5}, "title"),
    "outside": ({"sources": {"script": "../../etc/passwd"}}, "sources.script '../../etc/passwd'"),
    "newer": ({"schema_version": "9.0.0"}, "schema_version '9.0.0'"),
}


@pytest.fixture
def reelwright(studio: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Calls the entry point in this process: (exit code, everything that it printed)."""

    def call(*words: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["reelwright", *map(str, words), "--store", str(studio.store)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        return (code if isinstance(code, int) else 0 if code is None else 1), said.out + said.err

    return call


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_one_line(studio: Any, reelwright: Any, tmp_path: Path, name: str) -> None:
    content, expected = HOSTILE[name]
    source = tmp_path / "project.json"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, said = reelwright("run", source, "--out", studio.out)
    assert code == 2
    assert expected in said
    assert str(source) in said
    assert len(said.strip().splitlines()) == 1, said
    assert not studio.out.exists()


@pytest.mark.parametrize("name", WRONG)
def test_wrong_field_is_named(studio: Any, reelwright: Any, name: str) -> None:
    fields, expected = WRONG[name]
    code, said = reelwright("run", studio.write(**fields), "--out", studio.out)
    assert code == 2
    assert expected in said
    assert len(said.strip().splitlines()) == 1, said


def test_missing_field_is_named(reelwright: Any, studio: Any) -> None:
    source = studio.write()
    project = json.loads(source.read_text())
    del project["title"]
    source.write_text(json.dumps(project))
    assert reelwright("run", source)[0] == 2
    assert "title: Field required" in reelwright("run", source)[1]


def test_unknown_field_warns_and_the_plan_goes_on(reelwright: Any, studio: Any) -> None:
    code, said = reelwright("plan", studio.write(titel="Small"))
    assert code == 0
    assert "unknown field 'titel' is kept but not used; did you mean 'title'?" in said


def test_out_that_is_a_file_is_refused(reelwright: Any, studio: Any, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    code, said = reelwright("run", studio.write(), "--out", tmp_path / "taken")
    assert code == 2
    assert f"--out '{tmp_path / 'taken'}'" in said


def test_store_that_is_no_database_is_named_and_left_alone(reelwright: Any, studio: Any) -> None:
    studio.store.mkdir(parents=True)
    (studio.store / "registry.sqlite3").write_bytes(b"not a database" * 1000)
    code, said = reelwright("run", studio.write())
    assert code == 1
    assert str(studio.store / "registry.sqlite3") in said
    assert (studio.store / "registry.sqlite3").read_bytes() == b"not a database" * 1000


def test_unknown_artifact_answers_like_another_tenants(reelwright: Any) -> None:
    for name in ("a_0", "artifact://t_other/dev/a_0", "../../etc/passwd"):
        code, said = reelwright("show", name)
        assert (code, f"no artifact '{name}'" in said) == (2, True)


def test_characters_without_a_glyph_make_a_film_that_says_so(studio: Any) -> None:
    script = "Title: Ταξίδι 你好\n\nINT. KITCHEN - NIGHT\n\nАННА\nנסיעה טובה, नमस्ते 你好 😀\n"
    report = studio.run(studio.write(script))
    assert report.status == "degraded", report.error
    output = studio.output()
    assert {one.kind for one in output.shortfalls} == {"missing_glyph"}
    assert all("'你' U+4F60" in one.reason and "Τ" not in one.reason for one in output.shortfalls)
    track = CaptionTrack.read((studio.out / "CaptionTrack.json").read_bytes())
    assert "你好" in "".join(line for cue in track.cues for line in cue.lines)
    assert "नमस्ते" in (studio.out / "captions.srt").read_text(encoding="utf-8")


def test_damaged_bytes_are_made_again(finished_copy: Any) -> None:
    studio = finished_copy
    source = studio.write()
    studio.run(source)
    film = (studio.out / "episode.mp4").read_bytes()
    before = studio.hashes()
    for blob in studio.store.rglob("blobs/sha256/*/*"):
        content = bytearray(blob.read_bytes())
        content[len(content) // 2] ^= 0xFF
        blob.chmod(0o644)
        blob.write_bytes(content)
    (studio.out / "episode.mp4").unlink()
    assert studio.run(source).status == "completed"
    assert (studio.out / "episode.mp4").read_bytes() == film
    assert studio.hashes() == before


def test_approval_is_void_for_a_changed_document(studio: Any, reelwright: Any) -> None:
    asks = {"human_checkpoints": {"approve_canon_diff": True, "approve_shotlist_timing_lock": False}}
    waiting = studio.run(studio.write(**asks))
    assert (waiting.status, waiting.waiting_on) == ("in_progress", "approve_canon_diff")
    assert reelwright("approve", waiting.waiting_artifact)[0] == 0
    other = studio.run(studio.write("Title: Other\n\nINT. CELLAR - DAY\n\nEVE\nA new fact.\n", **asks))
    assert other.status == "in_progress"
    assert other.waiting_artifact != waiting.waiting_artifact


def test_rejection_refuses_the_run(studio: Any, reelwright: Any) -> None:
    asks = {"human_checkpoints": {"approve_canon_diff": True, "approve_shotlist_timing_lock": False}}
    waiting = studio.run(studio.write(**asks))
    assert reelwright("approve", waiting.waiting_artifact, "--reject")[0] == 0
    code, said = reelwright("run", studio.write(**asks), "--in-process", "--out", studio.out)
    assert code == 3
    assert "approve_canon_diff was rejected" in said
    assert not (studio.out / "episode.mp4").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_cancelled_run_says_so_and_goes_on(studio: Any, number: signal.Signals) -> None:
    source = studio.write("Title: Long\n\nINT. KITCHEN - NIGHT\n\n" + "ANNA\nOne more word.\n\n" * 20)
    words = ["run", str(source), "--in-process", "--out", str(studio.out), "--store", str(studio.store)]
    started = subprocess.Popen(
        [sys.executable, "-m", "serve", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stderr is not None
    while "Rendering shots" not in (line := started.stderr.readline()):
        assert line, "the run ended before it rendered"
    time.sleep(0.2)
    started.send_signal(number)
    said, _ = started.communicate(timeout=60)
    assert started.returncode == 130, said
    assert "failed (cancelled)" in said
    summary = json.loads((studio.out / "run_summary.json").read_text())
    assert (summary["status"], summary["errors"][0]["code"]) == ("failed", "cancelled")
    assert not (studio.out / "episode.mp4").exists()
    assert list((studio.store / "scratch").iterdir()) == []


def test_greek_title_on_an_ascii_terminal_is_spelt_out(studio: Any) -> None:
    source = studio.write(titel="Ταξίδι")
    environment = os.environ | {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "COLUMNS": "5"}
    words = ["plan", str(source.with_name("Ταξίδι.json")), "--store", str(studio.store)]
    ended = subprocess.run([sys.executable, "-m", "serve", *words], env=environment, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "does not exist" in ended.stderr
