"""What falls and drifts through the air: rain, snow, fog, lightning, and the mist of a mysterious mood."""

from __future__ import annotations

from pipelines.imaging.backdrop.easel import HORIZON, LEFT, RIGHT, TOP, Easel
from pipelines.imaging.backdrop.motion import Drift, Flash, Pulse
from pipelines.imaging.backdrop.palette import mix
from pipelines.imaging.backdrop.pen import Fade, Path, Point, group, halo

_TILE_X, _TILE_Y = 850.0, 800.0
"""Rain and snow repeat after this many units, so the view needs a handful of tiles."""


def paint_weather(easel: Easel) -> None:
    """Falling weather in front of the figures and distant weather behind them. Called last."""
    if easel.wet:
        _paint_rain(easel)
    if easel.weather == "storm":
        _paint_lightning(easel)
    if easel.weather == "snow":
        _paint_snow(easel)
    if easel.weather == "fog":
        _paint_fog(easel, 0.55)
    elif easel.mood == "mysterious":
        _paint_fog(easel, 0.22)


def _paint_rain(easel: Easel) -> None:
    storm = easel.weather == "storm"
    lean = -0.34 if storm else -0.14
    colour = mix(easel.palette.air(), (255, 255, 255), 0.55)
    for bank, (depth, length, width, count, alpha) in enumerate(
        ((0.6, 46.0, 2.0, 26, 96), (1.2, 92.0, 3.0, 16, 120)),
    ):
        dice = easel.place.dice(f"rain{bank}")
        path = Path()
        for _ in range(round(count * (1.5 if storm else 1.0))):
            x, y = float(dice.uniform(0, _TILE_X)), float(dice.uniform(0, _TILE_Y))
            stretch = length * float(dice.uniform(0.6, 1.2))
            _tile(path, x, y, stretch * lean, stretch, width)
        rain = path.spread(colour, alpha)
        easel.sheet(depth, rain, moving=True, front=bank == 1)
        fall = (1500 if storm else 1150) * (0.75 + 0.4 * bank)
        easel.move(Drift(rain, lean * fall, fall, _TILE_X, _TILE_Y))


def _tile(path: Path, x: float, y: float, dx: float, dy: float, width: float) -> None:
    for column in range(-3, 2):
        for row in range(-2, 1):
            at_x, at_y = x + column * _TILE_X, y + row * _TILE_Y
            path.polygon(
                [(at_x, at_y), (at_x + width, at_y), (at_x + dx + width * 0.6, at_y + dy), (at_x + dx, at_y + dy)]
            )


def _paint_lightning(easel: Easel) -> None:
    dice = easel.place.dice("lightning")
    period_s = float(dice.uniform(5.0, 7.5))
    phase = float(dice.uniform(0.2, 0.9))
    x, y = float(dice.uniform(-620, 620)), -520.0
    points = [(x, y)]
    while y < HORIZON - 60:
        x, y = x + float(dice.uniform(-62, 62)), y + float(dice.uniform(40, 84))
        points.append((x, y))
    fork = points[len(points) // 2]
    bolt = Path().polyline(points).polyline([fork, (fork[0] + 60, fork[1] + 70), (fork[0] + 84, fork[1] + 150)])
    flash = group(
        Path().rect(LEFT, TOP, RIGHT - LEFT, HORIZON - TOP).fill((214, 222, 255), 70),
        bolt.stroke((206, 214, 255), 16, 70),
        bolt.stroke((250, 250, 255), 5),
    )
    easel.sheet(0.05, flash, moving=True, index=1)
    easel.move(Flash(flash, period_s, phase))


def _paint_snow(easel: Easel) -> None:
    white = mix((255, 255, 255), easel.palette.air(), 0.12)
    for bank, (depth, size, count, front) in enumerate(
        ((0.5, 3.2, 40, False), (0.9, 5.0, 22, True), (1.3, 8.0, 9, True))
    ):
        dice = easel.place.dice(f"snow{bank}")
        path = Path()
        for _ in range(count):
            x, y = float(dice.uniform(0, _TILE_X)), float(dice.uniform(0, _TILE_Y))
            r = size * float(dice.uniform(0.6, 1.3))
            for column in range(-3, 2):
                for row in range(-2, 1):
                    path.polygon(_flake(x + column * _TILE_X, y + row * _TILE_Y, r))
        snow = path.spread(white, 215)
        easel.sheet(depth, snow, moving=True, front=front)
        easel.move(Drift(snow, -28.0 * (bank + 1), 90.0 + 70 * bank, _TILE_X, _TILE_Y))


def _flake(x: float, y: float, radius: float) -> list[Point]:
    """A hexagon: a round flake of this size looks the same and takes three times as long."""
    half, tall = radius * 0.5, radius * 0.87
    return [
        (x - radius, y),
        (x - half, y - tall),
        (x + half, y - tall),
        (x + radius, y),
        (x + half, y + tall),
        (x - half, y + tall),
    ]


def _paint_fog(easel: Easel, strength: float) -> None:
    air = mix(easel.palette.air(), (255, 255, 255), 0.10 if easel.time_of_day == "night" else 0.25)
    span = 1700.0
    for bank, (depth, y, front) in enumerate(((0.45, 120.0, False), (0.8, 270.0, False), (1.15, 430.0, True))):
        dice = easel.place.dice(f"fog{bank}")
        path = Path()
        for i in range(4):
            x = span * (i + float(dice.uniform(0.2, 0.8))) / 4
            for column in range(-2, 2):
                path.ellipse(x + column * span, y + float(dice.uniform(-36, 36)), 430, 62 + 16 * bank)
        fog = path.fill(air, round(150 * strength))
        easel.sheet(depth, fog, moving=True, front=front)
        easel.move(Drift(fog, (14 + 10 * bank) * (1 if bank % 2 else -1), 0.0, span))
    if strength > 0.4:
        wall = Fade((0, -300), (0, 330), ((0.0, air, 0), (0.55, air, 165), (0.9, air, 60), (1.0, air, 0)))
        veil = Path().rect(LEFT, -300, RIGHT - LEFT, 630).fill(wall)
        easel.sheet(0.6, veil)


def paint_light_pool(easel: Easel, x: float, y: float, radius: float, alpha: int = 120, depth: float = 1.0) -> None:
    """A lamp's flickering glow around (x, y)."""
    glow = halo((x, y), radius, easel.palette.glow((255, 190, 104)), alpha)
    easel.sheet(depth, glow, moving=True)
    easel.move(Pulse(glow, 0.78, 1.0, period_s=1.7, phase=easel.place.number(f"pool{x:.0f}", 0, 1), flicker=True))
