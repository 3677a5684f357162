"""The canon gate: what a script would change in canon, and where it contradicts it.

The script is read from the first element to the last against a ledger of what is established, so that it is held to
its own word as much as to canon's. Hard contradictions of name, age, death and location block. Scenes of another time
(flashbacks, dreams) are exempt, and so are the dead when they are only spoken of, seen in pictures, or heard in
voice-over.
"""

from __future__ import annotations

from typing import Literal

from pipelines.canon.ledger import Ledger, same_name
from pipelines.canon.presence import acts, is_another_time, present
from pipelines.canon.statements import Statement, statements
from pipelines.narrative.names import NameFinder, folded
from schemas.canon import Canon
from schemas.canon_diff import CanonDiff, CanonFinding, ModifiedFact
from schemas.canonical import sha256_hex
from schemas.facts import Fact
from schemas.script import Action, Dialogue, Scene, Script

Rule = Literal["name", "age", "death", "location"]


def examine(canon: Canon, script: Script) -> CanonDiff:
    """The CanonDiff that `script` proposes to `canon`, with every contradiction; `blocked` when one is hard.

    Raises:
        InvalidInput: a hard fact in the script has a value of the wrong kind.
    """
    reading = _Reading(canon, script)
    for scene in script.scenes:
        reading.read(scene)
    added, modified, removed = [], [], []
    for before, after in reading.ledger.changes():
        if after.value is None:
            removed += [before] if before else []
        elif before is None:
            added.append(after)
        else:
            modified.append(ModifiedFact(before=before, after=after))
    findings = tuple(reading.findings.values())
    return CanonDiff(
        added_facts=tuple(added),
        modified_facts=tuple(modified),
        removed_facts=tuple(removed),
        justification=f"What {script.title!r} establishes.",
        provenance=f"Script {script.title!r}, sha256 {sha256_hex(script.to_json())}",
        findings=findings,
        verdict="blocked" if any(finding.severity == "hard" for finding in findings) else "allowed",
    )


