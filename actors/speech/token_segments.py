"""Where the segments lie in what a Whisper wrote: text between two timestamps, and what it left for another look.

    <|0.00|> It is late. <|1.20|><|1.90|> Come home. <|3.00|> END            two segments, all of it was heard
    <|0.00|> It is late. <|1.20|><|1.90|> Come ho END                        one segment; look again from 1.90 s

Source: openai/whisper, `transcribe.py`: a window that ends with an open segment is read again from where that begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TIMESTAMP_S = 0.02
"""Seconds between two timestamp tokens."""

PROGRESS_S = 1.0
"""A second look begins at least so much later, and with at least so much sound left: it comes to an end."""


@dataclass(frozen=True)
class TokenSegment:
    """Text tokens [first, end), counted without timestamps, said in [start_s, end_s)."""

    start_s: float
    end_s: float
    first: int
    end: int


@dataclass(frozen=True)
class Division:
    """What a window's tokens hold."""

    segments: tuple[TokenSegment, ...]
    text_tokens: int
    """Text tokens up to the end of the last segment; those after it are read anew."""

    resume_s: float | None
    """From where the rest of the window should be read anew; None when all of it was."""


def divided(tokens: Sequence[int], first_timestamp: int, duration_s: float) -> Division:
    """Segments inside [0, duration_s], in order, without overlaps.

    Args:
        tokens: text and timestamps.
        first_timestamp: the token of 0.00 s; those above follow in steps of TIMESTAMP_S.
        duration_s: of the sound in the window; what is said to be after it was made up.
    """
    segments: list[TokenSegment] = []
    at_s, first, count = 0.0, 0, 0
    for token in tokens:
        if token < first_timestamp:
            count += 1
            continue
        before_s, at_s = at_s, min((token - first_timestamp) * TIMESTAMP_S, duration_s)
        if count > first:
            segments.append(TokenSegment(before_s, at_s, first, count))
            first = count
    is_open = count > first or [token >= first_timestamp for token in tokens[-2:]] == [True, True]
    if segments and is_open and at_s >= PROGRESS_S and duration_s - at_s >= PROGRESS_S:
        return Division(_sounding(segments), first, at_s)
    if count > first:
        segments.append(TokenSegment(at_s, duration_s, first, count))
    return Division(_sounding(segments), count, None)


def _sounding(segments: Sequence[TokenSegment]) -> tuple[TokenSegment, ...]:
    return tuple(segment for segment in segments if segment.end_s > segment.start_s)
