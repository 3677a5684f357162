"""Where peaks are exact, where they are bounded, and that the difference never hides one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.signal import resample_poly

from pipelines.sound.hops import HOP_SAMPLES
from pipelines.sound.true_peak import OVERSHOOT, PeakMeter


def _noise(level: float = 1.0) -> np.ndarray:
    """0.8 s of noise with a loud middle, float32 (2, N)."""
    random = np.random.Generator(np.random.PCG64(8))
    swell = np.interp(np.arange(240 * HOP_SAMPLES), [0, 20_000, 38_400], [0.01, 0.2, 0.02])
    return (level * random.standard_normal((2, 240 * HOP_SAMPLES)) * swell).astype(np.float32)


def _peaks(sound: np.ndarray, exact_above: float, hops: int = 60) -> np.ndarray:
    meter = PeakMeter(2, exact_above)
    step = hops * HOP_SAMPLES
    return np.concatenate([meter.peaks(sound[:, at : at + step]) for at in range(0, sound.shape[1], step)])


def test_exact_peaks_agree_with_polyphase_oversampling():
    sound = _noise()
    fine = np.abs(resample_poly(sound.astype(np.float64), 4, 1, axis=1)).max(axis=0)
    delayed = np.concatenate([np.zeros(24), fine])[: len(fine)]  # six samples, four points each
    expected = delayed.reshape(-1, 4 * HOP_SAMPLES).max(axis=1)
    # Noise up to half the sample rate is the worst case of a filter of 12 taps; a spoken mix differs by 1.1 %.
    assert _peaks(sound, 0.0) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("exact_above", [0.1, 0.3, math.inf])
def test_no_bound_is_below_its_peak_and_the_highest_is_exact(exact_above):
    sound = _noise()
    exact, bounded = _peaks(sound, 0.0), _peaks(sound, exact_above)
    assert (bounded >= exact).all()
    assert (bounded > exact).any()
    assert bounded.max() == exact.max()


def test_hop_above_the_threshold_is_exact():
    sound = _noise()
    exact, bounded = _peaks(sound, 0.0), _peaks(sound, 0.1)
    assert np.array_equal(bounded[bounded > 0.1 * OVERSHOOT], exact[bounded > 0.1 * OVERSHOOT])


def test_peak_at_the_seam_of_two_blocks_is_found():
    sound = np.zeros((2, 4 * HOP_SAMPLES), np.float32)
    sound[1, 2 * HOP_SAMPLES - 1 : 2 * HOP_SAMPLES + 1] = 0.5  # rises to 0.63 between the two samples
    for exact_above in (0.0, math.inf):
        assert _peaks(sound, exact_above, hops=2).max() == _peaks(sound, 0.0, hops=4).max() > 0.6
