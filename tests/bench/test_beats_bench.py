"""How well and how fast beats are found, beside `librosa.beat.beat_track` on the same sound in the same run.

`python -m pytest -m "" -s tests/bench/test_beats_bench.py`. F-measure is `mir_eval.beat.f_measure`: a beat is right
within 70 ms. Beats of the first 5 s count like others (mir_eval's `trim_beats` would leave nothing of a piece of 3 s).
None of these pieces was trained or tuned on. Nothing here asserts a time.
"""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import librosa
import mir_eval
import numpy as np
import pytest

from actors.beats.activations import ONSET
from actors.beats.mel import SAMPLE_RATE_HZ
from actors.beats.tcn import TcnBeats
from actors.beats.tracking import BeatTrack, track_beats
from actors.sound_chunks import heard_whole
from pipelines.media.speech_audio import BLOCK_SAMPLES, speech_blocks
from pipelines.media.wave_file import resample
from pipelines.sound.music import STEP_GRID, STEPS_PER_BAR, music_bed
from pipelines.sound.music_styles import STYLES
from pipelines.sound.synthesis import SAMPLE_RATE_HZ as BED_RATE_HZ
from schemas.vocabulary import Mood
from tools.annotated_music import Recipe, named_recipes, rendered
from tools.beatless_sounds import BEATLESS, beatless
from tools.train_beats import TEST

LIBROSA_HZ = 22_050


@dataclass(frozen=True)
class Known:
    """A piece and its beats as somebody who knows says."""

    pcm: np.ndarray
    beats_s: np.ndarray
    positions: np.ndarray


@pytest.fixture(scope="module")
def engine() -> Iterator[TcnBeats]:
    engine = TcnBeats()
    engine.load()
    yield engine
    engine.close()


def blocks(pcm: np.ndarray) -> Iterator[np.ndarray]:
    yield from (pcm[at : at + BLOCK_SAMPLES] for at in range(0, len(pcm), BLOCK_SAMPLES))


def f_measure(known_s: np.ndarray, found_s: np.ndarray) -> float:
    return float(mir_eval.beat.f_measure(known_s, found_s)) if len(found_s) else 0.0


def beats_of(track: BeatTrack) -> np.ndarray:
    return np.array([beat.time_s for beat in track.beats])


def downbeats_of(track: BeatTrack) -> np.ndarray:
    return np.array([beat.time_s for beat in track.beats if beat.position == 1])


def by_librosa(pcm: np.ndarray) -> np.ndarray:
    sound = resample(pcm, SAMPLE_RATE_HZ, LIBROSA_HZ)
    return np.asarray(librosa.beat.beat_track(y=sound, sr=LIBROSA_HZ, units="time")[1])


def by_onsets(activations: np.ndarray) -> np.ndarray:
    """The same path through onset strength alone, without the network: what the network adds."""
    onset, second = activations[:, ONSET].astype(np.float64), np.ones(100) / 100
    spread = np.sqrt(np.convolve(onset**2, second, "same") + 1e-6)
    standing_out = (onset - np.convolve(onset, second, "same")) / spread
    likely = 1 / (1 + np.exp(2 - 1.5 * standing_out))
    return beats_of(track_beats(np.column_stack([likely, np.full(len(onset), 0.02), onset]).astype(np.float32)))


