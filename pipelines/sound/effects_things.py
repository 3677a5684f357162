"""Effects of doors, steps, tools, machines and bodies: each gives float32 (N,), about 1 at its loudest."""

from __future__ import annotations

import numpy as np

from pipelines.sound.effects_nature import REED, Random, burst, layered
from pipelines.sound.synthesis import SINE, Mono, band, decay, hertz, samples, shaped_noise, slow_wave, swell, tone


def ringing(partials: tuple[tuple[float, float], ...], length_s: float) -> Mono:
    """A struck body: (Hz, amplitude) of its partials; the higher ones die sooner."""
    count = samples(length_s)
    lowest = partials[0][0]
    body = np.zeros(count, np.float32)
    for frequency_hz, amplitude in partials:
        body += (
            np.float32(amplitude)
            * tone(SINE, frequency_hz, count)
            * decay(count, length_s * (lowest / frequency_hz) ** 0.5)
        )
    return body * swell(count, 0.002, 0.05)


def thump(random: Random) -> Mono:
    """Something heavy and soft falls."""
    count = samples(0.4)
    return tone(SINE, 50 + 60 * decay(count, 0.12).astype(np.float64), count) * decay(count, 0.35) + 0.3 * burst(
        random, 0.4, 100, 500, 0.15
    )


def door(random: Random) -> Mono:
    """A latch, a short creak, and the door falls shut."""
    return layered(
        1.5, (0.0, 0.3 * click(random)), (0.1, 0.25 * creak(random)[: samples(0.5)]),
        (0.65, thump(random)), (0.65, 0.6 * burst(random, 0.3, 150, 1400, 0.18)), (0.78, 0.3 * click(random)),
    )  # fmt: skip


def creak(random: Random) -> Mono:
    """A hinge: pulses of a hard body that come faster and slower."""
    count = samples(1.1)
    rate_hz = 26 + 22 * slow_wave(random, count, 3.0).astype(np.float64)
    pulses = np.diff(np.floor(np.cumsum(rate_hz) / 48_000), prepend=0.0).astype(np.float32)
    grain = ringing(((720.0, 0.6), (1330.0, 0.5), (2450.0, 0.3)), 0.05)
    rattle: Mono = np.convolve(pulses, grain)[:count].astype(np.float32) * swell(count, 0.1, 0.25)
    return rattle


def _step(random: Random) -> Mono:
    heel = burst(random, 0.12, 90, 420, 0.09)
    return layered(0.25, (0.0, heel), (0.05, 0.35 * burst(random, 0.1, 500, 2500, 0.06)))


def footsteps(random: Random) -> Mono:
    """Four steps at a walk."""
    return layered(2.3, *((0.55 * index, (0.8 + 0.2 * random.random()) * _step(random)) for index in range(4)))


def running_steps(random: Random) -> Mono:
    """Seven steps at a run."""
    return layered(2.1, *((0.28 * index, (0.8 + 0.2 * random.random()) * _step(random)) for index in range(7)))


def knock(random: Random) -> Mono:
    """Three knocks on wood."""
    one = ringing(((190.0, 0.8), (410.0, 0.4), (760.0, 0.2)), 0.16) + 0.3 * burst(random, 0.16, 300, 1800, 0.04)
    return layered(1.1, (0.0, one), (0.26, 0.9 * one), (0.52, one))


def bell(random: Random) -> Mono:
    """A bell struck twice."""
    pitch_hz = hertz(69)
    one = ringing(
        tuple(
            (pitch_hz * k, a) for k, a in ((0.5, 0.25), (1, 0.5), (1.19, 0.35), (2.0, 0.3), (2.74, 0.2), (4.07, 0.1))
        ),
        3.2,
    )
    return layered(4.4, (0.0, one), (1.2, 0.9 * one))


def horn(random: Random) -> Mono:
    """A ship's horn."""
    count = samples(2.6)
    chord = tone(REED, 87.3, count) + 0.8 * tone(REED, 110.0, count) + 0.5 * tone(REED, 88.0, count, 0.3)
    blown: Mono = np.tanh(0.8 * chord) * swell(count, 0.18, 0.5)
    return blown


def switch(random: Random) -> Mono:
    """A heavy switch: down and home."""
    return layered(0.3, (0.0, click(random)), (0.07, 0.8 * ringing(((310.0, 0.6), (980.0, 0.3)), 0.12)))


def click(random: Random) -> Mono:
    """A small latch."""
    return layered(
        0.12, (0.0, burst(random, 0.03, 1500, 7000, 0.015)), (0.045, 0.6 * burst(random, 0.04, 900, 5000, 0.02))
    )


def engine(random: Random) -> Mono:
    """A motor that starts, runs and stops."""
    count = samples(3.5)
    speed_hz = np.interp(np.linspace(0, 1, count), [0, 0.15, 0.3, 0.85, 1], [12, 30, 26, 26, 10])
    fire = tone(REED, speed_hz, count) * (1 + 0.4 * tone(SINE, speed_hz / 2, count))
    return (0.5 * fire + 0.25 * shaped_noise(random, count, band(80, 700))) * swell(count, 0.3, 0.5)


