"""What a beats engine is asked, and what it answers: for every 20 ms, how likely a beat and a downbeat are there.

A sound goes through an engine in blocks of any length. What an answer needs of the sound before and after lies in the
memory that the answer hands on, so an engine keeps nothing between calls, and activations are the same bytes wherever
the blocks were cut: an engine always looks at a chunk of the same size at the same place of the sound.

    sound       |------- block 0 -------|------- block 1 -------|- block 2 -|
    chunk 0   [. . .|  frames  |. . .]           what is between the dots is answered, 5 s later than it is heard
    chunk 1              [. . .|  frames  |. . .]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actors.beats.mel import HOP_SAMPLES, WINDOW_SAMPLES
from schemas.backend import Backend
from schemas.errors import InvalidInput

if TYPE_CHECKING:
    from actors.engine import Engine

CHUNK_FRAMES = 1536
"""Frames that an engine answers at once: 30.72 s, one block of `pipelines.media.speech_audio`."""

AROUND_FRAMES = 256
"""Frames before and after a chunk that an engine sees with it: 5.12 s."""

SEEN_FRAMES = CHUNK_FRAMES + 2 * AROUND_FRAMES
SEEN_SAMPLES = (SEEN_FRAMES - 1) * HOP_SAMPLES + WINDOW_SAMPLES
LEAD_SAMPLES = AROUND_FRAMES * HOP_SAMPLES + WINDOW_SAMPLES // 2
"""Samples that a chunk sees before its first frame."""

BEAT, DOWNBEAT, ONSET = 0, 1, 2
"""Columns of activations."""

Pcm = NDArray[np.float32]

Activations = NDArray[np.float32]
"""float32 (frames, 3), a frame every 20 ms, the first at 0 s: how likely a beat is there, in [0, 1]; how likely a
downbeat is, in [0, 1]; how strongly something begins, 0 or more."""

Look = Callable[[Pcm], Activations]
"""float32 (SEEN_SAMPLES,) -> float32 (CHUNK_FRAMES, 3)."""


@dataclass(frozen=True)
class BeatMemory:
    """What an engine must know of the blocks before: 2.7 MB at most."""

    samples: Pcm
    """float32, of the sound from LEAD_SAMPLES before the next frame that is answered."""

    answered_frames: int
    heard_samples: int


@dataclass(frozen=True)
class BeatRequest:
    """One block of a sound.

    Raises:
        InvalidInput: the samples are not float32 mono, or not numbers.
    """

    pcm: Pcm
    """float32 (N,), mono at 16 kHz in [-1, 1]; N may be 0."""

    memory: BeatMemory | None = None
    """From the answer to the block before; None for the first block."""

    ends: bool = False
    """Whether the sound ends with this block: only then are its last frames answered."""

    def __post_init__(self) -> None:
        if self.pcm.dtype != np.float32 or self.pcm.ndim != 1:
            raise InvalidInput(f"beats need float32 (N,), got {self.pcm.dtype} {self.pcm.shape}")
        if not np.isfinite(self.pcm).all():
            raise InvalidInput("beats need samples that are numbers; some are NaN or infinite")


@dataclass(frozen=True)
class BeatHearing:
    """The answer to one block."""

    activations: Activations
    """Of the frames that follow those answered before; those of all blocks together are ceil(samples / 320)."""

    memory: BeatMemory | None
    """For the next block; None when this one ended the sound."""

    backend: Backend


def hearing(request: BeatRequest, look: Look, backend: Backend) -> BeatHearing:
    """The answer to a block by an engine that can look at one chunk."""
    memory = request.memory or BeatMemory(np.zeros(LEAD_SAMPLES, np.float32), 0, 0)
    samples = np.concatenate([memory.samples, request.pcm])
    heard, answered = memory.heard_samples + len(request.pcm), memory.answered_frames
    total = -(-heard // HOP_SAMPLES)
    parts = [np.zeros((0, 3), np.float32)]
    while len(samples) >= SEEN_SAMPLES or (request.ends and answered < total):
        found = look(np.pad(samples[:SEEN_SAMPLES], (0, max(0, SEEN_SAMPLES - len(samples)))))
        parts.append(found[: total - answered])
        answered += len(parts[-1])
        samples = samples[CHUNK_FRAMES * HOP_SAMPLES :]
    left = None if request.ends else BeatMemory(samples.copy(), answered, heard)
    return BeatHearing(np.concatenate(parts), left, backend)


def heard_whole(engine: Engine[BeatRequest, BeatHearing], blocks: Iterable[Pcm]) -> Activations:
    """Activations of a sound that comes in blocks, in order; 8.6 MB for an hour, and one block in memory."""
    memory: BeatMemory | None = None
    parts: list[Activations] = []
    for pcm in blocks:
        [found] = engine.infer([BeatRequest(pcm, memory)])
        parts.append(found.activations)
        memory = found.memory
    [rest] = engine.infer([BeatRequest(np.zeros(0, np.float32), memory, ends=True)])
    return np.concatenate([*parts, rest.activations])
