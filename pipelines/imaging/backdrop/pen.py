"""Filled and stroked paths for ThorVG, built in one call each.

A `Path` collects sub-paths in world units (y downwards) and becomes one `Shape`. One shape with many sub-paths draws
several times faster than many shapes, so repeated details (stars, bricks, drops) belong in one path.
"""

from __future__ import annotations

import ctypes
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from thorvg_python.base import ColorStop, FillRule, PathCommand, StrokeCap, StrokeJoin
from thorvg_python.gradient.linear import LinearGradient
from thorvg_python.gradient.radial import RadialGradient
from thorvg_python.paint.scene import Scene
from thorvg_python.paint.shape import Shape

from pipelines.imaging import canvas as cv
from pipelines.imaging.canvas import engine

Rgb = tuple[int, int, int]
Point = tuple[float, float]
Stop = tuple[float, Rgb, int]
"""Offset 0..1, colour, alpha 0..255."""

SPREAD = 420.0
"""Side of the pieces of a spread shape, about half of what a medium shot shows."""

_POINTS: dict[int, int] = {
    PathCommand.CLOSE: 0,
    PathCommand.MOVE_TO: 1,
    PathCommand.LINE_TO: 1,
    PathCommand.CUBIC_TO: 3,
}

_CIRCLE = 0.5522847498
"""Control distance that makes four cubics a circle."""


@dataclass(frozen=True)
class Fade:
    """A linear gradient from `start` to `end`."""

    start: Point
    end: Point
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Halo:
    """A radial gradient; costs about three times a linear one per pixel, so keep radii small."""

    centre: Point
    radius: float
    stops: tuple[Stop, ...]


Fill = Rgb | Fade | Halo


def fade_down(top: float, bottom: float, *colours: Rgb) -> Fade:
    """A vertical opaque gradient with evenly spaced colours."""
    last = max(1, len(colours) - 1)
    return Fade((0.0, top), (0.0, bottom), tuple((i / last, colour, 255) for i, colour in enumerate(colours)))


def fade_across(left: float, right: float, *colours: Rgb) -> Fade:
    """A horizontal opaque gradient with evenly spaced colours."""
    last = max(1, len(colours) - 1)
    return Fade((left, 0.0), (right, 0.0), tuple((i / last, colour, 255) for i, colour in enumerate(colours)))


