"""Times of words and phonemes, from the events of one utterance."""

from __future__ import annotations

import numpy as np

from actors.voices.alignment import Trim, phoneme_times, sounding_range, word_times
from actors.voices.utterance import EVENT_PHONEME, EVENT_WORD, Event


def _word(position: int, sample: int) -> Event:
    return Event(EVENT_WORD, position, 3, sample, "")


def _phoneme(symbol: str, sample: int) -> Event:
    return Event(EVENT_PHONEME, 0, 0, sample, symbol)


def test_word_without_an_event_shares_the_time_of_the_one_before():
    events = [_word(0, 0), _phoneme("aʊ", 0), _word(11, 900), _phoneme("h", 900)]
    words = word_times("out of the house", events, Trim(0, 1500))
    assert [(one.text, one.start_samples, one.end_samples) for one in words] == [
        ("out", 0, 337), ("of", 337, 562), ("the", 562, 900), ("house", 900, 1500),
    ]  # fmt: skip


def test_word_ends_before_the_pause_that_follows_it():
    events = [_word(0, 0), _phoneme("s", 0), _phoneme("", 400), _word(6, 900), _phoneme("n", 900)]
    assert [(one.start_samples, one.end_samples) for one in word_times("Stop. Now", events, Trim(0, 1200))] == [
        (0, 400), (900, 1200),
    ]  # fmt: skip


def test_times_move_with_the_trim():
    events = [_word(0, 500), _phoneme("s", 500)]
    [word] = word_times("Stop", events, Trim(300, 1000))
    assert (word.start_samples, word.end_samples) == (200, 700)


def test_phonemes_leave_out_language_switches_and_mark_pauses():
    events = [_phoneme("s", 0), _phoneme("(en)", 50), _phoneme("", 100)]
    assert [(one.symbol, one.end_samples) for one in phoneme_times(events, Trim(0, 200))] == [("s", 100), ("_", 200)]


def test_sounding_range_of_silence_is_empty():
    assert sounding_range(np.zeros(1000, np.int16), 22_050) == Trim(0, 0)


def test_sounding_range_keeps_the_most_negative_sample():
    pcm = np.zeros(20_000, np.int16)
    pcm[10_000] = -32_768
    trim = sounding_range(pcm, 22_050)
    assert trim.start <= 10_000 < trim.end_exclusive
