"""Burned-in captions and the mark of a placeholder, drawn in pixels over a finished picture."""

from __future__ import annotations

from thorvg_python.paint.scene import Scene

from pipelines.imaging.colour import Rgb
from pipelines.imaging.path import curve, ellipse, polygon, rectangle
from pipelines.imaging.pen import Pen
from pipelines.imaging.text import break_lines, text_path, text_width

_WHITE: Rgb = (255, 255, 255)
_INK: Rgb = (14, 12, 20)

SAFE_BOTTOM = 0.06
"""Share of the height below the last line's box that stays free."""

_LONGEST_LINE_EM = 42 * 0.52
"""42 characters, the longest line of a delivery, at the mean advance of the font."""


class CaptionOverlay:
    """Draws one cue into `scene`: lines on translucent plates, low in the frame and clear of its edges."""

    def __init__(self, scene: Scene, width_px: int, height_px: int) -> None:
        self.pen = Pen(scene)
        self.width, self.height = float(width_px), float(height_px)
        self.size = min(self.height * 0.052, self.width * 0.9 / _LONGEST_LINE_EM, self.width * 0.06)
        self.size = max(self.size, min(self.height, self.width) * 0.036)

    def draw(self, lines: tuple[str, ...]) -> None:
        """`lines`, or nothing for an empty tuple. A line wider than 90 % of the frame is broken again."""
        pen, size = self.pen, self.size
        pen.begin()
        room = self.width * 0.9
        shown = [
            part
            for line in lines
            for part in ([line] if text_width(line, size) <= room else break_lines(line, size, room))
        ]
        y = self.height * (1 - SAFE_BOTTOM) - size * 0.38 - (len(shown) - 1) * size * 1.34
        for line in shown:
            half = text_width(line, size) / 2 + size * 0.42
            pen.fill(rectangle(self.width / 2 - half, y - size * 0.98, 2 * half, size * 1.34, size * 0.2), _INK, 172)
            y += size * 1.34
        y -= len(shown) * size * 1.34
        for line in shown:
            outline = text_path(line, size, self.width / 2, y)
            pen.stroke(outline, _INK, size * 0.12)
            pen.fill(outline, _WHITE)
            y += size * 1.34
        pen.end()


def draw_flag(pen: Pen, text: str, width_px: int, height_px: int) -> None:
    """A small tag in the upper left corner that says what is a placeholder."""
    unit = min(width_px, height_px) / 720
    size = 17 * unit
    room = width_px * 0.6
    words = f"placeholder · {text}"
    while text_width(words, size) > room and len(words) > 16:
        words = words[:-2].rstrip("… ") + "…"
    x, y, wide = 22 * unit, 22 * unit, text_width(words, size) + 46 * unit
    pen.fill(rectangle(x, y, wide, 30 * unit, 15 * unit), _INK, 150)
    pen.fill(
        polygon((x + 19 * unit, y + 7 * unit), (x + 28 * unit, y + 23 * unit), (x + 10 * unit, y + 23 * unit)),
        (240, 190, 80),
        230,
    )
    pen.stroke(curve([(x + 19 * unit, y + 13 * unit), (x + 19 * unit, y + 17 * unit)]), _INK, 2.2 * unit)
    pen.fill(ellipse(x + 19 * unit, y + 20.5 * unit, 1.2 * unit, 1.2 * unit), _INK)
    pen.fill(text_path(words, size, x + 35 * unit, y + 21 * unit, anchor=0.0), _WHITE, 220)
