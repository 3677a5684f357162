"""Backdrops: complete, deterministic, the same place at another hour, different places apart, in motion."""

import functools
import hashlib
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from thorvg_python.base import Matrix

from pipelines.imaging.backdrop.backdrop import Backdrop, make_backdrop
from pipelines.imaging.backdrop.pen import Path as Path_
from pipelines.imaging.canvas import PixelCanvas
from schemas.asset_manifest import BackgroundNeed
from schemas.vocabulary import LocationSetting, Mood, TimeOfDay, Weather

SETTINGS: tuple[LocationSetting, ...] = get_args(LocationSetting)
OUTDOORS = ("lighthouse", "harbour", "forest", "street", "desert")


def need(
    *,
    setting: LocationSetting,
    name: str = "Gull Point",
    hour: TimeOfDay = "day",
    weather: Weather = "clear",
    mood: Mood = "calm",
) -> BackgroundNeed:
    return BackgroundNeed(
        asset_id=f"background.loc.{hour}.{weather}.{mood}",
        location_id="loc",
        name=name,
        setting=setting,
        time_of_day=hour,
        weather=weather,
        mood=mood,
    )


def pictures(
    backdrop: Backdrop,
    *seconds: float,
    width: int = 240,
    height: int = 135,
    view_height: float = 1000.0,
    still: bool = False,
) -> list[np.ndarray]:
    """uint8 (height, width, 4) BGRA at each of `seconds`; `view_height` world units fill the height.

    `still` leaves out the layers marked moving. A backdrop can be drawn by one call only: the canvas takes its scenes.
    """
    canvas = PixelCanvas(width, height)
    zoom = height / view_height
    for layer in backdrop.behind + backdrop.in_front:
        layer.scene.set_transform(Matrix(zoom, 0, width / 2, 0, zoom, height / 2, 0, 0, 1))
        layer.scene.set_visible(not (still and layer.moving))
        canvas.add(layer.scene)
    drawn = []
    for second in seconds:
        backdrop.animate(second)
        drawn.append(np.zeros((height, width, 4), np.uint8))
        canvas.draw(drawn[-1], clear=True)
    canvas.close()
    return drawn


@functools.cache
def picture(scene: BackgroundNeed) -> np.ndarray:
    """The scene at second 0."""
    return pictures(make_backdrop(scene), 0.0)[0]


def brightness(pixels: np.ndarray) -> float:
    return float(pixels[..., :3].mean())


def edges(pixels: np.ndarray) -> np.ndarray:
    """Where brightness changes sideways or downwards, as a flat vector of mean 0."""
    grey = pixels[..., :3].astype(float).mean(axis=2)
    change = np.abs(np.diff(grey, axis=1))[:-1] + np.abs(np.diff(grey, axis=0))[:, :-1]
    return np.sqrt(change).ravel() - np.sqrt(change).mean()


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    a, b = edges(first), edges(second)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


@pytest.mark.parametrize("setting", SETTINGS)
def test_backdrop_of_every_setting_paints_all_a_camera_may_show(setting):
    pixels = pictures(make_backdrop(need(setting=setting)), 0.0, width=340, height=160, view_height=1600.0)[0]
    assert (pixels[..., 3] == 255).all(), f"{(pixels[..., 3] < 255).sum()} holes in {setting}"
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 200


MOMENTS = list(itertools.product(get_args(TimeOfDay), get_args(Weather)))


@pytest.mark.parametrize("number", range(len(MOMENTS)))
def test_backdrop_in_every_moment_is_drawn_without_a_hole(number):
    hour, weather = MOMENTS[number]
    setting = ("lighthouse", "street", "room", "cave", "forest")[number % 5]
    mood = get_args(Mood)[number % 7]
    pixels = picture(need(setting=setting, hour=hour, weather=weather, mood=mood))
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize("setting", OUTDOORS)
def test_backdrop_by_night_is_much_darker_than_by_day(setting):
    day, night = (brightness(picture(need(setting=setting, hour=hour))) for hour in ("day", "night"))
    assert night < 0.55 * day


@pytest.mark.parametrize("setting", OUTDOORS)
def test_backdrop_at_another_hour_is_more_alike_than_another_place(setting):
    day = picture(need(setting=setting))
    dusk = picture(need(setting=setting, hour="dusk"))
    elsewhere = picture(need(setting=setting, name="Otter Bank"))
    assert likeness(day, dusk) > likeness(day, elsewhere) + 0.1


