"""The speech engine without a recogniser: `[speech]` wherever it is loud.

It stands in where neither Whisper nor PocketSphinx can answer, and in tests. Every result says `backend_type: "stub"`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from actors.engine import EngineSpec
from actors.placement import Placement
from actors.speech.transcription import (
    SAMPLE_RATE_HZ,
    HeardSegment,
    HeardWord,
    TranscribeRequest,
    Transcription,
)
from schemas.backend import Backend

SPEC = EngineSpec(name="stub_captions", version="1", backend_type="stub", memory_mb=1)

TEXT = "[speech]"
FRAME_SAMPLES = SAMPLE_RATE_HZ // 10
FRAME_S = 0.1
LOUD = 10 ** (-45 / 20)
"""Root mean square of a frame that counts as loud: 45 dB below full scale."""

PAUSE_FRAMES = 5
"""A segment ends after half a second of quiet."""

LONGEST_S = 5.0
"""A longer stretch is several segments, so that each of them can be shown while it sounds."""


class StubSpeech:
    """Speech engine that hears that somebody speaks, and nothing more."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "", language: str = "") -> None:
        self._spec = replace(SPEC, degraded=degraded)

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Nothing to look for."""

    def load(self) -> None:
        """Nothing to load."""

    def infer(self, batch: Sequence[TranscribeRequest]) -> list[Transcription]:
        """One transcription per request; a word a segment, the language is the hint or `und`."""
        backend = Backend(backend_type="stub", name=SPEC.name, version=SPEC.version, degraded=self._spec.degraded)
        return [
            Transcription(
                language=request.primary_language or "und",
                language_source="hint" if request.language else "assumed",
                language_probability=1.0 if request.language else 0.0,
                no_speech_probability=0.0,
                segments=tuple(_segment(*loud) for loud in _loud_stretches(request.pcm)),
                word_times="segmentation",
                backend=backend,
            )
            for request in batch
        ]

    def close(self) -> None:
        """Nothing to free."""


def _segment(start_s: float, end_s: float) -> HeardSegment:
    return HeardSegment(start_s, end_s, (HeardWord(TEXT, start_s, end_s, 0.0),), 0.0)


def _loud_stretches(pcm: NDArray[np.float32]) -> list[tuple[float, float]]:
    """[start_s, end_s) of loud frames with less than half a second of quiet between them."""
    frames = -(-len(pcm) // FRAME_SAMPLES)
    padded = np.pad(pcm, (0, frames * FRAME_SAMPLES - len(pcm))).reshape(frames, FRAME_SAMPLES)
    loud = np.flatnonzero(np.sqrt(np.mean(padded.astype(np.float64) ** 2, axis=1)) > LOUD)
    if not loud.size:
        return []
    breaks = np.flatnonzero(np.diff(loud) > PAUSE_FRAMES)
    firsts, lasts = loud[[0, *(breaks + 1)]], loud[[*breaks, -1]]
    return [
        part
        for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
        for part in _parts(first * FRAME_S, min((last + 1) * FRAME_S, len(pcm) / SAMPLE_RATE_HZ))
    ]


def _parts(start_s: float, end_s: float) -> list[tuple[float, float]]:
    """The stretch in equal parts of at most LONGEST_S."""
    count = math.ceil((end_s - start_s) / LONGEST_S)
    borders = [round(start_s + (end_s - start_s) * index / count, 3) for index in range(count + 1)]
    return list(pairwise(borders))
