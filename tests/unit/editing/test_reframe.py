"""Another aspect: the largest part that has it, around the subject, still or following, never blended across a cut."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.editing.reframe import LEAST_SIDE_PX, frame_path, framed_size
from pipelines.media.clip import FrameTimes
from pipelines.media.frame_reader import FilmShape
from schemas.backend import Backend
from schemas.errors import InvalidInput
from schemas.visual_meta import Shot, VisualMeta, VisualSample

WIDE = (640, 360)
TALL = (202, 360)
"""9:16 of it."""

Place = tuple[float, float] | None


def shape(width_px: int = 640, height_px: int = 360) -> FilmShape:
    times = FrameTimes((0, 40), (0,), 80, Fraction(1, 1000))
    return FilmShape(width_px, height_px, width_px, height_px, Fraction(1), 0, times)


def meta(*shots: list[Place]) -> VisualMeta:
    """A film of 25 frames a second with a sample every five frames; each shot is where its subject is on each sample."""
    samples, borders, frame = [], [0], 0
    for index, places in enumerate(shots):
        for at in places:
            x, y = at or (None, None)
            samples.append(
                VisualSample(
                    frame=frame,
                    time_ms=frame * 40,
                    subject="face" if at else "none",
                    primary_subject_center_x=x,
                    primary_subject_center_y=y,
                    motion=0,
                    shot_boundary=False,
                    shot_index=index,
                )
            )
            frame += 5
        borders.append(frame)
    parts = tuple(
        Shot(
            index=index, first_frame=first, end_frame=end, start_ms=first * 40, end_ms=end * 40, begins="cut", ends="cut",
            motion_mean=0, motion_max=0,
        )
        for index, (first, end) in enumerate(pairwise(borders))
    )  # fmt: skip
    return VisualMeta(
        asset_id="f", width_px=WIDE[0], height_px=WIDE[1], frame_count=frame, duration_ms=frame * 40,
        variable_frame_rate=False, frame_sample_interval_ms=200, shots=parts, samples=tuple(samples),
        backend=Backend(backend_type="real", name="opencv_visual_meta", version="1"),
    )  # fmt: skip


def lefts(found: VisualMeta, size: tuple[int, int] = TALL) -> list[int]:
    """Left edge of the kept part on every frame."""
    path = frame_path(found, size)
    return [path.corner_at(frame / 25)[0] for frame in range(found.frame_count)]


@pytest.mark.parametrize(
    ("film", "aspect", "size"),
    [
        ((640, 360), "", (640, 360)), ((641, 361), "", (640, 360)), ((640, 360), "9:16", (202, 360)),
        ((640, 360), "1:1", (360, 360)), ((640, 360), "4:3", (480, 360)), ((640, 360), "21:9", (640, 274)),
        ((360, 640), "16:9", (360, 202)), ((640, 360), "16:9", (640, 360)), ((640, 360), "32:18", (640, 360)),
    ],
)  # fmt: skip
def test_framed_size_is_the_largest_even_part_of_that_aspect(film, aspect, size):
    assert framed_size(shape(*film), aspect) == size


@given(st.integers(32, 4000), st.integers(32, 4000), st.integers(1, 30), st.integers(1, 30))
def test_framed_size_is_even_inside_of_the_film_and_near_the_aspect(width_px, height_px, across, down):
    try:
        wide, high = framed_size(shape(width_px, height_px), f"{across}:{down}")
    except InvalidInput:
        return
    assert wide % 2 == high % 2 == 0
    assert LEAST_SIDE_PX <= wide <= width_px and LEAST_SIDE_PX <= high <= height_px
    assert abs(wide - high * across / down) <= 2 * max(1, across / down) + 1
    assert wide >= width_px - 2 or high >= height_px - 2


@pytest.mark.parametrize("aspect", ["0:1", "1:0", "1:99"])
def test_aspect_that_leaves_nothing_is_refused(aspect):
    with pytest.raises(InvalidInput, match=aspect):
        framed_size(shape(320, 180), aspect)


def test_frame_stands_still_over_a_subject_that_stays_near_one_place():
    wander = [(0.5 + 0.02 * (-1) ** k, 0.5) for k in range(20)]
    assert set(lefts(meta(wander))) == {320 - 101}


def test_frame_follows_a_subject_that_walks_and_keeps_it_inside():
    walk = [(0.2 + 0.6 * k / 29, 0.5) for k in range(30)]
    found = lefts(meta(walk))
    assert found[-1] - found[0] > 250
    for frame, left in enumerate(found[:-5]):
        subject_px = 640 * (0.2 + 0.6 * frame / 5 / 29)
        assert left < subject_px < left + TALL[0], frame
    steps = np.diff(found)
    assert steps.min() >= 0 and steps.max() <= 6, "a second's smoothing makes no leaps"


def test_frame_stays_inside_of_the_picture():
    for x in (0.0, 1.0):
        assert set(lefts(meta([(x, 0.5)] * 10))) == {round(x * (640 - TALL[0]))}


def test_frame_of_a_shot_without_a_subject_is_the_middle():
    assert set(lefts(meta([None] * 5))) == {(640 - TALL[0]) // 2}


def test_subject_that_is_lost_for_a_while_keeps_its_frame():
    found = lefts(meta([(0.8, 0.5), None, None, (0.8, 0.5)]))
    assert set(found) == {round(0.8 * 640 - TALL[0] / 2)}


def test_frame_never_blends_across_a_cut():
    found = lefts(meta([(0.2, 0.5)] * 4, [(0.8, 0.5)] * 4))
    assert found[:20] == [round(0.2 * 640 - 101)] * 20
    assert found[20:] == [round(0.8 * 640 - 101)] * 20


def test_frame_of_a_wide_part_follows_up_and_down():
    path = frame_path(meta([(0.5, 0.9)] * 5), (640, 274))
    assert path.corner_at(0) == (0, 360 - 274)


def test_frame_after_the_last_sample_is_that_of_the_last_sample():
    path = frame_path(meta([(0.2, 0.5)] * 2, [(0.8, 0.5)] * 2), TALL)
    assert path.corner_at(99) == (round(0.8 * 640 - 101), 0)
