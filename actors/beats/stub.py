"""Beats without a model: whatever begins suddenly counts as a beat.

It stands in where the network cannot be loaded, and in tests. It knows no downbeats and takes every onset for a beat;
every result says `backend_type: "stub"`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from actors.beats.activations import AROUND_FRAMES, GRID, Activations
from actors.beats.mel import HOP_SAMPLES, WINDOW_SAMPLES
from actors.chunk_engine import ChunkStub
from actors.engine import EngineSpec
from actors.placement import Placement
from actors.sound_chunks import Pcm

SPEC = EngineSpec(name="stub_beats", version="1", backend_type="stub", memory_mb=1)

SUDDEN_DB = 12.0
"""Rise of the level from one frame to the next that counts as a sure onset."""

FLOOR_DB = -60.0
"""Level under which nothing is heard."""


class StubBeats(ChunkStub):
    """Beats engine that measures loudness alone."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        super().__init__(replace(SPEC, degraded=degraded), GRID, _look)


def _look(samples: Pcm) -> Activations:
    """A beat is as likely as the level of a frame has risen over the frame before."""
    middle = samples[WINDOW_SAMPLES // 2 - HOP_SAMPLES // 2 :]
    count = (len(samples) - WINDOW_SAMPLES) // HOP_SAMPLES + 1
    frames = middle[: count * HOP_SAMPLES].reshape(count, HOP_SAMPLES)
    power = np.mean(frames.astype(np.float64) ** 2, axis=1)
    level_db = np.maximum(10 * np.log10(np.maximum(power, 1e-12)), FLOOR_DB)
    rise = np.clip((level_db - np.roll(level_db, 1)) / SUDDEN_DB, 0, 1)
    activations = np.column_stack([0.02 + 0.96 * rise, np.full(count, 0.02), rise]).astype(np.float32)
    return activations[AROUND_FRAMES : count - AROUND_FRAMES]
