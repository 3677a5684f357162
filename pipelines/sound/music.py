"""Music beds: a short score per mood (`music_styles`), played by `instruments` into a loop without a seam."""

from __future__ import annotations

import numpy as np

from pipelines.sound.instruments import Instrument
from pipelines.sound.music_styles import STYLES, Part, Style
from pipelines.sound.synthesis import (
    SAMPLE_RATE_HZ,
    Mono,
    Planes,
    Stereo,
    add_around,
    finished,
    generator,
    reverberated,
)
from schemas.vocabulary import Mood

STEPS_PER_BAR = 16
"""A bar is four beats of four sixteenths."""

STEP_GRID = 25
"""A sixteenth is a multiple of this many samples, so that the loop's length has small factors and its FFT is fast."""

PEAK = 0.7


def music_bed(mood: Mood) -> Stereo:
    """The bed of a mood: float32 (N, 2) at 48 kHz, 26 to 35 s, peak 0.7; its end continues in its beginning."""
    style = STYLES[mood]
    step = round(60 / style.bpm / 4 * SAMPLE_RATE_HZ / STEP_GRID) * STEP_GRID
    loop = np.zeros((2, len(style.chords) * STEPS_PER_BAR * step), np.float32)
    notes: dict[tuple[Instrument, int, float], Mono] = {}
    for part in style.parts:
        _play(part, style, step, loop, notes)
    for bar, position, note in style.melody:
        sound = style.lead(note, 4 * step / SAMPLE_RATE_HZ)
        add_around(loop, sound, (bar * STEPS_PER_BAR + position) * step, style.lead_gain, pan=0.12)
    return finished(reverberated(loop, style.reverb_s, style.wet, generator(f"room:{mood}")), PEAK)


def _play(part: Part, style: Style, step: int, loop: Planes, notes: dict[tuple[Instrument, int, float], Mono]) -> None:
    """Adds a part to the loop; a note that was played before is taken from `notes`."""
    seconds = part.length_steps * step / SAMPLE_RATE_HZ
    for bar, chord in enumerate(style.chords):
        if not part.bars[bar % len(part.bars)]:
            continue
        for index, position in enumerate(part.steps):
            note = _chord_tone(chord, part.tones[index % len(part.tones)]) + 12 * part.octave
            key = (part.instrument, note, seconds)
            if key not in notes:
                notes[key] = part.instrument(note, seconds)
            accent = 1.0 if position % 8 == 0 else 0.82
            start = (bar * STEPS_PER_BAR + position) * step
            add_around(loop, notes[key], start, part.gain * accent, part.pan)


def _chord_tone(chord: tuple[int, ...], index: int) -> int:
    """Tone `index` of a chord, going on an octave higher after its last."""
    return chord[index % len(chord)] + 12 * (index // len(chord))
