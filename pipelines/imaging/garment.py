"""Clothes: torso, hem, collar, scarf, buttons and patterns, drawn in the torso's frame (hip at 0, neck at -178)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipelines.imaging.colour import Rgb, mix, parse_colour, shade
from pipelines.imaging.figure_pose import HIP, SHOULDER, Skeleton
from pipelines.imaging.path import Path, blob, curve, ellipse, polygon
from pipelines.imaging.pen import Linear, Matrix6, Pen, chain
from schemas.character_design import CharacterDesign

_SHIRT: Rgb = (236, 228, 210)


class Wardrobe:
    """What one character wears."""

    def __init__(self, design: CharacterDesign) -> None:
        self.design = design
        self.garment = design.garment
        self.main = parse_colour(design.outfit)
        self.accent = parse_colour(design.accent)
        legs = self.main if self.garment == "overalls" else parse_colour(design.trousers)
        self.trousers = parse_colour(design.trousers) if self.garment == "dress" else legs
        self.sleeve = {"waistcoat": _SHIRT, "overalls": self.accent}.get(self.garment, self.main)
        self.trim = self.accent if self.garment != "overalls" else shade(self.accent, -0.25)
        self.cuffs = self.garment in ("coat", "jacket", "sweater")
        self.bare_shins = False
        full = {"slim": 0.88, "average": 1.0, "broad": 1.2, "child": 1.02}[design.build]
        self.arm_widths = (38.0 * full, 31.0 * full, 27.0 * full)
        self.leg_widths = (
            (52.0 * full, 42.0 * full, 31.0 * full)
            if self.garment != "dress"
            else (42.0 * full, 30.0 * full, 22.0 * full)
        )
        self._shoulder, self._hip = SHOULDER[design.build], HIP[design.build]
        self._waist = (
            (self._shoulder + self._hip) / 2 * {"slim": 0.8, "average": 0.9, "broad": 1.06, "child": 0.98}[design.build]
        )
        if design.lashes and design.build != "child":
            self._waist *= 0.88
        self._fill = self._shaded(self.main)

    def _shaded(self, colour: Rgb) -> Linear:
        wide = self._shoulder + 10
        return Linear(
            (-wide, -150),
            (wide, 20),
            ((0.0, shade(colour, 0.14), 255), (0.45, colour, 255), (1.0, shade(colour, -0.24), 255)),
        )

    def draw_torso(self, pen: Pen, root: Matrix6, bones: Skeleton, facing: float, *, back: bool) -> None:
        """The body from the neck to the hem."""
        cos, sin = math.cos(bones.lean), math.sin(bones.lean)
        pen.at = chain(root, (cos, -sin, bones.hip[0], sin, cos, bones.hip[1]))
        squeeze = 1 - 0.2 * abs(facing)
        lift = (bones.neck[1] + 178 - bones.hip[1]) * 0.5
        if self.garment in ("coat", "dress"):
            self._skirt(pen, root, bones)
        if self.garment == "waistcoat":
            pen.fill(self._body(squeeze, 10, lift), self._shaded(_SHIRT))
        if self.garment == "overalls":
            pen.fill(self._body(squeeze, 10, lift), self._shaded(self.accent))
        match self.garment:
            case "overalls":
                self._bib(pen, squeeze, back)
            case "waistcoat":
                self._vest(pen, squeeze, lift, facing, back)
            case _:
                pen.fill(
                    self._body(squeeze, {"coat": 8.0, "dress": 6.0}.get(self.garment, 26.0), lift),
                    self._fill,
                    255,
                    shade(self.main, -0.34),
                    2.4,
                )
                self._pattern(pen, squeeze)
        if not back:
            self._front(pen, squeeze, facing, lift)
        pen.at = root

    def _body(self, squeeze: float, hem: float, lift: float) -> Path:
        s, w, h = self._shoulder * squeeze, self._waist * squeeze, (self._hip + 6) * squeeze
        right = [
            (17.0 * squeeze, -179 + lift),
            (s * 0.72, -172 + lift),
            (s + 3, -150 + lift),
            (s + 1, -112.0),
            (w, -54.0),
            (h, -4.0),
            (h + 1, hem),
        ]
        return blob([(0.0, -173 + lift), *right, (0.0, hem + 5), *((-x, y) for x, y in reversed(right))], 0.85)

    def _skirt(self, pen: Pen, root: Matrix6, bones: Skeleton) -> None:
        """Coat tails or a dress below the waist, following the knees."""
        low = 0.62 if self.garment == "coat" else 0.78
        flare = 16.0 if self.garment == "coat" else 30.0
        here = pen.at
        pen.at = root
        hip, half = bones.hip, self._hip + 8
        left = min(bones.knees[0][0], bones.knees[1][0], hip[0] - half * 0.8) - flare
        right = max(bones.knees[0][0], bones.knees[1][0], hip[0] + half * 0.8) + flare
        if bones.seated or hip[1] > -200:
            hem = min(max(bones.knees[0][1], bones.knees[1][1]) + 46, -30)
        else:
            hem = hip[1] * (1 - low)
        middle = (left + right) / 2
        path = blob(
            [
                (hip[0] - half * 0.92, hip[1] - 46),
                (hip[0] + half * 0.92, hip[1] - 46),
                (hip[0] + half + 6, hip[1] + 10),
                (right, hem - 6),
                (middle, hem + 8),
                (left, hem - 6),
                (hip[0] - half - 6, hip[1] + 10),
            ],
            0.75,
        )
        dark = shade(self.main, -0.12)
        pen.fill(
            path,
            Linear((left, 0), (right, 0), ((0.0, self.main, 255), (1.0, shade(self.main, -0.3), 255))),
            255,
            shade(self.main, -0.34),
            2.4,
        )
        for share in (0.28, 0.72) if self.garment == "dress" else (0.5,):
            x = left + (right - left) * share
            pen.stroke(curve([(hip[0] + (x - middle) * 0.4, hip[1] + 10), (x, hem)]), shade(dark, -0.25), 3, 150)
        if self.garment == "dress":
            pen.stroke(curve([(left + 4, hem - 12), (middle, hem + 1), (right - 4, hem - 12)]), self.accent, 7)
        pen.at = here

    def _pattern(self, pen: Pen, squeeze: float) -> None:
        if self.design.pattern == "stripes" and self.garment in ("sweater", "dress"):
            for y in (-118, -86, -54, -22):
                half = (self._waist if y > -90 else self._shoulder * 0.96) * squeeze
                pen.stroke(curve([(-half + 5, y), (0, y + 6), (half - 5, y)]), self.accent, 9, 200)
        if self.design.pattern == "knit" and self.garment == "sweater":
            for y in (-100, -52):
                half = self._waist * squeeze
                points = [(-half + 6 + step * (half - 6) / 4, y + (7 if step % 2 else -7)) for step in range(9)]
                pen.stroke(polyline(points), self.accent, 4.5, 220)
        if self.garment in ("sweater", "jacket"):
            half = (self._hip + 5) * squeeze
            pen.stroke(curve([(-half, 18), (0, 25), (half, 18)]), shade(self.main, -0.28), 13)

    def _front(self, pen: Pen, squeeze: float, facing: float, lift: float) -> None:
        x = facing * 15
        match self.garment:
            case "coat":
                pen.stroke(curve([(x, -160 + lift), (x + 2, -60), (x, 8)]), shade(self.main, -0.4), 3)
                for y in (-112, -72, -32):
                    for dx in (-13, 13):
                        pen.fill(ellipse(x + dx, y, 5, 5), self.accent)
                for sign in (-1, 1):
                    pen.fill(
                        polygon(
                            (x, -128),
                            (x + sign * 12, -172 + lift),
                            (x + sign * 36 * squeeze, -160 + lift),
                            (x + sign * 26 * squeeze, -134),
                        ),
                        shade(self.main, -0.2),
                    )
                w = self._waist * squeeze
                pen.stroke(curve([(-w + 1, -50), (0, -45), (w - 1, -50)]), shade(self.main, -0.38), 12)
                pen.fill(ellipse(x, -46, 8, 8), shade(self.accent, -0.1))
            case "jacket":
                pen.fill(
                    blob(
                        [
                            (x - 17, -172 + lift),
                            (x + 17, -172 + lift),
                            (x + 13, -60),
                            (x + 15, 24),
                            (x - 15, 24),
                            (x - 13, -60),
                        ],
                        0.6,
                    ),
                    _SHIRT if self.design.pattern == "plain" else self.accent,
                )
                for sign in (-1, 1):
                    pen.fill(
                        polygon(
                            (x + sign * 13, -96),
                            (x + sign * 13, -168 + lift),
                            (x + sign * 38 * squeeze, -158 + lift),
                            (x + sign * 34 * squeeze, -138),
                        ),
                        shade(self.main, -0.2),
                    )
                    pen.stroke(
                        curve([(x + sign * 30 * squeeze, -36), (x + sign * 46 * squeeze, -38)]),
                        shade(self.main, -0.4),
                        4,
                    )
            case "dress":
                w = self._waist * squeeze
                pen.stroke(curve([(-w + 2, -52), (0, -46), (w - 2, -52)]), self.accent, 11)
                for y in (-140, -116, -92):
                    pen.fill(ellipse(x, y, 4.2, 4.2), self.accent)
            case _:
                pass

    def _bib(self, pen: Pen, squeeze: float, back: bool) -> None:
        s, w, h = self._shoulder * squeeze, self._waist * squeeze, (self._hip + 5) * squeeze
        edge = shade(self.main, -0.34)
        for sign in (-1, 1):
            pen.stroke(curve([(sign * s * 0.52, -172), (sign * s * 0.5, -112)]), self.main, 15)
        pen.fill(
            blob([(-s * 0.6, -116), (s * 0.6, -116), (w + 2, -46), (h + 3, 24), (-h - 3, 24), (-w - 2, -46)], 0.4),
            self._fill,
            255,
            edge,
            2.4,
        )
        if not back:
            pen.fill(blob([(-19, -88), (19, -88), (17, -54), (0, -46), (-17, -54)], 0.5), shade(self.main, -0.16))
            for sign in (-1, 1):
                pen.fill(ellipse(sign * s * 0.5, -110, 5.5, 5.5), mix(self.accent, (240, 220, 150), 0.6))

    def _vest(self, pen: Pen, squeeze: float, lift: float, facing: float, back: bool) -> None:
        s, w, h = self._shoulder * squeeze, self._waist * squeeze, (self._hip + 6) * squeeze
        edge = shade(self.main, -0.34)
        right = [(s * 0.7, -170 + lift), (s * 0.78, -112), (w + 1, -54), (h + 2, 16)]
        neck = [(-14.0, -172 + lift), (0.0, -172.0 + lift)] if back else [(-16.0, -172 + lift), (facing * 12, -96.0)]
        pen.fill(
            blob([*neck, (16.0, -172 + lift), *right, (0.0, 26.0), *((-x, y) for x, y in reversed(right))], 0.55),
            self._fill,
            255,
            edge,
            2.4,
        )
        if not back:
            for y in (-74, -44, -14):
                pen.fill(ellipse(facing * 14, y, 4.6, 4.6), self.accent)

    def draw_collar(self, pen: Pen, root: Matrix6, bones: Skeleton, *, back: bool) -> None:
        """Collar or scarf, over the neck and under the chin."""
        pen.at = chain(root, (1.0, 0.0, bones.neck[0], 0.0, 1.0, bones.neck[1]))
        if self.design.scarf:
            dark = shade(self.accent, -0.25)
            if not back:
                pen.fill(blob([(10, 6), (34, 8), (40, 74), (18, 82)], 0.5), dark)
            pen.fill(
                blob([(-39, 0), (-30, -17), (0, -10), (30, -17), (39, 0), (30, 17), (0, 23), (-30, 17)]),
                Linear((0, -18), (0, 24), ((0.0, shade(self.accent, 0.08), 255), (1.0, dark, 255))),
            )
        elif self.garment == "sweater":
            pen.fill(blob([(-32, 6), (-26, -9), (0, -3), (26, -9), (32, 6), (0, 18)]), shade(self.main, -0.22))
        elif self.garment in ("jacket", "waistcoat", "dress", "overalls") and not back:
            white = _SHIRT if self.garment != "overalls" else shade(self.accent, 0.2)
            for sign in (-1, 1):
                pen.fill(polygon((sign * 2, 8), (sign * 25, -9), (sign * 35, 4), (sign * 20, 22)), white)
        pen.at = root


def polyline(points: Sequence[tuple[float, float]]) -> Path:
    path = Path().move(*points[0])
    for x, y in points[1:]:
        path.line(x, y)
    return path
