"""Premise in, story out: its own names and places, the same every time, different for different premises."""

from pathlib import Path

import pytest

from pipelines.canon.gate import examine
from pipelines.narrative.project_source import read_project
from pipelines.narrative.shapes import SHAPES
from pipelines.narrative.template_writer import plan_episode, write_arc, write_script
from pipelines.safety.points import check_script
from schemas.canon import Canon
from schemas.errors import InvalidInput
from schemas.project import Project
from schemas.script import Dialogue

IDEA = Path(__file__).parents[3] / "docs" / "examples" / "idea.json"
PREMISES = (
    "Two rival treasure hunters, Kit and Rosa, race through the jungle for a golden compass.",
    "A robot named Bolt must leave the farm where it grew up.",
    "Σε ένα νησί, ο Νίκος βρίσκει ένα γράμμα.",
    "storm",
    "The old lighthouse keeper Elias and a girl called Wren keep the lamp burning through a snow storm.",
    "Anna, Anna's brother Ben, Cleo and Dora find a secret key in the cellar of the old school.",
)


def written(premise):
    project = Project(id="idea", title="Idea", premise=premise)
    arc = write_arc(project)
    return project, arc, write_script(arc, plan_episode(arc, project), project)


@pytest.mark.parametrize("premise", PREMISES)
def test_story_from_any_premise_is_whole_safe_and_the_same_every_time(premise):
    project, _, script = written(premise)
    spoken = [one for scene in script.scenes for one in scene.elements if isinstance(one, Dialogue)]
    assert written(premise)[2].to_json() == script.to_json()
    assert len(script.characters) == 3 and len(script.locations) == 3 and len(script.scenes) == 4
    assert 85 <= sum(len(one.text.split()) for one in spoken) <= 135
    assert sum(len(scene.elements) for scene in script.scenes) >= 20
    assert not any("{" in one.text for scene in script.scenes for one in scene.elements)
    assert examine(Canon(), script).verdict == "allowed"
    assert check_script(script, project) == ()


def test_story_takes_names_places_thing_and_lost_person_from_the_premise():
    project = read_project(IDEA).project
    arc = write_arc(project)
    script = write_script(arc, plan_episode(arc, project), project)
    text = " ".join(one.text for scene in script.scenes for one in scene.elements)
    assert arc.characters[0].name == "Ada" and arc.characters[2].name == "Jonas"
    assert {"Village", "Church"} <= {one.name for one in arc.locations}
    assert "letter" in text and "a young clockmaker in a mountain village" in text
    assert "snow" in {scene.weather for scene in script.scenes}


def test_different_premises_tell_different_stories():
    shapes = {written(premise)[1].steps[0].step_id for premise in PREMISES}
    assert len(shapes) >= 3
    first, second = (written(f"A storm over the harbour, number {word}.")[2] for word in ("one", "two"))
    assert first.scenes != second.scenes


def test_every_wording_of_every_shape_has_only_known_names_and_no_line_is_repeated():
    known = dict.fromkeys(("a", "b", "c", "thing", "p1", "p2", "p3", "A_INTRO", "B_INTRO", "C_INTRO"), "X")
    for shape in SHAPES:
        wordings = [one for scene in shape.scenes for beat in scene.beats for one in beat.wordings]
        assert all("{" not in one.format_map(known) for one in wordings)
        assert len(set(wordings)) == len(wordings)


def test_plan_of_another_arc_and_missing_premise_are_refused():
    project, arc, _ = written(PREMISES[0])
    other_project, other, _ = written(PREMISES[1])
    with pytest.raises(InvalidInput, match="another arc"):
        write_script(arc, plan_episode(other, other_project), project)
    with pytest.raises(InvalidInput, match="premise"):
        write_arc(Project(id="p", title="P"))
