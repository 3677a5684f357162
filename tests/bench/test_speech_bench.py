"""How much time speech takes, as a share of the sound's own (real-time factor; below 1 is faster than life).

`make bench` prints processor seconds of one core. Nothing here asserts a time. No Whisper of a real size is here: its
cost is that of a model of the same shape with random weights, for the encoder's window and the decoder's step.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from actors.speech.sphinx import PocketSphinxSpeech
from actors.speech.stub import StubSpeech
from actors.speech.transcription import SAMPLE_RATE_HZ, TranscribeRequest
from actors.speech.whisper import WhisperSpeech
from actors.speech.whisper_reader import ROWS
from actors.voice_activity.activity import ActivityRequest
from actors.voice_activity.silero import SileroVoiceActivity
from actors.voice_activity.stub import StubVoiceActivity
from tools.tiny_whisper_speech import FOLDER, spoken_clips, spoken_window

WINDOWS = ROWS["cpu"]
WINDOW_S = 30.0
STEPS = 20


def cpu_s(work: Callable[[], Any], repeats: int = 3) -> float:
    """Least processor seconds of a few tries."""
    tries = []
    for _ in range(repeats):
        started = time.process_time()
        work()
        tries.append(time.process_time() - started)
    return min(tries)


def sounds(length_s: float, count: int) -> list[np.ndarray]:
    random = np.random.default_rng(5)
    clips = [clip for clip in spoken_clips(variants=("",), rates_wpm=(170,)) if clip.language == "en"]
    return [spoken_window(clips, length_s, random).pcm for _ in range(count)]


def test_voice_activity() -> None:
    pcm = np.concatenate(sounds(WINDOW_S, 10))
    for engine in (SileroVoiceActivity(), StubVoiceActivity()):
        engine.load()
        taken_s = cpu_s(lambda engine=engine: engine.infer([ActivityRequest(pcm)]))
        print(f"\n{engine.spec.name}: real-time factor {taken_s * SAMPLE_RATE_HZ / len(pcm):.5f}")


def test_speech_engines() -> None:
    for engine, length_s in (
        (WhisperSpeech(model=str(FOLDER)), WINDOW_S),
        (PocketSphinxSpeech(), 6.0),
        (StubSpeech(), WINDOW_S),
    ):
        engine.load()
        requests = [TranscribeRequest(pcm, "en") for pcm in sounds(length_s, WINDOWS)]
        taken_s = cpu_s(lambda engine=engine, requests=requests: engine.infer(requests))
        alone_s = cpu_s(lambda engine=engine, requests=requests: engine.infer(requests[:1]))
        print(
            f"\n{engine.spec.name} {engine.spec.model}: real-time factor {taken_s / (WINDOWS * length_s):.3f} "
            f"for {WINDOWS} windows of {length_s:g} s, {alone_s / length_s:.3f} for one alone"
        )


def test_whisper_of_openai_tiny_size() -> None:
    torch.set_num_threads(1)
    shape = {"d_model": 384, "encoder_layers": 4, "decoder_layers": 4, "encoder_ffn_dim": 1536, "decoder_ffn_dim": 1536}
    heads = {"encoder_attention_heads": 6, "decoder_attention_heads": 6}
    model = WhisperForConditionalGeneration(WhisperConfig(**shape, **heads)).eval()
    mel = torch.zeros(1, 80, 3000)
    with torch.inference_mode():
        encoder_s = cpu_s(lambda: model.model.encoder(mel))
        print(f"\nencoder: {encoder_s:.2f} s a window of 30 s")
        for rows in (1, WINDOWS):
            encoded = model.model.encoder(mel).last_hidden_state.expand(rows, -1, -1).contiguous()
            step_s = cpu_s(lambda encoded=encoded, rows=rows: _steps(model, encoded, rows)) / STEPS
            print(f"  decoder, {rows} rows: {1000 * step_s:.0f} ms a step, {1000 * step_s / rows:.0f} ms a row")


def _steps(model: Any, encoded: torch.Tensor, rows: int) -> None:
    cache = None
    for _ in range(STEPS):
        token = torch.full((rows, 1), 50)
        answer = model(encoder_outputs=(encoded,), decoder_input_ids=token, cache=cache, use_cache=True)
        cache = answer.cache


def test_weights_are_known_in_milliseconds() -> None:
    engine = WhisperSpeech(model=str(FOLDER))
    size_mb = sum(path.stat().st_size for path in Path(FOLDER).iterdir()) / 1e6
    print(f"\ncheck of a checkpoint of {size_mb:.1f} MB: {1000 * cpu_s(engine.check):.1f} ms")
