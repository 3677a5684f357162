"""Where a spoken line is cut into captions: the cheapest cuts by dynamic programming over its words.

    cost(line) = sum over captions of  one caption + how badly its end reads + what its times break

A caption stands from its first word until the gap before the next caption's first word; the last one until the room
after the line ends. Source: the optimum line breaking of Knuth and Plass (1981), with reading time as the width.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from pipelines.rendering.caption_lines import CLAUSE, SENTENCE, break_cost, caption_lines
from pipelines.rendering.caption_words import TimedWord, width
from schemas.captions import CaptionProfile

ONE_CAPTION = 3.0
"""Cost of a caption more: a break at a clause (1) or between sentences (0) is not sought for its own sake."""

CUE_BREAK = 2.0
"""A bad break between captions reads worse than the same break between two lines that stand together."""

BROKEN = 100.0
"""Cost of a broken rule: more than any bad break."""

SHORT_WORDS = 3
WIDOW = 5.0
"""Cost of a caption of fewer than three words next to others."""

RUN_ON = 2.0
"""Cost of a caption that ends within a sentence after having ended another."""


DANGLING = 5.0
"""Cost of a caption that breaks off one or two words after a stop: those words belong to the next caption."""


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
    costs = _Costs(words, clock, profile)
    whole = (0, len(words))
    cuts = [whole] if costs.fits(*whole) and costs.broken(*whole) == 0 else _cheapest(costs, len(words))
    pieces = []
    for first, end in cuts:
        lines = caption_lines(words[first:end], profile.max_line_characters, profile.max_lines)
        assert lines is not None, "the words were measured to fit"
        pieces.append(Piece(first, end, lines))
    return tuple(pieces)


def _cheapest(costs: _Costs, count: int) -> list[tuple[int, int]]:
    """The cuts [first, end) of `count` words whose costs add up to the least; of equal ones, the earlier cut."""
    least = [0.0]
    cut_at = [0]
    longest_from = 0
    for end in range(1, count + 1):
        while not costs.fits(longest_from, end):
            longest_from += 1
        at_least = costs.at_least(end)
        cheapest, cut = float("inf"), longest_from
        for first in range(longest_from, end):
            before = least[first]
            if before + at_least < cheapest and (cost := before + costs.of(first, end)) < cheapest:
                cheapest, cut = cost, first
        least.append(cheapest)
        cut_at.append(cut)
    cuts = []
    end = count
    while end:
        cuts.append((cut_at[end], end))
        end = cut_at[end]
    return cuts[::-1]


class _Costs:
    """What each run of words would cost as a caption, from sums made once for the line."""

    def __init__(self, words: Sequence[TimedWord], clock: LineClock, profile: CaptionProfile) -> None:
        self._clock, self._profile, self._count = clock, profile, len(words)
        self._spaces = [1 if word.space_before else 0 for word in words]
        widths = [space + width(word.text) for space, word in zip(self._spaces, words, strict=True)]
        self._reached = [0, *accumulate(widths)]
        self._words = words

    @cached_property
    def _breaks(self) -> list[float]:
        return [break_cost(before, after) for before, after in pairwise(self._words)]

    @cached_property
    def _sentences(self) -> list[int]:
        """How many sentences have ended before each break."""
        return [0, *accumulate(1 if cost == SENTENCE else 0 for cost in self._breaks)]

    def fits(self, first: int, end: int) -> bool:
        """Whether the words [first, end) fill no more than the lines of one caption."""
        for _ in range(self._profile.max_lines):
            limit = self._reached[first] + self._spaces[first] + self._profile.max_line_characters
            first = bisect_right(self._reached, limit, first) - 1
            if first >= end:
                return True
        return False

    def at_least(self, end: int) -> float:
        """What a caption that ends here costs wherever it began."""
        return ONE_CAPTION + (CUE_BREAK * self._breaks[end - 1] if end < self._count else 0.0)

    def of(self, first: int, end: int) -> float:
        """The cost of the words [first, end) as a caption."""
        cost = ONE_CAPTION + BROKEN * self.broken(first, end)
        if end < self._count:
            end_cost = self._breaks[end - 1]
            ended_another = self._sentences[end - 1] > self._sentences[first]
            cost += CUE_BREAK * end_cost + (RUN_ON if end_cost > SENTENCE and ended_another else 0.0)
            just_before = self._breaks[max(first, end - SHORT_WORDS) : end - 1]
            cost += DANGLING if end_cost > CLAUSE and any(one <= CLAUSE for one in just_before) else 0.0
        if end - first < SHORT_WORDS and self._count > SHORT_WORDS:
            cost += WIDOW
        return cost

    def broken(self, first: int, end: int) -> float:
        """How many time rules the caption would break, and by how much (0 for none)."""
        clock, profile = self._clock, self._profile
        last = end == self._count
        start = clock.starts_s[first]
        available = (clock.room_s if last else clock.starts_s[end] - clock.gap_s) - start
        said = (clock.said_s if last else clock.starts_s[end]) - start
        characters = self._reached[end] - self._reached[first] - self._spaces[first]
        needed = max(profile.min_duration_s, characters / profile.max_characters_per_s)
        broken = 0.0
        if available < needed:
            broken += 1.0 + (needed - max(available, 0.0)) / needed
        if said > profile.max_duration_s:
            broken += 1.0 + (said - profile.max_duration_s) / profile.max_duration_s
        return broken
