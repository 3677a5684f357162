"""ShotList and resolved sources -> RenderPlan: the same film at a profile. No profile moves a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from schemas.errors import Defect
from schemas.project import PictureFormat, Project
from schemas.render_plan import RenderPlan, ResolvedAsset
from schemas.shotlist import ShotList
from schemas.vocabulary import RenderProfile

LONG_SIDE_PX = 1920
SHORT_SIDE_PX = 1080
"""The frame that a standard_local picture fills as far as its aspect allows."""

SMALLEST_SIDE_PX = 64
LARGEST_SIDE_PX = 3840
"""Limits of PictureFormat."""


def render_plan(
    project: Project,
    shotlist: ShotList,
    resolved_assets: Sequence[ResolvedAsset],
    profile: RenderProfile,
    captions: Literal["sidecar", "burned_in"] = "sidecar",
    voice: Literal["spoken", "muted"] = "spoken",
) -> RenderPlan:
    """What is rendered, from which sources, at which size; it refers to the shot list's lock.

    Args:
        project: whose picture size the profile starts from.
        shotlist: locked.
        resolved_assets: one for each requirement, in any order.
        profile: preview_local (the project's own size) or standard_local (1920x1080 class).
        captions: whether captions are drawn into the picture too.
        voice: whether voices are heard in the mix.

    Raises:
        Defect: a requirement was resolved twice.
    """
    assets = tuple(sorted(resolved_assets, key=lambda asset: asset.asset_id))
    ids = [asset.asset_id for asset in assets]
    if len(set(ids)) != len(ids):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        raise Defect(f"requirements {twice!r} were resolved more than once", asset_ids=twice)
    return RenderPlan(
        title=shotlist.title,
        profile=profile,
        picture=picture_format(project.picture, profile),
        edit_rate=shotlist.edit_rate,
        timing_lock_hash=shotlist.timing_lock_hash,
        captions=captions,
        voice=voice,
        assets=assets,
    )


def picture_format(picture: PictureFormat, profile: RenderProfile) -> PictureFormat:
    """Picture size of a profile: the project's, or the same aspect as large as 1920x1080 holds (upright: 1080x1920)."""
    if profile == "preview_local":
        return picture
    width, height = picture.width_px, picture.height_px
    box = (LONG_SIDE_PX, SHORT_SIDE_PX) if width >= height else (SHORT_SIDE_PX, LONG_SIDE_PX)
    scale = max(min(box[0] / width, box[1] / height), SMALLEST_SIDE_PX / min(width, height))
    return PictureFormat(width_px=_even(width * scale), height_px=_even(height * scale))


def _even(pixels: float) -> int:
    return min(max(2 * round(pixels / 2), SMALLEST_SIDE_PX), LARGEST_SIDE_PX)
