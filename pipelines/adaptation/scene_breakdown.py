"""Script -> scenes with what a planner needs to know of each element: who, to whom, how they feel, how they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.adaptation import poses
from pipelines.adaptation.emotional_tags import emotion_of, is_peak
from pipelines.adaptation.screen_sides import Axis, axis
from schemas.script import Action, Dialogue, Scene, Script, ScriptLocation
from schemas.vocabulary import Emotion, Pose


@dataclass(frozen=True)
class Beat:
    """One element and its place in the scene."""

    element: Action | Dialogue
    emotion: Emotion
    """What faces show: the tag, or read from the words."""

    peak: bool
    """Whether a strong emotion begins here, by the tags alone."""

    addressee_id: str | None
    """Whom a line is said to; None for an action or somebody alone."""

    poses: Mapping[str, Pose]
    """What everybody seen so far does during the element."""


@dataclass(frozen=True)
class SceneBreakdown:
    """A scene, ready to be planned."""

    scene: Scene
    location: ScriptLocation
    establishes: bool
    """Whether the place or the time of day is new against the scene before."""

    axis: Axis
    beats: tuple[Beat, ...]

    visible: frozenset[str]
    """Who can be shown: everybody but those who are only heard."""

    names: Mapping[str, str]
    """Display names by character_id."""


def scene_breakdown(script: Script) -> tuple[SceneBreakdown, ...]:
    """Every scene of the script in order. Pure; reads nothing but the script."""
    places = {location.location_id: location for location in script.locations}
    names = {character.character_id: character.name for character in script.characters}
    scenes = []
    previous: Scene | None = None
    for scene in script.scenes:
        scenes.append(
            SceneBreakdown(
                scene=scene,
                location=places[scene.location_id],
                establishes=previous is None
                or (previous.location_id, previous.time_of_day) != (scene.location_id, scene.time_of_day),
                axis=axis(appearance(scene)),
                beats=tuple(_beats(scene, names, script.language)),
                visible=visible(scene),
                names=names,
            )
        )
        previous = scene
    return tuple(scenes)


def appearance(scene: Scene) -> tuple[str, ...]:
    """Everybody in the scene, in the order of their first element; silent people last, as the scene lists them."""
    order: dict[str, None] = {}
    for element in scene.elements:
        if isinstance(element, Action):
            order.update(dict.fromkeys(element.character_ids))
        else:
            if element.heard != "voice_over":
                order[element.speaker_id] = None
            if element.addressee_id:
                order[element.addressee_id] = None
    order.update(dict.fromkeys(scene.character_ids))
    return tuple(order)


def visible(scene: Scene) -> frozenset[str]:
    """Who can be shown: who acts or is seen to speak, and who is present or spoken to without being only a voice."""
    shown: set[str] = set()
    voices: set[str] = set()
    present = set(scene.character_ids)
    for element in scene.elements:
        if isinstance(element, Action):
            shown.update(element.character_ids)
            continue
        (shown if element.heard == "on_screen" else voices).add(element.speaker_id)
        if element.addressee_id and element.heard != "voice_over":
            present.add(element.addressee_id)
    return frozenset(shown | (present - voices))


def _beats(scene: Scene, names: Mapping[str, str], language: str) -> Iterator[Beat]:
    addressees = _addressees(scene)
    resting: dict[str, Pose] = {}
    tags: dict[str, Emotion] = {}
    for element, addressee in zip(scene.elements, addressees, strict=True):
        emotion = emotion_of(element, language)
        people = element.character_ids if isinstance(element, Action) else (element.speaker_id,)
        peak = any(is_peak(element.emotion, tags.get(person)) for person in people)
        tags.update(dict.fromkeys(people, element.emotion))
        if isinstance(element, Action):
            now = poses.poses_of(element, names, resting, language)
            yield Beat(element, emotion, peak, None, {**resting, **now})
            resting = poses.after(now, resting)
        else:
            yield Beat(element, emotion, peak, addressee, resting)


def _addressees(scene: Scene) -> list[str | None]:
    """Whom each element is said to: as written, else the other speaker before, else after, else the only other person.

    None for actions.
    """
    before = _other_speakers(scene.elements)
    after = list(reversed(_other_speakers(tuple(reversed(scene.elements)))))
    everybody = appearance(scene)
    found: list[str | None] = []
    for element, earlier, later in zip(scene.elements, before, after, strict=True):
        if isinstance(element, Action):
            found.append(None)
            continue
        others = [person for person in everybody[:3] if person != element.speaker_id]
        only = others[0] if len(everybody) == 2 else None
        written = element.addressee_id if element.addressee_id != element.speaker_id else None
        # a voice over is heard by nobody in the scene unless the script says so
        found.append(written or (None if element.heard == "voice_over" else earlier or later or only))
    return found


def _other_speakers(elements: Sequence[Action | Dialogue]) -> list[str | None]:
    """For each element, the last speaker before it who is somebody else; None at actions. One pass."""
    found: list[str | None] = []
    last: str | None = None
    last_other: str | None = None
    for element in elements:
        if isinstance(element, Action) or element.heard == "voice_over":
            found.append(None)
            continue
        if last is not None and last != element.speaker_id:
            last_other = last
        last = element.speaker_id
        found.append(last_other)
    return found
