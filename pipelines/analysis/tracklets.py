"""Faces between two looks of a detector: pieces of tracks, within one stretch of frames.

    looks       L           L           L           L
    face A      d===========d===========d...........       seen at both ends: interpolated; then followed forwards
    face B      ............d===========d===========d      followed backwards to before it was first seen

A piece never crosses a break (a frame that does not continue the one before it). Pieces of neighbouring stretches are
joined by `face_tracks.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipelines.analysis.box_flow import Box, Grey, carried
from pipelines.analysis.overlap import Boxes, intersection_over_union, pairs

SAME_FACE = 0.3
"""Boxes of one face at two looks overlap at least so much of their union, if need be after following the flow."""

CARRY_S = 0.5
"""How long a face is followed from where it was last, or first, detected."""


@dataclass(frozen=True)
class Look:
    """What a detector saw on one frame of a stretch."""

    position: int
    """Index of the frame in the stretch."""

    boxes: Boxes
    """float32 (N, 4) in pixels of the upright picture."""

    scores: NDArray[np.float32]
    """float32 (N,) in [0, 1]."""


@dataclass
class Tracklet:
    """One face through consecutive frames."""

    first: int
    """Index of its first frame."""

    boxes: list[Box] = field(default_factory=list)
    """One a frame."""

    scores: list[float] = field(default_factory=list)
    """One a frame: of the detection, or NaN where the box was carried."""

    @property
    def end(self) -> int:
        """Index of the first frame after it."""
        return self.first + len(self.boxes)

    def add(self, box: Box, score: float = float("nan")) -> None:
        """Goes on by one frame."""
        self.boxes.append(box)
        self.scores.append(score)


@dataclass(frozen=True)
class StretchView:
    """What following faces needs of a stretch."""

    grey: NDArray[np.uint8]
    """uint8 (N, h, w): small upright pictures, one a frame."""

    times_s: NDArray[np.float64]
    """float64 (N,): when each frame is shown."""

    breaks: NDArray[np.bool_]
    """bool (N,): frames that do not continue the one before; looks lie on both sides of each."""

    scale: float
    """Pixels of a grey picture for one of the upright picture."""


def tracklets(looks: Sequence[Look], view: StretchView) -> list[Tracklet]:
    """The pieces of a stretch, in the order in which they begin.

    Args:
        looks: ascending; the first is on frame 0.
        view: of the same frames.
    """
    done: list[Tracklet] = []
    active: list[Tracklet] = []
    before: Look | None = None
    for look in looks:
        broken = before is None or bool(view.breaks[before.position + 1 : look.position + 1].any())
        if broken:
            done += active
            active = []
        active, ended = _go_on(active, look, view)
        done += ended
        before = look
    pieces = [_forwards(piece, view) for piece in (*done, *active)]
    return sorted((_backwards(piece, view) for piece in pieces), key=lambda piece: (piece.first, piece.boxes[0][0]))


def _go_on(active: list[Tracklet], look: Look, view: StretchView) -> tuple[list[Tracklet], list[Tracklet]]:
    """Tracks that reach the look, new ones among them, and those that end before it."""
    last = np.array([piece.boxes[-1] for piece in active], np.float32).reshape(-1, 4)
    likeness = intersection_over_union(last, look.boxes)
    matched = dict(pairs(likeness, SAME_FACE))
    missed = [index for index in range(len(active)) if index not in matched]
    unseen = [index for index in range(len(look.boxes)) if index not in matched.values()]
    if missed and unseen:
        flown = np.array([_flown(active[index], look.position, view) for index in missed], np.float32)
        likeness = intersection_over_union(flown, look.boxes[unseen])
        matched |= {missed[row]: unseen[column] for row, column in pairs(likeness, SAME_FACE)}
    for index, column in matched.items():
        _interpolate(active[index], look, column)
    going_on = [active[index] for index in sorted(matched)]
    for column in range(len(look.boxes)):
        if column not in matched.values():
            going_on.append(Tracklet(look.position, [look.boxes[column]], [float(look.scores[column])]))
    return going_on, [piece for index, piece in enumerate(active) if index not in matched]


def _flown(piece: Tracklet, position: int, view: StretchView) -> Box:
    """Where the flow takes the piece's last box by `position`; as far as it can be followed."""
    box = piece.boxes[-1]
    for flown in _carried(view, range(piece.end - 1, position + 1), box):
        box = flown
    return box


def _interpolate(piece: Tracklet, look: Look, column: int) -> None:
    """Goes on to the look in a straight line, which up to a dozen frames is nearer to the face than its flow."""
    start, end = piece.boxes[-1], look.boxes[column]
    steps = look.position - piece.end + 1
    for step in range(1, steps):
        piece.add((start + (end - start) * np.float32(step / steps)).astype(np.float32))
    piece.add(end, float(look.scores[column]))


def _forwards(piece: Tracklet, view: StretchView) -> Tracklet:
    """The piece followed on from its last detection, to the next break at most."""
    at = piece.end - 1
    for box in _carried(view, _reach(view, at, +1), piece.boxes[-1]):
        piece.add(box)
    return piece


def _backwards(piece: Tracklet, view: StretchView) -> Tracklet:
    """The piece followed back from its first detection, to the break before it at most."""
    earlier = list(_carried(view, _reach(view, piece.first, -1), piece.boxes[0]))[::-1]
    unseen = [float("nan")] * len(earlier)
    return Tracklet(piece.first - len(earlier), [*earlier, *piece.boxes], [*unseen, *piece.scores])


def _reach(view: StretchView, at: int, step: int) -> range:
    """Positions from `at` on, forwards or backwards, within CARRY_S and on the same side of every break."""
    position = at
    while 0 <= position + step < len(view.times_s):
        broken = view.breaks[position + 1] if step > 0 else view.breaks[position]
        if broken or abs(view.times_s[position + step] - view.times_s[at]) > CARRY_S:
            break
        position += step
    return range(at, position + step, step)


def _carried(view: StretchView, positions: range, box: Box) -> list[Box]:
    frames: list[Grey] = [view.grey[position] for position in positions]
    small = box * np.float32(view.scale)
    return [moved / np.float32(view.scale) for moved in carried(frames, small)]
