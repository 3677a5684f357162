"""Canon after an approved CanonDiff: the only way that canon changes."""

from __future__ import annotations

from typing import Any

from pipelines.canon.ledger import canon_facts
from schemas.canon import Canon, CanonCharacter, CanonLocation
from schemas.canon_diff import CanonDiff
from schemas.errors import CanonConflict
from schemas.facts import Fact

_OF_CHARACTER = frozenset({"name", "age_years", "alive", "location_id"})
_OF_LOCATION = {"place_name": "name", "setting": "setting"}


def apply_diff(canon: Canon, diff: CanonDiff) -> Canon:
    """`canon` with the facts of `diff` added, changed and removed; everything else stays as it was.

    Raises:
        CanonConflict: the gate blocked the diff; or canon has changed since the diff was made, so that a fact that it
            would change or remove no longer reads as it did.
    """
    if diff.verdict == "blocked":
        reasons = [finding.message for finding in diff.findings if finding.severity == "hard"]
        raise CanonConflict(f"the canon gate blocked this diff: {'; '.join(reasons)}", findings=reasons)
    _check_current(canon, diff)
    people = {person.character_id: person for person in canon.characters}
    places = {place.location_id: place for place in canon.locations}
    states = {(fact.subject_id, fact.attribute): fact for fact in canon.persistent_states}
    gone = [fact.model_copy(update={"value": None}) for fact in diff.removed_facts]
    for fact in (*diff.added_facts, *(change.after for change in diff.modified_facts), *gone):
        if fact.attribute in _OF_CHARACTER:
            people[fact.subject_id] = _person(people.get(fact.subject_id), fact)
        elif fact.attribute in _OF_LOCATION:
            places[fact.subject_id] = _place(places.get(fact.subject_id), fact)
        elif fact.value is None:
            states.pop((fact.subject_id, fact.attribute), None)
        else:
            states[(fact.subject_id, fact.attribute)] = fact
    return canon.model_copy(
        update={
            "characters": tuple(people.values()),
            "locations": tuple(places.values()),
            "persistent_states": tuple(states.values()),
        }
    )


def _check_current(canon: Canon, diff: CanonDiff) -> None:
    now = {(fact.subject_id, fact.attribute): fact.value for fact in canon_facts(canon)}
    for expected in (*(change.before for change in diff.modified_facts), *diff.removed_facts):
        found = now.get((expected.subject_id, expected.attribute))
        if found != expected.value:
            raise CanonConflict(
                f"canon has changed since this diff was made: {expected.subject_id}.{expected.attribute} is {found!r}, "
                f"not {expected.value!r}; examine the script again",
                fact=expected.model_dump(),
            )
    for fact in diff.added_facts:
        found = now.get((fact.subject_id, fact.attribute))
        if found is not None and found != fact.value:
            raise CanonConflict(
                f"canon has changed since this diff was made: {fact.subject_id}.{fact.attribute} is already {found!r}; "
                "examine the script again",
                fact=fact.model_dump(),
            )


def _person(known: CanonCharacter | None, fact: Fact) -> CanonCharacter:
    person = known or CanonCharacter(character_id=fact.subject_id, name=fact.subject_id)
    values: dict[str, Any] = {fact.attribute: fact.value}
    return CanonCharacter.model_validate({**person.model_dump(), **values})


def _place(known: CanonLocation | None, fact: Fact) -> CanonLocation:
    place = known or CanonLocation(location_id=fact.subject_id, name=fact.subject_id)
    return CanonLocation.model_validate({**place.model_dump(), _OF_LOCATION[fact.attribute]: fact.value})
