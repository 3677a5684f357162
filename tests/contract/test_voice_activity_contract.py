"""One suite over every voice activity engine: what a caller may rely on, whichever it gets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from actors.catalogue import open_voices
from actors.voice_activity.activity import CHUNK_SAMPLES, ActivityRequest, frame_count
from actors.voice_activity.silero import SileroVoiceActivity
from actors.voice_activity.spans import speech_spans
from actors.voice_activity.stub import StubVoiceActivity
from pipelines.media.wave_file import resample
from schemas.errors import Unavailable
from schemas.speech import SpeechRequest

RATE_HZ = 16_000


@pytest.fixture(scope="module", params=[SileroVoiceActivity, StubVoiceActivity], ids=["silero", "stub"])
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    engine = request.param()
    engine.load()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """1 s of silence, a spoken sentence, 2 s of silence, a spoken sentence, a little silence."""
    voices = open_voices()
    lines = voices.infer(
        [
            SpeechRequest(text="Somebody has to light the lamp tonight."),
            SpeechRequest(text="The storm is nearly here."),
        ]
    )
    first, second = (resample(one.pcm.astype(np.float32) / 32768, one.speech.sample_rate_hz, RATE_HZ) for one in lines)
    silence = np.zeros(RATE_HZ, np.float32)
    return np.concatenate([silence, first, silence, silence, second, silence[:3000]])


def by_blocks(engine, sound, chunks):
    memory, parts = None, []
    for start in range(0, len(sound), chunks * CHUNK_SAMPLES):
        [answer] = engine.infer([ActivityRequest(sound[start : start + chunks * CHUNK_SAMPLES], memory)])
        memory = answer.memory
        parts.append(answer.probabilities)
    return np.concatenate(parts)


def test_infer_gives_one_probability_a_frame(engine, sound):
    [answer] = engine.infer([ActivityRequest(sound)])
    assert answer.probabilities.shape == (frame_count(len(sound)),)
    assert answer.probabilities.dtype == np.float32
    assert 0 <= answer.probabilities.min() <= answer.probabilities.max() <= 1


@pytest.mark.parametrize("chunks", [1, 2, 3])
def test_infer_gives_the_same_bytes_whole_and_in_blocks(engine, sound, chunks):
    [whole] = engine.infer([ActivityRequest(sound)])
    assert by_blocks(engine, sound, chunks).tobytes() == whole.probabilities.tobytes()


def test_infer_gives_the_same_bytes_alone_and_in_a_batch(engine, sound):
    requests = [ActivityRequest(sound), ActivityRequest(sound[5000:]), ActivityRequest(sound[:CHUNK_SAMPLES])]
    together = engine.infer(requests)
    alone = [engine.infer([one])[0] for one in reversed(requests)][::-1]
    assert [one.probabilities.tobytes() for one in together] == [one.probabilities.tobytes() for one in alone]


def test_infer_block_that_ends_the_sound_leaves_no_memory(engine, sound):
    last, whole_chunks = engine.infer([ActivityRequest(sound[:1000]), ActivityRequest(sound[:CHUNK_SAMPLES])])
    assert last.memory is None
    assert whole_chunks.memory is not None


def test_speech_is_found_where_it_is_and_nowhere_else(engine, sound):
    [answer] = engine.infer([ActivityRequest(sound)])
    spans = [
        (one.start_samples / RATE_HZ, one.end_samples / RATE_HZ)
        for one in speech_spans(answer.probabilities, len(sound))
    ]
    spoken_s = sum(end - start for start, end in spans)
    assert spans[0][0] == pytest.approx(1.0, abs=0.15)
    assert spans[-1][1] == pytest.approx(len(sound) / RATE_HZ - 0.19, abs=0.25)
    assert 2.4 < spoken_s < 3.7
    assert any(two[0] - one[1] > 1.5 for one, two in pairwise(spans))


@pytest.mark.parametrize("samples", [0, 1, 511, 40_000])
def test_silence_of_any_length_holds_no_speech(engine, samples):
    [answer] = engine.infer([ActivityRequest(np.zeros(samples, np.float32))])
    assert answer.probabilities.shape == (frame_count(samples),)
    assert speech_spans(answer.probabilities, samples) == ()


def test_every_result_names_its_backend(engine, sound):
    [answer] = engine.infer([ActivityRequest(sound[:1000])])
    assert (answer.backend.name, answer.backend.version) == (engine.spec.name, engine.spec.version)
    assert answer.backend.backend_type == engine.spec.backend_type


def test_stand_in_says_why_in_every_result(engine, sound):
    standing_in = type(engine)(degraded="the better one is away")
    standing_in.load()
    [answer] = standing_in.infer([ActivityRequest(sound[:1000])])
    assert answer.backend.degraded == standing_in.spec.degraded == "the better one is away"


def test_close_is_harmless_twice_and_before_load(engine):
    fresh = type(engine)()
    fresh.close()
    fresh.close()
    if fresh.spec.backend_type == "real":
        with pytest.raises(Unavailable, match=r"call load\(\) first"):
            fresh.infer([ActivityRequest(np.zeros(10, np.float32))])
