"""ShotList: the film-ready breakdown, and the timeline authority of every render once it is locked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field, model_validator

from schemas.canonical import fingerprint
from schemas.document import Document, Hash, Identifier, Part
from schemas.script import Heard
from schemas.timing import EditRate
from schemas.vocabulary import (
    CameraMovement,
    Emotion,
    Framing,
    Gaze,
    Mood,
    Pose,
    ScreenSlot,
    TimeOfDay,
    Weather,
)  # fmt: skip


class ShotCharacter(Part):
    """A figure in a shot."""

    character_id: Identifier
    """Character that is seen."""

    slot: ScreenSlot = "centre"
    pose: Pose = "standing"
    """How the figure holds itself."""

    expression: Emotion = "neutral"
    gaze: Gaze = "camera"
    back_to_camera: bool = False
    """True for the near shoulder of an over-shoulder shot."""


class ShotLine(Part):
    """A dialogue line heard in a shot."""

    element_id: Identifier
    """Dialogue line of the script."""

    speaker_id: Identifier
    """Character who says it."""

    offset_ticks: int = Field(ge=0)
    """Where the line begins, from the start of the shot."""

    duration_ticks: int = Field(ge=1)
    """Ticks that hold the spoken line whole."""

    heard: Heard = "on_screen"
    """Whether the speaker is seen saying it; otherwise no mouth in the shot moves with the line."""


class ShotSound(Part):
    """A sound effect."""

    tag: str = Field(min_length=1)
    """What it is, in a word: thunder, door, footsteps."""

    offset_ticks: int = Field(default=0, ge=0)
    """Where it begins, from the start of the shot."""


class AudioIntent(Part):
    """What is heard."""

    lines: tuple[ShotLine, ...] = ()
    sounds: tuple[ShotSound, ...] = ()
    music_mood: Mood = "calm"
    ambience: str = ""
    """Background sound of the place: waves, wind, rain, room, night, harbour; empty for none."""


class Shot(Part):
    """One shot. What the picture needs stands here; where it lies in the film is `start_ticks`."""

    shot_id: Identifier
    """Name of the shot, unique in the list."""

    scene_id: Identifier
    """Scene of the script that it belongs to."""

    start_ticks: int = Field(ge=0)
    """First tick of the shot in the film."""

    duration_ticks: int = Field(ge=1)
    """Length of the shot."""

    framing: Framing
    """How much is seen, and of whom."""

    movement: CameraMovement = "static"
    """What the camera does through the shot."""

    location_id: Identifier | None = None
    """None for a title or end card."""

    time_of_day: TimeOfDay = "day"
    """Light of the day."""

    weather: Weather = "clear"
    """Weather that is seen."""

    mood: Mood = "calm"
    characters: tuple[ShotCharacter, ...] = ()
    focus_id: Identifier | None = None
    """Whom or what the shot is about."""

    props: tuple[str, ...] = ()
    """Things that are seen, in a word each."""

    action_beats: tuple[str, ...] = ()
    """What happens, in order, as the script says it."""

    environment_notes: str = ""
    """What the script says of the place, for people."""

    card_text: tuple[str, ...] = ()
    """Lines of a title or end card, the largest first."""

    audio: AudioIntent = AudioIntent()

    @property
    def end_exclusive_ticks(self) -> int:
        return self.start_ticks + self.duration_ticks


class ShotList(Document):
    """All shots in order, without gaps, and the hash that locks their timing."""

    title: str
    """Title of the film."""

    language: str = "en"
    """Language of the dialogue (BCP 47)."""

    edit_rate: EditRate
    shots: tuple[Shot, ...] = Field(min_length=1)
    timing_lock_hash: Hash
    """SHA-256 of the canonical JSON of the edit rate and the ordered (shot_id, duration_ticks)."""

    @property
    def duration_ticks(self) -> int:
        return self.shots[-1].end_exclusive_ticks

    def lines(self) -> Iterator[tuple[Shot, ShotLine]]:
        """Every dialogue line with its shot, in film order."""
        for shot in self.shots:
            for line in shot.audio.lines:
                yield shot, line

    @model_validator(mode="after")
    def _locked(self) -> ShotList:
        expected_start = 0
        for shot in self.shots:
            if shot.start_ticks != expected_start:
                raise ValueError(f"shot {shot.shot_id!r} starts at {shot.start_ticks}, not {expected_start}")
            expected_start = shot.end_exclusive_ticks
        ids = [shot.shot_id for shot in self.shots]
        if len(set(ids)) != len(ids):
            raise ValueError("a shot_id stands twice")
        lock = timing_lock(self.edit_rate, ((shot.shot_id, shot.duration_ticks) for shot in self.shots))
        if lock != self.timing_lock_hash:
            raise ValueError(f"timing_lock_hash {self.timing_lock_hash} does not match the shots, which give {lock}")
        return self


def timing_lock(rate: EditRate, durations: Any) -> str:
    """SHA-256 of the canonical JSON of the edit rate and the ordered (shot_id, duration_ticks)."""
    return fingerprint(
        {
            "edit_rate": {"numerator": rate.numerator, "denominator": rate.denominator},
            "shots": [[shot_id, ticks] for shot_id, ticks in durations],
        }
    )
