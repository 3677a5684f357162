"""Places by the sea: coast, lighthouse and open sea."""

from __future__ import annotations

import itertools

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.boat import HULLS, sailing_boat
from pipelines.imaging.backdrop.easel import BOTTOM, HORIZON, LEFT, RIGHT, Easel
from pipelines.imaging.backdrop.gallery import is_gallery, paint_gallery
from pipelines.imaging.backdrop.house import House, draw_house
from pipelines.imaging.backdrop.motion import Sway
from pipelines.imaging.backdrop.palette import mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, fade_down, group
from pipelines.imaging.backdrop.sky import paint_sky
from pipelines.imaging.backdrop.terrain import (
    ground_colour,
    paint_front_grass,
    paint_ground,
    pebbles,
    rocks,
    tufts,
)
from pipelines.imaging.backdrop.tower import draw_tower, lamp_level, paint_beam
from pipelines.imaging.backdrop.wash import wash
from pipelines.imaging.backdrop.water import paint_sea, paint_surf

SAND: tuple[Rgb, ...] = ((226, 198, 150), (206, 184, 156), (232, 208, 172), (188, 172, 158))
CLIFF: tuple[Rgb, ...] = ((136, 122, 112), (160, 126, 100), (112, 118, 124), (176, 152, 128))
GRASS: tuple[Rgb, ...] = ((112, 146, 78), (134, 150, 84), (92, 134, 92), (150, 152, 92))


def paint_coast(easel: Easel) -> None:
    """A beach below a headland."""
    place = easel.place
    paint_sky(easel)
    paint_headland(easel, place.side("headland"), far=0.8, depth=0.15, reach=0.8)
    paint_sea(easel, 300)
    _paint_sail(easel, "sail", 0.35)
    paint_headland(easel, -place.side("headland"), far=0.42, depth=0.4, reach=1.0)
    sand = ground_colour(easel, place.pick("sand", SAND))
    paint_surf(easel, 268, sand)
    paint_ground(easel, 292, sand, relief=9)
    dice = place.dice("boulders")
    side = place.side("boulders")
    spots = [
        (
            side * float(dice.uniform(420, 900)),
            float(dice.uniform(310, 372)),
            float(dice.uniform(110, 260)),
            float(dice.uniform(60, 150)),
        )
        for _ in range(4)
    ]
    spots.sort(key=lambda spot: spot[1])
    sheet = easel.sheet(1.0, pebbles(easel, "pebbles", 46, (320, 520), scale(sand, 0.8)))
    sheet.add(rocks(easel, "boulder shapes", spots, ground_colour(easel, place.pick("cliff", CLIFF))))
    _add_driftwood(easel, -side * float(dice.uniform(380, 640)), 352)
    paint_gulls(easel)
    paint_front_grass(easel, place.pick("grass", GRASS))


def _add_driftwood(easel: Easel, x: float, y: float) -> None:
    wood = easel.palette.lit(ground_colour(easel, (150, 130, 112)))
    log = Path().move(x - 150, y + 6).cubic(x - 60, y - 26, x + 60, y - 12, x + 150, y - 20).line(x + 156, y - 4)
    log.cubic(x + 60, y + 10, x - 60, y + 12, x - 150, y + 18).close()
    twig = Path().polyline([(x + 40, y - 14), (x + 84, y - 64)]).polyline([(x + 66, y - 44), (x + 104, y - 58)])
    easel.sheet(
        1.0,
        Path().ellipse(x, y + 16, 170, 12).fill(easel.palette.lit((70, 62, 60)), 90),
        log.fill(wood),
        twig.stroke(wood, 9),
    )


def paint_headland(easel: Easel, side: int, far: float, depth: float, reach: float) -> None:
    """A cliff with a grassy top that comes in from one side and drops to the water."""
    place, palette = easel.place, easel.palette
    dice = place.dice(f"headland{side}")
    cliff, grass = place.pick("cliff", CLIFF), ground_colour(easel, place.pick("grass", GRASS))
    tip = 560 - 420 * reach * float(dice.uniform(0.5, 1.0))
    height = float(dice.uniform(170, 300)) * (1.3 - far * 0.6)
    top = [(side * 1900.0, HORIZON - height * 1.25)]
    for i in range(6):
        share = i / 5
        top.append(
            (
                side * (1500 + (tip - 1500) * share),
                HORIZON - height * (1.1 - 0.5 * share**2) + float(dice.uniform(-14, 14)),
            )
        )
    foot = [
        (side * (tip - 36), HORIZON - height * 0.22),
        (side * (tip - 70), HORIZON + 34 - 22 * far),
        (side * 1900.0, HORIZON + 60 - 40 * far),
    ]
    wall, low = palette.lit(cliff, far), palette.lit(scale(cliff, 0.66), far)
    sheet = easel.sheet(depth, Path().polygon([*top, *foot]).fill(fade_down(HORIZON - height, HORIZON + 30, wall, low)))
    cracks = Path()
    for _ in range(9):
        x = side * float(dice.uniform(tip, 1400))
        y = HORIZON - height * float(dice.uniform(0.25, 0.7))
        cracks.polygon([(x, y), (x + 16, y + 8), (x + 10 * side, y + height * 0.34), (x - 6, y + height * 0.3)])
    sheet.add(cracks.fill(low, 120))
    turf = [(x, y + 18 + 10 * (i % 2)) for i, (x, y) in enumerate(top)]
    sheet.add(Path().polygon([*top, *reversed(turf)]).fill(palette.lit(grass, far)))


