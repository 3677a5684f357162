"""What engines heard in windows becomes one document on the film's clock, in the language that most was said in."""

from __future__ import annotations

import pytest

from actors.speech.transcription import HeardSegment, HeardWord, Transcription
from actors.voice_activity.spans import SpeechSpan
from pipelines.analysis.speech_recognition import speech_recognition, spoken_language
from pipelines.analysis.speech_windows import SpeechWindow
from schemas.backend import Backend
from schemas.errors import Defect
from schemas.speech_recognition import SpeechRecognition

RATE_HZ = 16_000
STUB = Backend(backend_type="stub", name="test", version="1")


def heard(language="en", seconds=2.0, probability=0.9, source="detected", **options) -> Transcription:
    word = HeardWord("so", 0.5, 0.5 + seconds, 0.8)
    calm = {"no_speech_probability": 0.0, "word_times": "attention", "backend": STUB}
    segments = (HeardSegment(0.5, 0.5 + seconds, (word,), -0.2),) if seconds else ()
    return Transcription(language, source, probability, segments=segments, **(calm | options))


def recognised(answers, hint="") -> SpeechRecognition:
    windows = [SpeechWindow(100_000 * index, 100_000 * index + 90_000) for index in range(len(answers))]
    return speech_recognition(
        "clip", windows, answers, [SpeechSpan(0, 5_000)], 1_000_000, backend=STUB, voice_activity=STUB,
        language_hint=hint, missing=[(7, 9)],
    )  # fmt: skip


def test_times_are_those_of_the_film():
    made = recognised([heard(), heard()])
    [segment] = made.windows[1].segments
    assert (segment.start_samples, segment.end_samples) == (100_000 + RATE_HZ // 2, 100_000 + RATE_HZ * 5 // 2)
    assert segment.words[0].start_samples == segment.start_samples
    assert (made.speech[0].end_samples, made.missing[0].start_samples, made.duration_samples) == (5_000, 7, 1_000_000)
    assert SpeechRecognition.read(made.to_json()) == made


@pytest.mark.parametrize(
    ("answers", "hint", "expected"),
    [
        ([heard("en", 2), heard("de", 9), heard("en", 3)], "", ("de", "detected")),
        ([heard("en", 5, probability=0.2), heard("de", 2, probability=0.9)], "", ("de", "detected")),
        ([heard("de", 1), heard("en", 1)], "", ("de", "detected")),
        ([heard("de", 5)], "en", ("en", "hint")),
        ([heard("en", 1, 0.0, "assumed")], "", ("en", "assumed")),
        ([heard("nn", 0)], "", ("und", "none")),
        ([], "", ("und", "none")),
        ([], "en", ("en", "hint")),
    ],
)
def test_language_is_that_of_most_of_what_is_said(answers, hint, expected):
    assert spoken_language(answers, hint) == expected


def test_what_was_refused_and_how_times_were_found_is_kept():
    made = recognised([heard(seconds=0, refused="12 tokens of a loop"), heard(word_times="shared")])
    assert [window.refused for window in made.windows] == ["12 tokens of a loop", ""]
    assert made.word_times == "shared"
    assert recognised([heard(seconds=0)]).word_times == "none"


def test_windows_without_an_answer_each_are_a_defect():
    with pytest.raises(Defect, match="1 windows, but 2 transcriptions"):
        speech_recognition(
            "clip", [SpeechWindow(0, 9)], [heard(), heard()], [], 9, backend=STUB, voice_activity=STUB
        )  # fmt: skip
