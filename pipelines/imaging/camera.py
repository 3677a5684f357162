"""What the camera sees: a rectangle of the world, how it moves through a shot, and where a layer of any depth lands.

World units: a wide 16:9 frame shows x in [-889, 889] and y in [-500, 500], y downwards, ground at +380. No view leaves
x in [-1700, 1700], y in [-800, 800], which is as far as backdrops are painted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.imaging.pen import Matrix6
from schemas.vocabulary import CameraMovement

GROUND_Y = 380.0
LIMIT_X, LIMIT_Y = 1700.0, 800.0
_WIDE_HEIGHT = 1000.0
"""Height of the frame, world units, at which every depth has the same scale."""


FULL_MOVE_S = 4.0
"""A camera that covers its whole way in less looks hurried."""


@dataclass(frozen=True)
class View:
    """A rectangle of the world: centre, and height in world units."""

    x: float
    y: float
    height: float


def kept_inside(view: View, aspect: float) -> View:
    """`view` shrunk and moved until it shows painted world only; `aspect` is width over height."""
    height = min(view.height, 2 * LIMIT_Y, 2 * LIMIT_X / aspect)
    half_x, half_y = height * aspect / 2, height / 2
    x = max(-LIMIT_X + half_x, min(LIMIT_X - half_x, view.x))
    y = max(-LIMIT_Y + half_y, min(LIMIT_Y - half_y, view.y))
    return View(x, y, height)


def eased(share: float) -> float:
    """0 to 1 with a soft start and a soft landing."""
    share = max(0.0, min(1.0, share))
    return share * share * share * (share * (share * 6 - 15) + 10)


def moved(view: View, movement: CameraMovement, share: float, aspect: float, seconds: float = FULL_MOVE_S) -> View:
    """The view at `share` (0 to 1) of a shot of `seconds` that rests on `view` half-way through.

    A shot shorter than FULL_MOVE_S moves less far, so that no camera is faster than it would be in a long one.
    """
    p = (eased(share) - 0.5) * min(1.0, seconds / FULL_MOVE_S)
    width = view.height * aspect
    match movement:
        case "static":
            return view
        case "pan_left":
            at = replace(view, x=view.x - p * width * 0.12)
        case "pan_right":
            at = replace(view, x=view.x + p * width * 0.12)
        case "tilt_up":
            at = replace(view, y=view.y - p * view.height * 0.10)
        case "tilt_down":
            at = replace(view, y=view.y + p * view.height * 0.10)
        case "push_in":
            at = replace(view, height=view.height * (1 - 0.10 * p))
        case "pull_out":
            at = replace(view, height=view.height * (1 + 0.10 * p))
    return kept_inside(at, aspect)


def layer_matrix(view: View, depth: float, width_px: int, height_px: int) -> Matrix6:
    """World to pixels for a layer: depth 1 stands with the figures, 0 is infinitely far.

    A far layer follows the camera less and grows less when the frame tightens, as it would behind a real lens that
    comes nearer; both keep the parts of a place in one perspective.
    """
    near = height_px / view.height
    base = height_px / max(_WIDE_HEIGHT, view.height)
    scale = base * (near / base) ** (0.25 + 0.75 * depth)
    return scale, 0.0, width_px / 2 - view.x * depth * scale, 0.0, scale, height_px / 2 - view.y * depth * scale
