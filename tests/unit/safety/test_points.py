"""The four safety points: each sees its texts, each fails closed, and warn-only lets a run go on."""

import pytest

from pipelines.narrative.fountain import read_fountain
from pipelines.safety.points import check_assets, check_output, check_script, check_shot_prompts, enforce
from schemas.asset_manifest import AssetManifest, PropNeed
from schemas.errors import SafetyViolation
from schemas.project import Project
from schemas.shotlist import Shot, ShotList, timing_lock
from schemas.timing import EditRate

PROJECT = Project(id="p", title="P")
BAD = "entrails"


def shot_list(**fields):
    shot = Shot(shot_id="s1", scene_id="a", start_ticks=0, duration_ticks=24, framing="wide", **fields)
    rate = EditRate()
    lock = timing_lock(rate, [("s1", 24)])
    return ShotList(title="T", edit_rate=rate, shots=(shot,), timing_lock_hash=lock)


POINTS = {
    "script action": lambda: check_script(read_fountain(f"INT. A - DAY\n\nThe {BAD} lie there.", "T"), PROJECT),
    "script dialogue": lambda: check_script(read_fountain(f"INT. A - DAY\n\nBO\nThe {BAD}!", "T"), PROJECT),
    "script title": lambda: check_script(read_fountain("INT. A - DAY\n\nHe sits.", BAD), PROJECT),
    "shot beat": lambda: check_shot_prompts(shot_list(action_beats=(BAD,)), PROJECT),
    "shot prop": lambda: check_shot_prompts(shot_list(props=(BAD,)), PROJECT),
    "asset manifest": lambda: check_assets(
        AssetManifest(title="T", props=(PropNeed(asset_id="prop.x", tag=BAD),)), PROJECT
    ),
    "asset description": lambda: check_assets({"prop.x": f"steaming {BAD}"}, PROJECT),
    "output metadata": lambda: check_output({"tags": [{"comment": BAD}]}, PROJECT),
}


@pytest.mark.parametrize("point", POINTS)
def test_point_on_blocked_text_finds_it_and_fails_closed(point):
    findings = POINTS[point]()
    assert [finding.category for finding in findings] == ["violence"]
    with pytest.raises(SafetyViolation, match=BAD):
        enforce(findings, PROJECT)


def test_enforce_in_warn_only_returns_findings():
    findings = check_assets({"a": BAD}, PROJECT)
    assert enforce(findings, PROJECT.model_copy(update={"safety_mode": "warn_only"})) == findings


def test_enforce_without_findings_passes():
    assert enforce(check_assets({"a": "a lantern"}, PROJECT), PROJECT) == ()


@pytest.mark.parametrize("mode", ["fail_closed", "warn_only"])
def test_point_with_broken_check_fails_closed(mode):
    def broken(texts, project):
        raise KeyError("word list")

    with pytest.raises(SafetyViolation, match="broke"):
        check_assets({"a": "b"}, PROJECT.model_copy(update={"safety_mode": mode}), check=broken)
