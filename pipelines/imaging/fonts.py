"""Fonts of the pinned wheel, in the order in which they are asked for a character. Never a font of the host."""

from __future__ import annotations

from functools import lru_cache

import pymupdf_fonts
import uharfbuzz as hb  # type: ignore[import-untyped]

REGULAR = ("figo", "notos", "symbol1", "symbol2", "math", "music")
"""FiraGO (Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai, Georgian), Noto Sans, Noto symbols."""

BOLD = ("figbo", "notosbo", *REGULAR)


class Typeface:
    """One font: coverage, advances and outlines in its own units."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.face = hb.Face(pymupdf_fonts.myfont(code))
        self.font = hb.Font(self.face)
        self.units_per_em: int = self.face.upem
        self.covered: frozenset[int] = frozenset(self.face.unicodes)
        self._outlines: dict[int, tuple[bytes, tuple[float, ...]]] = {}

    def outline(self, glyph: int) -> tuple[bytes, tuple[float, ...]]:
        """Path commands and x, y of a glyph in font units, y upwards; quadratic curves raised to cubic."""
        if glyph not in self._outlines:
            trace = _Trace()
            self.font.draw_glyph(glyph, _pen(), trace)
            self._outlines[glyph] = (bytes(trace.commands), tuple(trace.points))
        return self._outlines[glyph]


class _Trace:
    """Collects an outline as HarfBuzz draws it."""

    def __init__(self) -> None:
        self.commands = bytearray()
        self.points: list[float] = []


def _move(x: float, y: float, trace: _Trace) -> None:
    trace.commands.append(1)
    trace.points += (x, y)


def _line(x: float, y: float, trace: _Trace) -> None:
    trace.commands.append(2)
    trace.points += (x, y)


def _quadratic(cx: float, cy: float, x: float, y: float, trace: _Trace) -> None:
    px, py = trace.points[-2], trace.points[-1]
    trace.commands.append(3)
    trace.points += (px + (cx - px) * 2 / 3, py + (cy - py) * 2 / 3, x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, x, y)


def _cubic(ax: float, ay: float, bx: float, by: float, x: float, y: float, trace: _Trace) -> None:
    trace.commands.append(3)
    trace.points += (ax, ay, bx, by, x, y)


def _close(trace: _Trace) -> None:
    trace.commands.append(0)


@lru_cache(maxsize=1)
def _pen() -> hb.DrawFuncs:
    functions = hb.DrawFuncs()
    functions.set_move_to_func(_move)
    functions.set_line_to_func(_line)
    functions.set_quadratic_to_func(_quadratic)
    functions.set_cubic_to_func(_cubic)
    functions.set_close_path_func(_close)
    return functions


@lru_cache(maxsize=16)
def typeface(code: str) -> Typeface:
    """A font by its code in the wheel; loaded once in a process (30 ms each)."""
    return Typeface(code)
