"""Frames of a shot: opaque, the same at every visit and in every process, and showing what the picture holds."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from pipelines.imaging.character_design import design_character
from pipelines.rendering.drawing import ShotDrawing
from pipelines.rendering.picture import ImageSource, PictureCue, PictureFigure, PictureProp, ShotPicture
from schemas.asset_manifest import BackgroundNeed, CharacterNeed
from schemas.errors import InvalidInput
from schemas.timing import EditRate
from schemas.vocabulary import CameraMovement, LocationSetting

HASH = "ab" * 32


def need(setting="room", **changes):
    fields = {"time_of_day": "day", "weather": "clear", "mood": "calm", "location_id": setting, "name": setting}
    return BackgroundNeed(asset_id="background.x", setting=setting, **{**fields, **changes})


def figure(character_id="mara", **changes):
    wanted = CharacterNeed(asset_id="character.x", character_id=character_id, name=character_id)
    return PictureFigure(design=design_character(wanted), **changes)


def picture(**changes):
    fields = {
        "width_px": 160, "height_px": 90, "edit_rate": EditRate(), "duration_ticks": 24, "framing": "medium",
        "backdrop": need(), "figures": (figure(),),
    }  # fmt: skip
    return ShotPicture(**{**fields, **changes})


def frame(shown, tick=0, images=None):
    drawing = ShotDrawing(shown, images or {})
    pixels = np.empty((shown.height_px, shown.width_px, 4), np.uint8)
    drawing.draw(tick, pixels)
    drawing.close()
    return pixels


SHOTS = {
    "scene": picture(),
    "moving": picture(framing="wide", movement="push_in", backdrop=need("coast", time_of_day="dusk")),
    "walker": picture(framing="wide", figures=(figure(pose="walking"),), backdrop=need("forest", weather="rain")),
    "talk": picture(
        framing="two_shot",
        figures=(
            figure(slot="left", mouth=(("open", 9), ("round", 6)), speaking=((0, 15),)),
            figure("b", slot="right"),
        ),
        cues=(PictureCue(start_ticks=3, end_ticks=9, lines=("Hello there",)),),
    ),
    "insert": picture(framing="insert", figures=(), props=(PictureProp(tag="lantern"), PictureProp(tag="zzz thing"))),
    "card": picture(kind="card", framing="title_card", figures=(), backdrop=None, card_text=("A Title", "a line")),
    "slate": picture(kind="slate", figures=(), backdrop=None, slate_text=("s1", "because")),
}


@pytest.mark.parametrize("name", SHOTS)
def test_draw_any_order_gives_the_same_opaque_frames(name):
    shown = SHOTS[name]
    drawing = ShotDrawing(shown, {})
    pixels = np.empty((shown.height_px, shown.width_px, 4), np.uint8)
    first = {}
    for tick in (0, 1, 5, 17, 23):
        drawing.draw(tick, pixels)
        assert pixels[:, :, 3].min() == 255
        first[tick] = pixels.copy()
    for tick in (17, 0, 23, 5):
        drawing.draw(tick, pixels)
        assert np.array_equal(pixels, first[tick])
    drawing.close()
    assert np.array_equal(frame(shown, 17), first[17])


def digest_of_every_shot():
    return hashlib.sha256(b"".join(frame(shown, 7).tobytes() for shown in SHOTS.values())).hexdigest()


def test_draw_in_another_process_and_hash_seed_gives_the_same_bytes():
    root = Path(__file__).resolve().parents[3]
    code = "import runpy; print(runpy.run_path('tests/unit/rendering/test_drawing.py')['digest_of_every_shot']())"
    seeded = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "PYTHONPATH": str(root)}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=seeded, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == digest_of_every_shot()


@pytest.mark.parametrize("setting", get_args(LocationSetting))
def test_draw_tight_framing_of_any_place_has_no_hole(setting):
    assert frame(picture(backdrop=need(setting)))[:, :, 3].min() == 255


@pytest.mark.parametrize("size", [(160, 90), (90, 160), (120, 120)])
@pytest.mark.parametrize("framing", ["wide", "medium", "close_up", "two_shot", "over_shoulder"])
def test_draw_any_aspect_shows_the_figures(framing, size):
    pair = (figure(slot="left", back=framing == "over_shoulder"), figure("other", slot="right"))
    width, height = size
    with_them = frame(picture(framing=framing, width_px=width, height_px=height, figures=pair, focus=1))
    without = frame(picture(framing=framing, width_px=width, height_px=height, figures=()))
    assert (np.abs(with_them.astype(int) - without).max(axis=2) > 20).mean() > 0.03


@pytest.mark.parametrize("movement", get_args(CameraMovement))
def test_draw_camera_movement_changes_the_view(movement):
    shown = picture(framing="wide", figures=(), movement=movement, backdrop=need("office"))
    start, end = frame(shown, 0), frame(shown, 23)
    changed = (np.abs(start.astype(int) - end).max(axis=2) > 12).mean()
    assert changed < 0.05 if movement == "static" else changed > 0.05


def test_draw_speaker_moves_and_listener_turns_to_them():
    silent = picture(framing="two_shot", figures=(figure(slot="left"), figure("b", slot="right")))
    said = silent.model_copy(
        update={"figures": (figure(slot="left", mouth=(("open", 24),), speaking=((0, 24),)), figure("b", slot="right"))}
    )
    changed = np.abs(frame(silent, 12).astype(int) - frame(said, 12)).max(axis=2) > 12
    assert changed[:, :80].sum() > 20
    assert changed[:, 80:].sum() > 20


def test_draw_figure_lives_while_the_camera_rests():
    still = frame(SHOTS["walker"], 0)
    assert np.array_equal(frame(SHOTS["walker"], 1), still)
    assert (np.abs(frame(SHOTS["walker"], 12).astype(int) - still).max(axis=2) > 12).sum() > 60


def test_draw_caption_stands_exactly_in_its_ticks_and_low():
    plain = SHOTS["talk"].model_copy(update={"cues": ()})
    for tick in (2, 3, 8, 9):
        changed = (np.abs(frame(SHOTS["talk"], tick).astype(int) - frame(plain, tick)).max(axis=2) > 12).any(axis=1)
        assert changed.any() == (3 <= tick < 9)
        assert not changed[:60].any()


def test_draw_flag_marks_a_corner_only():
    changed = np.abs(frame(picture(flag="prop.x: no drawing")).astype(int) - frame(picture())).max(axis=2) > 12
    assert changed[:20].any()
    assert not changed[20:].any()


def test_draw_library_image_takes_the_place_of_the_backdrop_and_drifts():
    image = np.zeros((60, 80, 3), np.uint8)
    image[:, :40] = (250, 10, 10)
    shown = picture(backdrop=None, figures=(), image=ImageSource(content_hash=HASH), movement="pan_right")
    start, end = (frame(shown, tick, {HASH: lambda _: image}) for tick in (0, 23))
    assert start[45, 5].tolist() == [10, 10, 250, 255]
    assert (start != end).any()


def test_draw_clip_shows_the_frame_of_its_tick():
    shown = picture(backdrop=None, figures=(), image=ImageSource(content_hash=HASH, kind="clip"))
    pixels = frame(shown, 9, {HASH: lambda tick: np.full((20, 30, 3), tick * 10, np.uint8)})
    assert pixels[40, 80].tolist() == [90, 90, 90, 255]


def test_draw_image_that_was_not_brought_is_refused_by_its_hash():
    with pytest.raises(InvalidInput, match=HASH):
        frame(picture(backdrop=None, image=ImageSource(content_hash=HASH)))


def test_draw_tick_outside_the_shot_is_refused():
    with pytest.raises(InvalidInput, match="24"):
        frame(picture(), 24)


def test_draw_card_stands_over_the_place_it_is_given():
    words = {"kind": "card", "framing": "title_card", "figures": (), "card_text": ("A Title",)}
    harbour, forest, nowhere = (
        frame(picture(**words, backdrop=one)) for one in (need("harbour"), need("forest"), None)
    )
    assert not np.array_equal(harbour, forest)
    assert not np.array_equal(harbour, nowhere)


def test_draw_lamp_of_a_lighthouse_is_no_table_lamp():
    def shown(tag, setting):
        thing = {"framing": "insert", "figures": (), "props": (PictureProp(tag=tag),)}
        return frame(picture(**thing, backdrop=need(setting)))

    assert np.array_equal(shown("lamp", "lighthouse"), shown("great_lamp", "lighthouse"))
    assert not np.array_equal(shown("lamp", "room"), shown("great_lamp", "room"))


def test_draw_insert_is_drawn_once_whatever_the_camera_should_do():
    thing = picture(framing="insert", movement="tilt_down", figures=(), props=(PictureProp(tag="key"),))
    drawing = ShotDrawing(thing, {})
    assert [tick for tick in range(24) if drawing.changes(tick)] == [0]
    drawing.close()
