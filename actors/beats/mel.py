"""What a beat network sees of a sound: magnitudes in 39 mel bands, 50 columns a second, on the sound's own clock.

column k is a Hann window of 1,024 samples centred at sample 320 k, 64 ms long; a full-scale sine measures about 1
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000

HOP_SAMPLES = 320
FRAME_S = HOP_SAMPLES / SAMPLE_RATE_HZ
"""20 ms from one frame to the next."""

WINDOW_SAMPLES = 1024
BANDS = 39
LOWEST_HZ, HIGHEST_HZ = 30.0, 7_800.0

QUIET = 1e-3
"""Magnitude under which nothing is told apart: 60 dB below a full-scale sine."""

Magnitudes = NDArray[np.float32]
"""float32 (frames, BANDS)."""

_HANN = (1 - np.cos(2 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES)).astype(np.float32) * (2 / WINDOW_SAMPLES)


def magnitudes(pcm: NDArray[np.float32], filters: NDArray[np.float32]) -> Magnitudes:
    """Mel magnitudes of every window that lies in the samples: the first is centred at sample WINDOW_SAMPLES / 2.

    Args:
        pcm: float32 (N,), N at least WINDOW_SAMPLES.
        filters: float32 (BANDS, WINDOW_SAMPLES / 2 + 1).
    """
    windows = np.lib.stride_tricks.sliding_window_view(pcm, WINDOW_SAMPLES)[::HOP_SAMPLES]
    spectra: Magnitudes = np.abs(np.fft.rfft(windows * _HANN, axis=1)).astype(np.float32)
    # BLAS would add up in another order with another number of threads.
    found: Magnitudes = np.einsum("fk,bk->fb", spectra, filters, optimize=False)
    return found


def levels(found: Magnitudes) -> Magnitudes:
    """Their logarithms, 0 for silence and about 1 for full scale: ln(1 + m / QUIET) / ln(1 + 1 / QUIET)."""
    scaled: Magnitudes = np.log1p(found / np.float32(QUIET)) / np.float32(np.log1p(1 / QUIET))
    return scaled
