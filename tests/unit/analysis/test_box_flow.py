"""Boxes that follow what moves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipelines.analysis.box_flow import carried
from pipelines.analysis.overlap import intersection_over_union

SIZE = (180, 320)


def texture(seed: int, size: tuple[int, int]) -> np.ndarray:
    noise = np.random.default_rng(seed).integers(0, 255, size, dtype=np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2.0)


def moving_patch(frames: int, step: tuple[float, float], growth: float = 1.0) -> tuple[list[np.ndarray], np.ndarray]:
    """A textured patch over a textured ground, and its box in each frame."""
    ground, patch = texture(1, SIZE) // 2, 128 + texture(2, (48, 40)) // 2
    pictures, boxes = [], []
    for index in range(frames):
        scale = growth**index
        left, top = 60 + step[0] * index, 50 + step[1] * index
        turn = np.array([[scale, 0, left], [0, scale, top]], np.float32)
        over = cv2.warpAffine(patch, turn, SIZE[::-1], flags=cv2.INTER_LINEAR)
        covered = cv2.warpAffine(np.full_like(patch, 255), turn, SIZE[::-1], flags=cv2.INTER_NEAREST) > 0
        pictures.append(np.where(covered, over, ground).astype(np.uint8))
        boxes.append((left, top, left + 40 * scale, top + 48 * scale))
    return pictures, np.array(boxes, np.float32)


@pytest.mark.parametrize(
    ("step", "growth"), [((3.0, 1.0), 1.0), ((-2.5, 2.0), 1.0), ((0.0, 0.0), 1.02)], ids=["right", "left", "nearer"]
)
def test_carried_stays_on_what_moves(step, growth):
    pictures, truth = moving_patch(20, step, growth)
    followed = np.array(list(carried(pictures, truth[0])))
    assert len(followed) == 19
    assert np.diag(intersection_over_union(followed, truth[1:])).min() > 0.8


def test_carried_backwards_returns_to_where_it_came_from():
    pictures, truth = moving_patch(12, (3.0, 0.0))
    followed = list(carried(pictures[::-1], truth[-1]))
    assert intersection_over_union(followed[-1][None], truth[:1])[0, 0] > 0.8


def test_carried_gives_up_when_the_picture_changes():
    pictures, truth = moving_patch(4, (1.0, 0.0))
    pictures[2] = texture(9, SIZE)
    assert len(list(carried(pictures, truth[0]))) == 1


def test_carried_of_a_box_outside_the_picture_gives_up():
    pictures, _ = moving_patch(3, (1.0, 0.0))
    assert list(carried(pictures, np.array([-90, -90, -40, -40], np.float32))) == []


def test_carried_twice_gives_the_same_boxes():
    pictures, truth = moving_patch(6, (2.0, 1.0))
    first, second = (np.array(list(carried(pictures, truth[0]))) for _ in range(2))
    assert first.tobytes() == second.tobytes()
