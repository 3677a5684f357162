"""LibraryAsset: the metadata file beside a picture, clip or sound in a local asset library (`NAME.asset.json`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from schemas.document import Document, Identifier, Part
from schemas.rights import Rights
from schemas.vocabulary import CameraMovement, Mood, TimeOfDay, Weather

AUDIBLE_PREFIXES = ("sfx.", "ambience.", "music.")
VISIBLE_PREFIXES = ("character.", "background.", "prop.")


class LibraryRights(Rights):
    """Rights of a local asset. What is left out is cleared property of the production."""

    license_type: str = "proprietary_cleared"
    """As in Rights; `unknown` and empty are read, and keep the asset out of the film."""

    provider_or_model: str = "local_library"
    """Tool, platform or model that the asset came from."""


class Serves(Part):
    """Which requirements the asset meets; at least one entry."""

    asset_ids: tuple[Identifier, ...] = ()
    """Exact requirements: `background.quay.night.storm.tense`. They go before all others."""

    characters: tuple[Identifier, ...] = ()
    """character_ids."""

    locations: tuple[Identifier, ...] = ()
    """location_ids, at the times, in the weathers and moods below."""

    times_of_day: tuple[TimeOfDay, ...] = ()
    """Limits `locations`; empty for any."""

    weathers: tuple[Weather, ...] = ()
    """Limits `locations`; empty for any."""

    moods: tuple[Mood, ...] = ()
    """Limits `locations`; empty for any."""

    props: tuple[str, ...] = ()
    """Words of scripts: `brass key`."""

    sounds: tuple[str, ...] = ()
    """Effect words: `thunder`."""

    ambiences: tuple[str, ...] = ()
    """Background sounds: `waves`."""

    music: tuple[Mood, ...] = ()
    """Moods of a music bed."""

    @property
    def visible(self) -> bool:
        """Whether anything to be seen is served."""
        return bool(self.characters or self.locations or self.props) or self._has(VISIBLE_PREFIXES)

    @property
    def audible(self) -> bool:
        """Whether anything to be heard is served."""
        return bool(self.sounds or self.ambiences or self.music) or self._has(AUDIBLE_PREFIXES)

    def _has(self, prefixes: tuple[str, ...]) -> bool:
        return any(asset_id.startswith(prefixes) for asset_id in self.asset_ids)


class LibraryAsset(Document):
    """One file of a local asset library: what it is, what it is for, whose it is."""

    file: str = Field(min_length=1, max_length=255)
    """The media file, relative to the metadata file; it stays inside the library folder."""

    media_kind: Literal["image", "clip", "audio"]
    """What the file holds; a file whose bytes say otherwise is not used."""

    serves: Serves
    """What the asset is for."""

    rights: LibraryRights = LibraryRights()
    """Whose it is, and what may be done with it."""

    motion: CameraMovement | None = None
    """How a still is moved; None to follow the shot."""

    @model_validator(mode="after")
    def _fits(self) -> LibraryAsset:
        allowed = AUDIBLE_PREFIXES if self.media_kind == "audio" else VISIBLE_PREFIXES
        for asset_id in self.serves.asset_ids:
            if not asset_id.startswith(allowed):
                raise ValueError(
                    f"an asset of media_kind {self.media_kind!r} cannot serve {asset_id!r}; only {allowed!r}"
                )
        if self.media_kind == "audio" and self.serves.visible:
            raise ValueError("media_kind 'audio' cannot serve characters, locations or props")
        if self.media_kind != "audio" and self.serves.audible:
            raise ValueError(f"media_kind {self.media_kind!r} cannot serve sounds, ambiences or music")
        if not (self.serves.visible or self.serves.audible):
            raise ValueError("serves names no requirement; give asset_ids, characters, locations, props, sounds, ...")
        return self
