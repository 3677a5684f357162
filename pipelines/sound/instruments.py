"""The instruments of the music beds: each gives one note as float32 (N,), about 1 at its loudest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.sound.synthesis import (
    SINE,
    Mono,
    band,
    decay,
    generator,
    hertz,
    samples,
    shaped_noise,
    swell,
    tone,
    wavetable,
)

Instrument = Callable[[float, float], Mono]
"""(MIDI note, seconds until it is released) -> sound, with its ringing."""

STRINGS = wavetable([0.5 / k**1.15 for k in range(1, 17)])
BRASS = wavetable([0.36, 0.32, 0.26, 0.2, 0.15, 0.11, 0.08, 0.06, 0.04])
HOLLOW = wavetable([0.8, 0.0, 0.16, 0.0, 0.05])
WARM = wavetable([0.6, 0.34, 0.2, 0.1, 0.05])

DETUNE = 2 ** (5 / 1200)
"""Five cents: two oscillators that beat slowly sound like more than one player."""


def pad(note: float, seconds: float) -> Mono:
    """Soft strings that fade in and out over their neighbours."""
    count = samples(seconds + 1.2)
    pitch = hertz(note)
    both = tone(STRINGS, pitch * DETUNE, count) + tone(STRINGS, pitch / DETUNE, count, 0.37)
    return 0.6 * both * swell(count, 0.9, 1.6)


def hollow_pad(note: float, seconds: float) -> Mono:
    """A flute-like pad whose loudness trembles slowly."""
    count = samples(seconds + 1.5)
    pitch = hertz(note)
    tremor = 1 + 0.25 * tone(SINE, 4.5, count)
    both = tone(HOLLOW, pitch * DETUNE, count) + tone(HOLLOW, pitch / DETUNE, count, 0.21)
    return 0.5 * both * tremor * swell(count, 1.2, 1.8)


def piano(note: float, seconds: float) -> Mono:
    """A struck string: overtones die first, low notes ring longer."""
    return _struck(
        note, seconds + 1.6, ((1, 1.0, 1.0), (2, 0.45, 0.7), (3, 0.22, 0.5), (4, 0.12, 0.35), (6, 0.05, 0.2))
    )


def pluck(note: float, seconds: float) -> Mono:
    """A short plucked string."""
    return _struck(note, seconds + 0.5, ((1, 0.9, 0.42), (2, 0.5, 0.3), (3, 0.35, 0.2), (5, 0.15, 0.1)))


def bell(note: float, seconds: float) -> Mono:
    """A small bell: partials that are not harmonic."""
    return _struck(note, seconds + 2.4, ((1, 0.8, 1.0), (2.756, 0.35, 0.55), (5.404, 0.16, 0.25), (8.93, 0.06, 0.1)))


def bass(note: float, seconds: float) -> Mono:
    """A round bass that is let go with its note."""
    count = samples(seconds + 0.08)
    return tone(WARM, hertz(note), count) * swell(count, 0.012, 0.1) * (0.45 + 0.55 * decay(count, 1.4))


def drone(note: float, seconds: float) -> Mono:
    """A low, still tone."""
    count = samples(seconds + 1.0)
    pitch = hertz(note)
    return 0.6 * (tone(WARM, pitch, count) + tone(WARM, pitch * 1.003, count, 0.5)) * swell(count, 1.0, 1.4)


def stab(note: float, seconds: float) -> Mono:
    """A short brass chord tone."""
    count = samples(seconds + 0.15)
    return tone(BRASS, hertz(note), count) * swell(count, 0.02, 0.14) * (0.35 + 0.65 * decay(count, 0.9))


def kick(note: float, seconds: float) -> Mono:
    """A drum that falls from 120 Hz to 45 Hz. `note` and `seconds` are not used."""
    count = samples(0.32)
    return tone(SINE, 45 + 75 * decay(count, 0.14).astype(np.float64), count) * decay(count, 0.32)


def hat(note: float, seconds: float) -> Mono:
    """A tick of metal. `note` and `seconds` are not used."""
    count = samples(0.09)
    return 0.35 * shaped_noise(generator("hat"), count, band(7000, 14000, 2.0)) * decay(count, 0.09)


def shaker(note: float, seconds: float) -> Mono:
    """Seeds in a box. `note` and `seconds` are not used."""
    count = samples(0.12)
    return 0.3 * shaped_noise(generator("shaker"), count, band(4000, 9000, 1.5)) * swell(count, 0.05, 0.07)


def clap(note: float, seconds: float) -> Mono:
    """A soft clap. `note` and `seconds` are not used."""
    count = samples(0.18)
    return 0.35 * shaped_noise(generator("clap"), count, band(900, 3500, 1.5)) * decay(count, 0.18)


def _struck(note: float, seconds: float, partials: tuple[tuple[float, float, float], ...]) -> Mono:
    """A struck sound: (multiple of the pitch, amplitude, share of the decay time) for each partial."""
    count = samples(seconds)
    pitch = hertz(note)
    ring_s = seconds * min(1.0, (220 / pitch) ** 0.3)
    sound = np.zeros(count, np.float32)
    for multiple, amplitude, share in partials:
        if multiple * pitch < 15_000:
            length = min(count, samples(1.1 * ring_s * share))
            sound[:length] += (
                np.float32(amplitude) * tone(SINE, multiple * pitch, length) * decay(length, ring_s * share)
            )
    return 0.6 * sound * swell(count, 0.004, 0.05)
