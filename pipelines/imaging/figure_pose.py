"""Where the joints of a figure are at a moment: pose, bearing of the feeling, breath, gesture and gait.

Units are those of an adult of 600: origin on the ground between the feet, y downwards, so that the head is near -520.
Left and right are the screen's.

        head        (0, -520)
        neck base   (0, -440)      torso frame: origin at the hip, up is -y, tilted by `lean`
        hip         (0, -262)
        ground      (0, 0)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipelines.imaging.path import Point, joint
from schemas.character_design import CharacterDesign
from schemas.vocabulary import Emotion, Pose

TORSO = 178.0
"""Hip to neck base."""

_THIGH, _SHIN, _UPPER_ARM, _FOREARM = 124.0, 122.0, 98.0, 92.0

SHOULDER = {"slim": 57.0, "average": 65.0, "broad": 80.0, "child": 60.0}
HIP = {"slim": 34.0, "average": 40.0, "broad": 48.0, "child": 42.0}

STRIDE_UNITS_S = 190.0
"""Ground that a walking adult covers in a second."""


@dataclass(frozen=True)
class Bearing:
    """How a feeling is carried: units and radians."""

    tilt: float = 0.0
    """Head towards the right shoulder, radians."""

    sink: float = 0.0
    """Head lower by so much."""

    raised: float = 0.0
    """Shoulders higher by so much."""

    lean: float = 0.0
    """Torso forward, in the direction it faces."""

    tremble: float = 0.0


BEARINGS: dict[Emotion, Bearing] = {
    "neutral": Bearing(),
    "happy": Bearing(tilt=0.05, sink=-3, raised=3),
    "sad": Bearing(tilt=0.07, sink=15, raised=-9, lean=0.05),
    "angry": Bearing(sink=7, raised=9, lean=0.05),
    "afraid": Bearing(tilt=-0.04, sink=10, raised=16, lean=-0.07, tremble=1.3),
    "surprised": Bearing(sink=-6, raised=9, lean=-0.06),
    "tender": Bearing(tilt=0.12, sink=3, raised=-3, lean=0.02),
    "worried": Bearing(tilt=-0.07, sink=6, raised=7, lean=0.02),
    "determined": Bearing(sink=-3, raised=-2, lean=0.01),
}


@dataclass(frozen=True)
class Moment:
    """What moves a figure at one time."""

    seconds: float
    facing: float
    """-1 left, 0 towards the camera, 1 right."""

    speaking: float
    """0 silent to 1 in full speech, eased."""

    phase: float
    """Steady habit of this figure, 0..1, so that a crowd does not breathe as one."""


@dataclass(frozen=True)
class Skeleton:
    """Joints in figure units; pairs are (left, right) on screen."""

    hip: Point
    lean: float
    neck: Point
    head: Point
    head_angle: float
    shoulders: tuple[Point, Point]
    elbows: tuple[Point, Point]
    hands: tuple[Point, Point]
    hips: tuple[Point, Point]
    knees: tuple[Point, Point]
    feet: tuple[Point, Point]
    foot_angles: tuple[float, float]
    hand_kinds: tuple[str, str]
    """`relaxed`, `fist`, `open` or `point`, for the hand's outline."""

    arms_in_front: bool
    seated: bool
    gait: float
    """0 standing, 1 in full stride."""


def skeleton(design: CharacterDesign, pose: Pose, expression: Emotion, moment: Moment) -> Skeleton:
    """The joints of `design` at `moment`."""
    bearing = BEARINGS[expression]
    side = _side(moment.facing)
    hip, lean, feet, foot_angles, bob = _stance(pose, moment, side)
    shake = bearing.tremble * math.sin(moment.seconds * 43.0)
    breath = math.sin((moment.seconds / 3.4 + moment.phase) * math.tau)
    sway = math.sin((moment.seconds / 5.3 + moment.phase * 1.7) * math.tau)
    lean += bearing.lean * (side if moment.facing else 0.6) + sway * 0.006
    hip = (hip[0] + sway * 2.0 + shake, hip[1] + bob)
    turned = abs(moment.facing)
    wide = SHOULDER[design.build] * (1 - 0.22 * turned)
    raised = bearing.raised + breath * 2.0
    shoulders = (_in_torso(hip, lean, (-wide, -156 - raised)), _in_torso(hip, lean, (wide, -156 - raised)))
    neck = _in_torso(hip, lean, (0, -TORSO - breath * 1.2))
    nod = moment.speaking * math.sin(moment.seconds * 6.1 + moment.phase * 6) * 3.0
    head = (neck[0] + lean * 55 + moment.facing * 7, neck[1] - 76 + bearing.sink + nod - raised * 0.2)
    angle = bearing.tilt + lean * 0.5 + moment.speaking * math.sin(moment.seconds * 3.7 + moment.phase * 9) * 0.045
    hands, kinds, bends = _arms(pose, expression, moment, side, hip, lean, wide, breath)
    elbows, reached = _elbows(shoulders, hands, bends)
    half = HIP[design.build] * (0.55 - 0.2 * turned)
    hips = ((hip[0] - half, hip[1] + 4), (hip[0] + half, hip[1] + 4))
    knees, ankles = _knees(hips, feet, pose, side)
    return Skeleton(
        hip, lean, neck, head, angle, shoulders, elbows, reached, hips, knees, ankles, foot_angles, kinds,
        arms_in_front=pose == "arms_crossed" or expression in ("afraid", "worried", "tender"),
        seated=pose == "sitting",
        gait={"walking": 0.7, "running": 1.0}.get(pose, 0.0),
    )  # fmt: skip


