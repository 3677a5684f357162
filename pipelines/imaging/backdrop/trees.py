"""Trees, bushes and posts, as groups with the foot of the trunk at the origin."""

from __future__ import annotations

import math

import numpy as np
from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.easel import Easel
from pipelines.imaging.backdrop.palette import mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, group

LEAF_BY_KIND: dict[str, Rgb] = {
    "fir": (46, 96, 78),
    "oak": (86, 136, 66),
    "birch": (140, 164, 74),
    "palm": (70, 140, 80),
}


def leaf_colour(easel: Easel, kind: str) -> Rgb:
    """Foliage of this place: green, or autumn in some; frosted under snow."""
    colour = LEAF_BY_KIND[kind]
    if kind in ("oak", "birch"):
        autumn = {0: (204, 120, 52), 1: (190, 82, 58), 2: colour, 3: colour, 4: (214, 160, 60)}
        colour = mix(colour, autumn[int(easel.place.dice("season").integers(5))], 0.7)
    return mix(colour, (232, 240, 248), 0.55) if easel.weather == "snow" else colour


def fir(easel: Easel, dice: np.random.Generator, height: float, colour: Rgb, far: float = 0.0) -> Scene:
    """A conifer of stacked skirts, lit on one side."""
    palette = easel.palette
    dark, light, trunk = Path(), Path(), Path()
    width = height * float(dice.uniform(0.34, 0.44))
    trunk.rect(-height * 0.025, -height * 0.14, height * 0.05, height * 0.16)
    tiers = 4
    for i in range(tiers):
        low = -height * (0.09 + 0.21 * i)
        high = low - height * (0.36 - 0.03 * i)
        half = width * 0.5 * (1 - 0.21 * i)
        sag = height * 0.035
        dark.move(0, high).cubic(half * 0.3, (high + low) / 2, half * 0.6, low - sag, half, low).cubic(
            half * 0.5, low + sag * 1.4, -half * 0.5, low + sag * 1.4, -half, low
        ).cubic(-half * 0.6, low - sag, -half * 0.3, (high + low) / 2, 0, high).close()
        light.move(0, high).cubic(-half * 0.3, (high + low) / 2, -half * 0.6, low - sag, -half, low).cubic(
            -half * 0.6, low + sag * 0.6, -half * 0.3, low, -half * 0.1, low - sag
        ).close()
    return group(
        trunk.fill(palette.lit((92, 70, 56), far)),
        dark.fill(palette.lit(scale(colour, 0.84), far)),
        light.fill(palette.lit(scale(colour, 1.18), far)),
    )


def broadleaf(easel: Easel, dice: np.random.Generator, height: float, colour: Rgb, far: float = 0.0) -> Scene:
    """A round-headed tree on a forked trunk."""
    palette = easel.palette
    w = height * 0.05
    trunk = Path().polygon(
        [(-w, 6), (-w * 0.6, -height * 0.5), (-height * 0.13, -height * 0.66), (-height * 0.10, -height * 0.68),
         (0, -height * 0.54), (height * 0.12, -height * 0.70), (height * 0.15, -height * 0.68),
         (w * 0.7, -height * 0.46), (w, 6)]
    )  # fmt: skip
    shade, crown, light = Path(), Path(), Path()
    for i in range(6):
        angle = math.pi * (0.05 + 0.9 * i / 5)
        reach = height * float(dice.uniform(0.17, 0.23))
        x, y = -math.cos(angle) * reach * 1.15, -height * 0.66 - math.sin(angle) * reach
        r = height * float(dice.uniform(0.13, 0.18))
        shade.ellipse(x + r * 0.12, y + r * 0.22, r, r * 0.9)
        crown.ellipse(x, y, r * 0.95, r * 0.85)
        light.ellipse(x - r * 0.22, y - r * 0.26, r * 0.52, r * 0.42)
    crown.ellipse(0, -height * 0.68, height * 0.2, height * 0.16)
    return group(
        trunk.fill(palette.lit((96, 72, 58), far)),
        shade.fill(palette.lit(scale(colour, 0.70), far)),
        crown.fill(palette.lit(colour, far)),
        light.fill(palette.lit(scale(colour, 1.2), far)),
    )


