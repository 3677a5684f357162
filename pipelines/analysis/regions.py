"""The faces of a whole film, from what was seen of each segment: tracks with a verdict, boxes in whole pixels, and the
frames that nobody could judge.

A track counts as a person when its detections are sure; one that was seen weakly or seldom stays `uncertain`: it is
covered when the film is anonymised, and not counted. A track none of whose detections reaches `min_confidence`, or that
was seen once and weakly, is dropped; but weaker detections go on with a track that has begun (hysteresis), so that a
face does not flicker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.analysis.face_tracks import FacePiece, FaceTrack, FilmClock, face_tracks
from pipelines.analysis.overlap import intersection_over_union
from pipelines.media.frame_reader import FilmShape
from schemas.backend import Backend
from schemas.media_request import RegionsRequest
from schemas.regions import Box, FrameSpan, RegionTrack, Verdict, VideoRegionSummary

SURE = 0.9
"""Median confidence from which a track is a person. Faces that turn away and hands before them keep 0.99 and more on
the films at hand, a skull printed on a shirt reaches 0.7."""

SEEN_AT = 0.4
"""Share of the looks within a track at which a person is detected."""

ONCE = 0.7
"""Confidence of a track that was detected once: MTCNN's own threshold, below which a face that only one look saw is
mostly foliage."""

TWICE = 0.5
"""Overlap at which a weaker track on the same frames is the same face seen twice."""


@dataclass(frozen=True)
class FaceSightings:
    """What was seen of a whole film."""

    pts: NDArray[np.int64]
    """int64 (N,): of every frame, ascending."""

    damaged: NDArray[np.bool_]
    """bool (N,): frames at which the decoder had to guess."""

    looks: NDArray[np.int64]
    """int64 (M,): frames at which a detector looked, ascending."""

    pieces: tuple[FacePiece, ...]


def region_summary(
    asset_id: str,
    shape: FilmShape,
    sightings: FaceSightings,
    cuts: Sequence[int],
    request: RegionsRequest,
    smallest_face_px: int,
    backend: Backend,
) -> VideoRegionSummary:
    """The summary of a film.

    Args:
        asset_id: the film.
        shape: its size and times.
        sightings: of all its frames.
        cuts: frames that begin a shot, ascending.
        request: what was asked for.
        smallest_face_px: what was looked for.
        backend: who looked.
    """
    spans = _Spans(sightings.pts, shape)
    clock = FilmClock(spans.times_s, tuple(cuts))
    tracks = [track for track in face_tracks(sightings.pieces, clock) if _reaches(track, request.min_confidence)]
    judged = [(track, _verdict(track, sightings.looks)) for track in tracks]
    kept = [(track, verdict) for track, verdict in judged if verdict == "person" or not _seen_twice(track, judged)]
    return VideoRegionSummary(
        asset_id=asset_id,
        width_px=shape.width_px,
        height_px=shape.height_px,
        frame_count=len(sightings.pts),
        duration_ms=spans.end_ms(len(sightings.pts)),
        variable_frame_rate=shape.variable_frame_rate,
        frame_sample_interval_ms=request.frame_sample_interval_ms,
        smallest_face_px=smallest_face_px,
        min_confidence=request.min_confidence,
        include_regions=request.include_regions,
        tracks=tuple(
            _region(track, verdict, f"t{number:04d}", spans) for number, (track, verdict) in enumerate(kept, start=1)
        ),
        unjudged=tuple(spans.span(first, end) for first, end in _runs(sightings.damaged)),
        backend=backend,
    )


@dataclass(frozen=True)
class _Spans:
    """Frame numbers as times."""

    pts: NDArray[np.int64]
    shape: FilmShape

    @property
    def times_s(self) -> NDArray[np.float64]:
        seconds: NDArray[np.float64] = (self.pts - self.pts[0]) * float(self.shape.times.time_base)
        return seconds

    def start_ms(self, frame: int) -> int:
        return self.shape.time_ms(int(self.pts[frame]))

    def end_ms(self, end_frame: int) -> int:
        """When the frame before `end_frame` is over."""
        shown = end_frame < len(self.pts)
        return self.shape.time_ms(int(self.pts[end_frame]) if shown else self.shape.times.end_pts)

    def span(self, first: int, end: int) -> FrameSpan:
        return FrameSpan(first_frame=first, end_frame=end, start_ms=self.start_ms(first), end_ms=self.end_ms(end))


def _reaches(track: FaceTrack, min_confidence: float) -> bool:
    needed = max(min_confidence, ONCE) if len(track.detected) == 1 else min_confidence
    return bool(np.nanmax(track.scores) >= needed)


def _verdict(track: FaceTrack, looks: NDArray[np.int64]) -> Verdict:
    seen = track.detected
    within = np.count_nonzero((looks >= seen[0]) & (looks <= seen[-1]))
    sure = np.nanmedian(track.scores) >= SURE and len(seen) >= SEEN_AT * within
    # One look in passing is not enough, unless the film offered no second one.
    return "person" if sure and (len(seen) > 1 or len(looks) < 3) else "uncertain"


def _seen_twice(track: FaceTrack, judged: Sequence[tuple[FaceTrack, Verdict]]) -> bool:
    """Whether a person's track covers the same frames at the same places."""
    return any(verdict == "person" and _inside(track, other) for other, verdict in judged)


def _inside(track: FaceTrack, other: FaceTrack) -> bool:
    if not other.first <= track.first <= track.end <= other.end:
        return False
    span = slice(track.first - other.first, track.end - other.first)
    return all(
        intersection_over_union(one[None], another[None])[0, 0] >= TWICE
        for one, another in zip(track.boxes, other.boxes[span], strict=True)
    )


def _region(track: FaceTrack, verdict: Verdict, track_id: str, spans: _Spans) -> RegionTrack:
    areas = (track.boxes[:, 2] - track.boxes[:, 0]) * (track.boxes[:, 3] - track.boxes[:, 1])
    span = spans.span(track.first, track.end)
    return RegionTrack(
        **span.model_dump(),
        track_id=track_id,
        verdict=verdict,
        confidence=round(float(np.nanmean(track.scores)), 4),
        detections=len(track.detected),
        best_frame=track.first + int(np.nanargmax(track.scores * np.sqrt(areas))),
        origins=track.origins,
        boxes=tuple(_whole_pixels(track.boxes)),
    )


def _whole_pixels(boxes: NDArray[np.float32]) -> Iterator[Box]:
    """Left, top, width, height of the smallest boxes of whole pixels around `boxes`."""
    corners = np.concatenate([np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])], axis=1).astype(int)
    for left, top, right, bottom in corners.tolist():
        yield left, top, right - left, bottom - top


def _runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """[first, end) of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
