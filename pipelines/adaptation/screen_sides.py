"""Where people stand across the frame and which way they look: the 180-degree rule.

A scene has one axis. People take it from the outside in, by order of appearance, and no shot of the scene shows two of
them the other way round:

    appear    1st  3rd  5th  4th  2nd
    axis      left  <-------->  right
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.vocabulary import Gaze, ScreenSlot

SLOTS: tuple[ScreenSlot, ...] = ("left", "centre_left", "centre", "centre_right", "right")
"""Left to right."""

SLOTS_BY_COUNT: dict[int, tuple[ScreenSlot, ...]] = {
    1: ("centre",),
    2: ("centre_left", "centre_right"),
    3: ("left", "centre", "right"),
    4: ("left", "centre_left", "centre_right", "right"),
    5: SLOTS,
}
"""Even spread of a group; more than five do not fit a frame."""

MOST_IN_FRAME = 5


@dataclass(frozen=True)
class Axis:
    """The people of a scene from screen left to screen right."""

    order: tuple[str, ...]

    def spread(self, people: Iterable[str]) -> tuple[tuple[str, ScreenSlot], ...]:
        """(person, slot) of a group, left to right. Of more than five, the first five named are kept."""
        kept = set(list(dict.fromkeys(people))[:MOST_IN_FRAME])
        present = [person for person in self.order if person in kept]
        return tuple(zip(present, SLOTS_BY_COUNT[len(present)], strict=True)) if present else ()

    def single(self, person: str) -> ScreenSlot:
        """The slot of somebody alone in frame: on their own side, with room to look across."""
        place, last = self.order.index(person), len(self.order) - 1
        if place * 2 == last:
            return "centre"
        return "centre_left" if place * 2 < last else "centre_right"

    def gaze(self, person: str, towards: str | None) -> Gaze:
        """The screen direction from a person to another; alone, across the frame, away from their own side."""
        if towards is None or towards == person:
            return "left" if self.single(person) == "centre_right" else "right"
        return "right" if self.order.index(towards) > self.order.index(person) else "left"


def axis(appearance: Sequence[str]) -> Axis:
    """The axis of a scene whose people appear in this order (each once)."""
    return Axis(tuple(appearance[::2]) + tuple(reversed(appearance[1::2])))
