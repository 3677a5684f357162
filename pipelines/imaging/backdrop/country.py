"""Places in the open country: forest, mountain, field and desert."""

from __future__ import annotations

import itertools
import math

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.easel import BOTTOM, LEFT, RIGHT, Easel
from pipelines.imaging.backdrop.house import House, draw_house
from pipelines.imaging.backdrop.motion import Sway
from pipelines.imaging.backdrop.palette import mix, scale
from pipelines.imaging.backdrop.pen import Fade, Path, Rgb, fade_down, group
from pipelines.imaging.backdrop.sky import paint_sky
from pipelines.imaging.backdrop.terrain import (
    ground_colour,
    jagged,
    paint_front_grass,
    paint_ground,
    paint_hill,
    pebbles,
    rocks,
    rolling,
    tufts,
)
from pipelines.imaging.backdrop.trees import bare_trunk, bush, grow, leaf_colour

MEADOW: tuple[Rgb, ...] = ((122, 160, 76), (146, 164, 82), (98, 148, 88), (166, 168, 96))
STONE: tuple[Rgb, ...] = ((122, 124, 134), (140, 122, 112), (110, 120, 130))


def paint_forest(easel: Easel) -> None:
    """A clearing between trunks, with ranks of trees fading behind."""
    place, palette = easel.place, easel.palette
    kind = place.pick("kind", ("fir", "oak", "birch", "fir"))
    moss = ground_colour(easel, place.pick("moss", ((96, 124, 66), (116, 116, 70), (84, 116, 84), (132, 110, 70))))
    paint_sky(easel, horizon=120)
    for rank, (far, depth, level, height, count) in enumerate(
        ((0.85, 0.12, 130.0, 420.0, 26), (0.58, 0.25, 190.0, 560.0, 20), (0.32, 0.45, 250.0, 760.0, 11)),
    ):
        _paint_rank(easel, kind, rank, far, depth, level, height, count)
    _paint_shafts(easel)
    paint_ground(easel, 300, moss, relief=16)
    trail = place.side("trail")
    bend = [
        (trail * 120 - 40, 304.0),
        (trail * 40 - 80, 360.0),
        (-160, 460.0),
        (-300, 620.0),
        (330, 620.0),
        (190, 460.0),
        (trail * 40 + 110, 360.0),
        (trail * 120 + 30, 304.0),
    ]
    earth = palette.lit(ground_colour(easel, (158, 124, 88)))
    easel.sheet(1.0, Path().blob(bend).fill(earth, 200))
    easel.sheet(
        1.0, tufts(easel, "ferns", 130, (310, 540), palette.lit(mix(scale(moss, 0.8), (70, 130, 70), 0.35)), 44)
    )
    bark = {"fir": (112, 82, 66), "oak": (104, 86, 70), "birch": (222, 216, 204)}[kind]
    dice = place.dice("trunks")
    for x in (-1240.0, -820.0, -560.0, 610.0, 860.0, 1300.0):
        trunk = bare_trunk(easel, dice, float(dice.uniform(70, 120)), bark)
        trunk.translate(x + float(dice.uniform(-60, 60)), 352 + float(dice.uniform(-20, 14)))
        easel.sheet(1.0, trunk)
    _paint_mushrooms(easel)
    _paint_canopy(easel, kind)
    paint_front_grass(easel, moss)


def _paint_rank(
    easel: Easel, kind: str, rank: int, far: float, depth: float, level: float, height: float, count: int
) -> None:
    dice = easel.place.dice(f"rank{rank}")
    sheet = easel.sheet(depth)
    for i in range(count):
        tree = grow(easel, kind, f"tree{rank}.{i % 7}", height * float(dice.uniform(0.75, 1.15)), far)
        tree.translate(
            LEFT + (RIGHT - LEFT) * (i + float(dice.uniform(0.1, 0.9))) / count, level + float(dice.uniform(-12, 16))
        )
        sheet.add(tree)
    floor = easel.palette.lit(ground_colour(easel, (96, 112, 66)), far * 0.92)
    sheet.add(Path().ridge(rolling(dice, level + 4, 12, 500), BOTTOM).fill(floor))


