"""The drawing engine of this process and canvases that draw straight into numpy memory.

ThorVG runs with no worker threads, so that a frame costs one core and its bytes depend on nothing but the drawing.
The wrapper package sets argument types anew on every call; the few calls that run hundreds of times a frame are bound
here once as prototypes of their own (measured: 0.6 us against 3 us a call).
"""

from __future__ import annotations

import ctypes
import weakref
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from thorvg_python.base import EngineOption
from thorvg_python.canvas.sw import SwCanvas
from thorvg_python.engine import Engine
from thorvg_python.paint import Paint
from thorvg_python.paint.scene import Scene

from schemas.errors import Defect

Pixels = npt.NDArray[np.uint8]
"""uint8 (H, W, 4) BGRA, C-contiguous."""

ARGB8888 = 1
"""ThorVG's colour space that lies in little-endian memory as B, G, R, A with premultiplied alpha."""


@lru_cache(maxsize=1)
def engine() -> Engine:
    """The engine of this process, started on first use with 0 worker threads."""
    return Engine(threads=0)


def _bound(name: str, *argument_types: Any, returns: Any = ctypes.c_int) -> Any:
    return ctypes.CFUNCTYPE(returns, *argument_types)((name, engine().thorvg_lib))


_P, _F, _U8, _U32, _B = ctypes.c_void_p, ctypes.c_float, ctypes.c_uint8, ctypes.c_uint32, ctypes.c_bool

shape_new = _bound("tvg_shape_new", returns=_P)
shape_reset = _bound("tvg_shape_reset", _P)
shape_append_path = _bound("tvg_shape_append_path", _P, _P, _U32, _P, _U32)
shape_fill_colour = _bound("tvg_shape_set_fill_color", _P, _U8, _U8, _U8, _U8)
shape_fill_rule = _bound("tvg_shape_set_fill_rule", _P, _U32)
shape_gradient = _bound("tvg_shape_set_gradient", _P, _P)
shape_stroke_width = _bound("tvg_shape_set_stroke_width", _P, _F)
shape_stroke_colour = _bound("tvg_shape_set_stroke_color", _P, _U8, _U8, _U8, _U8)
shape_stroke_cap = _bound("tvg_shape_set_stroke_cap", _P, _U32)
shape_stroke_join = _bound("tvg_shape_set_stroke_join", _P, _U32)
paint_transform = _bound("tvg_paint_set_transform", _P, _P)
paint_visible = _bound("tvg_paint_set_visible", _P, _B)
scene_add = _bound("tvg_scene_add", _P, _P)
linear_new = _bound("tvg_linear_gradient_new", returns=_P)
linear_set = _bound("tvg_linear_gradient_set", _P, _F, _F, _F, _F)
radial_new = _bound("tvg_radial_gradient_new", returns=_P)
radial_set = _bound("tvg_radial_gradient_set", _P, _F, _F, _F, _F, _F, _F)
gradient_stops = _bound("tvg_gradient_set_color_stops", _P, _P, _U32)
picture_new = _bound("tvg_picture_new", returns=_P)
picture_load_raw = _bound("tvg_picture_load_raw", _P, _P, _U32, _U32, _U8, _B)
scene_remove = _bound("tvg_scene_remove", _P, _P)
_canvas_destroy = _bound("tvg_canvas_destroy", _P)
_canvas_update = _bound("tvg_canvas_update", _P)
_canvas_draw = _bound("tvg_canvas_draw", _P, _B)
_canvas_sync = _bound("tvg_canvas_sync", _P)
_canvas_add = _bound("tvg_canvas_add", _P, _P)
_set_target = _bound("tvg_swcanvas_set_target", _P, _P, _U32, _U32, _U32, _U8)


def new_scene() -> Scene:
    """An empty scene of this process's engine."""
    return Scene(engine())


def address(paint: Paint) -> int:
    """Where a paint lies, for the bound calls."""
    value: int | None = paint._paint.value
    if value is None:
        raise Defect(f"{paint!r} has no native object")
    return value


def place(paint: Paint, matrix: tuple[float, float, float, float, float, float]) -> None:
    """`paint` moved by (a, b, c, d, e, f): x' = a x + b y + c, y' = d x + e y + f."""
    paint_transform(address(paint), (_F * 9)(*matrix, 0.0, 0.0, 1.0))


class PixelCanvas:
    """A canvas whose pixels are the caller's: each `draw` names the memory it fills.

    It owns what is added to it; nothing may be added to two canvases.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self._canvas = SwCanvas(engine(), EngineOption.NONE)
        self._pointer = self._canvas._canvas.value
        self._release = weakref.finalize(self, _canvas_destroy, self._pointer)

    def add(self, paint: Paint) -> None:
        """Hand `paint` over; it is drawn above everything added before."""
        _checked(_canvas_add(self._pointer, address(paint)), "add")

    def draw(self, target: Pixels, *, clear: bool) -> None:
        """Everything added, drawn into `target` (uint8 (H, W, 4) BGRA premultiplied, C-contiguous).

        Args:
            target: must stay alive until the next call.
            clear: start from transparent black instead of from what stands in `target`.
        """
        if target.shape != (self.height_px, self.width_px, 4) or target.dtype != np.uint8:
            raise Defect(f"target is {target.dtype} {target.shape}, not uint8 {(self.height_px, self.width_px, 4)}")
        if not target.flags.c_contiguous:
            raise Defect("target is not C-contiguous")
        # ThorVG 1.1 leaves gradients where they were when only a transform changes, and forgets changes to what was
        # out of view. Naming the target again makes it compute everything anew, at no measurable cost.
        size = (self.width_px, self.width_px, self.height_px)
        _checked(_set_target(self._pointer, target.ctypes.data, *size, ARGB8888), "set_target")
        _checked(_canvas_update(self._pointer), "update")
        _checked(_canvas_draw(self._pointer, clear), "draw")
        _checked(_canvas_sync(self._pointer), "sync")

    def close(self) -> None:
        """Free the canvas and everything in it; a second call does nothing."""
        self._release()


def _checked(result: int, verb: str) -> None:
    if result != 0:
        raise Defect(f"ThorVG could not {verb}: result {result!r}")
