"""A script with canon's people and places in it: ids by name; looks, voices and settings where it leaves them open."""

from __future__ import annotations

from collections.abc import Callable

from pipelines.narrative.names import folded
from schemas.canon import Appearance, Canon, CanonCharacter, VoiceHint
from schemas.script import Action, Dialogue, Scene, Script, ScriptCharacter, ScriptLocation


def cast_by_name(script: Script, canon: Canon) -> Script:
    """`script` with the id of canon for everybody whom canon knows by that name or alias.

    For screenplays, whose ids are made from names. A name that canon gives to several people is left alone, and so is
    a character whose id canon knows.
    """
    known = {character.character_id for character in canon.characters}
    owners: dict[str, set[str]] = {}
    for character in canon.characters:
        for name in (character.name, *character.aliases):
            owners.setdefault(folded(name), set()).add(character.character_id)
    renamed = {
        person.character_id: next(iter(found))
        for person in script.characters
        if person.character_id not in known and len(found := owners.get(folded(person.name), set())) == 1
    }
    if not renamed:
        return script

    def of(character_id: str) -> str:
        return renamed.get(character_id, character_id)

    people: dict[str, ScriptCharacter] = {}
    for person in script.characters:
        people.setdefault(of(person.character_id), person.model_copy(update={"character_id": of(person.character_id)}))
    return script.model_copy(
        update={
            "characters": tuple(people.values()),
            "scenes": tuple(_recast(scene, of) for scene in script.scenes),
        }
    )


def dress(script: Script, canon: Canon) -> Script:
    """`script` with canon's appearance, voice and setting wherever the script says nothing of them."""
    people = {character.character_id: character for character in canon.characters}
    places = {location.location_id: location for location in canon.locations}
    return script.model_copy(
        update={
            "characters": tuple(_dressed(person, people.get(person.character_id)) for person in script.characters),
            "locations": tuple(
                place.model_copy(update={"setting": places[place.location_id].setting})
                if place.location_id in places and not _states_setting(place)
                else place
                for place in script.locations
            ),
        }
    )


def _states_setting(place: ScriptLocation) -> bool:
    """Whether a setting was chosen; `room` is what a script says when it says nothing."""
    return place.setting not in ("room", "field")


def _dressed(person: ScriptCharacter, known: CanonCharacter | None) -> ScriptCharacter:
    if known is None:
        return person
    appearance = {**known.appearance.model_dump(), **_stated(person.appearance)}
    voice = {**known.voice.model_dump(), **_stated(person.voice)}
    return person.model_copy(
        update={"appearance": Appearance.model_validate(appearance), "voice": VoiceHint.model_validate(voice)}
    )


def _stated(part: Appearance | VoiceHint) -> dict[str, object]:
    return {name: value for name, value in part.model_dump().items() if value not in ("", None)}


def _recast(scene: Scene, of: Callable[[str], str]) -> Scene:
    return scene.model_copy(
        update={
            "character_ids": tuple(dict.fromkeys(of(one) for one in scene.character_ids)),
            "elements": tuple(_recast_element(element, of) for element in scene.elements),
        }
    )


def _recast_element(element: Action | Dialogue, of: Callable[[str], str]) -> Action | Dialogue:
    facts = tuple(fact.model_copy(update={"subject_id": of(fact.subject_id)}) for fact in element.facts)
    if isinstance(element, Action):
        acting = tuple(dict.fromkeys(of(one) for one in element.character_ids))
        return element.model_copy(update={"character_ids": acting, "facts": facts})
    addressee = of(element.addressee_id) if element.addressee_id else None
    return element.model_copy(update={"speaker_id": of(element.speaker_id), "addressee_id": addressee, "facts": facts})
