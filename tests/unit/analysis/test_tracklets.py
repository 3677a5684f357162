"""Faces between looks: interpolated, followed, never carried across a break."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.analysis.overlap import intersection_over_union
from pipelines.analysis.tracklets import Look, StretchView, tracklets
from tests.unit.analysis.test_box_flow import moving_patch

FPS = 25


def look(position: int, *rows: tuple[float, ...], score: float = 0.99) -> Look:
    return Look(position, np.array(rows, np.float32).reshape(-1, 4), np.full(len(rows), score, np.float32))


def view(frames: int, grey: list[np.ndarray] | None = None, breaks: tuple[int, ...] = ()) -> StretchView:
    pictures = np.stack(grey) if grey else np.zeros((frames, 18, 32), np.uint8)
    broken = np.isin(np.arange(frames), breaks)
    return StretchView(pictures, np.arange(frames) / FPS, broken, 1.0)


def test_face_seen_at_both_looks_is_interpolated():
    [piece] = tracklets([look(0, (0, 0, 10, 10)), look(4, (4, 2, 14, 12))], view(5))
    assert (piece.first, piece.end) == (0, 5)
    assert np.array(piece.boxes).tolist() == [[k, k / 2, 10 + k, 10 + k / 2] for k in range(5)]
    assert np.isnan(piece.scores).tolist() == [False, True, True, True, False]


def test_face_that_is_not_seen_again_is_followed_for_half_a_second_at_most():
    pictures, truth = moving_patch(30, (2.0, 0.0))
    [piece] = tracklets([look(0, truth[0]), look(6, truth[6]), look(12), look(29)], view(30, pictures))
    assert (piece.first, piece.end) == (0, 6 + 12 + 1)
    assert np.diag(intersection_over_union(np.array(piece.boxes), truth[:19])).min() > 0.8


def test_face_that_appears_between_looks_is_followed_back():
    pictures, truth = moving_patch(20, (2.0, 0.0))
    [piece] = tracklets([look(0), look(10, truth[10]), look(19, truth[19])], view(20, pictures))
    assert (piece.first, piece.end) == (0, 20)
    assert intersection_over_union(piece.boxes[0][None], truth[:1])[0, 0] > 0.8


@pytest.mark.parametrize("breaks", [(5,)])
def test_face_is_not_carried_across_a_break(breaks):
    pictures, truth = moving_patch(10, (1.0, 0.0))
    looks = [look(0, truth[0]), look(4, truth[4]), look(5, truth[5]), look(9, truth[9])]
    pieces = tracklets(looks, view(10, pictures, breaks))
    assert [(piece.first, piece.end) for piece in pieces] == [(0, 5), (5, 10)]


def test_face_that_moves_further_than_its_width_is_found_by_its_flow():
    pictures, truth = moving_patch(16, (6.0, 0.0))
    pieces = tracklets([look(0, truth[0]), look(8, truth[8]), look(15, truth[15])], view(16, pictures))
    assert [(piece.first, piece.end) for piece in pieces] == [(0, 16)]


def test_two_faces_keep_apart():
    looks = [look(0, (0, 0, 10, 10), (50, 0, 60, 10)), look(5, (52, 0, 62, 10), (1, 0, 11, 10))]
    pieces = tracklets(looks, view(6))
    assert sorted(int(piece.boxes[-1][0]) for piece in pieces) == [1, 52]
    assert all(piece.end == 6 for piece in pieces)


def test_no_faces_give_no_pieces():
    assert tracklets([look(0), look(5)], view(6)) == []
