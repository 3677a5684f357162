"""The tiny Whisper reads the same on a GPU as on a CPU."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from actors.catalogue import choose
from actors.placement import HostFacts, Placement
from actors.speech.transcription import TranscribeRequest, Transcription
from actors.speech.whisper import WhisperSpeech
from schemas.errors import Unavailable
from tools.tiny_whisper_speech import FOLDER, spoken_clips, spoken_window

MODEL = str(FOLDER)


@pytest.fixture(scope="module")
def requests(gpu_host: HostFacts) -> list[TranscribeRequest]:
    clips, random = spoken_clips(rates_wpm=(155, 185)), np.random.default_rng(20_260)
    return [TranscribeRequest(spoken_window(clips, 30.0, random).pcm) for _ in range(12)]


@pytest.fixture(scope="module")
def on_cpu(requests: list[TranscribeRequest]) -> list[Transcription]:
    engine = WhisperSpeech(model=MODEL)
    engine.load()
    answers = engine.infer(requests)
    engine.close()
    return answers


def texts(answers: Sequence[Transcription]) -> list[list[str]]:
    return [[segment.text for segment in answer.segments] for answer in answers]


def test_whisper_is_placed_on_the_gpu_in_half_precision(gpu_host):
    choice = choose("speech", gpu_host, options={"model": MODEL})
    assert (choice.backend, choice.placement) == ("whisper_openai", Placement("cuda", "float16"))


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_text_is_that_of_a_cpu_and_does_not_depend_on_the_batch(requests, on_cpu, precision):
    engine = WhisperSpeech(Placement("cuda", precision), model=MODEL)
    engine.load()
    answers = engine.infer(requests)
    assert texts(answers) == texts(on_cpu)
    assert any(texts(answers))
    assert [answer.language for answer in answers] == [answer.language for answer in on_cpu]
    assert answers[:3] == [engine.infer([request])[0] for request in requests[:3]]
    engine.close()


def test_full_gpu_is_unavailable_and_says_so(requests, request):
    engine = WhisperSpeech(Placement("cuda", "float16"), model=MODEL)
    engine.load()
    request.getfixturevalue("full_gpu")
    with pytest.raises(Unavailable, match="whisper_openai finds no room in the memory of the GPU"):
        engine.infer(requests)
    engine.close()
