"""Music with known beats, to learn from and to test on: numpy alone, the same samples from the same recipe.

    Recipe (meter, tempo curve, feel, parts) -> bars of notes on a grid -> times -> sounds added up -> room, noise

`Recipe.drawn(seed)` draws one at random; fields may be given, so that a test names what it tests. Nothing here is
taken from recordings: instruments are `music_sounds`, rhythms are `rhythms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from tools.music_sounds import DRUMS, RATE_HZ, Note, Sound, bass, click, lead, plucked, struck, sustained
from tools.rhythms import METERS, STYLE_BPM, Meter, comping, drum_bar, melody_rhythm

CURVES = ("steady", "human", "ramp", "step", "rubato", "breathing")

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 7, 10), (0, 2, 4, 7, 9))


@dataclass(frozen=True)
class AnnotatedMusic:
    """A piece and what is known of it."""

    pcm: Sound
    """float32 (N,), mono at 16 kHz in [-1, 1]."""

    beats_s: NDArray[np.float64]
    """When each beat is, in seconds."""

    positions: NDArray[np.int64]
    """Of each beat in its bar, from 1."""

    beats_per_bar: int


@dataclass(frozen=True)
class Recipe:
    """What a piece is made of; the rest is drawn while it is rendered."""

    seed: int
    length_s: float = 20.0
    meter: str = "4/4"
    tempo_bpm: float = 120.0
    curve: str = "steady"
    swing: float = 0.5
    """Where the second half of a beat begins, as part of the beat."""

    drums: str = "rock"
    """A style of `rhythms`, or empty."""

    has_bass: bool = True
    chords: str = "struck"
    """How harmony is played: pad, struck, plucked, arpeggio, or empty."""

    has_lead: bool = True
    jitter_s: float = 0.005
    """Standard deviation of how far notes are off."""

    breaks: float = 0.1
    """Chance that a part rests for four bars."""

    lead_in_s: float = 0.5
    """Silence before the first note, at most."""

    @classmethod
    def drawn(cls, seed: int, **given: Any) -> Recipe:
        """A recipe at random; the same seed and fields give the same recipe."""
        random = np.random.default_rng([seed, 1])
        meter = str(random.choice(list(METERS), p=[one.share for one in METERS.values()]))
        meter = given.get("meter", meter)
        drums = str(random.choice(METERS[meter].styles)) if random.random() < 0.66 else ""
        drums = given.get("drums", drums)
        centre = METERS[meter].centre_bpm if drums in ("", "any") else STYLE_BPM[drums]
        swing = 0.5 if random.random() < 0.7 else random.uniform(0.54, 0.7)
        drawn = cls(
            seed=seed,
            meter=meter,
            tempo_bpm=float(np.clip(centre * np.exp(random.normal(0, 0.2)), 56, 205)),
            curve=str(random.choice(CURVES, p=[0.3, 0.35, 0.08, 0.07, 0.08, 0.12])),
            swing=swing if METERS[meter].parts % 3 else 0.5,
            drums=drums,
            has_bass=bool(random.random() < 0.7),
            chords=str(random.choice(["pad", "struck", "plucked", "arpeggio", ""], p=[0.2, 0.25, 0.2, 0.2, 0.15])),
            has_lead=bool(random.random() < 0.6),
            jitter_s=float(random.choice([0.0, 0.004, 0.01, 0.018])),
            lead_in_s=float(random.uniform(0, 1.5)),
        )
        drawn = replace(drawn, **given)
        if drawn.drums or drawn.has_bass or drawn.chords in ("struck", "plucked", "arpeggio"):
            return drawn
        # tones that stand for a bar, and now and then a melody: nobody could tell the beat
        return drawn if "chords" in given else replace(drawn, chords=str(random.choice(["struck", "arpeggio"])))


def metronome(seed: int, *, accented: bool) -> Recipe:
    """Nothing but clicks on the beats, or some drum; unless accented, nobody can tell the bars."""
    tempo_bpm = float(np.exp(np.random.default_rng([seed, 4]).uniform(np.log(56), np.log(205))))
    alone = {"has_bass": False, "chords": "", "has_lead": False, "breaks": 0.0, "swing": 0.5}
    return Recipe.drawn(seed, drums="click" if accented else "pulse", tempo_bpm=tempo_bpm, **alone)


def rendered(recipe: Recipe) -> AnnotatedMusic:
    """The piece of a recipe."""
    random = np.random.default_rng([recipe.seed, 2])
    meter = METERS[recipe.meter]
    grid = _beat_times(recipe, random)
    first = int(random.integers(0, meter.beats))  # a recording may begin within a bar
    clock = _Clock(grid, recipe.swing, recipe.jitter_s, random)
    canvas = np.zeros(int((recipe.length_s + 3) * RATE_HZ), np.float32)
    bars = range(-1, len(grid) // meter.beats + 1)
    for part in _parts(recipe, meter, random):
        late_s = random.normal(0, 0.004) if recipe.jitter_s else 0.0
        for bar in bars:
            if recipe.breaks and bar % 4 == 0:
                part.rests = random.random() < recipe.breaks
            if not part.rests:
                for note in part.bar(bar):
                    at_s = clock.at(bar * meter.beats - first + note.beat)
                    if at_s is not None:
                        _add(canvas, note.sound(clock.beat_s(at_s)), at_s + late_s, note.gain * part.gain)
    pcm = _recorded(canvas[: int(recipe.length_s * RATE_HZ)], random)
    numbers = np.arange(len(grid))
    inside = grid < recipe.length_s - 0.05
    return AnnotatedMusic(pcm, grid[inside], ((numbers + first) % meter.beats + 1)[inside], meter.beats)


def _beat_times(recipe: Recipe, random: Generator) -> NDArray[np.float64]:
    """When beats are, from the first note to after the end."""
    start_s = random.uniform(0, recipe.lead_in_s) if recipe.lead_in_s else 0.0
    count = int((recipe.length_s + 3) * recipe.tempo_bpm / 60 * 1.6) + 4
    number = np.arange(count)
    pace = np.ones(count)
    if recipe.curve in ("human", "breathing"):
        pace *= np.exp(np.cumsum(random.normal(0, 0.003 if recipe.curve == "human" else 0.007, count)))
        pace *= np.exp(random.normal(0, 0.004, count))
    if recipe.curve == "breathing":
        pace *= 1 + 0.04 * np.sin(2 * np.pi * number / random.integers(14, 34) + random.uniform(0, 6))
    if recipe.curve == "rubato":
        pace *= 1 + random.uniform(0.06, 0.12) * np.sin(2 * np.pi * number / random.integers(8, 20))
    if recipe.curve == "ramp":
        pace *= np.linspace(1, random.choice([0.75, 0.85, 1.2, 1.35]), count)
    if recipe.curve == "step":
        pace[number > count * random.uniform(0.25, 0.4)] *= random.choice([0.75, 0.85, 1.15, 1.3])
    times: NDArray[np.float64] = start_s + np.concatenate([[0], np.cumsum(60 / (recipe.tempo_bpm * pace))[:-1]])
    return times[times < recipe.length_s + 2.5]


class _Clock:
    """Beats to seconds, with swing and unsteady hands."""

    def __init__(self, grid: NDArray[np.float64], swing: float, jitter_s: float, random: Generator) -> None:
        self._grid, self._swing, self._jitter_s, self._random = grid, swing, jitter_s, random
        self._number = np.arange(len(grid), dtype=np.float64)

    def at(self, beat: float) -> float | None:
        """When a place on the grid sounds; None outside the piece."""
        whole = np.floor(beat + 1e-9)
        part = beat - whole
        part = part * self._swing / 0.5 if part < 0.5 else self._swing + (part - 0.5) * (1 - self._swing) / 0.5
        place = whole + part
        if place < -1e-9 or place > self._number[-1]:
            return None
        at_s = float(np.interp(place, self._number, self._grid))
        return max(0.0, at_s + self._random.normal(0, self._jitter_s)) if self._jitter_s else at_s

    def beat_s(self, at_s: float) -> float:
        """Length of the beat around a time."""
        index = int(np.clip(np.searchsorted(self._grid, at_s), 1, len(self._grid) - 1))
        return float(self._grid[index] - self._grid[index - 1])


@dataclass(frozen=True)
class _Sounded:
    """A note on the grid."""

    beat: float
    gain: float
    play: Note | Sound
    frequency_hz: float = 0.0
    beats: float = 0.0

    def sound(self, beat_s: float) -> Sound:
        if isinstance(self.play, np.ndarray):
            return self.play
        # rounded, so that most notes of a piece are rendered once
        return self.play(self.frequency_hz, min(6.0, round(self.beats * beat_s, 2)))


class _Part:
    """One player: the notes of each bar."""

    gain = 1.0
    rests = False

    def bar(self, number: int) -> list[_Sounded]:
        raise AssertionError("each part plays something")


class _Drums(_Part):
    def __init__(self, style: str, meter: Meter, tempo_bpm: float, random: Generator) -> None:
        self._style, self._meter, self._random = style, meter, random
        self._kit = {name: make(random) for name, make in DRUMS.items()}
        if style in ("click", "pulse"):
            self._kit |= {"click": click(random), "accent": click(random)}
        self._pattern = drum_bar(style, meter, tempo_bpm, random)
        self.gain = float(random.uniform(0.5, 1.0))

    def bar(self, number: int) -> list[_Sounded]:
        random = self._random
        notes = [(beat, name, level) for beat, name, level in self._pattern if random.random() > 0.02]
        if self._style in ("click", "pulse"):
            return [_Sounded(beat, level, self._kit[name]) for beat, name, level in self._pattern]
        if number % 4 == 3 and random.random() < 0.35:  # a fill
            late = self._meter.beats - random.choice([1, 2]) if self._meter.beats > 2 else self._meter.beats - 1
            drum = str(random.choice(["tom", "snare"]))
            notes = [note for note in notes if note[0] < late]
            notes += [(late + step / 4, drum, random.uniform(0.4, 0.9)) for step in range(4) if random.random() < 0.8]
        if number % 8 == 0 and random.random() < 0.4:
            notes.append((0.0, "crash", 0.7))
        return [_Sounded(beat, level * random.uniform(0.8, 1.1), self._kit[name]) for beat, name, level in notes]


class _Harmony:
    """Chords of a piece: one or two a bar, the same for all parts."""

    def __init__(self, meter: Meter, random: Generator) -> None:
        self.scale = SCALES[int(random.integers(len(SCALES)))]
        self.tonic = int(random.integers(40, 52))
        self._degrees = [0, *(int(one) for one in random.integers(0, len(self.scale), 7))]
        self._length = int(random.choice([2, 4, 8]))
        self._bars = int(random.choice([1, 1, 1, 2]))

    def root(self, bar: int) -> int:
        return self._degrees[bar // self._bars % self._length]

    def hz(self, degree: int, octave: int = 0) -> float:
        turn, step = divmod(degree, len(self.scale))
        return float(440 * 2 ** ((self.tonic + self.scale[step] + 12 * (turn + octave) - 69) / 12))


class _Bass(_Part):
    def __init__(self, harmony: _Harmony, meter: Meter, random: Generator, *, leads: bool) -> None:
        self._harmony, self._random, self._note = harmony, random, bass(random)
        figures = (
            ["pump", "beats", "beats", "syncopated"] if leads else ["pump", "beats", "sparse", "syncopated", "offbeat"]
        )
        self._rhythm = comping(meter, random, str(random.choice(figures)))
        self._moves = random.random() < 0.5
        self.gain = float(random.uniform(0.3, 0.8))

    def bar(self, number: int) -> list[_Sounded]:
        root, notes = self._harmony.root(number), []
        for index, (beat, beats, level) in enumerate(self._rhythm):
            degree = root + (int(self._random.choice([0, 2, 4])) if index and self._moves else 0)
            notes.append(_Sounded(beat, level, self._note, self._harmony.hz(degree, -1), beats))
        return notes


class _Chords(_Part):
    def __init__(self, kind: str, harmony: _Harmony, meter: Meter, random: Generator, *, leads: bool) -> None:
        self._kind, self._harmony, self._random, self._meter = kind, harmony, random, meter
        self._note = _chord_note(kind, random)
        figure = "hold" if kind == "pad" else "arpeggio" if kind == "arpeggio" else ""
        figures = ["beats", "pump", "syncopated"]
        figures += [] if leads else ["offbeat", "sparse", "oompah"]
        self._rhythm = comping(meter, random, figure or str(random.choice(figures)))
        self._order = random.permutation(4)
        self._spread_beats = float(random.choice([0, 0, 0.02, 0.04]))
        self.gain = float(random.uniform(0.2, 0.6))

    def bar(self, number: int) -> list[_Sounded]:
        root, notes = self._harmony.root(number), []
        for index, (beat, beats, level) in enumerate(self._rhythm):
            tones = [0, 2, 4] if self._kind != "arpeggio" else [int(2 * self._order[index % 4])]
            for place, tone in enumerate(tones):
                hz = self._harmony.hz(root + tone, 1)
                notes.append(_Sounded(beat + place * self._spread_beats, level / len(tones), self._note, hz, beats))
        return notes


def _chord_note(kind: str, random: Generator) -> Note:
    if kind == "pad":
        return sustained(random, (0.03, 0.4))
    if kind == "plucked" or (kind == "arpeggio" and random.random() < 0.5):
        return plucked(random)
    return struck(random) if random.random() < 0.75 else sustained(random, (0.003, 0.04))


class _Lead(_Part):
    def __init__(self, harmony: _Harmony, meter: Meter, random: Generator) -> None:
        self._harmony, self._random, self._meter, self._note = harmony, random, meter, lead(random)
        self._density, self._degree = random.uniform(0.25, 0.7), 4
        self._themes = [melody_rhythm(meter, random, self._density) for _ in range(2)]
        self.gain = float(random.uniform(0.25, 0.8))

    def bar(self, number: int) -> list[_Sounded]:
        random, notes = self._random, []
        rhythm = (
            self._themes[number % 2] if random.random() < 0.6 else melody_rhythm(self._meter, random, self._density)
        )
        for beat, beats, level in rhythm:
            self._degree = int(np.clip(self._degree + random.integers(-2, 3), 0, 9))
            notes.append(_Sounded(beat, level, self._note, self._harmony.hz(self._degree, 2), beats))
        return notes


def _parts(recipe: Recipe, meter: Meter, random: Generator) -> list[_Part]:
    harmony = _Harmony(meter, random)
    parts: list[_Part] = []
    if recipe.drums:
        parts.append(_Drums(recipe.drums, meter, recipe.tempo_bpm, random))
    if recipe.has_bass:
        parts.append(_Bass(harmony, meter, random, leads=not recipe.drums))
    if recipe.chords:
        parts.append(_Chords(recipe.chords, harmony, meter, random, leads=not (recipe.drums or recipe.has_bass)))
    if recipe.has_lead:
        parts.append(_Lead(harmony, meter, random))
    return parts


def _add(canvas: Sound, sound: Sound, at_s: float, gain: float) -> None:
    start = max(0, round(at_s * RATE_HZ))
    count = min(len(sound), len(canvas) - start)
    if count > 0:
        canvas[start : start + count] += np.float32(gain) * sound[:count]


def _recorded(dry: Sound, random: Generator) -> Sound:
    """The piece in a room, through some equipment, at some level."""
    sound = dry.astype(np.float64)
    if random.random() < 0.6:
        length = int(random.uniform(0.15, 1.2) * RATE_HZ)
        room = random.normal(size=length) * np.exp(-5 * np.arange(length) / length)
        wet = fftconvolve(sound, room)[: len(sound)]
        sound += random.uniform(0.05, 0.5) * wet * np.abs(sound).max() / max(np.abs(wet).max(), 1e-9)
    if random.random() < 0.3:
        edge = random.choice([3000, 4500, 6000])
        sound = sosfilt(butter(2, edge, "lowpass", fs=RATE_HZ, output="sos"), sound)
    if random.random() < 0.2:
        sound = sosfilt(butter(2, random.uniform(100, 350), "highpass", fs=RATE_HZ, output="sos"), sound)
    sound /= max(np.abs(sound).max(), 1e-9)
    if random.random() < 0.5:
        drive = random.uniform(1, 4)
        sound = np.tanh(drive * sound) / np.tanh(drive)
    sound += 10 ** (random.uniform(-75, -32) / 20) * random.normal(size=len(sound))
    heard: Sound = (sound / np.abs(sound).max() * 10 ** (random.uniform(-18, -1) / 20)).astype(np.float32)
    return heard


def named_recipes(seed: int) -> Mapping[str, Recipe]:
    """The pieces that a report names one by one."""
    named: Mapping[str, dict[str, Any]] = {
        "rock": {"meter": "4/4", "drums": "rock", "curve": "human"},
        "four on the floor": {"meter": "4/4", "drums": "floor", "curve": "steady", "tempo_bpm": 126.0},
        "half time": {"meter": "4/4", "drums": "half", "curve": "human"},
        "funk": {"meter": "4/4", "drums": "funk", "curve": "human", "tempo_bpm": 98.0},
        "latin": {"meter": "4/4", "drums": "latin", "curve": "human"},
        "one drop": {"meter": "4/4", "drums": "onedrop", "curve": "human", "tempo_bpm": 76.0},
        "breakbeat": {"meter": "4/4", "drums": "break", "curve": "steady", "tempo_bpm": 165.0},
        "swing": {"meter": "4/4", "drums": "jazz", "swing": 0.65, "curve": "human"},
        "waltz": {"meter": "3/4", "drums": "waltz", "curve": "human"},
        "six eight": {"meter": "6/8", "curve": "human"},
        "tempo ramp": {"meter": "4/4", "curve": "ramp"},
        "tempo step": {"meter": "4/4", "curve": "step"},
        "rubato": {"meter": "4/4", "curve": "rubato", "drums": "", "chords": "arpeggio"},
        "breathing": {"meter": "3/4", "curve": "breathing", "drums": "", "chords": "struck", "has_bass": True},
        "pads": {"meter": "4/4", "drums": "", "has_bass": False, "chords": "pad", "has_lead": True},
        "strings and bass": {"meter": "4/4", "drums": "", "chords": "pad", "has_bass": True},
        "plucked": {"meter": "4/4", "drums": "", "has_bass": False, "chords": "plucked"},
        "slow": {"meter": "4/4", "tempo_bpm": 62.0},
        "fast": {"meter": "4/4", "tempo_bpm": 180.0},
        "anything": {},
    }
    return {name: Recipe.drawn(seed + number, **fields) for number, (name, fields) in enumerate(named.items())}
