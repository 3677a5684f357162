"""The shell of an interior: wall, floor, ceiling beams, and the lamps that light it."""

from __future__ import annotations

from collections.abc import Callable

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.easel import BOTTOM, LEFT, RIGHT, TOP, Easel
from pipelines.imaging.backdrop.motion import Pulse, Sway
from pipelines.imaging.backdrop.palette import LAMP, Palette, mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, group, halo
from pipelines.imaging.backdrop.wash import wash

FLOOR = 300.0
"""Where the wall meets the floor."""


def paint_wall(easel: Easel, light: Palette, colour: Rgb, pattern: str) -> Scene:
    """The back wall, lighter around the middle, with its pattern: boards, bricks, stripes, stones or plain plaster."""
    low, mid, high = light.lit(scale(colour, 0.86)), light.lit(colour), light.lit(scale(colour, 0.62))
    sheet = easel.sheet(0.85, wash(-540, FLOOR, high, mid, low, reach_up=-540 - TOP))
    draw: dict[str, Callable[[Easel], Path]] = {
        "boards": _boards,
        "bricks": _bricks,
        "stripes": _stripes,
        "stones": _stones,
    }
    if pattern in draw:
        alpha = {"stripes": 60, "boards": 120, "bricks": 110, "stones": 120}[pattern]
        colour, lines = light.lit(scale(colour, 0.66)), draw[pattern](easel)
        sheet.add(lines.spread(colour, alpha) if pattern in ("stones", "bricks") else lines.fill(colour, alpha))
    return sheet


def _boards(easel: Easel) -> Path:
    path, dice = Path(), easel.place.dice("boards")
    x = LEFT
    while x < RIGHT:
        path.rect(x, TOP, 4, FLOOR - TOP)
        for _ in range(2):
            y = float(dice.uniform(-480, 260))
            path.ellipse(x + 50, y, 7, 12)
        x += float(dice.uniform(88, 128))
    return path


def _bricks(easel: Easel) -> Path:
    path, dice = Path(), easel.place.dice("bricks")
    for row in range(17):
        y = -540.0 + row * 50
        path.rect(LEFT, y, RIGHT - LEFT, 4)
        shift = float(dice.uniform(0, 130))
        for i in range(27):
            path.rect(LEFT + i * 130 + shift, y + 4, 4, 46)
    return path


def _stripes(easel: Easel) -> Path:
    path = Path()
    wide = easel.place.number("stripe.wall", 26, 54)
    for i in range(int((RIGHT - LEFT) / (2.4 * wide)) + 1):
        path.rect(LEFT + i * 2.4 * wide, TOP, wide, FLOOR - TOP)
    return path


def _stones(easel: Easel) -> Path:
    path, dice = Path(), easel.place.dice("stones")
    for row in range(10):
        y = -560.0 + row * 88
        x = LEFT - float(dice.uniform(0, 100))
        while x < RIGHT:
            width = float(dice.uniform(110, 210))
            path.rounded(x, y, width, 86, 26)
            x += width + 4
    return path


def paint_floor(easel: Easel, light: Palette, colour: Rgb, pattern: str) -> Scene:
    """The floor, with planks, tiles or flags running towards the viewer, and a skirting board."""
    near, far = light.lit(scale(colour, 0.52)), light.lit(scale(colour, 1.02))
    sheet = easel.sheet(1.0, wash(FLOOR, 580, far, light.lit(scale(colour, 0.84)), near, reach_down=BOTTOM - 580))
    lines = Path()
    step = {"planks": 120, "tiles": 150, "flags": 210}[pattern]
    for i in range(-16, 17):
        lines.polygon(
            [(i * step, FLOOR), (i * step + 3, FLOOR), (i * step * 1.9 + 6, BOTTOM), (i * step * 1.9, BOTTOM)]
        )
    if pattern != "planks":
        for y in (334.0, 384.0, 456.0, 560.0):
            lines.rect(LEFT, y, RIGHT - LEFT, 3)
    sheet.add(lines.fill(light.lit(scale(colour, 0.45)), 130))
    return sheet


def paint_skirting(easel: Easel, light: Palette, colour: Rgb) -> None:
    """A board along the foot of the wall and the shadow below it."""
    easel.sheet(
        0.95,
        Path().rect(LEFT, FLOOR - 34, RIGHT - LEFT, 40).fill(light.lit(colour)),
        Path().rect(LEFT, FLOOR - 34, RIGHT - LEFT, 6).fill(light.lit(scale(colour, 1.2))),
        Path().rect(LEFT, FLOOR + 6, RIGHT - LEFT, 12).fill((12, 8, 16), 60),
    )


