"""What a beats engine is asked, and what it answers: for every 20 ms, how likely a beat and a downbeat are there.

A sound goes through an engine in blocks of any length; activations are the same bytes wherever they were cut
(`actors/sound_chunks.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actors.beats.mel import HOP_SAMPLES, WINDOW_SAMPLES
from actors.sound_chunks import ChunkGrid, ChunkMemory, Look, Pcm, answered, check_mono
from schemas.backend import Backend

if TYPE_CHECKING:
    from actors.engine import Engine

CHUNK_FRAMES = 1536
"""Frames that an engine answers at once: 30.72 s, one block of `pipelines.media.speech_audio`."""

AROUND_FRAMES = 256
"""Frames before and after a chunk that an engine sees with it: 5.12 s."""

GRID = ChunkGrid(HOP_SAMPLES, WINDOW_SAMPLES, CHUNK_FRAMES, AROUND_FRAMES, columns=3)

BEAT, DOWNBEAT, ONSET = 0, 1, 2
"""Columns of activations."""

Activations = NDArray[np.float32]
"""float32 (frames, 3), a frame every 20 ms, the first at 0 s: how likely a beat is there, in [0, 1]; how likely a
downbeat is, in [0, 1]; how strongly something begins, 0 or more."""


@dataclass(frozen=True)
class BeatRequest:
    """One block of a sound.

    Raises:
        InvalidInput: the samples are not float32 mono, or not numbers.
    """

    pcm: Pcm
    """float32 (N,), mono at 16 kHz in [-1, 1]; N may be 0."""

    memory: ChunkMemory | None = None
    """From the answer to the block before; None for the first block."""

    ends: bool = False
    """Whether the sound ends with this block: only then are its last frames answered."""

    def __post_init__(self) -> None:
        check_mono(self.pcm, "beats")


@dataclass(frozen=True)
class BeatHearing:
    """The answer to one block."""

    activations: Activations
    """Of the frames that follow those answered before; those of all blocks together are ceil(samples / 320)."""

    memory: ChunkMemory | None
    """For the next block; None when this one ended the sound."""

    backend: Backend


def hearing(request: BeatRequest, look: Look, backend: Backend) -> BeatHearing:
    """The answer to a block by an engine that can look at one chunk."""
    activations, memory = answered(GRID, look, request.pcm, request.memory, ends=request.ends)
    return BeatHearing(activations, memory, backend)


def heard_whole(engine: Engine[BeatRequest, BeatHearing], blocks: Iterable[Pcm]) -> Activations:
    """Activations of a sound that comes in blocks, in order; 8.6 MB for an hour, and one block in memory."""
    memory: ChunkMemory | None = None
    parts: list[Activations] = []
    for pcm in blocks:
        [found] = engine.infer([BeatRequest(pcm, memory)])
        parts.append(found.activations)
        memory = found.memory
    [rest] = engine.infer([BeatRequest(np.zeros(0, np.float32), memory, ends=True)])
    return np.concatenate([*parts, rest.activations])
