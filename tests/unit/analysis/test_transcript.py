"""Words and captions of a film: nothing is lost, the profile is kept or what breaks it is said, cuts are respected."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.caption_clock import CaptionClock, film_clock, sound_clock
from pipelines.analysis.transcript import transcript, transcript_track
from pipelines.media.clip import FrameTimes
from pipelines.rendering.subtitle_files import to_srt
from schemas.backend import Backend
from schemas.captions import CaptionProfile
from schemas.speech_recognition import (
    RecognisedSegment,
    RecognisedWindow,
    RecognisedWord,
    SampleSpan,
    SpeechRecognition,
)
from schemas.timing import EditRate
from schemas.transcript import AsrTranscript

RATE_HZ = 16_000
STUB = Backend(backend_type="stub", name="test", version="1")


def span(start_s, end_s) -> SampleSpan:
    return SampleSpan(start_samples=round(start_s * RATE_HZ), end_samples=round(end_s * RATE_HZ))


def word(text, start_s, end_s, **options) -> RecognisedWord:
    times = span(start_s, end_s)
    return RecognisedWord(
        text=text, start_samples=times.start_samples, end_samples=times.end_samples, probability=0.9, **options
    )


def said(text, start_s=0.0, word_s=0.3, gap_s=0.05) -> list[RecognisedWord]:
    """The words of a text one after the other."""
    words = []
    for one in text.split():
        words.append(word(one, start_s, start_s + word_s))
        start_s += word_s + gap_s
    return words


def recognition(words, *, speech=None, duration_s=60.0, **options) -> SpeechRecognition:
    words = list(words)
    whole = span(0, duration_s)
    segments = tuple(
        RecognisedSegment(start_samples=one.start_samples, end_samples=one.end_samples, avg_logprob=-0.1, words=(one,))
        for one in words
    )
    window = RecognisedWindow(
        start_samples=0, end_samples=whole.end_samples, language="en", language_probability=1,
        no_speech_probability=0, segments=segments,
    )  # fmt: skip
    calm = {
        "asset_id": "clip", "language": "en", "language_source": "hint", "word_times": "attention",
        "sample_rate_hz": RATE_HZ, "duration_samples": whole.end_samples, "windows": (window,),
        "speech": (whole,) if speech is None else tuple(span(*one) for one in speech),
        "backend": STUB, "voice_activity": STUB,
    }  # fmt: skip
    return SpeechRecognition(**(calm | options))


def clock(*cuts, rate=None) -> CaptionClock:
    return CaptionClock(rate or EditRate(), tuple(cuts), has_picture=True)


def rules(made: AsrTranscript) -> list[str]:
    return [violation.rule for violation in made.violations]


def text_of(made: AsrTranscript) -> str:
    return " ".join(line for segment in made.segments for line in segment.lines)


LONG = (
    "When the old keeper lit the lamp for the first time, nobody in the harbour believed that it would burn for years; "
    "but it did, and we all came to see it."
)


def test_transcript_short_sentence_is_one_caption_in_frames_and_milliseconds():
    made = transcript(recognition(said("The lamp is out, Tomas.", 1.0)), clock())
    (segment,) = made.segments
    assert (segment.first_frame, segment.start_ticks, segment.start_ms) == (24, 24, 1000)
    assert segment.lines == ("The lamp is out, Tomas.",)
    assert (segment.first_word, segment.end_word) == (0, 5)
    assert (made.words[0].start_ms, made.words[0].end_ms) == (1000, 1300)
    assert rules(made) == []


def test_transcript_long_sentence_keeps_the_profile():
    made = transcript(recognition(said(LONG)), clock())
    assert len(made.segments) >= 2
    assert rules(made) == []
    for segment in made.segments:
        assert len(segment.lines) <= 2 and max(map(len, segment.lines)) <= 42
        assert 833 <= segment.end_ms - segment.start_ms <= 7000


def test_transcript_pause_ends_a_caption():
    words = [*said("So it is.", 0.0), *said("Come home.", 3.0)]
    made = transcript(recognition(words), clock())
    assert [segment.lines for segment in made.segments] == [("So it is.",), ("Come home.",)]
    assert made.segments[1].start_ms == 3000


def test_transcript_caption_ends_before_a_cut_that_the_words_leave_room_for():
    words = [*said("We never saw the island", 0.0), *said("because the fog came down again", 1.9)]
    cut = round(1.85 * 24)
    made = transcript(recognition(words), clock(cut))
    assert [segment.lines for segment in made.segments] == [
        ("We never saw the island",),
        ("because the fog came down again",),
    ]
    assert made.segments[0].end_ticks <= cut <= made.segments[1].start_ticks
    assert rules(made) == []


def test_transcript_caption_crosses_a_cut_that_the_words_cross():
    made = transcript(recognition(said("We never saw the island again.", 0.0)), clock(29))
    (segment,) = made.segments
    assert segment.start_ticks < 29 < segment.end_ticks
    assert rules(made) == []


def test_transcript_caption_is_not_torn_by_a_cut_into_what_nobody_can_read():
    made = transcript(recognition(said("No, we never saw the island again.", 0.0)), clock(8))
    (segment,) = made.segments
    assert (segment.start_ticks, rules(made)) == (0, [])


def test_transcript_out_time_does_not_run_over_the_next_cut():
    made = transcript(recognition(said("Somebody has to light the lamp.", 0.0, word_s=0.14, gap_s=0.02)), clock(26))
    (segment,) = made.segments
    assert segment.end_ticks <= 26 - 2
    assert rules(made) == ["reading_speed"]


def test_transcript_what_cannot_be_kept_is_listed():
    words = [word(one, 0.1 * index, 0.1 * index + 0.1) for index, one in enumerate((LONG + " " + LONG).split())]
    made = transcript(recognition(words), clock())
    assert "reading_speed" in rules(made)
    assert {violation.cue_index for violation in made.violations} <= set(range(len(made.segments)))


def test_transcript_words_far_from_speech_are_flagged_and_kept():
    words = [*said("So it is.", 1.0), *said("Thank you.", 6.0)]
    made = transcript(recognition(words, speech=[(1.0, 2.0)]), clock())
    assert [one.in_non_speech for one in made.words] == [False] * 3 + [True] * 2
    assert text_of(made) == "So it is. Thank you."


def test_transcript_word_that_swallowed_a_pause_is_trimmed_to_the_speech():
    words = [word("So", 0.0, 4.4), word("late.", 4.4, 5.0)]
    made = transcript(recognition(words, speech=[(3.9, 5.0)]), clock())
    assert made.words[0].start_ms == 3800
    assert made.segments[0].start_ms == pytest.approx(3800, abs=21)


@pytest.mark.parametrize("text", ["It cost $3.50 in 1984.", "At 7:30, 12% of 1,000,000 €", "Mail a.b@c.de, 555-1234!"])
def test_transcript_numerals_and_currency_have_times(text):
    made = transcript(recognition(said(text, 0.5)), clock())
    assert [one.text for one in made.words] == text.split()
    assert all(one.end_ms > one.start_ms for one in made.words)
    assert text_of(made) == text


def test_transcript_without_speech_is_empty_and_says_so():
    heard = recognition([], speech=[], language="und", language_source="none", word_times="none")
    made = transcript(heard, clock(24))
    assert (made.words, made.segments, made.violations) == ((), (), ())
    assert (made.language, made.duration_ms) == ("und", 60_000)
    assert to_srt(transcript_track(made)) == b""


def test_transcript_of_a_sound_alone_counts_milliseconds_and_no_frames():
    made = transcript(recognition([*said("So it is late now.", 1.0005), *said("Come home.", 3.9)]), sound_clock())
    first, second = made.segments
    assert made.edit_rate == EditRate(numerator=1000)
    assert (first.start_ticks, first.start_ms, first.first_frame, first.end_frame) == (1000, 1000, None, None)
    assert made.profile.min_gap_ticks == 83
    assert second.start_ticks - first.end_ticks >= 83


def test_transcript_of_variable_frame_rate_finds_frames_by_their_times():
    pts = (0, 40, 80, 1100, 1140, 3000, 5000)
    times = FrameTimes(pts, (0,), 6000, Fraction(1, 1000))
    at = film_clock(times, variable_frame_rate=True, cut_frames=[3])
    made = transcript(recognition(said("So it is late now.", 1.11)), at)
    (segment,) = made.segments
    assert at.cuts_ticks == (1100,)
    assert (segment.start_ticks, segment.first_frame) == (1110, 4)
    assert segment.end_frame == next(index for index, one in enumerate(pts) if one >= segment.end_ticks)


@pytest.mark.parametrize(
    ("time_base", "pts", "rate"),
    [
        (Fraction(1, 1000), [round(k * 1001 / 30) for k in range(300)], Fraction(30_000, 1001)),
        (Fraction(1, 90_000), [k * 3600 for k in range(50)], Fraction(25)),
        (Fraction(1, 1000), [round(k * 1000 / 24) for k in range(2000)], Fraction(24)),
        (Fraction(1, 1000), [round(k * 1001 / 24) for k in range(2000)], Fraction(24_000, 1001)),
        (Fraction(1, 10), [0, 1, 2, 3], Fraction(10)),
    ],
)
def test_film_clock_rate_is_the_frame_rate_without_the_rounding_of_timestamps(time_base, pts, rate):
    at = film_clock(FrameTimes(tuple(pts), (0,), 2 * pts[-1] - pts[-2], time_base), variable_frame_rate=False)
    assert at.rate.fraction == rate


def test_transcript_last_caption_is_gone_when_the_film_is_over():
    times = FrameTimes(tuple(range(48)), (0,), 48, Fraction(1, 24))
    made = transcript(recognition(said("Come home.", 1.2)), film_clock(times, variable_frame_rate=False))
    assert made.segments[-1].end_frame <= 48


def test_transcript_word_wider_than_a_line_is_divided_and_counts_once():
    made = transcript(recognition([word("x" * 100, 0.0, 9.0), word("end.", 9.0, 9.5)]), clock())
    assert max(len(line) for segment in made.segments for line in segment.lines) <= 42
    assert "".join(text_of(made).split()) == "x" * 100 + "end."
    assert [(segment.first_word, segment.end_word) for segment in made.segments] == [(0, 1), (1, 2)]


def test_transcript_script_without_spaces_is_joined_without_spaces():
    words = [word(one, 0.2 * index, 0.2 * index + 0.2, space_before=False) for index, one in enumerate("今夜は嵐だ。")]
    made = transcript(recognition(words), clock())
    assert text_of(made) == "今夜は嵐だ。"


WORDS = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"]), min_size=1, max_size=60),
        st.integers(0, 4000),
        st.integers(0, 3000),
    ),
    max_size=40,
)


@given(WORDS, st.lists(st.integers(1, 1500), max_size=8, unique=True), st.booleans())
def test_transcript_of_any_words_loses_none_and_shows_each_caption_apart(rows, cuts, has_picture):
    at, words = 0.0, []
    for text, gap_ms, length_ms in rows:
        start = at + gap_ms / 1000
        at = start + length_ms / 1000
        words.append(word(text, start, at))
    heard = recognition(words, duration_s=400.0) if words else recognition([], speech=[])
    made = transcript(heard, clock(*sorted(cuts)) if has_picture else sound_clock())
    assert [one.text for one in made.words] == [one.text for one in words]
    assert "".join(text_of(made).split()) == "".join(one.text for one in words)
    assert AsrTranscript.read(made.to_json()) == made
    for one, following in zip(made.segments, made.segments[1:], strict=False):
        assert one.end_ticks <= following.start_ticks


def test_transcript_profile_of_the_caller_is_kept():
    narrow = CaptionProfile(max_line_characters=20, max_lines=1, max_characters_per_s=30.0, min_duration_s=0.2)
    made = transcript(recognition(said(LONG, word_s=0.5)), clock(), narrow)
    assert {len(segment.lines) for segment in made.segments} == {1}
    assert max(len(segment.lines[0]) for segment in made.segments) <= 20


def test_srt_of_a_transcript_has_the_milliseconds_of_its_segments():
    made = transcript(recognition([*said("So it is.", 1.0), *said("Come home.", 3.0)]), clock())
    found = re.findall(r"(\d\d):(\d\d):(\d\d),(\d{3})", to_srt(transcript_track(made)).decode())
    times_ms = [((int(h) * 60 + int(m)) * 60 + int(s)) * 1000 + int(ms) for h, m, s, ms in found]
    assert times_ms == [ms for segment in made.segments for ms in (segment.start_ms, segment.end_ms)]
