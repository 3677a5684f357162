"""A pen draws a scene anew every frame, but only what changed costs anything.

A figure is drawn in code from back to front, each frame as if the sheet were empty. The pen keeps the shapes of the
frame before in the same order and touches a shape only where its outline, fill, stroke or placement differs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

from thorvg_python.base import ColorStop
from thorvg_python.paint.scene import Scene

from pipelines.imaging import canvas as cv
from pipelines.imaging.colour import Rgb, tinted
from pipelines.imaging.path import Path

Matrix6 = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): x' = a x + b y + c, y' = d x + e y + f."""

IDENTITY: Matrix6 = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def chain(outer: Matrix6, inner: Matrix6) -> Matrix6:
    """`inner` first, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return a * g + b * j, a * h + b * k, a * i + b * m + c, d * g + e * j, d * h + e * k, d * i + e * m + f


@dataclass(frozen=True)
class Linear:
    """A colour run from one point to another; stops are (offset 0..1, colour, alpha 0..255)."""

    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[tuple[float, Rgb, int], ...]


@dataclass(frozen=True)
class Radial:
    """A colour run from a centre outwards."""

    centre: tuple[float, float]
    radius: float
    stops: tuple[tuple[float, Rgb, int], ...]


Fill = Rgb | Linear | Radial


def run(*colours: Rgb) -> tuple[tuple[float, Rgb, int], ...]:
    """Evenly spaced opaque stops."""
    last = max(len(colours) - 1, 1)
    return tuple((index / last, colour, 255) for index, colour in enumerate(colours))


class _Slot:
    """One shape of the scene and what it shows now."""

    __slots__ = ("alpha", "fill", "path", "placed", "pointer", "stroke", "visible")

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer
        self.path: Path | None = None
        self.fill: Fill | None = None
        self.alpha = -1
        self.stroke: tuple[Rgb, float, int] | None = None
        self.placed = IDENTITY
        self.visible = True


class Pen:
    """Draws into `scene`: `begin`, then fills and strokes from back to front, then `end`."""

    def __init__(self, scene: Scene, tint: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> None:
        self._scene = cv.address(scene)
        self._slots: list[_Slot] = []
        self._next = 0
        self._tint = tint
        self._tints: dict[Rgb, Rgb] = {}
        self.at: Matrix6 = IDENTITY
        """Placement of what is drawn from now on."""

    def begin(self) -> None:
        self._next = 0
        self.at = IDENTITY

    def end(self) -> None:
        """Hide what the frame before had beyond this one."""
        for slot in self._slots[self._next :]:
            if slot.visible:
                cv.paint_visible(slot.pointer, False)
                slot.visible = False

    def fill(self, path: Path, fill: Fill, alpha: int = 255, edge: Rgb | None = None, edge_width: float = 0.0) -> None:
        """`path` filled; `edge` draws its outline too. `alpha` counts for plain colours and edges."""
        slot = self._slot(path)
        if slot.fill != fill or slot.alpha != alpha:
            self._set_fill(slot, fill, alpha)
        self._set_stroke(slot, (self._lit(edge), edge_width, alpha) if edge is not None else None)

    def stroke(self, path: Path, colour: Rgb, width: float, alpha: int = 255, *, lit: bool = True) -> None:
        """`path` as a line with round ends; `lit` False keeps its colour out of the tint, as light itself does."""
        slot = self._slot(path)
        if slot.fill is not None or slot.alpha != 0:
            cv.shape_fill_colour(slot.pointer, 0, 0, 0, 0)
            slot.fill, slot.alpha = None, 0
        self._set_stroke(slot, (self._lit(colour) if lit else colour, width, alpha))

    def _slot(self, path: Path) -> _Slot:
        if self._next == len(self._slots):
            pointer = cv.shape_new()
            cv.scene_add(self._scene, pointer)
            cv.shape_stroke_cap(pointer, 1)
            cv.shape_stroke_join(pointer, 1)
            self._slots.append(_Slot(pointer))
        slot = self._slots[self._next]
        self._next += 1
        if not slot.visible:
            cv.paint_visible(slot.pointer, True)
            slot.visible = True
        if slot.path is not path:
            self._set_path(slot, path)
        if slot.placed != self.at:
            cv.paint_transform(slot.pointer, (ctypes.c_float * 9)(*self.at, 0.0, 0.0, 1.0))
            slot.placed = self.at
        return slot

    def _set_path(self, slot: _Slot, path: Path) -> None:
        old = slot.path
        slot.path = path
        if old is not None and old.points == path.points and old.commands == path.commands:
            return
        cv.shape_reset(slot.pointer)
        if path.commands:
            commands = (ctypes.c_uint8 * len(path.commands)).from_buffer_copy(path.commands)
            start, length = path.points.buffer_info()
            cv.shape_append_path(slot.pointer, commands, len(path.commands), start, length // 2)

    def _set_fill(self, slot: _Slot, fill: Fill, alpha: int) -> None:
        if isinstance(fill, Linear | Radial):
            cv.shape_gradient(slot.pointer, self._gradient(fill))
        else:
            cv.shape_fill_colour(slot.pointer, *self._lit(fill), alpha)
        slot.fill, slot.alpha = fill, alpha

    def _set_stroke(self, slot: _Slot, stroke: tuple[Rgb, float, int] | None) -> None:
        if slot.stroke == stroke:
            return
        if stroke is None:
            cv.shape_stroke_width(slot.pointer, 0.0)
        else:
            colour, width, alpha = stroke
            cv.shape_stroke_width(slot.pointer, width)
            cv.shape_stroke_colour(slot.pointer, *colour, alpha)
        slot.stroke = stroke

    def _lit(self, colour: Rgb) -> Rgb:
        if colour not in self._tints:
            self._tints[colour] = tinted(colour, self._tint)
        return self._tints[colour]

    def _gradient(self, fill: Linear | Radial) -> int:
        if isinstance(fill, Linear):
            pointer = cv.linear_new()
            cv.linear_set(pointer, *fill.start, *fill.end)
        else:
            pointer = cv.radial_new()
            cv.radial_set(pointer, *fill.centre, fill.radius, *fill.centre, 0.0)
        stops = self._stops(fill.stops)
        cv.gradient_stops(pointer, stops, len(fill.stops))
        return int(pointer)

    def _stops(self, stops: Sequence[tuple[float, Rgb, int]]) -> ctypes.Array[ColorStop]:
        native = (ColorStop * len(stops))()
        for index, (offset, colour, alpha) in enumerate(stops):
            native[index] = ColorStop(offset, *self._lit(colour), alpha)
        return native
