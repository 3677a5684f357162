"""Things that stand in rooms, drawn against the back wall with their feet at the given level."""

from __future__ import annotations

import math

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.chamber import ink
from pipelines.imaging.backdrop.easel import Easel
from pipelines.imaging.backdrop.palette import Palette, mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, group

WOODS: tuple[Rgb, ...] = ((150, 104, 68), (120, 82, 62), (178, 132, 88), (132, 100, 84))
SPINES: tuple[Rgb, ...] = ((168, 66, 54), (58, 94, 120), (206, 162, 84), (84, 118, 84), (120, 84, 120), (224, 212, 186))


def shadow(x: float, y: float, width: float) -> Scene:
    """A soft contact shadow on the floor."""
    return group(
        Path().ellipse(x, y, width, 16).fill((10, 6, 16), 60),
        Path().ellipse(x, y, width * 0.8, 10).fill((10, 6, 16), 60),
    )


def table(light: Palette, x: float, foot: float, width: float, height: float, wood: Rgb) -> Scene:
    """A plain table."""
    edge, face, dark = ink(light, wood)
    top = foot - height
    legs = (
        Path().rect(x - width * 0.44, top + 20, 24, height - 16).rect(x + width * 0.44 - 24, top + 20, 24, height - 16)
    )
    return group(
        shadow(x, foot + 4, width * 0.55),
        legs.fill(dark),
        Path().rect(x - width * 0.46, top + 18, width * 0.92, 34).fill(face),
        Path().rounded(x - width / 2, top, width, 22, 6).fill(edge),
        Path().rect(x - width / 2 + 4, top + 17, width - 8, 6).fill(dark, 130),
    )


def chair(light: Palette, x: float, foot: float, wood: Rgb, facing: int = 1) -> Scene:
    """A kitchen chair seen from the side; `facing` +1 looks right."""
    edge, face, dark = ink(light, wood)
    s = facing
    frame = Path().polygon(
        [
            (x - s * 62, foot),
            (x - s * 50, foot - 150),
            (x - s * 66, foot - 330),
            (x - s * 52, foot - 332),
            (x - s * 32, foot - 150),
            (x - s * 46, foot),
        ]
    )
    frame.polygon([(x + s * 56, foot), (x + s * 46, foot - 150), (x + s * 60, foot - 150), (x + s * 70, foot)])
    rungs = Path().polygon(
        [(x - s * 52, foot - 60), (x + s * 60, foot - 60), (x + s * 60, foot - 50), (x - s * 52, foot - 50)]
    )
    return group(
        shadow(x, foot + 3, 96),
        rungs.fill(dark),
        frame.fill(face),
        Path().rounded(x - 62, foot - 168, 128, 22, 8).fill(edge),
    )


def bookcase(easel: Easel, light: Palette, x: float, foot: float, width: float, height: float, wood: Rgb) -> Scene:
    """Shelves with books and odd things."""
    _, face, dark = ink(light, wood)
    dice = easel.place.dice(f"books{x:.0f}")
    left, top = x - width / 2, foot - height
    scene = group(shadow(x, foot + 2, width * 0.54), Path().rect(left, top, width, height).fill(face))
    scene.add(Path().rect(left + 14, top + 14, width - 28, height - 28).fill(light.lit(scale(wood, 0.4))))
    rows = max(2, round(height / 130))
    books = {i: Path() for i in range(len(SPINES))}
    gap = (height - 28) / rows
    for row in range(rows):
        level, at = top + 14 + gap * (row + 1) - 12, left + 22
        while at < left + width - 50:
            wide, tall = float(dice.uniform(15, 34)), gap * float(dice.uniform(0.5, 0.8))
            if dice.uniform() < 0.14:
                at += wide * 2
            else:
                books[int(dice.integers(len(SPINES)))].rect(at, level - tall, wide - 2, tall)
                at += wide
    for i, path in books.items():
        if not path.empty:
            scene.add(path.fill(light.lit(SPINES[i])))
    boards = Path()
    for row in range(rows):
        boards.rect(left + 8, top + 14 + gap * (row + 1) - 12, width - 16, 13)
    scene.add(boards.fill(face))
    scene.add(Path().rect(left - 10, top - 12, width + 20, 20).fill(light.lit(scale(wood, 1.15))))
    scene.add(
        Path().rect(left, top + 8, 12, height - 8).rect(left + width - 12, top + 8, 12, height - 8).fill(dark, 120)
    )
    return scene


