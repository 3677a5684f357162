"""Summaries: who counts as a person, what is dropped, and whole boxes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from pipelines.analysis.face_tracks import FacePiece
from pipelines.analysis.regions import FaceSightings, region_summary
from pipelines.media.clip import FrameTimes
from pipelines.media.frame_reader import FilmShape
from schemas.backend import Backend
from schemas.media_request import RegionsRequest
from schemas.regions import VideoRegionSummary

BACKEND = Backend(backend_type="real", name="facenet_mtcnn", version="1", model="mtcnn")
LOOKS = tuple(range(0, 100, 5))


def shape(frames: int = 100, pts: tuple[int, ...] | None = None) -> FilmShape:
    times = pts or tuple(40 * index for index in range(frames))
    film = FrameTimes(times, (times[0],), times[-1] + 40, Fraction(1, 1000))
    return FilmShape(640, 360, 640, 360, Fraction(1), 0, film)


def piece(first: int = 0, frames: int = 100, score: float = 0.99, every: int = 5, box=(10.2, 20.7, 60.1, 80.0)):
    scores = np.full(frames, np.nan, np.float32)
    scores[::every] = score
    return FacePiece(first, np.repeat(np.array([box], np.float32), frames, axis=0), scores)


def summary(*pieces: FacePiece, looks=LOOKS, damaged=(), cuts=(), film: FilmShape | None = None, **asked):
    film = film or shape()
    flags = np.isin(np.arange(len(film.times.pts)), damaged)
    seen = FaceSightings(np.array(film.times.pts, np.int64), flags, np.array(looks, np.int64), pieces)
    request = RegionsRequest(asset_id="a", **asked)
    return region_summary("a", film, seen, cuts, request, 20, BACKEND)


def verdicts(found: VideoRegionSummary) -> list[str]:
    return [track.verdict for track in found.tracks]


def test_face_seen_surely_is_a_person():
    found = summary(piece())
    assert verdicts(found) == ["person"]
    assert (found.tracks[0].detections, found.tracks[0].confidence) == (20, pytest.approx(0.99))


def test_face_seen_weakly_for_the_whole_film_is_uncertain():
    assert verdicts(summary(piece(score=0.7))) == ["uncertain"]


def test_face_seen_seldom_is_uncertain():
    assert verdicts(summary(piece(every=25))) == ["uncertain"]


def test_face_seen_once_in_passing_is_uncertain_but_in_a_film_of_one_look_a_person():
    assert verdicts(summary(piece(20, 10, every=10))) == ["uncertain"]
    assert verdicts(summary(piece(0, 1), looks=(0,), film=shape(1))) == ["person"]


def test_track_below_the_asked_confidence_is_dropped():
    assert verdicts(summary(piece(score=0.45))) == []
    assert verdicts(summary(piece(score=0.45), min_confidence=0.4)) == ["uncertain"]


def test_weak_detections_go_on_with_a_track_that_has_begun():
    strong, weak = piece(0, 50), piece(50, 50, score=0.35)
    [track] = summary(strong, weak).tracks
    assert (track.first_frame, track.end_frame) == (0, 100)


def test_uncertain_track_inside_a_persons_is_not_told_twice():
    twin = piece(30, 20, score=0.6, box=(12, 22, 60, 82))
    other = piece(30, 20, score=0.6, box=(300, 100, 340, 150))
    found = summary(piece(), twin, other)
    assert verdicts(found) == ["person", "uncertain"]
    assert found.tracks[1].boxes[15][0] > 200


def test_boxes_are_whole_pixels_around_what_was_seen():
    [track] = summary(piece()).tracks
    assert track.boxes[0] == (10, 20, 51, 60)


def test_tracks_end_at_cuts():
    found = summary(piece(0, 50), piece(50, 50), cuts=(50,))
    assert [(track.first_frame, track.end_frame) for track in found.tracks] == [(0, 50), (50, 100)]


def test_damaged_frames_are_reported_with_their_times():
    [span] = summary(piece(), damaged=(7, 8, 9)).unjudged
    assert (span.first_frame, span.end_frame, span.start_ms, span.end_ms) == (7, 10, 280, 400)


def test_times_of_variable_frame_rate_are_those_of_the_timestamps():
    film = shape(pts=(0, 40, 200, 210, 1000))
    found = summary(piece(1, 3, every=1), looks=(0, 1, 2, 3, 4), film=film)
    [track] = found.tracks
    assert found.variable_frame_rate
    assert found.duration_ms == 1040
    assert (track.start_ms, track.first_frame) == (0, 0)


def test_summary_reads_back_as_it_was():
    found = summary(piece(), damaged=(99,))
    assert VideoRegionSummary.read(found.to_json()) == found
