"""One suite over every voices engine: what a caller may rely on, whichever it gets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from actors.catalogue import ENGINES, VoicesEngine
from actors.voices.espeak import EspeakVoices
from actors.voices.stub import StubVoices
from schemas.speech import Speech, SpeechRequest, Voice

LINES = (
    SpeechRequest(text="Somebody has to light it tonight, and the storm is nearly here."),
    SpeechRequest(text="Out of the house!", voice=Voice(variant="f2", pitch=60), emotion="angry", pacing="fast"),
    SpeechRequest(text="Привет, мир", language="ru"),
    SpeechRequest(text="你好，世界。", language="zh"),
    SpeechRequest(text="In 1984 it cost $3.50."),
    SpeechRequest(text="... ♪"),
)


@pytest.fixture(params=[EspeakVoices, StubVoices], ids=["espeak", "stub"])
def engine(request: pytest.FixtureRequest) -> Iterator[VoicesEngine]:
    engine: VoicesEngine = request.param()
    engine.load()
    yield engine
    engine.close()


def test_every_engine_of_the_catalogue_is_under_this_contract(engine):
    assert engine.spec.name in ENGINES["voices"]


def test_infer_gives_one_line_per_request_in_order(engine):
    spoken = engine.infer(LINES)
    assert [one.speech.request for one in spoken] == list(LINES)


def test_infer_gives_the_same_bytes_alone_and_in_a_batch(engine):
    together = engine.infer(LINES)
    alone = [engine.infer([line])[0] for line in reversed(LINES)][::-1]
    assert [one.pcm.tobytes() for one in together] == [one.pcm.tobytes() for one in alone]
    assert [one.speech for one in together] == [one.speech for one in alone]


def test_times_lie_inside_the_sound_in_order(engine):
    for one in engine.infer(LINES):
        for part in (one.speech.words, one.speech.phonemes):
            ends = 0
            for item in part:
                assert ends <= item.start_samples <= item.end_samples <= one.speech.duration_samples
                ends = item.end_samples


def test_words_hold_every_letter_of_the_line(engine):
    for one in engine.infer(LINES[:5]):
        heard = "".join(word.text for word in one.speech.words)
        assert heard == one.speech.request.text.replace(" ", "")


def test_line_without_words_is_a_short_silence(engine):
    [silence] = engine.infer([SpeechRequest(text="... ♪")])
    assert 0 < silence.speech.duration_samples < silence.speech.sample_rate_hz
    assert not silence.pcm.any()
    assert silence.speech.words == ()


def test_slow_pacing_lasts_longer_than_fast(engine):
    slow, fast = engine.infer([SpeechRequest(text="Wait for me here.", pacing=pace) for pace in ("slow", "fast")])
    assert slow.speech.duration_samples > 1.15 * fast.speech.duration_samples


def test_every_result_names_its_backend(engine):
    [one] = engine.infer(LINES[:1])
    assert (one.speech.backend.backend_type, one.speech.backend.name) == (engine.spec.backend_type, engine.spec.name)
    assert Speech.read(one.speech.to_json()) == one.speech


def test_line_of_4000_characters_is_spoken_whole(engine):
    [one] = engine.infer([SpeechRequest(text=("word and so on. " * 250)[:4000])])
    assert len(one.speech.words) == 1000
    assert one.speech.duration_samples > 100 * one.speech.sample_rate_hz


def test_close_is_harmless_twice_and_before_load(engine):
    fresh = type(engine)()
    fresh.close()
    fresh.close()


def test_espeak_voice_sounds_and_stub_is_silent(engine):
    loud = np.abs(engine.infer(LINES[:1])[0].pcm.astype(int)).max()
    assert (loud > 5_000) == (engine.spec.backend_type == "real")
