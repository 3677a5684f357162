"""Ambiences: what a place sounds like when nobody speaks, as loops without a seam."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.sound import effects_nature, effects_things
from pipelines.sound.sound_tags import SoundTags, sound_name
from pipelines.sound.synthesis import (
    SINE,
    Planes,
    Stereo,
    add_around,
    band,
    decay,
    finished,
    generator,
    hertz,
    reverberated,
    rms,
    samples,
    shaped_noise,
    slow_wave,
    swell,
    tone,
)

PEAK = 0.5
LOOP_S = 15.0
"""A whole number of FFT-friendly blocks (720,000 samples), long enough that the repeat is not noticed under speech."""

Random = np.random.Generator


def ambience(tag: str) -> Stereo | None:
    """The loop of a place: float32 (720000, 2) at 48 kHz, peak 0.5; None for a place that is not known."""
    name = sound_name(tag)
    if name not in PLACES:
        return None
    random = generator(f"ambience:{name}")
    return finished(PLACES[name](random), PEAK)


def _bed(random: Random, low_hz: float, high_hz: float, slope: float, depth: float, fastest_hz: float) -> Planes:
    """Noise in a band whose loudness wanders by `depth` (0 still, 1 down to silence), different left and right."""
    count = samples(LOOP_S)
    common = slow_wave(random, count, fastest_hz)
    planes: Planes = np.empty((2, count), np.float32)
    for plane in planes:
        wander = 0.7 * common + 0.3 * slow_wave(random, count, fastest_hz)
        plane[:] = shaped_noise(random, count, band(low_hz, high_hz, slope)) * (1 - depth * (1 - wander))
    planes /= np.float32(rms(planes))
    return planes


def _waves(random: Random) -> Planes:
    """Breakers that roll in every few seconds over a low murmur."""
    loop = 0.5 * _bed(random, 60, 350, 1.2, 0.4, 0.2)
    for index, start_s in enumerate((0.0, 3.6, 6.4, 10.2, 12.6)):
        count = samples(5.0)
        roar = shaped_noise(random, count, band(150, 900, 1.0)) * swell(count, 1.9, 2.9)
        hiss = shaped_noise(random, count, band(1200, 3000, 1.3)) * swell(count, 2.4, 2.2)
        pan = (-0.5, 0.3, -0.1, 0.55, 0.0)[index]
        add_around(loop, roar + 0.35 * hiss, samples(start_s), 0.9 + 0.3 * random.random(), pan)
    return loop


def _wind(random: Random) -> Planes:
    """A low wind with whistling gusts."""
    whistle: Planes = _bed(random, 420, 620, 4.0, 1.0, 0.35) + np.float32(0.7) * _bed(random, 760, 900, 5.0, 1.0, 0.3)
    return _bed(random, 60, 350, 1.2, 0.6, 0.3) + np.float32(0.35) * whistle


def _rain(random: Random) -> Planes:
    """Steady rain with single drops near by."""
    loop = _bed(random, 700, 3000, 0.9, 0.15, 0.3) + 0.25 * _bed(random, 90, 500, 1.0, 0.3, 0.3)
    for _ in range(260):
        count = samples(0.03)
        drop = tone(SINE, 1200 + 2800 * random.random(), count) * decay(count, 0.03)
        add_around(
            loop, drop, int(random.integers(loop.shape[1])), 0.2 + 0.5 * random.random(), 1.8 * random.random() - 0.9
        )
    return loop


def _storm(random: Random) -> Planes:
    """Rain, wind, and thunder far away."""
    loop = 0.9 * _rain(random) + 1.1 * _wind(random)
    thunder = effects_nature.thunder(random)
    add_around(loop, thunder, samples(4.0), 1.6, -0.5)
    add_around(loop, thunder, samples(11.0), 0.9, 0.6)
    return loop


def _night(random: Random) -> Planes:
    """Crickets over a still air."""
    loop = 0.25 * _bed(random, 80, 500, 1.0, 0.3, 0.2)
    for pitch_hz, every_s, pulses, pan, gain in (
        (4300, 0.75, 3, -0.6, 0.5),
        (4750, 1.0, 4, 0.5, 0.4),
        (3900, 1.5, 5, 0.1, 0.25),
    ):
        count = samples(0.028)
        pulse = tone(SINE, float(pitch_hz), count) * swell(count, 0.009, 0.012)
        for chirp in range(round(LOOP_S / every_s)):
            for beat in range(pulses):
                start_s = chirp * every_s + beat * 0.042 + 0.05 * random.random() * (beat == 0)
                add_around(loop, pulse, samples(start_s), gain, pan)
    return loop


def _harbour(random: Random) -> Planes:
    """Water that laps at a quay, gulls, a rope that creaks, a distant bell."""
    loop = 0.5 * _bed(random, 60, 400, 1.1, 0.4, 0.3)
    for _ in range(22):
        count = samples(0.5)
        lap = shaped_noise(random, count, band(350, 1600, 1.4)) * swell(count, 0.14, 0.34)
        add_around(
            loop, lap, int(random.integers(loop.shape[1])), 0.25 + 0.4 * random.random(), 1.6 * random.random() - 0.8
        )
    for start_s, pan in ((1.5, -0.6), (2.4, -0.5), (8.8, 0.6), (12.2, 0.2)):
        add_around(loop, effects_nature.gull(random), samples(start_s), 0.35, pan)
    for start_s in (5.2, 6.7):
        count = samples(2.5)
        add_around(loop, tone(SINE, hertz(76), count) * decay(count, 2.5), samples(start_s), 0.16, 0.7)
    return loop


def _forest(random: Random) -> Planes:
    """Leaves and birds."""
    loop = 0.4 * _bed(random, 350, 1800, 1.1, 0.7, 0.4)
    for _ in range(9):
        song = effects_nature.birds(random)
        add_around(
            loop, song, int(random.integers(loop.shape[1])), 0.3 + 0.4 * random.random(), 1.8 * random.random() - 0.9
        )
    return loop


def _street(random: Random) -> Planes:
    """Traffic far and near."""
    loop = 0.8 * _bed(random, 45, 260, 1.2, 0.5, 0.25) + 0.2 * _bed(random, 400, 1600, 1.1, 0.4, 0.25)
    for start_s, pan in ((1.0, -0.7), (5.5, 0.6), (9.5, -0.2)):
        count = samples(4.0)
        passing = shaped_noise(random, count, band(120, 1100, 1.0)) * swell(count, 1.8, 2.1)
        add_around(loop, passing, samples(start_s), 0.9, pan)
    return loop


def _room(random: Random) -> Planes:
    """The hush of a closed room, and a clock."""
    loop = 0.5 * _bed(random, 50, 300, 1.3, 0.1, 0.2)
    for second in range(round(LOOP_S)):
        count = samples(0.02)
        tick = shaped_noise(random, count, band(1800, 3600, 2.0)) * decay(count, 0.02)
        add_around(loop, tick, samples(second), 0.22 if second % 2 else 0.3, 0.4)
    return loop


def _cave(random: Random) -> Planes:
    """A hollow hum and drops that echo."""
    loop = 0.35 * _bed(random, 70, 190, 2.0, 0.5, 0.15)
    for start_s, pitch_hz, pan in (
        (0.8, 1250.0, -0.5),
        (3.1, 980.0, 0.3),
        (6.0, 1420.0, 0.6),
        (9.4, 1130.0, -0.2),
        (12.3, 1290.0, 0.1),
    ):
        add_around(loop, effects_nature.drop(pitch_hz), samples(start_s), 1.2, pan)
    return reverberated(loop, 3.0, 0.6, random)


def _workshop(random: Random) -> Planes:
    """The hum of a machine, a hammer now and then."""
    count = samples(LOOP_S)
    loop = 0.3 * _bed(random, 80, 900, 1.0, 0.2, 0.4)
    for harmonic in (1, 2, 3, 4):
        loop += np.float32(0.22 / harmonic) * tone(SINE, 50.0 * harmonic, count)
    anvil = effects_things.clang(random)
    for start_s in (2.0, 2.7, 3.4, 9.0, 9.7):
        add_around(loop, anvil, samples(start_s), 0.3, 0.45)
    return reverberated(loop, 0.9, 0.3, random)


def _kitchen(random: Random) -> Planes:
    """A pot that simmers, a refrigerator, a spoon."""
    count = samples(LOOP_S)
    loop: Planes = np.float32(0.12) * _bed(random, 900, 2600, 1.2, 0.4, 1.5)
    loop += np.float32(0.1) * tone(SINE, 100.0, count) + np.float32(0.06) * tone(SINE, 200.0, count)
    for _ in range(180):
        length = samples(0.05)
        bubble = tone(SINE, 300 + 500 * random.random(), length) * swell(length, 0.01, 0.03)
        add_around(loop, bubble, int(random.integers(count)), 0.12 + 0.15 * random.random(), -0.3)
    for start_s in (4.0, 4.35, 11.1):
        length = samples(0.4)
        clink = tone(SINE, 2650.0, length) + 0.5 * tone(SINE, 6900.0, length)
        add_around(loop, clink * decay(length, 0.3), samples(start_s), 0.16, 0.4)
    return loop


PLACES: dict[str, Callable[[Random], Planes]] = {
    "waves": _waves,
    "wind": _wind,
    "rain": _rain,
    "storm": _storm,
    "night": _night,
    "harbour": _harbour,
    "forest": _forest,
    "street": _street,
    "room": _room,
    "cave": _cave,
    "workshop": _workshop,
    "kitchen": _kitchen,
}

KNOWN_AMBIENCES = frozenset(PLACES)
"""Names that `ambience` has a loop for; synonyms (`sound_tags`) lead here."""

AMBIENCE_TAGS = SoundTags(KNOWN_AMBIENCES)
"""Every tag that `ambience` has a loop for, synonyms included."""
