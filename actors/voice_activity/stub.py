"""Voice activity without a model: whatever is loud counts as speech.

It stands in where Silero cannot be loaded, and in tests. Music and noise are speech to it; every result says
`backend_type: "stub"`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from actors.engine import EngineSpec
from actors.placement import Placement
from actors.voice_activity.activity import (
    CHUNK_SAMPLES,
    FRAME_SAMPLES,
    Activity,
    ActivityMemory,
    ActivityRequest,
    frame_count,
)
from schemas.backend import Backend

SPEC = EngineSpec(name="stub_voice_activity", version="1", backend_type="stub", memory_mb=1)

LOUD_DB = -45.0
"""Level of a frame below full scale at which speech is as likely as not: under a soft voice, over a quiet room."""

SLOPE_DB = 3.0
"""How many decibels turn even odds into odds of e to 1."""


class StubVoiceActivity:
    """Voice activity engine that measures loudness alone."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._spec = replace(SPEC, degraded=degraded)

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Nothing to look for."""

    def load(self) -> None:
        """Nothing to load."""

    def infer(self, batch: Sequence[ActivityRequest]) -> list[Activity]:
        """One answer per block; a frame's probability depends on that frame alone."""
        backend = Backend(backend_type="stub", name=SPEC.name, version=SPEC.version, degraded=self._spec.degraded)
        return [self._answer(request, backend) for request in batch]

    def close(self) -> None:
        """Nothing to free."""

    def _answer(self, request: ActivityRequest, backend: Backend) -> Activity:
        ended = len(request.pcm) % CHUNK_SAMPLES != 0
        nothing = np.zeros(0, np.float32)
        return Activity(_probabilities(request.pcm), None if ended else ActivityMemory(nothing, nothing), backend)


def _probabilities(pcm: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logistic in the level of each frame: 1 / (1 + exp((LOUD_DB - level) / SLOPE_DB))."""
    padded = np.pad(pcm, (0, frame_count(len(pcm)) * FRAME_SAMPLES - len(pcm)))
    power = np.mean(padded.reshape(-1, FRAME_SAMPLES).astype(np.float64) ** 2, axis=1)
    level_db = 10 * np.log10(np.maximum(power, 1e-12))
    likely: NDArray[np.float32] = (1 / (1 + np.exp((LOUD_DB - level_db) / SLOPE_DB))).astype(np.float32)
    return likely
