"""A frame depends on the scene, never on the frame before."""

from __future__ import annotations

import numpy as np

from pipelines.imaging import canvas as cv
from pipelines.imaging.path import ellipse
from pipelines.imaging.pen import Pen, Radial, run


def drawn(placements):
    canvas = cv.PixelCanvas(80, 60)
    scene = cv.new_scene()
    canvas.add(scene)
    pen = Pen(scene)
    pen.begin()
    pen.fill(ellipse(0, 0, 20, 20), Radial((0, 0), 20, run((255, 220, 120), (40, 20, 90))))
    pen.end()
    pixels = np.zeros((60, 80, 4), np.uint8)
    for placement in placements:
        cv.place(scene, placement)
        canvas.draw(pixels, clear=True)
    canvas.close()
    return pixels


def test_canvas_gradient_follows_its_scene_as_if_drawn_afresh():
    here, there = (1.0, 0, 20, 0, 1.0, 20), (1.3, 0, 50, 0, 1.3, 34)
    assert np.array_equal(drawn([here, there]), drawn([there]))


def test_canvas_paint_that_was_out_of_view_comes_back_whole():
    away, here = (1.0, 0, 900, 0, 1.0, 900), (1.0, 0, 40, 0, 1.0, 30)
    assert np.array_equal(drawn([here, away, here]), drawn([here]))


def test_canvas_without_clear_keeps_what_stood_there():
    canvas = cv.PixelCanvas(20, 20)
    canvas.add(cv.new_scene())
    pixels = np.full((20, 20, 4), 77, np.uint8)
    canvas.draw(pixels, clear=False)
    assert (pixels == 77).all()
    canvas.close()
    canvas.close()
