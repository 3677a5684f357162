"""Who is really there: in a room, alive, at this time, and not only in a picture, a memory or somebody's words."""

from __future__ import annotations

import re

from pipelines.canon.statements import without_introduction
from pipelines.narrative.names import NameFinder
from schemas.script import Action, Dialogue, Scene

_ANOTHER_TIME = re.compile(
    r"\b(?:flashback|memory|memories|dream|dreams|nightmare|vision|years? (?:earlier|before|ago)|days? (?:earlier|ago)"
    r"|months? (?:earlier|ago)|long ago|in the past|as a (?:boy|girl|child))\b",
    re.IGNORECASE,
)
_NOT_THE_PERSON = re.compile(
    r"\b(?:photographs?|photos?|pictures?|portraits?|paintings?|graves?|gravestone|headstone|tomb|coffin|casket|body|corpse"
    r"|funeral|memory|memories|ghost|ashes|urn|statue|letter|recording|tape|dream|name|buried|bury|buries|mourns?|dead)\b",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(r"^,?\s+([a-z]+)(?:\s+([a-z]+))?")
_words = str.split
_NO_DEED = frozenset(
    _words(
        "is was has as this his its lies lay rests dies drowns perishes falls remains does less yes always "
        "towards besides others hers theirs ours"
    )
)
_SENTENCE_START = re.compile(r"(?:^|[.!?…]\s+)$")


def is_another_time(scene: Scene, place: str) -> bool:
    """Whether a scene plays in the past, a dream or a memory, where the dead walk and ages differ."""
    first = scene.elements[0]
    opening = first.text[:80] if isinstance(first, Action) else ""
    return any(_ANOTHER_TIME.search(text) for text in (re.sub(r"[_.-]", " ", scene.scene_id), place, opening))


def present(element: Action | Dialogue) -> tuple[str, ...]:
    """Everybody whom `element` puts into the place of its scene."""
    if isinstance(element, Dialogue):
        return () if element.heard == "voice_over" else (element.speaker_id,)
    return element.character_ids


def acts(character_id: str, element: Action | Dialogue, finder: NameFinder) -> bool:
    """Whether `character_id` speaks or does something, as only the living do."""
    if isinstance(element, Dialogue):
        return element.speaker_id == character_id and element.heard != "voice_over"
    if character_id not in element.character_ids:
        return False
    mentions = [mention for mention in finder.mentions(element.text) if mention.character_id == character_id]
    if not mentions:
        return not _NOT_THE_PERSON.search(element.text)
    return any(_does(element.text, mention.start, mention.end_exclusive) for mention in mentions)


def _does(text: str, start: int, end_exclusive: int) -> bool:
    """Whether the name at `start` is followed by a deed: `Tomas opens`, `Tomas is smiling`, `Tomas and Mara walk`."""
    before, after = text[max(0, start - 40) : start], without_introduction(text[end_exclusive : end_exclusive + 120])
    if _NOT_THE_PERSON.search(re.split(r"[.!?…]", before)[-1]):
        return False
    match = _NEXT_WORD.match(after)
    if not match:
        return False
    word, second = match.group(1), match.group(2) or ""
    if word in ("is", "was"):
        return second.endswith("ing")
    if word == "and":
        return bool(_SENTENCE_START.search(before)) or second.endswith("s")
    return word.endswith("s") and word not in _NO_DEED
