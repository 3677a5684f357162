"""The sky: a smooth gradient, sun or moon, stars and clouds."""

from __future__ import annotations

import math

from thorvg_python.paint.shape import Shape

from pipelines.imaging.backdrop.easel import HORIZON, LEFT, Easel
from pipelines.imaging.backdrop.motion import Drift, Pulse
from pipelines.imaging.backdrop.palette import mix, scale
from pipelines.imaging.backdrop.pen import Fade, Path, Rgb, group, halo
from pipelines.imaging.backdrop.wash import wash

CLOUD_SPAN = 4200.0
"""Clouds repeat after this many units, wider than what a camera shows."""


def paint_sky(easel: Easel, horizon: float = HORIZON) -> None:
    """The far layers that stand still behind everything: gradient, stars, sun or moon, clouds."""
    easel.sheet(0.0, wash(-620, horizon + 40, *easel.palette.sky, reach_up=200, reach_down=120))
    if easel.palette.stars:
        _paint_stars(easel, horizon)
    if easel.weather in ("clear", "cloudy", "snow") or (easel.weather == "fog" and easel.time_of_day == "day"):
        _paint_luminary(easel, horizon)
    if easel.mood == "hopeful" and easel.time_of_day != "night":
        easel.sheet(0.0, *_rays(easel, horizon))
    _paint_clouds(easel, horizon)


def sun_at(easel: Easel, horizon: float = HORIZON) -> tuple[float, float]:
    """Where the sun or the moon stands; the place decides the side, the hour the height."""
    x = easel.place.side("sun") * easel.place.number("sun.x", 260, 620)
    heights = {"dawn": horizon - 70, "day": -400.0, "dusk": horizon - 46, "night": -350.0}
    return x, heights[easel.time_of_day]


def _paint_luminary(easel: Easel, horizon: float) -> None:
    palette = easel.palette
    x, y = sun_at(easel, horizon)
    veil = 0.45 if easel.weather != "clear" else 1.0
    sheet = easel.sheet(0.05)
    glow = palette.glow(palette.key)
    if easel.time_of_day == "night":
        sheet.add(halo((x, y), 250, glow, round(95 * veil)))
        sheet.add(Path().ellipse(x, y, 52, 52).fill(mix(glow, palette.sky[1], 1 - veil)))
        craters = Path().ellipse(x - 16, y - 12, 12, 11).ellipse(x + 18, y + 12, 9, 8).ellipse(x + 10, y - 24, 6, 5)
        sheet.add(craters.ellipse(x - 14, y + 22, 7, 6).fill(palette.sky[2], round(70 * veil)))
        return
    radius = {"dawn": 66.0, "day": 58.0, "dusk": 84.0, "night": 52.0}[easel.time_of_day]
    sheet.add(halo((x, y), 330, glow, round(150 * veil)))
    sheet.add(Path().ellipse(x, y, radius * 1.35, radius * 1.35).fill(glow, round(80 * veil)))
    sheet.add(Path().ellipse(x, y, radius, radius).fill(mix(glow, (255, 255, 250), 0.5), round(255 * veil)))


def _paint_stars(easel: Easel, horizon: float) -> None:
    dice = easel.place.dice("stars")
    sheet = easel.sheet(0.0, moving=True)
    count = round(42 * easel.palette.stars)
    for family in range(3):
        path = Path()
        for _ in range(count):
            x, y = float(dice.uniform(-950, 950)), float(horizon - 60 - 640 * dice.beta(1.4, 1.0))
            r = float(dice.uniform(1.2, 2.9)) + family * 0.5
            path.polygon([(x, y - r * 1.5), (x + r, y), (x, y + r * 1.5), (x - r, y)])
        star = path.fill((255, 250, 232))
        sheet.add(star)
        easel.move(Pulse(star, 0.35 + 0.2 * family, 1.0, period_s=2.3 + 1.1 * family, phase=0.3 * family))


def _rays(easel: Easel, horizon: float) -> list[Shape]:
    """Beams that fan out from the sun and fade on their way."""
    x, y = sun_at(easel, horizon)
    dice = easel.place.dice("rays")
    colour = easel.palette.glow((255, 236, 186))
    stops = ((0.0, colour, 78), (0.5, colour, 34), (1.0, colour, 0))
    first, spread = (1.06, 0.88) if y > -200 else (0.16, 0.68)
    rays = []
    for i in range(7):
        angle = math.pi * (first + spread * i / 6) + float(dice.uniform(-0.05, 0.05))
        half = float(dice.uniform(0.035, 0.06))
        sides = [(x + 1300 * math.cos(a), y + 1300 * math.sin(a)) for a in (angle - half, angle + half)]
        end = (x + 1200 * math.cos(angle), y + 1200 * math.sin(angle))
        rays.append(Path().polygon([(x, y), *sides]).fill(Fade((x, y), end, stops)))
    return rays


def _paint_clouds(easel: Easel, horizon: float) -> None:
    counts = {"clear": 3, "cloudy": 9, "rain": 10, "storm": 11, "snow": 7, "fog": 2}
    dice = easel.place.dice("clouds")
    palette = easel.palette
    heavy = easel.weather in ("rain", "storm", "cloudy", "snow")
    for bank, depth in enumerate((0.03, 0.08)):
        count = counts[easel.weather] // 2 + bank
        shades, crowns = [], []  # a shape each: a cloud out of view then costs nothing
        for i in range(count):
            x = LEFT - 300 + CLOUD_SPAN * (i + float(dice.uniform(0.1, 0.9))) / count
            y = -330 + 130 * bank + float(dice.uniform(-110, 80)) - (60 if heavy else 0)
            size = float(dice.uniform(0.7, 1.25)) * (1.5 if heavy else 1.0) * (1.25 - 0.4 * bank)
            puffs = _puffs(dice.uniform(0, 1, 12).tolist(), size)
            for offset in (0.0, -CLOUD_SPAN):
                shade, crown = Path(), Path()
                _add_cloud(shade, crown, x + offset, y, puffs)
                shades.append(shade)
                crowns.append(crown)
        body = mix(palette.cloud, palette.sky[1], 0.30 - 0.16 * bank)
        under = scale(mix(body, palette.sky[2], 0.35), 0.86 if heavy else 0.97)
        cloud = group(*(one.fill(under, 235) for one in shades), *(one.fill(body, 245) for one in crowns))
        easel.sheet(depth, cloud, moving=True)
        easel.move(Drift(cloud, speed_x=(7 + 9 * bank) * easel.wind, wrap_x=CLOUD_SPAN))


def _puffs(seeds: list[float], size: float) -> list[tuple[float, float, float, float]]:
    puffs = []
    for i in range(5):
        across = (i - 2) * 74 * size
        lift = (34 - 15 * abs(i - 2)) * size * (0.7 + 0.6 * seeds[i])
        radius = (58 - 10 * abs(i - 2)) * size * (0.85 + 0.35 * seeds[5 + i])
        puffs.append((across, -lift, radius * 1.25, radius * 0.72))
    return puffs


def _add_cloud(shade: Path, crown: Path, x: float, y: float, puffs: list[tuple[float, float, float, float]]) -> None:
    for across, lift, rx, ry in puffs:
        shade.ellipse(x + across + 8, y + lift + 16, rx, ry)
        crown.ellipse(x + across, y + lift - 4, rx * 0.92, ry * 0.88)


def lit_edge(easel: Easel, colour: Rgb, share: float = 0.35) -> Rgb:
    """`colour` where the sun or the moon grazes it."""
    return mix(colour, easel.palette.glow(easel.palette.key), share)
