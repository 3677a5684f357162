"""Single sounds for `annotated_music`: drums and notes as numpy arrays, every one different.

Each function takes a random generator for its timbre, so that no two pieces share a drum. All are float32 (N,), mono at
16 kHz, peak about 1; sample 0 is where the note begins, however slowly it swells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

RATE_HZ = 16_000
HIGHEST_HZ = 7_600.0

Sound = NDArray[np.float32]
Drum = Callable[[Generator], Sound]
Note = Callable[[float, float], Sound]
"""`(frequency_hz, length_s) -> sound`."""


def _seconds(length_s: float) -> NDArray[np.float64]:
    return np.arange(max(1, int(length_s * RATE_HZ))) / RATE_HZ


def _levelled(sound: NDArray[np.float64]) -> Sound:
    levelled: Sound = (sound / max(np.abs(sound).max(), 1e-9)).astype(np.float32)
    return levelled


def band_noise(random: Generator, samples: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """White noise between two frequencies."""
    high_hz = min(high_hz, HIGHEST_HZ)
    sections = butter(2, [max(low_hz, 20.0), max(high_hz, low_hz + 100)], "bandpass", fs=RATE_HZ, output="sos")
    noise: NDArray[np.float64] = sosfilt(sections, random.normal(size=samples))
    return noise


def kick(random: Generator) -> Sound:
    t = _seconds(0.4)
    low, high, bend = random.uniform(42, 68), random.uniform(90, 260), random.uniform(0.015, 0.06)
    phase = 2 * np.pi * np.cumsum(low + (high - low) * np.exp(-t / bend)) / RATE_HZ
    click = band_noise(random, len(t), 800, random.uniform(2000, 6000)) * np.exp(-t / 0.004)
    return _levelled(np.sin(phase) * np.exp(-t / random.uniform(0.05, 0.16)) + random.uniform(0, 0.5) * click)


def snare(random: Generator) -> Sound:
    t = _seconds(0.35)
    tone_hz, decay = random.uniform(160, 260), random.uniform(0.03, 0.11)
    noise = band_noise(random, len(t), random.uniform(300, 1500), 7500) * np.exp(-t / decay)
    tone = np.sin(2 * np.pi * tone_hz * t) * np.exp(-t / random.uniform(0.03, 0.08))
    return _levelled(noise + random.uniform(0.2, 1.5) * tone)


def clap(random: Generator) -> Sound:
    t = _seconds(0.3)
    bursts = sum(np.where(t >= at, np.exp(-np.maximum(t - at, 0) / 0.006), 0) for at in (0, 0.011, 0.021))
    tail = np.exp(-t / random.uniform(0.04, 0.1))
    return _levelled(band_noise(random, len(t), 700, random.uniform(2500, 6000)) * (bursts + 0.6 * tail))


def rim(random: Generator) -> Sound:
    t = _seconds(0.12)
    tones = sum(np.sin(2 * np.pi * f * t) for f in random.uniform(400, 2500, 3))
    return _levelled(tones * np.exp(-t / random.uniform(0.006, 0.03)))


def hat(random: Generator) -> Sound:
    t = _seconds(0.15)
    return _levelled(
        band_noise(random, len(t), random.uniform(3500, 6000), 7600) * np.exp(-t / random.uniform(0.01, 0.04))
    )


def open_hat(random: Generator) -> Sound:
    t = _seconds(0.6)
    return _levelled(
        band_noise(random, len(t), random.uniform(3000, 5500), 7600) * np.exp(-t / random.uniform(0.08, 0.25))
    )


def shaker(random: Generator) -> Sound:
    t = _seconds(0.18)
    rise = random.uniform(0.008, 0.04)
    return _levelled(band_noise(random, len(t), 2500, 7500) * np.minimum(t / rise, 1) * np.exp(-t / 0.04))


def brush(random: Generator) -> Sound:
    t = _seconds(0.35)
    rise = random.uniform(0.01, 0.06)
    return _levelled(band_noise(random, len(t), 500, 6000) * np.minimum(t / rise, 1) * np.exp(-t / 0.09))


def ride(random: Generator) -> Sound:
    t = _seconds(0.8)
    tones = sum(np.sin(2 * np.pi * f * t + random.uniform(0, 6)) for f in random.uniform(2500, 7500, 8))
    noise = band_noise(random, len(t), 3000, 7600) * np.exp(-t / 0.02)
    return _levelled(0.15 * tones * np.exp(-t / random.uniform(0.15, 0.5)) + noise)


def crash(random: Generator) -> Sound:
    t = _seconds(1.6)
    return _levelled(band_noise(random, len(t), 1500, 7600) * np.exp(-t / random.uniform(0.3, 0.7)))


def tom(random: Generator) -> Sound:
    t = _seconds(0.45)
    low = random.uniform(75, 200)
    phase = 2 * np.pi * np.cumsum(low * (1 + 0.5 * np.exp(-t / 0.03))) / RATE_HZ
    return _levelled(np.sin(phase) * np.exp(-t / random.uniform(0.07, 0.16)))


def conga(random: Generator) -> Sound:
    t = _seconds(0.3)
    pitch = random.uniform(180, 420)
    slap = band_noise(random, len(t), 800, 4000) * np.exp(-t / 0.01)
    return _levelled(
        np.sin(2 * np.pi * pitch * t) * np.exp(-t / random.uniform(0.04, 0.12)) + random.uniform(0, 0.7) * slap
    )


def bell(random: Generator) -> Sound:
    t = _seconds(0.4)
    low = random.uniform(500, 900)
    tones = np.sin(2 * np.pi * low * t) + np.sin(2 * np.pi * low * 1.48 * t)
    return _levelled(tones * np.exp(-t / random.uniform(0.04, 0.12)))


def click(random: Generator) -> Sound:
    """A metronome: a short tone."""
    t = _seconds(random.uniform(0.02, 0.12))
    return _levelled(np.sin(2 * np.pi * random.uniform(400, 3000) * t) * np.exp(-t / random.uniform(0.003, 0.03)))


DRUMS: Mapping[str, Drum] = {
    "kick": kick, "snare": snare, "clap": clap, "rim": rim, "hat": hat, "open_hat": open_hat, "shaker": shaker,
    "brush": brush, "ride": ride, "crash": crash, "tom": tom, "conga": conga, "bell": bell,
}  # fmt: skip


def plucked(random: Generator) -> Note:
    """A string, by Karplus and Strong: noise in a loop that loses its high tones."""
    bright, loss = random.uniform(0.2, 1.0), random.uniform(0.985, 0.998)

    def play(frequency_hz: float, length_s: float) -> Sound:
        period = max(2, round(RATE_HZ / frequency_hz))
        burst = np.zeros(len(_seconds(min(length_s + 0.1, 1.5))))
        count = min(period, len(burst))
        burst[:count] = lfilter([bright], [1, bright - 1], random.uniform(-1, 1, count))
        loop = np.zeros(period + 2)
        loop[0], loop[period], loop[period + 1] = 1, -loss / 2, -loss / 2
        return _faded(lfilter([1], loop, burst), 0.03)

    return play


def _tones(
    frequency_hz: float, t: NDArray[np.float64], levels: NDArray[np.float64], bend: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Harmonics with these levels, none above HIGHEST_HZ."""
    count = max(1, min(len(levels), int(HIGHEST_HZ / frequency_hz)))
    phase = 2 * np.pi * frequency_hz * (t if bend is None else np.cumsum(bend) / RATE_HZ)
    sound = np.zeros(len(t))
    for number in range(count):
        sound += levels[number] * np.sin((number + 1) * phase)
    return sound


