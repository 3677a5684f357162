"""Houses and their windows, from a cottage to a town front, with the foot of the wall at the given level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.easel import Easel
from pipelines.imaging.backdrop.palette import LAMP, mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, fade_down, group

WALLS: tuple[Rgb, ...] = (
    (232, 214, 186), (214, 122, 98), (148, 176, 186), (236, 190, 112), (188, 204, 168), (226, 226, 216),
    (196, 140, 140),
)  # fmt: skip
ROOFS: tuple[Rgb, ...] = ((150, 72, 58), (92, 98, 116), (120, 86, 66), (74, 104, 104))


@dataclass(frozen=True)
class House:
    """A house front: where it stands and what it looks like."""

    x: float
    """Left edge."""

    width: float
    height: float
    """Wall height, without the roof."""

    foot: float
    """Level of the ground it stands on."""

    wall: Rgb
    roof: Rgb
    gable: bool = True
    """A pointed gable, or a low cornice."""

    floors: int = 2
    columns: int = 2
    door: bool = True
    chimney: bool = False


def draw_house(easel: Easel, house: House, dice: np.random.Generator, far: float = 0.0) -> Scene:
    """The house with lit or dark windows."""
    palette = easel.palette
    top = house.foot - house.height
    wall, shade = palette.lit(house.wall, far), palette.lit(scale(house.wall, 0.76), far)
    scene = group(
        Path().rect(house.x, top, house.width, house.height + 6).fill(fade_down(top, house.foot, wall, shade))
    )
    scene.add(Path().rect(house.x + house.width * 0.86, top, house.width * 0.14, house.height + 6).fill(shade, 130))
    _add_roof(easel, scene, house, top, far)
    _add_windows(easel, scene, house, dice, far)
    return scene


def _add_roof(easel: Easel, scene: Scene, house: House, top: float, far: float) -> None:
    palette = easel.palette
    roof = palette.lit(house.roof, far)
    eave, rise = house.width * 0.06, house.width * (0.46 if house.gable else 0.14)
    left, right, middle = house.x - eave, house.x + house.width + eave, house.x + house.width / 2
    if house.chimney:
        x = house.x + house.width * 0.68
        scene.add(Path().rect(x, top - rise * 0.95, house.width * 0.12, rise).fill(palette.lit((150, 98, 84), far)))
    if house.gable:
        outline = [(left, top + 4), (middle, top - rise), (right, top + 4)]
    else:
        outline = [(left, top + 8), (left + eave * 2, top - rise), (right - eave * 2, top - rise), (right, top + 8)]
    scene.add(Path().polygon(outline).fill(roof))
    if house.gable:
        inner = [(middle, top - rise), (right, top + 4), (middle + house.width * 0.1, top + 4)]
        scene.add(Path().polygon(inner).fill(palette.lit(scale(house.roof, 0.8), far)))
    if easel.weather == "snow":
        cap = [*outline[:-1], outline[-1], *[(x, y - 16) for x, y in reversed(outline)]]
        scene.add(Path().polygon(cap).fill(palette.lit((240, 246, 255), far)))


def _add_windows(easel: Easel, scene: Scene, house: House, dice: np.random.Generator, far: float) -> None:
    palette = easel.palette
    frames, lit, dark, bars = Path(), Path(), Path(), Path()
    cell_w, cell_h = house.width / house.columns, house.height / house.floors
    w, h = cell_w * 0.42, min(cell_h * 0.56, cell_w * 0.66)
    door_at = int(dice.integers(house.columns)) if house.door else -1
    for floor in range(house.floors):
        for column in range(house.columns):
            on = float(dice.uniform(0, 1)) < 0.66
            if floor == 0 and column == door_at:
                continue
            x = house.x + cell_w * (column + 0.5) - w / 2
            y = house.foot - cell_h * (floor + 0.5) - h * 0.55
            frames.rect(x - w * 0.09, y - h * 0.07, w * 1.18, h * 1.16)
            (lit if on and palette.lamps else dark).rect(x, y, w, h)
            bars.rect(x + w * 0.46, y, w * 0.08, h).rect(x, y + h * 0.42, w, h * 0.06)
    trim = palette.lit(mix(house.wall, (250, 246, 236), 0.6), far)
    scene.add(frames.fill(trim))
    scene.add(dark.fill(mix(palette.lit((74, 96, 118), far), palette.sky[2], 0.3)))
    scene.add(lit.fill(mix(palette.glow(LAMP), palette.air(), 0.35 * far)))
    scene.add(bars.fill(trim))
    if door_at >= 0:
        _add_door(
            easel,
            scene,
            house,
            house.x + cell_w * (door_at + 0.5),
            cell_w * 0.42,
            min(cell_h * 0.8, cell_w * 0.95),
            far,
        )


def _add_door(easel: Easel, scene: Scene, house: House, x: float, width: float, height: float, far: float) -> None:
    palette = easel.palette
    colour = mix(house.roof, (64, 92, 110), 0.5)
    scene.add(
        Path()
        .rounded(x - width * 0.6, house.foot - height * 1.06, width * 1.2, height * 1.1, width * 0.3)
        .fill(palette.lit(scale(house.wall, 0.6), far))
    )
    scene.add(
        Path()
        .rounded(x - width * 0.5, house.foot - height, width, height + 4, width * 0.24)
        .fill(palette.lit(colour, far))
    )
    scene.add(
        Path()
        .ellipse(x + width * 0.3, house.foot - height * 0.46, width * 0.06, width * 0.06)
        .fill(palette.lit((230, 200, 120), far))
    )


def random_house(
    easel: Easel, dice: np.random.Generator, x: float, width: float, foot: float, tall: float = 1.0
) -> House:
    """A house in one of the place's colours."""
    first = int(easel.place.dice("walls").integers(len(WALLS)))
    wall = WALLS[(first + int(dice.integers(4))) % len(WALLS)]
    floors = int(dice.integers(2, 4))
    return House(
        x=x,
        width=width,
        height=width * float(dice.uniform(0.85, 1.3)) * tall,
        foot=foot,
        wall=wall,
        roof=ROOFS[int(dice.integers(len(ROOFS)))],
        gable=bool(dice.uniform() < 0.6),
        floors=floors,
        columns=int(dice.integers(2, 4)),
        chimney=bool(dice.uniform() < 0.5),
    )
