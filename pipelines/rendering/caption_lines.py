"""A caption's words on one line or two, balanced and broken where a reader would pause."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.rendering.caption_words import TimedWord, width

SENTENCE_ENDS = tuple(".!?…。！？؟।")
CLAUSE_ENDS = tuple(",;:—–-،؛、，；：")
CLOSERS = "\"'”’»)]）」』"
"""Quotes and brackets that may follow the stop they close."""

_OPENS = (
    "and but or nor so yet because although though while when where who whom whose which that if unless until since "
    "before after as than in on at by for from with without under over into through between about like"
)
OPENS_CLAUSE = frozenset(_OPENS.split())
"""English conjunctions and prepositions: a line may well begin with one."""

_CLINGS = (
    "a an the my your his her its our their this that these those no not to of in on at by for from with and or but i "
    "you he she it we they is are was were am be been have has had do does did will would can could shall should may "
    "might must mr mrs ms dr very"
)
CLINGS = frozenset(_CLINGS.split())
"""English words that belong to the next one: a line should not end with one."""

SENTENCE, CLAUSE, OPENING, ANYWHERE, CLINGING = 0.0, 1.0, 4.0, 7.0, 14.0
"""Cost of a break after a sentence, after a clause, before an opening word, elsewhere, and after a clinging word."""

IMBALANCE = 0.4
"""Cost of a character by which two lines differ: a clause break is worth about 15 characters of balance."""


def joined(words: Sequence[TimedWord]) -> str:
    """The words as one text, with spaces where the script had them."""
    return "".join((" " if word.space_before and index else "") + word.text for index, word in enumerate(words))


def break_cost(before: TimedWord, after: TimedWord) -> float:
    """How badly a break between two words reads, 0 (end of a sentence) to 14 (article and noun torn apart)."""
    if before.is_label:
        return CLINGING
    stop = before.text.rstrip(CLOSERS)
    if stop.endswith(SENTENCE_ENDS):
        return SENTENCE
    if stop.endswith(CLAUSE_ENDS):
        return CLAUSE
    if before.text.casefold() in CLINGS:
        return CLINGING
    return OPENING if after.text.casefold() in OPENS_CLAUSE else ANYWHERE


def caption_lines(words: Sequence[TimedWord], longest: int, most_lines: int) -> tuple[str, ...] | None:
    """The words on as few lines as hold them, two balanced ones at best; None when they do not fit.

    Args:
        words: of one caption, at least one.
        longest: characters in a line.
        most_lines: lines in a caption.
    """
    whole = joined(words)
    if width(whole) <= longest:
        return (whole,)
    if most_lines < 2:
        return None
    if most_lines > 2:
        return _filled(words, longest, most_lines)
    widths = [width(word.text) for word in words]
    spaces = [1 if word.space_before else 0 for word in words]
    total = width(whole)
    best: tuple[float, int] | None = None
    first = widths[0]
    for split in range(1, len(words)):
        second = total - first - spaces[split]
        if first <= longest and second <= longest:
            # of two equal choices the shorter first line: it covers less of the picture
            uneven = abs(first - second) + (1 if first > second else 0)
            cost = (break_cost(words[split - 1], words[split]) + IMBALANCE * uneven, split)
            best = cost if best is None else min(best, cost)
        first += spaces[split] + widths[split]
    return None if best is None else (joined(words[: best[1]]), joined(words[best[1] :]))


def _filled(words: Sequence[TimedWord], longest: int, most_lines: int) -> tuple[str, ...] | None:
    """Lines filled one after the other, for profiles with more than two."""
    lines: list[list[TimedWord]] = [[]]
    for word in words:
        if lines[-1] and width(joined([*lines[-1], word])) > longest:
            lines.append([])
        lines[-1].append(word)
    return tuple(map(joined, lines)) if len(lines) <= most_lines else None