def palm(easel: Easel, dice: np.random.Generator, height: float, colour: Rgb, far: float = 0.0) -> Scene:
    """A leaning palm."""
    lean = height * float(dice.uniform(0.08, 0.2))
    trunk = Path().move(-9, 4).cubic(0, -height * 0.4, lean * 0.4, -height * 0.7, lean - 5, -height)
    trunk.line(lean + 6, -height).cubic(lean * 0.5 + 14, -height * 0.7, 16, -height * 0.4, 13, 4).close()
    fronds = Path()
    for i in range(7):
        angle = math.pi * (1.08 + 0.84 * i / 6)
        reach = height * 0.36
        tip_x, tip_y = lean + reach * math.cos(angle), -height + reach * (0.30 + 0.55 * math.sin(angle))
        fronds.move(lean, -height).cubic(
            lean + reach * 0.5 * math.cos(angle),
            -height - reach * 0.34,
            tip_x * 0.9 + lean * 0.1,
            tip_y - reach * 0.2,
            tip_x,
            tip_y + reach * 0.16,
        ).cubic(
            lean + reach * 0.6 * math.cos(angle), -height - reach * 0.06, lean + 4, -height + 12, lean, -height
        ).close()
    return group(trunk.fill(easel.palette.lit((128, 100, 74), far)), fronds.fill(easel.palette.lit(colour, far)))


def bare_trunk(easel: Easel, dice: np.random.Generator, width: float, colour: Rgb, far: float = 0.0) -> Scene:
    """A tall trunk that leaves the picture at the top, with bark marks and a lit side."""
    palette = easel.palette
    top = -1250.0
    curve = width * float(dice.uniform(-0.5, 0.5))
    body = Path().move(-width * 0.8, 10).cubic(-width * 0.45, -60, -width * 0.5 + curve, -500, -width * 0.4, top)
    body.line(width * 0.4, top).cubic(width * 0.5 + curve, -500, width * 0.45, -60, width * 0.9, 10).close()
    light = Path().move(-width * 0.74, 8).cubic(-width * 0.42, -60, -width * 0.48 + curve, -500, -width * 0.38, top)
    light.line(-width * 0.18, top).cubic(-width * 0.26 + curve, -500, -width * 0.2, -60, -width * 0.36, 8).close()
    marks = Path()
    for _ in range(9):
        y = float(dice.uniform(-1000, -30))
        x = width * float(dice.uniform(-0.2, 0.28)) + curve * 0.4
        marks.ellipse(x, y, width * 0.16, 4)
    return group(
        body.fill(palette.lit(colour, far)),
        light.fill(mix(palette.lit(scale(colour, 1.25), far), palette.glow(palette.key), 0.12)),
        marks.fill(palette.lit(scale(colour, 0.6), far), 170),
    )


def bush(easel: Easel, dice: np.random.Generator, width: float, colour: Rgb, far: float = 0.0) -> Scene:
    """A low round bush."""
    dark, light = Path(), Path()
    for i in range(5):
        x = width * (i / 4 - 0.5) * 0.8
        r = width * float(dice.uniform(0.16, 0.24))
        dark.ellipse(x, -r * 0.6, r, r)
        light.ellipse(x - r * 0.2, -r * 0.9, r * 0.55, r * 0.45)
    return group(
        dark.fill(easel.palette.lit(scale(colour, 0.8), far)), light.fill(easel.palette.lit(scale(colour, 1.12), far))
    )


def grow(easel: Easel, kind: str, part: str, height: float, far: float = 0.0) -> Scene:
    """A tree of `kind` (fir, oak, birch, palm), its details seeded by `part`."""
    dice = easel.place.dice(part)
    draw = {"fir": fir, "oak": broadleaf, "birch": broadleaf, "palm": palm}[kind]
    return draw(easel, dice, height, leaf_colour(easel, kind), far)
