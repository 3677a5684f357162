"""Maker: what makes works, or finds out what would be made. An `Execution`, or a `Plan`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from pipelines.outcome import ItemFailure
from pipelines.runner import Artifact, Batch, D, Made
from pipelines.stage import Work


class Maker(Protocol):
    """An Execution, or a Plan."""

    def make(self, work: Work) -> Made: ...

    def make_all(self, works: Sequence[Work]) -> list[Made | ItemFailure]: ...

    def make_batch(self, batch: Batch) -> list[Made | ItemFailure]: ...

    def read(self, artifact: Artifact) -> bytes: ...

    def path(self, artifact: Artifact) -> Path: ...

    def document(self, kind: type[D], artifact: Artifact) -> D: ...
