"""WAV files of 16-bit PCM: read whole, written whole or as a stream, and brought to another sample rate.

A file appears under its name only when it is whole: it is written beside it and renamed. The same samples give the same
bytes.
"""

from __future__ import annotations

import os
import wave
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import scipy
from numpy.typing import NDArray

from schemas.errors import InvalidInput, MediaUnreadable


class WaveWriter:
    """A WAV file under construction. Leaving the `with` block normally publishes it, an exception removes it.

    Use:
        with WaveWriter(path, sample_rate_hz=48_000, channels=2) as out:
            out.write(block)
    """

    def __init__(self, path: Path, *, sample_rate_hz: int, channels: int) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._rate_hz = sample_rate_hz
        self._channels = channels
        self._file: wave.Wave_write | None = None

    def __enter__(self) -> Self:
        self._file = wave.open(str(self._partial), "wb")
        self._file.setnchannels(self._channels)
        self._file.setsampwidth(2)
        self._file.setframerate(self._rate_hz)
        return self

    def write(self, pcm: NDArray[np.int16]) -> None:
        """Appends int16 (N,) for mono or (N, channels)."""
        width = pcm.shape[1] if pcm.ndim == 2 else 1
        if pcm.dtype != np.int16 or width != self._channels or self._file is None:
            raise InvalidInput(f"expected int16 with {self._channels} channels, got {pcm.dtype} {pcm.shape}")
        self._file.writeframesraw(np.ascontiguousarray(pcm, "<i2").data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
        if kind is None:
            self._partial.replace(self._path)
        else:
            self._partial.unlink(missing_ok=True)


def write_wave(path: Path, pcm: NDArray[np.int16], sample_rate_hz: int) -> None:
    """Writes int16 (N,) or (N, channels) as a WAV file, atomically."""
    with WaveWriter(path, sample_rate_hz=sample_rate_hz, channels=pcm.shape[1] if pcm.ndim == 2 else 1) as out:
        out.write(pcm)


def read_wave(path: Path) -> tuple[NDArray[np.int16], int]:
    """The samples of a 16-bit WAV file, int16 (N,) for mono, (N, channels) otherwise, and the sample rate in Hz.

    Raises:
        MediaUnreadable: not a WAV file, not 16-bit PCM, or cut off.
    """
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate_hz, frames = (
                file.getsampwidth(), file.getnchannels(), file.getframerate(), file.getnframes(),
            )  # fmt: skip
            raw = file.readframes(frames)
    except (wave.Error, EOFError) as exc:
        raise MediaUnreadable(f"{path.name!r} is not a WAV file: {exc}") from exc
    if width != 2:
        raise MediaUnreadable(f"{path.name!r} has {8 * width} bits a sample, not 16")
    if len(raw) != frames * channels * 2:
        raise MediaUnreadable(f"{path.name!r} is cut off: {len(raw)} bytes of {frames * channels * 2}")
    pcm = np.frombuffer(raw, dtype="<i2").astype(np.int16)
    return (pcm.reshape(-1, channels) if channels > 1 else pcm), rate_hz


def resample(pcm: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """float32 (N,) or (channels, N) at another rate, by polyphase filtering; ceil(N * to / from) samples.

    Source: scipy.signal.resample_poly, Kaiser window, linear phase, zero delay.
    """
    if from_hz == to_hz:
        return pcm
    divisor = int(np.gcd(from_hz, to_hz))
    resampled: NDArray[np.float32] = scipy.signal.resample_poly(
        pcm, to_hz // divisor, from_hz // divisor, axis=-1
    ).astype(np.float32)
    return resampled