def _paint_shafts(easel: Easel) -> None:
    """Slanting light between the trees, by day in fair weather."""
    if easel.weather not in ("clear", "cloudy") and easel.mood != "hopeful":
        return
    dice = easel.place.dice("shafts")
    alpha = {"day": 34, "dawn": 44, "dusk": 40, "night": 16}[easel.time_of_day]
    side = easel.place.side("sun")
    path = Path()
    for _ in range(5):
        x, wide = float(dice.uniform(-800, 800)), float(dice.uniform(40, 110))
        path.polygon(
            [
                (x + side * 300, -620),
                (x + side * 300 + wide * 0.6, -620),
                (x - side * 120 + wide * 1.6, 420),
                (x - side * 120, 420),
            ]
        )
    shafts = path.fill(easel.palette.glow(easel.palette.key), alpha)
    easel.sheet(0.5, shafts, moving=True)
    easel.move(Sway(shafts, (0.0, 0.0), reach_x=14, period_s=9.0))


def _paint_mushrooms(easel: Easel) -> None:
    dice = easel.place.dice("mushrooms")
    stems, caps, dots = Path(), Path(), Path()
    for _ in range(5):
        x, y, r = (
            float(dice.uniform(300, 900)) * (1 if dice.uniform() < 0.5 else -1),
            float(dice.uniform(368, 430)),
            float(dice.uniform(12, 24)),
        )
        stems.rounded(x - r * 0.3, y - r * 1.4, r * 0.6, r * 1.5, r * 0.2)
        caps.move(x - r, y - r * 1.1).cubic(x - r, y - r * 2.6, x + r, y - r * 2.6, x + r, y - r * 1.1).close()
        dots.ellipse(x - r * 0.3, y - r * 1.7, r * 0.17, r * 0.14).ellipse(
            x + r * 0.35, y - r * 1.5, r * 0.14, r * 0.11
        )
    lit = easel.palette.lit
    easel.sheet(1.0, stems.fill(lit((236, 226, 206))), caps.fill(lit((196, 70, 56))), dots.fill(lit((250, 244, 232))))


def _paint_canopy(easel: Easel, kind: str) -> None:
    """Dark leaves along the top, nearer than the figures, stirring."""
    dice = easel.place.dice("canopy")
    leaves = easel.palette.lit(scale(leaf_colour(easel, kind), 0.36))
    for i, x in enumerate((-900.0, 900.0)):
        path = Path()
        for _ in range(16):
            path.ellipse(
                float(dice.uniform(-420, 420)),
                float(dice.uniform(-70, 60)) - 20,
                float(dice.uniform(70, 120)),
                float(dice.uniform(34, 62)),
            )
        bough = path.fill(leaves)
        easel.sheet(1.2, bough, moving=True, front=True)
        easel.move(Sway(bough, (x, -560.0), degrees=0.8 * easel.wind, reach_x=8, period_s=4.3 + i, phase=0.4 * i))


def paint_mountain(easel: Easel) -> None:
    """A high pass with snowy peaks behind."""
    place = easel.place
    rock = place.pick("stone", STONE)
    paint_sky(easel)
    for bank, (far, depth, level, height, wave) in enumerate(
        ((0.85, 0.08, 60.0, 430.0, 620.0), (0.5, 0.16, 130.0, 380.0, 860.0))
    ):
        _paint_range(easel, jagged(place.dice(f"range{bank}"), level, height, wave), rock, far, depth)
    meadow = ground_colour(easel, mix(place.pick("meadow", MEADOW), rock, 0.25))
    slope = rolling(place.dice("slope"), 200, 34, 1300)
    paint_hill(easel, slope, scale(meadow, 0.9), 0.3, 0.4)
    firs = easel.sheet(0.42)
    dice = place.dice("firs")
    for i in range(26):
        x = float(dice.uniform(LEFT, RIGHT))
        tree = grow(easel, "fir", f"fir{i % 5}", float(dice.uniform(90, 190)), 0.3)
        tree.translate(x, 226 + float(dice.uniform(-10, 26)))
        firs.add(tree)
    paint_ground(easel, 300, meadow, relief=18)
    spots = [
        (float(a), float(b), float(c), float(d))
        for a, b, c, d in dice.uniform((-1100, 322, 120, 60), (1100, 380, 320, 170), (6, 4))
        if abs(a) > 330
    ]
    easel.sheet(
        1.0,
        rocks(easel, "boulders", sorted(spots, key=lambda spot: spot[1]), ground_colour(easel, rock)),
        pebbles(easel, "scree", 50, (320, 520), scale(ground_colour(easel, rock), 0.9)),
        tufts(easel, "tufts", 80, (320, 520), easel.palette.lit(scale(meadow, 0.7))),
        _flowers(easel, 34, (330, 520)),
    )
    paint_front_grass(easel, meadow)


