"""Still layers become pictures that look the same, and nothing behind them is ever open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.imaging import canvas as cv
from pipelines.imaging.path import ellipse, rectangle
from pipelines.imaging.pen import Pen
from pipelines.rendering.plates import base_of, flattened, hold, paint_layers, release, wrapped

PLACE = (0.1, 0, 80, 0, 0.1, 45)


@dataclass
class Sheet:
    scene: Any
    depth: float = 1.0
    moving: bool = False


def sheet(path, colour, **changes):
    scene = cv.new_scene()
    pen = Pen(scene)
    pen.begin()
    pen.fill(path, colour)
    pen.end()
    return Sheet(scene, **changes)


def show(scenes):
    canvas = cv.PixelCanvas(160, 90)
    for scene in scenes:
        canvas.add(scene)
    pixels = np.zeros((90, 160, 4), np.uint8)
    canvas.draw(pixels, clear=True)
    canvas.close()
    return pixels


def test_base_of_layers_with_a_gap_fills_it_in_their_colour():
    layers = [sheet(rectangle(-900, -100, 900, 300), (40, 120, 200))]
    hold(layers)
    pixels = paint_layers(layers, lambda depth: PLACE, 160, 90, base_of(layers, 160, 90))
    release(layers)
    assert pixels[:, :, 3].min() == 255
    assert pixels[45, 150].tolist() == [200, 120, 40, 255]


def test_flattened_still_layers_look_as_drawn():
    def layers():
        return [
            sheet(rectangle(-700, -300, 1400, 500), (40, 120, 200)),
            sheet(ellipse(0, 0, 200, 200), (220, 180, 60)),
            sheet(ellipse(300, 50, 120, 90), (90, 20, 60), moving=True),
        ]

    drawn = show([wrapped(layer, lambda depth: PLACE) for layer in layers()])
    one = layers()
    hold(one)
    flat = flattened(one, lambda depth: PLACE, 160, 90)
    assert len(flat) == 2
    assert np.abs(show(flat).astype(int) - drawn).max() <= 2
    release(one)


def test_flattened_sparse_layer_stays_shapes():
    one = [sheet(rectangle(-700, -400, 20, 20).add(rectangle(700, 400, 20, 20)), (40, 120, 200)) for _ in range(2)]
    hold(one)
    assert len(flattened(one, lambda depth: PLACE, 160, 90)) == 2
    release(one)
