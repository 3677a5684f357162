"""The second look: what lies outside of every effect comes first, what lies inside is told apart, nothing is hidden."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from actors.visual.signals import SIGNALS, THUMB_HEIGHT, THUMB_WIDTH, SignalTrack, Thumb
from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.face_tracks import FacePiece
from pipelines.analysis.film_look import FilmLook
from pipelines.editing.cover_plan import cover_plan
from pipelines.editing.leak_audit import LEAST_CONFIDENCE, anonymise_report
from pipelines.media.clip import FrameTimes
from pipelines.media.frame_reader import FilmShape
from pipelines.streams.segment_seen import SegmentSeen
from schemas.anonymise_report import AnonymiseReport
from schemas.backend import Backend
from schemas.media_request import AnonymiseRequest
from schemas.regions import FrameSpan
from tests.unit.editing.test_cover_plan import FRAMES, summary, track

AUDITOR = Backend(backend_type="real", name="opencv_face_detector", version="1")
COVERED = (100, 100, 60, 80)


def look(*pieces: FacePiece, frames: int = FRAMES) -> FilmLook:
    times = FrameTimes(tuple(range(0, frames * 40, 40)), (0,), frames * 40, Fraction(1, 1000))
    thumb = Thumb(np.zeros((THUMB_HEIGHT * 3 // 2, THUMB_WIDTH), np.uint8))
    seen = SegmentSeen(
        SignalTrack(np.array(times.pts), np.zeros(frames, SIGNALS), thumb, thumb),
        np.zeros(frames, np.bool_), np.arange(0, frames, 10), pieces,
    )  # fmt: skip
    asset: Any = MediaAsset(None, "finished", "clip", has_sound=False)
    return FilmLook(asset, FilmShape(640, 360, 640, 360, Fraction(1), 0, times), seen, (), cache_hit=False)


def piece(first: int, box: tuple[int, int, int, int], scores: list[float]) -> FacePiece:
    left, top, width, height = box
    edges = np.array([(left, top, left + width, top + height)] * len(scores), np.float32)
    return FacePiece(first, edges, np.array(scores, np.float32))


def report(*pieces: FacePiece, keep=(), unjudged=(), looked: bool = True, tracks=None, **more: Any) -> AnonymiseReport:
    found = summary(*(tracks or (track("a", 0, (COVERED,) * FRAMES),)), unjudged=unjudged)
    return anonymise_report(**{
        "asset_id": "f", "summary_id": "s", "video_id": "v", "summary": found, "plan": cover_plan(found, keep),
        "request": AnonymiseRequest(asset_id="f"), "keep": keep, "left_out": (), "lost_frames": (), "auditor": AUDITOR,
        "look": look(*pieces) if looked else None, "audit_interval_ms": 400, **more,
    })  # fmt: skip


def test_nothing_found_is_nothing_at_risk_and_says_how_closely_it_was_looked_for():
    found = report()
    assert found.at_risk == ()
    assert (found.audited_frames, found.audit_interval_ms, found.auditor) == (10, 400, AUDITOR)


def test_face_beside_every_effect_is_an_uncovered_detection_with_its_frames_times_and_box():
    [risk] = report(piece(20, (400, 50, 40, 50), [np.nan, 0.7, 0.9, np.nan])).at_risk
    assert (risk.reason, risk.confidence, risk.box) == ("uncovered_detection", 0.9, (400, 50, 40, 50))
    assert (risk.first_frame, risk.end_frame, risk.start_ms, risk.end_ms) == (20, 24, 800, 960)


def test_face_under_an_effect_is_told_apart():
    [risk] = report(piece(20, (110, 110, 40, 50), [0.9])).at_risk
    assert risk.reason == "detection_under_effect"


@pytest.mark.parametrize(
    ("left", "reason"), [(129, "detection_under_effect"), (131, "uncovered_detection"), (70, "detection_under_effect")]
)
def test_half_of_a_face_decides_whether_it_was_covered(left, reason):
    [risk] = report(piece(20, (left, 100, 60, 80), [0.9])).at_risk
    assert risk.reason == reason


def test_two_effects_cover_a_face_together():
    sides = (track("a", 0, ((100, 100, 20, 80),) * FRAMES), track("b", 0, ((140, 100, 20, 80),) * FRAMES))
    [risk] = report(piece(20, (100, 100, 60, 80), [0.9]), tracks=sides).at_risk
    assert risk.reason == "detection_under_effect"


def test_face_on_a_frame_that_was_covered_from_edge_to_edge_was_covered():
    spans = (FrameSpan(first_frame=20, end_frame=21, start_ms=800, end_ms=840),)
    risks = report(piece(20, (400, 50, 40, 50), [0.9]), unjudged=spans).at_risk
    assert [risk.reason for risk in risks] == ["unjudged", "detection_under_effect"]


def test_frames_that_nobody_judged_are_reported_also_without_a_second_detector():
    spans = (FrameSpan(first_frame=3, end_frame=6, start_ms=120, end_ms=240),)
    found = report(unjudged=spans, looked=False)
    [risk] = found.at_risk
    assert (risk.reason, risk.first_frame, risk.end_frame, risk.box) == ("unjudged", 3, 6, None)
    assert found.audited_frames == 0


def test_weak_detection_is_no_risk():
    assert report(piece(20, (400, 50, 40, 50), [LEAST_CONFIDENCE - 0.01])).at_risk == ()
    assert len(report(piece(20, (400, 50, 40, 50), [LEAST_CONFIDENCE])).at_risk) == 1


def test_whoever_stays_visible_on_request_is_no_risk_but_another_is():
    kept = track("a", 0, (COVERED,) * FRAMES)
    risks = report(
        piece(20, (105, 105, 50, 60), [0.9]), piece(20, (400, 50, 40, 50), [0.8]), keep={"a"}, tracks=(kept,)
    )
    assert [(risk.reason, risk.box[0]) for risk in risks.at_risk] == [("uncovered_detection", 400)]
    assert [(one.track_id, one.kept) for one in risks.tracks] == [("a", True)]


def test_risks_are_in_the_order_in_which_somebody_should_look():
    spans = (FrameSpan(first_frame=90, end_frame=95, start_ms=3600, end_ms=3800),)
    found = report(
        piece(50, (110, 110, 40, 50), [0.95]), piece(60, (400, 50, 40, 50), [0.6]), piece(70, (400, 50, 40, 50), [0.8]),
        unjudged=spans,
    )  # fmt: skip
    assert [(risk.reason, risk.first_frame) for risk in found.at_risk] == [
        ("uncovered_detection", 70), ("uncovered_detection", 60), ("unjudged", 90), ("detection_under_effect", 50),
    ]  # fmt: skip


def test_frames_covered_on_a_guess_are_counted():
    held = track("a", 0, (COVERED,) * 10).model_copy(update={"origins": "dtthhhhttd"})
    assert [one.guessed_frames for one in report(tracks=(held,)).tracks] == [4]


def test_film_that_was_handed_on_as_it_was_is_skipped():
    assert report(video_id="f").outcome == "skipped"
    assert report(video_id="v").outcome == "covered"


def test_frames_that_are_lost_do_not_shift_what_was_found_behind_them():
    """The finished film lacks frames 5 and 6: its frame 20 is frame 22 of the film that was brought."""
    moving = track("a", 0, tuple((10 * (k // 22), 100, 60, 80) for k in range(FRAMES)))
    [risk] = report(piece(20, (10, 100, 60, 80), [0.9]), tracks=(moving,), lost_frames=(5, 6)).at_risk
    assert (risk.reason, risk.first_frame, risk.end_frame) == ("detection_under_effect", 22, 23)
