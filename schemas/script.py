"""Script: scenes, dialogue, actions and emotional tags. It holds no camera instructions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas.canon import Appearance, VoiceHint
from schemas.document import Document, Identifier, Part
from schemas.facts import Fact
from schemas.vocabulary import Emotion, LocationSetting, Mood, Pacing, Pose, TimeOfDay, Weather

Heard = Literal["on_screen", "off_screen", "voice_over"]


class ScriptCharacter(Part):
    """Somebody who appears."""

    character_id: Identifier
    """Name of the character in documents."""

    name: str = Field(min_length=1, max_length=120)
    """Name of the character in the story."""

    appearance: Appearance = Appearance()
    voice: VoiceHint = VoiceHint()


class ScriptLocation(Part):
    """Where a scene plays."""

    location_id: Identifier
    """Name of the location in documents."""

    name: str = Field(min_length=1, max_length=120)
    """Name of the location in the story."""

    setting: LocationSetting = "room"


class Action(Part):
    """Something that is seen."""

    type: Literal["action"] = "action"
    """Tells an action from a dialogue line."""

    element_id: Identifier
    """Name of this element, unique in the script."""

    text: str = Field(min_length=1, max_length=4000)
    """What is seen, as the screenplay says it."""

    character_ids: tuple[Identifier, ...] = ()
    """Who does it; empty for a view of the place or a thing."""

    emotion: Emotion = "neutral"
    pose: Pose | None = None
    """How the figures hold themselves; None lets the shot planner choose."""

    props: tuple[str, ...] = ()
    """Things that are seen close: lantern, letter, key."""

    sfx_tags: tuple[str, ...] = ()
    """Sounds: thunder, door, footsteps, waves."""

    facts: tuple[Fact, ...] = ()
    """What this element establishes, in canon's terms."""


class Dialogue(Part):
    """Something that is said."""

    type: Literal["dialogue"] = "dialogue"
    """Tells a dialogue line from an action."""

    element_id: Identifier
    """Name of this element, unique in the script."""

    speaker_id: Identifier
    """Character who speaks."""

    text: str = Field(min_length=1, max_length=4000)
    """What is said, word for word."""

    emotion: Emotion = "neutral"
    pacing: Pacing = "normal"
    addressee_id: Identifier | None = None
    """Character who is spoken to; None when nobody in particular."""

    heard: Heard = "on_screen"
    """Whether the speaker is seen; `voice_over` may come from another place or time."""

    facts: tuple[Fact, ...] = ()


Element = Annotated[Action | Dialogue, Field(discriminator="type")]


class Scene(Part):
    """One place at one time."""

    scene_id: Identifier
    """Name of the scene, unique in the script."""

    location_id: Identifier
    """Where it plays."""

    time_of_day: TimeOfDay = "day"
    """When it plays."""

    weather: Weather = "clear"
    """Weather outside."""

    mood: Mood = "calm"
    character_ids: tuple[Identifier, ...] = ()
    """Who is present, speaking or not."""

    elements: tuple[Element, ...] = Field(min_length=1)
    """Actions and dialogue lines, in order."""


class Script(Document):
    """A screenplay. Every id that an element uses is declared; element ids are unique in the script."""

    title: str = Field(min_length=1, max_length=200)
    """Title of the story."""

    language: str = "en"
    """Language of the dialogue (BCP 47)."""

    characters: tuple[ScriptCharacter, ...] = ()
    locations: tuple[ScriptLocation, ...] = Field(min_length=1)
    scenes: tuple[Scene, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _closed(self) -> Script:
        people = {character.character_id for character in self.characters}
        places = {location.location_id for location in self.locations}
        seen: set[str] = set()
        for scene in self.scenes:
            if scene.location_id not in places:
                raise ValueError(f"scene {scene.scene_id!r} plays at {scene.location_id!r}, not in locations")
            for element in scene.elements:
                if element.element_id in seen:
                    raise ValueError(f"element_id {element.element_id!r} stands twice")
                seen.add(element.element_id)
                for character_id in _named(element):
                    if character_id not in people:
                        raise ValueError(f"{element.element_id!r} names {character_id!r}, not in characters")
            for character_id in scene.character_ids:
                if character_id not in people:
                    raise ValueError(f"scene {scene.scene_id!r} has {character_id!r}, not in characters")
        scene_ids = [scene.scene_id for scene in self.scenes]
        if len(set(scene_ids)) != len(scene_ids):
            raise ValueError("a scene_id stands twice")
        return self


def _named(element: Action | Dialogue) -> tuple[str, ...]:
    if isinstance(element, Action):
        return element.character_ids
    return (element.speaker_id,) + ((element.addressee_id,) if element.addressee_id else ())
