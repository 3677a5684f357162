"""Building blocks of synthesised sound: wavetables, envelopes, shaped noise, and loops without a seam.

A loop is a circle: a note that rings past the end is added at the beginning, noise is shaped in the frequency domain of
the whole loop, and reverberation is circular convolution. So the last sample continues in the first.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import scipy
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 48_000
TABLE_SIZE = 8192

Mono = NDArray[np.float32]
"""float32 (N,) at 48 kHz."""

Stereo = NDArray[np.float32]
"""float32 (N, 2) at 48 kHz, as it leaves the synthesis."""

Planes = NDArray[np.float32]
"""float32 (2, N) at 48 kHz: adding to one channel at a time is four times as fast as to interleaved samples."""


def generator(name: str) -> np.random.Generator:
    """Random numbers that belong to a name: the same on every machine and in every process."""
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big")))


def samples(seconds: float) -> int:
    """Whole samples of a duration."""
    return round(seconds * SAMPLE_RATE_HZ)


def hertz(note: float) -> float:
    """Frequency of a MIDI note number, A4 = 69 = 440 Hz."""
    return float(440.0 * 2 ** ((note - 69) / 12))


def wavetable(partials: Sequence[float]) -> Mono:
    """One period of a sum of sines, float32 (TABLE_SIZE,); `partials[k]` is the amplitude of harmonic k + 1."""
    angle = 2 * np.pi * np.arange(TABLE_SIZE) / TABLE_SIZE
    period = np.zeros(TABLE_SIZE)
    for index, amplitude in enumerate(partials):
        period += amplitude * np.sin((index + 1) * angle)
    return period.astype(np.float32)


def tone(table: Mono, frequency_hz: float | NDArray[np.float64], count: int, phase: float = 0.0) -> Mono:
    """`count` samples of a wavetable at a fixed or changing frequency (float64 (count,)); `phase` in periods."""
    if isinstance(frequency_hz, float | int):
        turns = np.arange(count) * (frequency_hz / SAMPLE_RATE_HZ)
    else:
        turns = np.cumsum(frequency_hz) / SAMPLE_RATE_HZ
    found: Mono = table[((turns + phase) * TABLE_SIZE).astype(np.int64) & (TABLE_SIZE - 1)]
    return found


SINE = wavetable([1.0])


def decay(count: int, time_s: float) -> Mono:
    """Exponential fall from 1 to -60 dB in `time_s`."""
    fall: Mono = np.exp(np.arange(count, dtype=np.float32) * np.float32(-6.9078 / (time_s * SAMPLE_RATE_HZ)))
    return fall


def swell(count: int, attack_s: float, release_s: float) -> Mono:
    """Raised-cosine rise and fall around a level of 1; both shortened where `count` is too short."""
    envelope = np.ones(count, np.float32)
    rise, fall = min(samples(attack_s), count // 2), min(samples(release_s), count // 2)
    if rise:
        envelope[:rise] *= (0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)).astype(np.float32)
    if fall:
        envelope[-fall:] *= (0.5 + 0.5 * np.cos(np.pi * np.arange(1, fall + 1) / fall)).astype(np.float32)
    return envelope


def shaped_noise(random: np.random.Generator, count: int, shape: Callable[[Mono], Mono]) -> Mono:
    """Seamless noise with a spectrum: `shape` turns frequencies in Hz into amplitudes. Root mean square 1.

    White noise has a spectrum of independent normal numbers, so that they are drawn there.
    """
    bins = count // 2 + 1
    spectrum = random.standard_normal(2 * bins, np.float32).view(np.complex64)
    spectrum *= shape(frequencies_hz(count))
    noise: Mono = scipy.fft.irfft(spectrum, count)
    noise /= np.float32(max(1e-30, rms(noise)))
    return noise


@lru_cache(maxsize=8)
def frequencies_hz(count: int) -> Mono:
    """Of the bins of a real spectrum of `count` samples: float32 (count // 2 + 1,), not to be changed."""
    frequencies = (np.arange(count // 2 + 1) * (SAMPLE_RATE_HZ / count)).astype(np.float32)
    frequencies.flags.writeable = False
    return frequencies


def band(low_hz: float, high_hz: float, slope: float = 2.0) -> Callable[[Mono], Mono]:
    """A spectrum that is flat between two frequencies and falls by `slope` * 6 dB an octave outside of them."""

    def amplitude(frequency_hz: Mono) -> Mono:
        f = np.maximum(frequency_hz, np.float32(1.0))
        shape: Mono = np.minimum(np.minimum(f / np.float32(low_hz), np.float32(high_hz) / f), np.float32(1.0))
        return shape if slope == 1.0 else shape ** np.float32(slope)

    return amplitude


def slow_wave(random: np.random.Generator, count: int, fastest_hz: float) -> Mono:
    """A seamless slow random curve in [0, 1]: wind gusts, traffic, swell. Its few frequencies alone are drawn."""
    f = np.arange(1, max(2, math.ceil(fastest_hz * count / SAMPLE_RATE_HZ))) * (SAMPLE_RATE_HZ / count)
    spectrum = np.zeros(count // 2 + 1, np.complex64)
    spectrum[1 : len(f) + 1] = random.standard_normal(2 * len(f)).view(np.complex128) / np.maximum(f, 0.02) ** 0.5
    curve: Mono = scipy.fft.irfft(spectrum, count)
    curve /= np.float32(rms(curve))
    np.tanh(curve, out=curve)
    curve *= np.float32(0.5)
    curve += np.float32(0.5)
    return curve


def add_around(loop: Planes, sound: Mono, start: int, gain: float = 1.0, pan: float = 0.0) -> None:
    """Adds a sound to a loop in place, going on at the beginning where it passes the end.

    Args:
        pan: -1 left, 0 centre, 1 right; equal power, 1 in both channels at the centre.
    """
    angle = (pan + 1) * np.pi / 4
    for plane, share in zip(loop, (np.cos(angle), np.sin(angle)), strict=True):
        scaled = sound * np.float32(gain * share * 2**0.5)
        done = 0
        while done < len(scaled):
            at = (start + done) % len(plane)
            count = min(len(scaled) - done, len(plane) - at)
            plane[at : at + count] += scaled[done : done + count]
            done += count


def reverberated(loop: Planes, time_s: float, wet: float, random: np.random.Generator) -> Planes:
    """The loop in a room of decaying noise, by circular convolution; `wet` is the room's share of the level."""
    count, length = samples(time_s), loop.shape[1]
    damping = band(180, 3200, 1.0)(frequencies_hz(length))
    room = np.zeros(length, np.float32)
    echo = np.empty_like(loop)
    for plane, heard in zip(loop, echo, strict=True):
        room[:count] = random.standard_normal(count, np.float32) * decay(count, time_s)
        spectrum = scipy.fft.rfft(room)
        spectrum *= damping
        spectrum *= scipy.fft.rfft(plane)
        heard[:] = scipy.fft.irfft(spectrum, length)
    level = rms(loop) / max(1e-9, rms(echo))
    echo *= np.float32(wet * level)
    echo += loop
    return echo


def rms(sound: NDArray[np.float32]) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(sound))))


def finished(loop: Planes, peak: float) -> Stereo:
    """The loop as float32 (N, 2) with a given peak; silence stays silence."""
    highest = max(float(loop.max()), -float(loop.min()))
    return np.ascontiguousarray(loop.T) * np.float32(peak / highest if highest > 0 else 1.0)
