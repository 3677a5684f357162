"""Hair and caps: what lies behind the head and what lies over it, in the head's frame (crown -78, chin 80)."""

from __future__ import annotations

from pipelines.imaging.colour import parse_colour, shade
from pipelines.imaging.path import Path, blob, curve, ellipse
from pipelines.imaging.pen import Linear, Pen
from schemas.character_design import CharacterDesign


class Hair:
    """Draws one character's hair."""

    def __init__(self, design: CharacterDesign, cheek: float) -> None:
        self.style = design.hair_style
        self.fringe = design.fringe
        self.cheek = cheek
        self.colour = parse_colour(design.hair)
        self.dark = shade(self.colour, -0.28)
        self.light = shade(self.colour, 0.22)
        self.accent = parse_colour(design.accent)
        self.fill = Linear(
            (-50, -80), (60, 30), ((0.0, self.light, 255), (0.4, self.colour, 255), (1.0, self.dark, 255))
        )
        self.old = design.age_class == "old"

    def draw_behind(self, pen: Pen, turn: float, sway: float) -> None:
        """What hangs behind neck and shoulders; `sway` moves the ends, units."""
        c = self.cheek
        t = -turn * 8
        match self.style:
            case "long":
                pen.fill(
                    blob(
                        [
                            (t, -90),
                            (c + 10 + t, -60),
                            (c + 17 + t, 10),
                            (c + 20 + t + sway, 84),
                            (c - 6 + t + sway, 122),
                            (t + sway, 112),
                            (-c + 6 + t + sway, 122),
                            (-c - 20 + t + sway, 84),
                            (-c - 17 + t, 10),
                            (-c - 10 + t, -60),
                        ]
                    ),
                    self.dark,
                )
            case "ponytail":
                side = -1 if turn >= 0 else 1
                x = side * (c + 2)
                pen.fill(
                    blob(
                        [
                            (x * 0.5, -70),
                            (x + side * 34, -58),
                            (x + side * 50 + sway, -6),
                            (x + side * 40 + sway * 2, 62),
                            (x + side * 22 + sway * 2, 84),
                            (x + side * 14 + sway, 20),
                            (x * 0.8, -20),
                        ]
                    ),
                    self.dark,
                )
            case "bun":
                pen.fill(ellipse(t * 1.5, -98, 31, 28), self.fill)
                pen.stroke(curve([(t - 18, -98), (t, -88), (t + 20, -104)]), self.dark, 3, 150)
                pen.fill(
                    blob([(t, -88), (c + 6 + t, -50), (c + 5 + t, 26), (t, 40), (-c - 5 + t, 26), (-c - 6 + t, -50)]),
                    self.dark,
                )
            case "curly":
                pen.fill(self._curls(t, 19, back=True), self.dark)
            case "short":
                pen.fill(
                    blob(
                        [
                            (t, -90),
                            (c + 6 + t, -56),
                            (c + 5 + t, 12),
                            (c - 14 + t, 34),
                            (-c + 14 + t, 34),
                            (-c - 5 + t, 12),
                            (-c - 6 + t, -56),
                        ]
                    ),
                    self.dark,
                )
            case _:
                if self.style == "bald" or self.old:
                    pen.fill(
                        blob(
                            [(t, -40), (c + 7 + t, -12), (c + 4 + t, 26), (t, 34), (-c - 4 + t, 26), (-c - 7 + t, -12)]
                        ),
                        self.dark,
                    )
                else:
                    pen.fill(
                        blob(
                            [(t, -60), (c + 5 + t, -30), (c + 4 + t, 24), (t, 36), (-c - 4 + t, 24), (-c - 5 + t, -30)]
                        ),
                        self.dark,
                    )

    def draw_over(self, pen: Pen, turn: float, sway: float) -> None:
        """What lies over skull and brow."""
        t = turn * 10
        match self.style:
            case "bald":
                shine = Linear((-30, -76), (-10, -50), ((0.0, (255, 255, 255), 90), (1.0, (255, 255, 255), 0)))
                pen.fill(ellipse(-18 + t, -60, 22, 11, -0.5), shine)
            case "cap":
                self._cap(pen, turn)
            case "curly":
                pen.fill(self._curls(t * 0.4, 17, back=False), self.fill)
                for x, y in ((-34, -72), (-6, -84), (26, -76)):
                    pen.stroke(curve([(x - 8 + t, y + 6), (x + t, y - 4), (x + 9 + t, y + 4)]), self.light, 3, 120)
            case _:
                pen.fill(self._crown(t), self.fill)
                self._strands(pen, t)
                if self.style in ("long", "ponytail", "bun"):
                    self._locks(pen, turn, sway)

    def draw_back_of_head(self, pen: Pen, sway: float) -> None:
        """The head seen from behind, hair and all."""
        c = self.cheek
        if self.style == "bald":
            return
        low = {"long": 128.0, "short": 44.0, "curly": 52.0, "bun": 48.0, "ponytail": 46.0, "cap": 50.0}[self.style]
        half = c + (20 if self.style == "long" else 8)
        if self.style == "curly":
            pen.fill(self._curls(0, 21, back=True), self.fill)
        pen.fill(
            blob(
                [
                    (0, -92),
                    (c - 4, -74),
                    (c + 9, -20),
                    (half - 2, low * 0.5),
                    (half * 0.6 + sway, low),
                    (sway, low + 6),
                    (-half * 0.6 + sway, low),
                    (-half + 2, low * 0.5),
                    (-c - 9, -20),
                    (-c + 4, -74),
                ]
            ),
            self.fill,
        )
        for x in (-30, -8, 16, 38):
            pen.stroke(curve([(x * 0.4, -80), (x, -20), (x * 1.1 + sway, low * 0.8)]), self.dark, 3, 110)
        if self.style == "bun":
            pen.fill(ellipse(0, -70, 36, 33), self.fill, 255, self.dark, 3)
        if self.style == "ponytail":
            pen.fill(blob([(-12, -40), (14, -40), (26 + sway, 40), (10 + sway * 2, 128), (-16 + sway, 50)]), self.dark)
            for y in (-46, -41, -36):
                pen.stroke(curve([(-13, y), (1, y + 3), (15, y)]), shade(self.accent, -0.22), 4.5)
        if self.style == "cap":
            self._cap(pen, 0.0, brim=False)

    def _crown(self, t: float) -> Path:
        c = self.cheek
        low = -6.0 if self.style == "short" else 6.0
        match self.fringe:
            case "parted":
                line = [
                    (-c + 8, -24.0),
                    (-30 + t, -44.0),
                    (-14 + t, -62.0),
                    (-2 + t, -44.0),
                    (30 + t, -36.0),
                    (c - 8, -18.0),
                ]
            case "straight":
                line = [(-c + 9, -22.0), (-34 + t, -33.0), (-6 + t, -36.0), (26 + t, -34.0), (c - 9, -22.0)]
            case _:
                line = [(-c + 8, -18.0), (-38 + t, -34.0), (-6 + t, -52.0), (28 + t, -44.0), (c - 10, -30.0)]
        outer = [
            (c + 4, low),
            (c + 9, -34.0),
            (c - 8, -74.0),
            (t * 0.3 + 4, -95.0),
            (-c + 8, -76.0),
            (-c - 9, -34.0),
            (-c - 4, low),
        ]
        return blob([*line, *outer], 0.85)

    def _strands(self, pen: Pen, t: float) -> None:
        pen.stroke(curve([(-34 + t, -70), (-10 + t, -82), (24 + t, -78)]), self.light, 4.0, 110)
        pen.stroke(curve([(-44 + t, -52), (-20 + t, -66), (14 + t, -66)]), self.dark, 2.6, 90)
        pen.stroke(curve([(20 + t, -62), (40 + t, -56), (50 + t, -40)]), self.dark, 2.6, 90)

    def _locks(self, pen: Pen, turn: float, sway: float) -> None:
        c = self.cheek
        for sign in (-1, 1):
            if sign * turn > 0.6:
                continue
            low = {"long": 96.0, "ponytail": 22.0, "bun": 18.0}[self.style]
            x = sign * (c + 3)
            pen.fill(
                blob(
                    [
                        (x - sign * 10, -42),
                        (x + sign * 7, -28),
                        (x + sign * 9, low * 0.4),
                        (x + sign * 4 + sway, low),
                        (x - sign * 5 + sway * 0.6, low * 0.72),
                        (x - sign * 3, -4),
                    ]
                ),
                self.colour,
            )

    def _curls(self, t: float, radius: float, *, back: bool) -> Path:
        c = self.cheek
        spots = [(-c - 3, -30), (-c + 8, -58), (-c + 30, -80), (0, -88), (c - 30, -80), (c - 8, -58), (c + 3, -30)]
        if back:
            spots += [(-c - 8, 0), (c + 8, 0), (-c - 6, 26), (c + 6, 26), (0, -60), (-20, 10), (20, 10), (0, 30)]
        else:
            spots += [(-30, -60), (-6, -66), (22, -62)]
        path = Path()
        for index, (x, y) in enumerate(spots):
            path.add(ellipse(x + t, y, radius + (index * 5) % 4, radius + (index * 3) % 4))
        return path

    def _cap(self, pen: Pen, turn: float, brim: bool = True) -> None:
        c, t = self.cheek, turn * 10
        tone = Linear(
            (-50, -100), (60, -30), ((0.0, shade(self.accent, 0.12), 255), (1.0, shade(self.accent, -0.3), 255))
        )
        pen.fill(
            blob([(-c - 7, -28), (-c - 6, -66), (-24, -101), (24, -101), (c + 6, -66), (c + 7, -28), (t, -38)], 0.9),
            tone,
        )
        pen.stroke(curve([(-c - 6, -34), (t, -46), (c + 6, -34)]), shade(self.accent, -0.4), 9)
        if brim:
            x = turn * 26
            pen.fill(
                blob(
                    [
                        (-c * 0.8 + x, -38),
                        (x, -48),
                        (c * 0.8 + x, -38),
                        (c * 0.62 + x * 1.5, -22),
                        (x * 1.5, -18),
                        (-c * 0.62 + x * 1.5, -22),
                    ]
                ),
                shade(self.accent, -0.35),
            )
            pen.fill(ellipse(t, -101, 6, 5), shade(self.accent, -0.3))
