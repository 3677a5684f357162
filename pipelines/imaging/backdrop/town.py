"""Places in town: a street and a rooftop."""

from __future__ import annotations

import numpy as np
from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.easel import BOTTOM, LEFT, RIGHT, Easel
from pipelines.imaging.backdrop.house import ROOFS, draw_house, random_house
from pipelines.imaging.backdrop.motion import Pulse, Sway
from pipelines.imaging.backdrop.palette import LAMP, mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, fade_across, halo
from pipelines.imaging.backdrop.sky import paint_sky
from pipelines.imaging.backdrop.terrain import ground_colour
from pipelines.imaging.backdrop.trees import grow
from pipelines.imaging.backdrop.wash import wash


def paint_street(easel: Easel) -> None:
    """House fronts along a pavement, a street lamp, and the town rising behind."""
    place, _palette = easel.place, easel.palette
    paint_sky(easel)
    paint_skyline(easel, 0.85, 0.12, 60.0, 300.0)
    paint_skyline(easel, 0.6, 0.22, 130.0, 240.0)
    dice = place.dice("fronts")
    gap = place.number("gap", -300, 300)
    row = easel.sheet(0.7)
    x = LEFT
    while x < RIGHT:
        width = float(dice.uniform(270, 400))
        if abs(x + width / 2 - gap) > 260:
            house = random_house(easel, dice, x, width, 308, tall=1.25)
            row.add(draw_house(easel, house, dice, 0.10))
            if dice.uniform() < 0.5:
                _add_awning(easel, row, x + width * 0.1, width * 0.8, dice)
        x += width + float(dice.uniform(0, 10))
    kind = place.pick("tree", ("oak", "birch"))
    tree = grow(easel, kind, "street tree", 430, 0.1)
    tree.translate(gap, 312)
    easel.sheet(0.7, tree)
    _paint_pavement(easel)
    side = place.side("lamp")
    for lamp_x in (side * 520.0, side * -1000.0):
        _paint_lamp_post(easel, lamp_x)
    _paint_bench(easel, -side * 560)


