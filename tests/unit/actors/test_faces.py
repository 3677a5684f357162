"""The boxes that MTCNN is made of, and its weights."""

from __future__ import annotations

import numpy as np
import pytest

from actors.faces import weights
from actors.faces.boxes import refined, squared, suppressed
from actors.faces.detection import FaceRequest
from schemas.errors import Defect, Unavailable


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


@pytest.mark.parametrize("picture", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3))])
def test_request_with_another_array_is_a_defect(picture):
    with pytest.raises(Defect, match="uint8"):
        FaceRequest(picture, smallest_face_px=20)
