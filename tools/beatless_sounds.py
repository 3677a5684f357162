"""Sounds that hold no beat, for `train_beats` and its tests: people who talk, noise, impacts, music in free time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.random import Generator

from actors.catalogue import open_voices
from pipelines.media.wave_file import resample
from schemas.speech import SpeechRequest, Voice
from tools.music_sounds import DRUMS, RATE_HZ, Sound, band_noise, lead, plucked, struck, sung, sustained

TEXT = (
    "the storm was near and nobody had come back from the harbour with the boats that we had sent out before dawn "
    "so she went down to look for a lamp while the others kept talking about money weather and an old ship that "
    "never reached another country in spite of all those stories which her father used to tell every single winter"
)


def talk(random: Generator, length_s: float) -> Sound:
    """Somebody speaks, with pauses."""
    voices = open_voices()
    parts: list[Sound] = []
    while sum(map(len, parts)) < length_s * RATE_HZ:
        text = " ".join(random.choice(TEXT.split(), int(random.integers(5, 25)))) + "."
        voice = Voice(pitch=int(random.integers(20, 80)))
        [line] = voices.infer([SpeechRequest(text=text, voice=voice)])
        parts.append(resample((line.pcm / 32768).astype(np.float32), line.speech.sample_rate_hz, RATE_HZ))
        parts.append(np.zeros(int(random.uniform(0.1, 1.2) * RATE_HZ), np.float32))
    voices.close()
    return np.concatenate(parts)[: int(length_s * RATE_HZ)]


def noise(random: Generator, length_s: float) -> Sound:
    """Wind, traffic, a machine: noise in some band whose level wanders."""
    count = int(length_s * RATE_HZ)
    low = random.choice([30, 100, 500, 2000])
    sound = band_noise(random, count, low, low * random.uniform(2, 40))
    knots = np.exp(random.normal(0, random.uniform(0, 1.2), int(length_s * random.uniform(0.3, 6)) + 2))
    return (sound * np.interp(np.arange(count), np.linspace(0, count, len(knots)), knots)).astype(np.float32)


def _scattered(random: Generator, length_s: float, sounds: Callable[[], Sound], mean_s: float, spread: float) -> Sound:
    """Sounds at intervals of a gamma distribution; `spread` is standard deviation by mean."""
    canvas = np.zeros(int(length_s * RATE_HZ), np.float32)
    at_s = random.uniform(0, mean_s)
    while at_s < length_s:
        sound = sounds()
        start = int(at_s * RATE_HZ)
        count = min(len(sound), len(canvas) - start)
        canvas[start : start + count] += np.float32(random.uniform(0.2, 1)) * sound[:count]
        at_s += max(0.03, random.gamma(1 / spread**2, mean_s * spread**2))
    return canvas


def impacts(random: Generator, length_s: float) -> Sound:
    """Dishes, doors, applause: short sounds at no rhythm."""
    names = random.choice(list(DRUMS), 4)
    mean_s = float(np.exp(random.uniform(np.log(0.04), np.log(1.2))))
    kit = [DRUMS[str(name)](random) for name in names]
    return _scattered(random, length_s, lambda: kit[int(random.integers(4))], mean_s, random.uniform(0.5, 1.1))


def free_time(random: Generator, length_s: float) -> Sound:
    """Tones of an instrument whose player keeps no time."""
    makers = (plucked, struck, sung, lead, lambda one: sustained(one, (0.1, 1.0)))
    note = makers[int(random.integers(len(makers)))](random)
    mean_s = float(random.uniform(0.25, 2.5))

    def tone() -> Sound:
        hz = float(110 * 2 ** (random.choice([0, 2, 4, 7, 9, 12, 14, 16, 19, 24]) / 12))
        return note(hz, mean_s * random.uniform(0.5, 2))

    return _scattered(random, length_s, tone, mean_s, random.uniform(0.4, 0.8))


def drone(random: Generator, length_s: float) -> Sound:
    """A chord that stands, swelling now and then."""
    note = sustained(random, (0.5, 2.0))
    tones = [note(float(hz), length_s) for hz in random.choice([82, 110, 123, 165, 220, 247, 330], 3)]
    sound = np.sum([tone[: int(length_s * RATE_HZ)] for tone in tones], axis=0)
    knots = np.exp(random.normal(0, 0.4, int(length_s / 2) + 2))
    swell = np.interp(np.arange(len(sound)), np.linspace(0, len(sound), len(knots)), knots)
    swelling: Sound = (sound * swell).astype(np.float32)
    return swelling


BEATLESS: Mapping[str, Callable[[Generator, float], Sound]] = {
    "talk": talk,
    "noise": noise,
    "impacts": impacts,
    "free time": free_time,
    "drone": drone,
}


def beatless(kind: str, seed: int, length_s: float = 20.0) -> Sound:
    """float32 (N,), mono at 16 kHz in [-1, 1]; the same sound from the same kind and seed."""
    random = np.random.default_rng([seed, 3])
    sound = BEATLESS[kind](random, length_s).astype(np.float64)
    sound += 10 ** (random.uniform(-80, -40) / 20) * np.abs(sound).max() * random.normal(size=len(sound))
    heard: Sound = (sound / max(np.abs(sound).max(), 1e-9) * 10 ** (random.uniform(-24, -1) / 20)).astype(np.float32)
    return heard
