"""Script: every id that is used is declared, and every element has a name of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.canon import Canon
from schemas.errors import InvalidInput
from schemas.script import Script

SAMPLES = Path(__file__).resolve().parents[2] / "fixtures" / "schemas"


def raw_script() -> dict[str, object]:
    return json.loads((SAMPLES / "Script" / "1.0.0.json").read_text())


def edited(edit) -> dict[str, object]:
    raw = raw_script()
    edit(raw)
    return raw


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda raw: raw["scenes"][0].update(location_id="moon"), "scene 's1' plays at 'moon', not in locations"),
        (lambda raw: raw["scenes"][0]["elements"][1].update(speaker_id="bo"), "'e2' names 'bo', not in characters"),
        (lambda raw: raw["scenes"][0]["elements"][1].update(addressee_id="bo"), "'e2' names 'bo', not in characters"),
        (lambda raw: raw["scenes"][0]["elements"][0].update(character_ids=["bo"]), "'e1' names 'bo', not in characters"),
        (lambda raw: raw["scenes"][0].update(character_ids=["mara", "bo"]), "scene 's1' has 'bo', not in characters"),
        (lambda raw: raw["scenes"][0]["elements"][1].update(element_id="e1"), "element_id 'e1' stands twice"),
        (lambda raw: raw["scenes"].append({**raw["scenes"][0], "elements": [dict(raw["scenes"][0]["elements"][0], element_id="z")]}), "a scene_id stands twice"),
        (lambda raw: raw["scenes"][0].update(elements=[]), r"scenes\.0\.elements: Tuple should have at least 1 item"),
        (lambda raw: raw.update(scenes=[]), "scenes: Tuple should have at least 1 item"),
        (lambda raw: raw.update(locations=[]), "locations: Tuple should have at least 1 item"),
        (lambda raw: raw["scenes"][0]["elements"][0].update(type="dance"), r"scenes\.0\.elements\.0: .*'dance'"),
        (lambda raw: raw["scenes"][0]["elements"][1].update(text=""), r"dialogue\.text: String should have at least 1"),
        (lambda raw: raw["scenes"][0].update(mood="beige"), r"scenes\.0\.mood: Input should be 'calm'.*got 'beige'"),
        (lambda raw: raw["characters"][0].update(character_id="../etc"), r"characters\.0\.character_id: .*got '\.\./etc'"),
    ],
)  # fmt: skip
def test_script_that_is_not_closed_is_refused_and_names_the_place(edit, said):
    with pytest.raises(InvalidInput, match=said):
        Script.read(edited(edit))


def test_script_with_an_addressee_of_nobody_and_an_action_of_nobody_is_read():
    raw = raw_script()
    raw["scenes"][0]["elements"][1]["addressee_id"] = None
    raw["scenes"][0]["elements"][0]["character_ids"] = []
    assert Script.read(raw).scenes[0].elements[1].type == "dialogue"


def test_script_of_ten_thousand_lines_is_read():
    raw = raw_script()
    line = raw["scenes"][0]["elements"][1]
    raw["scenes"][0]["elements"] = [{**line, "element_id": f"e{number}"} for number in range(10_000)]
    assert len(Script.read(json.dumps(raw)).scenes[0].elements) == 10_000


@pytest.mark.parametrize("kind", ["characters", "locations"])
def test_canon_that_names_somebody_or_some_place_twice_is_refused(kind):
    raw = json.loads((SAMPLES / "Canon" / "1.0.0.json").read_text())
    raw[kind] = raw[kind] * 2
    with pytest.raises(InvalidInput, match=r"canon names .* more than once"):
        Canon.read(raw)
