"""A workshop: bench, tools on the wall, machines and a work lamp."""

from __future__ import annotations

import math

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
from pipelines.imaging.backdrop.easel import Easel
from pipelines.imaging.backdrop.furniture import WOODS, shadow
from pipelines.imaging.backdrop.motion import Sway
from pipelines.imaging.backdrop.palette import Palette, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, group
from pipelines.imaging.backdrop.window import Window, paint_window


def paint_workshop(easel: Easel) -> None:
    """The whole workshop."""
    place = easel.place
    light = easel.palette.indoors()
    wood = place.pick("wood", WOODS)
    side = place.side("window")
    wall = place.pick("wall", ((176, 150, 122), (150, 142, 132), (186, 132, 106), (140, 150, 150)))
    paint_wall(easel, light, wall, place.pick("pattern", ("boards", "bricks", "stones")))
    paint_beams(easel, light, wood)
    window = Window(
        x=side * 520, top=-270, width=300, height=280, columns=3, rows=3, arched=place.chance("arched", 0.4)
    )
    paint_window(easel, light, window)
    _paint_tools(easel, light, -side * 110, -190, wood)
    _paint_shelf(easel, light, -side * 680, -170, wood)
    _paint_shelf(easel, light, side * 1130, -170, wood)
    paint_skirting(easel, light, scale(wood, 0.6))
    paint_floor(
        easel,
        light,
        place.pick("floor", ((140, 118, 96), (130, 128, 126), (156, 124, 92))),
        place.pick("laying", ("planks", "flags")),
    )
    if place.chance("flywheel", 0.6):
        _paint_flywheel(easel, light, side * 850, FLOOR + 44)
    else:
        _paint_stack(easel, light, side * 850, FLOOR + 44)
    _paint_bench(easel, light, -side * 330, FLOOR + 40, wood)
    _paint_stack(easel, light, -side * 960, FLOOR + 50)
    paint_lantern(easel, light, -side * 520, FLOOR + 40 - 216, 1.0)
    paint_hanging_lamp(easel, light, -side * 200, -320, (64, 98, 92))


def _paint_tools(easel: Easel, light: Palette, x: float, y: float, wood: Rgb) -> None:
    """A board of tools: hammer, saw, wrenches, chisels, and a coil of rope."""
    steel, grip = light.lit((150, 156, 164)), light.lit((170, 84, 58))
    board = Path().rounded(x - 190, y - 110, 380, 260, 6)
    handles, iron = Path(), Path()
    handles.rounded(x - 160, y - 50, 14, 120, 5)
    iron.rounded(x - 184, y - 84, 62, 36, 6)
    for i in range(4):
        at, tall = x - 86 + 34 * i, 90 - 14 * i
        iron.rounded(at - 6, y - 80, 12, tall, 4).ellipse(at, y - 80, 15 - 2 * i, 15 - 2 * i).ellipse(
            at, y - 80 + tall, 13 - 2 * i, 13 - 2 * i
        )
    iron.polygon([(x + 66, y - 84), (x + 92, y - 84), (x + 170, y + 40), (x + 152, y + 56)])
    handles.rounded(x + 58, y - 100, 46, 26, 10)
    for i in range(5):
        at = x - 96 + 30 * i
        iron.rect(at - 4, y + 70, 8, 50)
        handles.rounded(at - 7, y + 40, 14, 40, 6)
    coil = Path()
    for r in (48, 38, 28):
        coil.arc(x + 122, y + 90, r, 0, 360)
    easel.sheet(
        0.9,
        Path().rounded(x - 184, y - 100, 380, 260, 6).fill((10, 6, 16), 60),
        board.fill(light.lit(scale(wood, 0.86))),
        iron.fill(steel),
        handles.fill(grip),
        coil.stroke(light.lit((200, 176, 130)), 8),
    )


