"""What is covered: every frame of a track, gaps and all; the wandering of what is uncertain; all of what nobody judged."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pipelines.analysis.face_tracks import FacePiece
from pipelines.analysis.regions import FaceSightings, region_summary
from pipelines.editing.cover_plan import SPREAD_S, cover_plan
from pipelines.media.clip import FrameTimes
from pipelines.media.frame_reader import FilmShape
from schemas.backend import Backend
from schemas.errors import Refused
from schemas.media_request import RegionsRequest
from schemas.regions import Box, FrameSpan, RegionTrack, VideoRegionSummary

REAL = Backend(backend_type="real", name="facenet_mtcnn", version="1")
FRAMES, FPS = 100, 25


def track(name: str = "a", first: int = 0, boxes: tuple[Box, ...] = (), verdict: str = "person") -> RegionTrack:
    end = first + len(boxes)
    return RegionTrack(
        track_id=name, verdict=verdict, confidence=0.9, detections=1, best_frame=first, origins="t" * len(boxes),
        boxes=boxes, first_frame=first, end_frame=end, start_ms=first * 40, end_ms=end * 40,
    )  # fmt: skip


def summary(*tracks: RegionTrack, unjudged: tuple[FrameSpan, ...] = (), backend: Backend = REAL) -> VideoRegionSummary:
    return VideoRegionSummary(
        asset_id="f", width_px=640, height_px=360, frame_count=FRAMES, duration_ms=FRAMES * 40,
        variable_frame_rate=False, frame_sample_interval_ms=200, smallest_face_px=20, min_confidence=0.5,
        tracks=tracks, unjudged=unjudged, backend=backend,
    )  # fmt: skip


def standing(frames: int, left: int = 10) -> tuple[Box, ...]:
    return ((left, 20, 30, 40),) * frames


def test_person_is_covered_on_every_frame_of_the_track_and_on_no_other():
    plan = cover_plan(summary(track(first=7, boxes=tuple((k, 2 * k, 30, 40) for k in range(20)))))
    assert plan.boxes == {7 + k: ((k, 2 * k, 30, 40),) for k in range(20)}
    assert (plan.whole, plan.frames) == (frozenset(), 20)


def test_two_people_on_one_frame_are_both_covered():
    plan = cover_plan(summary(track("a", 0, standing(10)), track("b", 5, standing(10, left=300))))
    assert plan.boxes[7] == ((10, 20, 30, 40), (300, 20, 30, 40))
    assert plan.frames == 15


def test_whoever_is_kept_is_not_covered_but_the_others_are():
    people = summary(track("a", 0, standing(10)), track("b", 5, standing(10, left=300)))
    assert cover_plan(people, keep={"a"}).boxes == {5 + k: ((300, 20, 30, 40),) for k in range(10)}
    assert cover_plan(people, keep={"a", "b"}).frames == 0


def test_frame_in_a_gap_of_a_track_is_covered():
    """From detections on: a face that walks, is not seen for a second, and is seen again where it went."""
    times = FrameTimes(tuple(range(0, FRAMES * 40, 40)), (0,), FRAMES * 40, Fraction(1, 1000))
    shape = FilmShape(640, 360, 640, 360, Fraction(1), 0, times)
    walk = np.array([(100 + 2 * k, 80, 160 + 2 * k, 160) for k in range(FRAMES)], np.float32)
    gap = range(40, 65)
    pieces = tuple(
        FacePiece(first, walk[first:end], np.where(np.arange(first, end) % 5 == 0, 0.99, np.nan).astype(np.float32))
        for first, end in ((0, gap.start), (gap.stop, FRAMES))
    )
    seen = FaceSightings(np.array(times.pts), np.zeros(FRAMES, np.bool_), np.arange(0, FRAMES, 5), pieces)
    found = region_summary("f", shape, seen, (), RegionsRequest(asset_id="f"), 20, REAL)
    plan = cover_plan(found)
    for frame in range(FRAMES):
        left, top, right, bottom = walk[frame]
        assert any(
            box[0] <= left and box[1] <= top and box[0] + box[2] >= right and box[1] + box[3] >= bottom
            for box in plan.boxes.get(frame, ())
        ), frame


def test_uncertain_track_is_covered_wherever_it_was_within_half_a_second():
    jumps = tuple((40 * (k % 3), 10 * (k % 2), 30, 40) for k in range(60))
    plan = cover_plan(summary(track(boxes=jumps, verdict="uncertain")))
    around = round(SPREAD_S * FPS)
    for frame in range(60):
        near = jumps[max(0, frame - around) : frame + around + 1]
        [box] = plan.boxes[frame]
        assert (box[0], box[1]) == (min(one[0] for one in near), min(one[1] for one in near))
        assert box[0] + box[2] == max(one[0] + one[2] for one in near)
        assert box[1] + box[3] == max(one[1] + one[3] for one in near)


def test_uncertain_track_forgets_where_it_was_long_ago():
    boxes = ((0, 0, 10, 10),) * 20 + ((500, 300, 10, 10),) * 40
    plan = cover_plan(summary(track(boxes=boxes, verdict="uncertain")))
    assert plan.boxes[0] == ((0, 0, 10, 10),)
    assert plan.boxes[20] == ((0, 0, 510, 310),)
    assert plan.boxes[59] == ((500, 300, 10, 10),)


def test_frames_that_nobody_could_judge_are_covered_from_edge_to_edge():
    spans = (FrameSpan(first_frame=3, end_frame=6, start_ms=120, end_ms=240),)
    plan = cover_plan(summary(track(boxes=standing(4)), unjudged=spans))
    assert plan.whole == {3, 4, 5}
    assert plan.frames == 6


def test_what_only_a_stub_looked_at_is_refused():
    stub = Backend(backend_type="stub", name="stub_face_detector", version="1")
    with pytest.raises(Refused, match=r"stub_face_detector.*sees nobody"):
        cover_plan(summary(backend=stub))
