"""The faces engine without a detector: it finds nothing, ever.

It stands in where no detector is installed, and in tests. Every result says `backend_type: "stub"`, and whoever must
not overlook a face, above all anonymise, refuses its answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actors.engine import EngineSpec
from actors.faces.detection import FaceDetections, FaceRequest, no_faces
from actors.placement import Placement

SPEC = EngineSpec(name="stub_face_detector", version="1", backend_type="stub", memory_mb=1, batch=64)


class StubFaces:
    """Faces engine that sees nobody."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._spec = replace(SPEC, degraded=degraded)

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Nothing to look for."""

    def load(self) -> None:
        """Nothing to load."""

    def infer(self, batch: Sequence[FaceRequest]) -> list[FaceDetections]:
        """No faces, for each picture."""
        return [no_faces() for _ in batch]

    def close(self) -> None:
        """Nothing to free."""
