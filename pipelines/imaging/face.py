"""A face: head, ears, eyes, brows, nose, mouth, beard and glasses, drawn into a head-sized frame.

Origin at the middle of the head, crown at -78, chin at 80, y downwards. `turn` is -1 (left) to 1 (right): features
slide along the head as it turns, and the far eye narrows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.imaging.colour import Rgb, mix, parse_colour, shade
from pipelines.imaging.expression import LOOKS, MOUTHS, Look, MouthShape
from pipelines.imaging.path import Path, Point, blob, curve, ellipse
from pipelines.imaging.pen import Linear, Pen, Radial
from schemas.character_design import CharacterDesign
from schemas.vocabulary import Emotion

CHEEK_JAW = {"oval": (60.0, 44.0), "round": (66.0, 53.0), "square": (62.0, 55.0), "heart": (63.0, 37.0)}
_INK: Rgb = (46, 32, 44)
_WHITE: Rgb = (252, 249, 243)
_MOUTH_INSIDE: Rgb = (104, 34, 42)
_TONGUE: Rgb = (206, 100, 98)
_TEETH: Rgb = (250, 246, 236)


@dataclass(frozen=True)
class FaceState:
    """What a face does at one moment."""

    expression: Emotion
    turn: float
    """Head: -1 left to 1 right."""

    look_x: float
    """Pupils: -1 left to 1 right, on top of the head's turn."""

    look_y: float
    closed: float
    """Blink: 0 open to 1 shut."""

    viseme: str
    """`rest` or one of the mouth shapes."""


