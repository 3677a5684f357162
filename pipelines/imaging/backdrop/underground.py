"""Places below ground: cellar and cave."""

from __future__ import annotations

from pipelines.imaging.backdrop.chamber import FLOOR, paint_floor, paint_hanging_lamp, paint_lantern, paint_wall
from pipelines.imaging.backdrop.easel import BOTTOM, LEFT, RIGHT, TOP, Easel
from pipelines.imaging.backdrop.furniture import WOODS, shadow
from pipelines.imaging.backdrop.motion import Drift, Pulse
from pipelines.imaging.backdrop.palette import Palette, mix, scale
from pipelines.imaging.backdrop.pen import Path, Point, Rgb, group, halo
from pipelines.imaging.backdrop.terrain import rock as boulder
from pipelines.imaging.backdrop.wash import wash
from pipelines.imaging.backdrop.window import Window, paint_window


def paint_cellar(easel: Easel) -> None:
    """A vaulted cellar: stone, barrels, a stair, a small window high up."""
    place = easel.place
    light = easel.palette.underground()
    stone = place.pick("stone", ((150, 140, 130), (134, 140, 146), (164, 138, 118)))
    side = place.side("stair")
    paint_wall(easel, light, stone, place.pick("pattern", ("stones", "bricks")))
    paint_window(easel, light, Window(x=-side * 450, top=-290, width=230, height=120, columns=4, rows=1))
    _paint_vaults(easel, light, scale(stone, 0.7))
    _paint_stair(easel, light, side * 620, stone)
    paint_floor(easel, light, scale(stone, 0.8), "flags")
    wood = place.pick("wood", WOODS)
    _paint_barrels(easel, light, -side * 640, wood)
    _paint_rack(easel, light, side * 1180, wood)
    _paint_rack(easel, light, -side * 1240, wood)
    paint_lantern(easel, light, -side * 400, FLOOR + 60, 1.1, always=True)
    paint_hanging_lamp(easel, light, side * 120, -300, (90, 84, 78))


def _paint_vaults(easel: Easel, light: Palette, stone: Rgb) -> None:
    arches = Path()
    for i in range(-2, 2):
        left, right = i * 900 + 40, i * 900 + 860
        arches.move(left - 80, TOP).line(left - 80, -60).line(left, -60).cubic(
            left + 30, -420, right - 30, -420, right, -60
        ).line(right + 80, -60).line(right + 80, TOP).close()
    piers = Path()
    for i in range(-2, 3):
        piers.rect(i * 900 - 40, -64, 80, FLOOR + 80)
    easel.sheet(
        0.92,
        piers.fill(light.lit(scale(stone, 0.9))),
        arches.fill(light.lit(stone)),
        *(Path().rounded(i * 900 - 56, -84, 112, 30, 6).fill(light.lit(scale(stone, 1.25))) for i in range(-2, 3)),
    )


def _paint_stair(easel: Easel, light: Palette, x: float, stone: Rgb) -> None:
    side = 1 if x > 0 else -1
    treads, risers = Path(), Path()
    for i in range(8):
        left = x + side * (60 * i - 160)
        top = FLOOR + 20 - 62 * (i + 1)
        risers.polygon([(left, top), (left + side * 900, top), (left + side * 900, FLOOR + 24), (left, FLOOR + 24)])
        treads.polygon(
            [(left - side * 8, top), (left + side * 64, top), (left + side * 64, top + 12), (left - side * 8, top + 12)]
        )
    easel.sheet(0.93, risers.fill(light.lit(scale(stone, 0.62))), treads.fill(light.lit(scale(stone, 1.1))))


def _paint_barrels(easel: Easel, light: Palette, x: float, wood: Rgb) -> None:
    easel.sheet(0.97, shadow(x, FLOOR + 50, 260))
    for at, level, r in ((x - 130, FLOOR + 46, 112.0), (x + 110, FLOOR + 46, 112.0), (x - 10, FLOOR - 150, 106.0)):
        cy = level - r
        staves, hoops = Path(), Path().ellipse(at, cy, r, r).ellipse(at, cy, r * 0.9, r * 0.9)
        for i in range(-3, 4):
            staves.rect(
                at + i * r * 0.25 - 2,
                cy - r * 0.86 * (1 - 0.09 * i * i) ** 0.5,
                4,
                1.72 * r * (1 - 0.09 * i * i) ** 0.5,
            )
        easel.sheet(
            0.97,
            Path().ellipse(at, cy, r, r).fill(light.lit(scale(wood, 1.1))),
            staves.fill(light.lit(scale(wood, 0.6)), 170),
            hoops.fill(light.lit((86, 82, 84)), even_odd=True),
            Path().ellipse(at, cy + r * 0.55, r * 0.09, r * 0.09).fill(light.lit((60, 44, 36))),
        )


