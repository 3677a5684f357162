"""How well are the boundaries of films found? Precision, recall and F1 by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from actors.visual.signals import SignalTrack
from pipelines.analysis.boundaries import find_boundaries

KINDS = ("cut", "fade_in", "fade_out", "dissolve")

TOLERANCE_FRAMES = 1
"""Of a cut."""

OVERLAP = 0.3
"""Intersection over union that makes a fade or a dissolve the one that was meant."""


class Span(Protocol):
    """A boundary, true or found."""

    @property
    def kind(self) -> str: ...
    @property
    def first_frame(self) -> int: ...
    @property
    def end_frame(self) -> int: ...


@dataclass
class Score:
    """Of one kind."""

    kind: str
    there: int = 0
    found: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        return self.right / self.there if self.there else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.there + self.found) if self.there + self.found else 1.0

    def __str__(self) -> str:
        return (
            f"{self.kind:9} {self.there:4} there, {self.found:4} found, {self.right:4} right: "
            f"precision {self.precision:.3f}, recall {self.recall:.3f}, F1 {self.f1:.3f}"
        )


def score(films: Iterable[tuple[Sequence[Span], SignalTrack]]) -> dict[str, Score]:
    """The scores of films with their true boundaries."""
    scores = {kind: Score(kind) for kind in KINDS}
    for truth, track in films:
        count(scores, truth, find_boundaries(track))
    return scores


def count(scores: dict[str, Score], truth: Sequence[Span], found: Sequence[Span]) -> None:
    """Adds one film; every true boundary answers for one that was found."""
    left = list(truth)
    for one in truth:
        scores[one.kind].there += 1
    for one in found:
        scores[one.kind].found += 1
        meant = next((other for other in left if same(one, other)), None)
        if meant is not None:
            left.remove(meant)
            scores[one.kind].right += 1


def same(one: Span, other: Span) -> bool:
    """Whether two boundaries are one."""
    if one.kind != other.kind:
        return False
    if one.kind == "cut":
        return abs(one.first_frame - other.first_frame) <= TOLERANCE_FRAMES
    shared = min(one.end_frame, other.end_frame) - max(one.first_frame, other.first_frame)
    return shared >= OVERLAP * (max(one.end_frame, other.end_frame) - min(one.first_frame, other.first_frame))
