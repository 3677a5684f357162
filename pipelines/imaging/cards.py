"""Title and end cards: an illustrated sky, hills, ornaments and well-set words."""

from __future__ import annotations

import math

from thorvg_python.paint.scene import Scene

from pipelines.imaging.colour import Rgb, mix, shade
from pipelines.imaging.path import Path, blob, curve, ellipse, rectangle
from pipelines.imaging.pen import Linear, Pen, Radial, run
from pipelines.imaging.text import break_lines, text_path, text_width
from schemas.vocabulary import Mood, TimeOfDay

_SKIES: dict[Mood, tuple[Rgb, Rgb, Rgb]] = {
    "calm": ((34, 62, 96), (94, 140, 158), (240, 206, 160)),
    "tense": ((30, 24, 48), (92, 44, 66), (206, 96, 72)),
    "joyful": ((58, 120, 160), (150, 196, 190), (252, 224, 150)),
    "sad": ((38, 46, 70), (86, 100, 124), (164, 164, 170)),
    "mysterious": ((20, 20, 48), (58, 48, 98), (130, 96, 140)),
    "hopeful": ((52, 66, 118), (188, 116, 122), (254, 206, 140)),
    "urgent": ((44, 24, 40), (134, 52, 50), (240, 150, 84)),
}
_CREAM: Rgb = (255, 246, 226)


