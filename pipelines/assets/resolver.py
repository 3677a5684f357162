"""Where each requirement comes from: the local library, what this machine can make, else a flagged placeholder.

    exact asset_id in the library -> matching tags in the library -> drawn or synthesised -> placeholder

Pure: the library is an index, what can be made is told by the caller, and nothing is opened, drawn or stored here.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pipelines.assets.asset_ids import slug
from pipelines.assets.library import IndexedAsset, LeftOut, LibraryIndex
from schemas.asset_manifest import AssetManifest, BackgroundNeed
from schemas.document import Part
from schemas.library_asset import Serves
from schemas.render_plan import ResolvedAsset
from schemas.rights import Rights

Kind = Literal["character", "background", "prop", "voice", "sound", "ambience", "music"]
Source = Literal["local_library", "generated_local", "placeholder"]
Form = Literal["drawing", "image", "clip", "audio", "placeholder"]
Fallback = Literal["generated_local", "placeholder"]


GENERATED_HERE = Rights()
"""Rights of what this run draws, speaks or synthesises itself."""


@dataclass(frozen=True)
class Abilities:
    """The words that can be drawn or synthesised here."""

    props: Container[str]
    sounds: Container[str]
    ambiences: Container[str]
    music: Container[str]
    settings: Container[str]
    """LocationSettings with a background drawing."""


@dataclass(frozen=True)
class Resolution:
    """The chosen source of one requirement, before its bytes are stored."""

    asset_id: str
    kind: Kind
    source: Source
    form: Form
    need: Part
    """The requirement; what a drawing or a synthesis is made from."""

    rights: Rights = GENERATED_HERE
    fallbacks: tuple[Fallback, ...] = ("placeholder",)
    flag: str = ""
    """Why this is a placeholder; empty otherwise."""

    library_asset: IndexedAsset | None = None
    """The library's file when `source` is local_library."""

    notes: tuple[str, ...] = ()
    """Library assets that would have served, and why they were left out."""

    def resolved(self, uri: str, content_hash: str, media_type: str) -> ResolvedAsset:
        """The plan's entry, once the bytes are stored at `uri`."""
        motion = self.library_asset.metadata.motion if self.library_asset else None
        return ResolvedAsset(
            asset_id=self.asset_id,
            kind=self.kind,
            source=self.source,
            form=self.form,
            uri=uri,
            content_hash=content_hash,
            media_type=media_type,
            rights=self.rights,
            fallbacks=self.fallbacks,
            flag=self.flag,
            motion=motion,
        )


@dataclass(frozen=True)
class _Wanted:
    """A requirement as the resolver looks at it."""

    asset_id: str
    kind: Kind
    need: Part
    makeable: bool
    missing: str
    """What to say when nothing serves it."""


def resolve(manifest: AssetManifest, index: LibraryIndex, abilities: Abilities) -> tuple[Resolution, ...]:
    """A source for every requirement of the manifest, sorted by asset_id. Nothing is ever left unresolved."""
    wanted = sorted(_wanted(manifest, abilities), key=lambda one: one.asset_id)
    return tuple(_resolution(one, index) for one in wanted)


def _wanted(manifest: AssetManifest, can: Abilities) -> Iterator[_Wanted]:
    for character in manifest.character_packs:
        yield _Wanted(character.asset_id, "character", character, True, "")
    for place in manifest.backgrounds:
        missing = f"no library asset and no drawing for setting {place.setting!r}"
        yield _Wanted(place.asset_id, "background", place, place.setting in can.settings, missing)
    for prop in manifest.props:
        missing = f"no library asset and no drawing for prop {prop.tag!r}"
        yield _Wanted(prop.asset_id, "prop", prop, prop.tag in can.props, missing)
    for line in manifest.voice_lines:
        yield _Wanted(line.asset_id, "voice", line, True, "")
    for sound in manifest.sounds:
        missing = f"no library asset and no synthesis for sound {sound.tag!r}"
        yield _Wanted(sound.asset_id, "sound", sound, sound.tag in can.sounds, missing)
    for sound in manifest.ambiences:
        missing = f"no library asset and no synthesis for ambience {sound.tag!r}"
        yield _Wanted(sound.asset_id, "ambience", sound, sound.tag in can.ambiences, missing)
    for music in manifest.music:
        missing = f"no library asset and no synthesis for music {music.mood!r}"
        yield _Wanted(music.asset_id, "music", music, music.mood in can.music, missing)


