"""What does each frame show at a glance, and does it go on from the one before? By OpenCV and numpy, without weights.

The measuring stands in `continuity`, which is imported when the engine loads: without OpenCV this engine is not
available, and its stub stands in.

Licence: OpenCV, Apache-2.0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from actors.engine import EngineSpec
from actors.packages import installed
from actors.placement import Placement
from actors.visual.signals import FrameSignals, ThumbPair
from schemas.canonical import fingerprint
from schemas.errors import Unavailable

SPEC = EngineSpec(
    name="opencv_visual_meta", version="4+1", backend_type="real", model="lucas_kanade+ncc", memory_mb=120, batch=64
)
"""`+1` counts our own changes to what is made of a pair."""


class OpencvVisualMeta:
    """Visual meta engine over OpenCV and numpy."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._spec = replace(SPEC, degraded=degraded)
        self._measure: Callable[[Sequence[ThumbPair]], NDArray[np.void]] | None = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Looks which OpenCV there is.

        Raises:
            Unavailable: none.
        """
        self._spec = replace(self._spec, digest=fingerprint(installed(("numpy", "opencv-python-headless"))))

    def load(self) -> None:
        """Pins OpenCV to one thread.

        Raises:
            Unavailable: see `check`.
        """
        self.check()
        import cv2

        from actors.visual.continuity import signals_of

        cv2.setNumThreads(1)
        self._measure = signals_of

    def infer(self, batch: Sequence[ThumbPair]) -> list[FrameSignals]:
        """The signals of each pair's current frame.

        Raises:
            Unavailable: not loaded.
        """
        if self._measure is None:
            raise Unavailable("opencv_visual_meta is not loaded; call load() first")
        return [FrameSignals(one.tobytes()) for one in self._measure(batch)] if batch else []

    def close(self) -> None:
        """Nothing is held."""
        self._measure = None
