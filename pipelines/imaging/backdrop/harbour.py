"""A harbour: quay, boats, a town and the harbour mouth."""

from __future__ import annotations

from pipelines.imaging.backdrop.boat import HULLS, fishing_boat, sailing_boat
from pipelines.imaging.backdrop.easel import BOTTOM, HORIZON, LEFT, RIGHT, Easel
from pipelines.imaging.backdrop.house import draw_house, random_house
from pipelines.imaging.backdrop.motion import Sway
from pipelines.imaging.backdrop.palette import mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, fade_down
from pipelines.imaging.backdrop.shore import GRASS, paint_gulls
from pipelines.imaging.backdrop.sky import paint_sky
from pipelines.imaging.backdrop.terrain import ground_colour, paint_hill, rolling
from pipelines.imaging.backdrop.tower import draw_tower, lamp_level, paint_beam
from pipelines.imaging.backdrop.wash import wash
from pipelines.imaging.backdrop.water import paint_sea


def paint_harbour(easel: Easel) -> None:
    """A quay with moored boats; a town on one side, the harbour mouth with its light on the other."""
    place = easel.place
    side = place.side("town")
    paint_sky(easel)
    stone = ground_colour(easel, place.pick("stone", ((150, 146, 140), (170, 152, 130), (128, 134, 142))))
    _paint_town(easel, side, stone)
    paint_sea(easel, 330, depth=0.5, horizon=HORIZON + 56)
    _paint_mole(easel, -side, stone)
    dice = place.dice("boats")
    for i in range(5):
        length = float(dice.uniform(150, 210)) * (0.8 + 0.16 * i)
        hull = HULLS[int(dice.integers(len(HULLS)))]
        boat = (
            fishing_boat(easel, length, hull, 0.12)
            if dice.uniform() < 0.5
            else sailing_boat(easel, length, hull, 0.12, furled=True)
        )
        easel.sheet(0.55 + 0.05 * i, boat, moving=True)
        spot = (side * (-820.0 + 410 * i) + float(dice.uniform(-60, 60)), HORIZON + 104 + 26 * i)
        easel.move(Sway(boat, spot, degrees=1.6 * easel.wind, reach_y=4, period_s=3.7 + 0.4 * i, phase=0.21 * i))
    _paint_quay(easel, stone)
    paint_gulls(easel, 3)


def _paint_town(easel: Easel, side: int, stone: Rgb) -> None:
    """Houses on a hill that sinks towards the harbour mouth."""
    place = easel.place
    ridge = rolling(place.dice("hill"), -20, 70, 760)
    sunk = [(x, y + max(0.0, 60 - side * x) * 0.3) for x, y in ridge]
    paint_hill(easel, sunk, place.pick("grass", GRASS), 0.62, 0.15)
    dice = place.dice("town")
    row = easel.sheet(0.3)
    x = -180.0
    while x < RIGHT:
        width = float(dice.uniform(110, 170))
        left = x if side > 0 else -x - width
        row.add(draw_house(easel, random_house(easel, dice, left, width, HORIZON + 34), dice, 0.28))
        x += width + float(dice.uniform(2, 24))
    left = -230.0 if side > 0 else LEFT
    wall = Path().rect(left, HORIZON + 30, RIGHT + 230, 34).fill(easel.palette.lit(scale(stone, 0.8), 0.25))
    easel.sheet(0.3, wall)


def _paint_mole(easel: Easel, side: int, stone: Rgb) -> None:
    """A breakwater that comes in from `side`, with a small lighthouse at its head."""
    palette = easel.palette
    head, level, far = side * 470.0, HORIZON + 92, 0.36
    height = easel.place.number("mole light", 300, 360)
    outline = [(side * 1900, level - 34), (head + side * 60, level - 34), (head - side * 60, level - 30)]
    outline += [(head - side * 92, level + 14), (side * 1900, level + 22)]
    light, dark = palette.lit(stone, far), palette.lit(scale(stone, 0.5), far)
    paint_beam(easel, head, lamp_level(level - 30, height), 1300, 0.4)
    easel.sheet(
        0.4,
        Path().polygon(outline).fill(fade_down(level - 34, level + 22, light, dark)),
        draw_tower(easel, head, level - 28, height, far),
    )


def _paint_quay(easel: Easel, stone: Rgb) -> None:
    palette = easel.palette
    light, dark = palette.lit(stone), palette.lit(scale(stone, 0.5))
    joints, bollards, rings = Path(), Path(), Path()
    dice = easel.place.dice("quay")
    for row, y in enumerate((352.0, 404.0, 476.0, 572.0)):
        joints.rect(LEFT, y, RIGHT - LEFT, 3 + row)
        x = LEFT + float(dice.uniform(0, 200))
        while x < RIGHT:
            joints.polygon(
                [(x, y), (x + 3 + row, y), (x * 1.05 + 3 + row, y + 52 + 22 * row), (x * 1.05, y + 52 + 22 * row)]
            )
            x += float(dice.uniform(150, 240)) * (1 + 0.2 * row)
    for x in (-1180.0, -640.0, 560.0, 1120.0):
        bollards.rounded(x - 26, 268, 52, 92, 14).rounded(x - 38, 254, 76, 30, 15)
        rings.ellipse(x, 360, 54, 11)
    easel.sheet(
        1.0,
        Path().rect(LEFT, 312, RIGHT - LEFT, 30).fill(palette.lit(mix(stone, (255, 250, 236), 0.25))),
        wash(340, 560, light, palette.lit(scale(stone, 0.72)), dark, reach_down=BOTTOM - 560),
        joints.fill(dark, 110),
        rings.fill(dark, 130),
        bollards.fill(palette.lit((66, 68, 76))),
    )
    _paint_cargo(easel)


def _paint_cargo(easel: Easel) -> None:
    side = easel.place.side("cargo")
    palette = easel.palette
    wood = easel.place.pick("crates", ((176, 132, 84), (150, 116, 88), (188, 150, 98)))
    boxes, slats = Path(), Path()
    for x, y, size in ((760.0, 372.0, 130.0), (900.0, 376.0, 150.0), (820.0, 244.0, 110.0)):
        left = side * x - size / 2
        boxes.rect(left, y - size, size, size)
        for i in range(4):
            slats.rect(left, y - size + size * i / 3.3, size, 5)
        slats.rect(left, y - size, 9, size).rect(left + size - 9, y - size, 9, size)
    barrel = Path().rounded(side * 610 - 52, 252, 104, 124, 22)
    hoops = Path().rect(side * 610 - 53, 276, 106, 9).rect(side * 610 - 53, 340, 106, 9)
    easel.sheet(
        1.0,
        boxes.fill(palette.lit(wood)),
        slats.fill(palette.lit(scale(wood, 0.66))),
        barrel.fill(palette.lit((136, 92, 64))),
        hoops.fill(palette.lit((76, 74, 80))),
    )
