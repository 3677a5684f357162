"""What an element of a script states: the facts of its notes, ages, names and deaths in its words.

Only unambiguous wording counts. A statement that is missed lets a mistake through; one that is invented stops a film,
so hypotheses, comparisons, quotations and figures of speech state nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipelines.narrative.names import Mention, NameFinder
from schemas.errors import InvalidInput
from schemas.facts import Fact
from schemas.script import Action, Dialogue

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_NUMBER_OF = {word: number for number, word in enumerate(_UNITS.split(" "))}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBER_OF |= {word: 10 * number for number, word in enumerate(_TENS.split(" "), start=2)}
_NUMBER = (
    rf"(?P<age>\d{{1,3}}|(?:{_TENS.replace(' ', '|')})(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?"
    rf"|{'|'.join(reversed(_UNITS.split(' ')))})"
)
_ENDS = r"(?=\s*(?:[.,!?;:…—–]|$)|\s+(?:now|today|and|but)\b)"
_YEARS_OLD = r"\s+years?\s+old\b"
_SPEAKER_AGE = re.compile(
    rf"(?P<before>\S+\s+)?(?<![\w“\"‘])(?:I am|I['’]m|I (?:just )?turned)\s+"
    rf"(?:now\s+|only\s+|already\s+|almost\s+)?{_NUMBER}(?:{_YEARS_OLD}|{_ENDS})",
    re.IGNORECASE,
)
_INTRODUCED_AGE = re.compile(r"^(?:\s*\(\s*(?P<age>\d{1,3})\b(?!\s*(?:feet|minutes|hours|miles|metres|meters))"
                             r"|\s*,\s*(?P<age2>\d{1,3})\s*,)")  # fmt: skip
_SET_OFF = re.compile(r"^(?:\s*\([^()]{0,60}\)|\s*,\s*\d{1,3}\s*,)")
_SAID_AGE = re.compile(
    rf"^\s+(?:is|turns)\s+(?:now\s+|only\s+)?{_NUMBER}(?:{_YEARS_OLD}|\s*(?=[.!,;]|$))", re.IGNORECASE
)
_OPEN_CONDITION = re.compile(
    r"\b(?:if|when|whenever|until|till|once|before|after|since|like|think|thinks|say|says|said|pretend|wish|imagine|told|because"
    r"|suppose|almost|nearly|not|ask|asked|forget|time|unless|as)\b[^.!?]*$",
    re.IGNORECASE,
)
_OWN_NAME = re.compile(r"\b[Mm]y name is ((?:[A-Z][\w'’-]+)(?:\s+[A-Z][\w'’-]+){0,2})")
_FIGURE = (
    r"(?!\s+(?:down|laughing|inside|tired|asleep|wrong|right|serious|set|calm|quiet|certain|on (?:his|her|their) feet"
    r"|of (?:laughter|shame|boredom|embarrassment)|to (?:him|her|me|us|the world|them)|silent|still on))"
)
_DIES = re.compile(
    rf"^\s+(?:dies|drowns|perishes|is killed|is murdered|falls dead|drops dead|bleeds to death"
    rf"|breathes (?:his|her|their) last"
    rf"|freezes to death|starves to death|is shot dead|is executed)\b{_FIGURE}",
    re.IGNORECASE,
)
_IS_DEAD = re.compile(rf"^\s+(?:is|lies|has been|is already)\s+(?:dead|died)\b{_FIGURE}", re.IGNORECASE)
_KILLED = re.compile(r"\b(?:kills|murders|executes|strangles)\s+(?:\w+\s+)?$", re.IGNORECASE)
_SAID_DEAD = re.compile(
    rf"^(?:['’]s\s+dead|\s+(?:is dead|died|is gone forever|has died|was killed))\b{_FIGURE}", re.IGNORECASE
)
_UNREAL = re.compile(
    r"\b(?:almost|nearly|would|could|might|if|dreams?|dreamed|imagines?|imagined|pretends?|pretended|not|never|fears?|hopes?"
    r"|thinks?|thought|seems|until|unless|when|nobody|story|film|play|stage|game|photograph|painting)\b",
    re.IGNORECASE,
)
_BIRTHDAY = re.compile(r"\bbirthday\b|\bturn(?:s|ed)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?…]*[.!?…]?")
_TYPES: dict[str, type] = {"age_years": int, "alive": bool, "name": str, "location_id": str, "alias": str}


@dataclass(frozen=True)
class Statement:
    """A fact, and how it came to be stated."""

    fact: Fact
    how: Literal["noted", "shown", "said"]
    """By a note, by an action, or by somebody, who may be wrong."""

    is_event: bool = False
    """True for a death that happens here, not one that is found."""

    is_birthday: bool = False
    """True when the words say that an age has just changed."""


def statements(scene_id: str, element: Action | Dialogue, finder: NameFinder) -> Iterator[Statement]:
    """Everything that `element` states, its notes first.

    Raises:
        InvalidInput: the value of a hard fact is of the wrong kind.
    """
    where = f"{scene_id}/{element.element_id}: “{element.text}”"
    where = where if len(where) <= 300 else where[:298] + "…”"
    birthday = bool(_BIRTHDAY.search(element.text))
    for fact in element.facts:
        _check_type(fact)
        yield Statement(fact.model_copy(update={"stated_in": where}), "noted", is_birthday=birthday)
    mentions = list(finder.mentions(element.text))
    found = _shown(element.text, mentions) if isinstance(element, Action) else _said(element, mentions)
    for subject_id, attribute, value, is_event in found:
        fact = Fact(subject_id=subject_id, attribute=attribute, value=value, stated_in=where)
        yield Statement(fact, "shown" if isinstance(element, Action) else "said", is_event, birthday)


_Found = tuple[str, str, bool | int | str, bool]


def _shown(text: str, mentions: list[Mention]) -> Iterator[_Found]:
    for mention in mentions:
        after = text[mention.end_exclusive : mention.end_exclusive + 80]
        age = _INTRODUCED_AGE.match(after)
        after = without_introduction(after)
        if age:
            yield mention.character_id, "age_years", int(age["age"] or age["age2"]), False
        said = _SAID_AGE.match(after)
        if said:
            yield mention.character_id, "age_years", _number(said["age"]), False
        before = _sentence_before(text, mention.start)
        if _UNREAL.search(before):
            continue
        if _DIES.match(after) or _KILLED.search(before):
            yield mention.character_id, "alive", False, True
        elif _IS_DEAD.match(after):
            yield mention.character_id, "alive", False, False


def _said(line: Dialogue, mentions: list[Mention]) -> Iterator[_Found]:
    text = line.text
    for match in _SPEAKER_AGE.finditer(text):
        start = match.start() + len(match["before"] or "")
        doubtful = _OPEN_CONDITION.search(_sentence_before(text, start)) or "almost" in match.group().lower()
        age = _number(match["age"])
        # "I am one" and "I'm two" are rarely ages; with "years old" they are.
        if not doubtful and (age > 2 or "old" in match.group().lower()):
            yield line.speaker_id, "age_years", age, False
    name = _OWN_NAME.search(text)
    if name:
        yield line.speaker_id, "name", name.group(1), False
    for mention in mentions:
        after = text[mention.end_exclusive : mention.end_exclusive + 60]
        before = _sentence_before(text, mention.start)
        age_said = _SAID_AGE.match(after)
        if age_said and not _OPEN_CONDITION.search(before) and "old" in age_said.group().lower():
            yield mention.character_id, "age_years", _number(age_said["age"]), False
        if _SAID_DEAD.match(after) and not _UNREAL.search(before):
            yield mention.character_id, "alive", False, False


def without_introduction(after: str) -> str:
    """What follows a name, without the age or the description set off behind it: `(30) drowns` -> ` drowns`."""
    return _SET_OFF.sub("", after)


def _sentence_before(text: str, position: int) -> str:
    """What stands before `position` in its sentence, at most 200 characters."""
    before = text[max(0, position - 200) : position]
    return re.split(r"[.!?…]", before)[-1]


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    return sum(_NUMBER_OF[word] for word in re.split(r"[- ]", text.lower()))


def _check_type(fact: Fact) -> None:
    expected = _TYPES.get(fact.attribute)
    if expected is None or fact.value is None:
        return
    if type(fact.value) is not expected:
        raise InvalidInput(
            f"fact {fact.subject_id}.{fact.attribute} = {fact.value!r} must be of type {expected.__name__}", fact=fact
        )
