"""The form of a story shape: who, where, what happens and what is said, with places for the names of a premise.

In every text `{a}`, `{b}`, `{c}` are people, `{thing}` the object, `{p1}`, `{p2}`, `{p3}` the places in lower case.
Each beat has several wordings that fit all wordings of its neighbours. Lines use no pronoun for a named person, so that
they are right whoever the people are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.vocabulary import Emotion, LocationSetting, Mood, TimeOfDay, Weather

Who = Literal["", "a", "b", "c"]


@dataclass(frozen=True)
class Beat:
    """A line of `who`, or an action when `who` is empty."""

    who: Who
    emotion: Emotion
    wordings: tuple[str, ...]
    to: Who = ""


@dataclass(frozen=True)
class SceneShape:
    """One scene."""

    purpose: str
    place: int
    """Index into the places of the story, from 0."""

    time_of_day: TimeOfDay
    weather: Weather | None
    """None: the weather of the premise, or the shape's."""

    mood: Mood
    summary: str
    beats: tuple[Beat, ...]


@dataclass(frozen=True)
class StoryShape:
    """A story without names."""

    shape_id: str
    theme: str
    called_for_by: str
    """Words in a premise that ask for this shape, with spaces between."""

    things: tuple[str, ...]
    places: tuple[tuple[str, LocationSetting], ...]
    """Where the premise names none."""

    weather: Weather
    scenes: tuple[SceneShape, ...]
    any_thing: bool = True
    """Whether a thing of the premise may stand in; False when the scenes need one of `things`."""

    third: tuple[tuple[str, str], ...] = (
        ("a child with muddy boots", "child"),
        ("grey and upright", "old"),
        ("a neighbour with a kind face", "adult"),
    )
    """What `{c}` may be, with the age of the voice, when the premise does not say."""

    waited_for: bool = False
    """Whether `{c}` is the one who was lost, if the premise names somebody lost."""


def say(who: Who, emotion: Emotion, *wordings: str, to: Who = "") -> Beat:
    """A spoken line."""
    return Beat(who, emotion, wordings, to)


def show(*wordings: str, emotion: Emotion = "neutral") -> Beat:
    """Something seen."""
    return Beat("", emotion, wordings)
