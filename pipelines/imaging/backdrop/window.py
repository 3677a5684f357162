"""A window from inside: time of day and weather show through it, and daylight falls in."""

from __future__ import annotations

from dataclasses import dataclass

from thorvg_python.paint.scene import Scene
from thorvg_python.paint.shape import Shape

from pipelines.imaging.backdrop.easel import Easel
from pipelines.imaging.backdrop.motion import Drift, Flash, Pulse, Sway
from pipelines.imaging.backdrop.palette import Palette, mix, scale
from pipelines.imaging.backdrop.pen import Fade, Path, Rgb, group, halo
from pipelines.imaging.backdrop.terrain import ground_colour
from pipelines.imaging.backdrop.wash import wash


@dataclass(frozen=True)
class Window:
    """Where a window is and how it is divided."""

    x: float
    """Centre."""

    top: float
    width: float
    height: float
    columns: int = 2
    rows: int = 2
    arched: bool = False
    curtain: Rgb | None = None
    framed: bool = True
    """False for a bare opening, such as the mouth of a cave."""

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height


def paint_window(easel: Easel, indoors: Palette, window: Window, depth: float = 0.9) -> None:
    """The view, the weather, the frame, the curtains and the light that comes in."""
    easel.sheet(depth, _view(easel, window))
    _paint_outside(easel, window, depth)
    if not window.framed:
        return
    wood = easel.place.pick("window frame", ((236, 226, 206), (150, 110, 80), (110, 130, 136)))
    easel.sheet(depth, _frame(indoors, window, wood))
    if window.curtain is not None:
        _paint_curtains(easel, indoors, window, window.curtain, depth)
    _paint_daylight(easel, window, depth)


def _hole(window: Window) -> Shape:
    path = Path()
    if window.arched:
        path.rounded(window.left, window.top, window.width, window.height + window.width / 2, window.width / 2)
    else:
        path.rect(window.left, window.top, window.width, window.height)
    return path.fill((255, 255, 255))


def _view(easel: Easel, window: Window) -> Scene:
    """Sky, sun or moon, and a line of land or sea."""
    palette = easel.palette
    left, right = window.left, window.left + window.width
    level = window.top + window.height * 0.68
    view = group(wash(window.top, level + 6, *palette.sky, left=left, right=right))
    if easel.weather in ("clear", "cloudy", "snow"):
        _add_luminary(easel, view, window)
    if palette.stars:
        dice, stars = easel.place.dice("window stars"), Path()
        for _ in range(round(16 * palette.stars)):
            x, y = float(dice.uniform(left, right)), float(dice.uniform(window.top, level - 30))
            stars.polygon([(x, y - 3.4), (x + 2.4, y), (x, y + 3.4), (x - 2.4, y)])
        view.add(stars.fill((255, 250, 230), 230))
    dice = easel.place.dice("window view")
    far = [(left + window.width * i / 5, level - float(dice.uniform(0, 0.16)) * window.height) for i in range(6)]
    land = ground_colour(
        easel, easel.place.pick("outside", ((96, 132, 88), (60, 112, 140), (140, 138, 96), (110, 118, 128)))
    )
    view.add(Path().ridge(far, window.bottom + 4).fill(palette.lit(land, 0.7)))
    near = [(left + window.width * i / 4, level + float(dice.uniform(0.06, 0.16)) * window.height) for i in range(5)]
    view.add(Path().ridge(near, window.bottom + 4).fill(palette.lit(scale(land, 0.8), 0.3)))
    view.set_clip(_hole(window))
    return view


def _add_luminary(easel: Easel, view: Scene, window: Window) -> None:
    palette = easel.palette
    side = easel.place.side("sun")
    x = window.x + side * window.width * 0.24
    heights = {"dawn": 0.58, "day": 0.16, "dusk": 0.60, "night": 0.24}
    y = window.top + window.height * heights[easel.time_of_day]
    r = 0.10 * min(window.width, window.height) * (1.0 if easel.time_of_day != "dusk" else 1.4)
    colour = palette.glow(palette.key)
    view.add(halo((x, y), r * 3.4, colour, 150))
    view.add(Path().ellipse(x, y, r, r).fill(mix(colour, (255, 255, 250), 0.4)))


