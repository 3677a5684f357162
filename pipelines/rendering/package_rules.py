"""Do a ShotList, an AssetManifest and a RenderPlan belong together? Each is right by itself; here they are compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from pipelines.assets import asset_ids
from schemas.asset_manifest import AssetManifest
from schemas.render_plan import RenderPlan
from schemas.shotlist import ShotList


class _Need(Protocol):
    @property
    def asset_id(self) -> str: ...


LISTED = 5
"""Names that one problem lists; a film that lacks one asset often lacks hundreds."""


def package_problems(shotlist: ShotList, manifest: AssetManifest, plan: RenderPlan) -> tuple[str, ...]:
    """A sentence for everything that does not fit; empty when the three can be rendered."""
    return tuple(_problems(shotlist, manifest, plan))


def needed_assets(shotlist: ShotList) -> frozenset[str]:
    """asset_id of everything that the shots show and sound."""
    needed: set[str] = set()
    for shot in shotlist.shots:
        needed.update(asset_ids.character_asset_id(figure.character_id) for figure in shot.characters)
        needed.update(asset_ids.prop_asset_id(tag) for tag in shot.props)
        needed.update(asset_ids.voice_asset_id(line.element_id) for line in shot.audio.lines)
        needed.update(asset_ids.sound_asset_id(sound.tag) for sound in shot.audio.sounds)
        needed.add(asset_ids.music_asset_id(shot.audio.music_mood))
        if shot.audio.ambience:
            needed.add(asset_ids.ambience_asset_id(shot.audio.ambience))
        if shot.location_id is not None:
            place = (shot.location_id, shot.time_of_day, shot.weather, shot.mood)
            needed.add(asset_ids.background_asset_id(*place))
    return frozenset(needed)


def manifest_kinds(manifest: AssetManifest) -> dict[str, str]:
    """asset_id -> what kind of requirement it is, in the words of ResolvedAsset."""
    lists: dict[str, tuple[_Need, ...]] = {
        "character": manifest.character_packs, "background": manifest.backgrounds, "prop": manifest.props,
        "voice": manifest.voice_lines, "sound": manifest.sounds, "ambience": manifest.ambiences,
        "music": manifest.music,
    }  # fmt: skip
    return {need.asset_id: kind for kind, needs in lists.items() for need in needs}


def _problems(shotlist: ShotList, manifest: AssetManifest, plan: RenderPlan) -> Iterator[str]:
    if plan.timing_lock_hash != shotlist.timing_lock_hash:
        yield (
            f"the render plan is for the timing lock {plan.timing_lock_hash}, the shot list has "
            f"{shotlist.timing_lock_hash}: plan again"
        )
    if plan.edit_rate != shotlist.edit_rate:
        yield f"the render plan runs at {plan.edit_rate.fraction} fps, the shot list at {shotlist.edit_rate.fraction}"
    needed, kinds = needed_assets(shotlist), manifest_kinds(manifest)
    planned = {asset.asset_id: asset.kind for asset in plan.assets}
    if len(planned) < len(plan.assets):
        yield "an asset stands twice in the render plan"
    if lacking := needed - kinds.keys():
        yield f"the asset manifest lacks {_named(lacking)}, which the shots need"
    if lacking := (needed & kinds.keys()) - planned.keys():
        yield f"the render plan has no source for {_named(lacking)}"
    if extra := planned.keys() - kinds.keys():
        yield f"the render plan has sources for {_named(frozenset(extra))}, which the manifest does not ask for"
    wrong = {name for name in kinds.keys() & planned.keys() if kinds[name] != planned[name]}
    if wrong:
        yield f"manifest and plan disagree about the kind of {_named(wrong)}"
    yield from _line_problems(shotlist, manifest)


def _line_problems(shotlist: ShotList, manifest: AssetManifest) -> Iterator[str]:
    by_asset = {need.asset_id: need for need in manifest.voice_lines}
    for shot, line in shotlist.lines():
        need = by_asset.get(asset_ids.voice_asset_id(line.element_id))
        if need is None:
            continue
        if need.element_id != line.element_id or need.speaker_id != line.speaker_id:
            yield (
                f"shot {shot.shot_id!r}: {line.element_id!r} is said by {line.speaker_id!r} in the shot list and is "
                f"{need.element_id!r} of {need.speaker_id!r} in the manifest"
            )
        if line.offset_ticks + line.duration_ticks > shot.duration_ticks:
            yield f"shot {shot.shot_id!r} ends before its line {line.element_id!r} does"


def _named(names: set[str] | frozenset[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - LISTED} more" if len(shown) > LISTED else ""
    return ", ".join(map(repr, shown[:LISTED])) + more
