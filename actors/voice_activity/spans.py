"""Spans of speech from frame probabilities: where they begin, end, and are cut when they grow too long.

probability   .1 .2 .7 .9 .4 .8 .9 .3 .2 .1 .1 .6 .1
speech               |--------------|                    begins at 0.5, ends after 100 ms below 0.35;
                                                         what is shorter than 250 ms is none
span              |--------------------|                 with a margin, where the neighbour leaves room

Source: the hysteresis of Silero's `get_speech_timestamps`, with its defaults.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from actors.voice_activity.activity import FRAME_SAMPLES, SAMPLE_RATE_HZ


@dataclass(frozen=True)
class SpeechSpan:
    """Somebody speaks in [start, end), in samples at 16 kHz."""

    start_samples: int
    end_samples: int

    @property
    def samples(self) -> int:
        return self.end_samples - self.start_samples


@dataclass(frozen=True)
class SpanRules:
    """When frames make a span."""

    begin: float = 0.5
    """Speech begins at this probability."""

    end: float = 0.35
    """... and may end below this one."""

    shortest_samples: int = SAMPLE_RATE_HZ // 4
    shortest_pause_samples: int = SAMPLE_RATE_HZ // 10
    margin_samples: int = 480
    """30 ms on both sides: soft consonants score low."""

    longest_samples: int = 29 * SAMPLE_RATE_HZ
    """Longer spans are cut where speech is least likely: a recogniser takes 30 s."""


def speech_spans(
    probabilities: NDArray[np.float32], total_samples: int, rules: SpanRules | None = None
) -> tuple[SpeechSpan, ...]:
    """The spans of a whole sound, in order and apart; a span that was cut touches its other half.

    Args:
        probabilities: float32 (frames,), of all its blocks in order.
        total_samples: length of the sound.
        rules: thresholds and lengths.
    """
    rules = rules or SpanRules()
    spoken = [
        SpeechSpan(first * FRAME_SAMPLES, min(end * FRAME_SAMPLES, total_samples))
        for first, end in _runs(probabilities, rules)
    ]
    long_enough = [span for span in spoken if span.samples > rules.shortest_samples]
    widened = _widened(long_enough, total_samples, rules.margin_samples)
    return tuple(part for span in widened for part in _cut(span, probabilities, rules.longest_samples))


def _runs(probabilities: NDArray[np.float32], rules: SpanRules) -> Iterator[tuple[int, int]]:
    """[first, end) frames of each run of speech; a run ends where its last pause began."""
    first: int | None = None
    pause: int | None = None
    for frame, probability in enumerate(probabilities.tolist()):
        if probability >= rules.begin:
            first, pause = frame if first is None else first, None
        elif first is not None and probability < rules.end:
            pause = frame if pause is None else pause
            if (frame - pause) * FRAME_SAMPLES >= rules.shortest_pause_samples:
                yield first, pause
                first = pause = None
    if first is not None:
        yield first, len(probabilities)


def _widened(spans: Sequence[SpeechSpan], total_samples: int, margin: int) -> Iterator[SpeechSpan]:
    """Each span with `margin` samples on both sides, or half of what lies between two."""
    ends = [0, *(span.end_samples for span in spans)]
    starts = [*(span.start_samples for span in spans), total_samples]
    gaps = [start - end for end, start in zip(ends, starts, strict=True)]
    first_and_last = (0, len(spans))
    room = [min(margin, gap if index in first_and_last else gap // 2) for index, gap in enumerate(gaps)]
    for span, (before, after) in zip(spans, pairwise(room), strict=True):
        yield SpeechSpan(span.start_samples - before, span.end_samples + after)


def _cut(span: SpeechSpan, probabilities: NDArray[np.float32], longest: int) -> Iterator[SpeechSpan]:
    """The span in parts of at most `longest` samples, each cut at the least likely frame of its second half."""
    start = span.start_samples
    while span.end_samples - start > longest:
        first, end = (start + longest // 2) // FRAME_SAMPLES, (start + longest) // FRAME_SAMPLES
        cut = (first + int(np.argmin(probabilities[first:end]))) * FRAME_SAMPLES
        yield SpeechSpan(start, cut)
        start = cut
    yield SpeechSpan(start, span.end_samples)
