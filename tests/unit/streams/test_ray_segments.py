"""The way of segments through a dataset, row by row, without the dataset."""

from __future__ import annotations

import numpy as np
import pytest

from actors.catalogue import EngineChoice
from pipelines.executors import InProcess
from pipelines.media.frame_reader import FrameReader
from pipelines.streams.film_pass import SegmentTask
from pipelines.streams.ray_segments import answered, asked, collected, decoded
from pipelines.streams.segment_looker import SegmentLooker
from pipelines.streams.segments import Segment
from pipelines.streams.stretch import FaceSampling
from schemas.errors import Defect, MediaUnreadable
from tests.clips import face_film

VISUAL, FACES = EngineChoice("visual", "opencv_visual_meta"), EngineChoice("faces", "opencv_face_detector")


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> list[SegmentTask]:
    """A segment of two stretches, one of a film that is not there, and one of a single stretch."""
    film = tmp_path_factory.mktemp("film") / "a.mp4"
    face_film(film, seconds=5, width_px=128, height_px=96, rate=25, lines=())
    with FrameReader(film) as reader:
        times = reader.shape.times
    sampling = FaceSampling(400, 24)
    both = [
        SegmentTask(str(film), Segment(0, times.pts[0], times.end_pts), VISUAL, FACES, sampling),
        SegmentTask(str(film), Segment(1, times.pts[0], times.pts[40]), VISUAL, FACES, sampling),
    ]
    return [both[0], SegmentTask("nowhere.mp4", both[0].segment, VISUAL, FACES, sampling), both[1]]


def column_rows(table):
    """One dict a row, as a dataset gives them."""
    count = len(table["segment"])
    return [{name: values[index] for name, values in table.items()} for index in range(count)]


@pytest.fixture(scope="module")
def rows(tasks):
    """What the dataset would give, in order."""
    from actors.catalogue import build

    engine = build(FACES)
    engine.load()
    found = []
    for index in range(len(tasks)):
        for table in decoded({"segment": np.array([index])}, tasks=tasks):
            results = engine.infer(asked(table, tasks=tasks))
            found += column_rows(answered(table, results, tasks=tasks))
    return found


def test_rows_are_a_stretch_each_and_one_for_what_cannot_be_read(rows):
    assert [(int(row["segment"]), bool(row["is_last"])) for row in rows] == [
        (0, False), (0, True), (1, True), (2, True)
    ]  # fmt: skip
    assert [str(row["code"]) for row in rows] == ["", "", "media_unreadable", ""]


def test_collected_rows_are_what_this_process_sees(tasks, rows):
    with SegmentLooker() as looker:
        here = {index: outputs for index, outputs, _ in InProcess().run(looker, tasks)}
    there = {index: outputs for index, outputs, _ in collected(tasks, iter(rows))}
    assert [there[index]["result"].content == here[index]["result"].content for index in (0, 2)] == [True, True]
    assert type(there[1]) is type(here[1]) is MediaUnreadable
    assert there[1].message == here[1].message


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows[:-1],
        lambda rows: rows[2:],
        lambda rows: [*rows[:2], rows[3], rows[2]],
        lambda rows: [*rows, rows[3]],
    ],
    ids=["end missing", "start missing", "out of order", "one too many"],
)
def test_rows_that_are_missing_or_out_of_order_are_a_defect(tasks, rows, spoil):
    with pytest.raises(Defect, match="the dataset gave"):
        list(collected(tasks, iter(spoil(rows))))