def stove(light: Palette, x: float, foot: float, enamel: Rgb, burning: bool) -> Scene:
    """An iron range with an oven door, a pipe and a kettle."""
    iron, dark = light.lit((70, 70, 76)), light.lit((44, 44, 50))
    scene = group(
        shadow(x, foot + 4, 160),
        Path().rect(x + 66, foot - 1200, 44, 960).fill(iron),
        Path().rect(x + 60, foot - 420, 56, 18).fill(dark),
        Path().rounded(x - 150, foot - 236, 300, 222, 10).fill(light.lit(enamel)),
        Path().rect(x - 140, foot - 20, 24, 22).rect(x + 116, foot - 20, 24, 22).fill(dark),
        Path().rounded(x - 166, foot - 256, 332, 28, 6).fill(dark),
        Path().rounded(x - 116, foot - 176, 136, 124, 10).fill(iron),
        Path().rounded(x + 42, foot - 176, 84, 60, 8).fill(iron),
    )
    ember = light.glow((255, 150, 60)) if burning else dark
    scene.add(Path().rounded(x - 98, foot - 158, 100, 64, 8).fill(ember))
    scene.add(
        Path()
        .rect(x - 78, foot - 158, 6, 64)
        .rect(x - 50, foot - 158, 6, 64)
        .rect(x - 22, foot - 158, 6, 64)
        .fill(iron)
    )
    kettle = (
        Path()
        .rounded(x - 112, foot - 328, 96, 76, 34)
        .polygon([(x - 30, foot - 300), (x + 8, foot - 334), (x + 12, foot - 322), (x - 22, foot - 276)])
    )
    scene.add(kettle.fill(light.lit((190, 104, 70))))
    scene.add(Path().arc(x - 64, foot - 322, 34, 190, 350).stroke(dark, 7))
    return scene


def bed(light: Palette, x: float, foot: float, quilt: Rgb, wood: Rgb, side: int) -> Scene:
    """A bed along the wall, its head on `side`."""
    edge, face, dark = ink(light, wood)
    head, tail = x + side * 250, x - side * 250
    cover = Path().rounded(x - 246, foot - 168, 492, 120, 24).fill(light.lit(quilt))
    patches = Path()
    for i in range(7):
        patches.rect(x - 216 + 66 * i, foot - 166 + 36 * (i % 2), 38, 36)
    return group(
        shadow(x, foot + 4, 290),
        Path().rounded(x - 250, foot - 110, 500, 60, 10).fill(dark),
        cover,
        patches.fill(light.lit(mix(quilt, (250, 236, 200), 0.5)), 170),
        Path().rounded(head - side * 150 - 62, foot - 214, 124, 58, 26).fill(light.lit((244, 238, 224))),
        Path().rounded(head - 13, foot - 320, 26, 322, 10).rounded(tail - 13, foot - 220, 26, 222, 10).fill(face),
        Path().rounded(head - 18, foot - 336, 36, 26, 12).rounded(tail - 18, foot - 236, 36, 26, 12).fill(edge),
    )


def armchair(light: Palette, x: float, foot: float, cloth: Rgb) -> Scene:
    """A deep armchair."""
    edge, face, dark = ink(light, cloth)
    return group(
        shadow(x, foot + 4, 150),
        Path().rounded(x - 104, foot - 330, 208, 300, 60).fill(face),
        Path().rounded(x - 84, foot - 300, 168, 150, 46).fill(edge, 120),
        Path().rounded(x - 120, foot - 160, 240, 130, 30).fill(dark),
        Path().rounded(x - 98, foot - 176, 196, 62, 26).fill(edge),
        Path().rounded(x - 146, foot - 216, 56, 196, 28).rounded(x + 90, foot - 216, 56, 196, 28).fill(face),
        Path().rect(x - 120, foot - 24, 22, 28).rect(x + 98, foot - 24, 22, 28).fill(light.lit((80, 58, 46))),
    )


