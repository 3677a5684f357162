"""Where figures stand and what the camera rests on."""

from __future__ import annotations

import pytest

from pipelines.imaging.camera import LIMIT_X, LIMIT_Y
from pipelines.imaging.character_design import design_character
from pipelines.rendering.acting import Acting
from pipelines.rendering.picture import PictureFigure, PictureProp, ShotPicture
from pipelines.rendering.staging import stage_shot
from schemas.asset_manifest import CharacterNeed
from schemas.timing import EditRate


def figure(name="mara", **changes):
    need = CharacterNeed(asset_id="character.x", character_id=name, name=name)
    return PictureFigure(design=design_character(need), **changes)


def picture(*figures, framing="medium", size=(160, 90), **changes):
    return ShotPicture(
        width_px=size[0],
        height_px=size[1],
        edit_rate=EditRate(),
        duration_ticks=96,
        framing=framing,
        figures=figures,
        **changes,
    )


@pytest.mark.parametrize("size", [(160, 90), (90, 160), (120, 120)])
@pytest.mark.parametrize("framing", ["wide", "medium", "close_up", "two_shot", "over_shoulder", "insert"])
def test_stage_shot_stays_on_painted_ground_with_the_subject_in_frame(framing, size):
    shown = picture(figure(slot="right", back=True), figure("b", slot="left"), framing=framing, size=size, focus=1)
    staged = stage_shot(shown)
    half = staged.view.height * size[0] / size[1] / 2
    assert abs(staged.view.x) + half <= LIMIT_X + 1e-6
    assert abs(staged.view.y) + staged.view.height / 2 <= LIMIT_Y + 1e-6
    if staged.spots:
        assert abs(staged.spots[1].x - staged.view.x) < half


def test_stage_shot_slots_keep_their_order():
    shown = picture(figure("a", slot="right"), figure("b", slot="left"), figure("c", slot="centre"), framing="wide")
    xs = [spot.x for spot in stage_shot(shown).spots]
    assert xs[1] < xs[2] < xs[0]


def test_stage_shot_two_in_one_slot_stand_apart():
    xs = [spot.x for spot in stage_shot(picture(figure("a"), figure("b"), framing="wide")).spots]
    assert abs(xs[0] - xs[1]) > 150


def test_stage_shot_tighter_framings_show_less():
    heights = [stage_shot(picture(figure(), framing=framing)).view.height for framing in ("wide", "medium", "close_up")]
    assert heights[0] > heights[1] > heights[2]


def test_stage_shot_walker_crosses_towards_their_gaze():
    staged = stage_shot(picture(figure(pose="walking", gaze="left"), framing="wide"))
    assert staged.spots[0].facing < 0
    assert staged.spots[0].travel < -100


def test_acting_listener_looks_at_whoever_speaks_and_back():
    shown = picture(figure("a", slot="left"), figure("b", slot="right", speaking=((20, 60),)), framing="two_shot")
    acting = Acting(shown, stage_shot(shown))
    turns = [acting.state(0, tick).turn for tick in (0, 40, 90)]
    assert turns[0] == turns[2] == 0.0
    assert turns[1] > 0.4


def test_acting_said_gaze_outweighs_the_speaker():
    shown = picture(
        figure("a", slot="left", gaze="left"), figure("b", slot="right", speaking=((0, 90),)), framing="two_shot"
    )
    assert Acting(shown, stage_shot(shown)).state(0, 40).turn < -0.4


def test_acting_mouth_follows_its_runs_then_rests():
    shown = picture(figure(mouth=(("rest", 2), ("open", 3))))
    acting = Acting(shown, stage_shot(shown))
    assert [acting.state(0, tick).viseme for tick in range(7)] == ["rest"] * 2 + ["open"] * 3 + ["rest"] * 2


def test_stage_shot_who_walk_together_go_one_way():
    gazes = ("right", "left", "left")
    shown = picture(*(figure(str(i), pose="walking", gaze=gaze) for i, gaze in enumerate(gazes)), framing="wide")
    assert all(spot.travel < 0 for spot in stage_shot(shown).spots)


def test_stage_shot_an_arm_held_out_gets_room():
    def apart(**pose):
        spots = stage_shot(picture(figure("a", slot="left", **pose), figure("b", slot="right", **pose))).spots
        return spots[1].x - spots[0].x

    assert apart(pose="reaching") > 1.3 * apart()


@pytest.mark.parametrize("size", [(160, 90), (90, 160), (120, 120)])
def test_stage_shot_insert_shows_all_things_side_by_side(size):
    things = (PictureProp(tag="key"), PictureProp(tag="lamp"))
    staged = stage_shot(picture(framing="insert", size=size, props=things))
    assert staged.view.height * size[0] / size[1] >= 2 * 330


def test_acting_near_figure_shows_a_calm_standing_back_whatever_it_does():
    near = figure("a", slot="left", back=True, pose="sitting", expression="afraid")
    shown = picture(near, figure("b", slot="right", pose="sitting"), framing="over_shoulder", focus=1)
    acting = Acting(shown, stage_shot(shown))
    assert (acting.state(0, 9).pose, acting.state(0, 9).expression) == ("standing", "neutral")
    assert acting.state(1, 9).pose == "sitting"
