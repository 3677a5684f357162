"""Where the figures of a shot stand and what the camera rests on.

The planner says who is in a shot, in which slot and how it is framed; this turns it into world units for any aspect.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from pipelines.imaging.camera import GROUND_Y, View, kept_inside
from pipelines.imaging.figure_pose import STRIDE_UNITS_S, Moment, skeleton
from pipelines.rendering.picture import PictureFigure, ShotPicture

_SLOTS = {"left": -0.8, "centre_left": -0.4, "centre": 0.0, "centre_right": 0.4, "right": 0.8}
_STRETCHING = ("reaching", "pointing")
"""An arm held out needs room, or it ends in the neighbour's throat."""

_GAIT = {"walking": 1.0, "running": 1.75}


@dataclass(frozen=True)
class Spot:
    """Where one figure stands."""

    x: float
    ground_y: float
    scale: float
    facing: float
    """Body: -1 left, 0 to the camera, 1 right."""

    travel: float
    """World units that the figure crosses during the shot, signed; centred on x half-way through."""


@dataclass(frozen=True)
class Staging:
    """A shot laid out."""

    view: View
    """What the camera rests on half-way through the shot."""

    spots: tuple[Spot, ...]
    order: tuple[int, ...]
    """Figures from the farthest to the nearest."""

    follow: float
    """Share of the travel that the camera takes part in."""


def stage_shot(picture: ShotPicture) -> Staging:
    """The layout of a scene."""
    aspect = picture.width_px / picture.height_px
    figures = picture.figures
    if picture.framing == "insert" or not figures:
        height = _insert_height(picture, aspect) if picture.framing == "insert" else _wide_height(aspect)
        y = 70.0 if picture.framing == "insert" else GROUND_Y - 0.38 * height
        return Staging(kept_inside(View(0.0, y, height), aspect), (), (), 0.0)
    match picture.framing:
        case "over_shoulder" if len(figures) > 1:
            view, places = _over_shoulder(picture, aspect)
        case "wide":
            height = _wide_height(aspect)
            view = View(0.0, GROUND_Y - 0.38 * height, height)
            places = _wide_places(figures, height * aspect)
        case "close_up":
            view, places = _close_up(picture, aspect)
        case _:
            view, places = _medium(picture, aspect)
    view = kept_inside(view, aspect)
    seconds = picture.edit_rate.seconds(picture.duration_ticks)
    limit = 0.42 * view.height * aspect
    roaming = len(figures) == 1
    way = _common_way(figures, places)
    spots = tuple(
        _still(place) if looked_over(picture, index) else _spot(figure, place, seconds, limit, roaming, way)
        for index, (figure, place) in enumerate(zip(figures, places, strict=True))
    )
    order = tuple(sorted(range(len(figures)), key=lambda one: (figures[one].back, places[one][1])))
    longest = max((abs(spot.travel) for spot in spots), default=0.0)
    return Staging(view, spots, order, 1 - limit / longest if roaming and longest > limit else 0.0)


def looked_over(picture: ShotPicture, index: int) -> bool:
    """Whether the camera looks over this figure's shoulder: whatever it does, only a calm back is seen of it."""
    return picture.framing == "over_shoulder" and picture.figures[index].back


def _wide_height(aspect: float) -> float:
    """Taller for narrow frames, so that three figures still fit across; 1000 for 16:9 and wider."""
    return max(1000.0, min(1500.0, 1180.0 / aspect))


def _insert_height(picture: ShotPicture, aspect: float) -> float:
    """620, or as much more as a narrow frame needs to show all things side by side."""
    return max(620.0, (330.0 * max(len(picture.props), 1) + 40.0) / aspect)


_Place = tuple[float, float, float]
"""x, ground_y, scale."""


def _wide_places(figures: tuple[PictureFigure, ...], width: float) -> list[_Place]:
    reach = min(width / 2 - 120, 640.0)
    xs = [_SLOTS[figure.slot] * reach for figure in figures]
    return [(x, GROUND_Y, 1.0) for x in _apart(xs, min(190.0, 2 * reach / max(len(xs), 1)))]


def _apart(xs: list[float], least: float) -> list[float]:
    """`xs` moved so that neighbours stand at least `least` apart, about the same middle."""
    order = sorted(range(len(xs)), key=lambda index: (xs[index], index))
    placed = list(xs)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + least)
    shift = (sum(xs) - sum(placed)) / len(xs)
    return [x + shift for x in placed]


def _head(figure: PictureFigure) -> float:
    """Height of the middle of the head in world units."""
    bones = skeleton(figure.design, figure.pose, figure.expression, Moment(0.0, 0.0, 0.0, 0.0))
    return GROUND_Y + bones.head[1] * figure.design.height


