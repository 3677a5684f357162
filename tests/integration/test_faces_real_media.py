"""Faces on real pictures and films with known truth: found, not invented, and covered wherever MTCNN sees one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import skimage.data
from typer.testing import CliRunner

from actors.catalogue import EngineChoice, build
from actors.engine import Engine
from actors.faces.detection import FaceDetections, FaceRequest
from pipelines.analysis.overlap import intersection_over_union
from pipelines.analysis.regions import ONCE
from pipelines.media.image import read_image
from schemas.regions import VideoRegionSummary
from serve.cli import app
from tests.ray_noise import NOISE

pytestmark = [pytest.mark.filterwarnings(rule) for rule in NOISE]
"""Several films are covered through Ray Data."""

FILMS = ("person_a.mkv", "person_skull_shirt.mkv", "carphone.mp4")
INSIDE = 0.95
CHANGED = 2
"""Levels of luma; what is encoded again differs by less where nothing was altered."""


@pytest.fixture(scope="module")
def mtcnn() -> Iterator[Engine[FaceRequest, FaceDetections]]:
    engine = build(EngineChoice("faces", "facenet_mtcnn"))
    engine.load()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def truth(shared_media: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((shared_media / "ground_truth.json").read_text())
    return known


def sure(engine: Engine[FaceRequest, FaceDetections], path: Path) -> np.ndarray:
    """Boxes that one look at a picture is believed for."""
    [found] = engine.infer([FaceRequest(read_image(path), 20)])
    return found.boxes[found.confidences >= ONCE]


def test_mtcnn_agrees_with_the_library_that_its_weights_come_from(mtcnn):
    """Their pyramid is reduced from the picture at every level, ours from its first level: boxes differ by a pixel."""
    from facenet_pytorch import MTCNN

    picture = skimage.data.astronaut()
    theirs, scores = MTCNN(keep_all=True, min_face_size=40).detect(picture)
    [ours] = mtcnn.infer([FaceRequest(picture, smallest_face_px=40)])
    sure = ours.boxes[ours.confidences > 0.9]
    assert len(sure) == len(theirs) == 1
    assert np.abs(sure - theirs).max() < 4
    assert ours.confidences[0] == pytest.approx(scores[0], abs=0.01)


@pytest.mark.parametrize("name", ["faces/2007_007763.jpg", "faces/2008_001322.jpg"])
def test_every_drawn_face_of_the_group_photographs_is_found(shared_media, truth, mtcnn, name):
    drawn = np.array(truth[name]["boxes_ltwh"], np.float32)
    drawn[:, 2:] += drawn[:, :2]
    likeness = intersection_over_union(drawn, sure(mtcnn, shared_media / name))
    assert (likeness.max(axis=1) >= 0.4).all()
    assert likeness.shape == (len(drawn), truth[name]["faces"])


@pytest.mark.parametrize("name", ["none_cat.png", "none_coffee.png", "none_dogs.jpg"])
def test_face_free_pictures_have_no_box(shared_media, mtcnn, name):
    assert len(sure(mtcnn, shared_media / "faces" / name)) == 0


@pytest.mark.parametrize(("name", "least"), [("two_people.jpg", 2), ("astronaut.png", 1), ("crossing.jpg", 8)])
def test_portraits_and_pedestrians_are_found(shared_media, mtcnn, name, least):
    assert len(sure(mtcnn, shared_media / "faces" / name)) >= least


@pytest.fixture(scope="module")
def covered(shared_media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The films, covered by the command."""
    folder = tmp_path_factory.mktemp("covered")
    words = ["anonymise", *(str(shared_media / "video" / name) for name in FILMS), "-o", str(folder)]
    result = CliRunner().invoke(app, [*words, "--store", str(folder / "store")])
    assert result.exit_code == 0, result.output
    return folder


def summary(shared_media: Path, covered: Path, name: str) -> VideoRegionSummary:
    words = ["regions", str(shared_media / "video" / name), "--json", "--store", str(covered / "store")]
    return VideoRegionSummary.read(json.loads(CliRunner().invoke(app, words).stdout)["summary"])


@pytest.mark.parametrize("name", FILMS)
def test_one_person_is_counted_through_the_whole_film(shared_media, covered, name):
    found = summary(shared_media, covered, name)
    assert [(one.first_frame, one.end_frame) for one in found.people] == [(0, found.frame_count)]


def test_printed_skull_is_uncertain_and_never_a_person(shared_media, covered):
    found = summary(shared_media, covered, "person_skull_shirt.mkv")
    [person] = found.people
    skull = [one for one in found.tracks if one is not person]
    assert skull and {one.verdict for one in skull} == {"uncertain"}
    assert all(box[1] > person.boxes[0][1] + 0.5 * person.boxes[0][3] for one in skull for box in one.boxes)


@pytest.mark.parametrize("name", FILMS)
def test_every_face_that_mtcnn_finds_on_any_frame_lies_inside_what_was_altered(shared_media, covered, name):
    """facenet-pytorch's own detector at its defaults, on every original frame."""
    from facenet_pytorch import MTCNN

    detector = MTCNN(keep_all=True)
    seen = missed = 0
    for before, after in both(shared_media / "video" / name, covered / name):
        altered = region_of_change(before, after)
        boxes, _ = detector.detect(before)
        found = np.zeros((0, 4)) if boxes is None else boxes.astype(float)
        for left, top, right, bottom in np.rint(found).astype(int):
            part = altered[max(0, top) : bottom, max(0, left) : right]
            seen += 1
            missed += part.mean() < INSIDE
    assert seen >= 77
    assert missed == 0


def both(source: Path, target: Path) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    with av.open(str(source)) as one, av.open(str(target)) as other:
        for before, after in zip(one.decode(video=0), other.decode(video=0), strict=True):
            assert before.pts * before.time_base == after.pts * after.time_base
            yield before.to_ndarray(format="rgb24"), after.to_ndarray(format="rgb24")


def region_of_change(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Where a picture was altered: changed pixels and what they enclose, for a blur leaves flat skin as it was."""
    import cv2

    changed = (np.abs(before.astype(int) - after).max(axis=2) > CHANGED).astype(np.uint8)
    side = max(3, min(before.shape[:2]) // 24) | 1
    closed = cv2.morphologyEx(changed, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((side, side), np.uint8)) > 0


def test_film_without_faces_stays_without_people(shared_media, tmp_path):
    words = ["regions", str(shared_media / "video" / "none_bottles.mp4"), "--json", "--store", str(tmp_path)]
    found = VideoRegionSummary.read(json.loads(CliRunner().invoke(app, words).stdout)["summary"])
    assert found.people == ()
