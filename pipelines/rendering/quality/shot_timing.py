"""Does every shot begin where the timing lock says? Read from the packets of the film and from its pictures.

A shot begins with a key frame. Its first picture in the film must be the first picture of its segment: when another one
stands there, the film is searched around the lock, so that the report says by how much it is off.

    lock         |                         key frame here, same picture: offset 0
    film   ...---|==shot==...
    film   ...----|==shot==...             key frame and picture one frame later: offset 1, still allowed
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from pipelines.media.clip import ClipReader, FrameTimes
from pipelines.media.finished import picture_times
from pipelines.media.pixels import Picture
from pipelines.rendering.quality.verdict import verdict
from schemas.render_output import GateResult
from schemas.shotlist import Shot, ShotList

TOLERANCE_TICKS = 1
LIMIT = "every shot within 1 frame of its lock, and as many frames as the lock"

_COMPARED_SIDE_PX = 160
"""Pictures are compared at this size: a wrong frame differs in many pixels, and reading small ones is quick."""

_SAME_LEVELS = 1.0
"""Largest mean difference, of 255, of two decodings of one picture; stitching copies packets, so it is 0."""

_SEARCHED_TICKS = 24
"""How far around the lock a misplaced shot is looked for."""


def shot_timing(film: Path, segments: Sequence[Path], shotlist: ShotList) -> GateResult:
    """Compare the film's cuts with the lock.

    Args:
        film: The finished file.
        segments: The file of each shot, in order.
        shotlist: The lock.
    """
    times = picture_times(film)
    problems = list(_length_problems(times, segments, shotlist))
    worst = Fraction(0)
    with ClipReader(film, shotlist.edit_rate, at_end="hold", max_side_px=_COMPARED_SIDE_PX) as picture:
        for shot, segment in zip(shotlist.shots, segments, strict=False):
            cut = _cut_offset(times, shot, shotlist)
            content = _content_offset(picture, segment, shot, shotlist)
            found = [offset for offset in (cut, content) if offset is not None]
            worst = max(worst, *(abs(offset) for offset in found))
            if content is None:
                problems.append(f"{shot.shot_id}: its first picture is not found near tick {shot.start_ticks}")
            if any(abs(offset) > TOLERANCE_TICKS for offset in found):
                off = max(found, key=abs)
                problems.append(f"{shot.shot_id}: begins {float(off):+.2f} frames from tick {shot.start_ticks}")
    return verdict(
        "shot_timing",
        problems,
        measured=f"{len(shotlist.shots)} shots, worst offset {float(worst):.2f} frames, {len(times.pts)} frames",
        limit=LIMIT,
    )


def _length_problems(times: FrameTimes, segments: Sequence[Path], shotlist: ShotList) -> Iterator[str]:
    if len(segments) != len(shotlist.shots):
        yield f"{len(segments)} segments for {len(shotlist.shots)} shots"
    if len(times.pts) != shotlist.duration_ticks:
        yield f"the film has {len(times.pts)} frames, the lock {shotlist.duration_ticks}"
    length_ticks = times.duration_s * shotlist.edit_rate.fraction
    if abs(length_ticks - shotlist.duration_ticks) > TOLERANCE_TICKS:
        yield f"the picture lasts {float(times.duration_s):.3f} s, {float(length_ticks):.2f} ticks"


def _cut_offset(times: FrameTimes, shot: Shot, shotlist: ShotList) -> Fraction:
    """Ticks from the lock to the nearest key frame, by its presentation time in the file."""
    lock_pts = times.pts[0] + shot.start_ticks / shotlist.edit_rate.fraction / times.time_base
    at = bisect_left(times.key_pts, lock_pts)
    nearest = min(times.key_pts[max(0, at - 1) : at + 1], key=lambda pts: abs(pts - lock_pts))
    return (nearest - lock_pts) * times.time_base * shotlist.edit_rate.fraction


def _content_offset(film: ClipReader, segment: Path, shot: Shot, shotlist: ShotList) -> Fraction | None:
    """Ticks from the lock to where the segment's first picture stands in the film; None when it is not near."""
    with ClipReader(segment, shotlist.edit_rate, at_end="hold", max_side_px=_COMPARED_SIDE_PX) as reader:
        first = reader.frame_at(0)
    if _same(film.frame_at(shot.start_ticks), first):
        return Fraction(0)
    earliest = max(0, shot.start_ticks - _SEARCHED_TICKS)
    near = range(earliest, min(shotlist.duration_ticks, shot.start_ticks + _SEARCHED_TICKS))
    offsets = [Fraction(tick - shot.start_ticks) for tick in near if _same(film.frame_at(tick), first)]
    return min(offsets, key=abs, default=None)


def _same(one: Picture, other: Picture) -> bool:
    if one.shape != other.shape:
        return False
    return float(np.abs(one.astype(np.int16) - other).mean()) <= _SAME_LEVELS