def _faded(sound: NDArray[np.float64], fade_s: float) -> Sound:
    count = min(len(sound), max(1, int(fade_s * RATE_HZ)))
    sound[-count:] *= np.linspace(1, 0, count)
    return _levelled(sound)


def struck(random: Generator) -> Note:
    """Piano, mallets, electric piano: a hard beginning, high tones die first."""
    slope, decay_s, spread = random.uniform(0.6, 2.0), random.uniform(0.15, 1.2), random.uniform(0.1, 0.6)
    hammer = random.uniform(0, 0.3)

    def play(frequency_hz: float, length_s: float) -> Sound:
        t = _seconds(min(length_s + 0.15, 2.0))
        sound = np.zeros(len(t))
        for number in range(1, max(2, min(9, int(HIGHEST_HZ / frequency_hz) + 1))):
            fall = np.exp(-t * (1 + spread * (number - 1)) / decay_s)
            sound += number**-slope * np.sin(2 * np.pi * frequency_hz * number * t) * fall
        sound += hammer * band_noise(random, len(t), 300, 3000) * np.exp(-t / 0.008)
        return _faded(sound * np.minimum(t / 0.002, 1), 0.06)

    return play


def sustained(random: Generator, attack_s: tuple[float, float], *, vibrato: float = 0.0) -> Note:
    """Organ, strings, brass, pads, voices: swells, holds, ends; `attack_s` is the range its rise is drawn from."""
    rise_s, slope = random.uniform(*attack_s), random.uniform(0.5, 1.8)
    levels = np.arange(1, 13.0) ** -slope * random.uniform(0.3, 1, 12)
    pace_hz, breath = random.uniform(4.5, 6.5), random.uniform(0, 0.06)
    scoop = random.uniform(0, 0.04) if vibrato else 0.0

    def play(frequency_hz: float, length_s: float) -> Sound:
        t = _seconds(length_s + min(0.25, rise_s))
        bend = 1 + vibrato * np.sin(2 * np.pi * pace_hz * t) * np.minimum(t / 0.3, 1) - scoop * np.exp(-t / 0.05)
        sound = _tones(frequency_hz, t, levels, bend)
        sound += breath * np.abs(sound).max() * random.normal(size=len(t))
        return _faded(sound * np.minimum(t / rise_s, 1), min(0.25, rise_s + 0.02))

    return play


