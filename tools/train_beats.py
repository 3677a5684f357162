"""`python -m tools.train_beats PIECES.npz`: the weights of `actors/beats`, from music that is made here.

    Recipe.drawn(seed) -> piece, beats -> mel magnitudes  --+
    beatless(kind, seed)                                  --+--> examples of 20 s, each at another tempo, level,
                                                                 equaliser, noise, joined at random -> BeatNetwork

The pieces are kept in PIECES.npz and taken from there when it exists. They have seeds of their own (TRAINING); those of
VALIDATION chose the costs of `tempo_path` and the thresholds of `tracking`; tests and benchmarks use others. Making
the pieces takes 10 minutes of one core, training 30; the same machine and library versions give the same weights.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from librosa.filters import mel
from numpy.random import Generator
from numpy.typing import NDArray
from safetensors.torch import save_file

from actors.beats.mel import (
    BANDS,
    FRAME_S,
    HIGHEST_HZ,
    LOWEST_HZ,
    SAMPLE_RATE_HZ,
    WINDOW_SAMPLES,
    levels,
    magnitudes,
)
from actors.beats.network import BeatNetwork
from actors.beats.tcn import FILTERS, WEIGHTS
from tools.annotated_music import Recipe, metronome, rendered
from tools.beatless_sounds import BEATLESS, beatless

SEED = 5
STEPS = 4_500
BATCH = 10
EXAMPLE_FRAMES = 1_000
FASTEST_RATE = 3e-3
VALIDATE_EACH = 100


@dataclass(frozen=True)
class Split:
    """Which pieces."""

    first_seed: int
    music: int
    beatless: int
    metronomes: int


TRAINING, VALIDATION, TEST = Split(1_000, 900, 200, 100), Split(50_000, 80, 20, 8), Split(70_000, 60, 20, 0)


@dataclass(frozen=True)
class Piece:
    """A piece as the network is shown it."""

    magnitudes: NDArray[np.float16]
    """float16 (frames, BANDS)."""

    beats: NDArray[np.float64]
    """In frames."""

    positions: NDArray[np.int64]


def filters() -> NDArray[np.float32]:
    """Triangles on the mel scale, 1 at their tips: float32 (BANDS, WINDOW_SAMPLES / 2 + 1)."""
    found = mel(
        sr=SAMPLE_RATE_HZ, n_fft=WINDOW_SAMPLES, n_mels=BANDS, fmin=LOWEST_HZ, fmax=HIGHEST_HZ, norm=None
    )  # fmt: skip
    return np.asarray(found, np.float32)


def pieces_of(split: Split) -> list[Piece]:
    """Music, then sounds without beats, then metronomes."""
    bank, pieces = filters(), []
    half = WINDOW_SAMPLES // 2
    for number in range(split.music):
        music = rendered(Recipe.drawn(split.first_seed + number))
        seen = magnitudes(np.pad(music.pcm, half), bank).astype(np.float16)
        pieces.append(Piece(seen[:EXAMPLE_FRAMES], music.beats_s / FRAME_S, music.positions))
    for number in range(split.beatless):
        sound = beatless(list(BEATLESS)[number % len(BEATLESS)], split.first_seed + number)
        seen = magnitudes(np.pad(sound, half), bank).astype(np.float16)
        pieces.append(Piece(seen[:EXAMPLE_FRAMES], np.zeros(0), np.zeros(0, np.int64)))
    for number in range(split.metronomes):
        music = rendered(metronome(split.first_seed + number, accented=number % 2 == 0))
        seen = magnitudes(np.pad(music.pcm, half), bank).astype(np.float16)
        positions = music.positions if number % 2 == 0 else np.zeros_like(music.positions)
        pieces.append(Piece(seen[:EXAMPLE_FRAMES], music.beats_s / FRAME_S, positions))
    return pieces


def kept(path: Path) -> dict[str, list[Piece]]:
    """Training and validation pieces, from the file or made and written to it."""
    if not path.exists():
        made = {name: pieces_of(split) for name, split in (("training", TRAINING), ("validation", VALIDATION))}
        arrays: dict[str, Any] = {}
        for name, pieces in made.items():
            arrays[f"{name}_magnitudes"] = np.stack([one.magnitudes for one in pieces])
            arrays[f"{name}_counts"] = np.array([len(one.beats) for one in pieces])
            arrays[f"{name}_beats"] = np.concatenate([one.beats for one in pieces])
            arrays[f"{name}_positions"] = np.concatenate([one.positions for one in pieces])
        np.savez(path, allow_pickle=False, **arrays)
    stored = np.load(path)
    return {name: _pieces(stored, name) for name in ("training", "validation")}


def _pieces(stored: Mapping[str, NDArray[Any]], name: str) -> list[Piece]:
    borders = np.cumsum(stored[f"{name}_counts"])[:-1]
    beats = np.split(stored[f"{name}_beats"], borders)
    positions = np.split(stored[f"{name}_positions"], borders)
    return [Piece(*one) for one in zip(stored[f"{name}_magnitudes"], beats, positions, strict=True)]


def wanted(frames: NDArray[np.float64], count: int) -> NDArray[np.float32]:
    """What the network should say: 1 at each time, falling to 0 within two frames; places between frames count."""
    answer = np.zeros(count, np.float32)
    for frame in frames:
        for near in range(max(0, math.floor(frame) - 1), min(count, math.floor(frame) + 3)):
            answer[near] = max(answer[near], 1 - abs(near - frame) / 2)
    return answer


def example(pieces: Sequence[Piece], random: Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Levels (EXAMPLE_FRAMES, BANDS) and what should be said (2, EXAMPLE_FRAMES): pieces one after the other."""
    seen = np.zeros((EXAMPLE_FRAMES, BANDS), np.float32)
    said = np.zeros((2, EXAMPLE_FRAMES), np.float32)
    at = int(random.integers(0, 200)) if random.random() < 0.35 else 0
    while at < EXAMPLE_FRAMES:
        found, beats, first = _at_another_tempo(pieces[int(random.integers(len(pieces)))], random)
        start = int(random.integers(0, max(1, len(found) // 2))) if random.random() < 0.5 else 0
        length = min(EXAMPLE_FRAMES - at, len(found) - start)
        if random.random() < 0.25:
            length = min(length, int(random.integers(250, 700)))
        seen[at : at + length] = _recorded_otherwise(found[start : start + length], random)
        for row, chosen in enumerate((beats, beats[first])):
            inside = chosen[(chosen >= start) & (chosen < start + length)] - start
            said[row, at : at + length] = wanted(inside, length)
        at += length + (int(random.integers(0, 150)) if random.random() < 0.3 else 0)
    return levels(seen), said


def _at_another_tempo(
    piece: Piece, random: Generator
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.bool_]]:
    found, beats = piece.magnitudes.astype(np.float32), piece.beats
    if random.random() < 0.6:
        slower = float(np.exp(random.uniform(np.log(0.8), np.log(1.25))))
        places = np.arange(int(len(found) * slower)) / slower
        before = np.minimum(places.astype(int), len(found) - 2)
        part = (places - before).clip(0, 1)[:, None].astype(np.float32)
        found, beats = found[before] * (1 - part) + found[before + 1] * part, beats * slower
    return found, beats, piece.positions == 1


def _recorded_otherwise(found: NDArray[np.float32], random: Generator) -> NDArray[np.float32]:
    """At another level, through another equaliser, now and then in noise."""
    place = np.arange(BANDS) / BANDS
    tilt_db = random.normal(0, 5) * (2 * place - 1)
    wave_db = random.normal(0, 3) * np.cos(2 * np.pi * place * random.uniform(0.5, 2) + random.uniform(0, 6))
    gain = np.exp(random.uniform(np.log(0.08), np.log(2.0))) * 10 ** ((tilt_db + wave_db) / 20)
    heard = found * gain.astype(np.float32)
    if random.random() < 0.3:
        colour = np.exp(random.normal(0, 0.5) * (place - 0.5)) * 10 ** (random.uniform(-70, -42) / 20)
        heard = np.hypot(heard, random.rayleigh(1, heard.shape) * colour)
    return np.asarray(heard, np.float32)


def batch(pieces: Sequence[Piece], random: Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """BATCH examples."""
    seen, said = zip(*(example(pieces, random) for _ in range(BATCH)), strict=True)
    return torch.from_numpy(np.stack(seen)), torch.from_numpy(np.stack(said))


def trained(pieces: Sequence[Piece], others: Sequence[Piece]) -> BeatNetwork:
    """A network that was shown the pieces; how it does on the others is printed on the way."""
    torch.manual_seed(SEED)
    random, network = np.random.default_rng(SEED), BeatNetwork()
    checks = [batch(others, np.random.default_rng(SEED + number)) for number in range(8)]
    optimiser = torch.optim.AdamW(network.parameters(), FASTEST_RATE, weight_decay=1e-3)
    measure = torch.nn.functional.binary_cross_entropy_with_logits
    for step in range(STEPS):
        fading = 0.5 * (1 + math.cos(math.pi * step / STEPS))
        optimiser.param_groups[0]["lr"] = FASTEST_RATE * min(1, (step + 1) / 50) * (0.98 * fading + 0.02)
        seen, said = batch(pieces, random)
        optimiser.zero_grad()
        loss = measure(network(seen), said)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if step % VALIDATE_EACH == VALIDATE_EACH - 1:
            with torch.no_grad():
                known = [measure(network(one), answer, reduction="none").mean((0, 2)) for one, answer in checks]
            beat, downbeat = torch.stack(known).mean(0).tolist()
            print(
                f"{step + 1}: loss {loss.item():.4f}, validation beats {beat:.4f}, downbeats {downbeat:.4f}", flush=True
            )
            write(network)
    return network


def write(network: BeatNetwork) -> None:
    """The weights' file, with the filters in it."""
    tensors = {name: one.detach().contiguous() for name, one in network.state_dict().items()}
    save_file({**tensors, FILTERS: torch.from_numpy(filters())}, WEIGHTS)


def main() -> None:
    torch.set_num_threads(1)
    pieces = kept(Path(sys.argv[1]))
    write(trained(pieces["training"], pieces["validation"]))


if __name__ == "__main__":
    main()
