"""Names of requirements: `prop.lantern`, `background.quay.night.storm.tense`. Whoever needs an asset asks by these.

A name is an `Identifier`. Free words (props, sounds) are lowered and joined with `_`, so `Brass Key` and `brass_key`
are one requirement; what a name cannot hold is dropped and a digest of the word keeps names apart.
"""

from __future__ import annotations

import re
import unicodedata

from schemas.canonical import sha256_hex
from schemas.vocabulary import Mood, TimeOfDay, Weather

IDENTIFIER_LIMIT = 128
"""Longest `Identifier`."""

DIGEST_CHARACTERS = 12


def slug(tag: str) -> str:
    """A free word as part of a name: 1 to 100 of `a-z 0-9 _ . -`, starting with a letter or digit."""
    word = re.sub(r"[\s_]+", "_", unicodedata.normalize("NFKC", tag).strip().casefold())
    kept = re.sub(r"[^a-z0-9_.\-]", "", word).lstrip("_.-")
    if kept == word and 0 < len(word) <= 100:
        return word
    return f"{kept[:80] or 'x'}-{sha256_hex(word.encode())[:DIGEST_CHARACTERS]}"


def character_asset_id(character_id: str) -> str:
    """`character.{character_id}`."""
    return _fitted(f"character.{character_id}")


def background_asset_id(location_id: str, time_of_day: TimeOfDay, weather: Weather, mood: Mood) -> str:
    """`background.{location_id}.{time_of_day}.{weather}.{mood}`."""
    return _fitted(f"background.{location_id}.{time_of_day}.{weather}.{mood}")


def prop_asset_id(tag: str) -> str:
    """`prop.{tag}`."""
    return f"prop.{slug(tag)}"


def voice_asset_id(element_id: str) -> str:
    """`voice.{element_id}`."""
    return _fitted(f"voice.{element_id}")


def sound_asset_id(tag: str) -> str:
    """`sfx.{tag}`."""
    return f"sfx.{slug(tag)}"


def ambience_asset_id(tag: str) -> str:
    """`ambience.{tag}`."""
    return f"ambience.{slug(tag)}"


def music_asset_id(mood: Mood) -> str:
    """`music.{mood}`."""
    return f"music.{mood}"


def _fitted(name: str) -> str:
    if len(name) <= IDENTIFIER_LIMIT:
        return name
    return f"{name[: IDENTIFIER_LIMIT - DIGEST_CHARACTERS - 1]}-{sha256_hex(name.encode())[:DIGEST_CHARACTERS]}"
