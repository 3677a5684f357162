"""The visual meta of a film: shots that fill it, times of its own, motion in widths a second, a subject that is steady."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
import pytest

from actors.visual.signals import SignalTrack
from pipelines.analysis.boundaries import Boundary, find_boundaries
from pipelines.analysis.visual_meta import visual_meta
from pipelines.media.clip import FrameTimes
from pipelines.media.frame_reader import FilmShape
from schemas.backend import Backend
from schemas.errors import Defect
from schemas.regions import RegionTrack, VideoRegionSummary
from schemas.visual_meta import VisualMeta
from tests.shot_films import BLACK, HEIGHT, WIDTH, Frames, ShotFilm, relit, shot, track_of

BACKEND = Backend(backend_type="real", name="opencv_visual_meta", version="1")


def shape_of(pts: list[int], *, quarter_turns: int = 0, end_pts: int | None = None) -> FilmShape:
    """A film of 160 x 90 stored pixels with a time base of a millisecond."""
    wide, high = (HEIGHT, WIDTH) if quarter_turns % 2 else (WIDTH, HEIGHT)
    times = FrameTimes(tuple(pts), (pts[0],), end_pts or pts[-1] + 40, Fraction(1, 1000))
    return FilmShape(
        width_px=wide,
        height_px=high,
        stored_width_px=WIDTH,
        stored_height_px=HEIGHT,
        pixel_aspect=Fraction(1),
        quarter_turns=quarter_turns,
        times=times,
    )


def at_25(frames: Frames) -> list[int]:
    return [40 * number for number in range(len(frames))]


def meta_of(
    frames: Frames,
    *,
    pts: list[int] | None = None,
    quarter_turns: int = 0,
    faces: VideoRegionSummary | None = None,
    interval_ms: int = 500,
) -> VisualMeta:
    times = at_25(frames) if pts is None else pts
    one = track_of(frames)
    track = SignalTrack(np.array(times), one.signals, one.first, one.last)
    film = shape_of(times, quarter_turns=quarter_turns)
    return visual_meta("a1", film, track, find_boundaries(track), faces, BACKEND, interval_ms=interval_ms)


def person(track_id: str, first: int, boxes: list[tuple[int, int, int, int]], verdict: str = "person") -> RegionTrack:
    return RegionTrack(
        track_id=track_id,
        verdict=verdict,
        confidence=0.9,
        detections=1,
        first_frame=first,
        end_frame=first + len(boxes),
        start_ms=40 * first,
        end_ms=40 * (first + len(boxes)),
        best_frame=first,
        origins="d" * len(boxes),
        boxes=tuple(boxes),
    )


def regions(frames: int, *tracks: RegionTrack, asset_id: str = "a1") -> VideoRegionSummary:
    return VideoRegionSummary(
        asset_id=asset_id,
        width_px=WIDTH,
        height_px=HEIGHT,
        frame_count=frames,
        duration_ms=40 * frames,
        variable_frame_rate=False,
        frame_sample_interval_ms=200,
        smallest_face_px=20,
        min_confidence=0.5,
        tracks=tracks,
        backend=BACKEND,
    )


def blob(x: float, y: float, frames: int = 30) -> Frames:
    """Something bright on grey, at shares of the frame."""
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    cv2.circle(picture, (int(x * WIDTH), int(y * HEIGHT)), 9, (230, 200, 60), -1)
    return np.repeat(picture[None], frames, axis=0)


def test_shots_fill_the_film_and_say_what_they_begin_and_end_with():
    film = ShotFilm()
    film.cut(shot("astronaut.png", 30))
    film.cut(shot("coffee.png", 30))
    film.dissolve(shot("chelsea.png", 60), 20)
    film.fade_out(20, hold=24)
    film.fade_in(shot("coins.png", 60), 20)
    meta = meta_of(film.frames)
    edges = [(one.begins, one.ends, one.blank) for one in meta.shots]
    assert edges == [
        ("film", "cut", False),
        ("cut", "dissolve", False),
        ("dissolve", "fade_out", False),
        ("fade_out", "fade_in", True),
        ("fade_in", "film", False),
    ]
    assert [one.first_frame for one in meta.shots[1:]] == [one.end_frame for one in meta.shots[:-1]]
    assert (meta.shots[0].first_frame, meta.shots[-1].end_frame) == (0, len(film.frames))
    assert meta.shots[1].first_frame == 30
    assert abs(meta.shots[2].first_frame - 70) <= 2, "a dissolve parts in its middle"


def test_a_few_black_frames_are_no_shot():
    film = ShotFilm()
    film.cut(shot("astronaut.png", 30))
    film.fade_out(12, hold=3)
    film.fade_in(shot("coffee.png", 40), 12)
    assert [(one.begins, one.ends, one.blank) for one in meta_of(film.frames).shots] == [
        ("film", "fade_out", False),
        ("fade_in", "film", False),
    ]


def test_film_that_begins_black_begins_with_a_fade():
    film = ShotFilm(parts=[np.repeat(BLACK, 6, axis=0)])
    film.fade_in(shot("coffee.png", 60), 20)
    (one,) = meta_of(film.frames).shots
    assert (one.first_frame, one.begins, one.ends) == (0, "fade_in", "film")


def test_film_without_boundaries_is_one_shot():
    meta = meta_of(shot("astronaut.png", 30))
    assert [(one.begins, one.ends, one.first_frame, one.end_frame) for one in meta.shots] == [("film", "film", 0, 30)]
    assert meta.boundaries == ()


@pytest.mark.parametrize(
    ("speed", "turns", "expected"), [(2.0, 0, 2 * 25 / 160), (2.0, 1, 2 * 25 / 90), (2.0, 2, 2 * 25 / 160)]
)
def test_motion_of_a_pan_is_in_widths_of_the_upright_picture_a_second(speed, turns, expected):
    meta = meta_of(shot("coins.png", 26, speed=(speed, 0), zoom=2), quarter_turns=turns)
    assert meta.shots[0].motion_mean == pytest.approx(expected, rel=0.15)
    assert meta.samples[1].motion == pytest.approx(expected, rel=0.15)
    assert meta.shots[0].motion_max >= meta.shots[0].motion_mean


def test_motion_counts_neither_cuts_nor_flashes():
    frames = np.concatenate([shot("astronaut.png", 30), shot("coffee.png", 30)])
    frames[10:12] = relit(frames[10:12], [2.2, 1.6], 80)
    meta = meta_of(frames)
    assert [one.motion_max for one in meta.shots] == [0, 0]
    assert [(one.first_frame, one.end_frame, one.start_ms, one.end_ms) for one in meta.flashes] == [(10, 12, 400, 480)]


def test_motion_does_not_count_the_frames_of_a_dissolve():
    film = ShotFilm()
    film.cut(shot("astronaut.png", 30))
    film.dissolve(shot("chelsea.png", 50), 20)
    meta = meta_of(film.frames)
    assert [one.kind for one in meta.boundaries] == ["dissolve"]
    assert [one.motion_max for one in meta.shots] == [0, 0]


def test_samples_stand_at_every_interval_and_say_where_boundaries_were():
    meta = meta_of(np.concatenate([shot("astronaut.png", 30), shot("coffee.png", 30)]), interval_ms=400)
    assert [one.frame for one in meta.samples] == [0, 10, 20, 30, 40, 50]
    assert [one.time_ms for one in meta.samples] == [0, 400, 800, 1200, 1600, 2000]
    assert [one.shot_boundary for one in meta.samples] == [False, False, False, True, False, False]
    assert [one.shot_index for one in meta.samples] == [0, 0, 0, 1, 1, 1]


def test_variable_frame_rate_has_its_own_times_and_samples_a_held_frame_once():
    pts = [0, 40, 80, 1500, 1540, 1580, 3000]
    meta = meta_of(shot("astronaut.png", 7, speed=(1, 0)), pts=pts, interval_ms=500)
    assert meta.variable_frame_rate
    assert [one.frame for one in meta.samples] == [0, 2, 3, 5, 6]
    assert [one.time_ms for one in meta.samples] == [0, 80, 1500, 1580, 3000]
    assert meta.duration_ms == 3040


def test_frame_that_could_not_be_decoded_leaves_a_hole_in_the_numbers():
    frames = np.concatenate([shot("astronaut.png", 30), shot("coffee.png", 30)])
    pts = at_25(frames)
    one = track_of(np.delete(frames, 10, axis=0))
    track = SignalTrack(np.array(pts[:10] + pts[11:]), one.signals, one.first, one.last)
    meta = visual_meta("a1", shape_of(pts), track, find_boundaries(track), None, BACKEND)
    assert meta.frame_count == 60
    assert [(shot.first_frame, shot.end_frame) for shot in meta.shots] == [(0, 30), (30, 60)]
    assert meta.boundaries[0].start_ms == 1200


@pytest.mark.parametrize(("x", "y"), [(0.3, 0.4), (0.7, 0.6), (0.5, 0.5)])
def test_subject_without_faces_is_what_stands_out(x, y):
    sample = meta_of(blob(x, y)).samples[0]
    assert sample.subject == "saliency"
    assert sample.primary_subject_center_x == pytest.approx(x, abs=0.06)
    assert sample.primary_subject_center_y == pytest.approx(y, abs=0.08)


@pytest.mark.parametrize(("turns", "expected"), [(1, (0.4, 0.7)), (2, (0.7, 0.6)), (3, (0.6, 0.3))])
def test_subject_of_a_rotated_film_is_placed_in_the_upright_picture(turns, expected):
    sample = meta_of(blob(0.3, 0.4), quarter_turns=turns).samples[0]
    assert sample.primary_subject_center_x == pytest.approx(expected[0], abs=0.08)
    assert sample.primary_subject_center_y == pytest.approx(expected[1], abs=0.08)


def test_subject_of_a_plain_picture_is_none_and_has_no_place():
    sample = meta_of(np.full((20, HEIGHT, WIDTH, 3), 120, np.uint8)).samples[0]
    assert (sample.subject, sample.primary_subject_center_x, sample.primary_subject_center_y) == ("none", None, None)


def test_subject_is_the_face_of_a_person_and_not_of_an_uncertain_track():
    frames = blob(0.8, 0.8)
    faces = regions(
        30, person("t1", 0, [(32, 18, 16, 18)] * 30), person("t2", 0, [(100, 10, 60, 70)] * 30, "uncertain")
    )
    sample = meta_of(frames, faces=faces).samples[0]
    assert sample.subject == "face"
    assert (sample.primary_subject_center_x, sample.primary_subject_center_y) == (0.25, 0.3)


def test_subject_stays_with_one_person_of_a_shot_and_changes_only_while_that_one_is_away():
    frames = shot("coffee.png", 50)
    large, small = (30, 20, 30, 40), (110, 20, 20, 26)
    growing = [(110, 20, 20, 26)] * 20 + [(100, 10, 44, 48)] * 10 + [small] * 20
    faces = regions(50, person("t1", 0, [large] * 40), person("t2", 0, growing))
    meta = meta_of(frames, faces=faces, interval_ms=200)
    xs = {one.frame: one.primary_subject_center_x for one in meta.samples}
    assert {xs[frame] for frame in range(0, 40, 5)} == {round(45 / 160, 4)}
    assert xs[40] == round(120 / 160, 4)


def test_subject_prefers_the_central_of_two_like_faces_and_judges_each_shot_anew():
    frames = np.concatenate([shot("coffee.png", 30), shot("astronaut.png", 30)])
    middle, edge = (70, 20, 20, 26), (0, 20, 20, 26)
    faces = regions(60, person("t1", 0, [edge] * 60), person("t2", 0, [middle] * 30))
    meta = meta_of(frames, faces=faces)
    assert [one.primary_subject_center_x for one in meta.samples if one.frame < 30] == [0.5] * 3
    assert {one.primary_subject_center_x for one in meta.samples if one.frame >= 30} == {round(10 / 160, 4)}


def test_face_that_reaches_beyond_the_picture_is_placed_inside():
    faces = regions(20, person("t1", 0, [(-60, -50, 60, 60)] * 20))
    sample = meta_of(shot("coffee.png", 20), faces=faces).samples[0]
    assert (sample.primary_subject_center_x, sample.primary_subject_center_y) == (0, 0)


def test_regions_of_another_film_are_refused():
    with pytest.raises(Defect, match="'other' do not describe 'a1'"):
        meta_of(shot("coffee.png", 5), faces=regions(5, asset_id="other"))


def test_same_film_gives_the_same_bytes_and_they_can_be_read_again():
    film = ShotFilm()
    film.cut(shot("astronaut.png", 30, speed=(1, 0), zoom=2))
    film.dissolve(shot("chelsea.png", 60), 20)
    meta = meta_of(film.frames)
    assert meta.to_json() == meta_of(film.frames).to_json()
    assert VisualMeta.read(meta.to_json()) == meta


@pytest.mark.parametrize("count", [1, 2, 5])
def test_film_of_a_few_frames_has_a_shot_and_a_sample(count):
    meta = meta_of(shot("coffee.png", count))
    assert len(meta.shots) == 1
    assert meta.samples[0].frame == 0


def test_boundaries_that_a_caller_brings_decide_the_shots():
    frames = shot("coffee.png", 60)
    track = track_of(frames)
    brought = (Boundary("cut", 20, 20, 0.9), Boundary("dissolve", 30, 41, 0.8))
    meta = visual_meta("a1", shape_of(list(range(60))), track, brought, None, BACKEND)
    assert [one.first_frame for one in meta.shots] == [0, 20, 35]
    assert [(one.kind, one.first_frame, one.end_frame) for one in meta.boundaries] == [
        ("cut", 20, 20),
        ("dissolve", 30, 41),
    ]
