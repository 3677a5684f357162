"""Script from a Fountain screenplay.

Ids come from content: a scene's from its heading, an element's from its scene, its speaker and its words, with a
counter only where the same words stand twice in one scene. Changing one line therefore leaves every other id, and all
that is rendered from it, alone.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field

from pydantic import ValidationError

from pipelines.narrative.cast_list import CastList, cue_name, heard
from pipelines.narrative.emotion import tag_emotion, tag_pacing
from pipelines.narrative.names import display_name, identifier
from pipelines.narrative.notes import NoteReading, read_notes
from pipelines.narrative.places import Heading, read_heading, weather_in
from pipelines.narrative.screenplay import Description, HeadingLine, Paragraph, Screenplay, Speech, read_screenplay
from pipelines.narrative.stagecraft import mood_of, pose_in, props_in, sounds_in
from schemas.document import describe
from schemas.errors import InvalidInput
from schemas.facts import Fact
from schemas.script import Action, Dialogue, Scene, Script, ScriptLocation
from schemas.vocabulary import TimeOfDay, Weather

_TOGETHER = re.compile(
    r"\b(?:(?:the (?:two|three|four|five)|all|both) of them|everyone|everybody|they all|together)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"^(?:he|she|his|her)\b", re.IGNORECASE)

_LONGEST_TEXT = 4_000
"""Characters of one element, as the Script schema has it."""


def read_fountain(text: str, fallback_title: str) -> Script:
    """The Script that a Fountain screenplay writes down; `fallback_title` serves when it has no title page.

    Transitions, synopses and sections are left out: they are the editor's and the writer's. A title-page key
    `Language: el` sets the language.

    Raises:
        InvalidInput: empty, binary, without a scene heading or without anything under one, or a note written wrongly.
    """
    screenplay = read_screenplay(text)
    drafts = _drafts(screenplay)
    cast = CastList(screenplay.paragraphs)
    locations: dict[str, ScriptLocation] = {}
    scenes = []
    for draft in drafts:
        location_id = identifier(draft.heading.place, "location")
        locations.setdefault(
            location_id,
            ScriptLocation(location_id=location_id, name=draft.heading.place, setting=draft.heading.setting),
        )
        scenes.append(_scene(draft, location_id, cast))
    try:
        return Script(
            title=(screenplay.title_page.get("title") or fallback_title)[:200],
            language=screenplay.title_page.get("language", "en"),
            characters=cast.characters(),
            locations=tuple(locations.values()),
            scenes=tuple(scenes),
        )
    except ValidationError as exc:
        raise InvalidInput(f"screenplay: {describe(exc)}") from exc


@dataclass
class _Draft:
    """A scene while its paragraphs are gathered."""

    scene_id: str
    heading: Heading
    time_of_day: TimeOfDay
    weather: Weather
    notes: NoteReading
    paragraphs: list[Paragraph] = field(default_factory=list)


def _drafts(screenplay: Screenplay) -> list[_Draft]:
    """The scenes with their paragraphs; what stands before the first heading belongs to the first scene."""
    drafts: list[_Draft] = []
    before: list[Paragraph] = []
    taken: Counter[str] = Counter()
    for paragraph in screenplay.paragraphs:
        if isinstance(paragraph, HeadingLine):
            drafts.append(_draft(paragraph, drafts[-1] if drafts else None, taken))
        else:
            (drafts[-1].paragraphs if drafts else before).append(paragraph)
    if not drafts:
        what = "dialogue or action but no scene heading" if before else "a title page but no scene"
        raise InvalidInput(f"the screenplay has {what}: write a line such as INT. KITCHEN - DAY before the first scene")
    drafts[0].paragraphs[:0] = before
    if not any(draft.paragraphs for draft in drafts):
        raise InvalidInput("the screenplay has scene headings with nothing under them: write an action or a line")
    return drafts


def _draft(line: HeadingLine, previous: _Draft | None, taken: Counter[str]) -> _Draft:
    heading = read_heading(line.text)
    carried = previous if heading.carries_on else None
    scene_id = _counted(identifier(line.text, "scene"), taken)
    notes = read_notes(line.notes)
    time_of_day = heading.time_of_day or (carried.time_of_day if carried else "day")
    weather = notes.weather or heading.weather or (carried.weather if carried else "clear")
    return _Draft(scene_id, heading, time_of_day, weather, notes)


def _scene(draft: _Draft, location_id: str, cast: CastList) -> Scene:
    elements = _Elements(draft.scene_id, cast)
    for paragraph in draft.paragraphs:
        elements.add(paragraph)
    if not elements.made:
        elements.show(draft.heading.place + ".")
    made = tuple(elements.made)
    descriptions = [element.text for element in made if isinstance(element, Action)]
    weather = draft.weather
    if draft.heading.weather is None and not draft.heading.carries_on:
        weather = next((found for text in descriptions if (found := weather_in(text))), weather)
    weather = elements.notes.weather or draft.notes.weather or weather
    mood = elements.notes.mood or draft.notes.mood
    present = [who for element in made for who in _present(element)]
    present += [cast.id_of(name) for name in (*draft.notes.cast, *elements.notes.cast)]
    return Scene(
        scene_id=draft.scene_id,
        location_id=location_id,
        time_of_day=draft.time_of_day,
        weather=weather,
        mood=mood or mood_of([e.text for e in made], [e.emotion for e in made], draft.time_of_day, weather),
        character_ids=tuple(dict.fromkeys(present)),
        elements=made,
    )


def _present(element: Action | Dialogue) -> tuple[str, ...]:
    if isinstance(element, Action):
        return element.character_ids
    return (element.speaker_id,) if element.heard != "voice_over" else ()


class _Elements:
    """The elements of one scene, in the making."""

    def __init__(self, scene_id: str, cast: CastList) -> None:
        self.made: list[Action | Dialogue] = []
        self.notes = NoteReading()
        self._scene_id = scene_id
        self._cast = cast
        self._taken: Counter[str] = Counter()
        self._speakers: list[str] = []

    def add(self, paragraph: Paragraph) -> None:
        reading = read_notes(paragraph.notes)
        self.notes.mood = reading.mood or self.notes.mood
        self.notes.weather = reading.weather or self.notes.weather
        self.notes.cast += reading.cast
        if isinstance(paragraph, Speech):
            self._speak(paragraph, reading)
        elif isinstance(paragraph, Description) and paragraph.text:
            self.show(paragraph.text, reading)
        else:
            self._attach(reading)

    def show(self, text: str, reading: NoteReading | None = None) -> None:
        """Adds an action, in pieces where the schema's limit asks for it."""
        reading = reading or NoteReading()
        for piece in _pieces(text):
            acting = self._acting(piece)
            self.made.append(
                Action(
                    element_id=self._element_id("action", "", piece),
                    text=piece,
                    character_ids=acting,
                    emotion=reading.emotion or tag_emotion(piece),
                    pose=pose_in(piece) if acting else None,
                    props=tuple(dict.fromkeys((*reading.props, *props_in(piece)))),
                    sfx_tags=tuple(dict.fromkeys((*reading.sfx_tags, *sounds_in(piece)))),
                    facts=self._placed(reading, piece),
                )
            )
            reading = NoteReading(emotion=reading.emotion)

    def _acting(self, text: str) -> tuple[str, ...]:
        """Who does it: those named; everybody so far for `they all`; the last one seen for a pronoun."""
        named = self._cast.acting_in(text)
        so_far = tuple(dict.fromkeys(who for element in self.made for who in _present(element)))
        if _TOGETHER.search(text):
            return tuple(dict.fromkeys((*named, *so_far)))
        if named or not so_far or not _PRONOUN.match(text):
            return named
        return next(people for element in reversed(self.made) if (people := _present(element)))[:1]

    def _speak(self, speech: Speech, reading: NoteReading) -> None:
        speaker_id = self._cast.id_of(cue_name(speech.cue))
        for parenthetical, words in speech.parts:
            if not words:
                self.show(f"{display_name(cue_name(speech.cue))}: {parenthetical}.")
                continue
            for piece in _pieces(words):
                self.made.append(
                    Dialogue(
                        element_id=self._element_id("dialogue", speaker_id, piece),
                        speaker_id=speaker_id,
                        text=piece,
                        emotion=reading.emotion or tag_emotion(piece, parenthetical),
                        pacing=tag_pacing(piece, parenthetical),
                        addressee_id=self._addressee(speaker_id, piece, parenthetical),
                        heard=heard(speech.cue),
                        facts=self._placed(reading, piece),
                    )
                )
                reading.facts = []
        self._speakers.append(speaker_id)
        if reading.sfx_tags or reading.props or reading.facts:
            self._attach(reading)

    def _attach(self, reading: NoteReading) -> None:
        """Gives the notes of a paragraph of notes, or the sounds of a speech, to the action before, or to a new one."""
        if not (reading.sfx_tags or reading.props or reading.facts):
            return
        if self.made and isinstance(last := self.made[-1], Action):
            self.made[-1] = last.model_copy(
                update={
                    "sfx_tags": tuple(dict.fromkeys((*last.sfx_tags, *reading.sfx_tags))),
                    "props": tuple(dict.fromkeys((*last.props, *reading.props))),
                    "facts": last.facts + self._placed(reading, last.text),
                }
            )
        else:
            words = [*reading.sfx_tags, *reading.props] or [fact.attribute for fact in reading.facts]
            self.show(", ".join(words).capitalize() + ".", reading)

    def _addressee(self, speaker_id: str, words: str, parenthetical: str) -> str | None:
        """Whom the line is for: named in the parenthetical, called by name, or the last other speaker."""
        named = [*self._cast.named_in(display_name(parenthetical)), *self._cast.called_in(words)]
        candidates = [*named, *reversed(self._speakers)]
        return next((one for one in candidates if one != speaker_id), None)

    def _placed(self, reading: NoteReading, words: str) -> tuple[Fact, ...]:
        """The facts of a note, each with the words beside which it stands."""
        where = f"{self._scene_id}: {words}"
        return tuple(fact.model_copy(update={"stated_in": where[:300]}) for fact in reading.facts)

    def _element_id(self, kind: str, speaker_id: str, words: str) -> str:
        digest = hashlib.sha256("\n".join((kind, speaker_id, words)).encode("utf-8", "surrogatepass")).hexdigest()
        return _counted(f"{self._scene_id}.{digest[:12]}", self._taken)


def _counted(name: str, taken: Counter[str]) -> str:
    """`name`, or `name-2`, `name-3` … when it stands already."""
    taken[name] += 1
    return name if taken[name] == 1 else f"{name}-{taken[name]}"


def _pieces(text: str) -> list[str]:
    """`text` in pieces that the schema takes, cut at spaces."""
    pieces = []
    while len(text) > _LONGEST_TEXT:
        cut = text.rfind(" ", 1, _LONGEST_TEXT)
        cut = cut if cut > 0 else _LONGEST_TEXT
        pieces.append(text[:cut])
        text = text[cut:].lstrip()
    return [*pieces, text] if text else pieces
