"""Cuts, fades and dissolves are found to the frame and told apart; flashes, strobes, shakes and titles are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from actors.visual.signals import SignalTrack
from pipelines.analysis.boundaries import Boundary, find_boundaries
from pipelines.analysis.flashes import find_excursions
from tests.shot_films import BLACK, HEIGHT, WHITE, WIDTH, Frames, ShotFilm, grain, mixed, relit, shot, track_of


def found(frames: Frames) -> list[tuple[str, int, int]]:
    return [(one.kind, one.first_frame, one.end_frame) for one in find_boundaries(track_of(frames))]


def cuts(frames: Frames) -> list[int]:
    """First frames of new shots; nothing else may be found."""
    boundaries = find_boundaries(track_of(frames))
    assert {one.kind for one in boundaries} <= {"cut"}
    return [one.first_frame for one in boundaries]


def only(frames: Frames, kind: str) -> Boundary:
    (one,) = find_boundaries(track_of(frames))
    assert one.kind == kind
    return one


def long_shot(name: str = "astronaut.png", frames: int = 40) -> Frames:
    return shot(name, frames, speed=(0.3, 0.1), zoom=1.5)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("astronaut.png", "coffee.png"),
        ("coffee.png", "chelsea.png"),
        ("rocket.jpg", "hubble_deep_field.jpg"),
        ("grass.png", "brick.png"),
        ("camera.png", "coins.png"),
    ],
)
@pytest.mark.parametrize("sigma", [0, 6])
def test_cut_between_pictures_is_found_at_its_frame(name, other, sigma):
    assert cuts(grain(np.concatenate([long_shot(name), long_shot(other)]), sigma)) == [40]


def test_cut_between_like_pictures_is_found():
    near = shot("chelsea.png", 30, zoom=1.4, at=(0.42, 0.5))
    far = shot("chelsea.png", 30, zoom=2.2, at=(0.6, 0.5))
    assert cuts(np.concatenate([near, far])) == [30]


def test_cut_between_dark_pictures_of_low_contrast_is_found():
    dark = relit(np.concatenate([long_shot("astronaut.png"), long_shot("rocket.jpg")]), np.full(80, 0.15))
    assert cuts(grain(dark, 1)) == [40]


def test_cut_between_plain_pictures_is_found():
    cards = [np.full((30, HEIGHT, WIDTH, 3), level, np.uint8) for level in (60, 150, 90)]
    assert cuts(grain(np.concatenate(cards), 2)) == [30, 60]


@pytest.mark.parametrize("length", [5, 6, 9])
def test_short_shots_are_found(length):
    names = ("astronaut.png", "coffee.png", "chelsea.png", "coins.png", "rocket.jpg", "grass.png")
    parts = [long_shot(name, length) for name in names]
    assert cuts(np.concatenate([long_shot("camera.png"), *parts])) == [40 + length * k for k in range(len(names))]


def test_cutaway_of_five_frames_and_back_is_two_cuts():
    frames = long_shot()
    frames[18:23] = long_shot("coffee.png", 5)
    assert cuts(frames) == [18, 23]


def test_cut_into_a_pan_and_out_of_it_is_found():
    pan = shot("motorcycle_left.png", 30, speed=(4, 0), zoom=2)
    assert cuts(np.concatenate([long_shot(), pan, long_shot("coffee.png")])) == [40, 70]


def test_cut_into_black_and_out_of_it_is_two_cuts_and_no_fade():
    frames = np.concatenate([long_shot(), np.repeat(BLACK, 20, axis=0), long_shot("coffee.png")])
    assert cuts(frames) == [40, 60]


@pytest.mark.parametrize("length", [6, 12, 24, 60])
@pytest.mark.parametrize("sigma", [0, 5])
def test_dissolve_is_found_with_its_span_and_is_no_cut(length, sigma):
    film = ShotFilm()
    film.cut(long_shot("astronaut.png", 50))
    film.dissolve(long_shot("coffee.png", length + 50), length)
    one = only(grain(film.frames, sigma), "dissolve")
    slack = 1 + length // 8
    assert abs(one.first_frame - 50) <= slack
    assert abs(one.end_frame - 50 - length) <= slack


@pytest.mark.parametrize("colour", [BLACK, WHITE], ids=["black", "white"])
@pytest.mark.parametrize(("out", "back"), [(6, 10), (15, 30), (40, 8)])
def test_fades_are_found_with_their_spans(colour, out, back):
    film = ShotFilm()
    film.cut(long_shot())
    film.fade_out(out, colour, hold=12)
    film.fade_in(long_shot("coffee.png", back + 40), back, colour)
    truth = [(one.kind, one.first_frame, one.end_frame) for one in film.boundaries]
    boundaries = found(film.frames)
    assert [kind for kind, _, _ in boundaries] == ["fade_out", "fade_in"]
    for (_, first, end), (_, true_first, true_end) in zip(boundaries, truth, strict=True):
        assert abs(first - true_first) <= 2 + out // 10
        assert abs(end - true_end) <= 2 + back // 8


def test_dip_to_black_is_a_fade_out_and_a_fade_in():
    film = ShotFilm()
    film.cut(long_shot())
    film.fade_out(12)
    film.fade_in(long_shot("coffee.png"), 12)
    assert [kind for kind, _, _ in found(film.frames)] == ["fade_out", "fade_in"]


def test_fades_at_the_ends_of_a_film_are_found():
    film = ShotFilm(parts=[np.repeat(BLACK, 5, axis=0)])
    film.fade_in(long_shot(frames=60), 20)
    film.fade_out(20)
    assert [kind for kind, _, _ in found(film.frames)] == ["fade_in", "fade_out"]


def test_fade_in_ends_where_the_picture_is_there_though_it_goes_on_brightening():
    film = ShotFilm(parts=[np.repeat(BLACK, 10, axis=0)])
    film.fade_in(relit(long_shot(frames=70), np.linspace(0.6, 1.0, 70)), 12)
    one = only(film.frames, "fade_in")
    assert abs(one.end_frame - 22) <= 4


def test_fade_under_a_line_of_text_that_stays_is_found():
    film = ShotFilm()
    film.cut(long_shot())
    film.fade_out(20, hold=20)
    frames = film.frames
    for frame in frames:
        cv2.putText(frame, "A LINE THAT STAYS", (4, 86), cv2.FONT_HERSHEY_SIMPLEX, 0.25, (120, 120, 120), 1)
    assert [kind for kind, _, _ in found(frames)] == ["fade_out"]


@pytest.mark.parametrize("length", [1, 2, 3, 6])
def test_flash_is_no_boundary_and_is_said_to_be_a_flash(length):
    frames = long_shot()
    frames[15 : 15 + length] = relit(frames[15 : 15 + length], np.linspace(2.2, 1.4, length), 80)
    track = track_of(frames)
    assert find_boundaries(track) == ()
    (one,) = find_excursions(track.signals)
    assert one.is_flash
    assert (one.first_frame, one.end_frame) == (15, 15 + length)


def test_flash_after_which_the_camera_exposes_less_is_no_boundary():
    frames = shot("astronaut.png", 40, zoom=1.5)
    frames[20:] = relit(frames[20:], np.full(20, 0.85))
    frames[18:20] = relit(frames[18:20], [2.2, 1.8], 80)
    assert found(frames) == []


def test_lightning_is_no_boundary():
    frames = long_shot("rocket.jpg")
    for at, gain in ((15, 2.4), (16, 1.2), (17, 2.0), (19, 1.7)):
        frames[at : at + 1] = relit(frames[at : at + 1], [gain], 60)
    assert found(frames) == []


@pytest.mark.parametrize("period", [1, 2, 3])
def test_strobe_is_no_boundary(period):
    gains = [0.25 if (at // period) % 2 and 10 <= at < 30 else 1.0 for at in range(40)]
    assert found(relit(long_shot(), gains)) == []


def test_flicker_of_the_exposure_is_no_boundary():
    gains = 1 + 0.25 * np.random.default_rng(3).uniform(-1, 1, 60)
    assert found(relit(long_shot(frames=60), gains)) == []


def test_light_that_is_turned_up_slowly_is_no_dissolve():
    assert found(relit(long_shot(frames=60), np.linspace(0.5, 1.3, 60))) == []


def test_light_that_is_switched_on_and_stays_is_no_cut():
    assert found(relit(long_shot(), [0.6] * 20 + [1.0] * 20)) == []


@pytest.mark.parametrize("frames", [1, 2])
def test_damaged_frames_are_no_boundary(frames):
    for kind in ("green", "shifted", "smeared"):
        film = long_shot()
        for at in range(20, 20 + frames):
            if kind == "green":
                film[at] = (0, 135, 0)
            elif kind == "shifted":
                film[at] = np.roll(film[at], 50, axis=1)
            else:
                film[at, 30:] = film[at, 30]
        assert found(film) == [], kind


def test_repeated_frames_are_no_boundary():
    pan = shot("motorcycle_left.png", 60, speed=(2, 0), zoom=2)
    for step in (2, 3, 5):
        frames = pan.copy()
        frames[step - 1 :: step] = frames[step - 2 : -1 : step][: len(frames[step - 1 :: step])]
        assert found(frames) == [], step


def test_whip_pan_is_no_boundary():
    swing = 1 / (1 + np.exp(-(np.arange(40) - 20) / 2.5))
    path = np.stack([120 * swing, 0 * swing], axis=1)
    assert found(shot("motorcycle_left.png", 40, zoom=2.5, path=path)) == []


def test_shaken_camera_is_no_boundary():
    path = np.random.default_rng(5).normal(0, 3, (60, 2))
    assert found(shot("astronaut.png", 60, zoom=1.6, path=path)) == []


def test_zoom_is_no_boundary():
    assert found(shot("coffee.png", 60, growth=1.02)) == []
    assert found(shot("coffee.png", 60, growth=0.98, zoom=2)) == []


def test_slow_pan_over_everything_is_no_dissolve():
    assert found(shot("hubble_deep_field.jpg", 90, speed=(1.2, 0), zoom=1.8)) == []


def test_title_that_appears_and_goes_is_no_boundary():
    frames = long_shot(frames=60)
    for frame in frames[20:45]:
        cv2.putText(frame, "A TITLE LINE", (12, 54), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 250, 220), 2, cv2.LINE_AA)
    assert found(frames) == []


def test_title_on_a_dark_picture_is_no_boundary():
    frames = relit(long_shot(frames=60), np.full(60, 0.12))
    for frame in frames[20:45]:
        cv2.putText(frame, "A TITLE LINE", (12, 54), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 250, 220), 2, cv2.LINE_AA)
    assert found(frames) == []


def test_title_that_fades_in_and_out_is_no_boundary():
    frames = long_shot(frames=80)
    titled = frames.copy()
    for frame in titled:
        cv2.putText(frame, "A TITLE", (10, 54), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (255, 250, 220), 4, cv2.LINE_AA)
    shares = np.clip(np.concatenate([np.linspace(-1, 2, 40), np.linspace(2, -1, 40)]), 0, 1)
    assert found(mixed(frames, titled, shares)) == []


def test_something_that_passes_near_the_camera_is_no_boundary():
    frames = long_shot(frames=60)
    for step in range(10):
        left = -60 + (WIDTH + 60) * step // 9
        cv2.rectangle(frames[25 + step], (left, 0), (left + 60, HEIGHT), (180, 40, 40), -1)
    assert found(frames) == []


def test_encoder_that_sharpens_at_a_key_frame_is_no_boundary():
    frames = long_shot()
    frames[:20] = np.stack([cv2.GaussianBlur(frame, (0, 0), 1.2) for frame in frames[:20]])
    assert found(frames) == []


def test_encoder_that_smears_a_cut_over_two_frames_makes_one_cut():
    frames = np.concatenate([long_shot(), long_shot("coffee.png")])
    frames[40] = mixed(frames[39:40], frames[40:41], 0.5)[0]
    boundaries = found(frames)
    assert len(boundaries) == 1
    assert boundaries[0][0] == "cut"
    assert boundaries[0][1] in (40, 41)


@pytest.mark.parametrize("frames", [1, 2, 3, 8])
def test_film_of_a_few_frames_or_of_one_colour_has_no_boundary(frames):
    assert found(long_shot(frames=frames)) == []
    assert found(np.repeat(BLACK, frames, axis=0)) == []


def test_boundaries_are_in_order_with_confidences_from_a_half_to_one():
    film = ShotFilm()
    film.cut(long_shot())
    film.dissolve(long_shot("coffee.png", 60), 20)
    film.cut(long_shot("chelsea.png"))
    film.fade_out(20, hold=10)
    boundaries = find_boundaries(track_of(film.frames))
    assert [one.kind for one in boundaries] == ["dissolve", "cut", "fade_out"]
    assert [one.first_frame for one in boundaries] == sorted(one.first_frame for one in boundaries)
    assert all(0.5 <= one.confidence <= 1 for one in boundaries)


def test_boundaries_of_a_long_film_are_those_of_its_parts():
    """Whatever is done piece by piece inside, a film of three pieces is judged like its pieces."""
    film = ShotFilm()
    film.cut(long_shot())
    film.dissolve(long_shot("coffee.png", 60), 20)
    film.cut(long_shot("chelsea.png"))
    one = track_of(film.frames)
    count = len(one)
    repeated = SignalTrack(np.arange(100 * count), np.tile(one.signals, 100), one.first, one.last)
    once, often = find_boundaries(one), find_boundaries(repeated)
    inner = {(b.kind, b.first_frame + count * k, b.end_frame + count * k) for b in once for k in range(100)}
    assert inner <= {(b.kind, b.first_frame, b.end_frame) for b in often}
