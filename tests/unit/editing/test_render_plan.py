"""The plan of a render, from real films on an empty store: what is kept, at which rate, how large, and what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cluster.settings import EngineSettings, Settings
from pipelines.analysis.asset import register
from pipelines.analysis.media_flow import MediaFlow
from pipelines.editing.keep_person import kept_tracks
from pipelines.editing.render_plan import plan_render
from pipelines.progress import Silent
from schemas.errors import InvalidInput
from schemas.media_render_plan import MediaRenderPlan
from schemas.media_request import RenderRequest
from serve.desk import open_desk
from serve.media_run import Outcome, run_media
from tests.clips.cards import card_film

Call = Callable[[MediaFlow], Any]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[Call], Any]:
    """Calls something with a real flow."""

    def call(action: Call) -> Any:
        with open_desk(Settings.load(store=tmp_path / "store")) as desk:
            [done] = run_media(desk, EngineSettings.load(), Silent(), lambda flow: [Outcome("a", action(flow))])
            return done.result

    return call


@pytest.fixture
def plan(ask: Callable[[Call], Any]) -> Callable[..., MediaRenderPlan]:
    """The plan for a film and the fields of a request."""

    def planned(film: Path, **asked: Any) -> MediaRenderPlan:
        def action(flow: MediaFlow) -> MediaRenderPlan:
            asset = register(flow, film)
            return plan_render(flow, asset, RenderRequest(asset_id=asset.asset_id, **asked)).plan

        return ask(action)

    return planned


def rate(found: MediaRenderPlan) -> Fraction:
    return found.edit_rate.fraction


def test_plan_of_a_plain_render_keeps_everything(plan, tmp_path):
    found = plan(card_film(tmp_path / "a.mp4"))
    assert (found.width_px, found.height_px, rate(found), found.duration_ms) == (160, 90, 25, 480)
    assert (found.first_tick, found.end_tick) == (0, 12)
    assert (found.steps, found.dependency_notices, found.warnings) == ((), (), ())


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "ticks"), [(0, 200, (0, 5)), (100, 200, (2, 5)), (0, 9999, (0, 12)), (379, None, (9, 12))]
)
def test_trim_is_rounded_to_frames_and_ends_with_the_film(plan, tmp_path, start_ms, end_ms, ticks):
    found = plan(card_film(tmp_path / "a.mp4"), trim={"start_ms": start_ms, "end_ms": end_ms})
    assert (found.first_tick, found.end_tick) == ticks
    assert found.duration_ms == (ticks[1] - ticks[0]) * 40
    [step] = found.steps if start_ms or end_ms else [None]
    assert step is None or step.kind == "trim"


@pytest.mark.parametrize(("start_ms", "end_ms"), [(480, None), (5000, 6000), (201, 205)])
def test_trim_that_leaves_nothing_says_how_long_the_film_is(plan, tmp_path, start_ms, end_ms):
    with pytest.raises(InvalidInput, match=f"lasts 480 ms; nothing is left.*{start_ms}"):
        plan(card_film(tmp_path / "a.mp4"), trim={"start_ms": start_ms, "end_ms": end_ms})


def test_film_of_variable_rate_is_rendered_at_its_average(plan, tmp_path):
    found = plan(card_film(tmp_path / "a.mkv", times=(0, 20, 100, 130, 250, 260, 300, 400)))
    assert rate(found) == Fraction(7000, 400)
    assert abs(found.duration_ms - 457) <= 60


def test_film_at_ntsc_rate_keeps_it_exactly(plan, tmp_path):
    film = card_film(tmp_path / "a.mp4", times=range(0, 60 * 1001, 1001), time_base=Fraction(1, 30_000))
    assert rate(plan(film)) == Fraction(30_000, 1001)


def test_turned_film_with_wide_pixels_is_framed_as_it_is_shown(plan, tmp_path):
    film = card_film(tmp_path / "a.mkv", pixel_aspect=Fraction(4, 3), rotation=90)
    found = plan(film, aspect="1:1")
    assert found.width_px == found.height_px
    whole = plan(film)
    assert (whole.width_px, whole.height_px) == (160, 120)
    assert found.width_px == 120


def test_what_is_missing_is_said_for_each_thing_that_needs_it(plan, tmp_path):
    film = card_film(tmp_path / "a.mp4", sounds=("aac",))
    found = plan(film, cover_faces="mosaic", strength="strong", captions="track", aspect="1:1")
    assert [(step.kind, step.artifact_id) for step in found.steps] == [
        ("cover_faces", None), ("reframe", None), ("caption_track", None),
    ]  # fmt: skip
    assert found.steps[0].detail == "mosaic, strong"
    assert [warning.split()[3] for warning in found.warnings] == [
        "video_region_summary",
        "visual_meta",
        "asr_transcript",
    ]
    assert found.dependency_notices == ()


@pytest.mark.parametrize(("captions", "kind"), [("burned_in", "burn_in_captions"), ("track", "caption_track")])
def test_captions_are_a_step_of_their_own(plan, tmp_path, captions, kind):
    film = card_film(tmp_path / "a.mp4", sounds=("aac",))
    assert [step.kind for step in plan(film, captions=captions).steps] == [kind]


def test_portrait_that_is_a_film_is_refused_before_any_weights_are_looked_for(ask, tmp_path):
    def action(flow: MediaFlow) -> None:
        asset = register(flow, card_film(tmp_path / "a.mp4"))
        other = replace(asset, name="portrait.mp4")
        summary: Any = None
        kept_tracks(flow, asset, other, summary, asset.artifact)

    with pytest.raises(InvalidInput, match=r"a portrait is a picture, 'portrait\.mp4' is a clip"):
        ask(action)
