"""Pieces joined into tracks: no hole, no join across a cut, nothing lost."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.face_tracks import FacePiece, FilmClock, face_tracks

FPS = 25
BOX = (100, 100, 150, 160)


def piece(first: int, frames: int, box=BOX, seen: str | None = None) -> FacePiece:
    """`seen` has one letter a frame: `d` detected, `.` carried; everything is detected when None."""
    letters = seen or "d" * frames
    scores = np.array([0.99 if letter == "d" else np.nan for letter in letters], np.float32)
    return FacePiece(first, np.repeat(np.array([box], np.float32), frames, axis=0), scores)


def clock(frames: int = 200, cuts: tuple[int, ...] = ()) -> FilmClock:
    return FilmClock(np.arange(frames) / FPS, cuts)


def spans(tracks):
    return [(track.first, track.end) for track in tracks]


def test_pieces_that_touch_become_one_track():
    [track] = face_tracks([piece(0, 96), piece(96, 104)], clock())
    assert (track.first, track.end, set(track.origins)) == (0, 200, {"d"})


def test_gap_is_filled_with_what_both_ends_cover():
    [track] = face_tracks([piece(0, 50), piece(60, 140, (110, 90, 160, 150))], clock())
    assert track.origins[50:60] == "h" * 10
    assert track.boxes[55].tolist() == [100, 90, 160, 160]


def test_pieces_across_a_cut_stay_apart():
    tracks = face_tracks([piece(0, 100), piece(100, 100)], clock(cuts=(100,)))
    assert spans(tracks) == [(0, 100), (100, 200)]


def test_gap_over_a_cut_is_not_bridged_and_held_up_to_the_cut():
    tracks = face_tracks([piece(0, 50), piece(80, 120)], clock(cuts=(60,)))
    assert spans(tracks) == [(0, 60), (68, 200)]


def test_pieces_too_far_apart_in_time_are_two_tracks():
    assert len(face_tracks([piece(0, 20), piece(120, 20)], clock())) == 2


def test_pieces_too_far_apart_in_the_picture_are_two_tracks():
    assert len(face_tracks([piece(0, 50), piece(52, 50, (300, 100, 350, 160))], clock())) == 2


def test_track_is_held_for_half_a_second_from_its_last_detection():
    [track] = face_tracks([piece(100, 20, seen="." * 5 + "d" * 10 + "." * 5)], clock())
    assert (track.first, track.end) == (105 - 12, 114 + 12 + 1)
    assert track.origins == "h" * 7 + "t" * 5 + "d" * 10 + "t" * 5 + "h" * 7


def test_held_box_is_larger_than_the_last_one():
    [track] = face_tracks([piece(100, 5)], clock())
    left, top, right, bottom = track.boxes[-1]
    assert left < 100 and top < 100 and right > 150 and bottom > 160


def test_detection_goes_before_a_carried_box_where_pieces_overlap():
    seen, carried = piece(0, 60, (100, 100, 150, 160)), piece(50, 50, (105, 100, 155, 160), "." * 5 + "d" * 45)
    [track] = face_tracks([seen, carried], clock())
    assert track.boxes[54].tolist() == [100, 100, 150, 160]
    assert track.boxes[56].tolist() == [105, 100, 155, 160]


def test_film_without_faces_has_no_tracks():
    assert face_tracks([], clock()) == ()


@st.composite
def scattered_pieces(draw):
    count = draw(st.integers(1, 8))
    found = []
    for _ in range(count):
        first = draw(st.integers(0, 150))
        frames = draw(st.integers(1, 200 - first))
        left = draw(st.integers(0, 3)) * 40
        found.append(piece(first, frames, (left, 100, left + 50, 160)))
    return found, tuple(sorted(draw(st.sets(st.integers(1, 199), max_size=3))))


@given(scattered_pieces())
def test_every_detection_is_in_a_track_on_its_frame(given_pieces):
    pieces, cuts = given_pieces
    whole = [part for one in pieces for part in _parted(one, cuts)]
    tracks = face_tracks(whole, clock(cuts=cuts))
    for one in whole:
        for at in range(one.first, one.end):
            box = one.boxes[at - one.first]
            assert any(
                track.first <= at < track.end and np.array_equal(track.boxes[at - track.first], box) for track in tracks
            )
    assert all(not np.isnan(track.boxes).any() and len(track.origins) == len(track.boxes) for track in tracks)


def _parted(one: FacePiece, cuts: tuple[int, ...]) -> list[FacePiece]:
    """A piece never crosses a break, so neither does one of these."""
    inner = [cut for cut in cuts if one.first < cut < one.end]
    bounds = [one.first, *inner, one.end]
    return [
        FacePiece(
            start, one.boxes[start - one.first : end - one.first], one.scores[start - one.first : end - one.first]
        )
        for start, end in itertools.pairwise(bounds)
    ]
