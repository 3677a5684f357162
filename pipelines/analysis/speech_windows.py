"""Spans of speech -> windows of at most 30 s for a recogniser, cut where nobody speaks.

    speech    ====  =====      ===   ======        ========          ==
    windows  [-------------------------------]    [----------]      [----]
                 pauses up to 5 s stay inside       room on both sides, where there is any

A window is recognised on its own, so what is in it depends on its sound alone, and long files are windows one after the
other. Source: cut and merge of Bain et al. (2023), "WhisperX", arXiv 2303.00747, section 2.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actors.speech.transcription import LONGEST_S, SAMPLE_RATE_HZ
from actors.voice_activity.spans import SpeechSpan

LONGEST_SAMPLES = LONGEST_S * SAMPLE_RATE_HZ
LONGEST_PAUSE_SAMPLES = 5 * SAMPLE_RATE_HZ
"""A longer silence is not handed to a recogniser: it would find words in it."""

ROOM_SAMPLES = SAMPLE_RATE_HZ * 3 // 10
"""0.3 s before and after: recognisers hear a word badly that begins with the sound."""


@dataclass(frozen=True)
class SpeechWindow:
    """[start, end) in samples of the sound."""

    start_samples: int
    end_samples: int


def speech_windows(spans: Sequence[SpeechSpan], total_samples: int) -> tuple[SpeechWindow, ...]:
    """Windows in order and apart that hold every span whole.

    Args:
        spans: in order; each at most LONGEST_SAMPLES, as `speech_spans` cuts them.
        total_samples: length of the sound.
    """
    groups = list(_groups(spans))
    windows = []
    for index, (start, end) in enumerate(groups):
        before = groups[index - 1][1] if index else 0
        after = groups[index + 1][0] if index + 1 < len(groups) else total_samples
        room = LONGEST_SAMPLES - (end - start)
        earlier = min(ROOM_SAMPLES, room // 2, (start - before) // 2 if index else start)
        later = min(ROOM_SAMPLES, room // 2, (after - end) // 2 if index + 1 < len(groups) else after - end)
        windows.append(SpeechWindow(start - earlier, end + later))
    return tuple(windows)


def _groups(spans: Sequence[SpeechSpan]) -> Iterator[tuple[int, int]]:
    """[start, end) of as many spans as fit, without a long pause between them."""
    start = end = None
    for span in spans:
        if start is None or end is None:
            start, end = span.start_samples, span.end_samples
        elif span.start_samples - end > LONGEST_PAUSE_SAMPLES or span.end_samples - start > LONGEST_SAMPLES:
            yield start, end
            start, end = span.start_samples, span.end_samples
        else:
            end = span.end_samples
    if start is not None and end is not None:
        yield start, end