def halo(centre: Point, radius: float, colour: Rgb, alpha: int) -> Shape:
    """A soft round glow, `alpha` in the middle and nothing at the rim."""
    stops = ((0.0, colour, alpha), (0.35, colour, alpha // 2), (0.7, colour, alpha // 7), (1.0, colour, 0))
    return Path().ellipse(*centre, radius, radius).fill(Halo(centre, radius, stops))


def band(x: float, y: float, width: float, height: float, colour: Rgb) -> Shape:
    """A plain upright rectangle, built five times faster than by a path."""
    shape = Shape(engine())
    shape.append_rect(x, y, width, height, 0.0, 0.0, True)
    shape.set_fill_color(*colour, 255)
    return shape


def group(*paints: Shape | Scene) -> Scene:
    """A scene that holds `paints` in drawing order."""
    scene = Scene(engine())
    for paint in paints:
        scene.add(paint)
    return scene


class Path:
    """Sub-paths that become one shape. Every method but `fill` and `stroke` returns the path itself."""

    def __init__(self) -> None:
        self._commands = bytearray()
        self._points = array("f")

    @property
    def empty(self) -> bool:
        """Whether nothing has been added; an empty path makes no shape."""
        return not self._commands

    def move(self, x: float, y: float) -> Self:
        self._commands.append(PathCommand.MOVE_TO)
        self._points.extend((x, y))
        return self

    def line(self, x: float, y: float) -> Self:
        self._commands.append(PathCommand.LINE_TO)
        self._points.extend((x, y))
        return self

    def cubic(self, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> Self:
        self._commands.append(PathCommand.CUBIC_TO)
        self._points.extend((x1, y1, x2, y2, x, y))
        return self

    def close(self) -> Self:
        self._commands.append(PathCommand.CLOSE)
        return self

    def polygon(self, points: Iterable[Point]) -> Self:
        """A closed polygon."""
        first, *rest = points
        self.move(*first)
        for point in rest:
            self.line(*point)
        return self.close()

    def polyline(self, points: Iterable[Point]) -> Self:
        """An open line, for stroking."""
        first, *rest = points
        self.move(*first)
        for point in rest:
            self.line(*point)
        return self

    def through(self, points: Sequence[Point]) -> Self:
        """A smooth open curve through `points` (Catmull-Rom), carrying on from an open sub-path."""
        if not self._commands or self._commands[-1] == PathCommand.CLOSE:
            self.move(*points[0])
        ends = [points[0], *points, points[-1]]
        for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
            self.cubic(
                start[0] + (end[0] - before[0]) / 6,
                start[1] + (end[1] - before[1]) / 6,
                end[0] - (after[0] - start[0]) / 6,
                end[1] - (after[1] - start[1]) / 6,
                *end,
            )
        return self

    def blob(self, points: Sequence[Point]) -> Self:
        """A smooth closed curve through `points`."""
        count = len(points)
        self.move(*points[0])
        for i in range(count):
            before, start = points[i - 1], points[i]
            end, after = points[(i + 1) % count], points[(i + 2) % count]
            self.cubic(
                start[0] + (end[0] - before[0]) / 6,
                start[1] + (end[1] - before[1]) / 6,
                end[0] - (after[0] - start[0]) / 6,
                end[1] - (after[1] - start[1]) / 6,
                *end,
            )
        return self.close()

    def ridge(self, points: Sequence[Point], floor: float) -> Self:
        """The area between a smooth line through `points` (left to right) and the level `floor`."""
        self.move(points[0][0], floor).line(*points[0]).through(points)
        return self.line(points[-1][0], floor).close()

    def rect(self, x: float, y: float, width: float, height: float) -> Self:
        """An upright rectangle from its top left corner."""
        return self.polygon([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])

    def rounded(self, x: float, y: float, width: float, height: float, radius: float) -> Self:
        """A rectangle with rounded corners."""
        r, k = min(radius, width / 2, height / 2), (1 - _CIRCLE)
        right, low = x + width, y + height
        self.move(x + r, y).line(right - r, y).cubic(right - r * k, y, right, y + r * k, right, y + r)
        self.line(right, low - r).cubic(right, low - r * k, right - r * k, low, right - r, low)
        self.line(x + r, low).cubic(x + r * k, low, x, low - r * k, x, low - r)
        return self.line(x, y + r).cubic(x, y + r * k, x + r * k, y, x + r, y).close()

    def ellipse(self, cx: float, cy: float, rx: float, ry: float) -> Self:
        """An upright ellipse."""
        kx, ky = rx * _CIRCLE, ry * _CIRCLE
        self.move(cx, cy - ry).cubic(cx + kx, cy - ry, cx + rx, cy - ky, cx + rx, cy)
        self.cubic(cx + rx, cy + ky, cx + kx, cy + ry, cx, cy + ry)
        self.cubic(cx - kx, cy + ry, cx - rx, cy + ky, cx - rx, cy)
        return self.cubic(cx - rx, cy - ky, cx - kx, cy - ry, cx, cy - ry).close()

    def arc(self, cx: float, cy: float, radius: float, start_deg: float, end_deg: float) -> Self:
        """A circular arc, clockwise on screen, for stroking."""
        steps = max(2, round(abs(end_deg - start_deg) / 12))
        angles = [math.radians(start_deg + (end_deg - start_deg) * i / steps) for i in range(steps + 1)]
        return self.polyline([(cx + radius * math.cos(a), cy + radius * math.sin(a)) for a in angles])

    def fill(self, fill: Fill, alpha: int = 255, even_odd: bool = False) -> Shape:
        """The filled shape. `alpha` counts for plain colours; gradients carry theirs in the stops."""
        shape = self._shape()
        if isinstance(fill, tuple):
            shape.set_fill_color(*fill, alpha)
        else:
            shape.set_gradient(_gradient(fill))
        if even_odd:
            shape.set_fill_rule(FillRule.EVEN_ODD)
        return shape

    def spread(self, colour: Rgb, alpha: int = 255) -> Scene:
        """The filled shape in pieces of SPREAD units of width and height, by the middle of each sub-path.

        For many small sub-paths over a wide area, of which a camera shows a part: outlining a path costs as much out of
        view as in view, and a piece out of view costs nothing. Sub-paths of a translucent colour should not overlap.
        """
        pieces: dict[tuple[int, int], Path] = {}
        for commands, points in self._sub_paths():
            middle_x, middle_y = (min(points[axis::2]) + max(points[axis::2]) for axis in (0, 1))
            piece = pieces.setdefault((int(middle_x // (2 * SPREAD)), int(middle_y // (2 * SPREAD))), Path())
            piece._commands.extend(commands)
            piece._points.extend(points)
        return group(*(piece.fill(colour, alpha) for piece in pieces.values()))

    def _sub_paths(self) -> Iterator[tuple[bytearray, array[float]]]:
        start, at = 0, 0
        for index, command in enumerate(self._commands):
            if index > start and command == PathCommand.MOVE_TO:
                end = at + 2 * sum(map(_POINTS.__getitem__, self._commands[start:index]))
                yield self._commands[start:index], self._points[at:end]
                start, at = index, end
        if self._commands:
            yield self._commands[start:], self._points[at:]

    def stroke(self, colour: Rgb, width: float, alpha: int = 255) -> Shape:
        """The outline drawn with round ends and joins, unfilled."""
        shape = self._shape()
        shape.set_stroke_width(width)
        shape.set_stroke_color(*colour, alpha)
        shape.set_stroke_cap(StrokeCap.ROUND)
        shape.set_stroke_join(StrokeJoin.ROUND)
        return shape

    def _shape(self) -> Shape:
        shape = Shape(engine())
        commands = (ctypes.c_uint8 * len(self._commands)).from_buffer_copy(self._commands)
        start, length = self._points.buffer_info()
        cv.shape_append_path(cv.address(shape), commands, len(self._commands), start, length // 2)
        return shape


def _gradient(fill: Fade | Halo) -> LinearGradient | RadialGradient:
    gradient: LinearGradient | RadialGradient
    if isinstance(fill, Fade):
        gradient = linear = LinearGradient(engine())
        linear.set(*fill.start, *fill.end)
    else:
        gradient = radial = RadialGradient(engine())
        radial.set(*fill.centre, fill.radius, *fill.centre, 0.0)
    gradient.set_color_stops([ColorStop(offset, *colour, alpha) for offset, colour, alpha in fill.stops])
    return gradient
