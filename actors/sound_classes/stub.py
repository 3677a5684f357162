"""Sound classes without a model: whatever is loud counts as noise, and nothing as speech or music.

It stands in where the network cannot be loaded, and in tests; every result says `backend_type: "stub"`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from actors.chunk_engine import ChunkStub
from actors.engine import EngineSpec
from actors.placement import Placement
from actors.sound_chunks import Frames, Pcm
from actors.sound_classes.hearing import GRID, levels_db

SPEC = EngineSpec(name="stub_sound_classes", version="1", backend_type="stub", memory_mb=16)

LOUD_DB = -50.0
"""A-weighted level at which noise is as likely as not: a quiet room."""

SLOPE_DB = 3.0
"""How many decibels turn even odds into odds of e to 1."""


class StubSoundClasses(ChunkStub):
    """Sound classes engine that measures levels alone."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        super().__init__(replace(SPEC, degraded=degraded), GRID, _look)


def _look(samples: Pcm) -> Frames:
    level_db = levels_db(samples)[GRID.around_frames : GRID.around_frames + GRID.chunk_frames]
    noise = 1 / (1 + np.exp((LOUD_DB - level_db) / SLOPE_DB))
    nothing = np.zeros_like(level_db)
    return np.column_stack([nothing, nothing, noise, level_db]).astype(np.float32)
