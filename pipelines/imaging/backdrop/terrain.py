"""Land: ridges of hills and mountains, the ground that figures stand on, rocks, grass and stones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from thorvg_python.paint.scene import Scene
from thorvg_python.paint.shape import Shape

from pipelines.imaging.backdrop.easel import BOTTOM, LEFT, RIGHT, Easel
from pipelines.imaging.backdrop.motion import Sway
from pipelines.imaging.backdrop.palette import mix, scale
from pipelines.imaging.backdrop.pen import Path, Point, Rgb, fade_down, group
from pipelines.imaging.backdrop.wash import wash


def rolling(dice: np.random.Generator, level: float, height: float, wave: float) -> list[Point]:
    """Soft hilltops around `level`, up to `height` above and below, about `wave` units from crest to crest."""
    phases = dice.uniform(0, 2 * math.pi, 3)
    lengths = wave * dice.uniform(0.75, 1.3, 3) * np.array([1.0, 0.53, 0.27])
    shares = (0.62, 0.27, 0.11)
    xs = np.arange(LEFT - 200, RIGHT + 201, wave / 7)
    waves = sum(s * np.sin(2 * math.pi * xs / n + p) for s, n, p in zip(shares, lengths, phases, strict=True))
    return [(float(x), float(level + height * w)) for x, w in zip(xs, waves, strict=True)]


def jagged(dice: np.random.Generator, level: float, height: float, wave: float) -> list[Point]:
    """Sharp peaks standing on `level`, left to right, peaks and valleys in turn."""
    points = []
    x = LEFT - 300.0
    while x < RIGHT + 300:
        peak = level - height * float(dice.uniform(0.45, 1.0))
        width = wave * float(dice.uniform(0.7, 1.25))
        points += [
            (x, level - height * float(dice.uniform(0.05, 0.22))),
            (x + width * float(dice.uniform(0.4, 0.6)), peak),
        ]
        x += width
    return points


def paint_hill(
    easel: Easel, points: Sequence[Point], colour: Rgb, far: float, depth: float, rim: float = 0.16
) -> Scene:
    """A ridge with a lit crest, fading into the air towards its foot."""
    top = min(y for _, y in points)
    body = easel.palette.lit(colour, far)
    foot = easel.palette.lit(scale(colour, 0.86), min(1.0, far + 0.22))
    crest = mix(body, easel.palette.glow(easel.palette.key), rim)
    floor = max(y for _, y in points) + 150.0
    return easel.sheet(
        depth,
        Path().ridge(points, floor).fill(crest),
        Path().ridge([(x, y + 9) for x, y in points], floor).fill(fade_down(top, floor - 40, body, foot)),
        Path().rect(LEFT - 200, floor - 4, RIGHT - LEFT + 400, BOTTOM - floor + 4).fill(foot),
    )


def paint_ground(easel: Easel, level: float, colour: Rgb, depth: float = 1.0, relief: float = 14.0) -> Scene:
    """The ground from `level` down, lighter where it meets the distance, dark towards the viewer."""
    dice = easel.place.dice(f"ground{level:.0f}")
    points = rolling(dice, level, relief, 900)
    far = easel.palette.lit(mix(colour, (255, 246, 220), 0.12), 0.25)
    near = easel.palette.lit(scale(colour, 0.62))
    top = level + relief
    return easel.sheet(
        depth,
        Path().ridge(points, top + 8).fill(far),
        wash(top + 4, 560.0, far, easel.palette.lit(colour, 0.06), near, reach_down=BOTTOM - 560),
    )


def tufts(easel: Easel, part: str, count: int, band: tuple[float, float], colour: Rgb, size: float = 26.0) -> Shape:
    """Grass tufts strewn over the ground between two levels, larger where nearer."""
    dice = easel.place.dice(part)
    path = Path()
    for _ in range(count):
        x, y = float(dice.uniform(LEFT, RIGHT)), float(dice.uniform(*band))
        _add_tuft(path, x, y, size * (0.45 + 0.55 * (y - band[0]) / max(1.0, band[1] - band[0])), dice)
    return path.fill(colour)


def _add_tuft(path: Path, x: float, y: float, size: float, dice: np.random.Generator, blades: int = 4) -> None:
    wide = size * 0.14
    for i in range(blades):
        lean = size * (0.8 * (i / (blades - 1) - 0.5) + float(dice.uniform(-0.15, 0.15)))
        tall = size * float(dice.uniform(0.7, 1.2))
        foot = x + size * 0.16 * (i - blades / 2)
        bend_x, bend_y = foot + lean * 0.4, y - tall * 0.8
        path.move(foot, y).cubic(foot, y - tall * 0.5, bend_x, bend_y, foot + lean, y - tall)
        path.cubic(bend_x + wide * 0.7, bend_y, foot + wide, y - tall * 0.5, foot + wide, y).close()


def paint_front_grass(easel: Easel, colour: Rgb, part: str = "front grass") -> None:
    """Dark tall grass at the lower corners, nearer than the figures, swaying."""
    dice = easel.place.dice(part)
    dark = easel.palette.lit(scale(colour, 0.34))
    for i, x in enumerate((-1080.0, -800.0, 830.0, 1120.0)):
        path = Path()
        for _ in range(13):
            _add_tuft(path, float(dice.uniform(-170, 170)), 40, float(dice.uniform(90, 170)), dice, 3)
        clump = path.fill(dark)
        easel.sheet(1.3, clump, moving=True, front=True)
        easel.move(Sway(clump, (x, 520.0), degrees=1.6 * easel.wind, period_s=3.4 + 0.3 * i, phase=0.2 * i))


def rock(dice: np.random.Generator, x: float, y: float, width: float, height: float) -> list[Point]:
    """Nine points along a boulder on (x, y), from its left foot over the top to its right foot."""
    points = []
    for i in range(9):
        angle = math.pi * (1 - i / 8)
        bulge = float(dice.uniform(0.86, 1.06)) if 0 < i < 8 else 1.0
        rise = math.sin(angle) ** 0.7
        points.append((x + width * 0.5 * math.cos(angle) * bulge, y - height * rise * bulge))
    return points


def rocks(
    easel: Easel, part: str, spots: Sequence[tuple[float, float, float, float]], colour: Rgb, far: float = 0.0
) -> Scene:
    """Boulders at (x, foot y, width, height), each with a lit top, a face and a dark side."""
    dice = easel.place.dice(part)
    palette = easel.palette
    base, light, dark, shade = Path(), Path(), Path(), Path()
    for x, y, width, height in spots:
        outline = rock(dice, x, y, width, height)
        brow, heel = (x + width * 0.08, y - height * 0.58), (x + width * 0.2, y)
        brink = (x - width * 0.24, y - height * 0.46)
        shade.ellipse(x + width * 0.06, y + 2, width * 0.6, 5 + height * 0.06)
        base.polygon(outline)
        light.polygon([*outline[1:6], brow, brink])
        dark.polygon([brow, *outline[5:], heel])
    sun = palette.glow(palette.key)
    return group(
        shade.fill(palette.lit(scale(colour, 0.3)), 90),
        base.fill(palette.lit(colour, far)),
        dark.fill(palette.lit(scale(colour, 0.66), far)),
        light.fill(mix(palette.lit(scale(colour, 1.22), far), sun, 0.10)),
    )


def pebbles(easel: Easel, part: str, count: int, band: tuple[float, float], colour: Rgb) -> Scene:
    """Small stones on the ground with a shadow under each."""
    dice = easel.place.dice(part)
    stones, shadows = Path(), Path()
    for _ in range(count):
        x, y = float(dice.uniform(LEFT, RIGHT)), float(dice.uniform(*band))
        r = float(dice.uniform(5, 15)) * (0.6 + 0.5 * (y - band[0]) / max(1.0, band[1] - band[0]))
        shadows.ellipse(x + r * 0.3, y + r * 0.35, r * 1.25, r * 0.5)
        stones.ellipse(x, y, r, r * 0.6)
    return group(shadows.fill(easel.palette.lit(scale(colour, 0.5)), 150), stones.fill(easel.palette.lit(colour)))


def snow_cover(easel: Easel, points: Sequence[Point], thickness: float, depth: float) -> None:
    """A white edge along a ridge when it snows."""
    white = easel.palette.lit((240, 246, 255), 0.1)
    under = [(x, y + thickness * (0.8 + 0.4 * math.sin(x / 37))) for x, y in reversed(points)]
    easel.sheet(depth, Path().polygon([*points, *under]).fill(white))


def ground_colour(easel: Easel, colour: Rgb) -> Rgb:
    """A ground's material in this weather: white under snow, dark and cool when wet."""
    if easel.weather == "snow":
        return mix(colour, (236, 243, 252), 0.82)
    return scale(mix(colour, (96, 112, 130), 0.2), 0.92) if easel.wet else colour
