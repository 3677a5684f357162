"""Noises that are neither speech nor music, for `train_sound_classes` and its tests: machines, weather, rooms, traffic.

Every one draws its own timbre and course, so that no two are alike. Machines have tones too, but tones that slide with
their speed or stand for ever, where music's change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import lfilter

from tools.beatless_sounds import impacts, noise
from tools.music_sounds import HIGHEST_HZ, RATE_HZ, Sound, band_noise

Curve = NDArray[np.float64]


def _wandering(random: Generator, count: int, knots_s: float, spread: float) -> Curve:
    """A factor about 1 that wanders: linear between knots, `spread` is the deviation of its logarithm."""
    knots = np.exp(random.normal(0, spread, max(2, int(count / RATE_HZ / knots_s) + 2)))
    return np.interp(np.arange(count), np.linspace(0, count, len(knots)), knots)


def _comb(random: Generator, speed_hz: Curve, tones: int) -> Curve:
    """Harmonics of a speed that changes, each with its own level, louder where the casing resonates."""
    phase = 2 * np.pi * np.cumsum(speed_hz) / RATE_HZ
    resonances = random.uniform(80, 5000, 3)
    sound = np.zeros(len(speed_hz))
    for number in range(1, tones + 1):
        hz = float(speed_hz.mean() * number)
        if hz * 1.6 > HIGHEST_HZ:
            break
        near = sum(np.exp(-((np.log(hz / one) / 0.35) ** 2)) for one in resonances)
        level = random.uniform(0.2, 1) * (near + 0.15 * number**-0.7)
        sound += level * np.sin(number * phase + random.uniform(0, 6))
    return sound


def machine(random: Generator, length_s: float) -> Sound:
    """A drill, a vacuum cleaner, a lift: starts, runs, stops, with the noise of its air."""
    count = int(length_s * RATE_HZ)
    speed = random.uniform(25, 400) * _wandering(random, count, random.uniform(1, 6), random.uniform(0.0, 0.08))
    for _ in range(int(random.integers(0, 4))):
        start, rise_s = int(random.integers(0, count)), random.uniform(0.2, 2.5)
        ramp = 1 - np.exp(-np.arange(count - start) / (rise_s * RATE_HZ))
        begin = random.uniform(0.1, 0.9)
        speed[start:] *= begin + (1 - begin) * ramp
    speed *= 1 + random.uniform(0, 0.01) * np.cumsum(random.normal(size=count)) / np.sqrt(count)
    air = band_noise(random, count, random.uniform(30, 2000), random.uniform(2500, 7500))
    tones = _comb(random, speed, int(random.integers(5, 60)))
    share = random.uniform(0.0, 1.5)
    sound = tones / max(tones.std(), 1e-9) + share * air / max(air.std(), 1e-9)
    return np.asarray(sound * _wandering(random, count, random.uniform(0.5, 4), random.uniform(0, 0.5)), np.float32)


def motor(random: Generator, length_s: float) -> Sound:
    """A car, a boat, an aeroplane: low explosions, gears, tyres."""
    count = int(length_s * RATE_HZ)
    speed = random.uniform(12, 90) * _wandering(random, count, random.uniform(1.5, 6), random.uniform(0.05, 0.35))
    bangs = np.maximum(np.sin(2 * np.pi * np.cumsum(speed) / RATE_HZ), 0) ** random.uniform(2, 12)
    rough = bangs * (1 + 0.7 * random.normal(size=count))
    body = lfilter([1], [1, -random.uniform(0.8, 0.98)], rough - rough.mean())
    road = band_noise(random, count, 40, random.uniform(500, 4000))
    sound = body / max(body.std(), 1e-9) + random.uniform(0.1, 1.5) * road / max(road.std(), 1e-9)
    return np.asarray(sound * _wandering(random, count, random.uniform(0.5, 3), random.uniform(0, 0.6)), np.float32)


def hum(random: Generator, length_s: float) -> Sound:
    """Mains and transformers: a tone and its harmonics that never change, under hiss."""
    count = int(length_s * RATE_HZ)
    tones = _comb(random, np.full(count, random.choice([50.0, 60.0, 100.0, 120.0, 400.0])), int(random.integers(2, 30)))
    hiss = band_noise(random, count, 100, 7500)
    return np.asarray(tones / max(tones.std(), 1e-9) + random.uniform(0.02, 0.7) * hiss / hiss.std(), np.float32)


def signal(random: Generator, length_s: float) -> Sound:
    """A siren, an alarm, a reversing lorry, a telephone: one tone that sweeps or is switched on and off."""
    count = int(length_s * RATE_HZ)
    t = np.arange(count) / RATE_HZ
    pace_hz, centre_hz = random.uniform(0.15, 6), random.uniform(400, 3500)
    if random.random() < 0.5:
        hz = centre_hz * (1 + random.uniform(0.05, 0.4) * np.sin(2 * np.pi * pace_hz * t))
        on = np.ones(count)
    else:
        hz = np.full(count, centre_hz)
        on = ((t * pace_hz) % 1 < random.uniform(0.3, 0.7)).astype(float)
    tone = np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ) * on
    harmonic = random.uniform(0, 0.5) * np.sin(4 * np.pi * np.cumsum(hz) / RATE_HZ) * on
    street = band_noise(random, count, 50, 3000)
    return np.asarray(tone + harmonic + random.uniform(0.02, 0.5) * street / street.std(), np.float32)


def weather(random: Generator, length_s: float) -> Sound:
    """Rain, surf, wind, a fan: noise through a filter that wanders."""
    count = int(length_s * RATE_HZ)
    bands = [band_noise(random, count, low, low * random.uniform(1.5, 6)) for low in random.uniform(30, 4000, 4)]
    sound = sum(
        random.uniform(0.1, 1) * _wandering(random, count, random.uniform(0.3, 4), random.uniform(0, 0.9)) * one
        for one in bands
    )
    drops = np.zeros(count)
    places = random.integers(0, count, int(length_s * random.choice([0, 30, 200, 1000])))
    drops[places] = random.normal(size=len(places))
    splash = lfilter([1], [1, -random.uniform(0.5, 0.97)], drops)
    return np.asarray(sound + random.uniform(0, 2) * splash, np.float32)


def chirps(random: Generator, length_s: float) -> Sound:
    """Birds, insects, squeaking: short tones that slide."""
    count = int(length_s * RATE_HZ)
    sound = 0.02 * random.uniform(0.1, 2) * band_noise(random, count, 100, 7000)
    at = 0.0
    while at < length_s:
        length = random.uniform(0.02, 0.35)
        t = np.arange(int(length * RATE_HZ)) / RATE_HZ
        first, last = np.exp(random.uniform(np.log(900), np.log(7000), 2))
        hz = first * (last / first) ** (t / length)
        note = np.sin(2 * np.pi * np.cumsum(hz) / RATE_HZ) * np.hanning(len(t)) * random.uniform(0.2, 1)
        start = int(at * RATE_HZ)
        part = note[: count - start]
        sound[start : start + len(part)] += part
        at += random.exponential(random.choice([0.08, 0.4, 1.5]))
    return sound.astype(np.float32)


def steps(random: Generator, length_s: float) -> Sound:
    """Footsteps, a keyboard, hammering: one dull sound again and again, no two alike."""
    count = int(length_s * RATE_HZ)
    sound = 0.01 * random.uniform(0.1, 2) * band_noise(random, count, 50, 5000)
    mean_s, decay_s = random.uniform(0.08, 0.9), random.uniform(0.004, 0.08)
    low = random.uniform(60, 1500)
    at = random.uniform(0, mean_s)
    while at < length_s:
        thump = band_noise(random, int(0.3 * RATE_HZ), low, low * random.uniform(2, 8))
        thump *= np.exp(-np.arange(len(thump)) / RATE_HZ / decay_s) * random.uniform(0.3, 1) / thump.std()
        start = int(at * RATE_HZ)
        part = thump[: count - start]
        sound[start : start + len(part)] += 0.3 * part
        at += max(0.03, mean_s * float(np.exp(random.normal(0, random.choice([0.05, 0.3])))))
    return sound.astype(np.float32)


NOISES: Mapping[str, Callable[[Generator, float], Sound]] = {
    "band": noise, "impacts": impacts, "machine": machine, "motor": motor, "hum": hum, "signal": signal,
    "weather": weather, "chirps": chirps, "steps": steps,
}  # fmt: skip


def noise_of(kind: str, seed: int, length_s: float = 20.0) -> Sound:
    """float32 (N,), mono at 16 kHz, about full scale at its peak; the same sound from the same kind and seed."""
    sound = NOISES[kind](np.random.default_rng([seed, 5]), length_s).astype(np.float64)
    levelled: Sound = (sound / max(np.abs(sound).max(), 1e-9)).astype(np.float32)
    return levelled