class Face:
    """Draws one character's face."""

    def __init__(self, design: CharacterDesign) -> None:
        self.design = design
        self.skin = parse_colour(design.skin)
        self.cheek, self.jaw = CHEEK_JAW[design.head_shape]
        if design.build == "child":
            self.cheek, self.jaw = self.cheek + 4, self.jaw + 4
        self._light = shade(self.skin, 0.12)
        self._dark = mix(shade(self.skin, -0.16), (190, 90, 80), 0.12)
        self._line = mix(shade(self.skin, -0.5), (120, 40, 40), 0.25)
        self._lip = mix(self.skin, (178, 62, 66), 0.62 if design.lashes else 0.42)
        self._brow = parse_colour(design.brows)
        self._iris = parse_colour(design.eyes)
        self._hair = parse_colour(design.hair)
        self._head = self._outline()
        self.skin_fill = Linear(
            (-40, -70), (55, 80), ((0.0, self._light, 255), (0.5, self.skin, 255), (1.0, self._dark, 255))
        )

    def _outline(self) -> Path:
        c, j = self.cheek, self.jaw
        right = [(34.0, -71.0), (c - 4, -38.0), (c, 2.0), (c - 4, 28.0), (j, 54.0), (j * 0.52, 74.0)]
        return blob([(0.0, -79.0), *right, (0.0, 80.0), *((-x, y) for x, y in reversed(right))])

    def draw_head(self, pen: Pen, state: FaceState) -> None:
        """Ears and the head itself."""
        for sign in (-1, 1):
            x = sign * (self.cheek + 1) - state.turn * 10
            if sign * state.turn > 0.55:
                continue
            pen.fill(ellipse(x, 10, 11, 17, sign * 0.15), self._dark if sign > 0 else self.skin)
            pen.stroke(curve([(x + sign * 3, 2), (x + sign * 5, 10), (x - sign * 1, 17)]), self._line, 2.0, 150)
            if self.design.earrings:
                pen.fill(ellipse(x + sign * 1, 31, 4.5, 4.5), (226, 188, 92))
        pen.fill(self._head, self.skin_fill)

    def draw_features(self, pen: Pen, state: FaceState) -> None:
        """Everything on the head, back to front."""
        look = LOOKS[state.expression]
        self._cheeks(pen, state, look)
        for sign in (-1, 1):
            self._eye(pen, state, look, sign)
        self._nose(pen, state)
        if self.design.beard != "none":
            self._beard(pen, state)
        self._mouth(pen, state, look)
        if self.design.beard in ("full", "moustache"):
            self._moustache(pen, state, look)
        for sign in (-1, 1):
            self._brow_of(pen, state, look, sign)
        if look.brow_gather > 3.5:
            self._crease(pen, state)
        if self.design.glasses:
            self._glasses(pen, state)

    def _x(self, x: float, state: FaceState) -> float:
        """Where a feature at `x` of a frontal face stands once the head has turned."""
        return x * (1 - 0.16 * abs(state.turn)) + state.turn * 24

    def _cheeks(self, pen: Pen, state: FaceState, look: Look) -> None:
        warm = mix(self.skin, (226, 84, 78), 0.6)
        strength = int(40 + 75 * look.blush - 40 * look.pallor)
        for sign in (-1, 1):
            x = self._x(sign * 37, state)
            stops = ((0.0, warm, max(strength, 0)), (1.0, warm, 0))
            pen.fill(ellipse(x, 32, 21, 15), Radial((x, 32), 20, stops))
            if self.design.freckles:
                for dx, dy in ((-8, -3), (0, 2), (8, -2), (-3, 6)):
                    pen.fill(ellipse(x + dx, 28 + dy, 1.6, 1.6), self._line, 110)
        if self.design.age_class == "old":
            for sign in (-1, 1):
                x = self._x(sign * 20, state)
                pen.stroke(curve([(x, 26), (x + sign * 6, 34), (x + sign * 7, 44)]), self._line, 2.2, 90)
                x = self._x(sign * 46, state)
                pen.stroke(curve([(x, 2), (x + sign * 7, -1)]), self._line, 2.0, 90)
                pen.stroke(curve([(x, 8), (x + sign * 7, 10)]), self._line, 2.0, 90)

    def _eye(self, pen: Pen, state: FaceState, look: Look, sign: int) -> None:
        far = 1 - 0.3 * max(0.0, sign * state.turn)
        child = 1.14 if self.design.age_class == "child" else 1.0
        shape = {"round": (15.5, 16.5), "almond": (17.0, 13.5), "narrow": (16.5, 11.0)}[self.design.eye_shape]
        rx, ry = shape[0] * far * child, shape[1] * child
        x, y = self._x(sign * 27, state), 4.0
        opening = look.upper_lid * (1 - state.closed)
        if opening < 0.16:
            droop = 3 + 4 * (1 - look.lower_lid)
            pen.stroke(curve([(x - rx, y + 3), (x, y + droop + 3), (x + rx, y + 3)]), _INK, 4.2)
            return
        up = ry * min(opening, 1.35)
        slant = look.lid_slant * sign * 4.5
        low = ry * (0.82 - 0.5 * look.lower_lid)
        left, right = (x - rx, y + 1.5 + min(-slant, 0) * -0.4), (x + rx, y + 1.5 + max(slant, 0) * 0.4)
        upper = [left, (x - rx * 0.52, y - up * 0.86 - slant), (x + rx * 0.42, y - up * 0.9 + slant), right]
        lower = [(x + rx * 0.5, y + low * 0.92), (x - rx * 0.5, y + low * 0.92)]
        pen.fill(blob([*upper, *lower]), _WHITE)
        self._iris_of(pen, state, look, (x, y), (rx, up, low, slant))
        self._lids(pen, (x, y), (rx, up, low, slant), sign, upper)

    def _iris_of(
        self, pen: Pen, state: FaceState, look: Look, at: Point, size: tuple[float, float, float, float]
    ) -> None:
        rx, up, low, _ = size
        radius = min(10.5 * look.iris + (1.5 if self.design.age_class == "child" else 0), rx * 0.78)
        shift = max(-1.0, min(1.0, state.look_x + state.turn * 0.35))
        x = at[0] + shift * (rx - radius * 0.82) * 0.95
        y = at[1] - 0.5 + state.look_y * (6.0 if state.look_y > 0 else 5.0)
        top, bottom = max(y - radius, at[1] - up * 0.93), min(y + radius, at[1] + low * 0.9)
        cy, ry = (top + bottom) / 2, max((bottom - top) / 2, 1.0)
        pen.fill(ellipse(x, cy, radius, ry), Linear((0, cy - ry), (0, cy + ry), (
            (0.0, shade(self._iris, -0.45), 255), (1.0, shade(self._iris, 0.25), 255))))  # fmt: skip
        pen.fill(ellipse(x, min(max(y, top + 2), bottom - 2), radius * 0.52, min(radius * 0.52, ry)), _INK)
        pen.fill(ellipse(x - radius * 0.32, top + ry * 0.55, radius * 0.27, min(radius * 0.27, ry * 0.5)), _WHITE)

    def _lids(
        self, pen: Pen, at: Point, size: tuple[float, float, float, float], sign: int, upper: list[Point]
    ) -> None:
        rx, _, low, _ = size
        x, y = at
        pen.stroke(curve(upper), _INK, 4.0)
        outer = upper[-1] if sign > 0 else upper[0]
        if self.design.lashes:
            for dy, reach in ((-7.0, 8.0), (-2.5, 9.5)):
                pen.stroke(curve([outer, (outer[0] + sign * reach * 0.6, outer[1] + dy * 0.4),
                                  (outer[0] + sign * reach, outer[1] + dy)]), _INK, 2.8)  # fmt: skip
        pen.stroke(curve([(x - rx * 0.6, y + low * 0.95), (x, y + low * 1.05), (x + rx * 0.6, y + low * 0.95)]),
                   self._line, 1.8, 120)  # fmt: skip

    def _brow_of(self, pen: Pen, state: FaceState, look: Look, sign: int) -> None:
        far = 1 - 0.22 * max(0.0, sign * state.turn)
        gather = look.brow_gather * 0.8
        inner = (self._x(sign * (12 - gather), state), -23 - look.brow_lift - look.brow_inner)
        middle = (self._x(sign * 28 * far, state), -30 - look.brow_lift - (look.brow_inner + look.brow_outer) * 0.25)
        outer = (self._x(sign * 45 * far, state), -23 - look.brow_lift - look.brow_outer)
        thick = 4.2 if self.design.lashes else 6.2
        if self.design.age_class == "old":
            thick += 1.2
        pen.fill(blob([
            (inner[0], inner[1] + thick * 0.6), (inner[0], inner[1] - thick * 0.6),
            (middle[0], middle[1] - thick * 0.7), outer, (middle[0], middle[1] + thick * 0.6),
        ], 0.9), self._brow)  # fmt: skip

    def _crease(self, pen: Pen, state: FaceState) -> None:
        x = self._x(0, state)
        for dx in (-4, 4):
            pen.stroke(curve([(x + dx, -26), (x + dx * 0.8, -16)]), self._line, 2.2, 120)

    def _nose(self, pen: Pen, state: FaceState) -> None:
        x, t = self._x(0, state) + state.turn * 9, state.turn
        side = 1 if t >= 0 else -1
        lean = side * (2 + 5 * abs(t))
        match self.design.nose:
            case "button":
                pen.fill(ellipse(x + lean * 0.4, 24, 8.5, 6.5), mix(self.skin, (214, 96, 84), 0.28))
                pen.stroke(curve([(x - 6, 28), (x, 31), (x + 7, 27)]), self._line, 2.2, 130)
            case "long":
                pen.stroke(curve([(x - lean * 0.7, -6), (x + lean, 16), (x + lean * 1.7, 26), (x - lean, 30)]),
                           self._line, 2.8, 150)  # fmt: skip
                pen.fill(ellipse(x + lean * 0.6, 24, 6, 5), mix(self.skin, (214, 96, 84), 0.22))
            case _:
                pen.fill(ellipse(x, 24, 12, 8), mix(self.skin, (205, 92, 80), 0.3))
                pen.stroke(curve([(x - 11, 25), (x - 6, 31), (x, 30), (x + 7, 31), (x + 11, 25)]), self._line, 2.3, 140)

    def _mouth(self, pen: Pen, state: FaceState, look: Look) -> None:
        shape = MOUTHS.get(state.viseme)
        x, y = self._x(0, state) + state.turn * 6, 50.0
        if shape is None:
            shape = MouthShape(19 * look.mouth_width, look.parted, teeth=0.55 if look.teeth else 0.0, tongue=0.3)
        squeeze = 1 - 0.18 * abs(state.turn)
        half = shape.half_width * squeeze * (1 + (look.mouth_width - 1) * 0.4)
        corners = -look.smile * (9.0 if half > 12 else 4.5)
        if shape.opening < 2:
            self._closed_mouth(pen, (x, y), half, corners, look)
        else:
            self._open_mouth(pen, (x, y), half, corners, shape)

    def _closed_mouth(self, pen: Pen, at: Point, half: float, corners: float, look: Look) -> None:
        x, y = at
        middle = y - corners * 0.35
        line = [(x - half, y + corners * 0.75), (x - half * 0.45, middle - corners * 0.15),
                (x, middle), (x + half * 0.45, middle - corners * 0.15), (x + half, y + corners * 0.75)]  # fmt: skip
        if self.design.lashes:
            pen.fill(blob([line[0], (x - half * 0.3, middle - 5), (x, middle - 3.4), (x + half * 0.3, middle - 5),
                           line[4], (x, middle + 7)], 0.9), self._lip, 215)  # fmt: skip
        else:
            pen.stroke(curve([(x - half * 0.4, middle + 8.5), (x, middle + 10), (x + half * 0.4, middle + 8.5)]),
                       self._line, 2.0, 90)  # fmt: skip
        pen.stroke(curve(line), mix(self._line, _INK, 0.35), 3.4)
        if look.smile > 0.4:
            for sign in (-1, 1):
                end = x + sign * half
                pen.stroke(curve([(end + sign, y + corners * 0.75 - 3), (end + sign * 3.5, y + corners * 0.75 + 2)]),
                           self._line, 2.4, 150)  # fmt: skip

    def _open_mouth(self, pen: Pen, at: Point, half: float, corners: float, shape: MouthShape) -> None:
        x, y = at
        top = y - shape.opening * 0.34 - corners * 0.18
        bottom = y + shape.opening * 0.72 - corners * 0.3
        left, right = (x - half, y + corners * 0.6), (x + half, y + corners * 0.6)
        flat = 0.52 if shape.half_width > 15 else 0.7
        upper, lower = (half * flat, top), (half * flat * 0.95, bottom)
        outline = Path().move(*left).cubic(left[0], left[1] - 2, x - upper[0], top, x, top)
        outline.cubic(x + upper[0], top, right[0], right[1] - 2, *right)
        outline.cubic(right[0], right[1] + 4, x + lower[0], bottom, x, bottom)
        outline.cubic(x - lower[0], bottom, left[0], left[1] + 4, *left).close()
        pen.fill(outline, _MOUTH_INSIDE, 255, self._lip, 5.0 if self.design.lashes or shape.pout else 3.6)
        height = bottom - top
        if shape.teeth and height > 4:
            reach, drop = half * 0.72, min(height * shape.teeth * 0.55 + 2.0, height * 0.8)
            level = (top + left[1]) / 2
            pen.fill(blob([(x - reach, level + 0.5), (x, top + 1.8), (x + reach, level + 0.5),
                           (x + reach * 0.8, level + drop * 0.75), (x, top + 1.8 + drop),
                           (x - reach * 0.8, level + drop * 0.75)], 0.8), _TEETH)  # fmt: skip
        if shape.tongue and height > 9:
            thick = height * shape.tongue * 0.42
            pen.fill(ellipse(x, bottom - thick - 1.5, half * 0.55, thick), _TONGUE)
        pen.stroke(curve([(x - half * 0.35, bottom + 7), (x, bottom + 8.5), (x + half * 0.35, bottom + 7)]),
                   self._line, 2.0, 80)  # fmt: skip

    def _beard(self, pen: Pen, state: FaceState) -> None:
        c, j, t = self.cheek, self.jaw, state.turn * 9
        if self.design.beard == "stubble":
            path = blob(
                [
                    (-c + 4, 18),
                    (-c * 0.55, 34),
                    (t, 34),
                    (c * 0.55, 34),
                    (c - 4, 18),
                    (j, 54),
                    (j * 0.5, 75),
                    (0, 80),
                    (-j * 0.5, 75),
                    (-j, 54),
                ]
            )
            pen.fill(path, self._hair, 70)
            return
        if self.design.beard == "moustache":
            return
        outer = [(c + 2, -6.0), (c + 1, 30.0), (j + 8, 62.0), (j * 0.62, 92.0), (t * 0.5, 102.0)]
        inner = [(-c * 0.72 + t, 22.0), (-24 + t, 36.0), (t, 34.0), (24 + t, 36.0), (c * 0.72 + t, 22.0)]
        path = blob([*outer, *((-x + t, y) if y > 100 else (-x, y) for x, y in reversed(outer[:-1])), *inner], 0.8)
        tone = Linear((0, 20), (0, 100), ((0.0, self._hair, 255), (1.0, shade(self._hair, -0.25), 255)))
        pen.fill(path, tone)

    def _moustache(self, pen: Pen, state: FaceState, look: Look) -> None:
        x, low = self._x(0, state) + state.turn * 8, 3.0 - look.smile * 3.0
        colour = shade(self._hair, 0.1 if self.design.beard == "full" else 0.0)
        for sign in (-1, 1):
            pen.fill(
                blob([(x, 33), (x + sign * 12, 31.5), (x + sign * 27, 42 + low), (x + sign * 14, 43), (x, 40)]), colour
            )

    def _glasses(self, pen: Pen, state: FaceState) -> None:
        frame: Rgb = (58, 44, 52)
        for sign in (-1, 1):
            far = 1 - 0.26 * max(0.0, sign * state.turn)
            x = self._x(sign * 27, state)
            pen.fill(ellipse(x, 4, 22 * far, 20), _WHITE, 34, frame, 3.6)
            pen.stroke(curve([(x - 10 * far, -6), (x - 3 * far, -10)]), _WHITE, 3.0, 150)
            if sign * state.turn < 0.5:
                pen.stroke(curve([(x + sign * 22 * far, 0), (sign * self.cheek - state.turn * 8, -2)]), frame, 3.4)
        left, right = self._x(-6, state), self._x(6, state)
        pen.stroke(curve([(left, 2), ((left + right) / 2, -2), (right, 2)]), frame, 3.6)


def blink(seconds: float, seed_phase: float) -> float:
    """How far the lids are shut at a time, 0..1: a blink of 0.2 s every 2.6 to 4.4 s, from the character's habit."""
    period = 2.6 + 1.8 * ((seed_phase * 7.31) % 1.0)
    into = (seconds + seed_phase * period * 3) % period
    return math.sin(into / 0.2 * math.pi) if into < 0.2 else 0.0
