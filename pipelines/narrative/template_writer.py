"""A story from a premise, by template: arc, episode plan, script. Deterministic, offline, and English.

The premise gives names, places, a thing and the weather where it has them, and picks the story shape; its SHA-256
decides everything else. A premise in another language keeps its names in English lines.
"""

from __future__ import annotations

import re

from pipelines.narrative.emotion import tag_pacing
from pipelines.narrative.names import identifier
from pipelines.narrative.places import INDOORS
from pipelines.narrative.premise import Premise, read_premise
from pipelines.narrative.shapes import SHAPES
from pipelines.narrative.stagecraft import pose_in, props_in, sounds_in
from pipelines.narrative.story_shape import Beat, StoryShape
from schemas.canon import CanonCharacter, CanonLocation, VoiceHint
from schemas.canonical import sha256_hex
from schemas.episode_plan import EpisodePlan, PlannedScene
from schemas.errors import InvalidInput
from schemas.project import Project
from schemas.script import Action, Dialogue, Scene, Script, ScriptCharacter, ScriptLocation
from schemas.story_arc import ArcStep, StoryArc

_NAMES = ("Mina", "Tobias", "Ines", "Caleb", "Ruth", "Oskar", "Lena", "Marek", "Nora", "Ilias", "Sofia", "Anton")
_ROLES = ("a", "b", "c")


def write_arc(project: Project) -> StoryArc:
    """The StoryArc of `project.premise`: cast, places and four turns.

    Raises:
        InvalidInput: the project has no premise.
    """
    premise = read_premise(project)
    shape = _shape_for(premise)
    people, places = _people(premise, shape), _places(premise, shape)
    words = _words_for(premise, shape, people, places)
    return StoryArc(
        title=project.title,
        premise=premise.text,
        theme=shape.theme,
        characters=people,
        locations=places,
        steps=tuple(
            ArcStep(
                step_id=f"{shape.shape_id}.{scene.purpose}",
                purpose=scene.purpose,
                summary=scene.summary.format_map(words),
                mood=scene.mood,
            )
            for scene in shape.scenes
        ),
    )


def plan_episode(arc: StoryArc, project: Project) -> EpisodePlan:
    """The scenes of the one episode that `arc` fills, with what happens in each.

    Raises:
        InvalidInput: `arc` was not made by `write_arc`.
    """
    premise, shape, words = _story(arc, project)
    scenes = []
    for index, (step, scene) in enumerate(zip(arc.steps, shape.scenes, strict=True)):
        location = arc.locations[scene.place]
        beats = [_worded(premise, shape, index, number, words) for number in range(len(scene.beats))]
        spoken = {beat.who for beat in scene.beats if beat.who}
        shown = " ".join(text for beat, text in zip(scene.beats, beats, strict=True) if not beat.who)
        scenes.append(
            PlannedScene(
                scene_id=f"{step.purpose}_{location.location_id}"[:120],
                purpose=step.purpose,
                location_id=location.location_id,
                time_of_day=scene.time_of_day,
                weather=scene.weather or premise.weather or shape.weather,
                mood=step.mood,
                character_ids=tuple(
                    person.character_id
                    for role, person in zip(_ROLES, arc.characters, strict=True)
                    if role in spoken or person.name in shown
                ),
                beats=tuple(text for beat, text in zip(scene.beats, beats, strict=True) if not beat.who),
            )
        )
    return EpisodePlan(title=arc.title, arc_reference=sha256_hex(arc.to_json()), scenes=tuple(scenes))


def write_script(arc: StoryArc, plan: EpisodePlan, project: Project) -> Script:
    """The Script of `plan`: 60 to 90 seconds when spoken.

    Raises:
        InvalidInput: `plan` belongs to another arc, or `arc` was not made by `write_arc`.
    """
    if plan.arc_reference != sha256_hex(arc.to_json()):
        raise InvalidInput(f"episode plan {plan.title!r} was made for another arc: {plan.arc_reference!r}")
    premise, shape, words = _story(arc, project)
    scenes = []
    for index, (planned, scene) in enumerate(zip(plan.scenes, shape.scenes, strict=True)):
        elements: list[Action | Dialogue] = []
        for number, beat in enumerate(scene.beats):
            heard = [one.speaker_id for one in elements if isinstance(one, Dialogue)]
            elements.append(_element(planned, beat, _worded(premise, shape, index, number, words), arc, heard))
        scenes.append(
            Scene(
                **planned.model_dump(include={"scene_id", "location_id", "time_of_day", "weather", "mood"}),
                character_ids=planned.character_ids,
                elements=tuple(elements),
            )
        )
    return Script(
        title=arc.title,
        language="en",
        characters=tuple(
            ScriptCharacter(character_id=one.character_id, name=one.name, appearance=one.appearance, voice=one.voice)
            for one in arc.characters
        ),
        locations=tuple(
            ScriptLocation(location_id=one.location_id, name=one.name, setting=one.setting) for one in arc.locations
        ),
        scenes=tuple(scenes),
    )


def _shape_for(premise: Premise) -> StoryShape:
    """The shape that the premise's words ask for most; its seed decides between equals."""
    words = re.findall(r"[a-z]+", premise.text.lower())
    called = [frozenset(shape.called_for_by.split()) for shape in SHAPES]
    scores = [sum(word in asked for word in words) for asked in called]
    return premise.choose([shape for shape, score in zip(SHAPES, scores, strict=True) if score == max(scores)], "shape")