def _paint_outside(easel: Easel, window: Window, depth: float) -> None:
    """Rain, snow, lightning or a drifting cloud behind the panes."""
    dice = easel.place.dice("window weather")
    tile_w, tile_h = window.width, window.height
    path = Path()
    falls = easel.wet or easel.weather == "snow"
    for _ in range(22 if falls else 2):
        x, y, r = float(dice.uniform(0, tile_w)), float(dice.uniform(0, tile_h)), float(dice.uniform(0.7, 1.3))
        for column in (-1, 0, 1):
            for row in (-1, 0):
                at_x, at_y = window.left + x + column * tile_w, window.top + y + row * tile_h
                if easel.wet:
                    path.polygon(
                        [(at_x, at_y), (at_x + 2.4, at_y), (at_x - 6, at_y + 40 * r), (at_x - 7.6, at_y + 40 * r)]
                    )
                elif falls:
                    path.ellipse(at_x, at_y, 3.6 * r, 3.6 * r)
                elif row == 0:
                    at_y = window.top + tile_h * (0.14 + 0.3 * y / tile_h)
                    path.ellipse(at_x, at_y, tile_w * 0.16, tile_h * 0.035).ellipse(
                        at_x + tile_w * 0.06, at_y - tile_h * 0.03, tile_w * 0.08, tile_h * 0.04
                    )
    colour = (236, 242, 252) if falls else easel.palette.cloud
    drops = path.fill(mix(colour, easel.palette.air(), 0.2), 170)
    scene = group(drops)
    scene.set_clip(_hole(window))
    easel.sheet(depth, scene, moving=True)
    if easel.wet:
        easel.move(Drift(drops, -140.0, 760.0, tile_w, tile_h))
    elif falls:
        easel.move(Drift(drops, -20.0, 80.0, tile_w, tile_h))
    else:
        easel.move(Drift(drops, 6.0 * easel.wind, 0.0, tile_w))
    if easel.weather == "storm":
        flash = Path().rect(window.left, window.top, window.width, window.height).fill((226, 232, 255), 210)
        easel.sheet(depth, flash, moving=True)
        easel.move(Flash(flash, float(dice.uniform(5.0, 7.5)), float(dice.uniform(0.2, 0.9))))


def _frame(indoors: Palette, window: Window, wood: Rgb) -> Scene:
    frame, shade = Path(), Path()
    left, top, width, height = window.left, window.top, window.width, window.height
    bar = 0.022 * width + 5
    if window.arched:
        outer = Path().rounded(left - 22, top - 22, width + 44, height + width / 2 + 44, width / 2 + 22)
        outer.rounded(left, top, width, height + width / 2, width / 2)
        border = outer.fill(indoors.lit(wood), even_odd=True)
        hidden = Path().rect(left - 24, top - 24, width + 48, height + 26).fill((255, 255, 255))
        border.set_clip(hidden)
    else:
        border = (
            Path()
            .rect(left - 22, top - 22, width + 44, height + 44)
            .rect(left, top, width, height)
            .fill(indoors.lit(wood), even_odd=True)
        )
    for i in range(1, window.columns):
        frame.rect(left + width * i / window.columns - bar / 2, top, bar, height)
    for i in range(1, window.rows):
        frame.rect(left, top + height * i / window.rows - bar / 2, width, bar)
    shade.rect(left, top, width, 10).rect(left, top, 10, height)
    sill = Path().rounded(left - 44, top + height, width + 88, 26, 6).fill(indoors.lit(scale(wood, 1.06)))
    under = Path().rect(left - 36, top + height + 26, width + 72, 12).fill(indoors.lit(scale(wood, 0.5)), 160)
    panes = frame.fill(indoors.lit(scale(wood, 0.92)))
    return group(shade.fill((10, 10, 24), 70), panes, border, under, sill)