class CardArt:
    """Draws one card into `scene`, in pixels."""

    def __init__(
        self, scene: Scene, width_px: int, height_px: int, mood: Mood, time_of_day: TimeOfDay, end: bool,
        over_place: bool = False,
    ) -> None:  # fmt: skip
        """`over_place`: the words stand over a place of the film, under a veil, instead of over hills."""
        self.pen = Pen(scene)
        self.width, self.height = float(width_px), float(height_px)
        wide, tall = self.width, self.height
        self.unit = min(max(wide / 1280, min(wide / 760, tall / 1100)), tall / 720)
        self.end = end
        self.over_place = over_place
        top, middle, low = _SKIES[mood]
        self.night = time_of_day == "night"
        if self.night:
            top, middle, low = shade(top, -0.45), shade(middle, -0.4), shade(low, -0.35)
        self.sky = (top, middle, low)

    def draw(self, lines: tuple[str, ...], seconds: float, share: float) -> None:
        """The card at `seconds`; `share` is how far the shot has run, 0 to 1."""
        pen = self.pen
        pen.begin()
        if self.over_place:
            self._veil()
        else:
            self._sky(seconds)
            self._hills(share)
        shown = min(1.0, seconds / 0.9)
        self._words(lines, shown * shown * (3 - 2 * shown))
        pen.end()

    def _sky(self, seconds: float) -> None:
        w, h = self.width, self.height
        self.pen.fill(rectangle(0, 0, w, h), Linear((0, 0), (0, h * 0.86), run(*self.sky)))
        glow = mix(self.sky[2], _CREAM, 0.55)
        x, y, r = w * 0.5, h * 0.74, max(w, h) * 0.36
        self.pen.fill(ellipse(x, y, r, r), Radial((x, y), r, ((0.0, glow, 170), (0.45, glow, 60), (1.0, glow, 0))))
        self._disc(mix(glow, (255, 255, 255), 0.4))
        for index in range(46):
            u, v = _scatter(index)
            twinkle = 0.55 + 0.45 * math.sin(seconds * (1.2 + u) + index)
            size = (0.9 + 1.5 * ((index * 7) % 5) / 4) * self.unit
            alpha = int(190 * twinkle * max(0.0, 1 - v * 1.15))
            self.pen.fill(ellipse(u * w, v * h * 0.6, size, size), _CREAM, max(alpha, 0))

    def _veil(self) -> None:
        """Dusk over the place, deepest behind the words, so that they can be read over any hour of the day."""
        w, h = self.width, self.height
        dark = shade(self.sky[0], -0.45)
        stops = ((0.0, dark, 236), (0.3, dark, 176), (0.56, dark, 40), (0.8, dark, 10), (1.0, dark, 120))
        self.pen.fill(rectangle(0, 0, w, h), Linear((0, 0), (0, h), stops))

    def _disc(self, colour: Rgb) -> None:
        """The sun on the hills, or by night a moon above them."""
        w, h = self.width, self.height
        if not self.night:
            self.pen.fill(ellipse(w * 0.5, h * 0.70, h * 0.085, h * 0.085), colour)
            return
        x, y, r = w * 0.5 + min(w * 0.3, h * 0.5), h * 0.17, h * 0.06
        self.pen.fill(
            ellipse(x, y, r * 3, r * 3), Radial((x, y), r * 3, ((0.0, _CREAM, 90), (0.4, _CREAM, 34), (1.0, _CREAM, 0)))
        )
        self.pen.fill(ellipse(x, y, r, r), mix(_CREAM, self.sky[1], 0.08))
        for dx, dy, size in ((-0.3, -0.25, 0.2), (0.28, 0.1, 0.26), (-0.15, 0.42, 0.15)):
            self.pen.fill(ellipse(x + dx * r, y + dy * r, size * r, size * r), self.sky[2], 110)

    def _hills(self, share: float) -> None:
        w, h = self.width, self.height
        for layer in range(3):
            base = h * (0.74 + 0.085 * layer)
            drift = (share - 0.5) * w * 0.02 * (layer + 1)
            points = [(-w * 0.2, h * 1.2), (-w * 0.2, base)]
            for step in range(9):
                u = step / 8
                swing = math.sin(u * (7.0 + 2.3 * layer) + layer * 2.1) * 0.6 + math.sin(u * 15.1 + layer) * 0.25
                points.append((-w * 0.1 + u * w * 1.2 + drift, base + swing * h * 0.045))
            points += [(w * 1.2, base), (w * 1.2, h * 1.2)]
            colour = mix(shade(self.sky[0], -0.12 - 0.25 * layer), self.sky[1], 0.34 - 0.15 * layer)
            self.pen.fill(
                blob(points, 0.8), Linear((0, base - h * 0.04), (0, h), run(shade(colour, 0.06), shade(colour, -0.3)))
            )
        for index in range(5):
            u, _ = _scatter(index + 60)
            x, y = w * ((0.12 if index % 2 else 0.62) + 0.24 * u) + (share - 0.5) * w * 0.12, h * (0.56 + 0.03 * index)
            span = self.unit * (9 + 3 * (index % 3))
            wing = curve(
                [
                    (x - span, y - span * 0.3),
                    (x - span * 0.4, y - span * 0.5),
                    (x, y),
                    (x + span * 0.4, y - span * 0.5),
                    (x + span, y - span * 0.3),
                ]
            )
            self.pen.stroke(wing, shade(self.sky[0], -0.2), 2.2 * self.unit, 150)

    def _words(self, lines: tuple[str, ...], shown: float) -> None:
        if not lines:
            return
        w, unit, room = self.width, self.unit, self.width * 0.84
        size = (64 if self.end else 84) * unit
        title = break_lines(lines[0], size, room, bold=True, spacing=0.03)
        while len(title) > 3 and size > 24 * unit:
            size *= 0.88
            title = break_lines(lines[0], size, room, bold=True, spacing=0.03)
        rest = [part for line in lines[1:] for part in break_lines(line, 30 * unit, room)]
        block = len(title) * size * 1.14 + (74 * unit + len(rest) * 42 * unit if rest else 30 * unit)
        y = self.height * (0.27 if self.over_place else 0.41) - block / 2 + size * 0.8 + (1 - shown) * 16 * unit
        alpha = int(255 * shown)
        for part in title:
            outline = text_path(part, size, w / 2, y, bold=True, spacing=0.03)
            self._shadowed(outline, _CREAM, alpha, size)
            y += size * 1.14
        y -= size * 0.62
        widest = max(text_width(part, size, bold=True, spacing=0.03) for part in title)
        self._ornament(w / 2, y, min(max(widest * 0.34, 110 * unit), room * 0.4), alpha)
        y += 58 * unit
        for part in rest:
            self._shadowed(
                text_path(part, 30 * unit, w / 2, y, spacing=0.02), mix(_CREAM, self.sky[2], 0.25), alpha, 30 * unit
            )
            y += 42 * unit

    def _shadowed(self, outline: Path, colour: Rgb, alpha: int, size: float) -> None:
        self.pen.at = (1.0, 0.0, size * 0.03, 0.0, 1.0, size * 0.045)
        self.pen.fill(outline, shade(self.sky[0], -0.55), alpha * 150 // 255)
        self.pen.at = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
        self.pen.fill(outline, colour, alpha)

    def _ornament(self, x: float, y: float, reach: float, alpha: int) -> None:
        """A flourish: two tapering scrolls about a diamond."""
        unit, gold = self.unit, mix(self.sky[2], (250, 210, 130), 0.6)
        for sign in (-1, 1):
            start = x + sign * 20 * unit
            self.pen.stroke(
                curve(
                    [
                        (start, y),
                        (x + sign * reach * 0.5, y + 6 * unit),
                        (x + sign * reach, y),
                        (x + sign * (reach + 9 * unit), y - 8 * unit),
                        (x + sign * (reach - 3 * unit), y - 9 * unit),
                    ]
                ),
                gold,
                2.6 * unit,
                alpha,
            )
            self.pen.fill(ellipse(x + sign * 34 * unit, y - 7 * unit, 3 * unit, 3 * unit), gold, alpha)
        d = 9 * unit
        self.pen.fill(blob([(x, y - d), (x + d, y), (x, y + d), (x - d, y)], 0.0), gold, alpha)


def _scatter(index: int) -> tuple[float, float]:
    """The index-th point of an even scatter over the unit square (Roberts 2018, R2 sequence)."""
    return (0.5 + index * 0.7548776662466927) % 1.0, (0.5 + index * 0.5698402909980532) % 1.0
