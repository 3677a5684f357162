"""Short noise is no speech, long spans are cut, and a missing package is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.voice_activity import silero
from actors.voice_activity.activity import FRAME_SAMPLES, ActivityRequest
from actors.voice_activity.silero import SileroVoiceActivity
from actors.voice_activity.spans import SpanRules, speech_spans
from actors.voice_activity.stub import StubVoiceActivity
from schemas.errors import InvalidInput, Unavailable

RATE_HZ = 16_000
PROBABILITIES = st.lists(st.sampled_from([0.0, 0.2, 0.34, 0.36, 0.49, 0.51, 0.9]), max_size=120)


def frames(*runs: tuple[float, int]) -> np.ndarray:
    """float32 probabilities from (value, number of frames)."""
    return np.concatenate([np.full(count, value, np.float32) for value, count in runs])


def test_speech_spans_short_noise_is_no_speech():
    assert speech_spans(frames((0.0, 10), (0.9, 7), (0.0, 30)), 47 * FRAME_SAMPLES) == ()


def test_speech_spans_that_are_too_long_are_cut_where_speech_is_least_likely():
    probabilities = frames((0.9, 1500), (0.4, 1), (0.9, 1500))
    total = len(probabilities) * FRAME_SAMPLES
    found = speech_spans(probabilities, total, SpanRules(longest_samples=1600 * FRAME_SAMPLES))
    assert [(one.start_samples, one.end_samples) for one in found] == [
        (0, 1500 * FRAME_SAMPLES),
        (1500 * FRAME_SAMPLES, total),
    ]


@given(PROBABILITIES.filter(bool), st.integers(20, 60))
def test_speech_spans_cut_ones_hold_the_same_samples(values, longest_frames):
    probabilities = np.repeat(np.array(values, np.float32), 3)
    total = len(probabilities) * FRAME_SAMPLES
    whole = speech_spans(probabilities, total)
    cut = speech_spans(probabilities, total, SpanRules(longest_samples=longest_frames * FRAME_SAMPLES))
    assert all(one.samples <= longest_frames * FRAME_SAMPLES for one in cut)
    assert sum(one.samples for one in cut) == sum(one.samples for one in whole)


def test_silero_without_its_package_is_unavailable_and_says_so(monkeypatch):
    monkeypatch.setattr(silero, "find_spec", lambda name: None if name == "silero_vad" else object())
    with pytest.raises(Unavailable, match="silero-vad, which is not installed"):
        SileroVoiceActivity().check()


def test_silero_without_torch_is_unavailable_and_says_so(monkeypatch):
    monkeypatch.setattr(silero, "find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(Unavailable, match="torch, which is not installed"):
        SileroVoiceActivity().check()


def test_silero_check_fills_the_digest_and_stays_the_same():
    one, other = SileroVoiceActivity(), SileroVoiceActivity()
    one.check()
    other.check()
    assert len(one.spec.digest) == 64
    assert one.spec.digest == other.spec.digest


def test_stub_hears_a_loud_stretch_and_not_a_soft_one():
    sound = np.concatenate([np.zeros(RATE_HZ), 0.1 * np.sin(np.arange(RATE_HZ)), np.zeros(RATE_HZ)]).astype(np.float32)
    [heard] = StubVoiceActivity().infer([ActivityRequest(sound)])
    [span] = speech_spans(heard.probabilities, len(sound))
    assert (span.start_samples / RATE_HZ, span.end_samples / RATE_HZ) == pytest.approx((1.0, 2.0), abs=0.07)


@pytest.mark.parametrize(
    "pcm", [np.zeros((10, 2), np.float32), np.zeros(10), np.array([np.nan], np.float32), np.array([np.inf], np.float32)]
)
def test_request_that_is_no_mono_sound_is_refused(pcm):
    with pytest.raises(InvalidInput, match="voice activity needs"):
        ActivityRequest(pcm)