def _people(premise: Premise, shape: StoryShape) -> tuple[CanonCharacter, ...]:
    """Three people: the premise's own first; somebody lost is the one who is found."""
    lost = [name for name in premise.names[1:] if shape.waited_for and name in premise.lost]
    names = [name for name in premise.names if name not in lost]
    spare = [name for name in _NAMES if name not in premise.names]
    while len(names) + len(lost[:1]) < len(_ROLES):
        names.append(premise.choose(spare, f"name {len(names)}"))
        spare.remove(names[-1])
    people: list[CanonCharacter] = []
    for index, name in enumerate([*names, *lost][: len(_ROLES)]):
        character_id = identifier(name, "character")
        if any(person.character_id == character_id for person in people):
            character_id = f"{character_id}_{index + 1}"
        age = "adult" if index < 2 or name in premise.names else _third(premise, shape)[1]
        voice = VoiceHint.model_validate({"age": age})
        people.append(CanonCharacter(character_id=character_id, name=name, voice=voice))
    return tuple(people)


def _third(premise: Premise, shape: StoryShape) -> tuple[str, str]:
    return premise.choose(shape.third, "third")


def _places(premise: Premise, shape: StoryShape) -> tuple[CanonLocation, ...]:
    """The shape's three places; the premise's own stand in where they fit: same setting, else both under a roof."""
    places = list(shape.places)
    free = list(range(len(places)))
    for fits in (lambda own, other: own == other, lambda own, other: (own in INDOORS) == (other in INDOORS)):
        for place in premise.places:
            taken = {setting for _, setting in places}
            slot = next((index for index in free if fits(place[1], places[index][1])), None)
            if slot is not None and place not in places and place[1] not in taken - {places[slot][1]}:
                places[slot] = place
                free.remove(slot)
    return tuple(
        CanonLocation(location_id=identifier(name, "location"), name=name, setting=setting) for name, setting in places
    )


def _words_for(
    premise: Premise, shape: StoryShape, people: tuple[CanonCharacter, ...], places: tuple[CanonLocation, ...]
) -> dict[str, str]:
    """What stands for the names in braces."""
    words = {role: person.name for role, person in zip(_ROLES, people, strict=True)}
    words |= {f"p{number}": place.name.lower() for number, place in enumerate(places, start=1)}
    own = premise.thing if shape.any_thing or premise.thing in shape.things else None
    words["thing"] = own or premise.choose(shape.things, "thing")
    for role, person in zip(_ROLES, people, strict=True):
        told = premise.descriptions.get(person.name, "")
        if role == "c" and person.name not in premise.names:
            told = _third(premise, shape)[0]
        words[f"{role.upper()}_INTRO"] = f"{person.name}, {told}," if told else person.name
    return words


def _story(arc: StoryArc, project: Project) -> tuple[Premise, StoryShape, dict[str, str]]:
    premise = read_premise(project.model_copy(update={"premise": arc.premise}))
    shape_id = arc.steps[0].step_id.partition(".")[0]
    shape = next((one for one in SHAPES if one.shape_id == shape_id), None)
    if shape is None or len(arc.steps) != len(shape.scenes) or len(arc.characters) != len(_ROLES):
        raise InvalidInput(f"arc {arc.title!r} follows no story shape of the template writer: {shape_id!r}")
    return premise, shape, _words_for(premise, shape, arc.characters, arc.locations)


def _worded(premise: Premise, shape: StoryShape, scene: int, number: int, words: dict[str, str]) -> str:
    """The chosen wording of a beat, with the names in it and `a` made `an` where the thing asks for it."""
    beat = shape.scenes[scene].beats[number]
    text = premise.choose(beat.wordings, f"{shape.shape_id}/{scene}/{number}").format_map(words)
    return re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)


def _element(scene: PlannedScene, beat: Beat, text: str, arc: StoryArc, heard: list[str]) -> Action | Dialogue:
    """The element of a beat; `heard` are the speakers so far, the last of whom an answer is for."""
    ids = {role: person.character_id for role, person in zip(_ROLES, arc.characters, strict=True)}
    digest = sha256_hex(f"{beat.who}/{text}".encode())[:12]
    element_id = f"{scene.scene_id}.{digest}"
    if beat.who:
        others = [one for one in (*reversed(heard), *scene.character_ids) if one != ids[beat.who]]
        addressee = ids[beat.to] if beat.to else others[0] if others else None
        return Dialogue(
            element_id=element_id,
            speaker_id=ids[beat.who],
            text=text,
            emotion=beat.emotion,
            pacing=tag_pacing(text),
            addressee_id=addressee,
        )
    acting = tuple(
        person.character_id for person in arc.characters if re.search(rf"\b{re.escape(person.name)}\b", text)
    )
    if "three of them" in text:
        acting = scene.character_ids
    return Action(
        element_id=element_id,
        text=text,
        character_ids=acting,
        emotion=beat.emotion,
        pose=pose_in(text) if acting else None,
        props=props_in(text),
        sfx_tags=sounds_in(text),
    )
