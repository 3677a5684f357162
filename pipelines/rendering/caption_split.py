"""Where a spoken line is cut into captions: the cheapest cuts by dynamic programming over its words.

    cost(line) = sum over captions of  one caption + how badly its end reads + what its times break

A caption stands from its first word until the gap before the next caption's first word; the last one until the room
after the line ends. Source: the optimum line breaking of Knuth and Plass (1981), with reading time as the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.rendering.caption_lines import break_cost, caption_lines
from pipelines.rendering.caption_words import TimedWord, width
from schemas.captions import CaptionProfile

ONE_CAPTION = 3.0
"""Cost of a caption more: a break at a clause (1) or between sentences (0) is not sought for its own sake."""

BROKEN = 100.0
"""Cost of a broken rule: more than any bad break."""

SHORT_WORDS = 3
WIDOW = 5.0
"""Cost of a caption of fewer than three words next to others."""

RUN_ON = 2.0
"""Cost of a caption that ends within a sentence after having ended another."""


@dataclass(frozen=True)
class Piece:
    """Words [first, end) of a line as one caption."""

    first: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class LineClock:
    """Times of a spoken line in seconds, all on one clock."""

    starts_s: tuple[float, ...]
    """When each word begins, never decreasing."""

    said_s: float
    """When the last word is over."""

    room_s: float
    """When the last caption must be gone."""

    gap_s: float
    """Shortest pause between two captions."""


def split_line(words: Sequence[TimedWord], clock: LineClock, profile: CaptionProfile) -> tuple[Piece, ...]:
    """The captions of a line, in order; together they hold every word once.

    Args:
        words: of the line, each no wider than a caption line.
        clock: when they are said.
        profile: limits.
    """
    if not words:
        return ()
    whole = _piece(words, 0, len(words), profile)
    if whole and _broken(whole, words, clock, profile) == 0:
        return (whole,)
    best: list[tuple[float, Piece | None]] = [(0.0, None)]
    best += [(float("inf"), None)] * len(words)
    for end in range(1, len(words) + 1):
        for first in range(end - 1, -1, -1):
            piece = _piece(words, first, end, profile)
            if piece is None:
                break
            cost = best[first][0] + _cost(piece, words, clock, profile)
            if cost < best[end][0]:
                best[end] = (cost, piece)
    pieces: list[Piece] = []
    end = len(words)
    while end:
        piece = best[end][1]
        assert piece is not None, "a single word always makes a caption"
        pieces.append(piece)
        end = piece.first
    return tuple(reversed(pieces))


def _piece(words: Sequence[TimedWord], first: int, end: int, profile: CaptionProfile) -> Piece | None:
    lines = caption_lines(words[first:end], profile.max_line_characters, profile.max_lines)
    return None if lines is None else Piece(first, end, lines)


def _cost(piece: Piece, words: Sequence[TimedWord], clock: LineClock, profile: CaptionProfile) -> float:
    cost = ONE_CAPTION + BROKEN * _broken(piece, words, clock, profile)
    if piece.end < len(words):
        end_cost = break_cost(words[piece.end - 1], words[piece.end])
        cost += end_cost
        ends_within = any(break_cost(words[i], words[i + 1]) == 0 for i in range(piece.first, piece.end - 1))
        cost += RUN_ON if end_cost and ends_within else 0.0
    if piece.end - piece.first < SHORT_WORDS and len(words) > SHORT_WORDS:
        cost += WIDOW
    return cost


def _broken(piece: Piece, words: Sequence[TimedWord], clock: LineClock, profile: CaptionProfile) -> float:
    """How many time rules the caption would break, and by how much (0 for none)."""
    last = piece.end == len(words)
    start = clock.starts_s[piece.first]
    available = (clock.room_s if last else clock.starts_s[piece.end] - clock.gap_s) - start
    said = (clock.said_s if last else clock.starts_s[piece.end]) - start
    needed = max(profile.min_duration_s, sum(map(width, piece.lines)) / profile.max_characters_per_s)
    broken = 0.0
    if available < needed:
        broken += 1.0 + (needed - max(available, 0.0)) / needed
    if said > profile.max_duration_s:
        broken += 1.0 + (said - profile.max_duration_s) / profile.max_duration_s
    return broken
