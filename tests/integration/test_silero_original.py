"""Silero's network and rules, as its authors have them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from silero_vad.utils_vad import get_speech_timestamps_from_probs

from actors.voice_activity import silero
from actors.voice_activity.activity import FRAME_SAMPLES, ActivityRequest
from actors.voice_activity.silero import SileroVoiceActivity, weights_file
from actors.voice_activity.spans import speech_spans
from schemas.errors import Unavailable

RATE_HZ = 16_000
PROBABILITIES = st.lists(st.sampled_from([0.0, 0.2, 0.34, 0.36, 0.49, 0.51, 0.9]), max_size=120)


@given(PROBABILITIES, st.integers(0, FRAME_SAMPLES - 1))
def test_speech_spans_are_those_of_silero(values, short):
    total = max(0, len(values) * FRAME_SAMPLES - short)
    ours = speech_spans(np.array(values, np.float32), total)
    theirs = get_speech_timestamps_from_probs(values, sampling_rate=RATE_HZ, audio_length_samples=total)
    assert [(one.start_samples, one.end_samples) for one in ours] == [(one["start"], one["end"]) for one in theirs]


def test_silero_is_the_network_of_its_authors_frame_by_frame():
    """A whole number of chunks and a bit, against the description in `silero_vad/tinygrad_model.py`, one frame a time."""
    weights = load_file(weights_file())
    cell = torch.nn.LSTMCell(128, 128)
    cell.load_state_dict({name.removeprefix("lstm_cell."): one for name, one in weights.items() if "lstm" in name})
    sound = np.random.default_rng(6).normal(0, 0.1, FRAME_SAMPLES * 130).astype(np.float32)
    sound *= np.sin(np.arange(len(sound)) / 3000).astype(np.float32)
    before, state, expected = torch.zeros(64), None, []
    with torch.inference_mode():
        for frame in torch.from_numpy(sound).split(FRAME_SAMPLES):
            seen = torch.nn.functional.pad(torch.cat([before, frame])[None, None], (0, 64), "reflect")
            spectrum = torch.nn.functional.conv1d(seen, weights["stft_conv.weight"], stride=128)
            hidden = torch.hypot(spectrum[:, :129], spectrum[:, 129:])
            for index, stride in enumerate((1, 2, 2, 1), start=1):
                kernel, bias = weights[f"conv{index}.weight"], weights[f"conv{index}.bias"]
                hidden = torch.conv1d(hidden, kernel, bias, stride=stride, padding=1).relu()
            state = cell(hidden[:, :, 0], state)
            speech = torch.conv1d(state[0].relu()[..., None], weights["final_conv.weight"], weights["final_conv.bias"])
            expected.append(torch.sigmoid(speech).item())
            before = frame[-64:]
    engine = SileroVoiceActivity()
    engine.load()
    [heard] = engine.infer([ActivityRequest(sound)])
    assert heard.probabilities == pytest.approx(expected, abs=1e-5)
    assert np.ptp(heard.probabilities) > 0.001


def test_silero_with_other_weights_is_unavailable_and_says_so(monkeypatch, tmp_path):
    cut = tmp_path / "silero_vad_16k.safetensors"
    cut.write_bytes(weights_file().read_bytes()[:1000])
    monkeypatch.setattr(silero, "weights_file", lambda: cut)
    with pytest.raises(Unavailable, match="does not hold the weights"):
        SileroVoiceActivity().load()
