"""Chunks of a sound that come with what lies around them, however the sound was cut into blocks.

An engine that must see some seconds before and after what it answers keeps nothing between calls: what it needs of the
blocks before lies in the memory that an answer hands on. It always looks at a chunk of the same size at the same place
of the sound, so its answers are the same bytes wherever the blocks were cut.

    sound       |------- block 0 -------|------- block 1 -------|- block 2 -|
    chunk 0   [. . .|  frames  |. . .]           what is between the dots is answered when the dots after it are heard
    chunk 1              [. . .|  frames  |. . .]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from schemas.backend import Backend
from schemas.errors import InvalidInput

if TYPE_CHECKING:
    from actors.engine import Engine

Pcm = NDArray[np.float32]
"""float32 (N,), mono at 16 kHz in [-1, 1]."""

Frames = NDArray[np.float32]
"""float32 (frames, columns)."""


@dataclass(frozen=True)
class ChunkGrid:
    """Where the chunks of a sound lie. Frame k is a window centred at sample k * hop_samples."""

    hop_samples: int
    window_samples: int
    chunk_frames: int
    """Frames that are answered at once."""

    around_frames: int
    """Frames before and after a chunk that are seen with it."""

    columns: int
    """Numbers that are answered about a frame."""

    @property
    def seen_samples(self) -> int:
        """Samples of one chunk with what lies around it."""
        return (self.chunk_frames + 2 * self.around_frames - 1) * self.hop_samples + self.window_samples

    @property
    def lead_samples(self) -> int:
        """Samples that a chunk sees before the centre of its first frame."""
        return self.around_frames * self.hop_samples + self.window_samples // 2

    def frame_count(self, samples: int) -> int:
        """Frames of a sound of so many samples."""
        return -(-samples // self.hop_samples)


@dataclass(frozen=True)
class ChunkMemory:
    """What must be known of the blocks before."""

    samples: Pcm
    """float32, of the sound from `lead_samples` before the next frame that is answered."""

    answered_frames: int
    heard_samples: int


Look = Callable[[Pcm], Frames]
"""float32 (seen_samples,) -> float32 (chunk_frames, columns)."""


@dataclass(frozen=True)
class SoundBlock:
    """One block of a sound: what an engine is asked.

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
        if self.pcm.dtype != np.float32 or self.pcm.ndim != 1:
            raise InvalidInput(f"a block of sound needs float32 (N,), got {self.pcm.dtype} {self.pcm.shape}")
        if not np.isfinite(self.pcm).all():
            raise InvalidInput("a block of sound needs samples that are numbers; some are NaN or infinite")


@dataclass(frozen=True)
class HeardBlock:
    """The answer to one block."""

    frames: Frames
    """Of the frames that follow those answered before; those of all blocks together are ceil(samples / hop)."""

    memory: ChunkMemory | None
    """For the next block; None when this one ended the sound."""

    backend: Backend


def heard_whole(engine: Engine[SoundBlock, HeardBlock], blocks: Iterable[Pcm]) -> Frames:
    """Rows of a sound that comes in blocks, in order. Memory: one block, and the rows, 3 MB an hour at four columns."""
    memory: ChunkMemory | None = None
    parts: list[Frames] = []
    for pcm in blocks:
        [found] = engine.infer([SoundBlock(pcm, memory)])
        parts.append(found.frames)
        memory = found.memory
    [rest] = engine.infer([SoundBlock(np.zeros(0, np.float32), memory, ends=True)])
    return np.concatenate([*parts, rest.frames])


def answered(grid: ChunkGrid, look: Look, block: SoundBlock) -> tuple[Frames, ChunkMemory | None]:
    """Rows of the frames that follow those answered before, and the memory for the next block.

    Args:
        grid: where the chunks lie.
        look: what tells the frames of one chunk.
        block: what is heard.
    """
    memory = block.memory or ChunkMemory(np.zeros(grid.lead_samples, np.float32), 0, 0)
    samples = np.concatenate([memory.samples, block.pcm])
    heard, done = memory.heard_samples + len(block.pcm), memory.answered_frames
    total = grid.frame_count(heard)
    parts = [np.zeros((0, grid.columns), np.float32)]
    while len(samples) >= grid.seen_samples or (block.ends and done < total):
        found = look(np.pad(samples[: grid.seen_samples], (0, max(0, grid.seen_samples - len(samples)))))
        parts.append(found[: total - done])
        done += len(parts[-1])
        samples = samples[grid.chunk_frames * grid.hop_samples :]
    return np.concatenate(parts), None if block.ends else ChunkMemory(samples.copy(), done, heard)
