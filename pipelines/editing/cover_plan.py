"""What is covered on each frame of a film: boxes from its region summary, on the side of covering too much.

person       its box on every frame of its track, held frames too
uncertain    everything that its boxes cover within half a second: such a detection wanders
unjudged     the whole picture: nobody could say whether there is a face
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Refused
from schemas.regions import Box, RegionTrack, VideoRegionSummary

SPREAD_S = 0.5
"""How far to both sides an uncertain track gathers its boxes. On a printed face MTCNN's boxes jump between parts of it
from one frame to the next."""


@dataclass(frozen=True)
class CoverPlan:
    """Regions by frame."""

    boxes: dict[int, tuple[Box, ...]] = field(default_factory=dict)
    """Frame -> boxes in the upright picture."""

    whole: frozenset[int] = frozenset()
    """Frames that are covered from edge to edge."""

    @property
    def frames(self) -> int:
        """How many frames have something to cover."""
        return len(self.boxes.keys() | self.whole)


def cover_plan(summary: VideoRegionSummary, keep: Collection[str] = ()) -> CoverPlan:
    """The plan for a summary.

    Args:
        summary: of the film.
        keep: names of tracks that stay visible.

    Raises:
        Refused: the summary is a stub's, which looks at nothing.
    """
    if summary.backend.backend_type == "stub":
        raise Refused(
            f"faces were looked for by {summary.backend.name!r}, which sees nobody; install a detector and look again",
            backend=summary.backend.name,
        )
    boxes: dict[int, list[Box]] = {}
    for track in summary.tracks:
        if track.track_id not in keep:
            for frame, box in enumerate(_covered(track, summary), start=track.first_frame):
                boxes.setdefault(frame, []).append(box)
    whole = {frame for span in summary.unjudged for frame in range(span.first_frame, span.end_frame)}
    return CoverPlan({frame: tuple(found) for frame, found in boxes.items()}, frozenset(whole))


def _covered(track: RegionTrack, summary: VideoRegionSummary) -> list[Box]:
    if track.verdict == "person":
        return list(track.boxes)
    around = max(1, round(SPREAD_S * 1000 * summary.frame_count / max(1, summary.duration_ms)))
    sides = np.array(track.boxes, np.int64)
    low = _running_least(sides[:, :2], around)
    high = -_running_least(-(sides[:, :2] + sides[:, 2:]), around)
    corners = zip(low.tolist(), high.tolist(), strict=True)
    return [(left, top, right - left, bottom - top) for (left, top), (right, bottom) in corners]


def _running_least(values: NDArray[np.int64], around: int) -> NDArray[np.int64]:
    """(N, 2): least of each row's neighbours within `around` rows, itself among them."""
    padded = np.pad(values, ((around, around), (0, 0)), constant_values=np.iinfo(np.int64).max)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1, axis=0)
    least: NDArray[np.int64] = windows.min(axis=-1)
    return least
