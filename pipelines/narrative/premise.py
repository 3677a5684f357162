"""What a premise gives a story: names, places, a thing, the weather, and a seed.

A premise in another language gives its names; the rest comes from the story shape, and the lines are English.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from pipelines.narrative.places import known_places, weather_in
from pipelines.narrative.stagecraft import things_in
from schemas.canonical import sha256_hex
from schemas.errors import InvalidInput
from schemas.project import Project
from schemas.vocabulary import LocationSetting, Weather

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?…:;\n]\s*[\"'“]?$")
_APPOSITION = re.compile(r"^, (an? [^,.;:!?]{2,60}),")
_ACTS = re.compile(r"^(?:,| (?:and|is|was|has|must|wants|needs|will|can|[a-z]+s)\b)")
_LOST = r"\b(?:lost|missing|vanished|disappeared|gone)\b[^.,;]{{0,30}}\b{name}\b"
_words = str.split
_NO_NAMES = frozenset(
    _words(
        "a an the one two three four five when while if in on at after before every each during once there it he she "
        "they his her their our my as since until because though although some all no nobody somebody everyone "
        "monday tuesday "
        "wednesday thursday friday saturday sunday "
        "january february march april may june july august september october "
        "november december christmas easter god earth mars english french german i we you this that these those only "
        "young old deep far mr mrs dr captain doctor and but or so then now tonight today set inspired based what who"
    )
)

_Choice = TypeVar("_Choice")


@dataclass(frozen=True)
class Premise:
    """A premise, read."""

    text: str
    seed: str
    """SHA-256 of the text; every choice of the writer follows from it."""

    names: tuple[str, ...]
    """People, in order, at most three."""

    descriptions: dict[str, str]
    """Name -> what the premise says of the person: `a young clockmaker`."""

    places: tuple[tuple[str, LocationSetting], ...]
    """Places, each of another setting, at most three."""

    lost: frozenset[str]
    """Those of `names` whom the premise calls lost or missing."""

    thing: str | None
    weather: Weather | None

    def choose(self, options: Sequence[_Choice], key: str) -> _Choice:
        """One of `options`, always the same for this premise and `key`."""
        return options[int(sha256_hex(f"{self.seed}/{key}".encode()), 16) % len(options)]


def read_premise(project: Project) -> Premise:
    """What `project.premise` holds for a story.

    Raises:
        InvalidInput: the project has no premise.
    """
    text = " ".join(project.premise.split())
    if not text:
        raise InvalidInput("premise: an idea of a sentence or two is needed when there is no script", field="premise")
    names = _names(text)
    descriptions = {}
    for name in names:
        found = _APPOSITION.match(text[text.index(name) + len(name) :])
        if found:
            descriptions[name] = found.group(1)
    lost = frozenset(name for name in names if re.search(_LOST.format(name=re.escape(name)), text))
    props = things_in(text)
    return Premise(
        text, sha256_hex(text.encode()), names, descriptions, known_places(text)[:3], lost, props[0] if props else None,
        weather_in(text),
    )  # fmt: skip


def _names(text: str) -> tuple[str, ...]:
    """Capitalised words that are no place, no calendar word and no mere beginning of a sentence."""
    found: dict[str, None] = {}
    for match in _WORD.finditer(text):
        word = match.group().removesuffix("'s").removesuffix("’s")
        if (
            len(word) < 2
            or not word[0].isupper()
            or word.isupper()
            or word.casefold() in _NO_NAMES
            or known_places(word)
        ):
            continue
        before = text[: match.start()]
        begins = not before.strip() or bool(_SENTENCE_END.search(before))
        if not begins or _ACTS.match(text[match.end() :]):
            found[word] = None
    return tuple(found)[:3]
