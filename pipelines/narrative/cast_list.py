"""Who is in a screenplay: everybody with a cue, introduced in capitals with an age, or in a cast note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pipelines.narrative.names import NameFinder, display_name, folded, identifier
from pipelines.narrative.notes import read_notes
from pipelines.narrative.screenplay import Description, Paragraph, Speech
from schemas.canon import Appearance, VoiceHint
from schemas.script import ScriptCharacter

_EXTENSION = re.compile(r"\s*\([^)]*\)?\s*")
_VOICE_OVER = re.compile(r"\(\s*V\.?\s?O\.?\s*\)", re.IGNORECASE)
_OFF_SCREEN = re.compile(r"\(\s*O\.?\s?[SC]\.?\s*\)", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"\b([^\W\d_]{2,}(?:[ '’-][^\W\d_]{2,}){0,3})(?:,\s*\d{1,3}\s*,|\s*\(\s*\d{1,3}\b[^)]{0,60}\))"
)
_SEEN_NOT_PRESENT = re.compile(
    r"(?:photograph|photo|picture|portrait|painting|drawing|memory|grave|gravestone|headstone|tomb|letter|letters|voice"
    r"|statue|name|story|dream|ghost|news|body|ashes|portraits|thinks?|thought|thinking)\s+(?:of|from|about|to)\s+(?:\w+\s+){0,2}$"
    r"|\b(?:waits? for|misses|remembers|thinks? of|dreams? of|about)\s+$",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"^['’](?:s\b|\B)", re.IGNORECASE)


def cue_name(cue: str) -> str:
    """The name in a cue, without `(V.O.)`, `(CONT'D)` and the like."""
    return " ".join(_EXTENSION.sub(" ", cue).strip(" @^").split()) or cue.strip(" @^()") or "Voice"


def heard(cue: str) -> Literal["on_screen", "off_screen", "voice_over"]:
    """Whether the speaker of a cue is seen."""
    if _VOICE_OVER.search(cue):
        return "voice_over"
    return "off_screen" if _OFF_SCREEN.search(cue) else "on_screen"


def acting_in(text: str, finder: NameFinder) -> tuple[str, ...]:
    """Everybody who is seen in a description: named, and not merely by a belonging, a picture or a thought."""
    seen = []
    for mention in finder.mentions(text):
        owned = _POSSESSIVE.match(text[mention.end_exclusive :])
        if not owned and not _SEEN_NOT_PRESENT.search(text[max(0, mention.start - 60) : mention.start]):
            seen.append(mention.character_id)
    return tuple(dict.fromkeys(seen))


class CastList:
    """The people of a screenplay, in order of appearance, and where texts name them."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self._names: dict[str, str] = {}
        self._appearances: dict[str, Appearance] = {}
        self._voices: dict[str, VoiceHint] = {}
        for paragraph in paragraphs:
            if isinstance(paragraph, Speech):
                self.id_of(cue_name(paragraph.cue))
            elif isinstance(paragraph, Description):
                for match in _INTRODUCED.finditer(paragraph.text):
                    if match.group(1).isupper():
                        self.id_of(match.group(1))
            reading = read_notes(paragraph.notes)
            self._appearances.update(reading.appearances)
            self._voices.update(reading.voices)
            for name in reading.cast:
                self.id_of(name)
        self._finder = NameFinder({name: character_id for character_id, name in self._names.items()})
        self._take_mixed_case(paragraphs)

    def id_of(self, name: str) -> str:
        """The id of `name`, who joins the cast if new."""
        character_id = identifier(name, "character")
        self._names.setdefault(character_id, display_name(name)[:120])
        return character_id

    def characters(self) -> tuple[ScriptCharacter, ...]:
        """Everybody, in order of appearance."""
        return tuple(
            ScriptCharacter(
                character_id=character_id,
                name=name,
                appearance=self._appearances.get(character_id, Appearance()),
                voice=self._voices.get(character_id, VoiceHint()),
            )
            for character_id, name in self._names.items()
        )

    def named_in(self, text: str) -> tuple[str, ...]:
        """Everybody whom `text` names."""
        return self._finder.ids(text)

    def called_in(self, text: str) -> tuple[str, ...]:
        """Everybody whom a line addresses by name: set off by commas, or alone at its end or start."""
        found = []
        for mention in self._finder.mentions(text):
            before, after = text[: mention.start].rstrip(), text[mention.end_exclusive :].lstrip()
            if (not before or before[-1] in ",.!?…—-") and (not after or after[0] in ",.!?…—-"):
                found.append(mention.character_id)
        return tuple(dict.fromkeys(found))

    def acting_in(self, text: str) -> tuple[str, ...]:
        """Everybody who is seen in a description."""
        return acting_in(text, self._finder)

    def _take_mixed_case(self, paragraphs: Sequence[Paragraph]) -> None:
        """Spells a name as the descriptions do: capitals lose the accents of Greek and the inner capital of McKay."""
        spelled: dict[str, str] = {}
        for paragraph in paragraphs:
            if isinstance(paragraph, Description):
                for mention in self._finder.mentions(paragraph.text):
                    written = paragraph.text[mention.start : mention.end_exclusive]
                    if not written.isupper() and folded(written) == folded(self._names[mention.character_id]):
                        spelled.setdefault(mention.character_id, written)
        self._names.update(spelled)
