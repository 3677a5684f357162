"""Overlap of boxes and which belong together."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.analysis.overlap import grown, intersection_over_union, pairs


def boxes(*rows):
    return np.array(rows, np.float32).reshape(-1, 4)


@pytest.mark.parametrize(
    ("other", "expected"),
    [((0, 0, 10, 10), 1.0), ((5, 0, 15, 10), 1 / 3), ((10, 0, 20, 10), 0.0), ((2, 2, 8, 8), 0.36)],
    ids=["same", "half", "touching", "inside"],
)
def test_intersection_over_union_of_known_boxes(other, expected):
    assert intersection_over_union(boxes((0, 0, 10, 10)), boxes(other))[0, 0] == pytest.approx(expected)


def test_intersection_over_union_of_boxes_without_area_is_zero():
    assert intersection_over_union(boxes((3, 3, 3, 3)), boxes((3, 3, 3, 3)))[0, 0] == 0


def test_intersection_over_union_of_no_boxes_is_empty():
    assert intersection_over_union(boxes(), boxes((0, 0, 1, 1))).shape == (0, 1)


def test_grown_keeps_the_centre():
    assert grown(boxes((10, 20, 30, 60)), 1.5).tolist() == [[5, 10, 35, 70]]


def test_pairs_takes_the_most_alike_first_and_each_once():
    likeness = np.array([[0.9, 0.8], [0.85, 0.1]], np.float32)
    assert pairs(likeness, 0.3) == [(0, 0)]
    assert pairs(likeness, 0.1) == [(0, 0), (1, 1)]


def test_pairs_of_nothing_is_nothing():
    assert pairs(np.zeros((0, 3), np.float32), 0.1) == []