class _Reading:
    """One pass over a script."""

    def __init__(self, canon: Canon, script: Script) -> None:
        self.ledger = Ledger(canon)
        self.findings: dict[tuple[object, ...], CanonFinding] = {}
        self._places = {place.location_id: place.name for place in script.locations}
        names = {name: one.character_id for one in reversed(canon.characters) for name in (*one.aliases, one.name)}
        names |= {person.name: person.character_id for person in script.characters}
        self._finder = NameFinder(names)
        self._said_dead: dict[str, Fact] = {}
        self._moved: dict[str, Fact] = {}
        self._introduce(canon, script)

    def read(self, scene: Scene) -> None:
        """Holds every element of `scene` against the ledger, then enters what it states."""
        another_time = is_another_time(scene, self._places[scene.location_id])
        self._moved = {}
        for element in scene.elements:
            if not another_time:
                self._check_presence(scene, element)
            for statement in statements(scene.scene_id, element, self._finder):
                if not another_time or statement.fact.attribute in ("name", "alias"):
                    self._take(statement)

    def _introduce(self, canon: Canon, script: Script) -> None:
        """Names of people and places, which must be canon's own, and one person's only."""
        owners: dict[str, Fact] = {}
        for character in canon.characters:
            owners[folded(character.name)] = Fact(
                subject_id=character.character_id, attribute="name", value=character.name, stated_in="canon"
            )
        for person in script.characters:
            fact = Fact(
                subject_id=person.character_id, attribute="name", value=person.name, stated_in="script: characters"
            )
            owner = owners.setdefault(folded(person.name), fact)
            if owner.subject_id != person.character_id:
                self._find("name", "hard", owner, fact, f"{person.name!r} is the name of {owner.subject_id!r}")
            self._name(fact)
        for place in script.locations:
            stated = Fact(
                subject_id=place.location_id, attribute="place_name", value=place.name, stated_in="script: locations"
            )
            known = self.ledger.get(place.location_id, "place_name")
            if known is None:
                self.ledger.put(stated)
                self.ledger.put(stated.model_copy(update={"attribute": "setting", "value": place.setting}))
            elif not same_name(str(known.value), place.name):
                self._find("name", "soft", known, stated, f"{place.location_id!r} is {known.value!r}")

    def _name(self, fact: Fact) -> None:
        known = self.ledger.get(fact.subject_id, "name")
        if known is None:
            self.ledger.put(fact)
        elif not self.ledger.answers_to(fact.subject_id, str(fact.value)):
            self._find("name", "hard", known, fact, f"{fact.subject_id!r} is named {known.value!r}")

    def _check_presence(self, scene: Scene, element: Action | Dialogue) -> None:
        where = f"{scene.scene_id}/{element.element_id}: “{element.text}”"[:300]
        for character_id in present(element):
            alive = self.ledger.get(character_id, "alive")
            if alive is not None and alive.value is False and acts(character_id, element, self._finder):
                doing = Fact(subject_id=character_id, attribute="alive", value=True, stated_in=where)
                self._find("death", "hard", alive, doing, f"{self._called(character_id)} is dead")
            rumour = self._said_dead.get(character_id)
            if rumour is not None and acts(character_id, element, self._finder):
                doing = Fact(subject_id=character_id, attribute="alive", value=True, stated_in=where)
                self._find("death", "soft", rumour, doing, f"{self._called(character_id)} is said to be dead")
            self._check_place(scene, character_id, where, element)

    def _check_place(self, scene: Scene, character_id: str, where: str, element: Action | Dialogue) -> None:
        held = self.ledger.get(character_id, "location_id")
        if held is None or held.value is None or not acts(character_id, element, self._finder):
            return
        here = scene.location_id
        if here == held.value or here.startswith(f"{held.value}_"):
            return
        if any(f.attribute == "location_id" and f.subject_id == character_id and f.value in (None, here)
               for f in element.facts):  # fmt: skip
            return  # this very element says that the character is free, or brought here
        fact = Fact(subject_id=character_id, attribute="location_id", value=here, stated_in=where)
        self._find("location", "hard", held, fact, f"{self._called(character_id)} is held at {held.value!r}")

    def _take(self, statement: Statement) -> None:
        fact = statement.fact
        takers = {
            "name": self._name,
            "alias": lambda one: self.ledger.add_alias(one.subject_id, str(one.value)),
            "location_id": self._place,
        }
        if fact.attribute == "age_years":
            self._age(statement)
        elif fact.attribute == "alive":
            self._alive(statement)
        else:
            takers.get(fact.attribute, self.ledger.put)(fact)

    def _age(self, statement: Statement) -> None:
        fact = statement.fact
        known = self.ledger.get(fact.subject_id, "age_years")
        birthday = statement.is_birthday and known is not None and fact.value == int(known.value or 0) + 1
        if known is None or known.value is None or birthday:
            self.ledger.put(fact)
        elif known.value != fact.value:
            self._find("age", "hard", known, fact, f"{self._called(fact.subject_id)} is {known.value}")

    def _alive(self, statement: Statement) -> None:
        fact = statement.fact
        known = self.ledger.get(fact.subject_id, "alive")
        was_dead = known is not None and known.value is False
        if statement.how == "said":
            if not was_dead:
                self._said_dead.setdefault(fact.subject_id, fact)
        elif was_dead and known is not None and (fact.value is True or statement.is_event):
            self._find("death", "hard", known, fact, f"{self._called(fact.subject_id)} is already dead")
        elif not was_dead:
            self.ledger.put(fact)

    def _place(self, fact: Fact) -> None:
        known = self.ledger.get(fact.subject_id, "location_id")
        moved = self._moved.get(fact.subject_id)
        if fact.value is None:
            self.ledger.put(fact)
            return
        if moved is not None and moved.value != fact.value:
            self._find("location", "hard", moved, fact, f"{self._called(fact.subject_id)} is at {moved.value!r}")
        elif known is not None and known.value not in (None, fact.value):
            self._find("location", "hard", known, fact, f"{self._called(fact.subject_id)} is held at {known.value!r}")
        else:
            self.ledger.put(fact)
            self._moved[fact.subject_id] = fact

    def _called(self, character_id: str) -> str:
        name = self.ledger.get(character_id, "name")
        return str(name.value) if name else character_id

    def _find(self, rule: Rule, severity: Literal["hard", "soft"], known: Fact, stated: Fact, what: str) -> None:
        """Records a contradiction once; `what` says the established fact in words."""
        key = (rule, severity, known.subject_id, str(known.value), stated.subject_id, str(stated.value))
        message = (
            f"{what} ({known.stated_in or 'canon'}), but {stated.subject_id}.{stated.attribute} is {stated.value!r} "
            f"in {stated.stated_in or 'the script'}"
        )
        finding = CanonFinding(rule=rule, severity=severity, established=known, proposed=stated, message=message)
        self.findings.setdefault(key, finding)
