"""Mixing as a plain function of plain values: here, or in a process of its own beside the rendering of shots.

A thread would not do for a long film: what filters sound and what draws figures both hold the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.media.sound import read_audio
from pipelines.media.wave_file import read_wave
from pipelines.sound.mix import mix
from pipelines.sound.mix_plan import MixPlan
from pipelines.stage import Output, Outputs
from schemas.errors import Unavailable

OUTPUTS = ("mix", "dialogue", "music", "effects")

LONG_MIX_S = 180.0
"""A process costs 2 s to start and import; mixing three minutes takes about as long."""


@dataclass(frozen=True)
class SoundFile:
    """One sound of the mix."""

    path: str
    ours: bool
    """Our own sounds are 16-bit WAV, which FFmpeg would take some 30 ms to open."""


@dataclass(frozen=True)
class MixTask:
    """One mix to make."""

    plan: MixPlan
    sounds: Mapping[str, SoundFile]
    """content_hash -> file."""

    folder: str
    """Empty folder for the mix and its stems."""


def mix_here(task: MixTask) -> Outputs:
    """The mix and its stems, made in this process."""

    def load(content_hash: str) -> tuple[NDArray[np.int16] | NDArray[np.float32], int]:
        sound = task.sounds[content_hash]
        return read_wave(Path(sound.path)) if sound.ours else read_audio(Path(sound.path))

    result = mix(task.plan, load, Path(task.folder))
    return {name: Output(name, getattr(result, name), "audio/wav") for name in OUTPUTS}


def mix_apart(task: MixTask) -> Outputs:
    """As `mix_here`, in a process of its own when the film is long enough to pay for it.

    Raises:
        Unavailable: that process died.
    """
    if task.plan.total_samples < LONG_MIX_S * task.plan.sample_rate_hz:
        return mix_here(task)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        try:
            return process.submit(mix_here, task).result()
        except BrokenProcessPool as exc:
            raise Unavailable("the process that mixed the sound died") from exc