def _paint_sail(easel: Easel, part: str, depth: float) -> None:
    dice = easel.place.dice(part)
    if dice.uniform() < 0.4 or easel.weather == "storm":
        return
    x = float(dice.uniform(-500, 500))
    boat = sailing_boat(easel, float(dice.uniform(70, 110)), HULLS[int(dice.integers(len(HULLS)))], far=0.55)
    easel.sheet(depth, boat, moving=True)
    easel.move(Sway(boat, (x, HORIZON + 34), degrees=2.0, reach_y=2.5, period_s=4.1))


def paint_gulls(easel: Easel, count: int = 4) -> None:
    """Gulls gliding in front of the sky, in fair weather by day."""
    if easel.wet or easel.time_of_day == "night" or easel.weather == "fog":
        return
    dice = easel.place.dice("gulls")
    for i in range(count):
        size = float(dice.uniform(14, 30))
        wings = Path().move(-size * 1.6, -size * 0.3).cubic(-size, -size, -size * 0.4, -size * 0.5, 0, 0)
        wings.cubic(size * 0.4, -size * 0.5, size, -size, size * 1.6, -size * 0.3)
        wings.cubic(size, -size * 0.7, size * 0.4, -size * 0.2, 0, size * 0.22).cubic(
            -size * 0.4, -size * 0.2, -size, -size * 0.7, -size * 1.6, -size * 0.3
        ).close()
        gull = wings.fill(easel.palette.lit((250, 250, 250) if i % 2 else (90, 96, 108), 0.2))
        perch = (float(dice.uniform(-700, 700)), float(dice.uniform(-330, -90)))
        easel.sheet(0.3, gull, moving=True)
        easel.move(Sway(gull, perch, degrees=9, reach_x=70, reach_y=22, period_s=9 + 2.0 * i, phase=0.23 * i))


def paint_lighthouse(easel: Easel) -> None:
    """The tower seen from its rock, with the keeper's cottage; or the walk at its lamp, when the name says so."""
    place = easel.place
    if is_gallery(place.name):
        paint_gallery(easel)
        return
    side = place.side("tower")
    paint_sky(easel)
    paint_headland(easel, -side, far=0.85, depth=0.12, reach=0.6)
    paint_sea(easel, 360)
    _paint_sail(easel, "sail", 0.35)
    grass = ground_colour(easel, place.pick("grass", GRASS))
    rock = ground_colour(easel, place.pick("cliff", CLIFF))
    x, foot, height = side * place.number("tower.x", 330, 430), 262.0, place.number("tower.height", 630, 690)
    paint_beam(easel, x, lamp_level(foot, height), 1500, 0.8)
    knoll = _knoll(easel, side)
    easel.sheet(
        0.8,
        Path()
        .ridge(knoll, 420)
        .fill(fade_down(200, 420, easel.palette.lit(grass, 0.1), easel.palette.lit(scale(grass, 0.7), 0.05))),
        draw_tower(easel, x, foot, height, 0.04),
        _cottage(easel, x + side * 300 if place.chance("cottage far", 0.5) else x - side * 290, 300),
    )
    shoulder = [
        (-side * float(a), float(b), float(c), float(d))
        for a, b, c, d in place.dice("shoulder").uniform((500, 330, 150, 70), (1100, 372, 330, 170), (4, 4))
    ]
    easel.sheet(0.85, rocks(easel, "shoulder shapes", sorted(shoulder, key=lambda spot: spot[1]), rock, 0.06))
    paint_ground(easel, 322, mix(grass, rock, 0.3), relief=10)
    path = [(x - 34, 318.0), (x + 30, 318.0), (-side * 60 + 210, 560.0), (-side * 60 - 190, 560.0)]
    easel.sheet(
        1.0, Path().polygon(path).fill(easel.palette.lit(mix(ground_colour(easel, (214, 196, 164)), grass, 0.15)), 210)
    )
    easel.sheet(
        1.0,
        pebbles(easel, "pebbles", 40, (340, 520), scale(rock, 0.95)),
        tufts(easel, "tufts", 120, (330, 520), easel.palette.lit(scale(grass, 0.72))),
    )
    _paint_fence(easel, -side)
    paint_gulls(easel)
    paint_front_grass(easel, grass)


