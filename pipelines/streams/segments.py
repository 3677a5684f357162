"""How is a film cut for parallel work? Into segments that begin where decoding can begin, the same on every machine.

    key frames   K....K......K...K..........K....
    segments     [0          )[1             )[2   )        each at least SEGMENT_S long, but for the last

A segment is the unit of retry and of storing: its analysis depends on its own frames alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.media.clip import FrameTimes

SEGMENT_S = 10
"""Two or three seconds of work on one core: enough to outweigh seeking, little to lose when a worker dies."""


@dataclass(frozen=True)
class Segment:
    """Frames of a film with `start_pts <= pts < end_pts`."""

    index: int
    start_pts: int
    """Of a key frame; of the first frame for the first segment."""

    end_pts: int


def plan_segments(times: FrameTimes) -> tuple[Segment, ...]:
    """Segments that hold every frame once. A film without key frames on the way is one segment."""
    shortest = SEGMENT_S / times.time_base
    starts = [times.pts[0]]
    for key in times.key_pts:
        if key - starts[-1] >= shortest:
            starts.append(key)
    ends = [*starts[1:], times.end_pts]
    return tuple(Segment(index, start, end) for index, (start, end) in enumerate(zip(starts, ends, strict=True)))