def _side(facing: float) -> float:
    return -1.0 if facing < 0 else 1.0


def _in_torso(hip: Point, lean: float, local: Point) -> Point:
    cos, sin = math.cos(lean), math.sin(lean)
    x, y = local
    return hip[0] + x * cos - y * sin, hip[1] + x * sin + y * cos


def _stance(
    pose: Pose, moment: Moment, side: float
) -> tuple[Point, float, tuple[Point, Point], tuple[float, float], float]:
    """Hip, lean, ankles, foot angles and bob of a pose."""
    turn_out = 0.35 * (1 - abs(moment.facing)) if moment.facing else 0.35
    splayed = (math.pi - turn_out, turn_out) if not moment.facing else ((0.0, 0.0) if side > 0 else (math.pi, math.pi))
    if pose in ("walking", "running"):
        return _gait(pose, moment, side)
    if pose == "sitting":
        reach = side * 30 if moment.facing else 0.0
        return (0.0, -176.0), 0.0, ((-40.0 + reach, -14.0), (40.0 + reach, -14.0)), splayed, 0.0
    if pose == "crouching":
        return (0.0, -118.0), 0.14 * side, ((-52.0, -14.0), (52.0, -14.0)), splayed, 0.0
    if pose == "reaching":
        return (side * 6, -258.0), 0.13 * side, ((-38.0, -14.0), (38.0, -14.0)), splayed, 0.0
    if pose == "pointing":
        return (0.0, -260.0), -0.03 * side, ((-34.0, -14.0), (34.0, -14.0)), splayed, 0.0
    return (0.0, -261.0), 0.0, ((-27.0, -14.0), (27.0, -14.0)), splayed, 0.0


def _gait(
    pose: Pose, moment: Moment, side: float
) -> tuple[Point, float, tuple[Point, Point], tuple[float, float], float]:
    running = pose == "running"
    reach, lift, steps_s = (92.0, 92.0, 1.55) if running else (62.0, 34.0, 0.88)
    turn = (moment.seconds * steps_s + moment.phase) * math.tau
    feet, angles = [], []
    for offset in (0.0, math.pi):
        swing = (turn + offset) % math.tau
        x = reach * math.cos(swing)
        height = max(0.0, -math.sin(swing)) * lift
        pitch = -0.35 * max(0.0, math.cos(swing)) + 0.75 * max(0.0, -math.sin(swing)) * (1 if running else 0.6)
        feet.append((side * x, -14.0 - height))
        angles.append(pitch if side > 0 else math.pi - pitch)
    bob = -abs(math.sin(turn)) * (20.0 if running else 8.0)
    return (
        (0.0, -244.0 if running else -254.0),
        (0.2 if running else 0.05) * side,
        (feet[0], feet[1]),
        (angles[0], angles[1]),
        bob,
    )


def _knees(
    hips: tuple[Point, Point], feet: tuple[Point, Point], pose: Pose, side: float
) -> tuple[tuple[Point, Point], tuple[Point, Point]]:
    if pose == "sitting":
        knees = tuple((foot[0] + (x - foot[0]) * 0.1 + spread, -150.0) for foot, (x, _), spread in zip(
            feet, hips, (-10.0, 10.0), strict=True))  # fmt: skip
        return (knees[0], knees[1]), feet
    if pose == "crouching":
        return ((-86.0, -112.0), (86.0, -112.0)), feet
    forward = -side if pose in ("walking", "running") else 0.0
    left = joint(hips[0], feet[0], _THIGH, _SHIN, forward or 0.35)
    right = joint(hips[1], feet[1], _THIGH, _SHIN, forward or -0.35)
    return (left[0], right[0]), (left[1], right[1])


def _elbows(
    shoulders: tuple[Point, Point], hands: tuple[Point, Point], bends: tuple[float, float]
) -> tuple[tuple[Point, Point], tuple[Point, Point]]:
    left = joint(shoulders[0], hands[0], _UPPER_ARM, _FOREARM, bends[0])
    right = joint(shoulders[1], hands[1], _UPPER_ARM, _FOREARM, bends[1])
    return (left[0], right[0]), (left[1], right[1])


_Arms = tuple[tuple[Point, Point], tuple[str, str]]


