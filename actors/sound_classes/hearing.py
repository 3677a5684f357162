"""What a sound classes engine answers about a `SoundBlock`: speech, music and noise every 20 ms, and the level.

The classes do not exclude each other: a song under a speaker is speech and music.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from actors.sound_chunks import ChunkGrid, Frames, Pcm

SAMPLE_RATE_HZ = 16_000

SPEECH, MUSIC, NOISE, LEVEL = 0, 1, 2, 3
"""Columns of an answer: likelihoods in [0, 1], and the level in dB(A); a full-scale sine at 1 kHz has -3."""

FLOOR_DB = -100.0

GRID = ChunkGrid(hop_samples=320, window_samples=1024, chunk_frames=1536, around_frames=192, columns=4)
"""A frame every 20 ms; 30.72 s at once, with 3.84 s on both sides."""

FRAME_S = GRID.hop_samples / SAMPLE_RATE_HZ


def levels_db(samples: Pcm) -> Frames:
    """float32 (frames,): level in dB(A) of every window of GRID that lies in the samples, FLOOR_DB at least."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, GRID.window_samples)[:: GRID.hop_samples]
    spectra = np.abs(np.fft.rfft(windows * _HANN, axis=1)) ** 2
    power = np.einsum("fk,k->f", spectra, _WEIGHTS, optimize=False)  # BLAS adds up in an order that threads decide
    found: Frames = np.maximum(10 * np.log10(np.maximum(power, 1e-12)), FLOOR_DB).astype(np.float32)
    return found


def _a_weights() -> NDArray[np.float64]:
    """Weights of the powers of a windowed spectrum, whose sum is the mean power of what is heard.

    Source: IEC 61672-1, annex E.
    """
    square = np.fft.rfftfreq(GRID.window_samples, 1 / SAMPLE_RATE_HZ) ** 2
    gain = 12194.0**2 * square**2
    gain = gain / ((square + 20.6**2) * (square + 12194.0**2) * np.sqrt((square + 107.7**2) * (square + 737.9**2)))
    weights: NDArray[np.float64] = (gain * 10**0.1) ** 2 * 2 / (GRID.window_samples * np.sum(_HANN**2))
    return weights


_HANN = np.hanning(GRID.window_samples + 1)[:-1]
_WEIGHTS = _a_weights()
