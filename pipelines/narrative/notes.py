"""The notes that a screenplay may carry in `[[…]]`: facts, sounds, props, mood, weather, appearance, voice, cast.

    [[fact: mara.age_years = 34]]      a fact in canon's terms; a value is a number, true, false, none or a word
    [[sfx: thunder, waves]]            sounds of the paragraph          [[prop: lantern]]   things seen close
    [[mood: tense]] [[weather: rain]]  of the whole scene               [[emotion: sad]]    of the paragraph
    [[cast: Eleni]]                    somebody present who never speaks
    [[appearance: mara hair=red outfit=#f2c14e hair_style=long]]        [[voice: mara gender=female age=old]]

Any other note is a remark among writers and is left out of the film, as Fountain says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import ValidationError

from pipelines.narrative.names import display_name, identifier
from schemas.canon import Appearance, VoiceHint
from schemas.document import describe
from schemas.errors import InvalidInput
from schemas.facts import Fact
from schemas.vocabulary import Emotion, Mood, Weather

_NOTE = re.compile(
    r"^(fact|sfx|sound|prop|props|mood|weather|emotion|cast|appearance|voice)\s*:\s*(.*)$", re.IGNORECASE
)
_FACT = re.compile(r"^(.+?)\.([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.+)$")
_SETTING = re.compile(r"^([a-z_]+)=(\S+)$")
_WORDS: dict[str, bool | None] = {
    "true": True, "yes": True, "false": False, "no": False, "none": None, "null": None,
}  # fmt: skip
_FLAGS = ("beard", "glasses")


@dataclass
class NoteReading:
    """What the notes of one paragraph ask for."""

    facts: list[Fact] = field(default_factory=list)
    sfx_tags: list[str] = field(default_factory=list)
    props: list[str] = field(default_factory=list)
    cast: list[str] = field(default_factory=list)
    mood: Mood | None = None
    weather: Weather | None = None
    emotion: Emotion | None = None
    appearances: dict[str, Appearance] = field(default_factory=dict)
    """By character id, as `voices`."""

    voices: dict[str, VoiceHint] = field(default_factory=dict)


def read_notes(notes: tuple[str, ...]) -> NoteReading:
    """The meaning of `notes`.

    Raises:
        InvalidInput: a note of a known kind is not written as it must be; the message quotes it.
    """
    reading = NoteReading()
    for note in notes:
        match = _NOTE.match(note)
        if match:
            _READERS[match.group(1).lower()](reading, match.group(2).strip(), note)
    return reading


def _read_fact(reading: NoteReading, body: str, note: str) -> None:
    match = _FACT.match(body)
    if not match:
        raise InvalidInput(f"note [[{note}]]: write a fact as [[fact: mara.age_years = 34]]", note=note)
    subject, attribute, value = (part.strip() for part in match.groups())
    reading.facts.append(Fact(subject_id=identifier(subject, "character"), attribute=attribute, value=_value(value)))


def _value(text: str) -> bool | int | str | None:
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    return text.strip("\"'“”")


def _read_sounds(reading: NoteReading, body: str, note: str) -> None:
    reading.sfx_tags += _tags(body)


def _read_props(reading: NoteReading, body: str, note: str) -> None:
    reading.props += _tags(body)


def _tags(body: str) -> list[str]:
    return [" ".join(tag.split()).lower() for tag in body.split(",") if tag.strip()]


def _read_cast(reading: NoteReading, body: str, note: str) -> None:
    reading.cast += [display_name(name.strip()) for name in body.split(",") if name.strip()]


def _one_of(body: str, allowed: tuple[Any, ...], note: str) -> Any:
    if body.lower() not in allowed:
        raise InvalidInput(f"note [[{note}]]: {body!r} is none of {', '.join(allowed)}", note=note)
    return body.lower()


def _read_mood(reading: NoteReading, body: str, note: str) -> None:
    reading.mood = _one_of(body, get_args(Mood), note)


def _read_weather(reading: NoteReading, body: str, note: str) -> None:
    reading.weather = _one_of(body, get_args(Weather), note)


def _read_emotion(reading: NoteReading, body: str, note: str) -> None:
    reading.emotion = _one_of(body, get_args(Emotion), note)


def _read_appearance(reading: NoteReading, body: str, note: str) -> None:
    name, values = _settings(body, note)
    for flag in _FLAGS:
        if flag in values:
            values[flag] = _WORDS.get(str(values[flag]).casefold(), values[flag])
    reading.appearances[name] = _checked(Appearance, values, note)


def _read_voice(reading: NoteReading, body: str, note: str) -> None:
    name, values = _settings(body, note)
    reading.voices[name] = _checked(VoiceHint, values, note)


def _settings(body: str, note: str) -> tuple[str, dict[str, Any]]:
    """The character id and the `key=value` pairs that follow the name."""
    words = body.split()
    pairs = [_SETTING.match(word) for word in words]
    first = next((index for index, pair in enumerate(pairs) if pair), len(words))
    if not first or first == len(words) or not all(pairs[first:]):
        raise InvalidInput(f"note [[{note}]]: write a name and key=value pairs, such as mara hair=red", note=note)
    return identifier(" ".join(words[:first]), "character"), {pair[1]: pair[2] for pair in pairs[first:] if pair}


def _checked(kind: type[Any], values: dict[str, Any], note: str) -> Any:
    unknown = sorted(set(values) - set(kind.model_fields))
    if unknown:
        raise InvalidInput(f"note [[{note}]]: {unknown} is none of {', '.join(kind.model_fields)}", note=note)
    try:
        return kind.model_validate(values)
    except ValidationError as exc:
        raise InvalidInput(f"note [[{note}]]: {describe(exc)}", note=note) from exc


_READERS = {
    "fact": _read_fact,
    "sfx": _read_sounds,
    "sound": _read_sounds,
    "prop": _read_props,
    "props": _read_props,
    "mood": _read_mood,
    "weather": _read_weather,
    "emotion": _read_emotion,
    "cast": _read_cast,
    "appearance": _read_appearance,
    "voice": _read_voice,
}
