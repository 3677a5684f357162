"""MTCNN against its original, its weights, and the boxes it is made of."""

from __future__ import annotations

from importlib import metadata

import numpy as np
import pytest
import skimage.data

from actors import catalogue
from actors.faces import opencv, weights
from actors.faces.boxes import refined, squared, suppressed
from actors.faces.detection import FaceRequest
from actors.faces.mtcnn import MtcnnFaces
from actors.placement import HostFacts
from schemas.errors import Defect, Unavailable

HOST = HostFacts(cpus=2, memory_mb=8000)


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


def test_suppressed_keeps_the_better_of_two_that_overlap_by_more_than_asked():
    found = boxes((0, 0, 99, 99), (10, 0, 109, 99), (200, 0, 299, 99))
    assert suppressed(found, np.array([0.7, 0.9, 0.8], np.float32), 0.5).tolist() == [1, 2]
    assert suppressed(found, np.array([0.7, 0.9, 0.8], np.float32), 0.9).tolist() == [1, 2, 0]


def test_suppressed_against_the_smaller_drops_a_box_inside_another():
    found = boxes((0, 0, 99, 99), (40, 40, 59, 59))
    scores = np.array([0.9, 0.8], np.float32)
    assert suppressed(found, scores, 0.7).tolist() == [0, 1]
    assert suppressed(found, scores, 0.7, "smaller").tolist() == [0]


def test_squared_keeps_the_centre_and_takes_the_longer_side():
    assert squared(boxes((10, 0, 20, 40))).tolist() == [[-5, 0, 35, 40]]


def test_refined_moves_each_side_by_its_share_of_the_size():
    assert refined(boxes((0, 0, 9, 19)), boxes((0.1, 0, 0, -0.5))).tolist() == [[1, 0, 9, 9]]


def test_mtcnn_agrees_with_the_library_that_its_weights_come_from():
    """Their pyramid is reduced from the picture at every level, ours from its first level: boxes differ by a pixel."""
    from facenet_pytorch import MTCNN

    picture = skimage.data.astronaut()
    theirs, scores = MTCNN(keep_all=True, min_face_size=40).detect(picture)
    engine = MtcnnFaces()
    engine.load()
    [ours] = engine.infer([FaceRequest(picture, smallest_face_px=40)])
    sure = ours.boxes[ours.confidences > 0.9]
    assert len(sure) == len(theirs) == 1
    assert np.abs(sure - theirs).max() < 4
    assert ours.confidences[0] == pytest.approx(scores[0], abs=0.01)


def test_weights_that_are_not_the_converted_ones_are_refused(tmp_path):
    for name in weights.NETWORKS:
        content = bytearray((weights.FOLDER / f"{name}.safetensors").read_bytes())
        content[-1] ^= 1
        (tmp_path / f"{name}.safetensors").write_bytes(content)
    with pytest.raises(Unavailable, match=r"pnet\.safetensors.*damaged"):
        weights.weights_digest(tmp_path)


def test_weights_that_are_missing_are_named(tmp_path):
    with pytest.raises(Unavailable, match=r"'pnet\.safetensors'.*not in"):
        weights.weights_digest(tmp_path)


@pytest.fixture
def without(monkeypatch):
    """Makes packages look as if they were not installed."""

    def hide(*names: str) -> None:
        known = metadata.version

        def version(name: str) -> str:
            if name in names:
                raise metadata.PackageNotFoundError(name)
            return known(name)

        monkeypatch.setattr("actors.packages.version", version)

    return hide


def test_choose_without_pytorch_takes_opencv_and_says_so(without):
    without("torch")
    choice = catalogue.choose("faces", HOST)
    assert choice.backend == "opencv_face_detector"
    assert "facenet_mtcnn is not available" in choice.degraded and "'torch'" in choice.degraded


def test_choose_without_any_detector_takes_the_stub_and_names_both(without, monkeypatch):
    without("torch")
    monkeypatch.setattr(opencv, "find_spec", lambda _: None)
    choice = catalogue.choose("faces", HOST)
    engine = catalogue.build(choice)
    assert engine.spec.backend_type == "stub"
    assert "facenet_mtcnn" in engine.spec.degraded and "opencv_face_detector" in engine.spec.degraded


def test_choose_takes_the_backend_that_is_asked_for():
    choice = catalogue.choose("faces", HOST, backend="opencv_face_detector")
    assert (choice.backend, choice.degraded) == ("opencv_face_detector", "")


def test_choose_refuses_an_unknown_backend_and_names_the_known():
    with pytest.raises(catalogue.InvalidInput, match=r"'retinaface'.*facenet_mtcnn, opencv_face_detector"):
        catalogue.choose("faces", HOST, backend="retinaface")


@pytest.mark.parametrize("picture", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3))])
def test_request_with_another_array_is_a_defect(picture):
    with pytest.raises(Defect, match="uint8"):
        FaceRequest(picture, smallest_face_px=20)
