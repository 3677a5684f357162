"""A script with canon's people and places in it: ids by name; looks, voices and settings where it leaves them open."""

from __future__ import annotations

from collections.abc import Callable

from pipelines.narrative.cast_list import acting_in
from pipelines.narrative.names import NameFinder, folded
from schemas.canon import Appearance, Canon, CanonCharacter, VoiceHint
from schemas.script import Action, Dialogue, Scene, Script, ScriptCharacter, ScriptLocation


def cast_by_name(script: Script, canon: Canon) -> Script:
    """`script` with the id of canon for everybody whom canon knows by that name or alias.

    For screenplays, whose ids are made from names. A name that canon gives to several people is left alone, and so is
    a character whose id canon knows. Somebody of canon who does something without ever speaking joins the cast.
    """
    return _with_silent(_renamed(script, canon), canon)


def _with_silent(script: Script, canon: Canon) -> Script:
    speaking = {person.character_id for person in script.characters}
    silent = {one.character_id: one for one in canon.characters if one.character_id not in speaking}
    finder = NameFinder({name: key for key, one in silent.items() for name in (*one.aliases, one.name)})
    joined: dict[str, ScriptCharacter] = {}
    scenes = []
    for scene in script.scenes:
        elements = []
        for element in scene.elements:
            found = acting_in(element.text, finder) if isinstance(element, Action) else ()
            joined |= {key: ScriptCharacter(character_id=key, name=silent[key].name) for key in found}
            acting = (*element.character_ids, *found) if isinstance(element, Action) else ()
            elements.append(element.model_copy(update={"character_ids": acting}) if found else element)
        new = [one for element in elements if isinstance(element, Action) for one in element.character_ids]
        present = tuple(dict.fromkeys((*scene.character_ids, *new)))
        scenes.append(scene.model_copy(update={"elements": tuple(elements), "character_ids": present}))
    if not joined:
        return script
    return script.model_copy(update={"scenes": tuple(scenes), "characters": (*script.characters, *joined.values())})


def _renamed(script: Script, canon: Canon) -> Script:
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