def _paint_rack(easel: Easel, light: Palette, x: float, wood: Rgb) -> None:
    frame, glass, caps = Path(), Path(), Path()
    for row in range(4):
        y = -150.0 + 120 * row
        frame.rect(x - 200, y, 400, 14)
        for i in range(6):
            glass.ellipse(x - 165 + 66 * i, y - 26, 25, 25)
            caps.ellipse(x - 165 + 66 * i, y - 26, 9, 9)
    frame.rect(x - 206, -220, 16, 560).rect(x + 190, -220, 16, 560)
    easel.sheet(
        0.95, frame.fill(light.lit(wood)), glass.fill(light.lit((58, 84, 70))), caps.fill(light.lit((150, 60, 54)))
    )


def paint_cave(easel: Easel) -> None:
    """A cave with its mouth open to the hour and the weather outside."""
    place = easel.place
    light = easel.palette.underground()
    rock = place.pick("rock", ((112, 104, 116), (122, 106, 92), (92, 108, 116), (110, 96, 100)))
    side = place.side("mouth")
    x = side * place.number("mouth.x", 120, 380)
    easel.sheet(
        0.7,
        wash(
            -540, FLOOR, light.lit(scale(rock, 0.42)), light.lit(scale(rock, 0.6)), reach_up=-540 - TOP, reach_down=200
        ),
    )
    window = Window(x=x, top=-330, width=560, height=640, framed=False)
    _paint_mouth(easel, light, window, rock)
    _paint_facets(easel, light, rock)
    _paint_folds(easel, light, rock)
    dark = light.lit(scale(rock, 0.34))
    easel.sheet(
        1.0,
        wash(FLOOR + 6, 570, light.lit(scale(rock, 1.06)), light.lit(scale(rock, 0.7)), dark, reach_down=BOTTOM - 570),
    )
    _paint_floor_marks(easel, light, rock)
    _paint_crystals(easel, light, -side * 640)
    paint_lantern(easel, light, -side * 330, FLOOR + 56, 1.0, always=True)
    easel.sheet(1.25, _spikes(easel, "front", -560, 1, 190, 7).fill(light.lit(scale(rock, 0.22))), front=True)
    _paint_drip(easel, side * -90)


def _paint_mouth(easel: Easel, light: Palette, window: Window, rock: Rgb) -> None:
    """The outdoors framed by a ragged ring of rock."""
    paint_window(easel, light, window, depth=0.6)
    dice = easel.place.dice("mouth")
    hole: list[Point] = []
    for i in range(14):
        share = i / 13
        jut = float(dice.uniform(-34, 26))
        edge = 4 * (share - 0.5) ** 2
        hole.append((window.left + 30 + (window.width - 60) * share, window.top + 60 + jut + 240 * edge**1.5))
    left, right = LEFT, RIGHT
    frame = [
        (left, FLOOR + 60),
        (left, TOP),
        (right, TOP),
        (right, FLOOR + 60),
        (window.left + window.width - 30, FLOOR + 60),
        *reversed(hole),
        (window.left + 30, FLOOR + 60),
    ]
    inner = [(px, py - 34) for px, py in hole]
    rim = mix(light.lit(scale(rock, 1.1)), easel.palette.glow(easel.palette.key), 0.35)
    easel.sheet(0.62, Path().polygon(frame).fill(light.lit(scale(rock, 0.62))))
    easel.sheet(0.62, Path().polygon([*hole, *reversed(inner)]).fill(rim, 190))


def _spikes(easel: Easel, part: str, level: float, way: int, length: float, count: int) -> Path:
    dice = easel.place.dice(f"spikes.{part}")
    path = Path().rect(LEFT, min(level, level - 400 * way), RIGHT - LEFT, 400)
    for i in range(count * 2):
        x = LEFT + (RIGHT - LEFT) * (i + float(dice.uniform(0.1, 0.9))) / (count * 2)
        wide, tall = float(dice.uniform(40, 110)), length * float(dice.uniform(0.3, 1.0))
        path.move(x - wide, level - 4 * way).cubic(
            x - wide * 0.3, level + tall * 0.2 * way, x - 8, level + tall * 0.6 * way, x, level + tall * way
        )
        path.cubic(
            x + 8, level + tall * 0.6 * way, x + wide * 0.3, level + tall * 0.2 * way, x + wide, level - 4 * way
        ).close()
    return path


