"""Pieces of faces from all over a film, joined into tracks: who was seen when, where, and how surely.

    pieces     |==A==>      <==B==|     |=C=>  |        |  a cut: nothing is joined across it
    joined     |==A==>hhhhhh<==B==|hh   |=C=>hh|        h  held: nobody looked away, nobody saw

Everything here errs on the side of covering a face: gaps are filled with what both ends cover, and a face is held where
it was last seen until it could have been seen again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.analysis.overlap import grown, intersection_over_union
from pipelines.analysis.tracklets import CARRY_S

BRIDGE_S = 2.0
"""Longest time for which a face is taken to be the same one though nobody saw it: a hand before it, a turned head."""

NEAR = 0.25
"""Overlap of the two boxes about a gap, each grown by GROWN, at which they are one face: up to nine tenths of its width
apart."""

GROWN = 1.5

SAME = 0.3
"""Overlap of two pieces on the frames that both cover, at which they are one face."""

HELD_GROWS = 1.15
"""A held box is larger: the face may have moved."""

DETECTED, TRACKED, HELD = "d", "t", "h"


@dataclass(frozen=True)
class FacePiece:
    """One face through consecutive frames of the film."""

    first: int
    boxes: NDArray[np.float32]
    """float32 (N, 4) in pixels of the upright picture."""

    scores: NDArray[np.float32]
    """float32 (N,): confidence where it was detected, NaN where it was carried."""

    @property
    def end(self) -> int:
        """First frame after it."""
        return self.first + len(self.boxes)


@dataclass(frozen=True)
class FaceTrack:
    """One face through the film, without a hole."""

    first: int
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    origins: str
    """One letter a frame: DETECTED, TRACKED, HELD."""

    @property
    def end(self) -> int:
        """First frame after it."""
        return self.first + len(self.boxes)

    @property
    def detected(self) -> NDArray[np.intp]:
        """Frames of the film on which it was detected."""
        return np.flatnonzero(~np.isnan(self.scores)) + self.first


@dataclass(frozen=True)
class FilmClock:
    """When frames are shown and where shots begin."""

    times_s: NDArray[np.float64]
    """float64 (N,), ascending."""

    cuts: tuple[int, ...]
    """Frames that begin a shot, ascending."""

    def cut_between(self, before: int, after: int) -> bool:
        """Whether a shot begins after frame `before` and at or before frame `after`."""
        return bisect_right(self.cuts, after) > bisect_right(self.cuts, before)


def face_tracks(pieces: Sequence[FacePiece], clock: FilmClock) -> tuple[FaceTrack, ...]:
    """The tracks of a film, in the order in which they begin; every piece is part of one."""
    ordered = sorted(pieces, key=lambda piece: (piece.first, piece.boxes[0].tolist()))
    tracks = [_held(_chain([ordered[index] for index in chain]), clock) for chain in _chains(ordered, clock)]
    return tuple(sorted(tracks, key=lambda track: (track.first, track.boxes[0].tolist())))


def _chains(pieces: Sequence[FacePiece], clock: FilmClock) -> list[list[int]]:
    """Indices of the pieces of each track: every piece follows at most one and is followed by at most one."""
    # The nearest in time first: a piece that is passed over for a likelier one further on would be a track of its own.
    links = sorted(_links(pieces, clock), key=lambda link: (link.gap, -link.likeness, link.earlier, link.later))
    follows: dict[int, int] = {}
    followed: dict[int, int] = {}
    for earlier, later in ((link.earlier, link.later) for link in links):
        if earlier not in followed and later not in follows:
            followed[earlier], follows[later] = later, earlier
    chains = []
    for index in range(len(pieces)):
        if index not in follows:
            chain = [index]
            while chain[-1] in followed:
                chain.append(followed[chain[-1]])
            chains.append(chain)
    return chains


@dataclass(frozen=True)
class _Link:
    """Two pieces that may be one face."""

    earlier: int
    later: int
    gap: int
    """Frames between them; 0 when they touch or overlap."""

    likeness: float


def _links(pieces: Sequence[FacePiece], clock: FilmClock) -> list[_Link]:
    """All pairs of pieces that may be one face."""
    links = []
    for index, piece in enumerate(pieces):
        for other in range(index + 1, len(pieces)):
            later = pieces[other]
            if later.first >= piece.end and _apart_s(piece, later, clock) > BRIDGE_S:
                break
            likeness = _likeness(piece, later, clock)
            if likeness is not None:
                links.append(_Link(index, other, max(0, later.first - piece.end), likeness))
    return links


def _apart_s(piece: FacePiece, later: FacePiece, clock: FilmClock) -> float:
    return float(clock.times_s[later.first] - clock.times_s[piece.end - 1])


def _likeness(piece: FacePiece, later: FacePiece, clock: FilmClock) -> float | None:
    """How alike two pieces are, 0 to 1; None when they are two faces."""
    if clock.cut_between(piece.end - 1, later.first) or later.end <= piece.end:
        return None
    if later.first < piece.end:
        both = range(later.first, piece.end)
        overlaps = [
            float(intersection_over_union(piece.boxes[[at - piece.first]], later.boxes[[at - later.first]])[0, 0])
            for at in both
        ]
        mean = sum(overlaps) / len(overlaps)
        return mean if mean >= SAME else None
    near = float(intersection_over_union(grown(piece.boxes[-1:], GROWN), grown(later.boxes[:1], GROWN))[0, 0])
    return near if near >= NEAR else None


def _chain(pieces: Sequence[FacePiece]) -> FaceTrack:
    """Pieces in one track: where two cover a frame, the one that saw it; where none does, what both ends cover."""
    first, end = pieces[0].first, max(piece.end for piece in pieces)
    boxes = np.full((end - first, 4), np.nan, np.float32)
    scores = np.full(end - first, np.nan, np.float32)
    for piece in pieces:
        span = slice(piece.first - first, piece.end - first)
        better = np.isnan(boxes[span, 0]) | ~np.isnan(piece.scores)
        boxes[span][better] = piece.boxes[better]
        scores[span][better] = piece.scores[better]
    holes = np.isnan(boxes[:, 0])
    origins = np.where(holes, HELD, np.where(np.isnan(scores), TRACKED, DETECTED))
    for hole in np.flatnonzero(holes):
        before = boxes[:hole][~holes[:hole]][-1]
        after = boxes[hole:][~holes[hole:]][0]
        boxes[hole] = [*np.minimum(before[:2], after[:2]), *np.maximum(before[2:], after[2:])]
    return FaceTrack(first, boxes, scores, "".join(origins))


def _held(track: FaceTrack, clock: FilmClock) -> FaceTrack:
    """The track held at both ends until CARRY_S from its outermost detections, within its shot."""
    seen = track.detected
    before = _room(clock, int(seen[0]), track.first, -1)
    after = _room(clock, int(seen[-1]), track.end - 1, +1)
    boxes = np.concatenate(
        [
            np.repeat(grown(track.boxes[:1], HELD_GROWS), before, axis=0),
            track.boxes,
            np.repeat(grown(track.boxes[-1:], HELD_GROWS), after, axis=0),
        ]
    )
    unseen = np.full(before, np.nan, np.float32), np.full(after, np.nan, np.float32)
    scores = np.concatenate([unseen[0], track.scores, unseen[1]])
    return FaceTrack(track.first - before, boxes, scores, HELD * before + track.origins + HELD * after)


def _room(clock: FilmClock, seen: int, edge: int, step: int) -> int:
    """Frames beyond `edge` for which a face last seen at `seen` is held."""
    frames, at = 0, edge
    while 0 <= at + step < len(clock.times_s):
        crossed = clock.cut_between(*sorted((at, at + step)))
        if crossed or abs(clock.times_s[at + step] - clock.times_s[seen]) > CARRY_S:
            break
        at += step
        frames += 1
    return frames
