"""Stretches of a segment: every frame once, looked at where it matters, the same however the film is cut."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from actors.faces.detection import FaceDetections
from actors.visual.opencv import OpencvVisualMeta
from actors.visual.signals import measured
from pipelines.media.frame_reader import FrameReader, ReadFrame
from pipelines.media.thumbs import ThumbMaker
from pipelines.streams.film_pass import face_requests, seen
from pipelines.streams.segment_seen import SegmentSeen
from pipelines.streams.segments import Segment
from pipelines.streams.stretch import GROUP_FRAMES, STRETCH_FRAMES, FaceSampling, Stretch, StretchReader
from tests.clips import face_film
from tests.engine_samples import same

RATE = 25
FRAMES = 2 * STRETCH_FRAMES + 8
CUT = 130
SAMPLING = FaceSampling(interval_ms=200, smallest_face_px=48)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "a.mp4"
    face_film(path, seconds=FRAMES / RATE, width_px=96, height_px=64, rate=RATE, cuts=(CUT,), lines=())
    return path


@pytest.fixture(scope="module")
def visual() -> OpencvVisualMeta:
    engine = OpencvVisualMeta()
    engine.load()
    return engine


class Marked:
    """A reader that says of some frames, by their number, that they are damaged."""

    def __init__(self, reader: FrameReader, damaged: Collection[int]) -> None:
        self._reader, self._damaged = reader, damaged
        self.shape = reader.shape

    def frames(self, start_pts: int, end_pts: int) -> Iterator[ReadFrame]:
        for one in self._reader.frames(start_pts, end_pts):
            yield replace(one, is_damaged=self.shape.times.pts.index(one.pts) in self._damaged)


def stretches(film: Path, visual, sampling=SAMPLING, damaged=(), first: int = 0, end: int = FRAMES) -> list[Stretch]:
    with FrameReader(film) as reader:
        times = reader.shape.times
        segment = Segment(3, times.pts[first], [*times.pts, times.end_pts][end])
        return list(StretchReader(Marked(reader, damaged), segment, visual, sampling))


@pytest.fixture(scope="module")
def whole(film: Path, visual: OpencvVisualMeta) -> list[Stretch]:
    return stretches(film, visual)


def test_stretches_hold_every_frame_once_and_are_of_bounded_length(whole):
    assert [len(one.track) for one in whole] == [STRETCH_FRAMES, STRETCH_FRAMES, 8]
    assert [(one.segment, one.index, one.is_last) for one in whole] == [(3, 0, False), (3, 1, False), (3, 2, True)]
    times_s = np.concatenate([one.times_s for one in whole])
    assert times_s == pytest.approx(np.arange(FRAMES) / RATE)


@pytest.mark.parametrize("frames", [1, GROUP_FRAMES, STRETCH_FRAMES, STRETCH_FRAMES + 1])
def test_segment_of_any_length_ends_with_a_stretch_that_says_so(film, visual, frames):
    found = stretches(film, visual, end=frames)
    assert sum(len(one.track) for one in found) == frames
    assert [one.is_last for one in found] == [False] * (len(found) - 1) + [True]


def test_looks_are_at_both_ends_every_interval_and_on_both_sides_of_a_cut(whole):
    for one in whole:
        assert (one.looks[0], one.looks[-1]) == (0, len(one.track) - 1)
        assert (np.diff(one.looks) <= SAMPLING.interval_ms * RATE / 1000).all()
        assert len(one.pictures) == len(one.looks)
        assert len(one.grey) == len(one.track) == len(one.damaged)
    assert {CUT - 1 - STRETCH_FRAMES, CUT - STRETCH_FRAMES} <= set(whole[1].looks.tolist())


def test_pictures_are_of_the_frames_that_are_looked_at(whole):
    for one in whole:
        for look, picture in zip(one.looks, one.pictures, strict=True):
            assert abs(picture.mean() - one.grey[look].mean()) < 12
    brightness = [one.grey.mean(axis=(1, 2)) for one in whole]
    assert np.ptp(np.concatenate(brightness)) > 12, "the shots must differ for this to say anything"


def test_damaged_frame_is_passed_over_and_the_next_sound_one_is_looked_at(film, visual, whole):
    due = int(whole[0].looks[2])
    [first, *_] = stretches(film, visual, damaged=(due, due + 1))
    assert due + 2 in first.looks and not {due, due + 1} & set(first.looks.tolist())
    assert np.flatnonzero(first.damaged).tolist() == [due, due + 1]


def test_pictures_for_the_detector_show_the_smallest_face_at_its_size(whole):
    assert SAMPLING.scale == 0.5
    assert whole[0].pictures.shape[1:] == (32, 48, 3)
    assert FaceSampling(200, 10).scale == 1.0


def test_faces_are_asked_for_in_small_pictures_and_kept_in_pixels_of_the_frame(whole):
    requests = face_requests(whole[2], SAMPLING)
    assert {one.smallest_face_px for one in requests} == {24}
    box = np.array([[4, 6, 20, 22]], np.float32)
    found = FaceDetections(box, np.array([0.9], np.float32), np.zeros((1, 5, 2), np.float32))
    [piece] = seen(whole[2], [found] * len(requests), SAMPLING).pieces
    assert piece.boxes[0].tolist() == [8, 12, 40, 44]


def test_without_faces_there_are_no_looks_and_no_pictures(film, visual, whole):
    found = stretches(film, visual, sampling=None)
    assert [len(one.looks) + one.pictures.size + one.grey.size for one in found] == [0, 0, 0]
    assert same([one.track for one in found], [one.track for one in whole])


def test_signals_are_those_of_one_pass_whatever_the_cutting(film, visual, whole):
    with FrameReader(film) as reader:
        thumbs = ThumbMaker()
        once = measured(((one.pts, thumbs.thumb(one.frame)) for one in reader.frames()), visual.infer, 7)
    joined = SegmentSeen.joined([seen(one, [], None) for one in whole], visual.infer)
    assert same(joined.track, once)


def test_stretch_comes_back_from_its_bytes(whole):
    for one in whole:
        assert same(Stretch.read(one.to_bytes()), one)