def _paint_range(easel: Easel, points: list[tuple[float, float]], rock: Rgb, far: float, depth: float) -> None:
    palette = easel.palette
    floor = max(y for _, y in points) + 160
    top = min(y for _, y in points)
    sheet = easel.sheet(depth)
    light, foot = palette.lit(rock, far), palette.lit(rock, min(1.0, far + 0.25))
    sheet.add(
        Path()
        .polygon([(points[0][0], floor), *points, (points[-1][0], floor)])
        .fill(fade_down(top, floor, light, foot))
    )
    sheet.add(Path().rect(LEFT - 300, floor - 2, RIGHT - LEFT + 600, BOTTOM - floor).fill(foot))
    shade, snow = Path(), Path()
    for left, peak, right in zip(points[0::2], points[1::2], points[2::2], strict=False):
        drop = right[1] - peak[1]
        spine = [
            (peak[0] + 20, peak[1] + drop * 0.35),
            (peak[0] - 18, peak[1] + drop * 0.7),
            (peak[0] + 24, floor),
        ]
        shade.polygon([peak, right, (right[0], floor), *reversed(spine)])
        line = 0.34 if easel.weather != "snow" else 0.7
        a = (peak[0] + (left[0] - peak[0]) * line, peak[1] + (left[1] - peak[1]) * line)
        b = (peak[0] + (right[0] - peak[0]) * line, peak[1] + drop * line)
        wide = b[0] - a[0]
        teeth = [
            (b[0] - wide * t, b[1] + (a[1] - b[1]) * t + (26 if i % 2 else -20))
            for i, t in enumerate((0.18, 0.36, 0.52, 0.7, 0.86))
        ]
        snow.polygon([a, peak, b, *teeth])
    white = palette.lit((248, 250, 255), far * 0.7)
    sheet.add(snow.fill(white))
    dark = palette.lit(scale(rock, 0.6), far)
    sheet.add(shade.fill(Fade((0, top), (0, floor), ((0.0, dark, 130), (0.55, dark, 100), (1.0, dark, 0)))))


