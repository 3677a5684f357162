"""Does everything that the film needs have a source or a fallback, and is every stand-in said to be one?"""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.rendering.quality.verdict import verdict
from schemas.render_output import GateResult
from schemas.render_plan import RenderPlan, ResolvedAsset
from schemas.shotlist import ShotList


def missing_assets(plan: RenderPlan, shotlist: ShotList) -> GateResult:
    """Check the sources of a plan.

    A placeholder must say why it stands there; any other source must name what takes over when it fails. Every
    character and every line of the shots must have a source.
    """
    held = {asset.asset_id for asset in plan.assets}
    problems = [f"{asset_id} has no source" for asset_id in sorted(set(_needed(shotlist)) - held)]
    for asset in plan.assets:
        problems += _asset_problems(asset)
    placeholders = [asset for asset in plan.assets if _is_placeholder(asset)]
    return verdict(
        "missing_assets",
        problems,
        measured=f"{len(plan.assets)} sources, {len(placeholders)} placeholders",
        limit="every need has a source, every placeholder a reason, every other source a fallback",
        notes=[f"note: {asset.asset_id} is a placeholder: {asset.flag}" for asset in placeholders if asset.flag],
    )


def _needed(shotlist: ShotList) -> Iterator[str]:
    for shot in shotlist.shots:
        for character in shot.characters:
            yield f"character.{character.character_id}"
        for line in shot.audio.lines:
            yield f"voice.{line.element_id}"


def _is_placeholder(asset: ResolvedAsset) -> bool:
    return asset.source == "placeholder" or asset.form == "placeholder"


def _asset_problems(asset: ResolvedAsset) -> Iterator[str]:
    if _is_placeholder(asset):
        if not asset.flag:
            yield f"{asset.asset_id} is a placeholder without a reason"
    elif not asset.fallbacks:
        yield f"{asset.asset_id} has no fallback"