def _feeling_arms(expression: Emotion, wide: float, pulse: float) -> _Arms:
    """Hands in the torso frame while nothing else is done with them; `pulse` swings between -1 and 1."""
    out = wide + 12
    match expression:
        case "happy":
            return ((-out - 46, 6 + pulse * 5), (out + 46, 6 - pulse * 5)), ("open", "open")
        case "sad":
            return ((-out + 30, 38.0), (out - 30, 38.0)), ("relaxed", "relaxed")
        case "angry":
            return ((-out - 20, 6.0), (out + 20, 6.0)), ("fist", "fist")
        case "afraid":
            return ((-30.0, -118 + pulse * 2), (30.0, -122 - pulse * 2)), ("open", "open")
        case "surprised":
            return ((-out - 24, -196 + pulse * 3), (out + 24, -196 + pulse * 3)), ("open", "open")
        case "tender":
            return ((-out - 2, 28.0), (10.0, -112 + pulse * 2)), ("relaxed", "open")
        case "worried":
            return ((-11.0, -50 + pulse * 2), (13.0, -46 + pulse * 2)), ("fist", "fist")
        case "determined":
            return ((-wide + 8, -16.0), (wide - 8, -16.0)), ("fist", "fist")
        case _:
            return ((-out, 34.0), (out, 34.0)), ("relaxed", "relaxed")


def _arms(
    pose: Pose, expression: Emotion, moment: Moment, side: float, hip: Point, lean: float, wide: float, breath: float
) -> tuple[tuple[Point, Point], tuple[str, str], tuple[float, float]]:
    """Hands in figure units, their kinds and the sides to which the elbows bend."""
    bends = (-1.0, 1.0) if expression == "surprised" else (1.0, -1.0)
    pulse = math.sin((moment.seconds / 2.3 + moment.phase) * math.tau)
    local, kinds = _feeling_arms(expression, wide, pulse)
    front = 1 if side > 0 else 0
    hands = list(local)
    kind = list(kinds)
    match pose:
        case "pointing":
            hands[front], kind[front] = (side * (wide + 182), -168 + pulse * 2), "point"
        case "reaching":
            hands[front], kind[front] = (side * (wide + 140), -124 + pulse * 5), "open"
            hands[1 - front], kind[1 - front] = (side * (wide + 36), -84 + pulse * 4), "open"
            bends = (-1.0, -1.0) if side < 0 else (1.0, 1.0)
        case "arms_crossed":
            hands = [(wide * 0.62, -94.0 + breath), (-wide * 0.62, -86.0 + breath)]
            kind = ["relaxed", "relaxed"]
        case "sitting" if expression in ("neutral", "sad", "determined"):
            hands = [(-42.0, 6.0), (42.0, 6.0)]
        case "crouching":
            hands = [(-70.0, 6.0), (70.0, 6.0)] if expression not in ("afraid", "worried") else hands
        case "walking" | "running":
            hands, kind, bends = _swinging(pose, moment, side, wide)
        case _:
            pass
    if pose in ("standing", "sitting", "walking", "arms_crossed"):
        bends = _gesture(hands, kind, bends, moment, wide, pose)
    placed = (_in_torso(hip, lean, hands[0]), _in_torso(hip, lean, hands[1]))
    return placed, (kind[0], kind[1]), bends


def _swinging(
    pose: Pose, moment: Moment, side: float, wide: float
) -> tuple[list[Point], list[str], tuple[float, float]]:
    running = pose == "running"
    turn = (moment.seconds * (1.55 if running else 0.88) + moment.phase) * math.tau
    hands: list[Point] = []
    for index, offset in enumerate((math.pi, 0.0)):
        swing = math.cos(turn + offset)
        base = (-1, 1)[index] * wide * 0.8
        if running:
            hands.append((base + side * (30 + swing * 78), -52 - swing * 46))
        else:
            hands.append((base + side * swing * 66, 26 - abs(swing) * 18))
    return hands, ["fist", "fist"] if running else ["relaxed", "relaxed"], ((side, side) if side > 0 else (-1.0, -1.0))


def _gesture(
    hands: list[Point], kind: list[str], bends: tuple[float, float], moment: Moment, wide: float, pose: Pose
) -> tuple[float, float]:
    """A hand that underlines what is said, mixed in by how much is being said; the elbow sinks as the hand rises."""
    index = 1 if moment.phase < 0.5 else 0
    beat = 0.5 + 0.5 * math.sin(moment.seconds * 2.6 + moment.phase * 11)
    share = moment.speaking * (0.35 + 0.65 * beat) * (0.7 if pose == "walking" else 1.0)
    if share < 0.02:
        return bends
    sign = (-1, 1)[index]
    shift = math.sin(moment.seconds * 4.4 + moment.phase * 5)
    target = (sign * (wide + 62 + shift * 12), -122 + math.cos(moment.seconds * 5.1 + moment.phase) * 16)
    x, y = hands[index]
    hands[index] = (x + (target[0] - x) * share, y + (target[1] - y) * share)
    if share > 0.35:
        kind[index] = "open"
    sunk = bends[index] + (sign - bends[index]) * min(1.0, share * 2.5)
    return (bends[0], sunk) if index else (sunk, bends[1])
