"""A story becomes a film, as a user sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest

from pipelines.rendering.segment_task import SegmentTask, render_segment
from pipelines.stage import Outputs
from pipelines.wiring import Parts
from schemas.errors import CanonConflict, Unavailable
from schemas.shotlist import ShotList

DOCUMENTS = ("Script", "ShotList", "AssetManifest", "RenderPlan", "RenderOutput", "Canon", "CanonDiff", "CaptionTrack")
CANON = {
    "schema_version": "1.0.0",
    "characters": [{"character_id": "anna", "name": "Anna", "age_years": 34}, {"character_id": "ben", "name": "Ben"}],
    "locations": [{"location_id": "kitchen", "name": "Kitchen", "setting": "kitchen"}],
}


def test_run_leaves_every_file_that_was_promised(finished: Any) -> None:
    names = {str(path.relative_to(finished.out)) for path in finished.out.rglob("*") if path.is_file()}
    assert names >= {f"{name}.json" for name in DOCUMENTS} | {
        "episode.mp4", "captions.srt", "captions.vtt", "poster.png", "run_summary.json",
        "stems/dialogue.wav", "stems/music.wav", "stems/effects.wav",
    }  # fmt: skip
    summary = json.loads((finished.out / "run_summary.json").read_text())
    assert summary["cost_usd"] == 0
    assert summary["compute"]["external"] == 0


def test_film_has_picture_sound_and_captions_of_the_locked_length(finished: Any) -> None:
    shotlist = ShotList.read((finished.out / "ShotList.json").read_bytes())
    with av.open(str(finished.out / "episode.mp4")) as film:
        (video,), (audio,), (captions,) = film.streams.video, film.streams.audio, film.streams.subtitles
        assert (video.codec.name, audio.codec.name, captions.codec.name) == ("h264", "aac", "mov_text")
        assert sum(1 for _ in film.decode(video)) == shotlist.duration_ticks
    head = (finished.out / "episode.mp4").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat"), "not faststart"


def test_gates_pass_on_a_small_film(finished: Any) -> None:
    output = finished.output()
    assert {gate.gate: gate.status for gate in output.quality_report} == {
        "canon_continuity": "passed", "missing_assets": "passed", "runtime_pacing": "passed", "caption_sync": "passed",
        "shot_timing": "passed", "audio_loudness": "passed", "rights_license": "passed", "content_safety": "passed",
    }  # fmt: skip
    assert output.publishable


def test_second_run_makes_nothing_and_gives_the_same_film(finished: Any, finished_copy: Any) -> None:
    finished_copy.run(finished_copy.write())
    summary = json.loads((finished_copy.out / "run_summary.json").read_text())
    assert summary["cache"]["misses"] == 0
    assert (finished_copy.out / "episode.mp4").read_bytes() == (finished.out / "episode.mp4").read_bytes()


def test_two_empty_stores_give_the_same_hashes(finished: Any, studio: Any) -> None:
    studio.run(studio.write())
    assert finished.hashes() == studio.hashes()
    assert len(finished.hashes()) > 20


def test_edited_line_leaves_the_other_shots_alone(studio: Any) -> None:
    lines = "\n\n".join(f"{'ANNA' if n % 2 else 'BEN'}\nThis is line number {n} of the night." for n in range(7))
    script = f"Title: Night\n\nINT. KITCHEN - NIGHT\n\n{lines}\n"
    studio.run(studio.write(script))
    studio.run(studio.write(script.replace("line number 6 of", "line number six, the long one, of")))
    stages = json.loads((studio.out / "run_summary.json").read_text())["stages"]
    assert stages["voice_line"]["misses"] == 1
    assert stages["segment"]["misses"] <= 2
    assert stages["segment"]["hits"] >= 7


def test_no_voice_changes_the_sound_and_nothing_else(finished: Any, studio: Any) -> None:
    studio.run(studio.write(), voice="muted")
    for name in ("ShotList.json", "captions.srt", "captions.vtt"):
        assert (finished.out / name).read_bytes() == (studio.out / name).read_bytes(), name
    assert (finished.out / "episode.mp4").read_bytes() != (studio.out / "episode.mp4").read_bytes()
    gate = {one.gate: one for one in studio.output().quality_report}
    assert gate["caption_sync"].status == gate["shot_timing"].status == "passed"


def test_contradiction_blocks_and_leaves_no_video(finished_copy: Any) -> None:
    studio = finished_copy
    source = studio.write(canon=CANON)
    assert studio.run(source).status == "completed"
    bad = studio.write("Title: T\n\nINT. KITCHEN - NIGHT\n\nANNA (61) enters.\n\nANNA\nHello.\n", canon=CANON)
    report = studio.run(bad)
    assert report.status == "failed"
    assert isinstance(report.error, CanonConflict)
    assert "34" in report.error.message
    assert "61" in report.error.message
    assert not (studio.out / "episode.mp4").exists()


def test_missing_asset_becomes_a_flagged_placeholder(studio: Any) -> None:
    script = "Title: T\n\nINT. KITCHEN - NIGHT\n\nAnna finds it. [[prop: zorblaxian flute]] [[sfx: zorblaxian hum]]\n\nANNA\nWhat?\n"
    report = studio.run(studio.write(script))
    assert report.status == "degraded", report.error
    kinds = {(one.kind, one.subject) for one in studio.output().shortfalls}
    assert ("placeholder", "prop.zorblaxian_flute") in kinds
    assert ("placeholder", "sfx.zorblaxian_hum") in kinds


def _failing(every: int) -> Callable[[SegmentTask], Outputs]:
    calls = iter(range(1_000))

    def render(task: SegmentTask) -> Outputs:
        if b'"kind": "slate"' not in task.picture and next(calls) % 10 < every:
            raise Unavailable("the renderer was told to fail")
        return render_segment(task)

    return render


def test_failed_shots_become_slates_and_only_they_are_tried_again(studio: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.retries.FIRST_WAIT_S", 0.0)
    lines = "\n\n".join(f"{'ANNA' if n % 2 else 'BEN'}\nThis is line number {n}." for n in range(8))
    source = studio.write(f"Title: Night\n\nINT. KITCHEN - NIGHT\n\n{lines}\n")
    broken = studio.run(source, parts=replace(Parts(), render=_failing(3)))
    assert broken.status == "degraded", broken.error
    slates = [one for one in studio.output().shortfalls if one.kind == "slate"]
    assert len(slates) >= 3
    shotlist = ShotList.read((studio.out / "ShotList.json").read_bytes())
    with av.open(str(studio.out / "episode.mp4")) as film:
        assert film.streams.video[0].frames == shotlist.duration_ticks
    mended = studio.run(source)
    assert mended.status == "completed"
    stages = json.loads((studio.out / "run_summary.json").read_text())["stages"]
    assert stages["segment"]["misses"] == len(slates)


def test_checkpoints_pause_until_a_person_decides(finished_copy: Any) -> None:
    studio = finished_copy
    source = studio.write(human_checkpoints={"approve_canon_diff": True, "approve_shotlist_timing_lock": True})
    first = studio.run(source)
    assert (first.status, first.waiting_on) == ("in_progress", "approve_canon_diff")
    assert not (studio.out / "episode.mp4").exists()
    assert studio.run(source, approve=True).status == "completed"


def test_premise_alone_becomes_a_film(studio: Any) -> None:
    source = studio.folder / "idea.json"
    studio.folder.mkdir(exist_ok=True)
    source.write_text(json.dumps({
        "schema_version": "1.0.0", "id": "idea", "title": "The Ferry",
        "premise": "Ida, a ferry pilot, must cross the frozen harbour at night to bring her brother Sven home.",
        "picture": {"width_px": 160, "height_px": 90}, "edit_rate": {"numerator": 6, "denominator": 1},
        "target_duration": {"min_s": 15, "max_s": 40},
    }))  # fmt: skip
    report = studio.run(source, approve=True)
    assert report.status in ("completed", "degraded"), report.error
    assert (studio.out / "StoryArc.json").exists()
    assert (studio.out / "EpisodePlan.json").exists()


def test_other_profile_moves_no_frame(finished: Any, finished_copy: Any) -> None:
    studio = finished_copy
    studio.run(studio.write(), profile="standard_local")
    shots = [json.loads((one.out / "ShotList.json").read_text()) for one in (finished, studio)]
    assert shots[0] == shots[1]
    assert studio.output().profile == "standard_local"
    with av.open(str(studio.out / "episode.mp4")) as film:
        assert film.streams.video[0].width == studio.output().picture.width_px > 160


def test_burned_in_captions_change_the_picture_and_keep_the_files(finished: Any, finished_copy: Any) -> None:
    burned = finished_copy
    burned.run(burned.write(), captions="burned_in")
    assert (finished.out / "captions.srt").read_bytes() == (burned.out / "captions.srt").read_bytes()
    assert finished.output().video.content_hash != burned.output().video.content_hash


def test_project_file_that_is_missing_is_said_plainly(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from serve.cli import app

    result = CliRunner().invoke(app, ["run", str(tmp_path / "nothing.json"), "--store", str(tmp_path / "store")])
    assert result.exit_code != 0
    assert "nothing.json" in str(result.exception)
