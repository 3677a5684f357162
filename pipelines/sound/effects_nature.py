"""Effects of weather, water, fire and animals: each gives float32 (N,), about 1 at its loudest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.sound.synthesis import SINE, Mono, band, decay, samples, shaped_noise, slow_wave, swell, tone, wavetable

Random = np.random.Generator

REED = wavetable([1 / k for k in range(1, 14)])


def layered(length_s: float, *layers: tuple[float, NDArray[np.floating]]) -> Mono:
    """Sounds added at their times: (start in seconds, sound); what passes `length_s` is cut."""
    whole = np.zeros(samples(length_s), np.float32)
    for start_s, sound in layers:
        part = sound[: max(0, len(whole) - samples(start_s))]
        whole[samples(start_s) : samples(start_s) + len(part)] += part
    return whole


def burst(random: Random, length_s: float, low_hz: float, high_hz: float, decay_s: float, slope: float = 1.5) -> Mono:
    """Noise in a band that dies away."""
    count = samples(length_s)
    return shaped_noise(random, count, band(low_hz, high_hz, slope)) * decay(count, decay_s) * swell(count, 0.006, 0.02)


def thunder(random: Random) -> Mono:
    """A crack and a roll that fades for four seconds."""
    count = samples(4.5)
    roll = (
        shaped_noise(random, count, band(35, 150, 1.3))
        * decay(count, 4.2)
        * swell(count, 0.06, 0.5)
        * (0.3 + slow_wave(random, count, 3.0))
    )
    crack = burst(random, 0.7, 250, 2000, 0.6, 1.3)
    return layered(4.5, (0.0, 0.5 * crack), (0.12, 0.35 * burst(random, 0.5, 200, 1800, 0.4)), (0.0, roll))


def wind_gust(random: Random) -> Mono:
    """Wind that rises and goes."""
    count = samples(3.0)
    body = shaped_noise(random, count, band(150, 600, 1.2)) + 0.5 * shaped_noise(random, count, band(600, 900, 4.0))
    return body * swell(count, 1.3, 1.6)


def splash(random: Random) -> Mono:
    """Something falls into water."""
    count = samples(1.4)
    spray = shaped_noise(random, count, band(600, 5000, 0.8)) * decay(count, 1.1) * swell(count, 0.03, 0.2)
    bubbles = [(0.15 + 0.9 * random.random(), 0.3 * drop(300 + 700 * random.random())) for _ in range(9)]
    return layered(1.4, (0.0, 0.6 * spray), (0.0, 0.8 * burst(random, 0.4, 70, 300, 0.3)), *bubbles)


def drop(pitch_hz: float) -> Mono:
    """One drop of water: a tone that rises as its bubble closes."""
    count = samples(0.12)
    rising = pitch_hz * (1 + 0.5 * np.linspace(0, 1, count))
    return tone(SINE, rising, count) * decay(count, 0.1) * swell(count, 0.002, 0.01)


def dripping(random: Random) -> Mono:
    """Four drops."""
    return layered(
        2.6, *((0.6 * index + 0.1 * random.random(), drop(800 + 500 * random.random())) for index in range(4))
    )


def gull(random: Random) -> Mono:
    """Three cries of a gull, each bending down."""
    cries = []
    for index, length_s in enumerate((0.5, 0.38, 0.32)):
        count = samples(length_s)
        bend = np.interp(np.linspace(0, 1, count), [0, 0.18, 1], [900, 1500, 850 + 60 * random.random()])
        cries.append((0.52 * index, 0.4 * tone(REED, bend, count) * swell(count, 0.06, 0.2)))
    return layered(1.7, *cries)


def birds(random: Random) -> Mono:
    """A short song of whistles."""
    notes = []
    at_s = 0.0
    for _ in range(6):
        count = samples(0.07 + 0.1 * random.random())
        start_hz, end_hz = 2600 + 2200 * random.random(2)
        notes.append((at_s, 0.8 * tone(SINE, np.linspace(start_hz, end_hz, count), count) * swell(count, 0.015, 0.03)))
        at_s += count / 48_000 + 0.03 + 0.12 * random.random()
    return layered(at_s + 0.05, *notes)


def owl(random: Random) -> Mono:
    """Two hoots."""
    hoots = []
    for start_s, length_s in ((0.0, 0.3), (0.5, 0.75)):
        count = samples(length_s)
        hoots.append((start_s, 0.8 * tone(SINE, np.linspace(400, 360, count), count) * swell(count, 0.08, 0.15)))
    return layered(1.3, *hoots)


def dog(random: Random) -> Mono:
    """Two barks."""
    barks = []
    for start_s in (0.0, 0.42):
        count = samples(0.2)
        bend = np.interp(np.linspace(0, 1, count), [0, 0.25, 1], [320, 520, 260])
        voice = tone(REED, bend, count) + 0.6 * shaped_noise(random, count, band(500, 2500))
        barks.append((start_s, 0.4 * voice * swell(count, 0.015, 0.12)))
    return layered(0.8, *barks)


def fire(random: Random) -> Mono:
    """A fire that crackles for three seconds."""
    count = samples(3.0)
    body = (
        0.25
        * shaped_noise(random, count, band(80, 500))
        * (0.5 + slow_wave(random, count, 4.0))
        * swell(count, 0.4, 0.6)
    )
    cracks = [
        (2.7 * random.random(), (0.15 + 0.5 * random.random()) * burst(random, 0.04, 900, 7000, 0.03))
        for _ in range(46)
    ]
    return layered(3.0, (0.0, body), *cracks)


def match(random: Random) -> Mono:
    """A match that is struck and flares."""
    count = samples(0.9)
    flare = shaped_noise(random, count, band(700, 5000, 0.8)) * swell(count, 0.12, 0.7)
    return layered(1.2, (0.0, 0.7 * burst(random, 0.16, 2500, 9000, 0.2)), (0.12, 0.45 * flare))