def _medium(picture: ShotPicture, aspect: float) -> tuple[View, list[_Place]]:
    """Heads to hips of everybody, side by side in the order of their slots."""
    figures = picture.figures
    step = 300.0 if len(figures) == 2 else 250.0
    step *= 1 + 0.3 * min(sum(figure.pose in _STRETCHING for figure in figures), 2)
    order = sorted(range(len(figures)), key=lambda one: (_SLOTS[figures[one].slot], one))
    xs = [0.0] * len(figures)
    for rank, index in enumerate(order):
        xs[index] = (rank - (len(order) - 1) / 2) * step
    if len(figures) == 1:
        xs = [_SLOTS[figures[0].slot] * 130.0]
    heads = [_head(figure) for figure in figures]
    top = min(heads) - 105
    needed = max(510.0, ((len(figures) - 1) * step + 400) / aspect, (max(heads) + 190 - top) / 0.9)
    height = min(needed, 1300.0)
    return View(sum(xs) / len(xs) if len(xs) > 1 else xs[0] * 0.4, top + 0.44 * height, height), [
        (x, GROUND_Y, 1.0) for x in xs
    ]


def _close_up(picture: ShotPicture, aspect: float) -> tuple[View, list[_Place]]:
    """The head and shoulders of the one in focus; the others stand beyond the frame or at its edge."""
    _, places = _medium(picture, aspect)
    index = _subject(picture)
    figure = picture.figures[index]
    size = 0.55 + 0.45 * figure.design.height
    height = max(305.0 * size, 300.0 * size / aspect)
    head = _head(figure)
    spread = 1.35 if len(places) > 1 else 1.0
    x = places[index][0]
    moved = [(x + (place[0] - x) * spread, place[1], place[2]) for place in places]
    return View(x, head + 0.11 * height, height), moved


def _over_shoulder(picture: ShotPicture, aspect: float) -> tuple[View, list[_Place]]:
    """The one who is seen from behind large at one edge, the other one beyond, facing us."""
    figures = picture.figures
    near = next((index for index, figure in enumerate(figures) if figure.back), None)
    if near is None:
        return _medium(picture, aspect)
    subject = _subject(picture)
    head = _head(figures[subject])
    size = 0.6 + 0.4 * figures[subject].design.height
    height = max(430.0, 400.0 / aspect) * size
    width = height * aspect
    side = -1.0 if _SLOTS[figures[near].slot] <= _SLOTS[figures[subject].slot] else 1.0
    view = View(0.0, head + 0.14 * height, height)
    places: list[_Place] = []
    for index, figure in enumerate(figures):
        if index == near:
            scale = 1.3 * size
            ground = view.y + 0.05 * height + 516.0 * figure.design.height * scale
            places.append((side * width * 0.34, ground, scale))
        else:
            rank = 0 if index == subject else index + 1
            places.append((-side * width * (0.12 + 0.24 * rank), GROUND_Y, 1.0))
    return view, places


def _subject(picture: ShotPicture) -> int:
    """Whom the shot is about: its focus, else the first who faces us."""
    if picture.focus is not None and not picture.figures[picture.focus].back:
        return picture.focus
    return next((index for index, figure in enumerate(picture.figures) if not figure.back), 0)


def _still(place: _Place) -> Spot:
    return Spot(*place, facing=0.0, travel=0.0)


def _common_way(figures: tuple[PictureFigure, ...], places: list[_Place]) -> float:
    """Where those who walk together go, -1 left or 1 right: the way that most of them look; 0 for fewer than two."""
    walkers = [(figure, place) for figure, place in zip(figures, places, strict=True) if figure.pose in _GAIT]
    if len(walkers) < 2:
        return 0.0
    return math.copysign(1.0, sum(_own_way(figure, place[0]) for figure, place in walkers))


def _own_way(figure: PictureFigure, x: float) -> float:
    return {"left": -1.0, "right": 1.0}.get(figure.gaze, -1.0 if x > 40 else 1.0)


def _spot(figure: PictureFigure, place: _Place, seconds: float, limit: float, roaming: bool, way: float) -> Spot:
    x, ground_y, scale = place
    facing = 0.0
    if figure.pose in ("walking", "running", "pointing", "reaching"):
        facing = 0.85 * (way if way and figure.pose in _GAIT else _own_way(figure, x))
    travel = 0.0
    if figure.pose in _GAIT:
        ground = STRIDE_UNITS_S * _GAIT[figure.pose] * figure.design.height * seconds
        travel = min(ground, 1300.0 if roaming else limit)
        travel = travel if facing > 0 else -travel
    return Spot(x, ground_y, scale, facing, travel)