def paint_beams(easel: Easel, light: Palette, colour: Rgb, level: float = -430.0) -> None:
    """Ceiling beams across the top."""
    dark, face = light.lit(scale(colour, 0.5)), light.lit(scale(colour, 0.8))
    ends = Path()
    for i in range(-5, 6):
        ends.polygon(
            [(i * 330 - 34, level), (i * 330 + 34, level), (i * 396 + 44, level - 130), (i * 396 - 44, level - 130)]
        )
    easel.sheet(
        0.9,
        Path().rect(LEFT, TOP, RIGHT - LEFT, level - 40 - TOP).fill(light.lit(scale(colour, 0.36))),
        ends.fill(face),
        Path().rect(LEFT, level - 60, RIGHT - LEFT, 62).fill(dark),
        Path().rect(LEFT, level - 60, RIGHT - LEFT, 8).fill(face),
    )


def paint_hanging_lamp(easel: Easel, light: Palette, x: float, level: float, shade: Rgb, length: float = 700.0) -> None:
    """A lamp on a cord that swings a little; lit when it is dark outside."""
    cord = Path().rect(-2.5, -length, 5, length).fill(light.lit((60, 52, 50)))
    bowl = (
        Path()
        .move(-20, -34)
        .line(20, -34)
        .cubic(40, -20, 82, 0, 90, 26)
        .line(-90, 26)
        .cubic(-82, 0, -40, -20, -20, -34)
        .close()
    )
    parts = [cord, bowl.fill(light.lit(shade))]
    if light.lamps:
        parts.append(Path().ellipse(0, 28, 34, 20).fill((255, 240, 190)))
    parts.append(Path().rounded(-90, 20, 180, 10, 5).fill(light.lit(scale(shade, 0.7))))
    lamp = group(*parts)
    if light.lamps:
        cone = Path().polygon([(x - 84, level + 30), (x + 84, level + 30), (x + 460, 470), (x - 460, 470)])
        easel.sheet(0.95, cone.fill(light.glow(LAMP), 30), Path().ellipse(x, 440, 470, 56).fill(light.glow(LAMP), 34))
        glow = halo((x, level + 34), 300, light.glow(LAMP), 165)
        easel.sheet(0.95, glow, moving=True)
        easel.move(Pulse(glow, 0.84, 1.0, period_s=2.7, flicker=True))
    easel.sheet(0.95, lamp, moving=True)
    easel.move(Sway(lamp, (x, level), degrees=0.8, period_s=3.9))


def paint_lantern(easel: Easel, light: Palette, x: float, y: float, size: float = 1.0, always: bool = False) -> None:
    """An oil lantern standing at (x, y), its flame restless; `always` keeps it lit by day."""
    iron = light.lit((70, 62, 58))
    u = size
    lit = light.lamps or always
    pane = light.glow((255, 214, 130)) if lit else light.lit((190, 204, 204))
    body = Path().rounded(x - 30 * u, y - 14 * u, 60 * u, 14 * u, 4).rounded(x - 24 * u, y - 92 * u, 48 * u, 10 * u, 3)
    body.polygon([(x - 26 * u, y - 90 * u), (x, y - 116 * u), (x + 26 * u, y - 90 * u)])
    for side in (-24, 20):
        body.rect(x + side * u, y - 90 * u, 4 * u, 80 * u)
    easel.sheet(
        0.97,
        Path().rect(x - 22 * u, y - 84 * u, 44 * u, 72 * u).fill(pane, 235),
        body.fill(iron),
        Path().arc(x, y - 116 * u, 20 * u, 180, 360).stroke(iron, 4 * u),
    )
    if not lit:
        return
    flame = (
        Path()
        .move(0, 0)
        .cubic(12 * u, -10 * u, 8 * u, -24 * u, 0, -40 * u)
        .cubic(-8 * u, -24 * u, -12 * u, -10 * u, 0, 0)
        .close()
        .fill((255, 250, 220))
    )
    glow = halo((x, y - 46 * u), 210 * u, light.glow(LAMP), 180)
    easel.sheet(0.97, flame, glow, moving=True)
    easel.move(
        Sway(flame, (x, y - 22 * u), degrees=7, period_s=0.9), Pulse(glow, 0.72, 1.0, period_s=1.5, flicker=True)
    )


def ink(light: Palette, colour: Rgb) -> tuple[Rgb, Rgb, Rgb]:
    """A material's lit edge, face and shadow."""
    return light.lit(mix(colour, (255, 244, 220), 0.2)), light.lit(colour), light.lit(scale(colour, 0.62))
