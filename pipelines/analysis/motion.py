"""How much moves in a film? Displacements between frames, in widths of the upright picture, over time.

A frame that does not go on from the one before has no motion: the first of a shot, those of a fade or dissolve, and
those of a flash are left out, whatever was measured there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.visual.signals import SignalTrack
from pipelines.analysis.boundaries import Boundary
from pipelines.analysis.flashes import edges, find_excursions
from pipelines.media.frame_reader import FilmShape


@dataclass(frozen=True)
class FilmMotion:
    """Motion of every frame since the one before."""

    distances: NDArray[np.float64]
    """float64 (N,): root mean square displacement, widths of the upright picture."""

    seconds: NDArray[np.float64]
    """float64 (N,): time since the frame before, above 0; 1 for the first."""

    counted: NDArray[np.bool_]
    """bool (N,): frames that go on from the one before."""

    def mean(self, first: int, end: int) -> float:
        """Mean speed at frames [first, end), widths a second; 0 when none of them counts."""
        counted = self.counted[first:end]
        seconds = float(self.seconds[first:end][counted].sum())
        return float(self.distances[first:end][counted].sum()) / seconds if seconds else 0.0

    def highest(self, first: int, end: int) -> float:
        """Greatest speed at frames [first, end), widths a second; 0 when none of them counts."""
        counted = self.counted[first:end]
        speeds = self.distances[first:end][counted] / self.seconds[first:end][counted]
        return float(speeds.max(initial=0.0))


def film_motion(film: FilmShape, track: SignalTrack, boundaries: Sequence[Boundary]) -> FilmMotion:
    """The motion of a film whose boundaries are known."""
    across, down = (track.signals[name].astype(np.float64) for name in ("motion_x", "motion_y"))
    if film.quarter_turns % 2:
        across, down = down, across
    steps = np.diff(track.pts).astype(np.float64) * float(film.times.time_base)
    counted = ~edges(find_excursions(track.signals), len(track))
    counted[0] = False
    for one in boundaries:
        counted[one.first_frame : max(one.end_frame, one.first_frame) + 1] = False
    return FilmMotion(np.hypot(across, down * film.height_px / film.width_px), np.concatenate([[1.0], steps]), counted)
