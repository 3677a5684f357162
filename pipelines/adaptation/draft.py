"""A shot before its timing is known: everything the picture needs, and what will be heard in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.script import Heard
from schemas.shotlist import ShotCharacter
from schemas.vocabulary import CameraMovement, Emotion, Framing, Mood, Pacing, TimeOfDay, Weather

Role = Literal["title", "establishing", "action", "insert", "reaction", "line", "end"]
"""Why the shot exists; its duration follows from it."""


@dataclass(frozen=True)
class DraftLine:
    """A dialogue line that will be heard in the shot."""

    element_id: str
    speaker_id: str
    text: str
    emotion: Emotion
    pacing: Pacing
    heard: Heard = "on_screen"
    label: str = ""
    """What the line's caption begins with, and a reader has to read as well."""


@dataclass(frozen=True)
class ShotDraft:
    """A `Shot` without `start_ticks`, `duration_ticks` and offsets. Fields that both have mean the same in both."""

    shot_id: str
    scene_id: str
    role: Role
    framing: Framing
    movement: CameraMovement = "static"
    location_id: str | None = None
    time_of_day: TimeOfDay = "day"
    weather: Weather = "clear"
    mood: Mood = "calm"
    characters: tuple[ShotCharacter, ...] = ()
    focus_id: str | None = None
    props: tuple[str, ...] = ()
    action_beats: tuple[str, ...] = ()
    environment_notes: str = ""
    card_text: tuple[str, ...] = ()
    lines: tuple[DraftLine, ...] = ()
    sounds: tuple[str, ...] = ()
    insert_follows: bool = False
    """Whether an insert shows part of the same action, which then takes less time here."""

    ambience: str = ""
    peak: bool = False
    """Whether a strong emotion begins in it."""
