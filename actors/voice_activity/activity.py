"""What a voice activity engine is asked, and what it answers: a probability of speech for each frame of 32 ms.

A sound of any length goes through an engine in blocks. An engine keeps nothing between calls: what it must remember of
the blocks before is part of its answer, and of the next request. So a request means the same in any process and in any
batch, memory stays that of one block, and the probabilities do not depend on where the blocks were cut.

    block 0 ------> probabilities, memory
                                   |
    block 1, memory <--------------'  ------> probabilities, memory ...
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.backend import Backend
from schemas.errors import InvalidInput

SAMPLE_RATE_HZ = 16_000

FRAME_SAMPLES = 512
"""Samples of one frame: 32 ms."""

CHUNK_FRAMES = 64
"""Frames that an engine computes at once, always as many: another number would change the last bits."""

CHUNK_SAMPLES = CHUNK_FRAMES * FRAME_SAMPLES
"""A block is a whole number of chunks, 2.048 s each; only the last block of a sound may have any length."""


@dataclass(frozen=True)
class ActivityMemory:
    """What an engine must know of the blocks before. It is opaque to everybody else."""

    state: NDArray[np.float32]
    """float32, of the engine's own shape."""

    last_samples: NDArray[np.float32]
    """float32, the end of the block before."""


@dataclass(frozen=True)
class ActivityRequest:
    """One block of a sound.

    Raises:
        InvalidInput: the samples are not float32 mono, or not numbers.
    """

    pcm: NDArray[np.float32]
    """float32 (N,), mono at 16 kHz in [-1, 1]. N is a multiple of CHUNK_SAMPLES, or the sound ends with this block."""

    memory: ActivityMemory | None = None
    """From the answer to the block before; None for the first block."""

    def __post_init__(self) -> None:
        if self.pcm.dtype != np.float32 or self.pcm.ndim != 1:
            raise InvalidInput(f"voice activity needs float32 (N,), got {self.pcm.dtype} {self.pcm.shape}")
        if not np.isfinite(self.pcm).all():
            raise InvalidInput("voice activity needs samples that are numbers; some are NaN or infinite")


@dataclass(frozen=True)
class Activity:
    """The answer to one block."""

    probabilities: NDArray[np.float32]
    """float32 (ceil(N / FRAME_SAMPLES),) in [0, 1]."""

    memory: ActivityMemory | None
    """For the next block; None when this one ended the sound."""

    backend: Backend


def chunks(pcm: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (chunks, CHUNK_FRAMES, FRAME_SAMPLES): the block with silence after its end."""
    missing = -len(pcm) % CHUNK_SAMPLES
    return np.pad(pcm, (0, missing)).reshape(-1, CHUNK_FRAMES, FRAME_SAMPLES)


def frame_count(samples: int) -> int:
    """Frames that hold so many samples whole."""
    return -(-samples // FRAME_SAMPLES)