def _resolution(wanted: _Wanted, index: LibraryIndex) -> Resolution:
    notes = tuple(f"{one.name}: {one.reason}" for one in index.left_out if _fit(wanted, one) is not None)
    if wanted.kind == "character":  # figures act and speak, which an image cannot
        serving = [one for one in index.assets if _fit(wanted, one) is not None]
        notes += tuple(f"{one.name}: figures are drawn, an image is not used for a character" for one in serving)
        return Resolution(wanted.asset_id, wanted.kind, "generated_local", "drawing", wanted.need, notes=notes)
    found = _best(wanted, index.assets)
    if found is not None:
        fallbacks: tuple[Fallback, ...] = ("generated_local", "placeholder") if wanted.makeable else ("placeholder",)
        rights = Rights.model_validate(found.metadata.rights.model_dump())
        return Resolution(
            wanted.asset_id, wanted.kind, "local_library", found.metadata.media_kind, wanted.need,
            rights=rights, fallbacks=fallbacks, library_asset=found, notes=notes,
        )  # fmt: skip
    if wanted.makeable:
        form: Form = "drawing" if wanted.kind in ("character", "background", "prop") else "audio"
        return Resolution(wanted.asset_id, wanted.kind, "generated_local", form, wanted.need, notes=notes)
    return Resolution(
        wanted.asset_id, wanted.kind, "placeholder", "placeholder", wanted.need,
        fallbacks=(), flag="; ".join((wanted.missing, *notes)), notes=notes,
    )  # fmt: skip


def _best(wanted: _Wanted, assets: Iterable[IndexedAsset]) -> IndexedAsset | None:
    """The asset that fits most closely; of equals, the first by name."""
    best: tuple[int, IndexedAsset] | None = None
    for asset in assets:
        fit = _fit(wanted, asset)
        if fit is not None and (best is None or fit > best[0]):
            best = (fit, asset)
    return None if best is None else best[1]


EXACT = 100
"""Above any number of matching tags."""


def _fit(wanted: _Wanted, asset: IndexedAsset | LeftOut) -> int | None:
    """How closely an asset serves a requirement: 100 by asset_id, else the number of tags; None when it does not.

    A spoken line is never taken from a library: its measured timing belongs to the voice that was timed.
    """
    serves = asset.metadata.serves
    if wanted.kind == "voice":
        return None
    if wanted.asset_id in serves.asset_ids:
        return EXACT
    if isinstance(wanted.need, BackgroundNeed):
        return _place_fit(wanted.need, serves)
    if wanted.kind == "character":
        return 1 if getattr(wanted.need, "character_id", None) in serves.characters else None
    served: dict[str, tuple[str, ...]] = {
        "prop": serves.props, "sound": serves.sounds, "ambience": serves.ambiences, "music": serves.music,
    }  # fmt: skip
    word = wanted.asset_id.partition(".")[2]
    return 1 if word in {slug(tag) for tag in served[wanted.kind]} else None


def _place_fit(need: BackgroundNeed, serves: Serves) -> int | None:
    if need.location_id not in serves.locations:
        return None
    limits: tuple[tuple[str, tuple[str, ...]], ...] = (
        (need.time_of_day, serves.times_of_day), (need.weather, serves.weathers), (need.mood, serves.moods),
    )  # fmt: skip
    if any(allowed and word not in allowed for word, allowed in limits):
        return None
    return 1 + sum(1 for _, allowed in limits if allowed)
