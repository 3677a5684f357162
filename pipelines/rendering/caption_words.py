"""When each word of a line is said: the text as written, on the times of the words as spoken.

The backend's words need not be the text's (it drops what is not spoken, and joins or splits what it likes), so every
spoken word is searched for in the text from where the last was found. A word that was not spoken gets its share of the
gap around it by number of characters. No word is lost or said twice.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.speech import Speech, SpokenWord

UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Kana, Han. A line may break at any character
that is not a combining mark."""

LOOK_AHEAD_CHARACTERS = 200
"""How far a spoken word is searched for; further on it would be another occurrence of the same word."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A piece of text that is never broken, [start, end) in samples of the line."""

    text: str
    start_samples: int
    end_samples: int
    space_before: bool = True
    """False for a piece that follows the one before without a space."""

    is_label: bool = False
    """True for the name of an unseen speaker, which is not said and never parts from the words after it."""


def width(text: str) -> int:
    """Characters that a reader sees: combining marks, joiners and variation selectors do not count."""
    if text.isascii():
        return len(text)
    return sum(1 for character in text if unicodedata.category(character) not in ("Mn", "Me", "Cf"))


def timed_words(text: str, speech: Speech, longest: int) -> tuple[TimedWord, ...]:
    """The pieces of `text` in order, with never-decreasing times inside the spoken line.

    Args:
        text: of the script.
        speech: the measured line.
        longest: width at which a piece is cut.
    """
    pieces = list(_pieces(text, longest))
    marks = _marks(text, speech)
    begins = [mark.begin for mark in marks]
    starts = [_time_at(marks, begins, begin) for begin, _, _ in pieces]
    ends = [_end_of(marks, begins, begin, end) for begin, end, _ in pieces]
    return tuple(
        TimedWord(text[begin:end], round(start), max(round(start), round(stop)), spaced)
        for (begin, end, spaced), start, stop in zip(pieces, starts, ends, strict=True)
    )


def _pieces(text: str, longest: int) -> Iterator[tuple[int, int, bool]]:
    """[begin, end) of each piece in `text`, and whether a space stands before it."""
    for match in re.finditer(r"\S+", text):
        begin = match.start()
        spaced = True
        for end in _cuts(match.group(), longest):
            yield begin, match.start() + end, spaced
            begin, spaced = match.start() + end, False


def _cuts(token: str, longest: int) -> Iterator[int]:
    """Ends of a token's pieces: after unspaced characters with their punctuation, and at `longest`."""
    if len(token) <= longest and token.isascii():
        yield len(token)
        return
    begin = 0
    for index in range(1, len(token)):
        mark = width(token[index]) == 0
        unspaced = UNSPACED.match(token[index]) or (UNSPACED.match(token[index - 1]) and token[index].isalnum())
        if not mark and (unspaced or width(token[begin:index]) >= longest):
            yield index
            begin = index
    yield len(token)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Characters [begin, end) of the text are said in [start, stop) samples."""

    begin: int
    end: int
    start: float
    stop: float


def _marks(text: str, speech: Speech) -> list[_Mark]:
    """The spoken words that stand in the text, in order, between marks for the line's beginning and end."""
    total = speech.duration_samples
    found = [_Mark(0, 0, 0, 0)]
    for word, begin, end in _found(text, speech.words):
        start = min(max(float(word.start_samples), found[-1].stop), total)
        found.append(_Mark(begin, end, start, min(max(float(word.end_samples), start), total)))
    return [*found, _Mark(len(text), len(text), total, total)]


def _found(text: str, words: Sequence[SpokenWord]) -> Iterator[tuple[SpokenWord, int, int]]:
    folded, places = _folded(text)
    cursor = 0
    for word in words:
        sought = "".join(filter(str.isalnum, word.text)).casefold()
        at = folded.find(sought, cursor, cursor + LOOK_AHEAD_CHARACTERS + len(sought)) if sought else -1
        if at >= 0:
            cursor = at + len(sought)
            yield word, places[at], places[cursor - 1] + 1


def _folded(text: str) -> tuple[str, list[int]]:
    """Letters and digits of `text`, case folded, and the index of each in `text`."""
    if text.isascii():
        places = [index for index, character in enumerate(text) if character.isalnum()]
        return "".join([text[index] for index in places]).casefold(), places
    letters: list[str] = []
    places = []
    for index, character in enumerate(text):
        if character.isalnum():
            for letter in character.casefold():
                letters.append(letter)
                places.append(index)
    return "".join(letters), places


def _time_at(marks: Sequence[_Mark], begins: Sequence[int], character: int) -> float:
    """When the character begins to be said; between marks, in proportion to the characters."""
    index = bisect_right(begins, character) - 1
    mark, following = marks[index], marks[min(index + 1, len(marks) - 1)]
    if character < mark.end:
        return mark.start + (mark.stop - mark.start) * (character - mark.begin) / (mark.end - mark.begin)
    if character + 1 >= following.begin and following.begin < following.end:
        return following.start  # an opening quote belongs to its word, not to the pause before it
    span = following.begin - mark.end
    return mark.stop + (following.start - mark.stop) * ((character - mark.end) / span if span else 0.0)


def _end_of(marks: Sequence[_Mark], begins: Sequence[int], begin: int, end: int) -> float:
    """When the piece [begin, end) is over: where its last marked character ends, else when its end is reached."""
    mark = marks[bisect_right(begins, end - 1) - 1]
    if begin < mark.end <= end:
        return mark.stop
    return _time_at(marks, begins, end)
