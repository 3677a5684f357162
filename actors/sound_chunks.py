"""Chunks of a sound that come with what lies around them, however the sound was cut into blocks.

An engine that must see some seconds before and after what it answers keeps nothing between calls: what it needs of the
blocks before lies in the memory that an answer hands on. It always looks at a chunk of the same size at the same place
of the sound, so its answers are the same bytes wherever the blocks were cut.

    sound       |------- block 0 -------|------- block 1 -------|- block 2 -|
    chunk 0   [. . .|  frames  |. . .]           what is between the dots is answered when the dots after it are heard
    chunk 1              [. . .|  frames  |. . .]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.errors import InvalidInput

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


def check_mono(pcm: Pcm, family: str) -> None:
    """Nothing, for samples that an engine can take.

    Raises:
        InvalidInput: they are not float32 mono, or not numbers.
    """
    if pcm.dtype != np.float32 or pcm.ndim != 1:
        raise InvalidInput(f"{family} need float32 (N,), got {pcm.dtype} {pcm.shape}")
    if not np.isfinite(pcm).all():
        raise InvalidInput(f"{family} need samples that are numbers; some are NaN or infinite")


def answered(
    grid: ChunkGrid, look: Look, pcm: Pcm, memory: ChunkMemory | None, *, ends: bool
) -> tuple[Frames, ChunkMemory | None]:
    """Rows of the frames that follow those answered before, and the memory for the next block.

    Args:
        grid: where the chunks lie.
        look: what tells the frames of one chunk.
        pcm: the block.
        memory: from the block before; None for the first.
        ends: whether the sound ends with this block: only then are its last frames answered.
    """
    memory = memory or ChunkMemory(np.zeros(grid.lead_samples, np.float32), 0, 0)
    samples = np.concatenate([memory.samples, pcm])
    heard, done = memory.heard_samples + len(pcm), memory.answered_frames
    total = grid.frame_count(heard)
    parts = [np.zeros((0, grid.columns), np.float32)]
    while len(samples) >= grid.seen_samples or (ends and done < total):
        found = look(np.pad(samples[: grid.seen_samples], (0, max(0, grid.seen_samples - len(samples)))))
        parts.append(found[: total - done])
        done += len(parts[-1])
        samples = samples[grid.chunk_frames * grid.hop_samples :]
    return np.concatenate(parts), None if ends else ChunkMemory(samples.copy(), done, heard)
