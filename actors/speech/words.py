"""Tokens made into words, and words given times inside their segment.

A word is what stands between spaces, with its punctuation; `$3.50` and `7:30` are words like any other, and have times
like any other. Scripts without spaces are divided into characters. No word is without a time: where attention gives
none, the segment's time is given out by number of characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actors.speech.transcription import HeardWord

UNSPACED_LANGUAGES = frozenset({"zh", "ja", "th", "lo", "my", "yue", "km", "bo"})

BROKEN = "\ufffd"
"""What half a character decodes to."""


@dataclass(frozen=True)
class TokenWord:
    """A word as tokens [first, end) of the text."""

    text: str
    first: int
    end: int
    space_before: bool


def token_words(tokens: Sequence[int], decode: Callable[[Sequence[int]], str], language: str) -> list[TokenWord]:
    """The words of text tokens, in order; together they hold every token that is not white space.

    Args:
        tokens: text alone.
        decode: bytes of the tokens as text.
        language: primary tag.
    """
    unspaced = language in UNSPACED_LANGUAGES
    words: list[TokenWord] = []
    space_from: int | None = None
    for text, first, end in _characters(tokens, decode):
        bare = _shown(text)
        if not bare:
            space_from = first if space_from is None else space_from
            continue
        spaced = space_from is not None or text[0].isspace()
        if words and not spaced and not (unspaced and _is_word(bare)):
            last = words[-1]
            words[-1] = TokenWord(last.text + bare, last.first, end, last.space_before)
        else:
            words.append(TokenWord(bare, first if space_from is None else space_from, end, spaced or not unspaced))
        space_from = None
    return words


def _characters(tokens: Sequence[int], decode: Callable[[Sequence[int]], str]) -> list[tuple[str, int, int]]:
    """The fewest runs of tokens that decode to whole characters; a broken rest at the end stays one run."""
    runs = []
    first = 0
    for end in range(1, len(tokens) + 1):
        text = decode(tokens[first:end])
        if BROKEN not in text or end == len(tokens):
            runs.append((text, first, end))
            first = end
    return runs


def _shown(text: str) -> str:
    """The text without white space around it, control characters, and what is left of half a character."""
    kept = (one for one in text if one.isspace() or (one != BROKEN and unicodedata.category(one) != "Cc"))
    return " ".join("".join(kept).split())


def _is_word(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def placed_words(
    words: Sequence[TokenWord], bounds_s: Sequence[float], probabilities: Sequence[float], start_s: float, end_s: float
) -> tuple[HeardWord, ...]:
    """Words at the times of their tokens, from the beginning of the segment to its end, in order.

    The segment's own times come from timestamps, which a model is trained for: they hold for its first and last word.

    Args:
        words: of one segment; they index the two sequences that follow.
        bounds_s: when each token begins, and when the last one ends.
        probabilities: of each token.
        start_s: of the segment.
        end_s: of the segment.
    """
    starts = [start_s]
    for word in words[1:]:
        starts.append(min(max(bounds_s[word.first], starts[-1]), end_s))
    limits = [*starts[1:], end_s]
    ends = [
        min(max(bounds_s[word.end], start), limit) for word, start, limit in zip(words, starts, limits, strict=True)
    ]
    ends[-1] = end_s
    return tuple(
        HeardWord(word.text, start, end, _mean(probabilities[word.first : word.end]), word.space_before)
        for word, start, end in zip(words, starts, ends, strict=True)
    )


def shared_bounds(
    tokens: Sequence[int], decode: Callable[[Sequence[int]], str], start_s: float, end_s: float
) -> list[float]:
    """When each token begins, and when the last one ends, if every character takes as long."""
    characters = [0]
    for token in tokens:
        characters.append(characters[-1] + max(1, len(decode([token]))))
    return [start_s + (end_s - start_s) * done / max(1, characters[-1]) for done in characters]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
