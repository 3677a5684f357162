"""The example passes the gate, and its twin with a planted contradiction does not."""

from pathlib import Path

from pipelines.canon.gate import examine
from pipelines.narrative.casting import cast_by_name
from pipelines.narrative.fountain import read_fountain
from pipelines.narrative.project_source import read_project

LIGHTHOUSE = Path(__file__).parents[3] / "docs" / "examples" / "lighthouse"


def test_lighthouse_is_allowed_and_its_planted_contradiction_is_blocked_by_age_alone():
    found = read_project(LIGHTHOUSE / "project.json")
    assert found.script is not None
    assert examine(found.canon, found.script).findings == ()
    text = (LIGHTHOUSE / "contradiction.fountain").read_text(encoding="utf-8")
    diff = examine(found.canon, cast_by_name(read_fountain(text, "T"), found.canon))
    assert [finding.rule for finding in diff.findings] == ["age"] and diff.verdict == "blocked"
    message = diff.findings[0].message
    assert "34 (canon)" in message and "41" in message and "I am forty-one" in message
