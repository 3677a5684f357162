"""The gain that brings a programme to its loudness without letting a peak through.

    peaks per hop -> needed reduction -> minimum over the window -> Hann smoothing -> gain at every hop boundary
                                         (looks ahead and back)    (never above the need)

Both are decided on the programme's Envelope, a few numbers per millisecond; `limited` then applies them block by block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its modules are loaded on first use, which no warm run reaches
from numpy.typing import NDArray

from pipelines.sound.hops import HOP_SAMPLES, between_hops
from pipelines.sound.loudness import Envelope

TARGET_LUFS = -16.0
CEILING_DBTP = -3.0
"""AAC at 192 kb/s was measured to add up to 1.6 dB to peaks (thunder in a mix without voices)."""

CEILING = 10 ** (CEILING_DBTP / 20)

WINDOW_HOPS = 5
"""Half the limiter's window: 17 ms to either side, long against a period of speech, short against a word."""

SEARCH_DB = 24.0
"""How far over the unlimited gain the search goes before it settles for less loudness."""


@dataclass(frozen=True)
class GainPlan:
    """Static gain and limiter of one programme."""

    gain: float
    """Linear, applied to stems and mix alike."""

    curve: NDArray[np.float64]
    """Limiter gain at the boundaries of the hops, linear, at most 1: float64 (H + 1,)."""

    def limited(self, block: NDArray[np.float32], start_sample: int) -> NDArray[np.float32]:
        """`block` (float32 (2, N), already at the static gain) under the curve, in place where it changes;
        `start_sample` is a whole hop."""
        first = start_sample // HOP_SAMPLES
        last = -(-(start_sample + block.shape[1]) // HOP_SAMPLES)
        values = self.curve[first : last + 1]
        if values.min() < 1.0:
            block *= between_hops(values)[: block.shape[1]]
        return block


def gain_plan(envelope: Envelope, target_lufs: float = TARGET_LUFS) -> GainPlan | None:
    """The smallest gain that reaches the target under the limiter, by bisection; None for a silent programme.

    A programme that cannot reach it (one click in silence) gets the largest gain searched: the result is measured
    and reported, never assumed.
    """
    unlimited = envelope.loudness_lufs()
    if unlimited is None:
        return None
    low_db = target_lufs - unlimited
    high_db = low_db + SEARCH_DB
    if _reached(envelope, low_db) < target_lufs - 0.005:
        for _ in range(24):
            middle_db = (low_db + high_db) / 2
            if _reached(envelope, middle_db) < target_lufs:
                low_db = middle_db
            else:
                high_db = middle_db
        low_db = high_db
    gain = 10 ** (low_db / 20)
    return GainPlan(gain, limiter_curve(envelope.peaks * gain))


def _reached(envelope: Envelope, gain_db: float) -> float:
    """Loudness after gain and limiter, predicted from the envelope."""
    gain = 10 ** (gain_db / 20)
    curve = limiter_curve(envelope.peaks * gain)
    reached = envelope.loudness_lufs(gain * (curve[1:] + curve[:-1]) / 2)
    return -np.inf if reached is None else reached


def limiter_curve(peaks: NDArray[np.floating], ceiling: float = CEILING) -> NDArray[np.float64]:
    """Gain at hop boundaries, float64 (H + 1,), that keeps every hop's true peak (linear, (H,)) under a ceiling."""
    needed = np.minimum(1.0, ceiling / np.maximum(peaks.astype(np.float64), 1e-9))
    held = scipy.ndimage.minimum_filter1d(needed, 2 * WINDOW_HOPS + 1, mode="nearest")
    window = np.hanning(2 * WINDOW_HOPS - 1)  # one hop narrower on either side: a boundary serves two hops
    padded = np.pad(np.concatenate([held[:1], held]), WINDOW_HOPS - 1, mode="edge")
    smooth: NDArray[np.float64] = np.minimum(1.0, np.convolve(padded, window / window.sum(), "valid"))
    return smooth
