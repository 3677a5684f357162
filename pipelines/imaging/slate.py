"""A film slate: the picture of a shot that could not be rendered, with its name and the reason."""

from __future__ import annotations

from thorvg_python.paint.scene import Scene

from pipelines.imaging.colour import Rgb
from pipelines.imaging.path import polygon, rectangle
from pipelines.imaging.pen import Linear, Pen, run
from pipelines.imaging.text import break_lines, text_path

_BOARD: Rgb = (40, 42, 50)
_CHALK: Rgb = (236, 236, 228)


def draw_slate(scene: Scene, width_px: int, height_px: int, text: tuple[str, ...], duration: str) -> None:
    """A clapper board in the middle of the frame.

    Args:
        text: the shot, then why it is missing.
        duration: how long the shot is, in words.
    """
    pen = Pen(scene)
    pen.begin()
    w, h = float(width_px), float(height_px)
    unit = min(w / 1280, h / 720, w / 900)
    pen.fill(rectangle(0, 0, w, h), Linear((0, 0), (0, h), run((84, 92, 104), (46, 50, 60))))
    wide, tall = 800 * unit, 430 * unit
    x, y = (w - wide) / 2, (h - tall) / 2 + 62 * unit
    pen.fill(rectangle(x, y, wide, tall, 14 * unit), _BOARD)
    _clapper(pen, x, y, wide, unit)
    shot, reason = (text[0] if text else ""), " ".join(text[1:])
    for share in (0.36, 0.82):
        pen.stroke(
            polygon((x + 24 * unit, y + tall * share), (x + wide - 24 * unit, y + tall * share)), _CHALK, 2 * unit, 120
        )
    pen.fill(text_path("SHOT", 24 * unit, x + 34 * unit, y + 52 * unit, anchor=0.0, spacing=0.12), _CHALK, 170)
    size = 64 * unit
    while len(break_lines(shot, size, wide - 68 * unit, bold=True)) > 1 and size > 20 * unit:
        size *= 0.9
    pen.fill(text_path(shot, size, x + 34 * unit, y + 122 * unit, bold=True, anchor=0.0), _CHALK)
    pen.fill(
        text_path("NOT RENDERED", 24 * unit, x + 34 * unit, y + tall * 0.36 + 42 * unit, anchor=0.0, spacing=0.12),
        (236, 150, 110),
    )
    line_y = y + tall * 0.36 + 84 * unit
    for line in break_lines(reason, 28 * unit, wide - 68 * unit)[:3]:
        pen.fill(text_path(line, 28 * unit, x + 34 * unit, line_y, anchor=0.0), _CHALK)
        line_y += 38 * unit
    foot = y + tall * 0.82 + 48 * unit
    pen.fill(text_path(duration, 26 * unit, x + 34 * unit, foot, anchor=0.0), _CHALK, 200)
    pen.fill(text_path("tried again on the next run", 22 * unit, x + wide - 34 * unit, foot, anchor=1.0), _CHALK, 170)
    pen.end()


def _clapper(pen: Pen, x: float, y: float, wide: float, unit: float) -> None:
    """The two striped sticks, the upper one open."""
    for lift in (0.0, 1.0):
        base, rise = y - 44 * unit - lift * 44 * unit, -lift * 92 * unit
        bar = polygon((x, base), (x + wide, base + rise), (x + wide, base + rise + 42 * unit), (x, base + 42 * unit))
        pen.fill(bar, _BOARD)
        for stripe in range(7):
            left = x + wide * (stripe + 0.25) / 7
            right = left + wide / 14

            def at(px: float, dy: float, base: float = base, rise: float = rise) -> tuple[float, float]:
                return px, base + rise * (px - x) / wide + dy

            slant = 26 * unit
            pen.fill(
                polygon(
                    at(left, 42 * unit), at(right, 42 * unit), at(min(right + slant, x + wide), 0), at(left + slant, 0)
                ),
                _CHALK,
            )
