"""A render plan changes the size of the picture and nothing of its timing."""

from __future__ import annotations

import pytest

from pipelines.rendering.render_plan import picture_format, render_plan
from schemas.errors import Defect
from schemas.project import PictureFormat, Project
from schemas.render_plan import ResolvedAsset
from schemas.shotlist import Shot, ShotList, timing_lock
from schemas.timing import EditRate

RATE = EditRate(numerator=25)


def film() -> ShotList:
    shot = Shot(shot_id="a", scene_id="s", start_ticks=0, duration_ticks=50, framing="wide")
    return ShotList(title="T", edit_rate=RATE, shots=(shot,), timing_lock_hash=timing_lock(RATE, [("a", 50)]))


def asset(asset_id) -> ResolvedAsset:
    return ResolvedAsset(
        asset_id=asset_id, kind="prop", source="generated_local", form="drawing", uri="artifact://t/dev/x",
        content_hash="0" * 64, media_type="application/json",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 720), (1920, 1080)),
        ((720, 1280), (1080, 1920)),
        ((640, 480), (1440, 1080)),
        ((500, 500), (1080, 1080)),
        ((3840, 2160), (1920, 1080)),
        ((1280, 536), (1920, 804)),
        ((3840, 64), (3840, 64)),
    ],
)
def test_picture_format_standard_fills_1080_class_frame_at_same_aspect(size, expected):
    picture = PictureFormat(width_px=size[0], height_px=size[1])
    standard = picture_format(picture, "standard_local")
    assert (standard.width_px, standard.height_px) == expected
    assert picture_format(picture, "preview_local") == picture


def test_render_plan_any_profile_keeps_lock_and_rate():
    project = Project(id="x", title="X", edit_rate=EditRate(numerator=30))
    for profile in ("preview_local", "standard_local"):
        plan = render_plan(project, film(), (), profile)
        assert (plan.timing_lock_hash, plan.edit_rate) == (film().timing_lock_hash, RATE)


def test_render_plan_assets_sorted_whatever_their_order():
    plan = render_plan(Project(id="x", title="X"), film(), (asset("b"), asset("a")), "preview_local")
    assert [one.asset_id for one in plan.assets] == ["a", "b"]


def test_render_plan_requirement_resolved_twice_refused():
    with pytest.raises(Defect, match="'a'"):
        render_plan(Project(id="x", title="X"), film(), (asset("a"), asset("a")), "preview_local")