def _flowers(easel: Easel, count: int, band: tuple[float, float]) -> Scene:
    dice = easel.place.dice("flowers")
    scene = group()
    if easel.weather == "snow":
        return scene
    first = easel.place.pick("flower", ((226, 96, 92), (240, 200, 80), (176, 120, 200), (236, 232, 240)))
    for colour in (first, (250, 236, 170)):
        path = Path()
        for _ in range(count // 2):
            x, y, r = float(dice.uniform(LEFT, RIGHT)), float(dice.uniform(*band)), float(dice.uniform(4, 9))
            for k in range(5):
                path.ellipse(
                    x + r * 0.7 * math.cos(1.257 * k), y - 16 + r * 0.5 * math.sin(1.257 * k), r * 0.5, r * 0.4
                )
        scene.add(path.fill(easel.palette.lit(colour)))
    return scene


def paint_field(easel: Easel) -> None:
    """Rolling farmland with hedges, a distant farm and a big sky."""
    place, palette = easel.place, easel.palette
    meadow = place.pick("meadow", MEADOW)
    crop = place.pick("crop", ((226, 192, 96), (196, 190, 96), (150, 170, 80), (206, 160, 92)))
    paint_sky(easel)
    banks = ((0.85, 0.10, 70.0, 46.0, 1100.0), (0.6, 0.2, 120.0, 36.0, 950.0), (0.35, 0.35, 190.0, 28.0, 1300.0))
    for i, (far, depth, level, height, wave) in enumerate(banks):
        colour = ground_colour(easel, (mix(meadow, (80, 120, 110), 0.4), crop, meadow)[i])
        points = rolling(place.dice(f"hill{i}"), level, height, wave)
        paint_hill(easel, points, colour, far, depth)
        if i < 2:
            _paint_hedge(easel, points, i, far, depth)
    _paint_farm(easel)
    ground = ground_colour(easel, crop if place.chance("standing", 0.5) else meadow)
    paint_ground(easel, 296, ground, relief=12)
    furrows = Path()
    for i in range(-12, 13):
        furrows.polygon([(i * 90, 314), (i * 90 + 14, 314), (i * 250 + 60, 800), (i * 250, 800)])
    easel.sheet(1.0, furrows.fill(palette.lit(scale(ground, 0.74)), 90))
    easel.sheet(
        1.0,
        tufts(easel, "tufts", 150, (316, 530), palette.lit(scale(ground, 0.7)), 34),
        _flowers(easel, 50, (330, 530)),
    )
    tree = grow(easel, place.pick("tree", ("oak", "birch")), "lone tree", place.number("tree.height", 520, 680))
    tree.translate(place.side("tree") * place.number("tree.x", 540, 700), 352)
    easel.sheet(0.95, tree)
    paint_front_grass(easel, ground)


def _paint_hedge(easel: Easel, points: list[tuple[float, float]], bank: int, far: float, depth: float) -> None:
    dice = easel.place.dice(f"hedge{bank}")
    path = Path()
    for x, y in points[:: 2 - bank % 2]:
        for _ in range(3):
            path.ellipse(
                x + float(dice.uniform(-70, 70)), y - 4, float(dice.uniform(16, 34)), float(dice.uniform(12, 26))
            )
    easel.sheet(depth, path.fill(easel.palette.lit(scale(leaf_colour(easel, "oak"), 0.8), far)))


def _paint_farm(easel: Easel) -> None:
    place = easel.place
    x = -place.side("tree") * place.number("farm.x", 240, 560)
    house = House(
        x=x, width=130, height=70, foot=176, wall=(226, 210, 184), roof=(156, 78, 60), floors=1, columns=2, chimney=True
    )
    barn = House(x=x + 150, width=160, height=76, foot=180, wall=(168, 74, 60), roof=(110, 84, 74), floors=1, columns=2)
    dice = place.dice("farm")
    sheet = easel.sheet(0.3, draw_house(easel, house, dice, 0.42), draw_house(easel, barn, dice, 0.42))
    for i in range(3):
        shrub = bush(easel, dice, 90, leaf_colour(easel, "oak"), 0.4)
        shrub.translate(x - 60 + 190 * i, 186)
        sheet.add(shrub)


def paint_desert(easel: Easel) -> None:
    """Dunes and a table mountain under a wide sky."""
    place, palette = easel.place, easel.palette
    sand = place.pick("sand", ((232, 186, 118), (222, 158, 104), (238, 204, 146)))
    paint_sky(easel)
    plain = palette.lit(scale(ground_colour(easel, sand), 0.96), 0.75)
    easel.sheet(0.1, Path().rect(LEFT, 92, RIGHT - LEFT, BOTTOM - 92).fill(plain))
    _paint_mesa(easel, scale(mix(sand, (176, 84, 62), 0.6), 0.95))
    for i, (far, depth, level, height, wave) in enumerate(
        ((0.6, 0.15, 110.0, 40.0, 900.0), (0.35, 0.3, 180.0, 46.0, 1250.0), (0.15, 0.55, 262.0, 30.0, 1500.0))
    ):
        points = rolling(place.dice(f"dune{i}"), level, height, wave)
        paint_hill(easel, points, ground_colour(easel, scale(sand, 1.0 - 0.04 * i)), far, depth, rim=0.3)
        lee = Path()
        for (x1, y1), (x2, y2) in itertools.pairwise(points):
            if y2 > y1:
                lee.polygon([(x1, y1 + 6), (x2, y2 + 6), (x2 - 30, y2 + 60), (x1 - 46, y1 + 70)])
        easel.sheet(depth, lee.fill(palette.lit(scale(sand, 0.72), far), 60))
    paint_ground(easel, 318, ground_colour(easel, sand), relief=12)
    ripples = Path()
    dice = place.dice("ripples")
    for _ in range(40):
        x, y, w = float(dice.uniform(LEFT, RIGHT)), float(dice.uniform(334, 540)), float(dice.uniform(60, 190))
        ripples.move(x, y).cubic(x + w * 0.3, y - 8, x + w * 0.7, y - 8, x + w, y).cubic(
            x + w * 0.7, y - 3, x + w * 0.3, y - 3, x, y
        ).close()
    easel.sheet(
        1.0,
        ripples.fill(palette.lit(scale(sand, 0.7)), 120),
        pebbles(easel, "stones", 16, (340, 520), scale(sand, 0.6)),
    )
    if place.chance("oasis", 0.4):
        for i in range(3):
            tree = grow(easel, "palm", f"palm{i}", 420.0 + 60 * i)
            tree.translate(place.side("plants") * (480 + 120 * i), 352 + 6 * i)
            easel.sheet(0.95, tree)
    else:
        _paint_cacti(easel)


def _paint_mesa(easel: Easel, rock: Rgb) -> None:
    dice = easel.place.dice("mesa")
    palette = easel.palette
    for i in range(3):
        x, w, h = float(dice.uniform(-1200, 1200)), float(dice.uniform(160, 360)), float(dice.uniform(110, 270))
        top, foot = 90 - h, 130.0
        outline = [
            (x - w * 0.72, foot),
            (x - w * 0.5, 90 - h * 0.35),
            (x - w * 0.42, top + 8),
            (x - w * 0.3, top),
            (x + w * 0.34, top + 4),
            (x + w * 0.42, top + 16),
            (x + w * 0.5, 90 - h * 0.3),
            (x + w * 0.74, foot),
        ]
        side = [
            (x + w * 0.1, top + 2),
            (x + w * 0.34, top + 4),
            (x + w * 0.42, top + 16),
            (x + w * 0.5, 90 - h * 0.3),
            (x + w * 0.74, foot),
            (x + w * 0.16, foot),
        ]
        strata = Path()
        for k in range(3):
            y = top + h * (0.16 + 0.17 * k)
            strata.rect(x - w * 0.41, y, w * 0.82, 6)
        far = 0.8 - 0.08 * i
        easel.sheet(
            0.1,
            Path().polygon(outline).fill(palette.lit(rock, far)),
            strata.fill(palette.lit(scale(rock, 0.8), far), 150),
            Path().polygon(side).fill(palette.lit(scale(rock, 0.62), far), 150),
        )


def _paint_cacti(easel: Easel) -> None:
    dice = easel.place.dice("cacti")
    green = ground_colour(easel, (86, 130, 84)) if easel.weather != "snow" else (150, 180, 160)
    for side in (-1, 1, 1):
        x, y, u = (
            side * float(dice.uniform(430, 900)),
            352 + float(dice.uniform(-8, 14)),
            float(dice.uniform(0.7, 1.25)),
        )
        body, ribs = Path().rounded(x - 28 * u, y - 330 * u, 56 * u, 336 * u, 28 * u), Path()
        for arm, level in ((-1, 190 * u), (1, 140 * u)):
            body.rounded(min(x, x + arm * 96 * u), y - level, 96 * u, 38 * u, 19 * u)
            body.rounded(x + arm * 96 * u - 19 * u, y - level - 96 * u, 38 * u, 134 * u, 19 * u)
        for k in (-12, 2, 14):
            ribs.rect(x + k * u, y - 312 * u, 4 * u, 308 * u)
        easel.sheet(0.95, body.fill(easel.palette.lit(green)), ribs.fill(easel.palette.lit(scale(green, 0.66)), 150))