def glass(random: Random) -> Mono:
    """Glass that breaks and falls."""
    shards = [
        (0.04 + 0.6 * random.random() ** 2, 0.3 * ringing(((2200 + 4500 * random.random(), 0.7), (7400.0, 0.2)), 0.25))
        for _ in range(18)
    ]
    return layered(1.2, (0.0, 0.7 * burst(random, 0.3, 2000, 7000, 0.2, 2.0)), *shards)


def heartbeat(random: Random) -> Mono:
    """Three double beats."""
    count = samples(0.22)
    beat = (
        tone(SINE, 42 + 26 * decay(count, 0.1).astype(np.float64), count) * decay(count, 0.2) * swell(count, 0.01, 0.05)
    )
    return layered(
        2.9, *((0.9 * index + offset, gain * beat) for index in range(3) for offset, gain in ((0.0, 1.0), (0.28, 0.7)))
    )


def whistle(random: Random) -> Mono:
    """A person whistles two notes."""
    count = samples(0.9)
    pitch_hz = np.interp(np.linspace(0, 1, count), [0, 0.4, 0.5, 1], [1500, 1550, 2050, 1980])
    return 0.8 * tone(SINE, pitch_hz, count) * swell(count, 0.05, 0.12) + 0.03 * shaped_noise(
        random, count, band(1500, 5000)
    )


def paper(random: Random) -> Mono:
    """A sheet that is unfolded."""
    count = samples(0.9)
    rustle = shaped_noise(random, count, band(2200, 9000, 1.0)) * slow_wave(random, count, 18.0) ** 2
    return rustle * swell(count, 0.1, 0.3)


def crash(random: Random) -> Mono:
    """Things that fall over."""
    bits = [(0.8 * random.random(), 0.35 * ringing(((400 + 1800 * random.random(), 0.7),), 0.2)) for _ in range(12)]
    return layered(1.6, (0.0, burst(random, 1.2, 120, 3500, 0.9, 1.2)), (0.0, thump(random)), *bits)


def boom(random: Random) -> Mono:
    """An explosion far enough away."""
    count = samples(2.6)
    body = shaped_noise(random, count, band(30, 220, 1.2)) * decay(count, 2.2) * swell(count, 0.03, 0.3)
    return layered(2.6, (0.0, body), (0.0, 0.5 * burst(random, 0.5, 200, 2500, 0.35)), (0.0, thump(random)))


def clang(random: Random) -> Mono:
    """Metal on metal."""
    return ringing(((523.0, 0.5), (1187.0, 0.4), (2113.0, 0.35), (3307.0, 0.25), (5021.0, 0.15)), 1.4)


def telephone(random: Random) -> Mono:
    """A telephone rings twice."""
    count = samples(0.9)
    hammer = 0.5 + 0.5 * np.sign(tone(SINE, 20.0, count))
    ring = 0.4 * (tone(SINE, 1150.0, count) + tone(SINE, 1440.0, count)) * hammer * swell(count, 0.01, 0.1)
    return layered(2.4, (0.0, ring), (1.4, ring))


def alarm(random: Random) -> Mono:
    """A siren that rises and falls twice."""
    count = samples(3.0)
    pitch_hz = 620 + 240 * np.sin(2 * np.pi * np.arange(count) / (1.5 * 48_000) - np.pi / 2)
    return 0.5 * tone(REED, pitch_hz, count) * swell(count, 0.1, 0.2)


def ticking(random: Random) -> Mono:
    """A clock ticks four times."""
    return layered(
        2.2, *((0.5 * index, (1.0 if index % 2 else 0.7) * click(random)[: samples(0.04)]) for index in range(4))
    )


def gears(random: Random) -> Mono:
    """Clockwork that begins to turn."""
    teeth = [(0.13 * index, (0.5 + 0.5 * random.random()) * click(random)) for index in range(14)]
    count = samples(2.2)
    return layered(2.2, (0.0, 0.3 * tone(REED, np.linspace(30, 55, count), count) * swell(count, 0.5, 0.4)), *teeth)


def static(random: Random) -> Mono:
    """A radio between stations."""
    count = samples(1.6)
    hiss = shaped_noise(random, count, band(900, 5000, 0.8)) * (0.4 + slow_wave(random, count, 12.0))
    squeal = 0.2 * tone(SINE, 900 + 700 * slow_wave(random, count, 2.0).astype(np.float64), count)
    return (0.5 * hiss + squeal) * swell(count, 0.05, 0.1)


def clapping(random: Random) -> Mono:
    """Applause of a small room."""
    hands = [
        (2.2 * random.random(), (0.2 + 0.3 * random.random()) * burst(random, 0.08, 800, 4000, 0.05))
        for _ in range(120)
    ]
    return layered(2.5, *hands) * swell(samples(2.5), 0.3, 0.8)


def crowd(random: Random) -> Mono:
    """Many people talk at once: no word can be made out."""
    count = samples(3.5)
    babble = np.zeros(count, np.float32)
    for low_hz in (180, 260, 350, 480, 640):
        syllables = slow_wave(random, count, 6.0) ** 2
        babble += (
            shaped_noise(random, count, band(low_hz, 2.4 * low_hz, 2.5)) * syllables * np.float32(180 / low_hz) ** 0.5
        )
    return babble * swell(count, 0.5, 0.9)


def whoosh(random: Random) -> Mono:
    """Something passes fast."""
    count = samples(0.7)
    return shaped_noise(random, count, band(400, 2500, 1.0)) * swell(count, 0.3, 0.35)
