"""Which person is the primary subject of each shot? One, steadily: a crop that jumps between two people is unwatchable.

Within a shot persons are ranked by how large and how central their faces are, over all the frames that show them; the
first in rank that is on a frame is its subject, so that another one takes over only while the first is away.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.regions import Box, RegionTrack, VideoRegionSummary

OFF_CENTRE = 0.5
"""Weight of a face at the left or right edge of the picture, against 1 in the middle."""


def ranked_people(summary: VideoRegionSummary | None, first_frame: int, end_frame: int) -> tuple[RegionTrack, ...]:
    """The persons on frames [first_frame, end_frame), the primary one first. Uncertain tracks are none."""
    if summary is None:
        return ()
    weights = {one.track_id: _weight(one, first_frame, end_frame, summary.width_px) for one in summary.people}
    seen = [one for one in summary.people if weights[one.track_id] > 0]
    return tuple(sorted(seen, key=lambda one: (-weights[one.track_id], one.track_id)))


def face_centre(people: Sequence[RegionTrack], frame: int, summary: VideoRegionSummary) -> tuple[float, float] | None:
    """Centre of the face of the first of `people` on a frame, fractions of the upright picture; None for nobody."""
    for one in people:
        if one.first_frame <= frame < one.end_frame:
            left, top, width, height = one.boxes[frame - one.first_frame]
            return _clipped((left + width / 2) / summary.width_px), _clipped((top + height / 2) / summary.height_px)
    return None


def _weight(track: RegionTrack, first_frame: int, end_frame: int, width_px: int) -> float:
    """Sum of the heights of the face over the frames, each weighed by how central it is, pixels."""
    first, end = max(track.first_frame, first_frame), min(track.end_frame, end_frame)
    boxes = track.boxes[first - track.first_frame : end - track.first_frame] if end > first else ()
    return sum(box[3] * _centrality(box, width_px) for box in boxes)


def _centrality(box: Box, width_px: int) -> float:
    off = abs((box[0] + box[2] / 2) / width_px - 0.5) * 2
    return 1 - (1 - OFF_CENTRE) * min(off, 1.0)


def _clipped(fraction: float) -> float:
    return min(1.0, max(0.0, fraction))
