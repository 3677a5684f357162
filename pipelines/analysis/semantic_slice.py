"""The part of a sound's timeline that a clip uses: trimmed, counted from the clip's in point, not heard again."""

from __future__ import annotations

from schemas.audio_semantic_timeline import AudioSemanticTimelineSummary, BeatEvent, spans_within

SPEED_CHANGE_LIMIT = 1.05
"""Beyond it, times that were measured at normal speed are no guide to what is heard."""


def sliced(
    summary: AudioSemanticTimelineSummary, start_ms: int, end_ms: int, *, clip_id: str, speed: float
) -> AudioSemanticTimelineSummary:
    """The timeline of [start_ms, end_ms) of the source, in clip-relative milliseconds of the source.

    Times are not divided by the clip's speed: `speed_change_limited` says that they would have to be.

    Args:
        summary: of the whole source.
        start_ms: the clip's in point.
        end_ms: its out point; what lies beyond the sound is not there.
        clip_id: of the clip.
        speed: source seconds for each second that is shown; negative backwards.
    """
    end_ms = min(end_ms, summary.duration_ms)
    start_ms = min(start_ms, end_ms)
    beats = tuple(
        BeatEvent.model_validate(beat.model_dump() | {"time_ms": beat.time_ms - start_ms})
        for beat in summary.beats
        if start_ms <= beat.time_ms < end_ms
    )
    windows = spans_within(summary.loudness.windows, start_ms, end_ms)
    return summary.model_copy(
        update={
            "duration_ms": end_ms - start_ms,
            "events": spans_within(summary.events, start_ms, end_ms),
            "beats": beats,
            "tracks": spans_within(summary.tracks, start_ms, end_ms),
            "sections": spans_within(summary.sections, start_ms, end_ms),
            "words": spans_within(summary.words, start_ms, end_ms),
            "loudness": summary.loudness.model_copy(update={"windows": windows}),
            "meta": {
                **summary.meta,
                "clip_id": clip_id,
                "clip_relative": True,
                "clip_window_ms": [start_ms, end_ms],
                "speed_change_limit": SPEED_CHANGE_LIMIT,
                "speed_change": speed,
                "speed_change_limited": speed != 1,
            },
        }
    )
