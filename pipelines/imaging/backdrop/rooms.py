"""Lived-in interiors: room, kitchen and office."""

from __future__ import annotations

from pipelines.imaging.backdrop.chamber import (
    FLOOR,
    ink,
    paint_beams,
    paint_floor,
    paint_hanging_lamp,
    paint_lantern,
    paint_skirting,
    paint_wall,
)
from pipelines.imaging.backdrop.easel import LEFT, RIGHT, TOP, Easel
from pipelines.imaging.backdrop.furniture import (
    WOODS,
    armchair,
    bed,
    bookcase,
    chair,
    picture,
    rug,
    stove,
    table,
    wall_clock,
)
from pipelines.imaging.backdrop.motion import Drift, Pulse
from pipelines.imaging.backdrop.palette import Palette, mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, halo
from pipelines.imaging.backdrop.window import Window, paint_window

WALLPAPERS: tuple[Rgb, ...] = (
    (222, 198, 164),
    (164, 184, 176),
    (206, 158, 138),
    (150, 168, 190),
    (196, 190, 150),
    (182, 150, 160),
)
CLOTHS: tuple[Rgb, ...] = ((170, 70, 62), (70, 104, 130), (196, 150, 76), (96, 128, 96), (128, 90, 120))


def paint_room(easel: Easel) -> None:
    """A living room: window, lamp, bookcase, armchair or bed, pictures, rug."""
    place = easel.place
    light = easel.palette.indoors()
    wood, cloth = place.pick("wood", WOODS), place.pick("cloth", CLOTHS)
    side = place.side("window")
    paint_wall(
        easel,
        light,
        place.pick("wallpaper", WALLPAPERS),
        place.pick("pattern", ("stripes", "boards", "plain", "stones")),
    )
    if place.chance("beams", 0.7):
        paint_beams(easel, light, wood)
    window = Window(
        x=side * place.number("window.x", 300, 430), top=-290, width=place.number("window.w", 300, 370), height=340,
        columns=2, rows=place.pick("window.rows", (2, 3)), arched=place.chance("arched", 0.3), curtain=cloth,
    )  # fmt: skip
    paint_window(easel, light, window)
    easel.sheet(
        0.9,
        picture(easel, light, -side * 150, -190, 150, 110, "a"),
        picture(easel, light, -side * 1240, -160, 170, 190, "b"),
    )
    paint_skirting(easel, light, scale(wood, 0.9))
    paint_floor(easel, light, scale(wood, 1.1), "planks")
    easel.sheet(
        0.97,
        bookcase(easel, light, -side * 560, FLOOR + 26, 280, 560, wood),
        bookcase(easel, light, side * 1180, FLOOR + 26, 320, 470, wood),
    )
    if place.chance("bed", 0.5):
        easel.sheet(0.97, bed(light, side * 640, FLOOR + 50, cloth, wood, side))
    else:
        easel.sheet(0.97, armchair(light, side * 690, FLOOR + 52, cloth))
    easel.sheet(0.97, table(light, -side * 930, FLOOR + 44, 230, 190, wood), rug(light, 0, 430, 560, cloth))
    paint_lantern(easel, light, -side * 930, FLOOR + 44 - 190, 1.1)
    paint_hanging_lamp(easel, light, -side * 60, -330, place.pick("shade", CLOTHS))


def paint_kitchen(easel: Easel) -> None:
    """A kitchen: range, sink below the window, shelves with crockery, a table."""
    place = easel.place
    light = easel.palette.indoors()
    wood, cloth = place.pick("wood", WOODS), place.pick("cloth", CLOTHS)
    enamel = place.pick("enamel", ((226, 216, 196), (120, 150, 150), (170, 84, 70), (150, 164, 130)))
    side = place.side("window")
    wall = place.pick("wall", ((236, 222, 190), (204, 214, 200), (226, 200, 176), (196, 208, 220)))
    paint_wall(easel, light, wall, "plain")
    _paint_tiles(easel, light, mix(wall, cloth, 0.18))
    paint_beams(easel, light, wood)
    window = Window(x=side * 250, top=-270, width=330, height=270, columns=2, rows=2, curtain=cloth)
    paint_window(easel, light, window)
    _paint_crockery(easel, light, -side * 190, -150, wood)
    _paint_crockery(easel, light, side * 1050, -150, wood)
    paint_skirting(easel, light, scale(wood, 0.8))
    paint_floor(easel, light, place.pick("floor", ((190, 150, 120), (170, 160, 150), (160, 120, 96))), "tiles")
    _paint_counter(easel, light, side * 330, wood, enamel)
    range_x = -side * 600
    easel.sheet(0.97, stove(light, range_x, FLOOR + 40, enamel, True))
    glow = halo((range_x - 48, FLOOR - 90), 150, light.glow((255, 150, 60)), 150)
    easel.sheet(0.97, glow, moving=True)
    easel.move(Pulse(glow, 0.6, 1.0, period_s=1.3, flicker=True))
    _paint_steam(easel, range_x + 6, FLOOR - 300)
    easel.sheet(
        0.98, chair(light, -side * 930, FLOOR + 60, wood, side), chair(light, side * 880, FLOOR + 60, wood, -side)
    )
    paint_hanging_lamp(easel, light, side * -40, -330, enamel)


