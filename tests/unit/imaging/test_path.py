"""Outlines: bones keep their lengths, limbs have no holes."""

from __future__ import annotations

import math

import pytest

from pipelines.imaging.path import ellipse, joint, limb, polygon


def area(path):
    """Twice the signed area of the first contour's points."""
    points = list(zip(path.points[0::2], path.points[1::2], strict=True))
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))


def test_joint_within_reach_keeps_both_bones():
    middle, end = joint((0, 0), (100, 60), 80, 70, 1)
    assert math.dist((0, 0), middle) == pytest.approx(80)
    assert math.dist(middle, end) == pytest.approx(70)
    assert end == pytest.approx((100, 60))


def test_joint_beyond_reach_stretches_out_towards_the_target():
    _, end = joint((0, 0), (0, 900), 80, 70, 1)
    assert end[0] == pytest.approx(0)
    assert end[1] == pytest.approx(150, abs=0.5)


def test_joint_sides_bend_opposite_ways():
    left, _ = joint((0, 0), (0, 100), 80, 70, 1)
    right, _ = joint((0, 0), (0, 100), 80, 70, -1)
    assert left[0] == pytest.approx(-right[0])
    assert left[0] < 0


@pytest.mark.parametrize("end", [(0, 200), (120, 40), (-90, -60)])
def test_limb_parts_wind_the_same_way_so_that_overlaps_fill(end):
    path = limb((0, 0), (0, 100), end, (30, 26, 20))
    parts, at = [], 0
    for command in path.commands:
        if command == 1:
            parts.append([])
        for _ in range({0: 0, 1: 1, 2: 1, 3: 3}[command]):
            parts[-1].append((path.points[at], path.points[at + 1]))
            at += 2
    signs = {math.copysign(1, area(polygon(*part))) for part in parts}
    assert len(signs) == 1


def test_ellipse_turned_by_nothing_equals_the_turned_one_by_zero():
    assert list(ellipse(3, 4, 10, 6).points) == pytest.approx(list(ellipse(3, 4, 10, 6, math.tau).points), abs=1e-4)
