"""What does a second, different detector see in the finished film, and where should somebody look again?

It looks at the film that would be handed on, not at a plan of it. What it finds is compared with what was altered: a
face outside of that was overlooked by the first detector; one inside may be an effect that was too weak, or a blur that
only looks like a face.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from pipelines.analysis.face_tracks import FacePiece
from pipelines.analysis.film_look import FilmLook, sightings
from pipelines.editing.cover_plan import CoverPlan
from schemas.anonymise_report import AnonymiseReport, CoveredTrack, RiskReason, RiskSpan
from schemas.backend import Backend
from schemas.media_request import AnonymiseRequest
from schemas.regions import Box, RegionTrack, VideoRegionSummary

LEAST_CONFIDENCE = 0.5
"""Of the second detector; below it a cascade sees faces in foliage."""

COVERED_SHARE = 0.5
"""Share of a detection that lies under effects for it to count as covered."""

_ORDER: dict[RiskReason, int] = {"uncovered_detection": 0, "unjudged": 1, "detection_under_effect": 2}


def anonymise_report(
    *,
    asset_id: str,
    summary_id: str,
    video_id: str,
    summary: VideoRegionSummary,
    plan: CoverPlan,
    request: AnonymiseRequest,
    keep: Collection[str],
    left_out: tuple[str, ...],
    lost_frames: Collection[int],
    auditor: Backend,
    look: FilmLook | None,
    audit_interval_ms: int,
) -> AnonymiseReport:
    """The report on a finished film.

    Args:
        asset_id: the film that was brought.
        summary_id: artifact of the summary.
        video_id: artifact of the finished film.
        summary: who was found.
        plan: what was covered.
        request: how.
        keep: tracks that stayed visible.
        left_out: parts of the source that are not in the finished film.
        lost_frames: of the source, not in the finished film because they cannot be decoded.
        auditor: who looked over it.
        look: what it saw; None when there is no second detector.
        audit_interval_ms: longest time between two frames that it looked at.
    """
    kept = [track for track in summary.tracks if track.track_id in keep]
    lost = frozenset(lost_frames)
    numbers = [frame for frame in range(summary.frame_count) if frame not in lost]
    spans = [*_detections(look, numbers, plan, kept), *_unjudged(summary)]
    return AnonymiseReport(
        asset_id=asset_id,
        region_summary_id=summary_id,
        video_id=video_id,
        outcome="skipped" if video_id == asset_id else "covered",
        effect=request.effect,
        strength=request.strength,
        frame_count=summary.frame_count,
        covered_frames=plan.frames,
        tracks=tuple(
            CoveredTrack(
                **{name: getattr(track, name) for name in ("first_frame", "end_frame", "start_ms", "end_ms")},
                track_id=track.track_id,
                verdict=track.verdict,
                kept=track.track_id in keep,
                guessed_frames=track.origins.count("h"),
            )
            for track in summary.tracks
        ),
        left_out=left_out,
        detector=summary.backend,
        auditor=auditor,
        audited_frames=len(look.seen.looks) if look else 0,
        audit_interval_ms=audit_interval_ms,
        at_risk=tuple(sorted(spans, key=lambda span: (_ORDER[span.reason], -span.confidence, span.first_frame))),
    )


def _detections(
    look: FilmLook | None, numbers: Sequence[int], plan: CoverPlan, kept: Sequence[RegionTrack]
) -> Iterator[RiskSpan]:
    """What a look saw of faces; `numbers` are those of its frames in the film that was brought."""
    if look is None:
        return
    for piece in sightings(look).pieces:
        best = int(np.nanargmax(piece.scores))
        confidence = float(piece.scores[best])
        span = _span(look, numbers, piece, best, plan)
        if confidence >= LEAST_CONFIDENCE and not _is_kept(span, numbers[piece.first + best], kept):
            yield span


def _is_kept(span: RiskSpan, frame: int, kept: Sequence[RegionTrack]) -> bool:
    """Whether it is the face of somebody who stays visible on request."""
    boxes = [one.boxes[frame - one.first_frame] for one in kept if one.first_frame <= frame < one.end_frame]
    return span.box is not None and _share_under(span.box, tuple(boxes)) >= COVERED_SHARE


def _span(look: FilmLook, numbers: Sequence[int], piece: FacePiece, best: int, plan: CoverPlan) -> RiskSpan:
    frame = numbers[piece.first + best]
    left, top, right, bottom = piece.boxes[best].round().astype(int).tolist()
    box = (left, top, max(1, right - left), max(1, bottom - top))
    covered = frame in plan.whole or _share_under(box, plan.boxes.get(frame, ())) >= COVERED_SHARE
    pts = look.shape.times.pts
    end_pts = pts[piece.end] if piece.end < len(pts) else look.shape.times.end_pts
    return RiskSpan(
        first_frame=numbers[piece.first],
        end_frame=numbers[piece.end - 1] + 1,
        start_ms=look.shape.time_ms(pts[piece.first]),
        end_ms=look.shape.time_ms(end_pts),
        reason="detection_under_effect" if covered else "uncovered_detection",
        confidence=round(float(piece.scores[best]), 4),
        box=box,
    )


def _unjudged(summary: VideoRegionSummary) -> Iterator[RiskSpan]:
    for span in summary.unjudged:
        yield RiskSpan(**span.model_dump(), reason="unjudged", confidence=1.0)


def _share_under(box: Box, covered: tuple[Box, ...]) -> float:
    """Share of a box's pixels that lie in any of the others."""
    left, top, width, height = box
    under = np.zeros((height, width), np.bool_)
    for other_left, other_top, other_width, other_height in covered:
        rows = slice(max(0, other_top - top), max(0, other_top + other_height - top))
        columns = slice(max(0, other_left - left), max(0, other_left + other_width - left))
        under[rows, columns] = True
    return float(under.mean())