def _paint_tiles(easel: Easel, light: Palette, colour: Rgb) -> None:
    lines = Path()
    for i in range(44):
        lines.rect(LEFT + i * 80, 40, 3, FLOOR - 40)
    for y in (40, 104, 168, 232):
        lines.rect(LEFT, y, RIGHT - LEFT, 3)
    easel.sheet(
        0.85,
        Path().rect(LEFT, 40, RIGHT - LEFT, FLOOR - 40).fill(light.lit(colour)),
        lines.fill(light.lit(scale(colour, 0.8))),
        Path().rect(LEFT, 26, RIGHT - LEFT, 16).fill(light.lit(scale(colour, 0.66))),
    )


def _paint_crockery(easel: Easel, light: Palette, x: float, y: float, wood: Rgb) -> None:
    """Two shelves with plates, cups and jars, and pans below."""
    dice = easel.place.dice(f"crockery{x:.0f}")
    edge, _, dark = ink(light, wood)
    boards, plates, rims, jars, pans = Path(), Path(), Path(), Path(), Path()
    for row in range(2):
        level = y + 120 * row
        boards.rounded(x - 170, level, 340, 14, 4)
        for i in range(6):
            at = x - 140 + 56 * i
            if (i + row) % 2:
                r = float(dice.uniform(24, 34))
                plates.ellipse(at, level - r, r, r)
                rims.ellipse(at, level - r, r * 0.64, r * 0.64)
            else:
                tall = float(dice.uniform(34, 66))
                jars.rounded(at - 19, level - tall, 38, tall, 8)
    for i in range(4):
        at = x - 120 + 80 * i
        pans.rect(at - 3, y + 136, 6, 40).ellipse(at, y + 200, 27 - 3 * i, 27 - 3 * i)
    lit = light.lit
    easel.sheet(
        0.9,
        plates.fill(lit((240, 236, 226))),
        rims.fill(lit((128, 160, 186))),
        jars.fill(lit(easel.place.pick("jars", ((196, 122, 74), (120, 150, 120), (214, 180, 120))))),
        pans.fill(lit((186, 112, 72))),
        boards.fill(edge),
        Path().rect(x - 168, y + 14, 336, 5).rect(x - 168, y + 134, 336, 5).fill(dark, 140),
    )


def _paint_counter(easel: Easel, light: Palette, x: float, wood: Rgb, enamel: Rgb) -> None:
    edge, face, dark = ink(light, wood)
    doors, knobs = Path(), Path()
    for i in range(3):
        doors.rounded(x - 250 + 170 * i, 140, 156, 176, 6)
        knobs.ellipse(x - 116 + 170 * i, 226, 7, 7)
    easel.sheet(
        0.96,
        Path().rect(x - 264, 122, 528, 206).fill(dark),
        doors.fill(face),
        knobs.fill(light.lit((220, 190, 120))),
        Path().rounded(x - 280, 104, 560, 26, 6).fill(edge),
        Path().rounded(x - 100, 66, 200, 44, 14).fill(light.lit(mix(enamel, (246, 244, 238), 0.6))),
        Path().rounded(x - 8, 6, 14, 66, 6).rounded(x - 8, 2, 62, 13, 6).fill(light.lit((150, 152, 158))),
        Path().rounded(x + 160, 52, 60, 56, 12).rect(x + 166, 40, 48, 14).fill(light.lit((196, 122, 74))),
    )


def _paint_steam(easel: Easel, x: float, y: float) -> None:
    """Puffs that rise from the spout; each fades in and out within one rise, so that the wrap is unseen."""
    for i in range(3):
        rise, speed = 150.0 + 30 * i, 40.0 + 9 * i
        puff = Path().ellipse(x + 8 * i, y - rise, 17 + 5 * i, 13 + 4 * i).fill((255, 252, 246), 90)
        easel.sheet(0.97, puff, moving=True)
        easel.move(Drift(puff, 0.0, -speed, 0.0, rise), Pulse(puff, 0.0, 0.9, period_s=rise / speed, phase=0.75))


