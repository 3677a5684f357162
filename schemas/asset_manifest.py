"""AssetManifest: what a ShotList needs, without a word about where it comes from."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from schemas.canon import Appearance
from schemas.document import Document, Identifier, Part
from schemas.speech import Voice
from schemas.vocabulary import Emotion, LocationSetting, Mood, Pacing, TimeOfDay, Weather


class CharacterNeed(Part):
    """A character to be seen."""

    asset_id: Identifier
    """`character.{character_id}`."""

    character_id: Identifier
    """Character that is seen."""

    name: str
    """Name of the character in the story."""

    appearance: Appearance = Appearance()


class BackgroundNeed(Part):
    """A place at a time of day, in a weather."""

    asset_id: Identifier
    """`background.{location_id}.{time_of_day}.{weather}.{mood}`."""

    location_id: Identifier
    """Location that is seen."""

    name: str
    """Name of the location, for people."""

    setting: LocationSetting
    time_of_day: TimeOfDay
    """Light of the day."""

    weather: Weather
    """Weather that is seen."""

    mood: Mood


class PropNeed(Part):
    """A thing seen close."""

    asset_id: Identifier
    """`prop.{tag}`."""

    tag: str
    """What it is, in a word: lantern, letter, key."""


class VoiceLineNeed(Part):
    """A line to be spoken."""

    asset_id: Identifier
    """`voice.{element_id}`."""

    element_id: Identifier
    """Dialogue line of the script."""

    speaker_id: Identifier
    """Character who says it."""

    speaker_name: str = ""
    """Name of the character in the story, for the captions of a line whose speaker is not seen."""

    text: str = Field(min_length=1)
    """What to say."""

    language: str = "en"
    """Language of the text (BCP 47)."""

    voice: Voice
    emotion: Emotion = "neutral"
    pacing: Pacing = "normal"


class SoundNeed(Part):
    """A sound effect or an ambience."""

    asset_id: Identifier
    """`sfx.{tag}` or `ambience.{tag}`."""

    tag: str
    """What it is, in a word: thunder, waves."""


class MusicNeed(Part):
    """A music bed."""

    asset_id: Identifier
    """`music.{mood}`."""

    mood: Mood


class AssetManifest(Document):
    """Every requirement once, sorted by asset_id."""

    VERSION: ClassVar[str] = "1.1.0"

    title: str
    """Title of the film."""

    character_packs: tuple[CharacterNeed, ...] = ()
    backgrounds: tuple[BackgroundNeed, ...] = ()
    props: tuple[PropNeed, ...] = ()
    voice_lines: tuple[VoiceLineNeed, ...] = ()
    sounds: tuple[SoundNeed, ...] = ()
    ambiences: tuple[SoundNeed, ...] = ()
    music: tuple[MusicNeed, ...] = ()
