"""Outlines: what a pen fills or strokes, as cubic curves.

A Path holds command bytes (0 close, 1 move, 2 line, 3 cubic) and a flat list of x, y. Angles are in radians, clockwise
on screen because y points down.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence

Point = tuple[float, float]

_KAPPA = 0.5522847498
"""Handle length that makes four cubics a circle to within 0.03 %."""


class Path:
    """An outline under construction. Once handed to a pen it is not changed any more."""

    __slots__ = ("commands", "points")

    def __init__(self) -> None:
        self.commands = bytearray()
        self.points = array("f")

    def move(self, x: float, y: float) -> Path:
        self.commands.append(1)
        self.points.extend((x, y))
        return self

    def line(self, x: float, y: float) -> Path:
        self.commands.append(2)
        self.points.extend((x, y))
        return self

    def cubic(self, ax: float, ay: float, bx: float, by: float, x: float, y: float) -> Path:
        self.commands.append(3)
        self.points.extend((ax, ay, bx, by, x, y))
        return self

    def close(self) -> Path:
        self.commands.append(0)
        return self

    def add(self, other: Path) -> Path:
        """This path with the contours of `other` behind its own."""
        self.commands.extend(other.commands)
        self.points.extend(other.points)
        return self


def polygon(*points: Point) -> Path:
    path = Path().move(*points[0])
    for x, y in points[1:]:
        path.line(x, y)
    return path.close()


def rectangle(x: float, y: float, width: float, height: float, radius: float = 0.0) -> Path:
    """A box with its corner at x, y; `radius` rounds it."""
    r = min(radius, width / 2, height / 2)
    if r <= 0:
        return polygon((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    k, right, low = r * (1 - _KAPPA), x + width, y + height
    path = Path().move(x + r, y).line(right - r, y).cubic(right - k, y, right, y + k, right, y + r)
    path.line(right, low - r).cubic(right, low - k, right - k, low, right - r, low)
    path.line(x + r, low).cubic(x + k, low, x, low - k, x, low - r)
    return path.line(x, y + r).cubic(x, y + k, x + k, y, x + r, y).close()


def ellipse(x: float, y: float, rx: float, ry: float, angle: float = 0.0) -> Path:
    """An ellipse about x, y, turned by `angle`."""
    path = Path()
    path.commands.extend(b"\x01\x03\x03\x03\x03\x00")
    if not angle:
        kx, ky = rx * _KAPPA, ry * _KAPPA
        r, b, lt, t = x + rx, y + ry, x - rx, y - ry
        path.points.extend(
            (r, y, r, y + ky, x + kx, b, x, b, x - kx, b, lt, y + ky, lt, y,
             lt, y - ky, x - kx, t, x, t, x + kx, t, r, y - ky, r, y)
        )  # fmt: skip
        return path
    cos, sin = math.cos(angle), math.sin(angle)
    k = _KAPPA
    corners = (
        (1, 0), (1, k), (k, 1), (0, 1), (-k, 1), (-1, k), (-1, 0),
        (-1, -k), (-k, -1), (0, -1), (k, -1), (1, -k), (1, 0),
    )  # fmt: skip
    flat: list[float] = []
    for u, v in corners:
        px, py = u * rx, v * ry
        flat += (x + px * cos - py * sin, y + px * sin + py * cos)
    path.points.extend(flat)
    return path


def blob(points: Sequence[Point], tension: float = 1.0) -> Path:
    """The smooth closed curve through `points` (Catmull-Rom; `tension` 0 gives straight sides)."""
    count = len(points)
    k = tension / 6
    flat: list[float] = list(points[0])
    for i in range(count):
        (x0, y0), (x1, y1) = points[i - 1], points[i]
        (x2, y2), (x3, y3) = points[(i + 1) % count], points[(i + 2) % count]
        flat += (x1 + (x2 - x0) * k, y1 + (y2 - y0) * k, x2 - (x3 - x1) * k, y2 - (y3 - y1) * k, x2, y2)
    path = Path()
    path.commands.append(1)
    path.commands.extend(b"\x03" * count)
    path.commands.append(0)
    path.points.extend(flat)
    return path


def curve(points: Sequence[Point], tension: float = 1.0) -> Path:
    """The smooth open curve through `points`."""
    last = len(points) - 1
    k = tension / 6
    flat: list[float] = list(points[0])
    for i in range(last):
        x0, y0 = points[max(i - 1, 0)]
        (x1, y1), (x2, y2) = points[i], points[i + 1]
        x3, y3 = points[min(i + 2, last)]
        flat += (x1 + (x2 - x0) * k, y1 + (y2 - y0) * k, x2 - (x3 - x1) * k, y2 - (y3 - y1) * k, x2, y2)
    path = Path()
    path.commands.append(1)
    path.commands.extend(b"\x03" * last)
    path.points.extend(flat)
    return path


def limb(start: Point, middle: Point, end: Point, widths: Sequence[float]) -> Path:
    """A tapered limb from `start` over the joint `middle` to `end`, round at all three.

    Args:
        widths: full widths at the start, the joint and the end.
    """
    path = _taper(start, middle, widths[0] / 2, widths[1] / 2)
    path.add(_taper(middle, end, widths[1] / 2, widths[2] / 2))
    for (x, y), width in zip((start, middle, end), widths, strict=True):
        path.add(ellipse(x, y, width / 2, width / 2))
    return path


def _taper(start: Point, end: Point, first: float, second: float) -> Path:
    """A strip between two half widths, wound like an ellipse, so that overlaps add up."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / length, dx / length
    return polygon(
        (start[0] - nx * first, start[1] - ny * first),
        (end[0] - nx * second, end[1] - ny * second),
        (end[0] + nx * second, end[1] + ny * second),
        (start[0] + nx * first, start[1] + ny * first),
    )


def joint(start: Point, end: Point, upper: float, lower: float, side: float) -> tuple[Point, Point]:
    """The middle joint of a two-bone limb that reaches from `start` towards `end`, and where it really ends.

    Args:
        side: +1 bends to the right of the direction start to end (on screen, y down), -1 to the left.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    distance = math.hypot(dx, dy) or 1e-6
    reach = min(distance, (upper + lower) * 0.999)
    reach = max(reach, abs(upper - lower) * 1.001)
    ux, uy = dx / distance, dy / distance
    along = (upper * upper - lower * lower + reach * reach) / (2 * reach)
    off = math.sqrt(max(upper * upper - along * along, 0.0)) * side
    middle = (start[0] + ux * along - uy * off, start[1] + uy * along + ux * off)
    return middle, (start[0] + ux * reach, start[1] + uy * reach)