def _knoll(easel: Easel, side: int) -> list[tuple[float, float]]:
    dice = easel.place.dice("knoll")
    heights = (372, 350, 318, 284, 262, 256, 258, 270, 292, 300)
    points = [(-900.0 + 2700 * i / 9, level + float(dice.uniform(-6, 6))) for i, level in enumerate(heights)]
    return points if side > 0 else [(-x, y) for x, y in reversed(points)]


def _cottage(easel: Easel, x: float, foot: float) -> Scene:
    place = easel.place
    house = House(
        x=x - 105, width=210, height=112, foot=foot, wall=(236, 228, 212),
        roof=place.pick("roof", ((150, 72, 58), (92, 98, 116), (110, 88, 70))),
        gable=place.chance("gable", 0.5), floors=1, columns=3, chimney=True,
    )  # fmt: skip
    return draw_house(easel, house, place.dice("cottage"), 0.04)


def _paint_fence(easel: Easel, side: int) -> None:
    posts, rope = Path(), Path()
    levels = []
    for i in range(6):
        x, y = side * (330.0 + 190 * i), 330.0 + 9 * i
        posts.polygon([(x - 7, y + 26), (x - 6, y - 56), (x + 6, y - 56), (x + 7, y + 26)])
        levels.append((x, y - 44))
    for (x1, y1), (x2, y2) in itertools.pairwise(levels):
        rope.move(x1, y1).cubic(x1 + (x2 - x1) / 3, y1 + 24, x1 + 2 * (x2 - x1) / 3, y1 + 26, x2, y2)
    wood = easel.palette.lit((120, 98, 80))
    easel.sheet(1.0, rope.stroke(easel.palette.lit((190, 170, 136)), 5), posts.fill(wood))


def paint_open_sea(easel: Easel) -> None:
    """The deck of a boat on the open sea."""
    place, palette = easel.place, easel.palette
    paint_sky(easel)
    if place.chance("island", 0.6):
        paint_headland(easel, place.side("headland"), far=0.9, depth=0.1, reach=0.3)
    paint_sea(easel, 420)
    _paint_sail(easel, "far sail", 0.35)
    wood = ground_colour(easel, place.pick("deck", ((176, 136, 92), (150, 118, 88), (190, 160, 120))))
    deck = wash(340, 560, palette.lit(wood), palette.lit(scale(wood, 0.6)), reach_down=BOTTOM - 560)
    seams, rails = Path(), Path()
    for i in range(-12, 13):
        seams.polygon([(i * 120, 342), (i * 120 + 4, 342), (i * 190 + 6, 800), (i * 190, 800)])
    for i in range(-9, 10):
        rails.rounded(i * 190 - 8, 196, 16, 150, 6)
    hull = place.pick("hull", HULLS)
    easel.sheet(
        1.0,
        deck,
        seams.fill(palette.lit(scale(wood, 0.5)), 130),
        Path().rect(LEFT, 318, RIGHT - LEFT, 28).fill(palette.lit(hull)),
        rails.fill(palette.lit((232, 222, 204))),
        Path().rounded(LEFT, 178, RIGHT - LEFT, 24, 10).fill(palette.lit(scale(wood, 1.12))),
    )
    _paint_rigging(easel, place.side("mast"))
    paint_gulls(easel, 3)


def _paint_rigging(easel: Easel, side: int) -> None:
    palette = easel.palette
    x = side * 560.0
    mast = Path().polygon([(x - 24, 352), (x - 16, -800), (x + 16, -800), (x + 24, 352)])
    shrouds = Path()
    for i in range(4):
        shrouds.polyline([(x + side * (160 + 70 * i), 190), (x + side * 8, -700)])
    for i in range(8):
        y = 130.0 - 80 * i
        share = (190 - y) / 890
        shrouds.polyline([(x + side * (160 - 152 * share), y), (x + side * (370 - 362 * share), y)])
    easel.sheet(
        1.0,
        shrouds.stroke(palette.lit((84, 72, 64)), 4),
        mast.fill(palette.lit((128, 94, 66))),
        Path()
        .polygon([(x - side * 20, 352), (x - side * 14, -800), (x - side * 3, -800), (x - side * 6, 352)])
        .fill(palette.lit((166, 126, 88))),
    )
    ring = group(Path().ellipse(0, 0, 58, 58).ellipse(0, 0, 34, 34).fill(palette.lit((236, 228, 214)), even_odd=True))
    quarters = Path()
    for a in (20, 110, 200, 290):
        quarters.arc(0, 0, 46, a, a + 40)
    ring.add(quarters.stroke(palette.lit((196, 62, 54)), 24))
    ring.translate(-side * 480, 270)
    easel.sheet(1.0, ring)
    pennant = (
        Path()
        .move(0, 0)
        .cubic(40, -14, 80, 16, 130, 2)
        .line(126, 34)
        .cubic(80, 46, 40, 20, 0, 40)
        .close()
        .fill(palette.lit((206, 66, 56)))
    )
    easel.sheet(1.0, pennant, moving=True)
    easel.move(Sway(pennant, (x + 16, -460.0), degrees=6 * easel.wind, period_s=1.6))