def _paint_curtains(easel: Easel, indoors: Palette, window: Window, colour: Rgb, depth: float) -> None:
    cloth, fold = indoors.lit(colour), indoors.lit(scale(colour, 0.72))
    long = window.height + 90
    for side in (-1, 1):
        wide = window.width * 0.34
        outline = (
            Path()
            .move(0, 0)
            .line(-side * wide, 0)
            .cubic(-side * wide * 0.9, long * 0.4, -side * wide * 0.4, long * 0.6, -side * wide * 0.62, long)
        )
        body = (
            outline.cubic(-side * wide * 0.3, long + 12, -side * wide * 0.1, long - 8, side * 10, long)
            .close()
            .fill(cloth)
        )
        folds = Path()
        for i in range(3):
            x = -side * wide * (0.16 + 0.24 * i)
            folds.move(x, 0).cubic(x * 0.9, long * 0.4, x * 0.55, long * 0.6, x * 0.7, long - 4).line(
                x * 0.7 + 12, long - 4
            ).cubic(x * 0.55 + 16, long * 0.6, x * 0.9 + 12, long * 0.4, x + 9, 0).close()
        curtain = group(body, folds.fill(fold, 150))
        easel.sheet(depth, curtain, moving=True)
        easel.move(
            Sway(
                curtain,
                (window.x + side * (window.width / 2 + 40), window.top - 40),
                degrees=0.7 * easel.wind,
                period_s=4.6,
                phase=0.2 * side,
            )
        )
    rod = (
        Path()
        .rounded(window.left - 70, window.top - 54, window.width + 140, 14, 7)
        .ellipse(window.left - 76, window.top - 47, 15, 15)
    )
    easel.sheet(
        depth, rod.ellipse(window.left + window.width + 76, window.top - 47, 15, 15).fill(indoors.lit((92, 70, 56)))
    )


def _paint_daylight(easel: Easel, window: Window, depth: float) -> None:
    """A slanting shaft into the room: golden at dawn and dusk, silver from the moon, none when it pours."""
    alpha = {"dawn": 66, "day": 58, "dusk": 54, "night": 34}[easel.time_of_day]
    if easel.weather in ("rain", "storm", "fog"):
        alpha //= 3
    side = -1 if window.x > 0 else 1
    colour = easel.palette.glow(easel.palette.key)
    slant = side * 330
    shaft = [(window.left, window.top), (window.left + window.width, window.top)]
    shaft += [(window.left + window.width + slant, 470), (window.left + slant, 470)]
    stops = ((0.0, colour, alpha), (0.6, colour, alpha // 2), (1.0, colour, alpha // 8))
    beam = Path().polygon(shaft).fill(Fade((window.x, window.top), (window.x + slant, 470), stops))
    pool = Path().polygon(
        [
            (window.left + slant, 372),
            (window.left + window.width + slant, 372),
            (window.left + window.width + slant * 1.4, 470),
            (window.left + slant * 1.4, 470),
        ]
    )
    easel.sheet(depth, beam, pool.fill(colour, alpha))
    if easel.weather in ("clear", "cloudy") and easel.time_of_day != "night":
        _paint_motes(easel, window, slant, depth)


def _paint_motes(easel: Easel, window: Window, slant: float, depth: float) -> None:
    dice = easel.place.dice("motes")
    path = Path()
    for _ in range(22):
        share = float(dice.uniform(0.1, 1.0))
        x = window.left + slant * share + float(dice.uniform(0, window.width))
        r = float(dice.uniform(1.4, 3.0))
        path.ellipse(x, window.top + (440 - window.top) * share, r, r)
    motes = path.fill((255, 246, 220), 170)
    scene = group(motes)
    easel.sheet(depth, scene, moving=True)
    easel.move(Sway(scene, (0.0, 0.0), reach_x=16, reach_y=12, period_s=11), Pulse(motes, 0.4, 1.0, period_s=4))
