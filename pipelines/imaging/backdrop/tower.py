"""A lighthouse: the tower on its rock, near or far, and the turning beam."""

from __future__ import annotations

from thorvg_python.paint.scene import Scene
from thorvg_python.paint.shape import Shape

from pipelines.imaging.backdrop.easel import Easel
from pipelines.imaging.backdrop.motion import Pulse, Sweep
from pipelines.imaging.backdrop.palette import LAMP, mix, scale
from pipelines.imaging.backdrop.pen import Fade, Path, Rgb, fade_across, group, halo

STRIPES: tuple[Rgb, ...] = ((196, 62, 54), (38, 70, 112), (58, 66, 74), (176, 84, 44))


def lamp_level(foot: float, height: float) -> float:
    """Where the lamp burns, for a tower with its foot at `foot`."""
    return foot - height * 0.91


def draw_tower(easel: Easel, x: float, foot: float, height: float, far: float = 0.0) -> Scene:
    """The tower: tapering striped wall, gallery, lantern room and roof."""
    palette = easel.palette
    low, high = height * 0.125, height * 0.078
    wall_top = foot - height * 0.82
    stripe = easel.place.pick("stripe", STRIPES)
    bands = easel.place.pick("bands", (3, 5, 0, 1))
    white = (240, 234, 222)
    body = [(x - low, foot), (x - high, wall_top), (x + high, wall_top), (x + low, foot)]
    light, dark = palette.lit(white, far), palette.lit(scale(white, 0.66), far)
    scene = group(Path().polygon(body).fill(fade_across(x - low, x + low, light, light, dark)))
    for i in range(bands):
        first, last = (2 * i + 1) / (2 * bands + 1), (2 * i + 2) / (2 * bands + 1)
        dyed, dyed_dark = palette.lit(stripe, far), palette.lit(scale(stripe, 0.6), far)
        belt = Path().polygon(_belt(x, foot, wall_top, low, high, first, last))
        scene.add(belt.fill(fade_across(x - low, x + low, dyed, dyed, dyed_dark)))
    _add_openings(easel, scene, x, foot, height, far)
    _add_head(easel, scene, x, wall_top, high, height, stripe, far)
    return scene


def _belt(
    x: float, foot: float, top: float, low: float, high: float, first: float, last: float
) -> list[tuple[float, float]]:
    points = []
    for share, side in ((first, -1), (last, -1), (last, 1), (first, 1)):
        points.append((x + side * (low + (high - low) * share), foot + (top - foot) * share))
    return points


def _add_openings(easel: Easel, scene: Scene, x: float, foot: float, height: float, far: float) -> None:
    palette = easel.palette
    u = height / 1000
    dark = palette.lit((60, 62, 72), far)
    window = mix(palette.glow(LAMP), palette.air(), 0.3 * far) if palette.lamps else mix(dark, palette.sky[2], 0.3)
    slits = Path()
    for share, side in ((0.30, -0.25), (0.50, 0.2), (0.68, -0.1)):
        slits.rounded(x + side * 80 * u - 14 * u, foot - height * share, 28 * u, 54 * u, 14 * u)
    scene.add(slits.fill(window))
    scene.add(
        Path().rounded(x - 46 * u, foot - 150 * u, 92 * u, 154 * u, 46 * u).fill(palette.lit((150, 140, 128), far))
    )
    scene.add(Path().rounded(x - 36 * u, foot - 138 * u, 72 * u, 142 * u, 36 * u).fill(palette.lit((84, 58, 46), far)))


def _add_head(
    easel: Easel, scene: Scene, x: float, top: float, half: float, height: float, stripe: Rgb, far: float
) -> None:
    palette = easel.palette
    u = height / 1000
    iron, roof = palette.lit((58, 60, 68), far), palette.lit(scale(stripe, 0.85), far)
    scene.add(
        Path()
        .polygon([(x - half, top), (x - half * 1.55, top - 22 * u), (x + half * 1.55, top - 22 * u), (x + half, top)])
        .fill(iron)
    )
    rails = (
        Path().rect(x - half * 1.5, top - 62 * u, half * 3, 5 * u).rect(x - half * 1.5, top - 44 * u, half * 3, 3 * u)
    )
    for i in range(9):
        rails.rect(x - half * 1.5 + half * 3 * i / 8 - 2 * u, top - 62 * u, 4 * u, 42 * u)
    if lamp_burns(easel):
        glass = mix(palette.glow((255, 232, 160)), palette.air(), 0.2 * far)
    else:
        glass = mix(palette.lit((170, 200, 214), far), palette.sky[2], 0.4)
    w = half * 0.82
    scene.add(Path().rect(x - w, top - 142 * u, 2 * w, 124 * u).fill(glass))
    scene.add(Path().ellipse(x, top - 84 * u, w * 0.42, 36 * u).fill(mix(glass, (255, 255, 246), 0.6)))
    posts = Path()
    for i in range(5):
        posts.rect(x - w + 2 * w * i / 4 - 3 * u, top - 142 * u, 6 * u, 124 * u)
    scene.add(posts.fill(iron))
    scene.add(rails.fill(iron))
    dome = (
        Path()
        .move(x - w * 1.24, top - 140 * u)
        .cubic(x - w, top - 196 * u, x - w * 0.3, top - 206 * u, x, top - 216 * u)
    )
    scene.add(
        dome.cubic(x + w * 0.3, top - 206 * u, x + w, top - 196 * u, x + w * 1.24, top - 140 * u).close().fill(roof)
    )
    scene.add(Path().rect(x - 3 * u, top - 258 * u, 6 * u, 50 * u).ellipse(x, top - 222 * u, 12 * u, 12 * u).fill(iron))


def lamp_burns(easel: Easel) -> bool:
    """Whether the light is lit: in the dark, in storm and in fog."""
    return easel.palette.lamps or easel.weather in ("fog", "storm", "rain")


def paint_beam(easel: Easel, x: float, y: float, reach: float, depth: float) -> None:
    """The turning beam and the glow of the lamp; nothing by clear daylight."""
    if not lamp_burns(easel):
        return
    colour = easel.palette.glow((255, 240, 186))
    strong = 1.0 if easel.time_of_day in ("night", "dusk") else 0.5
    beam = group(
        *(
            _cone(colour, side * reach, round(alpha * strong), spread)
            for side in (1, -1)
            for alpha, spread in ((105, 1.0), (70, 0.45))
        )
    )
    easel.sheet(depth, beam, moving=True)
    easel.move(Sweep(beam, (x, y), 7.0, easel.place.number("beam", 0.0, 1.0)))
    glow = halo((x, y), min(190.0, reach * 0.16), colour, round(200 * strong))
    easel.sheet(depth, glow, moving=True)
    easel.move(Pulse(glow, 0.72, 1.0, period_s=3.5))


def _cone(colour: Rgb, reach: float, alpha: int, spread: float) -> Shape:
    half = abs(reach) * 0.085 * spread
    stops = ((0.0, colour, alpha), (0.45, colour, alpha // 2), (1.0, colour, 0))
    cone = Path().polygon([(0, -7), (reach, -half), (reach, half), (0, 7)])
    return cone.fill(Fade((0, 0), (reach, 0), stops))
