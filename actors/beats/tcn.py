"""Where are the beats? A small convolutional network over mel levels, without a network connection.

    1,024 samples every 20 ms -> 39 mel bands -> `network` (5 s to both sides) -> beat, downbeat; level rises -> onset

Model: ours, 30,000 parameters in `beats.safetensors`, trained by `python -m tools.train_beats` on music that the tool
makes itself; no recording went into it. The file holds the mel filters too.
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
from numpy.typing import NDArray

from actors.beats.activations import AROUND_FRAMES, GRID, Activations, BeatHearing, BeatRequest, hearing
from actors.beats.mel import levels, magnitudes
from actors.engine import EngineSpec
from actors.placement import Placement
from actors.sound_chunks import Pcm
from schemas.backend import Backend
from schemas.errors import Unavailable

if TYPE_CHECKING:
    from actors.beats.network import BeatNetwork

SPEC = EngineSpec(name="tcn_beats", version="1", backend_type="real", memory_mb=600, model="beats_tcn_1")

WEIGHTS = Path(__file__).parent / "beats.safetensors"
FILTERS = "mel_filters"
"""Name of the tensor in the weights' file that is no weight: float32 (BANDS, WINDOW_SAMPLES / 2 + 1)."""


class TcnBeats:
    """Beats engine over our own weights."""

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
            raise Unavailable("tcn_beats needs torch, which is not installed")
        if not WEIGHTS.is_file():
            raise Unavailable(f"tcn_beats is installed without its weights: {WEIGHTS.name!r} is missing")
        self._spec = replace(self._spec, digest=_digest(WEIGHTS))

    def load(self) -> None:
        """Reads the weights and looks at one silent chunk, so that the first call takes no longer than others.

        Raises:
            Unavailable: torch is not installed, or the weights are not here or other ones than expected.
        """
        self.check()
        ear = _Ear(WEIGHTS, self._placement.threads)
        ear.look(np.zeros(GRID.seen_samples, np.float32))
        self._ear = ear

    def infer(self, batch: Sequence[BeatRequest]) -> list[BeatHearing]:
        """One answer per block, in order; each is computed alone, chunk by chunk.

        Raises:
            Unavailable: not loaded.
        """
        if self._ear is None:
            raise Unavailable("tcn_beats is not loaded; call load() first")
        backend = Backend(
            backend_type="real", name=SPEC.name, version=SPEC.version, model=SPEC.model, degraded=self._spec.degraded
        )
        return [hearing(request, self._ear.look, backend) for request in batch]

    def close(self) -> None:
        """Forgets the weights."""
        self._ear = None


@cache
def _digest(weights: Path) -> str:
    """SHA-256 over the weights (0.2 MB) and the version of torch."""
    try:
        torch_version = version("torch")
    except PackageNotFoundError as exc:
        raise Unavailable("tcn_beats needs torch, which is not installed") from exc
    return hashlib.sha256(weights.read_bytes() + torch_version.encode()).hexdigest()


class _Ear:
    """The network and its filters."""

    def __init__(self, weights: Path, threads: int) -> None:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from actors.beats.network import BeatNetwork

        torch.set_num_threads(threads)
        try:
            tensors = load_file(weights)
            self._filters: NDArray[np.float32] = tensors.pop(FILTERS).numpy()
            self._network: BeatNetwork = BeatNetwork()
            self._network.load_state_dict(tensors)
        except (SafetensorError, KeyError, RuntimeError) as exc:
            raise Unavailable(f"{weights.name!r} does not hold the weights that tcn_beats expects: {exc}") from exc
        self._network.eval()
        self._torch = torch

    def look(self, samples: Pcm) -> Activations:
        """Activations of one chunk."""
        seen = levels(magnitudes(samples, self._filters))
        with self._torch.inference_mode():
            likely = self._torch.sigmoid(self._network(self._torch.from_numpy(seen)[None]))[0].numpy()
        inside = slice(AROUND_FRAMES, len(seen) - AROUND_FRAMES)
        return np.column_stack([likely[0], likely[1], rises(seen)])[inside]


def rises(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (frames,): mean over bands of how much each level rose over the frame before and its bands nearby.

    Source: S. Böck and G. Widmer, Maximum filter vibrato suppression for onset detection, DAFx 2013.
    """
    before = np.pad(seen[:-1], ((1, 0), (1, 1)), "edge")
    widened = np.maximum(before[:, 1:-1], np.maximum(before[:, :-2], before[:, 2:]))
    found: NDArray[np.float32] = np.maximum(seen - widened, 0).mean(axis=1)
    return found
