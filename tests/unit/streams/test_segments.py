"""Segments of a film."""

from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pipelines.media.clip import FrameTimes
from pipelines.streams.segments import SEGMENT_S, plan_segments

TICK = Fraction(1, 1000)


def times(frames: int, keys: set[int], step: int = 40) -> FrameTimes:
    pts = tuple(100 + step * index for index in range(frames))
    return FrameTimes(pts, tuple(pts[index] for index in sorted(keys)), pts[-1] + step, TICK)


def test_segments_begin_at_the_key_frame_after_ten_seconds():
    segments = plan_segments(times(1000, {0, 100, 250, 260, 900}))
    assert [(one.start_pts, one.end_pts) for one in segments] == [(100, 10_100), (10_100, 36_100), (36_100, 40_100)]
    assert [one.index for one in segments] == [0, 1, 2]


def test_film_with_one_key_frame_is_one_segment():
    [only] = plan_segments(times(50_000, {0}))
    assert (only.start_pts, only.end_pts) == (100, 100 + 50_000 * 40)


def test_film_whose_first_frame_is_no_key_frame_still_begins_with_it():
    assert plan_segments(times(600, {30, 400}))[0].start_pts == 100


@given(st.integers(1, 3000), st.sets(st.integers(0, 2999), max_size=30))
def test_segments_hold_every_frame_once(frames, keys):
    film = times(frames, {key for key in keys if key < frames})
    segments = plan_segments(film)
    assert segments[0].start_pts == film.pts[0]
    assert segments[-1].end_pts == film.end_pts
    assert all(before.end_pts == after.start_pts for before, after in itertools.pairwise(segments))
    assert all((one.end_pts - one.start_pts) * TICK >= SEGMENT_S for one in segments[:-1])
