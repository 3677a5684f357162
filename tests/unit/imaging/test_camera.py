"""The camera never shows what is not painted, and depth decides how far a layer moves."""

from __future__ import annotations

from typing import get_args

import pytest

from pipelines.imaging.camera import LIMIT_X, LIMIT_Y, View, eased, kept_inside, layer_matrix, moved
from schemas.vocabulary import CameraMovement


@pytest.mark.parametrize("aspect", [16 / 9, 9 / 16, 1.0, 2.4])
@pytest.mark.parametrize("movement", get_args(CameraMovement))
def test_moved_any_movement_stays_on_painted_ground(movement, aspect):
    for share in (0.0, 0.3, 1.0):
        view = moved(kept_inside(View(1500, -700, 1500), aspect), movement, share, aspect)
        assert abs(view.x) + view.height * aspect / 2 <= LIMIT_X + 1e-6
        assert abs(view.y) + view.height / 2 <= LIMIT_Y + 1e-6


def test_moved_push_in_shows_less_at_the_end():
    start, end = (moved(View(0, 0, 600), "push_in", share, 1.0).height for share in (0.0, 1.0))
    assert end < 600 < start


def test_moved_pan_right_goes_right():
    assert moved(View(0, 0, 600), "pan_right", 1.0, 1.5).x > 0 > moved(View(0, 0, 600), "pan_right", 0.0, 1.5).x


def test_eased_starts_and_lands_softly():
    assert eased(0.0) == 0.0
    assert eased(1.0) == pytest.approx(1.0)
    assert eased(0.05) < 0.01 < 0.05


def test_layer_matrix_wide_frame_shows_the_contract_rectangle():
    scale, _, x, _, _, y = layer_matrix(View(0, 0, 1000), 1.0, 1280, 720)
    assert (-889 * scale + x, -500 * scale + y) == pytest.approx((0, 0), abs=0.2)


def test_layer_matrix_far_layer_moves_and_grows_less():
    near, far = (layer_matrix(View(100, 0, 400), depth, 1280, 720) for depth in (1.0, 0.1))
    assert abs(far[2] - 640) < abs(near[2] - 640)
    assert far[0] < near[0]
