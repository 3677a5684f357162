"""How each mood is played: key, harmony, tempo and instruments. Data for `music`."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.sound import instruments
from pipelines.sound.instruments import Instrument
from schemas.vocabulary import Mood


@dataclass(frozen=True)
class Part:
    """One instrument's part in a bar."""

    instrument: Instrument
    steps: tuple[int, ...]
    """When it plays, in sixteenths of the bar."""

    tones: tuple[int, ...]
    """Which tone of the chord on each step, counted from its lowest and going on in the next octave; repeats."""

    octave: int = 0
    length_steps: float = 4
    gain: float = 0.3
    pan: float = 0.0
    bars: tuple[bool, ...] = (True,)
    """In which bars it plays; repeats."""


@dataclass(frozen=True)
class Style:
    """The score of a mood."""

    bpm: float
    chords: tuple[tuple[int, ...], ...]
    """One chord a bar, MIDI notes from the root up."""

    parts: tuple[Part, ...]
    melody: tuple[tuple[int, int, int], ...] = ()
    """(bar, sixteenth, MIDI note)."""

    lead: Instrument = instruments.piano
    lead_gain: float = 0.3
    reverb_s: float = 1.8
    wet: float = 0.35


ALL = tuple(range(0, 16, 2))
EVERY = tuple(range(16))
WHOLE = (0, 0, 0, 0)


def _pad(gain: float, instrument: Instrument = instruments.pad, tones: tuple[int, ...] = (0, 1, 2, 3)) -> Part:
    return Part(instrument, WHOLE[: len(tones)], tones, length_steps=16, gain=gain)


CALM = Style(
    bpm=72,
    chords=((60, 64, 67, 71), (57, 60, 64, 67), (53, 57, 60, 64), (55, 60, 62, 67),
            (60, 64, 67, 71), (52, 55, 59, 62), (53, 57, 60, 67), (55, 59, 62, 65)),
    parts=(
        _pad(0.15),
        Part(instruments.piano, (0, 4, 6, 8, 12, 14), (0, 2, 3, 1, 4, 2), octave=1, gain=0.16, pan=-0.25),
        Part(instruments.bass, (0, 10), (0, 0), octave=-2, length_steps=8, gain=0.34),
    ),
    melody=((0, 4, 79), (0, 12, 76), (1, 8, 72), (2, 4, 77), (2, 12, 76), (3, 6, 74), (4, 4, 79), (4, 12, 83),
            (5, 8, 79), (6, 4, 81), (6, 12, 79), (7, 4, 74)),
    lead_gain=0.2,
)  # fmt: skip

TENSE = Style(
    bpm=92,
    chords=((50, 53, 57, 62), (50, 53, 57, 62), (51, 55, 58, 63), (50, 53, 56, 62),
            (46, 50, 53, 58), (46, 50, 53, 57), (51, 54, 58, 63), (49, 52, 55, 58)) * 1
    + ((50, 53, 57, 62), (50, 54, 57, 61), (51, 55, 58, 63), (49, 52, 55, 61)),
    parts=(
        _pad(0.15, tones=(0, 1, 3)),
        Part(instruments.bass, ALL, (0,), octave=-1, length_steps=1.4, gain=0.3),
        Part(instruments.hat, (2, 6, 10, 14), (0,), gain=0.16, pan=0.3),
        Part(instruments.kick, (0, 3), (0,), gain=0.36),
        Part(instruments.pluck, (0, 3, 6, 11), (2, 3, 2, 1), octave=1, gain=0.13, pan=0.35, bars=(False, True)),
    ),
    reverb_s=2.2,
    wet=0.4,
)  # fmt: skip

JOYFUL = Style(
    bpm=116,
    chords=((55, 59, 62, 67), (50, 54, 57, 62), (52, 55, 59, 64), (48, 52, 55, 60)) * 2
    + ((55, 59, 62, 67), (59, 62, 66, 71), (48, 52, 55, 60), (50, 54, 57, 62)) * 2,
    parts=(
        Part(instruments.pluck, ALL, (0, 2, 3, 4, 5, 4, 3, 2), octave=1, length_steps=2, gain=0.26, pan=-0.3),
        Part(instruments.piano, (0, 6, 12), (1, 2, 3), octave=0, length_steps=3, gain=0.2, pan=0.25),
        Part(instruments.bass, (0, 6, 8, 14), (0, 0, 2, 0), octave=-1, length_steps=2.5, gain=0.27),
        Part(instruments.shaker, ALL, (0,), gain=0.16, pan=0.2),
        Part(instruments.clap, (4, 12), (0,), gain=0.16),
        Part(instruments.kick, (0, 8), (0,), gain=0.28),
    ),
    melody=((0, 0, 83), (0, 4, 86), (0, 8, 83), (1, 0, 81), (1, 8, 78), (2, 0, 79), (2, 4, 83), (2, 8, 86), (3, 0, 84),
            (4, 0, 83), (4, 4, 86), (4, 8, 91), (5, 0, 90), (5, 8, 86), (6, 0, 88), (6, 8, 83), (7, 0, 84), (7, 8, 79),
            (8, 0, 86), (8, 8, 83), (9, 0, 83), (9, 8, 78), (10, 0, 79), (10, 8, 84), (11, 0, 81), (12, 0, 86),
            (12, 8, 91), (13, 0, 90), (14, 0, 88), (14, 8, 84), (15, 0, 81), (15, 8, 78)),
    lead=instruments.bell,
    lead_gain=0.16,
    reverb_s=1.2,
    wet=0.22,
)  # fmt: skip

