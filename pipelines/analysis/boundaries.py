"""Where do the shots of a film begin and end? Cuts, fades and dissolves told apart, flashes and flicker left out.

    signals --excursions--> no cut here
            --fades-------> fade_in, fade_out
            --cut scores--> cut
            --windows-----> dissolve, where neither of the others is

A pure function of the film's signals. Frames are counted by their position in the track.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from actors.visual.signals import SignalTrack
from pipelines.analysis.cuts import cut_scores
from pipelines.analysis.dissolves import find_dissolves
from pipelines.analysis.fades import Fade, find_fades
from pipelines.analysis.flashes import edges, find_excursions
from pipelines.analysis.grids import Signals, Values

BoundaryKind = Literal["cut", "fade_in", "fade_out", "dissolve"]

CLEAR_RISE = 12.0
"""Levels of a fade that make it as sure as not; twice as many make it two thirds sure."""

APART = 3
"""Frames between two cuts, at least: an encoder that smears a cut over two frames makes no second one."""


@dataclass(frozen=True)
class Boundary:
    """What separates two shots, or a shot from nothing."""

    kind: BoundaryKind

    first_frame: int
    """Cut: the first frame of the new shot. Others: the first frame that is on its way."""

    end_frame: int
    """Cut: the same as `first_frame`. Others: the first frame that has arrived."""

    confidence: float
    """0 to 1; at least 0.5."""


def find_boundaries(track: SignalTrack) -> tuple[Boundary, ...]:
    """The boundaries of a film in order of their first frames."""
    signals = track.signals
    fades = find_fades(signals)
    cuts = list(_cuts(signals, fades))
    broken = np.zeros(len(signals), np.bool_)
    broken[[cut.first_frame for cut in cuts]] = True
    for fade in fades:
        broken[fade.first_frame + 1 : fade.end_frame] = True
    found = [*cuts, *(Boundary(fade.kind, fade.first_frame, fade.end_frame, _sureness(fade)) for fade in fades)]
    for one in find_dissolves(signals, broken):
        found.append(Boundary("dissolve", one.first_frame, one.end_frame, _probability(one.score)))
    return tuple(sorted(found, key=lambda one: (one.first_frame, one.end_frame)))


def _cuts(signals: Signals, fades: tuple[Fade, ...]) -> Iterator[Boundary]:
    scores = cut_scores(signals)
    scores[edges(find_excursions(signals), len(signals))] = -50
    for fade in fades:
        scores[fade.first_frame + 1 : fade.end_frame] = -50
    for frame in np.flatnonzero(scores > 0).tolist():
        near = scores[max(0, frame - APART + 1) : frame + APART]
        if _is_highest(scores, near, frame):
            yield Boundary("cut", frame, frame, _probability(float(scores[frame])))


def _is_highest(scores: Values, near: NDArray[np.float32], frame: int) -> bool:
    """Whether no frame near is a likelier cut; of equals the first counts."""
    return bool(scores[frame] >= near.max() and not (scores[max(0, frame - APART + 1) : frame] == scores[frame]).any())


def _probability(score: float) -> float:
    return float(1 / (1 + np.exp(-min(score, 30.0))))


def _sureness(fade: Fade) -> float:
    return max(0.5, fade.rise / (fade.rise + CLEAR_RISE))
