"""A segment none of whose frames can be decoded is an empty part of its film, here and through a dataset."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from actors.catalogue import EngineChoice, build
from actors.visual.opencv import OpencvVisualMeta
from pipelines.executors import InProcess
from pipelines.media.frame_reader import FrameReader
from pipelines.streams.film_pass import SegmentTask, look_at
from pipelines.streams.ray_segments import answered, asked, collected, decoded
from pipelines.streams.segment_looker import SegmentLooker
from pipelines.streams.segment_seen import SegmentSeen
from pipelines.streams.segments import plan_segments
from pipelines.streams.stretch import FaceSampling, Stretch, StretchReader
from tests.clips.cards import card_film
from tests.clips.damage import with_lost_packets
from tests.engine_samples import same

FRAMES, STEP_MS, SEGMENT = 60, 400, 25
VISUAL, FACES = EngineChoice("visual", "opencv_visual_meta"), EngineChoice("faces", "opencv_face_detector")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Segments of 25, 25 and 10 frames, each a picture of its own."""
    path = tmp_path_factory.mktemp("film") / "whole.mov"
    return card_film(path, times=range(0, FRAMES * STEP_MS, STEP_MS), codec="mjpeg", pixel_format="yuvj420p")


@pytest.fixture(scope="module")
def film(whole: Path) -> Path:
    """The same without the one in the middle."""
    return with_lost_packets(whole, whole.with_name("lost.mov"), range(SEGMENT, 2 * SEGMENT))


@pytest.fixture(scope="module")
def visual() -> OpencvVisualMeta:
    engine = OpencvVisualMeta()
    engine.load()
    return engine


def tasks(film: Path, sampling: FaceSampling | None) -> list[SegmentTask]:
    with FrameReader(film) as reader:
        segments = plan_segments(reader.shape.times)
    assert len(segments) == 3
    return [SegmentTask(str(film), one, VISUAL, FACES if sampling else None, sampling) for one in segments]


def test_lost_segment_is_one_empty_stretch_that_ends_it(film, visual):
    middle = tasks(film, FaceSampling(400, 24))[1]
    with FrameReader(film) as reader:
        [only] = StretchReader(reader, middle.segment, visual, middle.sampling)
    assert (only.segment, only.index, only.is_last, len(only.track), len(only.looks)) == (1, 0, True, 0, 0)
    assert same(Stretch.read(only.to_bytes()), only)


def test_lost_segment_leaves_no_trace_but_the_frames_that_are_missing(film, whole, visual):
    lost = [look_at(task, visual, None) for task in tasks(film, None)]
    found = [look_at(task, visual, None) for task in tasks(whole, None)]
    assert [len(one.track) for one in lost] == [25, 0, 10]
    joined = SegmentSeen.joined(lost, visual.infer)
    assert same(joined, SegmentSeen.joined([found[0], found[2]], visual.infer))
    assert same(SegmentSeen.read(joined.to_bytes()), joined)
    assert same(SegmentSeen.read(lost[1].to_bytes()), lost[1])


@pytest.mark.parametrize("order", [(1, 0), (0, 1), (1, 1, 0, 1), (1, 1)])
def test_empty_parts_join_wherever_they_stand(film, visual, order):
    seen = [look_at(task, visual, None) for task in tasks(film, None)]
    joined = SegmentSeen.joined([seen[index] for index in order], visual.infer)
    assert same(joined, seen[0] if 0 in order else seen[1])


@pytest.mark.parametrize("sampling", [None, FaceSampling(400, 24)], ids=["no faces", "faces"])
def test_lost_segment_goes_through_a_dataset_as_it_goes_here(film, sampling):
    todo = tasks(film, sampling)
    engine = build(FACES)
    engine.load()
    rows = []
    for index in range(len(todo)):
        for table in decoded({"segment": np.array([index])}, tasks=todo):
            if sampling is not None:
                requests = asked(table, tasks=todo)
                table = answered(table, engine.infer(requests) if requests else [], tasks=todo)
            rows += [{name: values[row] for name, values in table.items()} for row in range(len(table["segment"]))]
    there = {index: outputs["result"].content for index, outputs, _ in collected(todo, iter(rows))}
    with SegmentLooker() as looker:
        here = {index: outputs["result"].content for index, outputs, _ in InProcess().run(looker, todo)}
    assert there == here
    assert len(SegmentSeen.read(there[1]).track) == 0