SAD = Style(
    bpm=60,
    chords=((57, 60, 64, 69), (53, 57, 60, 65), (48, 52, 55, 60), (52, 56, 59, 64),
            (57, 60, 64, 69), (50, 53, 57, 62), (53, 57, 60, 64), (52, 56, 59, 62)),
    parts=(
        _pad(0.16, tones=(0, 1, 2)),
        Part(instruments.drone, (0,), (0,), octave=-1, length_steps=16, gain=0.2),
        Part(instruments.piano, (0, 6, 10), (0, 2, 3), length_steps=6, gain=0.24, pan=-0.15),
    ),
    melody=((0, 4, 76), (0, 12, 74), (1, 0, 72), (2, 4, 79), (2, 10, 76), (3, 0, 71), (4, 4, 76), (4, 12, 77),
            (5, 0, 74), (5, 8, 69), (6, 4, 72), (6, 12, 71), (7, 2, 68)),
    lead_gain=0.3,
    reverb_s=2.6,
    wet=0.5,
)  # fmt: skip

MYSTERIOUS = Style(
    bpm=66,
    chords=((52, 55, 59, 63), (48, 51, 55, 62), (52, 55, 59, 66), (54, 57, 60, 63),
            (52, 55, 59, 63), (56, 59, 62, 67), (48, 51, 55, 59), (53, 57, 60, 63)),
    parts=(
        _pad(0.15, instruments.hollow_pad),
        Part(instruments.drone, (0,), (0,), octave=-1, length_steps=16, gain=0.24),
        Part(instruments.bell, (0, 5, 11), (3, 5, 6), octave=1, length_steps=3, gain=0.12, pan=0.4),
        Part(instruments.bell, (8, 14), (4, 2), octave=2, length_steps=2, gain=0.06, pan=-0.45, bars=(False, True)),
    ),
    lead=instruments.bell,
    reverb_s=3.0,
    wet=0.6,
)  # fmt: skip

HOPEFUL = Style(
    bpm=84,
    chords=((50, 57, 62, 66), (49, 57, 61, 64), (47, 54, 59, 62), (43, 50, 59, 62), (50, 54, 57, 62), (52, 55, 59, 64),
            (43, 50, 55, 59), (45, 52, 57, 61), (50, 57, 62, 66), (47, 54, 59, 62), (43, 50, 55, 62), (45, 52, 57, 64)),
    parts=(
        _pad(0.15),
        Part(instruments.piano, ALL, (0, 1, 2, 3, 4, 5, 4, 3), octave=1, length_steps=2, gain=0.17, pan=-0.2),
        Part(instruments.bass, (0, 8), (0, 0), octave=-1, length_steps=7, gain=0.36),
        Part(instruments.shaker, (4, 12), (0,), gain=0.08, pan=0.3, bars=(False, False, True, True)),
    ),
    melody=((0, 0, 78), (0, 8, 81), (1, 0, 76), (2, 0, 74), (2, 8, 78), (3, 0, 79), (4, 0, 81), (4, 8, 86), (5, 0, 83),
            (6, 0, 79), (6, 8, 83), (7, 0, 81), (8, 0, 86), (8, 8, 85), (9, 0, 83), (9, 8, 81), (10, 0, 79),
            (11, 0, 76)),
    lead_gain=0.22,
    reverb_s=2.0,
    wet=0.38,
)  # fmt: skip

URGENT = Style(
    bpm=132,
    chords=((52, 55, 59, 64), (52, 55, 59, 64), (48, 52, 55, 60), (50, 54, 57, 62)) * 2
    + ((57, 60, 64, 69), (57, 60, 64, 69), (48, 52, 55, 60), (47, 51, 54, 59)) * 2,
    parts=(
        Part(instruments.bass, EVERY, (0, 0, 0, 4), octave=-1, length_steps=0.8, gain=0.26),
        Part(instruments.pluck, EVERY, (0, 3, 2, 3, 1, 3), octave=1, length_steps=1, gain=0.15, pan=-0.3),
        Part(instruments.stab, (0, 3, 6), (0, 2, 3), length_steps=2, gain=0.2, pan=0.2, bars=(True, False)),
        Part(instruments.kick, (0, 4, 8, 12), (0,), gain=0.42),
        Part(instruments.hat, ALL, (0,), gain=0.2, pan=0.25),
        Part(instruments.clap, (4, 12), (0,), gain=0.2),
        _pad(0.07, tones=(0, 2)),
    ),
    reverb_s=1.2,
    wet=0.2,
)  # fmt: skip

STYLES: dict[Mood, Style] = {
    "calm": CALM,
    "tense": TENSE,
    "joyful": JOYFUL,
    "sad": SAD,
    "mysterious": MYSTERIOUS,
    "hopeful": HOPEFUL,
    "urgent": URGENT,
}
