"""What sounds? A small convolutional network over levels and lines, without a network connection.

    1,024 samples every 20 ms -> `features` -> `network` (2.5 s to both sides) -> speech, music, noise

Model: ours, 75,000 parameters in `sound_classes.safetensors`, trained by `python -m tools.train_sound_classes` on
music, noises and voices that the tool makes itself; no recording went into it.
Licence: that of this repository.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from actors.engine import EngineSpec
from actors.placement import Placement
from actors.sound_chunks import Frames, Pcm
from actors.sound_classes.hearing import GRID, ClassHearing, ClassRequest, hearing, levels_db
from schemas.backend import Backend
from schemas.errors import Unavailable

if TYPE_CHECKING:
    from actors.sound_classes.network import ClassNetwork

SPEC = EngineSpec(name="conv_sound_classes", version="1", backend_type="real", memory_mb=600, model="sound_classes_1")

WEIGHTS = Path(__file__).parent / "sound_classes.safetensors"


class ConvolutionalSoundClasses:
    """Sound classes engine over our own weights."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._placement = placement or Placement()
        self._spec = replace(SPEC, degraded=degraded)
        self._ear: _Ear | None = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Finds the weights and torch.

        Raises:
            Unavailable: torch is not installed, or the weights are not here.
        """
        if find_spec("torch") is None:
            raise Unavailable(f"{SPEC.name} needs torch, which is not installed")
        if not WEIGHTS.is_file():
            raise Unavailable(f"{SPEC.name} is installed without its weights: {WEIGHTS.name!r} is missing")
        self._spec = replace(self._spec, digest=_digest(WEIGHTS))

    def load(self) -> None:
        """Reads the weights and listens to one silent chunk, so that the first call takes no longer than others.

        Raises:
            Unavailable: torch is not installed, or the weights are not here or other ones than expected.
        """
        self.check()
        ear = _Ear(WEIGHTS, self._placement.threads)
        ear.look(np.zeros(GRID.seen_samples, np.float32))
        self._ear = ear

    def infer(self, batch: Sequence[ClassRequest]) -> list[ClassHearing]:
        """One answer per block, in order; each is computed alone, chunk by chunk.

        Raises:
            Unavailable: not loaded.
        """
        if self._ear is None:
            raise Unavailable(f"{SPEC.name} is not loaded; call load() first")
        backend = Backend(
            backend_type="real", name=SPEC.name, version=SPEC.version, model=SPEC.model, degraded=self._spec.degraded
        )
        return [hearing(request, self._ear.look, backend) for request in batch]

    def close(self) -> None:
        """Forgets the weights."""
        self._ear = None


@cache
def _digest(weights: Path) -> str:
    """SHA-256 over the weights (0.3 MB) and the version of torch."""
    try:
        torch_version = version("torch")
    except PackageNotFoundError as exc:
        raise Unavailable(f"{SPEC.name} needs torch, which is not installed") from exc
    return hashlib.sha256(weights.read_bytes() + torch_version.encode()).hexdigest()


class _Ear:
    """The network and what it sees."""

    def __init__(self, weights: Path, threads: int) -> None:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from actors.sound_classes.features import features
        from actors.sound_classes.network import ClassNetwork

        torch.set_num_threads(threads)
        try:
            self._network: ClassNetwork = ClassNetwork()
            self._network.load_state_dict(load_file(weights))
        except (SafetensorError, KeyError, RuntimeError) as exc:
            raise Unavailable(f"{weights.name!r} does not hold the weights that {SPEC.name} expects: {exc}") from exc
        self._network.eval()
        self._features, self._torch = features, torch

    def look(self, samples: Pcm) -> Frames:
        """Rows of one chunk."""
        with self._torch.inference_mode():
            seen = self._features(self._torch.from_numpy(samples)[None])
            likely = self._torch.sigmoid(self._network(seen))[0].numpy().T
        rows: Frames = np.column_stack([likely, levels_db(samples)])
        return rows[GRID.around_frames : GRID.around_frames + GRID.chunk_frames]
