"""AssetManifest: what a ShotList needs, without a word about where it comes from."""

from __future__ import annotations

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
    name: str
    appearance: Appearance = Appearance()


class BackgroundNeed(Part):
    """A place at a time of day, in a weather."""

    asset_id: Identifier
    """`background.{location_id}.{time_of_day}.{weather}.{mood}`."""

    location_id: Identifier
    name: str
    setting: LocationSetting
    time_of_day: TimeOfDay
    weather: Weather
    mood: Mood


class PropNeed(Part):
    """A thing seen close."""

    asset_id: Identifier
    """`prop.{tag}`."""

    tag: str


class VoiceLineNeed(Part):
    """A line to be spoken."""

    asset_id: Identifier
    """`voice.{element_id}`."""

    element_id: Identifier
    speaker_id: Identifier
    text: str = Field(min_length=1)
    language: str = "en"
    voice: Voice
    emotion: Emotion = "neutral"
    pacing: Pacing = "normal"


class SoundNeed(Part):
    """A sound effect or an ambience."""

    asset_id: Identifier
    """`sfx.{tag}` or `ambience.{tag}`."""

    tag: str


class MusicNeed(Part):
    """A music bed."""

    asset_id: Identifier
    """`music.{mood}`."""

    mood: Mood


class AssetManifest(Document):
    """Every requirement once, sorted by asset_id."""

    title: str
    character_packs: tuple[CharacterNeed, ...] = ()
    backgrounds: tuple[BackgroundNeed, ...] = ()
    props: tuple[PropNeed, ...] = ()
    voice_lines: tuple[VoiceLineNeed, ...] = ()
    sounds: tuple[SoundNeed, ...] = ()
    ambiences: tuple[SoundNeed, ...] = ()
    music: tuple[MusicNeed, ...] = ()