def report(engine: TcnBeats, title: str, pieces: Mapping[str, Callable[[], Known]]) -> None:
    print(f"\n{title:24} | ours | librosa | path on onsets | downbeats | tempo | bar | confidence")
    rows = []
    for name, make in pieces.items():
        known = make()
        activations = heard_whole(engine, blocks(known.pcm))
        track = track_beats(activations)
        first = known.beats_s[known.positions == 1]
        ways = (beats_of(track), by_librosa(known.pcm), by_onsets(activations))
        rows.append([*(f_measure(known.beats_s, found) for found in ways), f_measure(first, downbeats_of(track))])
        tempo = f"{track.tempo_bpm:.1f}" if track.tempo_bpm else "none"
        shown = " | ".join(f"{value:.3f}" for value in rows[-1])
        print(f"{name:24} | {shown} | {tempo} | {track.beats_per_bar} | {track.confidence:.2f}", flush=True)
    print(f"{'mean':24} | " + " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0)))


def of_recipe(recipe: Recipe) -> Known:
    music = rendered(recipe)
    return Known(music.pcm, music.beats_s, music.positions)


def bed(mood: Mood) -> Known:
    """The project's own music, which has another author than `annotated_music`."""
    pcm = resample(np.ascontiguousarray(music_bed(mood).mean(axis=1)), BED_RATE_HZ, SAMPLE_RATE_HZ)
    beat_s = 4 * round(60 / STYLES[mood].bpm / 4 * BED_RATE_HZ / STEP_GRID) * STEP_GRID / BED_RATE_HZ
    number = np.arange(len(STYLES[mood].chords) * STEPS_PER_BAR // 4)
    return Known(pcm, number * beat_s, number % 4 + 1)


def test_named_pieces(engine: TcnBeats) -> None:
    recipes = named_recipes(TEST.first_seed + 500)
    report(engine, "generated, by kind", {name: lambda one=one: of_recipe(one) for name, one in recipes.items()})


def test_drawn_pieces(engine: TcnBeats) -> None:
    recipes = [Recipe.drawn(TEST.first_seed + number) for number in range(TEST.music)]
    names = [f"{one.meter} {one.tempo_bpm:.0f} {one.curve} {one.drums or one.chords}" for one in recipes]
    pieces = {
        f"{number} {name}": lambda one=one: of_recipe(one)
        for number, (name, one) in enumerate(zip(names, recipes, strict=True))
    }
    report(engine, "generated, at random", pieces)


def test_music_beds(engine: TcnBeats) -> None:
    report(engine, "music beds", {mood: lambda one=mood: bed(one) for mood in get_args(Mood)})


def test_real_music(engine: TcnBeats, shared_media: Path) -> None:
    truth = json.loads((shared_media / "ground_truth.json").read_text())

    def known(name: str) -> Known:
        beats = np.array(truth[name]["beats"])
        pcm = np.concatenate([block.pcm for block in speech_blocks(shared_media / name)])
        return Known(pcm, beats[:, 0], beats[:, 1].astype(int))

    names = [name for name, one in truth.items() if "beats" in one]
    report(engine, "real, annotated", {name: lambda one=name: known(one) for name in names})


def test_sounds_without_beats(engine: TcnBeats, shared_media: Path) -> None:
    sounds = {
        f"{kind} {number}": lambda kind=kind, number=number: beatless(kind, TEST.first_seed + number)
        for kind in BEATLESS
        for number in range(TEST.beatless // len(BEATLESS))
    }
    for path in sorted((shared_media / "speech").iterdir()):
        sounds[path.name] = lambda path=path: np.concatenate([block.pcm for block in speech_blocks(path)])
    found = {name: track_beats(heard_whole(engine, blocks(make()))) for name, make in sounds.items()}
    made_up = {name: round(track.confidence, 2) for name, track in found.items() if track.stable}
    print(f"\nsounds without beats: {len(found)}, beats made up in {made_up or 'none'}; confidences at most "
          f"{max(track.confidence for track in found.values()):.2f}")  # fmt: skip


def test_speed() -> None:
    pcm = np.tile(rendered(Recipe.drawn(TEST.first_seed + 900, length_s=60.0)).pcm, 10)
    length_s = len(pcm) / SAMPLE_RATE_HZ
    started = time.process_time()
    fresh = TcnBeats()
    fresh.load()
    print(f"\nload: {time.process_time() - started:.2f} s of processor, torch's import included if it is the first")
    for name in ("first call", "again"):
        started = time.process_time()
        activations = heard_whole(fresh, blocks(pcm))
        heard_s = time.process_time() - started
        track_beats(activations)
        tracked_s = time.process_time() - started - heard_s
        print(
            f"{name}: {length_s / (heard_s + tracked_s):.0f} x real time of one core "
            f"(network {length_s / heard_s:.0f} x, path {length_s / tracked_s:.0f} x)"
        )
    started = time.process_time()
    by_librosa(pcm)
    print(f"librosa.beat.beat_track: {length_s / (time.process_time() - started):.0f} x")


def test_three_hours() -> None:
    activations = np.full((3 * 3600 * 50, 3), 0.02, np.float32)
    activations[::25, 0] = 0.8
    tracemalloc.start()
    started = time.process_time()
    track = track_beats(activations)
    taken_s, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(
        f"\nthree hours: {len(track.beats)} beats in {taken_s:.0f} s, {peak / 1e6:.0f} MB beside the activations "
        f"({activations.nbytes / 1e6:.0f} MB)"
    )
