"""Boats, with the waterline at the origin."""

from __future__ import annotations

from thorvg_python.paint.scene import Scene

from pipelines.imaging.backdrop.easel import Easel
from pipelines.imaging.backdrop.palette import LAMP, mix, scale
from pipelines.imaging.backdrop.pen import Path, Rgb, group

HULLS: tuple[Rgb, ...] = ((176, 58, 52), (42, 84, 128), (58, 112, 96), (224, 214, 196), (206, 144, 58))


def sailing_boat(easel: Easel, length: float, hull: Rgb, far: float = 0.0, furled: bool = False) -> Scene:
    """A small sailing boat; `furled` shows the bare mast, as at a mooring."""
    palette = easel.palette
    u = length / 100
    mast = Path().rect(-1.2 * u, -112 * u, 2.4 * u, 100 * u).rect(-1 * u, -30 * u, 46 * u, 2.4 * u)
    scene = group(mast.fill(palette.lit((110, 82, 62), far)))
    if not furled:
        sail = palette.lit((246, 238, 220), far)
        main = (
            Path()
            .move(3 * u, -108 * u)
            .cubic(22 * u, -80 * u, 40 * u, -50 * u, 46 * u, -33 * u)
            .line(3 * u, -33 * u)
            .close()
        )
        jib = (
            Path()
            .move(-3 * u, -100 * u)
            .cubic(-12 * u, -70 * u, -26 * u, -40 * u, -40 * u, -24 * u)
            .line(-3 * u, -28 * u)
            .close()
        )
        scene.add(main.fill(sail))
        scene.add(jib.fill(mix(sail, palette.lit(hull, far), 0.25)))
    else:
        scene.add(Path().rounded(2 * u, -37 * u, 42 * u, 7 * u, 3 * u).fill(palette.lit((214, 204, 184), far)))
    _add_hull(easel, scene, u, hull, far)
    return scene


def fishing_boat(easel: Easel, length: float, hull: Rgb, far: float = 0.0) -> Scene:
    """A fishing boat with a wheelhouse."""
    palette = easel.palette
    u = length / 100
    house = palette.lit((236, 228, 210), far)
    scene = group(
        Path()
        .rect(-2 * u, -78 * u, 2.4 * u, 60 * u)
        .rect(24 * u, -54 * u, 2 * u, 40 * u)
        .fill(palette.lit((96, 76, 62), far)),
        Path()
        .polyline([(-1 * u, -76 * u), (-44 * u, -20 * u)])
        .polyline([(-1 * u, -76 * u), (46 * u, -19 * u)])
        .stroke(palette.lit((60, 60, 66), far), 0.8 * u),
        Path().polygon([(-24 * u, -14 * u), (-22 * u, -44 * u), (6 * u, -44 * u), (8 * u, -14 * u)]).fill(house),
        Path().rect(-26 * u, -48 * u, 36 * u, 5 * u).fill(palette.lit(scale(hull, 0.8), far)),
    )
    pane = mix(palette.glow(LAMP), palette.air(), 0.3 * far) if palette.lamps else palette.lit((86, 118, 138), far)
    scene.add(Path().rect(-19 * u, -40 * u, 9 * u, 11 * u).rect(-7 * u, -40 * u, 9 * u, 11 * u).fill(pane))
    _add_hull(easel, scene, u, hull, far)
    return scene


def _add_hull(easel: Easel, scene: Scene, u: float, hull: Rgb, far: float) -> None:
    palette = easel.palette
    body = Path().move(-50 * u, -22 * u).cubic(-30 * u, -14 * u, 30 * u, -14 * u, 52 * u, -24 * u)
    body.cubic(48 * u, -8 * u, 42 * u, 2 * u, 34 * u, 6 * u).line(-36 * u, 6 * u).cubic(
        -44 * u, 2 * u, -48 * u, -8 * u, -50 * u, -22 * u
    ).close()
    scene.add(body.fill(palette.lit(hull, far)))
    keel = (
        Path()
        .move(-47 * u, -9 * u)
        .cubic(-20 * u, -3 * u, 20 * u, -3 * u, 48 * u, -10 * u)
        .line(34 * u, 6 * u)
        .line(-36 * u, 6 * u)
        .close()
    )
    scene.add(keel.fill(palette.lit(scale(hull, 0.62), far)))
    rail = Path().move(-50 * u, -22 * u).cubic(-30 * u, -14 * u, 30 * u, -14 * u, 52 * u, -24 * u)
    scene.add(rail.stroke(palette.lit((244, 234, 214), far), 2.6 * u))
