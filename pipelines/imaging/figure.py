"""A figure: one character, whole, in a pose, with a feeling, drawn in world units with its feet at its origin."""

from __future__ import annotations

import math
from dataclasses import dataclass

from thorvg_python.paint.scene import Scene

from pipelines.imaging.colour import Rgb, mix, parse_colour, shade
from pipelines.imaging.face import Face, FaceState, blink
from pipelines.imaging.figure_pose import Moment, Skeleton, skeleton
from pipelines.imaging.garment import Wardrobe
from pipelines.imaging.hair import Hair
from pipelines.imaging.path import Point, blob, curve, ellipse, limb
from pipelines.imaging.pen import Matrix6, Pen, Radial, chain
from schemas.character_design import CharacterDesign
from schemas.vocabulary import Emotion, Pose

ADULT_UNITS = 600.0
"""Standing height of a design of height 1."""


@dataclass(frozen=True)
class FigureState:
    """What a figure does at one moment."""

    seconds: float
    pose: Pose
    expression: Emotion
    turn: float
    """Head: -1 left to 1 right."""

    facing: float
    """Body: -1 left, 0 to the camera, 1 right."""

    look_x: float
    look_y: float
    speaking: float
    viseme: str
    back: bool = False


class Figure:
    """Draws one character into `pen`."""

    def __init__(self, design: CharacterDesign, pen: Pen, rim: Rgb | None = None) -> None:
        self.rim = rim
        self.design = design
        self.pen = pen
        self.phase = int(design.seed[:8], 16) / 2**32
        self.face = Face(design)
        self.hair = Hair(design, self.face.cheek)
        self.wardrobe = Wardrobe(design)
        self.head_scale = {"child": 1.2, "adult": 0.96, "old": 0.97}[design.age_class]

    def head_centre_y(self) -> float:
        """Height of the middle of the head above the ground when standing, world units, negative."""
        return -516.0 * self.design.height

    def draw(self, state: FigureState, x: float, ground_y: float, scale: float = 1.0) -> None:
        """The figure with its feet at (x, ground_y)."""
        size = self.design.height * scale
        root: Matrix6 = (size, 0.0, x, 0.0, size, ground_y)
        moment = Moment(state.seconds, state.facing, state.speaking, self.phase)
        bones = skeleton(self.design, state.pose, state.expression, moment)
        pen = self.pen
        pen.at = root
        self._shadow(bones)
        if bones.seated:
            self._stool()
        head = chain(root, _about(bones.head, bones.head_angle, self.head_scale))
        sway = math.sin((state.seconds / 2.7 + self.phase) * math.tau) * 3 - bones.gait * 8 * math.copysign(
            1, state.facing or 1
        )
        if not state.back:
            pen.at = head
            self.hair.draw_behind(pen, state.turn, sway)
            pen.at = root
        far = 0 if state.facing >= 0 else 1
        if state.facing:
            self._arm(bones, far)
        self._legs(bones, far)
        if state.back:
            # what the hands do in front of the body is hidden by it
            self._arms_before_head(bones, state, far)
        self.wardrobe.draw_torso(pen, root, bones, state.facing, back=state.back)
        self._neck(bones)
        late = bones.arms_in_front and not state.back
        if not late and not state.back:
            self._arms_before_head(bones, state, far)
        self.wardrobe.draw_collar(pen, root, bones, back=state.back)
        pen.at = head
        if state.back:
            pen.fill(self.face._head, self.face.skin)
            self.hair.draw_back_of_head(pen, sway)
            self._rim_of_head()
        else:
            self._head(state, sway)
        pen.at = root
        if late:
            self._arms_before_head(bones, state, far)

    def _head(self, state: FigureState, sway: float) -> None:
        shut = blink(state.seconds, self.phase)
        face = FaceState(state.expression, state.turn, state.look_x, state.look_y, shut, state.viseme)
        self.face.draw_head(self.pen, face)
        self.face.draw_features(self.pen, face)
        self.hair.draw_over(self.pen, state.turn, sway * 0.5)
        self._rim_of_head()

    def _rim_of_head(self) -> None:
        """The edge of light along crown and cheek, on the side of sun, moon or lamp."""
        if self.rim is None:
            return
        c = self.face.cheek
        out = {"bald": -1.0, "cap": 6.0, "curly": 17.0, "long": 12.0}.get(self.design.hair_style, 6.0)
        top = -78.0 - {"bald": 0.0, "cap": 22.0, "curly": 24.0}.get(self.design.hair_style, 16.0)
        line = [(14, top + 3), (c * 0.62 + out * 0.4, top + 16), (c + out - 3, -44), (c + out - 2, -8)]
        self.pen.stroke(curve(line), self.rim, 3.4, 105, lit=False)

    def _arms_before_head(self, bones: Skeleton, state: FigureState, far: int) -> None:
        if state.facing:
            self._arm(bones, 1 - far)
            return
        self._arm(bones, 0)
        self._arm(bones, 1)

    def _shadow(self, bones: Skeleton) -> None:
        centre = (bones.feet[0][0] + bones.feet[1][0]) / 2
        spread = abs(bones.feet[0][0] - bones.feet[1][0]) / 2 + 78
        dark: Rgb = (20, 16, 34)
        self.pen.fill(
            ellipse(centre, 0, spread, 17),
            Radial((centre, 0), spread, ((0.0, dark, 120), (0.55, dark, 80), (1.0, dark, 0))),
        )

    def _stool(self) -> None:
        wood: Rgb = (122, 82, 54)
        for x in (-52, 52):
            self.pen.fill(limb((x * 0.8, -150), (x * 0.9, -75), (x, -2), (17, 15, 13)), shade(wood, -0.3))
        self.pen.fill(ellipse(0, -152, 74, 17), shade(wood, -0.15))
        self.pen.fill(ellipse(0, -158, 74, 15), wood)

    def _neck(self, bones: Skeleton) -> None:
        skin = self.face.skin
        (nx, ny), (hx, hy) = bones.neck, bones.head
        half = 21.0 if self.design.build != "broad" else 27.0
        self.pen.fill(
            blob([(nx - half - 7, ny + 14), (nx - half, ny - 12), (hx - half + 2, hy + 40), (hx + half - 2, hy + 40),
                  (nx + half, ny - 12), (nx + half + 7, ny + 14), (nx, ny + 26)], 0.7),
            mix(shade(skin, -0.2), (190, 90, 80), 0.12),
        )  # fmt: skip

    def _legs(self, bones: Skeleton, far: int) -> None:
        order = (far, 1 - far)
        for turn, index in enumerate(order):
            colour = self.wardrobe.trousers if turn or not bones.gait else shade(self.wardrobe.trousers, -0.22)
            hip, knee, foot = bones.hips[index], bones.knees[index], bones.feet[index]
            self._shoe(foot, bones.foot_angles[index])
            thick = self.wardrobe.leg_widths
            leg = limb(hip, knee, foot, thick)
            self.pen.fill(leg, shade(colour, -0.3), 255, shade(colour, -0.3), 3.6)
            self.pen.fill(leg, colour)

    def _shoe(self, at: Point, angle: float) -> None:
        cos, sin = math.cos(angle), math.sin(angle)
        flip = -1.0 if cos < 0 else 1.0
        turn = math.asin(max(-1.0, min(1.0, sin))) * flip
        c, s = math.cos(turn), math.sin(turn)
        reach = 0.55 + 0.45 * abs(cos) if abs(sin) < 0.5 else 1.0

        def put(x: float, y: float) -> Point:
            x *= flip * reach
            return at[0] + x * c - y * s, at[1] + x * s + y * c

        colour = parse_colour(self.design.shoes)
        self.pen.fill(
            blob([put(-17, -8), put(2, -14), put(20, -4), put(38, 3), put(41, 13), put(12, 14), put(-18, 14)], 0.8),
            colour,
        )
        self.pen.stroke(curve([put(-17, 13.5), put(10, 14), put(40, 13)]), shade(colour, -0.4), 4)

    def _arm(self, bones: Skeleton, index: int) -> None:
        sleeve = self.wardrobe.sleeve
        colour = sleeve if index == 0 else shade(sleeve, -0.1)
        shoulder, elbow, hand = bones.shoulders[index], bones.elbows[index], bones.hands[index]
        inset = (shoulder[0] - math.copysign(8, shoulder[0] - bones.neck[0]), shoulder[1] + 12)
        self._hand(hand, elbow, bones.hand_kinds[index], index)
        cuff = _between(elbow, hand, 0.86)
        arm = limb(inset, elbow, cuff, self.wardrobe.arm_widths)
        edge = shade(sleeve, -0.32)
        self.pen.fill(arm, edge, 255, edge, 4.0)
        self.pen.fill(arm, colour)
        wide = self.wardrobe.arm_widths[0] / 2
        self.pen.fill(ellipse(inset[0] * 0.88 + bones.neck[0] * 0.12, inset[1] + 7, wide + 3, wide + 3), colour)
        if self.wardrobe.cuffs:
            end, half = _between(elbow, hand, 0.94), self.wardrobe.arm_widths[2] * 0.44
            self.pen.stroke(curve([_beside(elbow, end, -half), _beside(elbow, end, half)]), self.wardrobe.trim, 8)

    def _hand(self, at: Point, elbow: Point, kind: str, index: int) -> None:
        skin = self.face.skin
        edge = shade(skin, -0.3)
        angle = math.atan2(at[1] - elbow[1], at[0] - elbow[0])
        cos, sin = math.cos(angle), math.sin(angle)
        side = -1.0 if index == 0 else 1.0
        if abs(sin) < 0.5:
            side = -1.0 if cos > 0 else 1.0

        def put(x: float, y: float) -> Point:
            y *= side
            return at[0] + x * cos - y * sin, at[1] + x * sin + y * cos

        pen = self.pen
        match kind:
            case "fist":
                pen.fill(
                    blob([put(-9, -14), put(8, -16), put(19, -9), put(20, 8), put(8, 15), put(-9, 12)]),
                    skin,
                    255,
                    edge,
                    2,
                )
                pen.stroke(curve([put(4, 2), put(14, 1)]), edge, 2.4, 170)
            case "point":
                pen.fill(
                    blob(
                        [
                            put(-10, -12),
                            put(10, -14),
                            put(42, -10),
                            put(45, -5),
                            put(40, -1),
                            put(16, 0),
                            put(15, 12),
                            put(-8, 12),
                        ],
                        0.7,
                    ),
                    skin,
                    255,
                    edge,
                    2,
                )
            case "open":
                for spread in (-0.42, -0.14, 0.14, 0.42):
                    end = put(32 * math.cos(spread), 34 * math.sin(spread))
                    pen.stroke(curve([put(4, 12 * spread), end]), skin, 9.5)
                pen.stroke(curve([put(0, 8), put(12, 21)]), skin, 10)
                pen.fill(blob([put(-10, -12), put(10, -14), put(17, 0), put(10, 14), put(-10, 11)]), skin)
            case _:
                pen.stroke(curve([put(4, -6), put(15, -13), put(20, -15)]), skin, 9.5)
                pen.fill(
                    blob([put(-10, -11), put(10, -13), put(29, -7), put(31, 4), put(12, 12), put(-10, 10)], 0.9),
                    skin,
                    255,
                    edge,
                    1.6,
                )


def new_figure(
    design: CharacterDesign, scene: Scene, tint: tuple[float, float, float] = (1.0, 1.0, 1.0), rim: Rgb | None = None
) -> Figure:
    """A figure that draws into `scene` under light of colour `tint`, edged with light of colour `rim`."""
    return Figure(design, Pen(scene, tint), rim)


def _about(centre: Point, angle: float, scale: float) -> Matrix6:
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    return cos, -sin, centre[0], sin, cos, centre[1]


def _between(one: Point, other: Point, share: float) -> Point:
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share


def _beside(start: Point, end: Point, distance: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    return end[0] - dy / length * distance, end[1] + dx / length * distance
