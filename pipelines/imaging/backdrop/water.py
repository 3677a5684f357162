"""Water: the open sea with rolling swells, glitter and foam."""

from __future__ import annotations

import math

from pipelines.imaging.backdrop.easel import BOTTOM, HORIZON, LEFT, RIGHT, Easel
from pipelines.imaging.backdrop.motion import Drift, Pulse, Sway
from pipelines.imaging.backdrop.palette import mix, scale
from pipelines.imaging.backdrop.pen import Fade, Path, Rgb, group
from pipelines.imaging.backdrop.sky import sun_at
from pipelines.imaging.backdrop.wash import wash


def sea_colour(easel: Easel) -> Rgb:
    """The material of this place's sea."""
    return easel.place.pick("sea", ((34, 110, 150), (26, 122, 138), (44, 100, 158), (38, 128, 148)))


def paint_sea(easel: Easel, shore: float, depth: float = 0.35, horizon: float = HORIZON) -> None:
    """The sea from the horizon to the level `shore`, with three banks of swells and the light's path on it."""
    palette = easel.palette
    colour = sea_colour(easel)
    far = mix(palette.lit(colour, 0.75), palette.sky[3], 0.22)
    mid, near = palette.lit(colour, 0.3), palette.lit(scale(colour, 0.74), 0.08)
    easel.sheet(depth * 0.6, wash(horizon, shore, far, mid, near, reach_down=BOTTOM - shore))
    easel.sheet(depth * 0.6, Path().rect(LEFT, horizon - 1, RIGHT - LEFT, 4).fill(mix(far, palette.sky[3], 0.6)))
    _paint_glitter(easel, horizon, shore, depth)
    rough = {"storm": 4.2, "rain": 1.7, "cloudy": 1.1, "clear": 0.8, "snow": 0.9, "fog": 0.5}[easel.weather]
    for bank in range(3):
        share = (bank + 0.6) / 3.4
        level = horizon + (shore - horizon) * share**1.25
        _paint_swell(easel, bank, level, rough * (2.5 + 5 * bank), mix(far, near, share), depth * (0.7 + 0.2 * bank))


def _paint_swell(easel: Easel, bank: int, level: float, height: float, colour: Rgb, depth: float) -> None:
    """One row of wave crests that rolls sideways and heaves."""
    wave = 170.0 + 110 * bank
    crest, foam = Path(), Path()
    count = round((RIGHT - LEFT + 2 * wave) / wave) + 3
    dice = easel.place.dice(f"swell{bank}")
    cycle = dice.uniform(0.6, 1.2, 4)
    for i in range(count):
        x = LEFT - 4 * wave + i * wave
        tall = height * float(cycle[i % 4])
        wide = wave * 0.46
        crest.move(x - wide, level + 3).cubic(x - wide * 0.3, level + 2, x - wide * 0.2, level - tall, x, level - tall)
        crest.cubic(x + wide * 0.3, level - tall, x + wide * 0.6, level + 2, x + wide, level + 3)
        crest.cubic(x + wide * 0.4, level + 7, x - wide * 0.4, level + 7, x - wide, level + 3).close()
        foam.move(x - wide * 0.5, level - tall * 0.30).cubic(
            x - wide * 0.2, level - tall * 1.25, x + wide * 0.1, level - tall * 1.2, x + wide * 0.4, level - tall * 0.4
        )
        foam.cubic(
            x + wide * 0.1, level - tall * 0.86, x - wide * 0.2, level - tall * 0.7, x - wide * 0.5, level - tall * 0.30
        ).close()
    palette = easel.palette
    light = mix(mix(colour, palette.sky[3], 0.38), palette.glow(palette.key), 0.10)
    foam_alpha = 225 if easel.weather == "storm" else 120
    swell = crest.spread(mix(colour, light, 0.6), 190)
    top = foam.spread(mix(palette.lit((240, 248, 250), 0.1), light, 0.25), foam_alpha)
    heave = group(swell, top)
    easel.sheet(depth, heave, moving=True)
    sideways = 4 * wave
    for paint in (swell, top):
        easel.move(Drift(paint, speed_x=(9 + 8 * bank) * easel.wind, wrap_x=sideways))
    easel.move(Sway(heave, (0.0, 0.0), reach_y=2.0 + 2.0 * bank, period_s=3.6 + bank, phase=0.3 * bank))


def _paint_glitter(easel: Easel, horizon: float, shore: float, depth: float) -> None:
    """The broken path of light below the sun or moon, in two families that twinkle in turn."""
    if easel.weather not in ("clear", "cloudy"):
        return
    x, _ = sun_at(easel)
    dice = easel.place.dice("glitter")
    strength = 1.0 if easel.weather == "clear" else 0.45
    colour = easel.palette.glow(easel.palette.key)
    for family in range(2):
        path = Path()
        for i in range(20):
            share = (i + float(dice.uniform(0, 1))) / 20
            y = horizon + 5 + (shore - horizon) * share
            spread = 40 + 150 * share
            wide = (14 + 34 * share) * float(dice.uniform(0.6, 1.4))
            at = x + float(dice.uniform(-1, 1)) * spread * (1.0 if easel.time_of_day != "day" else 1.8)
            path.ellipse(at, y, wide, 1.6 + 2.4 * share)
        glints = path.fill(colour, round((210 if easel.time_of_day != "day" else 150) * strength))
        easel.sheet(depth * 0.6, glints, moving=True)
        easel.move(Pulse(glints, 0.35, 1.0, period_s=1.9, phase=0.5 * family))


def paint_surf(easel: Easel, level: float, colour: Rgb, depth: float = 0.85) -> None:
    """The edge where the sea runs up the beach: a foam line that breathes, over wet sand."""
    points = [(x, level + 14 * math.sin(x / 210.0) + 6 * math.sin(x / 83.0)) for x in range(-1900, 1901, 50)]
    palette = easel.palette
    foam = palette.lit((240, 248, 250), 0.05)
    easel.sheet(depth, Path().ridge(points, level + 70).fill(palette.lit(scale(colour, 0.72))))
    tongue = Path()
    shallow = mix(palette.lit(scale(sea_colour(easel), 1.1), 0.1), palette.lit(colour), 0.25)
    tongue.move(points[0][0], level - 92).line(*points[0]).through(points).line(points[-1][0], level - 92).close()
    run = group(
        tongue.fill(Fade((0, level - 90), (0, level - 6), ((0.0, shallow, 0), (1.0, shallow, 235)))),
        Path().polyline(points).stroke(foam, 9, 235),
        Path().polyline([(x, y - 22) for x, y in points]).stroke(foam, 4, 110),
    )
    easel.sheet(depth, run, moving=True)
    easel.move(Sway(run, (0.0, 0.0), reach_x=18.0, reach_y=13.0, period_s=5.2))
