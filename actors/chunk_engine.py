"""Engines that answer a sound chunk by chunk; what differs between them is how one chunk is looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from actors.engine import EngineSpec
from actors.sound_chunks import ChunkGrid, HeardBlock, Look, SoundBlock, answered
from schemas.backend import Backend
from schemas.errors import Unavailable

if TYPE_CHECKING:
    import torch


class ChunkStub:
    """An engine that needs no model."""

    def __init__(self, spec: EngineSpec, grid: ChunkGrid, look: Look) -> None:
        self._spec, self._grid, self._look = spec, grid, look

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Nothing to look for."""

    def load(self) -> None:
        """Nothing to load."""

    def infer(self, batch: Sequence[SoundBlock]) -> list[HeardBlock]:
        """One answer per block, in order."""
        return _heard(self._spec, self._grid, self._look, batch)

    def close(self) -> None:
        """Nothing to free."""


class ChunkNetwork:
    """An engine over a network of torch whose weights lie in the package."""

    def __init__(
        self,
        spec: EngineSpec,
        grid: ChunkGrid,
        weights: Path,
        opened: Callable[[dict[str, torch.Tensor]], Look],
        threads: int,
    ) -> None:
        """Loads nothing yet.

        Args:
            spec: of the engine.
            grid: where the chunks lie.
            weights: a safetensors file.
            opened: makes what looks at a chunk of the tensors in `weights`; KeyError or RuntimeError for other ones.
            threads: that torch takes.
        """
        self._spec, self._grid, self._weights, self._opened, self._threads = spec, grid, weights, opened, threads
        self._look: Look | None = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Finds the weights and torch.

        Raises:
            Unavailable: torch is not installed, or the weights are not here.
        """
        if find_spec("torch") is None:
            raise Unavailable(f"{self._spec.name} needs torch, which is not installed")
        if not self._weights.is_file():
            raise Unavailable(f"{self._spec.name} is installed without its weights: {self._weights.name!r} is missing")
        self._spec = replace(self._spec, digest=_digest(self._weights, self._spec.name))

    def load(self) -> None:
        """Reads the weights and looks at one silent chunk, so that the first call takes no longer than others.

        Raises:
            Unavailable: torch is not installed, or the weights are not here or other ones than expected.
        """
        self.check()
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        torch.set_num_threads(self._threads)
        try:
            look = self._opened(load_file(self._weights))
        except (SafetensorError, KeyError, RuntimeError) as exc:
            raise Unavailable(
                f"{self._weights.name!r} does not hold the weights that {self._spec.name} expects: {exc}"
            ) from exc
        look(np.zeros(self._grid.seen_samples, np.float32))
        self._look = look

    def infer(self, batch: Sequence[SoundBlock]) -> list[HeardBlock]:
        """One answer per block, in order; each is computed alone, chunk by chunk.

        Raises:
            Unavailable: not loaded.
        """
        if self._look is None:
            raise Unavailable(f"{self._spec.name} is not loaded; call load() first")
        return _heard(self._spec, self._grid, self._look, batch)

    def close(self) -> None:
        """Forgets the weights."""
        self._look = None


def _heard(spec: EngineSpec, grid: ChunkGrid, look: Look, batch: Sequence[SoundBlock]) -> list[HeardBlock]:
    backend = Backend(
        backend_type=spec.backend_type, name=spec.name, version=spec.version, model=spec.model, degraded=spec.degraded
    )
    return [HeardBlock(*answered(grid, look, block), backend) for block in batch]


@cache
def _digest(weights: Path, name: str) -> str:
    """SHA-256 over the weights (under 1 MB) and the version of torch."""
    try:
        torch_version = version("torch")
    except PackageNotFoundError as exc:
        raise Unavailable(f"{name} needs torch, which is not installed") from exc
    return hashlib.sha256(weights.read_bytes() + torch_version.encode()).hexdigest()
