"""Shots mapped to the sounds that they follow: each begins where somebody begins to speak, on a beat if there is one.

For each shot of a source, one after the other: the first at its first speech, the next where the one before ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.audio_semantic_timeline import AudioSemanticTimelineSummary
from schemas.video_shot_list import ShotListRequest, ShotListResult, VideoShot, WantedShot

NEAR_MS = 1_000
"""A beat that is further before the speech does not move a shot."""


@dataclass(frozen=True)
class KnownSource:
    """What is known of a source."""

    artifact_id: str
    """Of its timeline."""

    summary: AudioSemanticTimelineSummary


def video_shots(request: ShotListRequest, known: Mapping[str, KnownSource]) -> ShotListResult:
    """The shots, in order.

    Args:
        request: which shots.
        known: asset -> its latest timeline; a source without one begins at 0.
    """
    shots: list[VideoShot] = []
    reached: dict[str, int] = {}
    seen: KnownSource | None = None
    for index, wanted in enumerate(request.shots):
        source = known.get(wanted.source_asset_id)
        seen = source or seen
        shots.append(_shot(index, wanted, source, reached, align=request.align_to_beats))
        reached[wanted.source_asset_id] = shots[-1].source_end_ms
    meta: dict[str, object] = {
        "missing_semantics": sorted({one.source_asset_id for one in request.shots} - set(known)),
        "semantic_version": seen.summary.meta.get("semantic_version") if seen else None,
        "semantic_cache_key": seen.summary.meta.get("audio_semantic_cache_key") if seen else None,
    }
    return ShotListResult(shots=tuple(shots), meta=meta)


def _shot(
    index: int, wanted: WantedShot, source: KnownSource | None, reached: Mapping[str, int], *, align: bool
) -> VideoShot:
    meta: dict[str, object] = {"semantic_offset_ms": 0}
    start = wanted.source_start_ms
    if source is None:
        meta["semantic_missing"] = True
    else:
        summary = source.summary
        meta |= {
            "semantic_version": summary.meta.get("semantic_version"),
            "semantic_cache_key": summary.meta.get("audio_semantic_cache_key"),
            "semantic_artifact_id": source.artifact_id,
            "semantic_offset_ms": summary.first_speech_ms() or 0,
        }
        if start is None and wanted.source_asset_id not in reached:
            start = summary.first_speech_ms()
            if start is None and summary.beats:
                start = summary.beats[0].time_ms
            elif start is not None and align:
                before = [beat.time_ms for beat in summary.beats if start - NEAR_MS <= beat.time_ms <= start]
                meta["beat_offset_ms"] = before[-1] - start if before else 0
                start = before[-1] if before else start
    if start is None:
        start = reached.get(wanted.source_asset_id, 0)
    return VideoShot(
        shot_index=index, source_asset_id=wanted.source_asset_id, source_start_ms=start,
        source_end_ms=start + wanted.target_duration_ms, target_duration_ms=wanted.target_duration_ms, meta=meta,
    )  # fmt: skip