def picture(easel: Easel, light: Palette, x: float, y: float, width: float, height: float, part: str) -> Scene:
    """A framed little painting of a ship, hills or a portrait oval."""
    dice = easel.place.dice(f"picture{part}")
    scene = group(
        Path().rect(x - width / 2 - 4, y - height / 2 + 6, width + 20, height + 16).fill((10, 6, 16), 60),
        Path().rect(x - width / 2 - 10, y - height / 2 - 10, width + 20, height + 20).fill(light.lit((170, 128, 70))),
        Path().rect(x - width / 2, y - height / 2, width, height).fill(light.lit((198, 212, 208))),
    )
    low = y + height / 2
    kind = int(dice.integers(3))
    if kind == 0:
        scene.add(Path().rect(x - width / 2, y + height * 0.14, width, height * 0.36).fill(light.lit((70, 118, 142))))
        scene.add(
            Path()
            .polygon([(x - 4, y - height * 0.3), (x - 4, y + height * 0.1), (x - width * 0.28, y + height * 0.1)])
            .polygon([(x + 3, y - height * 0.36), (x + 3, y + height * 0.1), (x + width * 0.24, y + height * 0.1)])
            .fill(light.lit((244, 236, 216)))
        )
        scene.add(
            Path()
            .polygon(
                [
                    (x - width * 0.28, y + height * 0.14),
                    (x + width * 0.3, y + height * 0.14),
                    (x + width * 0.2, y + height * 0.26),
                    (x - width * 0.2, y + height * 0.26),
                ]
            )
            .fill(light.lit((120, 66, 52)))
        )
    elif kind == 1:
        hills = [
            (x - width / 2, y + 8),
            (x - width * 0.2, y - height * 0.2),
            (x + width * 0.1, y + 4),
            (x + width * 0.3, y - height * 0.1),
            (x + width / 2, y + 10),
        ]
        scene.add(Path().ridge(hills, low).fill(light.lit((110, 142, 92))))
        scene.add(
            Path()
            .ellipse(x + width * 0.22, y - height * 0.26, width * 0.09, width * 0.09)
            .fill(light.lit((246, 206, 110)))
        )
    else:
        scene.add(Path().ellipse(x, y, width * 0.36, height * 0.42).fill(light.lit((126, 110, 92))))
        scene.add(
            Path()
            .ellipse(x, y - height * 0.1, width * 0.13, height * 0.14)
            .rounded(x - width * 0.22, y + height * 0.1, width * 0.44, height * 0.3, 20)
            .fill(light.lit((222, 184, 152)))
        )
    return scene


def wall_clock(light: Palette, x: float, y: float, radius: float) -> Scene:
    """A round clock."""
    ticks = Path()
    for i in range(12):
        a = math.pi * i / 6
        ticks.ellipse(x + radius * 0.76 * math.cos(a), y + radius * 0.76 * math.sin(a), 3.4, 3.4)
    hands = Path().polyline([(x, y), (x, y - radius * 0.6)]).polyline([(x, y), (x + radius * 0.42, y + radius * 0.12)])
    return group(
        Path().ellipse(x + 5, y + 8, radius + 8, radius + 8).fill((10, 6, 16), 60),
        Path().ellipse(x, y, radius + 8, radius + 8).fill(light.lit((110, 78, 54))),
        Path().ellipse(x, y, radius, radius).fill(light.lit((246, 238, 218))),
        ticks.fill(light.lit((70, 56, 50))),
        hands.stroke(light.lit((60, 48, 46)), 5),
    )


def rug(light: Palette, x: float, y: float, width: float, colour: Rgb) -> Scene:
    """An oval rug on the floor."""
    return group(
        Path().ellipse(x, y, width, width * 0.13).fill(light.lit(scale(colour, 0.66))),
        Path().ellipse(x, y - 3, width * 0.93, width * 0.115).fill(light.lit(colour)),
        Path().ellipse(x, y - 3, width * 0.7, width * 0.08).fill(light.lit(mix(colour, (250, 230, 190), 0.4))),
        Path().ellipse(x, y - 3, width * 0.56, width * 0.062).fill(light.lit(scale(colour, 0.9))),
    )
