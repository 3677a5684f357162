"""What is established at each point of a script: canon first, then what the script has stated so far."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.narrative.names import folded
from schemas.canon import Canon
from schemas.facts import Fact

_words = str.split
_TITLES = frozenset(_words("mr mrs ms miss dr doctor captain sir lady lord professor father mother old young the"))

Key = tuple[str, str]
"""(subject_id, attribute)"""


def canon_facts(canon: Canon) -> Iterator[Fact]:
    """Every machine-checked fact of `canon`, stated in `canon`."""
    for character in canon.characters:
        values: dict[str, bool | int | str | None] = {
            "name": character.name,
            "age_years": character.age_years,
            "alive": character.alive,
            "location_id": character.location_id,
        }
        for attribute, value in values.items():
            if value is not None:
                yield Fact(subject_id=character.character_id, attribute=attribute, value=value, stated_in="canon")
    for location in canon.locations:
        for attribute, text in (("place_name", location.name), ("setting", location.setting)):
            yield Fact(subject_id=location.location_id, attribute=attribute, value=text, stated_in="canon")
    for fact in canon.persistent_states:
        yield fact if fact.stated_in else fact.model_copy(update={"stated_in": "canon"})


def same_name(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same words, or one shorter than the other (`Mara`, `Mara Voss`)."""
    first, second = ({*folded(name).replace(".", " ").split()} for name in (one, other))
    plain_first, plain_second = first - _TITLES or first, second - _TITLES or second
    return plain_first <= plain_second or plain_second <= plain_first


class Ledger:
    """Established facts by subject and attribute; later statements stand in for earlier ones."""

    def __init__(self, canon: Canon) -> None:
        self._facts: dict[Key, Fact] = {(fact.subject_id, fact.attribute): fact for fact in canon_facts(canon)}
        self._canon = dict(self._facts)
        self._aliases = {person.character_id: [*person.aliases] for person in canon.characters}

    def get(self, subject_id: str, attribute: str) -> Fact | None:
        return self._facts.get((subject_id, attribute))

    def put(self, fact: Fact) -> None:
        self._facts[(fact.subject_id, fact.attribute)] = fact

    def add_alias(self, character_id: str, alias: str) -> None:
        self._aliases.setdefault(character_id, []).append(alias)

    def answers_to(self, character_id: str, name: str) -> bool:
        """Whether `name` is the established name of the character, a form of it, or an alias."""
        established = self.get(character_id, "name")
        known = [str(established.value)] if established else []
        return any(same_name(name, one) for one in [*known, *self._aliases.get(character_id, [])])

    def changes(self) -> Iterator[tuple[Fact | None, Fact]]:
        """(canon's fact or None, the last stated fact) wherever the two differ, in the order of first statement."""
        for key, fact in self._facts.items():
            before = self._canon.get(key)
            if before is None or before.value != fact.value:
                yield before, fact
