"""Smooth vertical gradients over wide areas, cheaply."""

from __future__ import annotations

import itertools

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.easel import LEFT, RIGHT
from pipelines.imaging.backdrop.palette import mix
from pipelines.imaging.backdrop.pen import Rgb, band, group


def wash(
    top: float,
    bottom: float,
    *colours: Rgb,
    reach_up: float = 0.0,
    reach_down: float = 0.0,
    left: float = LEFT,
    right: float = RIGHT,
) -> Scene:
    """Evenly spaced colours from `top` to `bottom`, the outer ones carried on by `reach_up` and `reach_down`.

    Drawn as plain bands of about one level of colour each: a rectangle fills at 0.2 ns a pixel, a gradient at 1.8 ns
    (measured at 1280x720). Bands overlap by two units, or their soft edges would show as seams.
    """
    last = len(colours) - 1
    change = sum(
        max(abs(a - b) for a, b in zip(first, second, strict=True)) for first, second in itertools.pairwise(colours)
    )
    count = max(2, min(150, round(change / 1.2)))
    step = (bottom - top) / count
    bands = [band(left, top - reach_up, right - left, reach_up + 2, colours[0])] if reach_up else []
    for i in range(count):
        at = last * (i + 0.5) / count
        part = min(last - 1, int(at))
        colour = mix(colours[part], colours[part + 1], at - part)
        bands.append(band(left, top + i * step, right - left, step + 2, colour))
    if reach_down:
        bands.append(band(left, bottom, right - left, reach_down, colours[-1]))
    return group(*bands)
