"""A thing seen close: set on a table in a pool of light, with the place dim behind it."""

from __future__ import annotations

import math

from thorvg_python.paint.scene import Scene

from pipelines.imaging import canvas as cv
from pipelines.imaging.colour import Rgb, shade
from pipelines.imaging.path import blob, curve, ellipse, rectangle
from pipelines.imaging.pen import Linear, Pen, Radial, run
from pipelines.imaging.text import break_lines, text_path

PROP_Y = 60.0
"""Middle of the thing, world units."""

_WOOD: Rgb = (120, 80, 56)
_PAPER: Rgb = (240, 228, 200)


def set_table(scene: Scene, tint: tuple[float, float, float], count: int = 1) -> None:
    """The dimmed surroundings, the table top, the light on it and the shadows of `count` things."""
    pen = Pen(scene, tint)
    pen.begin()
    dark: Rgb = (16, 12, 28)
    pen.fill(
        rectangle(-1800, -900, 3600, 1800),
        Radial((0, PROP_Y), 760, ((0.0, dark, 60), (0.5, dark, 130), (1.0, dark, 215))),
    )
    pen.fill(blob([(-1500, 226), (-600, 190), (0, 180), (600, 190), (1500, 226), (1500, 900), (-1500, 900)], 0.5),
             Linear((0, 180), (0, 420), run(shade(_WOOD, 0.1), shade(_WOOD, -0.4))))  # fmt: skip
    for index in range(7):
        y = 206 + index * 26 + index * index * 3
        wave = 8 + index * 2
        line = [
            (-1400 + step * 400, y + abs(step - 3.5) * 5 + math.sin(step * 2.1 + index) * wave * 0.4)
            for step in range(8)
        ]
        pen.stroke(curve(line), shade(_WOOD, -0.35), 3, 90)
    warm: Rgb = (255, 226, 170)
    pen.fill(
        ellipse(0, PROP_Y + 20, 420, 420),
        Radial((0, PROP_Y + 20), 420, ((0.0, warm, 120), (0.5, warm, 46), (1.0, warm, 0))),
    )
    reach = 210.0 if count == 1 else 165.0
    for place in range(max(count, 1)):
        x, at = _place_x(place, count), PROP_Y + (158.0 if count == 1 else 140.0)
        pen.fill(ellipse(x, at, reach, 34), Radial((x, at), reach, ((0.0, dark, 170), (0.6, dark, 90), (1.0, dark, 0))))
    pen.end()


def place_prop(scene: Scene, index: int, count: int) -> None:
    """A prop (centred on 0, 0, about 300 units tall) moved to its place in a row of `count`."""
    size = 1.08 if count == 1 else 0.9
    cv.place(scene, (size, 0.0, _place_x(index, count), 0.0, size, PROP_Y))


def _place_x(index: int, count: int) -> float:
    return (index - (max(count, 1) - 1) / 2) * 330.0


def label(scene: Scene, tag: str, index: int, count: int) -> None:
    """A paper tag with the name of a thing that cannot be drawn."""
    pen = Pen(scene)
    pen.begin()
    x = (index - (count - 1) / 2) * 330.0
    pen.at = (0.995, -0.05, x, 0.05, 0.995, PROP_Y)
    pen.fill(
        blob([(-150, -64), (-110, -104), (150, -104), (150, 104), (-110, 104), (-150, 64)], 0.12),
        _PAPER,
        255,
        shade(_PAPER, -0.3),
        4,
    )
    pen.fill(ellipse(-122, 0, 13, 13), shade(_PAPER, -0.55))
    pen.stroke(curve([(-122, 0), (-180, -60), (-190, -130)]), (150, 60, 50), 5)
    lines = break_lines(tag.replace("_", " ").replace("-", " "), 40, 230, bold=True)[:3]
    y = 14 - (len(lines) - 1) * 24.0
    for line in lines:
        pen.fill(text_path(line, 40, 14, y, bold=True), (70, 52, 58))
        y += 48
    pen.end()
