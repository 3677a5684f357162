"""The commands beside `run`: plan, show, lineage, approve, runs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from serve.cli import app


@pytest.fixture
def studio(request: pytest.FixtureRequest) -> Any:
    """One in which the small film is made."""
    return request.getfixturevalue("finished_copy")


@pytest.fixture
def call(studio: Any) -> Any:
    def call(*words: str | Path) -> Result:
        return CliRunner().invoke(app, [*map(str, words), "--store", str(studio.store)])

    return call


def artifact_id(studio: Any, name: str) -> str:
    """The id of the document that RenderOutput's lineage names."""
    lineage = {one.document: one.uri for one in studio.output().lineage}
    return lineage[name].rpartition("/")[2]


def test_plan_of_an_empty_store_makes_everything_and_stores_nothing(studio: Any, call: Any) -> None:
    shutil.rmtree(studio.store)
    result = call("plan", studio.write(), "--json")
    assert result.exit_code == 0, result.output
    works = json.loads(result.output)["works"]
    assert {work["action"] for work in works} == {"make"}
    assert {"voice_line", "segment", "mix", "film", "render_output"} <= {work["stage"] for work in works}
    assert studio.hashes() == {}


def test_plan_agrees_with_the_run_that_follows(studio: Any, call: Any) -> None:
    studio.run(studio.write())
    script = "Title: Small Hours\n\nINT. KITCHEN - NIGHT\n\nANNA\nIs anybody there?\n\nBEN\nOnly the cold wind.\n"
    source = studio.write(script)
    works = json.loads(call("plan", source, "--json").output)["works"]
    planned = {
        stage: sum(w["action"] == "make" for w in works if w["stage"] == stage) for stage in {w["stage"] for w in works}
    }
    studio.run(source)
    stages = json.loads((studio.out / "run_summary.json").read_text())["stages"]
    assert planned["segment"] == stages["segment"]["misses"] > 0
    assert planned["voice_line"] == stages["voice_line"]["misses"] == 1
    assert stages["segment"]["hits"] > 0
    why = next(work["why"] for work in works if work["stage"] == "voice_line" and work["action"] == "make")
    assert why


def test_plan_names_a_contradiction_before_anything_runs(studio: Any, call: Any) -> None:
    canon = {"schema_version": "1.0.0", "characters": [{"character_id": "anna", "name": "Anna", "alive": False}]}
    result = call("plan", studio.write(canon=canon))
    assert result.exit_code == 3
    assert "canon_conflict" in result.output


def test_show_and_lineage_lead_from_the_film_to_the_script(studio: Any, call: Any) -> None:
    studio.run(studio.write())
    shown = call("show", artifact_id(studio, "ShotList"))
    assert shown.exit_code == 0
    assert "edit_rate" in shown.output
    video = studio.output().video.uri
    graph = json.loads(call("lineage", video, "--json").output)
    kinds = {record["kind"] for record in graph}
    assert {"film", "segment", "mix", "CaptionTrack", "ShotList", "Script", "Project"} <= kinds
    for record in graph:
        assert record["content_hash"]
        assert record["rights"]["license_type"]


def test_approve_lets_the_paused_run_go_on(studio: Any, call: Any) -> None:
    source = studio.write(human_checkpoints={"approve_canon_diff": False, "approve_shotlist_timing_lock": True})
    paused = call("run", source, "--out", studio.out, "--in-process")
    assert paused.exit_code == 4
    assert "approve_shotlist_timing_lock" in paused.output
    waiting = next(word for word in paused.output.split() if word.startswith("a_"))
    assert call("approve", waiting, "--notes", "looks right").exit_code == 0
    assert call("run", source, "--out", studio.out, "--in-process").exit_code == 0
    assert (studio.out / "episode.mp4").exists()


def test_rejection_refuses_the_run(studio: Any, call: Any) -> None:
    source = studio.write(human_checkpoints={"approve_canon_diff": True, "approve_shotlist_timing_lock": False})
    waiting = next(
        w for w in call("run", source, "--out", studio.out, "--in-process").output.split() if w.startswith("a_")
    )
    call("approve", waiting, "--reject")
    refused = call("run", source, "--out", studio.out, "--in-process")
    assert refused.exit_code == 3
    assert "rejected" in refused.output


def test_runs_lists_what_happened(studio: Any, call: Any) -> None:
    studio.run(studio.write())
    listed = call("runs")
    assert listed.exit_code == 0
    assert "completed" in listed.output


def test_failed_gate_blocks_publishing_until_somebody_signs(studio: Any, call: Any) -> None:
    source = studio.write(target_duration={"min_s": 600, "max_s": 700})
    assert "publishable: no" in call("run", source, "--out", studio.out, "--in-process").output
    signed = call("run", source, "--out", studio.out, "--in-process", "--override", "runtime_pacing=a short test")
    assert "publishable: yes" in signed.output
    gate = next(one for one in studio.output().quality_report if one.gate == "runtime_pacing")
    assert gate.status == "overridden"
    assert gate.override is not None
    assert gate.override.approver_id == "local"
    assert gate.override.reason == "a short test"


def test_tidied_store_makes_the_same_film_again(studio: Any, call: Any) -> None:
    source = studio.write()
    studio.run(source)
    before, film = studio.hashes(), (studio.out / "episode.mp4").read_bytes()
    for blob in studio.store.rglob("blobs/sha256/*/*"):
        os.utime(blob, (1, 1))  # last used long ago

    def media() -> int:
        return sum(not blob.read_bytes().startswith(b"{") for blob in studio.store.rglob("blobs/sha256/*/*"))

    assert media() > 4
    tidied = call("tidy", "--limit-gb", "0")
    assert tidied.exit_code == 0, tidied.output
    assert media() <= 1, "only documents, and what came from outside, stay"
    (studio.out / "episode.mp4").unlink()
    assert studio.run(source).status == "completed"
    assert (studio.out / "episode.mp4").read_bytes() == film
    assert studio.hashes() == before


def test_log_json_is_one_object_a_line(studio: Any) -> None:
    import subprocess
    import sys

    source = studio.write("Title: Small Hours\n\nINT. KITCHEN - NIGHT\n\nANNA\nIs anybody there?\n")
    command = [sys.executable, "-m", "serve", "run", str(source), "--out", str(studio.out), "--in-process"]
    done = subprocess.run(
        [*command, "--log-json", "--store", str(studio.store)], capture_output=True, text=True, check=True
    )
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {"stage_started", "item_done"} <= {event.get("event") for event in events}
