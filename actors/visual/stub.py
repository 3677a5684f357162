"""The visual meta engine without measuring: the picture in a grid by numpy alone, no motion, no change, no shots.

It stands in where OpenCV is not installed, and in tests. Every result says `backend_type: "stub"`. A frame is suspect
unless its thumb is the one before, so that nothing is tracked on its word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from actors.engine import EngineSpec
from actors.placement import Placement
from actors.visual.signals import GRID_CHROMA, GRID_HEIGHT, GRID_WIDTH, SIGNALS, FrameSignals, ThumbPair

SPEC = EngineSpec(name="stub_visual_meta", version="1", backend_type="stub", memory_mb=1, batch=64)


class StubVisualMeta:
    """Visual meta engine that sees neither motion nor change."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._spec = replace(SPEC, degraded=degraded)

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Nothing to look for."""

    def load(self) -> None:
        """Nothing to load."""

    def infer(self, batch: Sequence[ThumbPair]) -> list[FrameSignals]:
        """The grid of each current frame, every fourth row and column; everything else zero."""
        return [_glance(pair) for pair in batch]

    def close(self) -> None:
        """Nothing to free."""


def _glance(pair: ThumbPair) -> FrameSignals:
    signals = np.zeros((), SIGNALS)
    luma, chroma = pair.current.luma, pair.current.chroma
    signals["luma"] = luma[2::4, 2::4][:GRID_HEIGHT, :GRID_WIDTH]
    signals["chroma"] = chroma[:, 1::3, 2::4][:, : GRID_CHROMA[0], : GRID_CHROMA[1]]
    signals["contrast"] = luma.std()
    before = pair.previous
    signals["suspect"] = before is None or not np.array_equal(before.pixels, pair.current.pixels)
    return FrameSignals(signals.tobytes())
