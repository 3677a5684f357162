"""Which frames make a shot? Boundaries as the edges of shots that fill the film.

    boundary     cut        dissolve          fade_out     fade_in
    shows        AAAA|BBBB  AAAA aabb BBBB    AAAA aaa...  ...bbb BBBB
    edge             |          ^ middle             ^end     ^first

What lies between going black and coming back is a shot of its own, blank, when it lasts; a few black frames belong to
the shot that they follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipelines.analysis.boundaries import Boundary
from pipelines.analysis.fades import plain_runs
from pipelines.analysis.grids import Signals
from schemas.visual_meta import ShotEdge

LASTS = 12
"""Frames of black or white from which they are a shot: half a second at 24 a second."""


@dataclass(frozen=True)
class ShotSpan:
    """Frames [first_frame, end_frame) of one shot, by their positions in the track."""

    first_frame: int
    end_frame: int
    begins: ShotEdge
    ends: ShotEdge
    blank: bool


@dataclass(frozen=True)
class _Edge:
    """Where one shot gives way to the next."""

    frame: int
    ends: ShotEdge
    """What the shot before ends with."""

    begins: ShotEdge
    """What the shot after begins with."""


def shot_spans(signals: Signals, boundaries: Sequence[Boundary]) -> tuple[ShotSpan, ...]:
    """The shots of a film, in order; together they hold every frame once."""
    count = len(signals)
    blank = np.zeros(count, np.bool_)
    for run in plain_runs(signals):
        blank[run.first_frame : run.end_frame] = True
    partings = sorted(map(_parting, boundaries), key=lambda one: one.frame)
    edges = _merged([_Edge(0, "film", "film"), *partings, _Edge(count, "film", "film")], blank)
    return tuple(
        ShotSpan(here.frame, there.frame, here.begins, there.ends, bool(blank[here.frame : there.frame].all()))
        for here, there in pairwise(edges)
    )


def _parting(boundary: Boundary) -> _Edge:
    if boundary.kind == "fade_out":
        frame = boundary.end_frame
    elif boundary.kind == "dissolve":
        frame = (boundary.first_frame + boundary.end_frame) // 2
    else:
        frame = boundary.first_frame
    return _Edge(frame, boundary.kind, boundary.kind)


def _merged(edges: Sequence[_Edge], blank: NDArray[np.bool_]) -> list[_Edge]:
    """Edges, of which those with at most a few blank frames between them are one."""
    merged = [edges[0]]
    for edge in edges[1:]:
        before = merged[-1]
        if edge.frame - before.frame < LASTS and blank[before.frame : edge.frame].all():
            frame = edge.frame if before.frame else 0
            merged[-1] = _Edge(frame, before.ends, edge.begins)
        else:
            merged.append(edge)
    return merged
