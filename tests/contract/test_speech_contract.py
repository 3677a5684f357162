"""One suite over every speech engine: what a caller may rely on, whichever it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.catalogue import open_voices
from actors.speech.sphinx import PocketSphinxSpeech
from actors.speech.stub import StubSpeech
from actors.speech.transcription import LONGEST_S, SAMPLE_RATE_HZ, TranscribeRequest
from actors.speech.whisper import WhisperSpeech
from pipelines.media.wave_file import resample
from schemas.errors import InvalidInput, Unavailable
from schemas.speech import SpeechRequest

TINY = str(Path(__file__).resolve().parents[1] / "fixtures" / "tiny_whisper")
ENGINES: dict[str, Callable[..., Any]] = {
    "whisper": lambda **options: WhisperSpeech(model=TINY, **options),
    "pocketsphinx": PocketSphinxSpeech,
    "stub": StubSpeech,
}


@pytest.fixture(scope="module", params=ENGINES.values(), ids=list(ENGINES))
def build(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return request.param


@pytest.fixture(scope="module")
def engine(build: Callable[..., Any]) -> Iterator[Any]:
    engine = build()
    engine.load()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def sounds() -> list[np.ndarray]:
    """A sentence, another one after a pause, half a second of it, and silence."""
    voices = open_voices()
    lines = voices.infer([SpeechRequest(text=text) for text in ("Good morning, captain.", "The storm is nearly here.")])
    first, second = (
        resample(one.pcm.astype(np.float32) / 32768, one.speech.sample_rate_hz, SAMPLE_RATE_HZ) for one in lines
    )
    silence = np.zeros(SAMPLE_RATE_HZ, np.float32)
    return [first, np.concatenate([silence, second]), first[:8000], silence]


def test_infer_gives_one_transcription_per_request_in_order(engine, sounds):
    answers = engine.infer([TranscribeRequest(one, "en") for one in sounds])
    assert len(answers) == len(sounds)
    assert answers[0].segments and answers[1].segments
    assert answers[1].segments[0].start_s > 0.5 > answers[0].segments[0].start_s


def test_infer_gives_the_same_answer_alone_and_in_a_batch(engine, sounds):
    requests = [TranscribeRequest(one, "en") for one in sounds]
    together = engine.infer(requests)
    alone = [engine.infer([one])[0] for one in reversed(requests)][::-1]
    assert together == alone


def test_infer_gives_the_same_answer_from_another_engine_of_its_kind(engine, build, sounds):
    other = build()
    other.load()
    requests = [TranscribeRequest(sounds[1], "en")]
    assert other.infer(requests) == engine.infer(requests)
    other.close()


def test_times_lie_inside_the_sound_in_order(engine, sounds):
    for request, answer in zip(sounds, engine.infer([TranscribeRequest(one) for one in sounds]), strict=True):
        ends_s = 0.0
        for segment in answer.segments:
            assert ends_s <= segment.start_s <= segment.end_s <= len(request) / SAMPLE_RATE_HZ + 0.001
            for word in segment.words:
                assert ends_s <= word.start_s <= word.end_s <= segment.end_s
                assert word.text == word.text.strip() != ""
                assert 0 <= word.probability <= 1
                ends_s = word.end_s
            assert segment.words


def test_silence_and_nothing_say_nothing(engine):
    requests = [TranscribeRequest(np.zeros(samples, np.float32)) for samples in (0, 1, 100, 16_000)]
    for answer in engine.infer(requests):
        assert answer.segments == ()


def test_longest_request_is_answered(engine, sounds):
    longest = np.zeros(LONGEST_S * SAMPLE_RATE_HZ, np.float32)
    longest[: len(sounds[0])] = sounds[0]
    [answer] = engine.infer([TranscribeRequest(longest, "en")])
    assert answer.segments


@pytest.mark.parametrize(
    "pcm",
    [np.zeros(LONGEST_S * SAMPLE_RATE_HZ + 1, np.float32), np.zeros((2, 10), np.float32), np.zeros(10), np.array([np.nan], np.float32)],
    ids=["too long", "stereo", "float64", "NaN"],
)  # fmt: skip
def test_request_that_is_no_speech_sound_is_refused(pcm):
    with pytest.raises(InvalidInput, match="speech"):
        TranscribeRequest(pcm)


def test_language_of_the_answer_is_the_hint(engine, sounds):
    [answer] = engine.infer([TranscribeRequest(sounds[0], "en-GB")])
    assert (answer.language, answer.language_source, answer.language_probability) == ("en", "hint", 1.0)


def test_language_without_a_hint_says_where_it_comes_from(engine, sounds):
    [answer] = engine.infer([TranscribeRequest(sounds[0])])
    assert answer.language_source == ("detected" if engine.spec.name == "whisper_openai" else "assumed")
    assert answer.language == ("und" if engine.spec.backend_type == "stub" else "en")


def test_language_that_it_cannot_serve_is_refused_by_name(engine, sounds):
    if engine.spec.backend_type == "stub":
        assert engine.infer([TranscribeRequest(sounds[0], "fr")])[0].language == "fr"
        return
    with pytest.raises(InvalidInput, match="'fr'"):
        engine.infer([TranscribeRequest(sounds[0], "fr")])


def test_every_result_names_its_backend(engine, sounds):
    [answer] = engine.infer([TranscribeRequest(sounds[2])])
    backend = answer.backend
    assert (backend.name, backend.version, backend.model) == (engine.spec.name, engine.spec.version, engine.spec.model)
    assert backend.backend_type == engine.spec.backend_type


def test_stand_in_says_why_in_every_result(build, sounds):
    standing_in = build(degraded="the better one is away")
    standing_in.load()
    [answer] = standing_in.infer([TranscribeRequest(sounds[2])])
    assert answer.backend.degraded == standing_in.spec.degraded == "the better one is away"
    standing_in.close()


def test_close_is_harmless_twice_and_before_load(build):
    fresh = build()
    fresh.close()
    fresh.close()
    if fresh.spec.backend_type == "real":
        with pytest.raises(Unavailable, match=r"call load\(\) first"):
            fresh.infer([TranscribeRequest(np.zeros(10, np.float32))])