def _paint_facets(easel: Easel, light: Palette, rock: Rgb) -> None:
    """Bulges of the wall, lit from above."""
    dice = easel.place.dice("facets")
    lit, dim = Path(), Path()
    mouth = easel.place.side("mouth") * easel.place.number("mouth.x", 120, 380)
    for _ in range(30):
        x, y = float(dice.uniform(LEFT, RIGHT)), float(dice.uniform(-360, 290))
        w, h = float(dice.uniform(110, 260)), float(dice.uniform(60, 170))
        if abs(x - mouth) < 380 + w / 2:
            continue
        outline = boulder(dice, x, y, w, h)
        dim.polygon(outline)
        lit.polygon([*outline[1:6], (x + w * 0.08, y - h * 0.6), (x - w * 0.24, y - h * 0.44)])
    easel.sheet(0.64, dim.fill(light.lit(scale(rock, 0.72))), lit.fill(light.lit(scale(rock, 0.9))))


def _paint_folds(easel: Easel, light: Palette, rock: Rgb) -> None:
    easel.sheet(0.75, _spikes(easel, "far", -430, 1, 260, 11).fill(light.lit(scale(rock, 0.5))))
    easel.sheet(0.78, _spikes(easel, "low", FLOOR + 20, -1, 150, 8).fill(light.lit(scale(rock, 0.66))))
    easel.sheet(0.9, _spikes(easel, "near", -480, 1, 240, 8).fill(light.lit(scale(rock, 0.4))))


def _paint_floor_marks(easel: Easel, light: Palette, rock: Rgb) -> None:
    dice = easel.place.dice("cave floor")
    stones, pools = Path(), Path()
    for _ in range(26):
        x, y, r = float(dice.uniform(LEFT, RIGHT)), float(dice.uniform(FLOOR + 24, 520)), float(dice.uniform(10, 34))
        stones.ellipse(x, y, r, r * 0.45)
    for _ in range(3):
        x, y, w = float(dice.uniform(-900, 900)), float(dice.uniform(FLOOR + 50, 480)), float(dice.uniform(90, 200))
        pools.ellipse(x, y, w, w * 0.1)
    easel.sheet(
        1.0, stones.fill(light.lit(scale(rock, 0.55))), pools.fill(mix(easel.palette.sky[2], light.lit(rock), 0.4), 190)
    )


def _paint_crystals(easel: Easel, light: Palette, x: float) -> None:
    colour = easel.place.pick("crystal", ((120, 220, 226), (206, 140, 230), (250, 196, 110), (130, 226, 160)))
    faces, shade = Path(), Path()
    for i, (dx, tall, lean) in enumerate(((-70, 110, -30), (-24, 190, -12), (30, 150, 22), (78, 90, 36))):
        at, wide = x + dx, 26.0 - 3 * (i % 2)
        tip = (at + lean, FLOOR + 40 - tall)
        faces.polygon(
            [
                (at - wide, FLOOR + 44),
                (at - wide + lean * 0.7, FLOOR + 60 - tall),
                tip,
                (at + wide + lean * 0.7, FLOOR + 64 - tall),
                (at + wide, FLOOR + 44),
            ]
        )
        shade.polygon(
            [
                (at, FLOOR + 44),
                (at + lean * 0.8, FLOOR + 66 - tall),
                tip,
                (at + wide + lean * 0.7, FLOOR + 64 - tall),
                (at + wide, FLOOR + 44),
            ]
        )
    easel.sheet(0.95, faces.fill(easel.palette.glow(colour)), shade.fill(scale(colour, 0.6), 150))
    glow = halo((x, FLOOR - 50), 220, easel.palette.glow(colour), 120)
    easel.sheet(0.95, glow, moving=True)
    easel.move(Pulse(glow, 0.5, 1.0, period_s=4.4))


def _paint_drip(easel: Easel, x: float) -> None:
    drop = Path().move(0, -12).cubic(8, 0, 6, 8, 0, 8).cubic(-6, 8, -8, 0, 0, -12).close().fill((200, 226, 240), 220)
    scene = group(drop)
    scene.translate(x, -300)
    easel.sheet(0.97, scene, moving=True)
    easel.move(Drift(drop, 0.0, 620.0, 0.0, 660.0))
