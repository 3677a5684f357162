"""A pen redraws what changed and forgets what is no longer drawn."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.imaging import canvas as cv
from pipelines.imaging.path import rectangle
from pipelines.imaging.pen import Linear, Pen, chain, run
from schemas.errors import Defect


@pytest.fixture
def sheet():
    canvas = cv.PixelCanvas(40, 30)
    scene = cv.new_scene()
    canvas.add(scene)
    yield canvas, Pen(scene), np.zeros((30, 40, 4), np.uint8)
    canvas.close()


def test_pen_fill_lies_in_memory_as_bgra(sheet):
    canvas, pen, pixels = sheet
    pen.begin()
    pen.fill(rectangle(0, 0, 40, 30), (10, 20, 30))
    pen.end()
    canvas.draw(pixels, clear=True)
    assert pixels[5, 5].tolist() == [30, 20, 10, 255]


def test_pen_second_frame_with_less_hides_the_rest(sheet):
    canvas, pen, pixels = sheet
    for shapes in (2, 1):
        pen.begin()
        for index in range(shapes):
            pen.fill(rectangle(index * 20, 0, 20, 30), (200, 0, 0))
        pen.end()
        canvas.draw(pixels, clear=True)
    assert pixels[10, 5, 3] == 255
    assert pixels[10, 30, 3] == 0


def test_pen_stroke_after_fill_in_the_same_place_is_hollow(sheet):
    canvas, pen, pixels = sheet
    pen.begin()
    pen.fill(rectangle(5, 5, 30, 20), (200, 0, 0))
    pen.end()
    pen.begin()
    pen.stroke(rectangle(5, 5, 30, 20), (0, 200, 0), 2)
    pen.end()
    canvas.draw(pixels, clear=True)
    assert pixels[15, 20, 3] == 0
    assert pixels[5, 20, 3] > 200


def test_pen_gradient_after_colour_takes_over(sheet):
    canvas, pen, pixels = sheet
    for fill in ((0, 0, 255), Linear((0, 0), (40, 0), run((0, 0, 0), (255, 255, 255)))):
        pen.begin()
        pen.fill(rectangle(0, 0, 40, 30), fill)
        pen.end()
        canvas.draw(pixels, clear=True)
    assert pixels[10, 2, 2] < 30 < 220 < pixels[10, 38, 2]


def test_pen_tint_darkens_fills_but_not_light(sheet):
    canvas, _, pixels = sheet
    scene = cv.new_scene()
    canvas.add(scene)
    pen = Pen(scene, (0.5, 0.5, 0.5))
    pen.begin()
    pen.fill(rectangle(0, 0, 20, 30), (200, 200, 200))
    pen.stroke(rectangle(30, 10, 4, 4), (200, 200, 200), 8, lit=False)
    pen.end()
    canvas.draw(pixels, clear=True)
    assert pixels[10, 5, 0] == 100
    assert pixels[12, 32, 0] == 200


def test_chain_applies_the_inner_placement_first():
    assert chain((2, 0, 1, 0, 2, 0), (1, 0, 5, 0, 1, 0))[2] == 11


def test_canvas_target_of_another_size_is_refused(sheet):
    canvas, _, _ = sheet
    with pytest.raises(Defect, match="not uint8"):
        canvas.draw(np.zeros((10, 10, 4), np.uint8), clear=True)