@pytest.mark.parametrize("setting", SETTINGS)
def test_backdrop_of_another_location_looks_different(setting):
    here = picture(need(setting=setting)).astype(int)
    there = picture(need(setting=setting, name="Otter Bank")).astype(int)
    assert (np.abs(here - there).max(axis=2) > 12).mean() > 0.1


def test_backdrop_of_a_lighthouse_gallery_is_whole_and_another_view_than_the_tower():
    tower, gallery = (need(setting="lighthouse", name=name) for name in ("Lighthouse", "Lighthouse, Gallery"))
    pixels = pictures(make_backdrop(gallery), 0.0, width=340, height=160, view_height=1600.0)[0]
    assert (pixels[..., 3] == 255).all()
    assert likeness(picture(tower), picture(gallery)) < 0.5


def test_backdrop_of_each_mood_looks_different():
    pictures = [picture(need(setting="lighthouse", mood=mood)).astype(int) for mood in get_args(Mood)]
    for number, first in enumerate(pictures):
        for second in pictures[number + 1 :]:
            assert np.abs(first - second).mean() > 4


@pytest.mark.parametrize("setting", ["lighthouse", "coast", "harbour", "workshop"])
def test_backdrop_animated_in_any_order_gives_the_same_picture(setting):
    storm = need(setting=setting, hour="night", weather="storm")
    straight = pictures(make_backdrop(storm), 3.25)[-1]
    back_and_forth = pictures(make_backdrop(storm), 9.0, 0.5, 100.0, 3.25)[-1]
    assert (straight == back_and_forth).all()


@pytest.mark.parametrize(
    "setting", ["coast", "lighthouse", "harbour", "forest", "rooftop", "kitchen", "cave", "workshop"]
)
def test_backdrop_animated_moves_layers_marked_moving_and_no_others(setting):
    rain = need(setting=setting, hour="dusk", weather="rain")
    before, after = pictures(make_backdrop(rain), 0.0, 1.7)
    assert (before != after).any()
    still_before, still_after = pictures(make_backdrop(rain), 0.0, 1.7, still=True)
    assert (still_before == still_after).all()


def test_backdrop_light_at_night_is_bluish_and_readable_and_by_lamp_warm():
    outside = make_backdrop(need(setting="coast", hour="night")).light.tint
    inside = make_backdrop(need(setting="room", hour="night")).light.tint
    assert outside[2] > outside[0]
    assert min(outside) > 0.4
    assert inside[0] > inside[2]
    assert all(0 < channel <= 1 for channel in outside + inside)


def hash_of_two_scenes() -> str:
    scenes = [need(setting=s, hour="night", weather=w) for s, w in (("lighthouse", "storm"), ("room", "rain"))]
    return hashlib.sha256(b"".join(pictures(make_backdrop(scene), 2.6)[0].tobytes() for scene in scenes)).hexdigest()


_PRINT_HASH = """
import sys
sys.path.insert(0, sys.argv[1])
from test_backdrop import hash_of_two_scenes
print(hash_of_two_scenes())
"""


def test_backdrop_in_another_process_has_the_same_pixels():
    here = str(Path(__file__).parent)
    path = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, "-c", _PRINT_HASH, here], capture_output=True, text=True, env=environment, check=True
    )
    assert run.stdout.strip() == hash_of_two_scenes()


def test_path_spread_in_pieces_shows_what_one_shape_shows():
    def painted(make):
        path = Path_()
        for x in range(-900, 900, 130):
            path.ellipse(x, x / 6, 40, 20).polygon([(x, 300), (x + 60, 320), (x, 380)])
        canvas = PixelCanvas(160, 90)
        paint = make(path)
        paint.set_transform(Matrix(0.08, 0, 80, 0, 0.08, 45, 0, 0, 1))
        canvas.add(paint)
        pixels = np.zeros((90, 160, 4), np.uint8)
        canvas.draw(pixels, clear=True)
        canvas.close()
        return pixels

    whole = painted(lambda path: path.fill((200, 90, 40)))
    assert whole.any()
    assert np.abs(painted(lambda path: path.spread((200, 90, 40))).astype(int) - whole).max() <= 2