def paint_skyline(easel: Easel, far: float, depth: float, level: float, height: float) -> None:
    """Roofs and towers in the haze with a few lit windows."""
    dice = easel.place.dice(f"skyline{far}")
    palette = easel.palette
    roofs, panes = Path(), Path()
    x = LEFT - 100
    while x < RIGHT + 100:
        width, tall = float(dice.uniform(70, 170)), height * float(dice.uniform(0.35, 1.0))
        top = level - tall
        kind = int(dice.integers(5))
        roofs.rect(x, top, width, tall + 120)
        if kind == 0:
            roofs.polygon([(x + width * 0.2, top), (x + width * 0.5, top - tall * 0.8), (x + width * 0.8, top)])
        elif kind < 4:
            roofs.polygon([(x - 5, top), (x + width * 0.5, top - width * 0.42), (x + width + 5, top)])
            roofs.rect(x + width * 0.66, top - width * 0.42, width * 0.12, width * 0.4)
        for row in range(int(tall // 46)):
            for column in range(int(width // 36)):
                if dice.uniform() < 0.30:
                    panes.rect(x + 12 + column * 34, top + 16 + row * 44, 12, 18)
        x += width
    colour = (
        ground_colour(easel, easel.place.pick("skyline", ((120, 110, 124), (134, 112, 104), (104, 116, 128))))
        if easel.weather != "snow"
        else (150, 154, 166)
    )
    window = (
        mix(palette.glow(LAMP), palette.air(), 0.4 * far) if palette.lamps else palette.lit(scale(colour, 0.8), far)
    )
    foot = Path().rect(LEFT - 100, level - 4, RIGHT - LEFT + 200, 320).fill(palette.lit(colour, far))
    easel.sheet(depth, foot, roofs.fill(palette.lit(colour, far)), panes.fill(window))


def _add_awning(easel: Easel, row: Scene, x: float, width: float, dice: np.random.Generator) -> None:
    lit = easel.palette.lit
    stripes = ((196, 74, 62), (70, 118, 110), (64, 92, 140), (214, 156, 70))
    colour = stripes[int(dice.integers(4))]
    plain, dyed, scallops = Path(), Path(), Path()
    count = 8
    for i in range(count):
        left, right = x + width * i / count, x + width * (i + 1) / count
        spread = 1.12
        low_left, low_right = (
            x + width / 2 + (left - x - width / 2) * spread,
            x + width / 2 + (right - x - width / 2) * spread,
        )
        (plain if i % 2 else dyed).polygon([(left, 150), (right, 150), (low_right, 200), (low_left, 200)]).ellipse(
            (low_left + low_right) / 2, 200, (low_right - low_left) / 2, 11
        )
    scallops.rect(x, 146, width, 8)
    row.add(Path().rect(x, 196, width, 40).fill((10, 8, 20), 60))
    row.add(plain.fill(lit((242, 234, 216), 0.1)))
    row.add(dyed.fill(lit(colour, 0.1)))
    row.add(scallops.fill(lit(scale(colour, 0.7), 0.1)))


def _paint_pavement(easel: Easel) -> None:
    place, palette = easel.place, easel.palette
    stone = ground_colour(easel, place.pick("paving", ((168, 156, 146), (150, 150, 156), (176, 158, 134))))
    slabs = Path()
    for i in range(-14, 15):
        slabs.polygon([(i * 130, 318), (i * 130 + 4, 318), (i * 168 + 6, 430), (i * 168, 430)])
    slabs.rect(LEFT, 360, RIGHT - LEFT, 3)
    easel.sheet(
        1.0,
        wash(304, 432, palette.lit(mix(stone, (255, 250, 240), 0.12), 0.1), palette.lit(stone)),
        slabs.fill(palette.lit(scale(stone, 0.66)), 120),
        Path().rect(LEFT, 428, RIGHT - LEFT, 26).fill(palette.lit(scale(stone, 0.74))),
        wash(452, 580, palette.lit(scale(stone, 0.56)), palette.lit(scale(stone, 0.36)), reach_down=BOTTOM - 580),
    )
    if easel.wet:
        _paint_puddles(easel)


def _paint_puddles(easel: Easel) -> None:
    dice = easel.place.dice("puddles")
    path, shine = Path(), Path()
    for _ in range(7):
        x, y, w = float(dice.uniform(-1200, 1200)), float(dice.uniform(398, 500)), float(dice.uniform(60, 150))
        path.ellipse(x, y, w, w * 0.13)
        shine.ellipse(x - w * 0.2, y - 2, w * 0.5, w * 0.04)
    easel.sheet(
        1.0,
        path.fill(easel.palette.sky[2], 120),
        shine.fill(easel.palette.glow(LAMP) if easel.palette.lamps else easel.palette.sky[3], 130),
    )


def _paint_lamp_post(easel: Easel, x: float) -> None:
    palette = easel.palette
    iron = palette.lit((54, 60, 66))
    post = Path().rounded(x - 22, 336, 44, 40, 8).polygon([(x - 11, 340), (x - 7, -70), (x + 7, -70), (x + 11, 340)])
    post.rounded(x - 46, -76, 92, 9, 4).polygon([(x - 44, -164), (x, -204), (x + 44, -164)]).ellipse(
        x, -208, 8, 8
    ).ellipse(x, 150, 14, 9)
    glass = palette.glow((255, 226, 150)) if palette.lamps else palette.lit((214, 226, 226))
    easel.sheet(
        1.0, Path().polygon([(x - 38, -164), (x + 38, -164), (x + 24, -74), (x - 24, -74)]).fill(glass), post.fill(iron)
    )
    if palette.lamps:
        glow = halo((x, -120), 230, palette.glow(LAMP), 170)
        easel.sheet(1.0, glow, moving=True)
        easel.move(Pulse(glow, 0.8, 1.0, period_s=2.1, flicker=True))
        pool = Path().ellipse(x, 392, 300, 30).fill(palette.glow(LAMP), 46)
        easel.sheet(1.0, pool)


def _paint_bench(easel: Easel, x: float) -> None:
    lit = easel.palette.lit
    slats, iron = Path(), Path()
    for y in (232, 256, 280, 314):
        slats.rounded(x - 150, y, 300, 15, 5)
    for end in (-120, 112):
        iron.rect(x + end, 226, 8, 146).rect(x + end - 20, 312, 40, 8)
    easel.sheet(1.0, iron.fill(lit((58, 62, 68))), slats.fill(lit((150, 108, 74))))


def paint_rooftop(easel: Easel) -> None:
    """A flat roof above the town."""
    place, palette = easel.place, easel.palette
    paint_sky(easel)
    paint_skyline(easel, 0.9, 0.08, 110.0, 260.0)
    paint_skyline(easel, 0.66, 0.16, 210.0, 250.0)
    paint_skyline(easel, 0.4, 0.3, 330.0, 230.0)
    roof = ground_colour(easel, place.pick("deck", ((142, 128, 122), (126, 130, 138), (160, 132, 110))))
    parapet = place.pick("brick", ((172, 104, 84), (150, 120, 104), (120, 124, 132)))
    seams = Path()
    for i in range(-12, 13):
        seams.polygon([(i * 170, 330), (i * 170 + 4, 330), (i * 250 + 6, 800), (i * 250, 800)])
    bricks = Path()
    for row in range(4):
        bricks.rect(LEFT, 232 + row * 24, RIGHT - LEFT, 3)
        for i in range(-27, 28):
            bricks.rect(i * 64 + 32 * (row % 2), 232 + row * 24, 3, 24)
    easel.sheet(
        1.0,
        Path().rect(LEFT, 226, RIGHT - LEFT, 106).fill(palette.lit(parapet)),
        bricks.fill(palette.lit(scale(parapet, 0.7)), 140),
        Path().rect(LEFT, 208, RIGHT - LEFT, 26).fill(palette.lit(mix(parapet, (235, 230, 220), 0.5))),
        wash(326, 560, palette.lit(roof), palette.lit(scale(roof, 0.56)), reach_down=BOTTOM - 560),
        seams.fill(palette.lit(scale(roof, 0.6)), 130),
    )
    side = place.side("stairs")
    _paint_stairhead(easel, side * 700.0, parapet)
    _paint_tank(easel, -side * 680.0)
    _paint_laundry(easel, side)
    if easel.wet:
        _paint_puddles(easel)


def _paint_stairhead(easel: Easel, x: float, wall: Rgb) -> None:
    palette = easel.palette
    body, shade = palette.lit(mix(wall, (230, 220, 205), 0.25)), palette.lit(scale(wall, 0.62))
    easel.sheet(
        1.0,
        Path().rect(x - 190, -70, 380, 424).fill(fade_across(x - 190, x + 190, body, body, shade)),
        Path().polygon([(x - 216, -66), (x - 196, -112), (x + 196, -112), (x + 216, -66)]).fill(palette.lit(ROOFS[1])),
        Path().rounded(x - 86, 10, 172, 346, 10).fill(shade),
        Path().rounded(x - 74, 22, 148, 334, 8).fill(palette.lit((84, 106, 112))),
        Path().rect(x - 46, 56, 92, 84).fill(palette.glow(LAMP) if palette.lamps else palette.lit((120, 148, 160))),
        Path().ellipse(x + 52, 200, 8, 8).fill(palette.lit((226, 200, 130))),
    )
    if palette.lamps:
        glow = halo((x, 98), 200, palette.glow(LAMP), 110)
        easel.sheet(1.0, glow, moving=True)
        easel.move(Pulse(glow, 0.8, 1.0, period_s=2.6, flicker=True))


def _paint_tank(easel: Easel, x: float) -> None:
    lit = easel.palette.lit
    legs = Path()
    for offset in (-110, -4, 102):
        legs.polygon([(x + offset - 6, 350), (x + offset, 60), (x + offset + 10, 60), (x + offset + 16, 350)])
    legs.polygon([(x - 108, 210), (x + 110, 120), (x + 110, 130), (x - 108, 220)])
    wood = easel.place.pick("tank", ((150, 110, 80), (120, 118, 120), (164, 126, 92)))
    staves, hoops = Path(), Path()
    for i in range(9):
        staves.rect(x - 140 + 34 * i, -190, 4, 256)
    for y in (-150, -60, 24):
        hoops.rect(x - 143, y, 286, 9)
    roof = Path().polygon([(x - 160, -186), (x, -282), (x + 160, -186)]).fill(lit((92, 84, 84)))
    body = (
        Path()
        .rounded(x - 140, -190, 280, 258, 10)
        .fill(fade_across(x - 140, x + 140, lit(wood), lit(scale(wood, 1.1)), lit(scale(wood, 0.55))))
    )
    easel.sheet(
        1.0,
        legs.fill(lit((74, 66, 64))),
        body,
        staves.fill(lit(scale(wood, 0.6)), 150),
        hoops.fill(lit((70, 68, 72))),
        roof,
    )


def _paint_laundry(easel: Easel, side: int) -> None:
    """Washing on a line, in dry weather."""
    if easel.wet or not easel.place.chance("laundry", 0.7):
        return
    lit = easel.palette.lit
    line = Path().move(side * 500, -30).cubic(side * 250, 30, -side * 250, 30, -side * 530, -60)
    easel.sheet(0.9, line.stroke(lit((80, 76, 80)), 3))
    colours: tuple[Rgb, ...] = ((240, 236, 226), (204, 96, 84), (120, 160, 186), (238, 202, 120))
    for i, colour in enumerate(colours):
        wide = 64 + 14 * (i % 2)
        cloth = Path().move(-wide / 2, 0).line(wide / 2, 0).cubic(wide / 2 + 6, 50, wide / 2 - 8, 80, wide / 2, 118)
        sheet = (
            cloth.cubic(10, 126, -10, 110, -wide / 2, 118)
            .cubic(-wide / 2 - 8, 80, -wide / 2 + 6, 40, -wide / 2, 0)
            .close()
            .fill(lit(colour))
        )
        easel.sheet(0.9, sheet, moving=True)
        easel.move(
            Sway(
                sheet,
                (side * (330 - 190 * i), 2.0 - 9 * abs(i - 1.2)),
                degrees=5 * easel.wind,
                period_s=2.4 + 0.2 * i,
                phase=0.17 * i,
            )
        )