def sung(random: Generator) -> Note:
    """A voice: harmonics under two formants that change from note to note, now and then a consonant before it."""
    slope, pace_hz = random.uniform(0.8, 1.4), random.uniform(5, 6.5)

    def play(frequency_hz: float, length_s: float) -> Sound:
        t = _seconds(length_s + 0.05)
        harmonics = frequency_hz * np.arange(1, 21)
        first, second = random.uniform(300, 850), random.uniform(900, 2400)
        shape = np.exp(-(((harmonics - first) / 200) ** 2)) + 0.5 * np.exp(-(((harmonics - second) / 300) ** 2)) + 0.03
        bend = 1 + 0.012 * np.sin(2 * np.pi * pace_hz * t) * np.minimum(t / 0.4, 1) - 0.03 * np.exp(-t / 0.06)
        sound = _tones(frequency_hz, t, shape * np.arange(1, 21) ** -slope, bend)
        sound *= np.minimum(t / random.uniform(0.02, 0.09), 1) / max(np.abs(sound).max(), 1e-9)
        if random.random() < 0.4:
            sound += random.uniform(0.1, 0.5) * band_noise(random, len(t), 1500, 7500) * np.exp(-t / 0.03)
        return _faded(sound, 0.06)

    return play


def bass(random: Generator) -> Note:
    """A bass guitar or synthesiser."""
    if random.random() < 0.35:
        return plucked(random)
    levels = np.arange(1, 9.0) ** -random.uniform(0.8, 3.0)
    rise_s, decay_s = random.uniform(0.003, 0.03), random.uniform(0.15, 1.5)

    def play(frequency_hz: float, length_s: float) -> Sound:
        t = _seconds(length_s + 0.04)
        return _faded(_tones(frequency_hz, t, levels) * np.minimum(t / rise_s, 1) * np.exp(-t / decay_s), 0.04)

    return play


def lead(random: Generator) -> Note:
    """An instrument for a melody."""
    kind = random.choice(["plucked", "struck", "sung", "bowed", "blown", "synth"], p=[0.15, 0.2, 0.3, 0.12, 0.13, 0.1])
    kinds: Mapping[str, Callable[[Generator], Note]] = {
        "plucked": plucked,
        "struck": struck,
        "sung": sung,
        "bowed": lambda r: sustained(r, (0.05, 0.16), vibrato=0.006),
        "blown": lambda r: sustained(r, (0.02, 0.07), vibrato=0.003),
        "synth": lambda r: sustained(r, (0.002, 0.02)),
    }
    return kinds[str(kind)](random)
