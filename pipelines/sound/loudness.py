"""How loud a programme is, measured as a stream in flat memory: BS.1770 gated loudness and true peak.

    block -> K-weighting (state carried) -> energy per hop -.
          -> true peak (history carried) -> peak per hop ---`-> Envelope -> integrated loudness, true peak

The hop is short, so that the same two rows of numbers tell how loud the programme will be under any gain curve that
moves slowly against it: the limiter is planned on them without touching the samples again.

Source: ITU-R BS.1770-4, filter coefficients from its tables 1 and 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy  # its modules are loaded on first use, which no warm run reaches
from numpy.typing import NDArray

from pipelines.sound.hops import HOP_SAMPLES
from pipelines.sound.true_peak import PeakMeter, decibels

SAMPLE_RATE_HZ = 48_000
STEP_HOPS = SAMPLE_RATE_HZ // 10 // HOP_SAMPLES
BLOCK_STEPS = 4
"""A gating block is 400 ms, a new one starts every 100 ms."""

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0

K_STAGES = (
    ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
"""High shelf and high pass at 48 kHz, as (b, a). pyloudnorm scales the second, and so reads 0.04 LU too low."""


@dataclass(frozen=True)
class Envelope:
    """A stereo programme as one row per hop of HOP_SAMPLES."""

    energies: NDArray[np.float32]
    """K-weighted energy of each hop, both channels added: float32 (H,)."""

    peaks: NDArray[np.float32]
    """True peak of each hop, linear, the larger of both channels, or a bound of it (PeakMeter): float32 (H,)."""

    def loudness_lufs(self, gains: NDArray[np.float64] | float = 1.0) -> float | None:
        """Integrated loudness under a gain per hop (linear); None when no block passes the absolute gate."""
        return integrated_lufs(self.energies * np.square(gains, dtype=np.float64))

    def true_peak_dbtp(self) -> float | None:
        """The largest true peak in dB below full scale; None in silence."""
        return decibels(float(self.peaks.max(initial=0.0)))


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
    """Takes a stereo programme block by block and gives its Envelope.

    Args:
        exact_above: As of PeakMeter. Whatever it is, the highest peak of the programme is exact.
    """

    def __init__(self, exact_above: float = 0.0) -> None:
        self._filter = k_weighting()
        self._state = np.zeros((2, len(self._filter[1]) - 1))
        self._peak_meter = PeakMeter(2, exact_above)
        self._energies: list[NDArray[np.float32]] = []
        self._peaks: list[NDArray[np.float32]] = []

    def add(self, block: NDArray[np.float32]) -> None:
        """Takes float32 (2, N) at 48 kHz. N is a multiple of HOP_SAMPLES, except in the last block."""
        short = -block.shape[1] % HOP_SAMPLES
        if short:
            block = np.pad(block, ((0, 0), (0, short)))
        weighted, self._state = scipy.signal.lfilter(*self._filter, block.astype(np.float64), axis=1, zi=self._state)
        self._energies.append(_hop_energies(weighted).astype(np.float32))
        self._peaks.append(self._peak_meter.peaks(block))

    def envelope(self) -> Envelope:
        """What has been heard so far."""
        nothing = [np.zeros(0, np.float32)]
        return Envelope(np.concatenate(self._energies or nothing), np.concatenate(self._peaks or nothing))


@cache
def k_weighting() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The K-weighting filter at 48 kHz as (b, a): both stages in one, which filters twice as fast."""
    (b, a), (second_b, second_a) = K_STAGES
    return np.convolve(b, second_b), np.convolve(a, second_a)


def clip_lufs(planes: NDArray[np.float32]) -> float | None:
    """Gated loudness of a whole clip, float32 (channels, N) at 48 kHz; None in silence. One channel is heard on both
    sides."""
    whole = planes[:, : planes.shape[1] // HOP_SAMPLES * HOP_SAMPLES]
    if not whole.shape[1]:
        return None
    energies = _hop_energies(scipy.signal.lfilter(*k_weighting(), whole.astype(np.float64), axis=1))
    return integrated_lufs(energies * (2 if len(planes) == 1 else 1))


def _hop_energies(weighted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Energy of each hop of float64 (channels, N), all channels added."""
    energies = np.zeros(weighted.shape[1] // HOP_SAMPLES)
    for plane in weighted:
        hops = plane.reshape(-1, HOP_SAMPLES)
        energies += np.einsum("hs,hs->h", hops, hops)
    return energies
