"""A small story with calm defaults, and the measured lines that go with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.adaptation.shot_list import shot_list, voice_requests
from pipelines.adaptation.shot_planner import plan_shots
from schemas.backend import Backend
from schemas.project import Project
from schemas.script import Script
from schemas.shotlist import ShotList
from schemas.speech import Speech, SpeechRequest, Voice
from schemas.timing import EditRate

PEOPLE = ("mara", "tomas", "ilse")


def action(element_id, text, *people, **fields):
    return {"type": "action", "element_id": element_id, "text": text, "character_ids": people, **fields}


def line(element_id, speaker, text, **fields):
    return {"type": "dialogue", "element_id": element_id, "speaker_id": speaker, "text": text, **fields}


def scene(scene_id, *elements, **fields):
    return {"scene_id": scene_id, "location_id": "quay", "elements": elements, **fields}


def script(*scenes, **fields) -> Script:
    given = {
        "title": "The Lighthouse",
        "characters": [{"character_id": person, "name": person.title()} for person in PEOPLE],
        "locations": [
            {"location_id": "quay", "name": "The quay", "setting": "harbour"},
            {"location_id": "lamp_room", "name": "The lamp room", "setting": "lighthouse"},
            {"location_id": "kitchen", "name": "Ilse's kitchen", "setting": "kitchen"},
        ],
        "scenes": scenes,
    }
    return Script.model_validate({**given, **fields})


def story() -> Script:
    return script(
        scene(
            "s1",
            action("e1", "Mara walks along the quay. Tomas sits on a crate.", "mara", "tomas"),
            line("e2", "tomas", "You are late.", addressee_id="mara"),
            line("e3", "mara", "The lamp is out, Tomas.", emotion="worried"),
            action("e4", "She holds up a brass key.", "mara", props=("brass key",)),
            line("e5", "tomas", "Where did you find that?", emotion="surprised"),
            line("e6", "tomas", "Tell me."),
            line("e7", "mara", "In his coat.", emotion="sad"),
            action("e8", "Thunder rolls.", sfx_tags=("thunder", "wave")),
        ),
        scene(
            "s2",
            line("f1", "ilse", "Who is there?", pacing="fast"),
            line("f2", "mara", "Only me.", pacing="fast"),
            line("f3", "ilse", "Leave!", emotion="angry"),
            line("f4", "ilse", "Leave now, all of you."),
            location_id="kitchen",
            time_of_day="dusk",
            weather="rain",
        ),
        scene(
            "s3",
            action("g1", "Mara and Tomas run to the lamp while Ilse sits.", "mara", "tomas", "ilse", props=("lamp",)),
            line("g2", "mara", "It burns.", emotion="tender", addressee_id="tomas"),
            location_id="lamp_room",
            time_of_day="night",
            weather="storm",
            mood="tense",
        ),
    )


def voices() -> dict[str, Voice]:
    return {person: Voice() for person in PEOPLE}


def spoken(request: SpeechRequest, seconds: float | None = None) -> Speech:
    """A measured line; 70 ms a character when no duration is given, about an espeak voice at normal pace."""
    samples = round(22_050 * (len(request.text) * 0.07 if seconds is None else seconds))
    return Speech(
        request=request,
        sample_rate_hz=22_050,
        duration_samples=samples,
        backend=Backend(backend_type="stub", name="test", version="1"),
    )


def film(story: Script, rate: EditRate | None = None) -> ShotList:
    speech = {element_id: spoken(request) for element_id, request in voice_requests(story, voices()).items()}
    project = Project(id="lighthouse", title="The Lighthouse")
    return shot_list(story, plan_shots(story, project), speech, rate or EditRate())


class Builders:
    """What the tests of this folder build stories with."""

    action = staticmethod(action)
    line = staticmethod(line)
    scene = staticmethod(scene)
    script = staticmethod(script)
    story = staticmethod(story)
    voices = staticmethod(voices)
    spoken: Callable[..., Speech] = staticmethod(spoken)
    film = staticmethod(film)


@pytest.fixture(scope="session")
def build() -> type[Builders]:
    return Builders
