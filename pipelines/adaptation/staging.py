"""Figures in a frame: slot, pose, expression and gaze of everybody that a framing shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.adaptation.screen_sides import Axis
from schemas.shotlist import ShotCharacter
from schemas.vocabulary import Emotion, Framing, Gaze, Pose, ScreenSlot


@dataclass(frozen=True)
class Blocking:
    """Who does what at one moment of a scene. Who is not named in a mapping stands, neutral, and looks across."""

    axis: Axis
    poses: Mapping[str, Pose] = field(default_factory=dict)
    expressions: Mapping[str, Emotion] = field(default_factory=dict)
    facing: Mapping[str, str] = field(default_factory=dict)
    """Person -> whom they look at."""

    looking: Mapping[str, Gaze] = field(default_factory=dict)
    """Gazes that go before `facing`: up at the sky, down at a letter."""

    def figure(self, person: str, slot: ScreenSlot, *, back_to_camera: bool = False) -> ShotCharacter:
        """One person in a slot."""
        return ShotCharacter(
            character_id=person,
            slot=slot,
            pose=self.poses.get(person, "standing"),
            expression=self.expressions.get(person, "neutral"),
            gaze=self.looking.get(person) or self.axis.gaze(person, self.facing.get(person)),
            back_to_camera=back_to_camera,
        )


def figures(blocking: Blocking, framing: Framing, people: Sequence[str]) -> tuple[ShotCharacter, ...]:
    """Everybody in frame, left to right.

    Args:
        blocking: the moment.
        framing: what is shown; `over_shoulder` takes (seen, near shoulder), single framings show the first person.
        people: by importance, each once.
    """
    if framing == "over_shoulder":
        return _over_shoulder(blocking, people[0], people[1])
    if framing in ("medium", "close_up"):
        return tuple(blocking.figure(person, blocking.axis.single(person)) for person in people[:1])
    if framing == "insert":
        return ()
    kept = people[:2] if framing == "two_shot" else people
    return tuple(blocking.figure(person, slot) for person, slot in blocking.axis.spread(kept))


def _over_shoulder(blocking: Blocking, seen: str, near: str) -> tuple[ShotCharacter, ...]:
    order = blocking.axis.order
    if order.index(seen) < order.index(near):
        return (blocking.figure(seen, "centre_left"), blocking.figure(near, "right", back_to_camera=True))
    return (blocking.figure(near, "left", back_to_camera=True), blocking.figure(seen, "centre_right"))
