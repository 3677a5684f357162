"""Words and phonemes of a spoken line, in samples of its trimmed sound.

espeak-ng reports fewer words than the text has ("out of the" may be one event) and sometimes more (numbers, letters).
The words given here are the words of the spoken text (WORD), each once: a word without an event shares
the time of the event before it, by number of characters.

    text     out of the house      events  0 out ......... 5 house
    words    |out--|of-|the-|house---|
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.voices.utterance import EVENT_PHONEME, EVENT_WORD, Event
from schemas.speech import SpokenPhoneme, SpokenWord

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{_UNSPACED}][^\w\s]*|[^\s{_UNSPACED}]+")
"""A word: what stands between spaces; in Chinese and Japanese, which have none, one character and its punctuation."""

PAUSE = "_"
"""Symbol of a silence between phonemes."""

SILENCE_LEVEL = 64
"""Largest magnitude that counts as silence: -54 dB below full scale, under espeak-ng's softest fricative."""

LEAD_S = 0.012
"""Kept before the first sound, so that a plosive's attack is not cut."""

TAIL_S = 0.060
"""Kept after the last sound."""


@dataclass(frozen=True)
class Trim:
    """The part of an utterance that is kept, [start, end) in its samples."""

    start: int
    end_exclusive: int

    def moved(self, sample: int) -> int:
        """A sample index of the utterance as an index of the kept part, clamped to it."""
        return min(max(sample, self.start), self.end_exclusive) - self.start


def sounding_range(pcm: NDArray[np.int16], sample_rate_hz: int) -> Trim:
    """The range of `pcm` (int16 (N,)) that sounds, with a little air on both sides; empty when nothing sounds."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > SILENCE_LEVEL)
    if not loud.size:
        return Trim(0, 0)
    start = max(0, int(loud[0]) - round(LEAD_S * sample_rate_hz))
    return Trim(start, min(len(pcm), int(loud[-1]) + 1 + round(TAIL_S * sample_rate_hz)))


def phoneme_times(events: Sequence[Event], trim: Trim) -> tuple[SpokenPhoneme, ...]:
    """Phonemes in order, gap-free to the end of the sound; language switches such as `(en)` are left out."""
    heard = [event for event in events if event.type == EVENT_PHONEME and not event.phoneme.startswith("(")]
    starts = [trim.moved(event.sample) for event in heard] + [trim.moved(trim.end_exclusive)]
    return tuple(
        SpokenPhoneme(symbol=event.phoneme or PAUSE, start_samples=start, end_samples=end)
        for event, start, end in zip(heard, starts, starts[1:], strict=False)
        if end > start
    )


def word_times(text: str, events: Sequence[Event], trim: Trim) -> tuple[SpokenWord, ...]:
    """One SpokenWord for each word of `text`, in order, without overlaps."""
    words = [(match.start(), match.group()) for match in WORD.finditer(text)]
    starts = _first_samples(words, [event for event in events if event.type == EVENT_WORD])
    end = trim.end_exclusive
    if not words or all(start is None for start in starts):
        return ()
    sounding = _sounding_ends(events, end)
    times: list[SpokenWord] = []
    index = 0
    while index < len(words):
        group = [index]
        while group[-1] + 1 < len(words) and starts[group[-1] + 1] is None:
            group.append(group[-1] + 1)
        first = starts[index]
        begin = trim.start if first is None else first
        after = starts[group[-1] + 1] if group[-1] + 1 < len(words) else end
        stop = _last_sound(sounding, begin, end if after is None else after)
        times += _shared([words[one][1] for one in group], trim.moved(begin), trim.moved(stop))
        index = group[-1] + 1
    return tuple(times)


def _first_samples(words: Sequence[tuple[int, str]], events: Sequence[Event]) -> list[int | None]:
    """Where each word's first event begins; None for a word without one. Never decreasing."""
    starts: list[int | None] = []
    position = 0
    for begin, word in words:
        while position < len(events) and events[position].position < begin:
            position += 1
        inside = position < len(events) and events[position].position < begin + len(word)
        starts.append(events[position].sample if inside else None)
    return starts


def _sounding_ends(events: Sequence[Event], end: int) -> list[tuple[int, int]]:
    """[start, end) of every phoneme that is not a pause."""
    heard = [event for event in events if event.type == EVENT_PHONEME]
    starts = [event.sample for event in heard] + [end]
    return [
        (start, stop)
        for event, start, stop in zip(heard, starts, starts[1:], strict=False)
        if event.phoneme and not event.phoneme.startswith("(")
    ]


def _last_sound(sounding: Sequence[tuple[int, int]], begin: int, end: int) -> int:
    """End of the last phoneme that starts in [begin, end): a word ends before the pause that follows it."""
    return max((min(stop, end) for start, stop in sounding if begin <= start < end), default=end)


def _shared(words: Sequence[str], begin: int, end: int) -> list[SpokenWord]:
    """[begin, end) given out to `words` by their number of characters."""
    total = sum(map(len, words))
    bounds, done = [begin], 0
    for word in words:
        done += len(word)
        bounds.append(begin + (end - begin) * done // total)
    return [
        SpokenWord(text=word, start_samples=start, end_samples=stop)
        for word, start, stop in zip(words, bounds, bounds[1:], strict=False)
    ]
