"""Windows hold every span whole, are at most 30 s long, and are cut where nobody speaks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from actors.voice_activity.spans import SpanRules, SpeechSpan
from pipelines.analysis.speech_windows import LONGEST_SAMPLES, SpeechWindow, speech_windows

RATE_HZ = 16_000


def spans(*seconds: tuple[float, float]) -> list[SpeechSpan]:
    return [SpeechSpan(round(start * RATE_HZ), round(end * RATE_HZ)) for start, end in seconds]


def windows_s(found):
    return [(one.start_samples / RATE_HZ, one.end_samples / RATE_HZ) for one in found]


@st.composite
def sounds(draw):
    at, made = 0, []
    for _ in range(draw(st.integers(0, 40))):
        start = at + draw(st.integers(0, 8 * RATE_HZ))
        at = start + draw(st.integers(1, SpanRules().longest_samples))
        made.append(SpeechSpan(start, at))
    return made, at + draw(st.integers(0, 10 * RATE_HZ))


@given(sounds())
def test_speech_windows_hold_every_span_whole_in_at_most_30_s_and_lie_apart(sound):
    made, total = sound
    found = speech_windows(made, total)
    for one, following in pairwise(found):
        assert one.end_samples <= following.start_samples
    for one in found:
        assert 0 <= one.start_samples < one.end_samples <= total
        assert one.end_samples - one.start_samples <= LONGEST_SAMPLES
    for span in made:
        holding = [w for w in found if w.start_samples <= span.start_samples and span.end_samples <= w.end_samples]
        assert len(holding) == 1


def test_speech_windows_short_pauses_stay_inside_and_long_ones_part():
    found = speech_windows(spans((1, 3), (4, 6), (12, 14)), 20 * RATE_HZ)
    assert windows_s(found) == [(0.7, 6.3), (11.7, 14.3)]


def test_speech_windows_room_is_half_of_what_lies_between_two_windows():
    found = speech_windows(spans((0.1, 20), (20.2, 40)), 40 * RATE_HZ)
    assert windows_s(found) == [(0.0, 20.1), (20.1, 40.0)]


def test_speech_windows_silence_alone_gives_none():
    assert speech_windows([], 100 * RATE_HZ) == ()


def test_speech_windows_of_the_same_speech_are_the_same_wherever_it_lies():
    alone = speech_windows(spans((10, 12), (13, 15)), 30 * RATE_HZ)
    later = speech_windows(spans((1, 2), (110, 112), (113, 115)), 200 * RATE_HZ)
    shift = 100 * RATE_HZ
    moved = tuple(SpeechWindow(one.start_samples + shift, one.end_samples + shift) for one in alone)
    assert later[1:] == moved