def _paint_shelf(easel: Easel, light: Palette, x: float, y: float, wood: Rgb) -> None:
    dice = easel.place.dice(f"shelf{x:.0f}")
    edge, _, dark = ink(light, wood)
    tins = [Path(), Path(), Path()]
    boards = Path()
    for row in range(3):
        level = y + 112 * row
        boards.rounded(x - 150, level, 300, 13, 3)
        at = x - 136
        while at < x + 110:
            wide, tall = float(dice.uniform(26, 56)), float(dice.uniform(30, 78))
            tins[int(dice.integers(3))].rounded(at, level - tall, wide - 5, tall, 5)
            at += wide + float(dice.uniform(0, 16))
    colours = ((176, 92, 62), (96, 124, 130), (206, 176, 112))
    easel.sheet(
        0.9,
        *(path.fill(light.lit(colour)) for path, colour in zip(tins, colours, strict=True) if not path.empty),
        boards.fill(edge),
        Path().rect(x - 146, y - 90, 10, 330).rect(x + 136, y - 90, 10, 330).fill(dark),
    )


def _paint_bench(easel: Easel, light: Palette, x: float, foot: float, wood: Rgb) -> None:
    edge, face, dark = ink(light, wood)
    top = foot - 216
    legs = Path().rect(x - 250, top + 20, 34, 200).rect(x + 216, top + 20, 34, 200)
    vice = Path().rounded(x + 170, top - 44, 84, 50, 8).rect(x + 240, top - 32, 40, 10).rect(x + 276, top - 52, 8, 48)
    gears = Path()
    for at, r in ((x - 20, 34.0), (x + 44, 22.0)):
        teeth = [
            (
                at + (r if k % 2 else r * 0.8) * math.cos(math.pi * k / 10),
                top - r + (r if k % 2 else r * 0.8) * math.sin(math.pi * k / 10),
            )
            for k in range(20)
        ]
        gears.polygon(teeth).ellipse(at, top - r, r * 0.3, r * 0.3)
    easel.sheet(
        0.97,
        shadow(x, foot + 4, 300),
        legs.fill(dark),
        Path().rect(x - 244, top + 20, 488, 60).fill(face),
        Path().rect(x - 230, foot - 60, 460, 16).fill(dark),
        Path().rounded(x - 280, top, 560, 26, 4).fill(edge),
        vice.fill(light.lit((84, 96, 108))),
        gears.fill(light.lit((190, 148, 76)), even_odd=True),
    )


def _paint_flywheel(easel: Easel, light: Palette, x: float, foot: float) -> None:
    """An engine with a turning flywheel."""
    iron: Rgb = easel.place.pick("iron", ((70, 92, 88), (112, 70, 62), (76, 82, 98)))
    spokes = Path()
    for i in range(3):
        a = math.pi * i / 3
        spokes.polyline([(-118 * math.cos(a), -118 * math.sin(a)), (118 * math.cos(a), 118 * math.sin(a))])
    wheel = group(
        Path().ellipse(0, 0, 140, 140).ellipse(0, 0, 112, 112).fill(light.lit(iron), even_odd=True),
        spokes.stroke(light.lit(scale(iron, 0.8)), 14),
        Path().ellipse(0, 0, 26, 26).fill(light.lit((200, 160, 90))),
    )
    easel.sheet(
        0.97,
        shadow(x, foot + 4, 200),
        Path()
        .polygon([(x - 170, foot), (x - 120, foot - 150), (x + 120, foot - 150), (x + 170, foot)])
        .fill(light.lit(scale(iron, 0.6))),
    )
    easel.sheet(0.97, wheel, moving=True)
    easel.move(Sway(wheel, (x, foot - 190), degrees=50, period_s=6.0))


def _paint_stack(easel: Easel, light: Palette, x: float, foot: float) -> None:
    """Crates and a barrel."""
    wood = easel.place.pick("crates", WOODS)
    boxes, slats = Path(), Path()
    for left, level, size in ((x - 150, foot, 150.0), (x + 8, foot, 130.0), (x - 90, foot - 150, 120.0)):
        boxes.rect(left, level - size, size, size)
        for i in range(4):
            slats.rect(left, level - size + size * i / 3.2, size, 5)
        slats.rect(left, level - size, 8, size).rect(left + size - 8, level - size, 8, size)
    easel.sheet(
        0.97, shadow(x, foot + 4, 190), boxes.fill(light.lit(scale(wood, 1.1))), slats.fill(light.lit(scale(wood, 0.7)))
    )
