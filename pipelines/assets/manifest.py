"""ShotList -> AssetManifest: every requirement once, without a word about where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from pipelines.adaptation.shot_list import voice_requests
from pipelines.assets import asset_ids
from schemas.asset_manifest import (
    AssetManifest,
    BackgroundNeed,
    CharacterNeed,
    MusicNeed,
    PropNeed,
    SoundNeed,
    VoiceLineNeed,
)
from schemas.script import Script
from schemas.shotlist import ShotList
from schemas.speech import Voice


class _Need(Protocol):
    @property
    def asset_id(self) -> str: ...


Need = TypeVar("Need", bound=_Need)


def asset_manifest(script: Script, shotlist: ShotList, voices: Mapping[str, Voice]) -> AssetManifest:
    """What the film needs, each list sorted by asset_id.

    Args:
        script: who the characters are and what the places look like.
        shotlist: what is seen and heard.
        voices: the voice of every speaker, by character_id.
    """
    return AssetManifest(
        title=shotlist.title,
        character_packs=_once(_characters(script, shotlist)),
        backgrounds=_once(_backgrounds(script, shotlist)),
        props=_once(
            PropNeed(asset_id=asset_ids.prop_asset_id(tag), tag=tag) for shot in shotlist.shots for tag in shot.props
        ),
        voice_lines=_once(_voice_lines(script, shotlist, voices)),
        sounds=_once(
            SoundNeed(asset_id=asset_ids.sound_asset_id(sound.tag), tag=sound.tag)
            for shot in shotlist.shots
            for sound in shot.audio.sounds
        ),
        ambiences=_once(
            SoundNeed(asset_id=asset_ids.ambience_asset_id(shot.audio.ambience), tag=shot.audio.ambience)
            for shot in shotlist.shots
            if shot.audio.ambience
        ),
        music=_once(
            MusicNeed(asset_id=asset_ids.music_asset_id(shot.audio.music_mood), mood=shot.audio.music_mood)
            for shot in shotlist.shots
        ),
    )


def _characters(script: Script, shotlist: ShotList) -> Iterable[CharacterNeed]:
    seen = {figure.character_id for shot in shotlist.shots for figure in shot.characters}
    for character in script.characters:
        if character.character_id in seen:
            yield CharacterNeed(
                asset_id=asset_ids.character_asset_id(character.character_id),
                character_id=character.character_id,
                name=character.name,
                appearance=character.appearance,
            )


def _backgrounds(script: Script, shotlist: ShotList) -> Iterable[BackgroundNeed]:
    places = {location.location_id: location for location in script.locations}
    for shot in shotlist.shots:
        if shot.location_id is None:
            continue
        place = places[shot.location_id]
        yield BackgroundNeed(
            asset_id=asset_ids.background_asset_id(place.location_id, shot.time_of_day, shot.weather, shot.mood),
            location_id=place.location_id,
            name=place.name,
            setting=place.setting,
            time_of_day=shot.time_of_day,
            weather=shot.weather,
            mood=shot.mood,
        )


def _voice_lines(script: Script, shotlist: ShotList, voices: Mapping[str, Voice]) -> Iterable[VoiceLineNeed]:
    requests = voice_requests(script, voices)
    names = {character.character_id: character.name for character in script.characters}
    for _, line in shotlist.lines():
        request = requests[line.element_id]
        yield VoiceLineNeed(
            asset_id=asset_ids.voice_asset_id(line.element_id),
            element_id=line.element_id,
            speaker_id=line.speaker_id,
            speaker_name=names[line.speaker_id],
            text=request.text,
            language=request.language,
            voice=request.voice,
            emotion=request.emotion,
            pacing=request.pacing,
        )


def _once(needs: Iterable[Need]) -> tuple[Need, ...]:
    """The first need of each asset_id, sorted by it."""
    found: dict[str, Need] = {}
    for need in needs:
        found.setdefault(need.asset_id, need)
    return tuple(found[asset_id] for asset_id in sorted(found))
