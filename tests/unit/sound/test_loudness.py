"""The streaming meter against pyloudnorm, and the limiter against its own meter."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import resample_poly

from pipelines.sound.hops import HOP_SAMPLES
from pipelines.sound.limiter import CEILING_DBTP, TARGET_LUFS, gain_plan
from pipelines.sound.loudness import Envelope, LoudnessMeter, clip_lufs


def _programme(seconds: float, level: float = 1.0) -> np.ndarray:
    """Noise with loud, soft and silent stretches and a few hard clicks, float32 (N, 2)."""
    random = np.random.Generator(np.random.PCG64(3))
    count = round(seconds * 48_000)
    steps = np.repeat([0.02, 0.3, 0.0, 0.1, 0.004, 0.2], -(-count // 6))[:count]
    sound = random.standard_normal((count, 2)) * steps[:, None] * [level, 0.7 * level]
    sound[:: 48_000 * 2] = 0.9
    return sound.astype(np.float32)


def _measured(sound: np.ndarray, block: int) -> Envelope:
    meter = LoudnessMeter()
    for start in range(0, len(sound), block):
        meter.add(sound.T[:, start : start + block])
    return meter.envelope()


@pytest.mark.parametrize("seconds", [1.0, 7.3, 12.0])
def test_meter_agrees_with_pyloudnorm(seconds):
    sound = _programme(seconds)
    expected = pyloudnorm.Meter(48_000).integrated_loudness(sound.astype(np.float64))
    # pyloudnorm scales the high pass by 0.995 (0.043 dB), which the standard does not.
    assert _measured(sound, 160 * 40).loudness_lufs() == pytest.approx(expected + 0.043, abs=0.01)


def test_meter_gives_the_same_for_any_block_size():
    sound = _programme(5.0)
    one, other = _measured(sound, HOP_SAMPLES * 7), _measured(sound, len(sound))
    assert np.allclose(one.energies, other.energies, rtol=1e-9)
    assert np.array_equal(one.peaks, other.peaks)


def test_true_peak_finds_what_lies_between_samples():
    angle = 2 * np.pi * 12_000 * np.arange(48_000) / 48_000 + np.pi / 4  # never sampled at its crest
    sound = np.repeat(0.5 * np.sin(angle)[:, None], 2, axis=1).astype(np.float32)
    assert np.abs(sound).max() < 0.36
    assert _measured(sound, 4800).true_peak_dbtp() == pytest.approx(-6.02, abs=0.2)


def test_silence_has_no_loudness_and_no_peak():
    envelope = _measured(np.zeros((48_000, 2), np.float32), 4800)
    assert (envelope.loudness_lufs(), envelope.true_peak_dbtp(), gain_plan(envelope)) == (None, None, None)
    assert clip_lufs(np.zeros((2, 10), np.float32)) is None


def test_programme_shorter_than_a_gating_block_is_measured():
    assert clip_lufs(_programme(12.0)[96_100:108_000].T) is not None


def test_limited_programme_reaches_the_target_under_the_ceiling():
    sound = _programme(9.0, level=0.2)
    plan = gain_plan(_measured(sound, 8000))
    assert plan is not None
    loud = (sound * plan.gain).astype(np.float32)
    limited = np.concatenate([plan.limited(loud[at : at + 8000].T, at).T for at in range(0, len(sound), 8000)])
    assert pyloudnorm.Meter(48_000).integrated_loudness(limited.astype(np.float64)) == pytest.approx(
        TARGET_LUFS, abs=0.1
    )
    true_peak = np.abs(resample_poly(limited.astype(np.float64), 8, 1, axis=0)).max()
    assert 20 * np.log10(true_peak) < CEILING_DBTP + 0.15
    assert plan.curve.min() < 0.8


def test_quiet_programme_is_raised_without_limiting():
    random = np.random.Generator(np.random.PCG64(5))
    sound = (0.001 * random.standard_normal((240_000, 2))).astype(np.float32)
    plan = gain_plan(_measured(sound, 8000))
    assert plan is not None
    assert plan.gain > 10
    assert plan.curve.min() == 1.0