def paint_office(easel: Easel) -> None:
    """An office: window over the town, desk, filing cabinets, notice board, clock."""
    place = easel.place
    light = easel.palette.indoors()
    wood = place.pick("wood", WOODS)
    side = place.side("window")
    wall = place.pick("wall", ((190, 200, 196), (206, 196, 176), (168, 184, 196), (188, 176, 168)))
    paint_wall(easel, light, wall, "plain")
    easel.sheet(
        0.85,
        Path().rect(LEFT, 110, RIGHT - LEFT, FLOOR - 110).fill(light.lit(scale(wood, 0.9))),
        Path().rect(LEFT, 98, RIGHT - LEFT, 16).fill(light.lit(scale(wood, 1.15))),
        Path().rect(LEFT, TOP, RIGHT - LEFT, -470 - TOP).fill(light.lit(scale(wall, 1.08))),
    )
    window = Window(x=side * 330, top=-330, width=470, height=350, columns=3, rows=2)
    paint_window(easel, light, window)
    _paint_blind(easel, light, window)
    _paint_board(easel, light, -side * 330, -150)
    easel.sheet(0.9, wall_clock(light, -side * 40, -270, 58), picture(easel, light, side * 1100, -150, 200, 150, "map"))
    paint_skirting(easel, light, scale(wood, 0.7))
    paint_floor(easel, light, place.pick("floor", ((132, 112, 100), (116, 122, 128), (150, 126, 100))), "planks")
    _paint_cabinets(easel, light, -side * 760)
    easel.sheet(0.97, bookcase(easel, light, side * 980, FLOOR + 26, 300, 540, wood))
    _paint_desk(easel, light, side * 560, wood)
    paint_hanging_lamp(easel, light, 0, -350, (70, 104, 92))


def _paint_blind(easel: Easel, light: Palette, window: Window) -> None:
    slats = Path()
    for i in range(7):
        slats.rounded(window.left - 10, window.top - 8 + 17 * i, window.width + 20, 9, 3)
    cords = Path().rect(window.left + 40, window.top, 2, 130).rect(window.left + window.width - 42, window.top, 2, 130)
    easel.sheet(0.9, slats.fill(light.lit((232, 224, 204))), cords.fill(light.lit((150, 140, 120))))


def _paint_board(easel: Easel, light: Palette, x: float, y: float) -> None:
    dice = easel.place.dice("notices")
    notes = [Path(), Path(), Path()]
    pins = Path()
    for i in range(9):
        left, top = (
            x - 150 + 104 * (i % 3) + float(dice.uniform(-8, 8)),
            y - 96 + 66 * (i // 3) + float(dice.uniform(-6, 6)),
        )
        notes[int(dice.integers(3))].rect(left, top, float(dice.uniform(58, 84)), float(dice.uniform(40, 54)))
        pins.ellipse(left + 34, top + 5, 5, 5)
    colours = ((246, 240, 220), (246, 220, 130), (176, 206, 214))
    easel.sheet(
        0.9,
        Path().rect(x - 178, y - 124, 356, 240).fill(light.lit((120, 84, 58))),
        Path().rect(x - 166, y - 112, 332, 216).fill(light.lit((196, 156, 108))),
        *(path.fill(light.lit(colour)) for path, colour in zip(notes, colours, strict=True) if not path.empty),
        pins.fill(light.lit((196, 62, 54))),
    )


def _paint_cabinets(easel: Easel, light: Palette, x: float) -> None:
    steel = easel.place.pick("steel", ((118, 136, 132), (140, 132, 120), (104, 118, 136)))
    bodies, drawers, handles = Path(), Path(), Path()
    for i in range(2):
        left = x - 150 + 152 * i
        bodies.rect(left, FLOOR - 350, 146, 376)
        for k in range(4):
            drawers.rect(left + 8, FLOOR - 340 + 90 * k, 130, 82)
            handles.rounded(left + 50, FLOOR - 310 + 90 * k, 46, 10, 4)
    lamp = Path().rounded(x - 110, FLOOR - 374, 90, 26, 4).rounded(x + 30, FLOOR - 420, 50, 72, 10)
    easel.sheet(
        0.97,
        bodies.fill(light.lit(scale(steel, 0.7))),
        drawers.fill(light.lit(steel)),
        handles.fill(light.lit((220, 220, 214))),
        lamp.fill(light.lit((176, 120, 84))),
    )


def _paint_desk(easel: Easel, light: Palette, x: float, wood: Rgb) -> None:
    edge, face, dark = ink(light, wood)
    foot = FLOOR + 54
    papers = Path().rect(x - 190, foot - 216, 100, 8).rect(x - 180, foot - 224, 96, 8).rect(x - 186, foot - 232, 98, 8)
    machine = (
        Path()
        .polygon([(x - 40, foot - 208), (x - 26, foot - 268), (x + 66, foot - 268), (x + 84, foot - 208)])
        .rounded(x - 44, foot - 286, 128, 22, 8)
    )
    easel.sheet(
        0.98,
        Path().rect(x - 240, foot - 200, 480, 200).fill(dark),
        Path().rect(x - 228, foot - 186, 130, 186).rect(x + 98, foot - 186, 130, 186).fill(face),
        Path()
        .rect(x - 216, foot - 120, 106, 5)
        .rect(x - 216, foot - 62, 106, 5)
        .rect(x + 110, foot - 120, 106, 5)
        .rect(x + 110, foot - 62, 106, 5)
        .fill(dark),
        Path().rounded(x - 256, foot - 212, 512, 22, 5).fill(edge),
        papers.fill(light.lit((246, 240, 224))),
        machine.fill(light.lit((60, 66, 72))),
        Path().rect(x - 22, foot - 316, 84, 34).fill(light.lit((248, 244, 232))),
    )
    paint_lantern(easel, light, x + 176, foot - 212, 0.9)
