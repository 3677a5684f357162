"""`python -m tools.train_sound_classes POOL.npz`: weights of `actors/sound_classes`, from sounds made here.

    annotated music, free music, drones  --+
    lines spoken by espeak-ng            --+-> 12 s mixtures: who sounds when, how loud, through which equaliser,
    noises                               --+   in which room -> features -> ClassNetwork

The pool is kept in POOL.npz and taken from there when it exists; seeds below 50,000 train, those from 50,000 validate,
those from 70,000 are for tests. No recording is in it. A mixture's frame holds a class whose own level is at most 22 dB
under the mixture's (noise: 14 dB); where a class is quieter than that, down to 10 dB more, nothing is taught about it.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from actors.sound_classes.convolutional import WEIGHTS
from actors.sound_classes.features import HOP_SAMPLES, WINDOW_SAMPLES, features
from actors.sound_classes.hearing import MUSIC, NOISE, SAMPLE_RATE_HZ, SPEECH
from actors.sound_classes.network import CONTEXT_FRAMES, ClassNetwork
from tools.annotated_music import Recipe, rendered
from tools.beatless_sounds import beatless
from tools.many_voices import talking
from tools.noises import NOISES, noise_of

SEED = 11
STEPS = 6_000
BATCH = 48
FASTEST_RATE = 3e-3
VALIDATE_EACH = 250

PIECE_S = 16.0
EXAMPLE_S = 14.0
EXAMPLE_SAMPLES = int(EXAMPLE_S * SAMPLE_RATE_HZ)

TRAINING_SEED, VALIDATION_SEED = 1_000, 50_000
COUNTS = {"music": 900, "free": 250, "speech": 600, "noise": 900}
VALIDATION_SHARE = 0.12

SURE_DB = (22.0, 22.0, 14.0)
"""A class that is quieter than the mixture by less is there."""

UNSURE_DB = 10.0
"""By so much more, it may be there or not."""

SILENT_DB = -62.0

Pool = dict[str, NDArray[np.float16]]
"""`training_music` and so on -> float16 (pieces, samples)."""


def piece_of(kind: str, seed: int) -> NDArray[np.float16]:
    """One sound of the pool."""
    if kind == "music":
        pcm = rendered(Recipe.drawn(seed, length_s=PIECE_S, lead_in_s=0.0)).pcm
    elif kind == "free":
        pcm = beatless(("free time", "drone")[seed % 2], seed, PIECE_S)
    elif kind == "speech":
        pcm = talking(seed, PIECE_S)
    else:
        pcm = noise_of(list(NOISES)[seed % len(NOISES)], seed, PIECE_S)
    samples = int(PIECE_S * SAMPLE_RATE_HZ)
    pcm = np.pad(pcm[:samples], (0, max(0, samples - len(pcm))))
    return (pcm / max(float(np.sqrt(np.mean(pcm**2))), 1e-5) * 0.1).clip(-4, 4).astype(np.float16)


def made(kinds: Sequence[str], workers: int) -> Pool:
    """The pieces of these kinds."""
    pool: Pool = {}
    with ProcessPoolExecutor(workers) as processes:
        for name, first, share in (
            ("training", TRAINING_SEED, 1.0), ("validation", VALIDATION_SEED, VALIDATION_SHARE)
        ):  # fmt: skip
            for kind in kinds:
                seeds = range(first, first + int(COUNTS[kind] * share))
                pool[f"{name}_{kind}"] = np.stack(
                    list(processes.map(piece_of, [kind] * len(seeds), seeds, chunksize=4))
                )
                print(f"{name} {kind}: {len(seeds)} pieces", flush=True)
    return pool


class Mixer:
    """Mixtures of a pool, drawn on the device that learns."""

    def __init__(self, pool: Pool, split: str, device: str, seed: int) -> None:
        self._device = device
        self._random = torch.Generator(device).manual_seed(seed)
        held = {kind: torch.from_numpy(pool[f"{split}_{kind}"]).to(device) for kind in COUNTS}
        self._sources = (held["speech"], torch.cat([held["music"], held["free"]]), held["noise"])

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """Features, what is there (batch, 3, frames), and whether that is to be learnt (batch, 3, frames)."""
        parts = torch.stack(
            [self._part(source, size, slides=one == SPEECH) for one, source in enumerate(self._sources)], 1
        )
        parts = parts * self._courses(size)
        mixture = parts.sum(1)
        hiss = self._normal(size, 1).mul(0.9).add(-8.5).exp() * torch.randn(
            mixture.shape, generator=self._random, device=self._device
        )
        mixture = mixture + hiss * 0.03
        peak = mixture.abs().amax(1, keepdim=True).clamp_min(1e-6)
        gain = torch.minimum(1 / peak, 10 ** (self._uniform(size, 1) * 1.6 - 1.0))
        mixture, parts = mixture * gain, parts * gain[:, None]
        own, whole = _levels(parts), _levels(mixture[:, None])
        under = whole - own
        sure = torch.tensor(SURE_DB, device=self._device)[None, :, None]
        there = (own > SILENT_DB) & (under < sure)
        doubtful = (own > SILENT_DB) & (under >= sure) & (under < sure + UNSURE_DB)
        return features(mixture), there.float(), (~doubtful).float()

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self._random, device=self._device)

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self._random, device=self._device)

    def _part(self, source: Tensor, size: int, *, slides: bool) -> Tensor:
        """One sound of a class an example, (batch, EXAMPLE_SAMPLES): moved, faster or slower, through some filter.

        With `slides` its speed wanders too: people's pitch never rests as a synthetic voice's does.
        """
        chosen = torch.randint(len(source), (size,), generator=self._random, device=self._device)
        faster = (1 + 0.12 * (2 * self._uniform(size, 1) - 1)).clamp(0.88, 1.12)
        starts = self._uniform(size, 1) * (source.shape[1] - EXAMPLE_SAMPLES * faster - 2)
        pace = faster.expand(size, EXAMPLE_SAMPLES)
        if slides:
            pace = pace * (1 + self._wandering(size, 14, 0.06) + self._wandering(size, 60, 0.07))
        places = starts.clamp_min(0) + pace.double().cumsum(1)
        places = places.clamp_max(source.shape[1] - 2)
        before = places.long()
        rows = source[chosen].float()
        share = (places - before).float()
        found = rows.gather(1, before) * (1 - share) + rows.gather(1, before + 1) * share
        return self._filtered(found)

    def _wandering(self, size: int, knots: int, spread: float) -> Tensor:
        """(batch, EXAMPLE_SAMPLES) about 0, linear between knots."""
        course = self._normal(size, 1, knots) * spread * self._uniform(size, 1, 1) * 2
        return torch.nn.functional.interpolate(course, EXAMPLE_SAMPLES, mode="linear")[:, 0].clamp(-0.3, 0.3)

    def _filtered(self, sound: Tensor) -> Tensor:
        """Through an equaliser, now and then a telephone's band, now and then a room."""
        size, count = sound.shape
        spectrum = torch.fft.rfft(sound, 1 << (count - 1).bit_length())
        place = torch.linspace(0, 1, spectrum.shape[1], device=self._device)[None]
        tilt_db = self._normal(size, 1) * 7 * (1 - 2 * place.sqrt())
        wave_db = self._normal(size, 1) * 4 * torch.cos(math.tau * (place.sqrt() * (1 + 2 * self._uniform(size, 1))))
        narrow = self._uniform(size, 1) < 0.12
        inside = (place > 300 / 8000) & (place < 3400 / 8000)
        gain = 10 ** ((tilt_db + wave_db) / 20) * torch.where(narrow & ~inside, 0.01, 1.0)
        lowpass = self._uniform(size, 1) < 0.2
        gain = gain * torch.where(lowpass & (place > 0.4 + 0.5 * self._uniform(size, 1)), 0.003, 1.0)
        room_s = 0.02 + 0.25 * self._uniform(size, 1)
        time_s = torch.arange(count // 8, device=self._device)[None] / SAMPLE_RATE_HZ
        tail = self._normal(size, count // 8) * torch.exp(-time_s / room_s) * 0.05 * self._uniform(size, 1)
        tail = tail * (self._uniform(size, 1) < 0.4)
        tail[:, 0] = 1
        spectrum = spectrum * gain * torch.fft.rfft(tail, 1 << (count - 1).bit_length())
        heard = torch.fft.irfft(spectrum)[:, :count]
        levelled: Tensor = heard / heard.square().mean(1, keepdim=True).sqrt().clamp_min(1e-6) * 0.1
        return levelled

    def _courses(self, size: int) -> Tensor:
        """Gains (batch, 3, EXAMPLE_SAMPLES): each class is silent, on throughout, or on in one stretch or two."""
        frames = 280
        at = torch.arange(frames, device=self._device)[None, None] / frames
        kind = self._uniform(size, 3, 1)
        first, second = self._uniform(size, 3, 1), self._uniform(size, 3, 1)
        low, high = torch.minimum(first, second), torch.maximum(first, second)
        stretch = ((at >= low) & (at < high)).float()
        on = torch.where(
            kind < 0.3, torch.zeros_like(stretch), torch.where(kind < 0.55, torch.ones_like(stretch), stretch)
        )
        on = torch.where(kind > 0.85, 1 - stretch, on)
        level_db = -18 * self._uniform(size, 3, 1)
        quiet = (self._uniform(size, 3, 1) < 0.25) * -10
        course = on * 10 ** ((level_db + quiet) / 20)
        return torch.nn.functional.interpolate(course, EXAMPLE_SAMPLES, mode="linear")


def _levels(parts: Tensor) -> Tensor:
    """dB of each part (batch, parts, frames) about every frame, over 1 s: pauses of that length are part of a sound."""
    power = torch.nn.functional.avg_pool1d(
        torch.nn.functional.pad(parts.flatten(0, 1)[:, None].square(), (8000, 8000)), 16_000, HOP_SAMPLES
    )[:, 0]
    skipped = WINDOW_SAMPLES // 2 // HOP_SAMPLES
    frames = 1 + (parts.shape[-1] - WINDOW_SAMPLES) // HOP_SAMPLES
    found = 10 * torch.log10(power + 1e-12)[:, skipped : skipped + frames]
    return found.reshape(*parts.shape[:2], frames)


def trained(pool: Pool, device: str) -> ClassNetwork:
    """A network that was shown mixtures of the pool; how it does on others is printed on the way."""
    torch.manual_seed(SEED)
    network = ClassNetwork().to(device)
    mixer, other = Mixer(pool, "training", device, SEED), Mixer(pool, "validation", device, SEED + 1)
    checks = [other.batch(BATCH) for _ in range(6)]
    optimiser = torch.optim.AdamW(network.parameters(), FASTEST_RATE, weight_decay=1e-3)
    inside = slice(CONTEXT_FRAMES // 2, -CONTEXT_FRAMES // 2)
    measure = torch.nn.functional.binary_cross_entropy_with_logits
    for step in range(STEPS):
        fading = 0.5 * (1 + math.cos(math.pi * step / STEPS))
        optimiser.param_groups[0]["lr"] = FASTEST_RATE * min(1, (step + 1) / 50) * (0.98 * fading + 0.02)
        with torch.no_grad():
            seen, there, learnt = mixer.batch(BATCH)
        optimiser.zero_grad()
        loss = measure(network(seen)[..., inside], there[..., inside], weight=learnt[..., inside])
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        if step % VALIDATE_EACH == VALIDATE_EACH - 1:
            print(f"{step + 1}: loss {loss.item():.4f}, {_rightness(network, checks)}", flush=True)
    return network


@torch.no_grad()
def _rightness(network: ClassNetwork, checks: Sequence[tuple[Tensor, Tensor, Tensor]]) -> str:
    right = [((network(seen) > 0) == (there > 0.5)).float() * learnt for seen, there, learnt in checks]
    share = sum(one.sum((0, 2)) for one in right) / sum(learnt.sum((0, 2)) for _, _, learnt in checks)
    return ", ".join(
        f"{name} {share[row]:.4f}" for name, row in (("speech", SPEECH), ("music", MUSIC), ("noise", NOISE))
    )


def main() -> None:
    path = Path(sys.argv[1])
    stored: Pool = dict(np.load(path)) if path.exists() else {}
    missing = [kind for kind in COUNTS if f"training_{kind}" not in stored]
    if missing:
        stored |= made(missing, workers=len(os.sched_getaffinity(0)))
        np.savez(path, allow_pickle=False, **stored)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = trained(stored, device).cpu()
    save_file({name: one.detach().contiguous() for name, one in network.state_dict().items()}, WEIGHTS)


if __name__ == "__main__":
    main()
