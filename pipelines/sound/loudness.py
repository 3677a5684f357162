"""How loud a programme is, measured as a stream in flat memory: BS.1770 gated loudness and true peak.

    block -> K-weighting (state carried) -> energy per hop ---.
          -> 4x oversampling (history carried) -> peak per hop -`-> Envelope -> integrated loudness, true peak

The hop is short, so that the same two rows of numbers tell how loud the programme will be under any gain curve that
moves slowly against it: the limiter is planned on them without touching the samples again.

Source: ITU-R BS.1770-4; filter coefficients by pyloudnorm, which needs the whole programme in memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyloudnorm
from numpy.typing import NDArray
from scipy.signal import firwin, lfilter

SAMPLE_RATE_HZ = 48_000
HOP_SAMPLES = 160
"""3.3 ms: divides the 100 ms step of the gating blocks, and is short against the limiter's window. The two numbers kept
for each are 2.4 kB a second of film."""

STEP_HOPS = SAMPLE_RATE_HZ // 10 // HOP_SAMPLES
BLOCK_STEPS = 4
"""A gating block is 400 ms, a new one starts every 100 ms."""

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0

OVERSAMPLING = 4
TAPS_PER_PHASE = 12
PHASES = (
    (firwin(OVERSAMPLING * TAPS_PER_PHASE + 1, 1 / OVERSAMPLING, window=("kaiser", 5.0)) * OVERSAMPLING)[:-1]
    .reshape(TAPS_PER_PHASE, OVERSAMPLING)
    .T[1:, ::-1]
    .astype(np.float32)
)
"""Interpolation filters of the true-peak meter (BS.1770-4 annex 2) for the points between samples: float32 (3, 12).
The fourth point is the sample itself."""

PEAK_CHUNK_HOPS = 50
"""Hops interpolated at once: 32 kB of samples, which stays in the cache. Four times as fast as scipy's upfirdn."""


@dataclass(frozen=True)
class Envelope:
    """A stereo programme as one row per hop of HOP_SAMPLES."""

    energies: NDArray[np.float32]
    """K-weighted energy of each hop, both channels added: float32 (H,)."""

    peaks: NDArray[np.float32]
    """True peak of each hop, linear, the larger of both channels: float32 (H,)."""

    def loudness_lufs(self, gains: NDArray[np.float64] | float = 1.0) -> float | None:
        """Integrated loudness under a gain per hop (linear); None when no block passes the absolute gate."""
        return integrated_lufs(self.energies * np.square(gains, dtype=np.float64))

    def true_peak_dbtp(self) -> float | None:
        """The largest true peak in dB below full scale; None in silence."""
        peak = float(self.peaks.max(initial=0.0))
        return 20 * math.log10(peak) if peak > 0 else None


def integrated_lufs(energies: NDArray[np.floating]) -> float | None:
    """Gated loudness of K-weighted energies per hop; None when nothing passes -70 LUFS.

    A programme shorter than one gating block is measured as one block of its own length.
    """
    steps = energies[: len(energies) // STEP_HOPS * STEP_HOPS].reshape(-1, STEP_HOPS).sum(axis=1, dtype=np.float64)
    if len(steps) >= BLOCK_STEPS:
        blocks = np.convolve(steps, np.ones(BLOCK_STEPS), "valid") / (BLOCK_STEPS * STEP_HOPS * HOP_SAMPLES)
    else:
        blocks = np.array([energies.sum() / max(1, len(energies) * HOP_SAMPLES)])
    audible = blocks[blocks > 10 ** ((ABSOLUTE_GATE_LUFS + 0.691) / 10)]
    if not audible.size:
        return None
    kept = audible[audible > audible.mean() * 10 ** (RELATIVE_GATE_LU / 10)]
    return float(-0.691 + 10 * np.log10(kept.mean()))


class LoudnessMeter:
    """Takes a stereo programme block by block and gives its Envelope."""

    def __init__(self) -> None:
        self._filter = k_weighting()
        self._state = np.zeros((len(self._filter[1]) - 1, 2))
        self._history = np.zeros((TAPS_PER_PHASE - 1, 2), np.float32)
        self._energies: list[NDArray[np.float32]] = []
        self._peaks: list[NDArray[np.float32]] = []

    def add(self, block: NDArray[np.float32]) -> None:
        """Takes float32 (N, 2) at 48 kHz. N is a multiple of HOP_SAMPLES, except in the last block."""
        short = -len(block) % HOP_SAMPLES
        if short:
            block = np.concatenate([block, np.zeros((short, 2), np.float32)])
        weighted, self._state = lfilter(*self._filter, block.astype(np.float64), axis=0, zi=self._state)
        self._energies.append(_hop_energies(weighted).astype(np.float32))
        self._peaks.append(self._true_peaks(block))

    def _true_peaks(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Peak per hop. The filter's delay of 6 samples is left in: the limiter's window is far wider."""
        joined = np.concatenate([self._history, block])
        self._history = joined[len(block) :]
        planes = np.ascontiguousarray(joined.T)
        hops = len(block) // HOP_SAMPLES
        peaks = np.zeros(hops, np.float32)
        for first in range(0, hops, PEAK_CHUNK_HOPS):
            last = min(first + PEAK_CHUNK_HOPS, hops)
            for plane in planes:
                chunk = plane[first * HOP_SAMPLES : last * HOP_SAMPLES + TAPS_PER_PHASE - 1]
                np.maximum(peaks[first:last], _peaks(chunk), out=peaks[first:last])
        return peaks

    def envelope(self) -> Envelope:
        """What has been heard so far."""
        nothing = [np.zeros(0, np.float32)]
        return Envelope(np.concatenate(self._energies or nothing), np.concatenate(self._peaks or nothing))


def _peaks(chunk: NDArray[np.float32]) -> NDArray[np.float32]:
    """Largest magnitude per hop of float32 (H * HOP_SAMPLES + 11,), at the samples and between them."""
    count = len(chunk) - TAPS_PER_PHASE + 1
    middle = TAPS_PER_PHASE // 2
    highest = np.abs(chunk[middle - 1 : middle - 1 + count])
    point, term = np.empty(count, np.float32), np.empty(count, np.float32)
    for taps in PHASES:
        np.multiply(chunk[:count], taps[0], out=point)
        for index in range(1, TAPS_PER_PHASE):
            np.multiply(chunk[index : index + count], taps[index], out=term)
            point += term
        np.maximum(highest, np.abs(point, out=point), out=highest)
    peaks: NDArray[np.float32] = highest.reshape(-1, HOP_SAMPLES).max(axis=1)
    return peaks


@cache
def k_weighting() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The K-weighting filter at 48 kHz as (b, a): both stages in one, which filters four times as fast."""
    b, a = np.ones(1), np.ones(1)
    for stage in pyloudnorm.Meter(SAMPLE_RATE_HZ)._filters.values():
        b, a = np.convolve(b, stage.b), np.convolve(a, stage.a)
    return b, a


def clip_lufs(pcm: NDArray[np.float32]) -> float | None:
    """Gated loudness of a whole clip, float32 (N, 2) at 48 kHz; None in silence."""
    whole = pcm[: len(pcm) // HOP_SAMPLES * HOP_SAMPLES].astype(np.float64)
    return integrated_lufs(_hop_energies(lfilter(*k_weighting(), whole, axis=0))) if len(whole) else None


def _hop_energies(weighted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energy of each hop of float64 (N, 2), both channels added."""
    energies: NDArray[np.float64] = np.square(weighted).reshape(-1, 2 * HOP_SAMPLES).sum(axis=1)
    return energies
