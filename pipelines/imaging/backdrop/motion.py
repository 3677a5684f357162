"""Movements of painted things, each a pure function of the time: any second can be drawn first."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from thorvg_python.base import Matrix
from thorvg_python.paint.scene import Scene
from thorvg_python.paint.shape import Shape

Paint = Shape | Scene


class Motion(Protocol):
    """A movement that can be set to any time."""

    def apply(self, seconds: float) -> None:
        """Puts the paint where it is at `seconds` (any finite value)."""


@dataclass(frozen=True)
class Drift:
    """Steady travel of a paint that repeats itself every `wrap_x`, `wrap_y` units (0 = no travel on that axis)."""

    paint: Paint
    speed_x: float = 0.0
    speed_y: float = 0.0
    wrap_x: float = 0.0
    wrap_y: float = 0.0

    def apply(self, seconds: float) -> None:
        x = (self.speed_x * seconds) % self.wrap_x if self.wrap_x else 0.0
        y = (self.speed_y * seconds) % self.wrap_y if self.wrap_y else 0.0
        self.paint.translate(x, y)


@dataclass(frozen=True)
class Sway:
    """Swinging about `pivot` (the paint is drawn with the pivot at its origin) and bobbing around it."""

    paint: Paint
    pivot: tuple[float, float]
    degrees: float = 0.0
    reach_x: float = 0.0
    reach_y: float = 0.0
    period_s: float = 4.0
    phase: float = 0.0

    def apply(self, seconds: float) -> None:
        turn = 2 * math.pi * (seconds / self.period_s + self.phase)
        swing = 0.8 * math.sin(turn) + 0.2 * math.sin(2.3 * turn)
        if self.degrees:
            self.paint.rotate(self.degrees * swing)
        self.paint.translate(
            self.pivot[0] + self.reach_x * math.sin(turn), self.pivot[1] + self.reach_y * math.cos(turn * 1.1)
        )


@dataclass(frozen=True)
class Pulse:
    """Opacity between `low` and `high` (0..1), as a slow swell or, with `flicker`, as a restless flame."""

    paint: Paint
    low: float
    high: float
    period_s: float = 3.0
    phase: float = 0.0
    flicker: bool = False

    def apply(self, seconds: float) -> None:
        turn = 2 * math.pi * (seconds / self.period_s + self.phase)
        wave = math.sin(turn)
        if self.flicker:
            wave = 0.5 * wave + 0.3 * math.sin(2.71 * turn) + 0.2 * math.sin(5.3 * turn)
        share = 0.5 + 0.5 * wave
        self.paint.set_opacity(round(255 * (self.low + (self.high - self.low) * share)))


@dataclass(frozen=True)
class Flash:
    """Lightning: dark but for two short strokes in every period."""

    paint: Paint
    period_s: float
    phase: float
    strength: float = 1.0

    def apply(self, seconds: float) -> None:
        since = (seconds + self.phase * self.period_s) % self.period_s
        glow = max(0.0, 1 - since / 0.12) + max(0.0, 0.8 - abs(since - 0.3) / 0.18)
        self.paint.set_opacity(round(255 * min(1.0, glow) * self.strength))


@dataclass(frozen=True)
class Sweep:
    """A turning beam seen from the side: its length shrinks and flips as it turns."""

    paint: Paint
    pivot: tuple[float, float]
    period_s: float
    phase: float

    def apply(self, seconds: float) -> None:
        turn = 2 * math.pi * (seconds / self.period_s + self.phase)
        reach = math.cos(turn)
        x, y = self.pivot
        self.paint.set_transform(Matrix(reach, 0.0, x, 0.06 * math.sin(turn), 1.0 + 0.5 * math.sin(turn), y, 0, 0, 1))
        self.paint.set_opacity(round(255 * (0.45 + 0.55 * abs(reach))))
