"""Where are the beats? A small convolutional network over mel levels, without a network connection.

    1,024 samples every 20 ms -> 39 mel bands -> `network` (5 s to both sides) -> beat, downbeat; level rises -> onset

Model: ours, 30,000 parameters in `beats.safetensors`, trained by `python -m tools.train_beats` on music that the tool
makes itself; no recording went into it. The file holds the mel filters too.
Licence: that of this repository.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actors.beats.activations import AROUND_FRAMES, GRID, Activations
from actors.beats.mel import levels, magnitudes
from actors.chunk_engine import ChunkNetwork
from actors.engine import EngineSpec
from actors.placement import Placement
from actors.sound_chunks import Look, Pcm

if TYPE_CHECKING:
    import torch

SPEC = EngineSpec(name="tcn_beats", version="1", backend_type="real", memory_mb=600, model="beats_tcn_1")

WEIGHTS = Path(__file__).parent / "beats.safetensors"
FILTERS = "mel_filters"
"""Name of the tensor in the weights' file that is no weight: float32 (BANDS, WINDOW_SAMPLES / 2 + 1)."""


class TcnBeats(ChunkNetwork):
    """Beats engine over our own weights."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        spec = replace(SPEC, degraded=degraded)
        super().__init__(spec, GRID, WEIGHTS, _opened, (placement or Placement()).threads)


def _opened(tensors: dict[str, torch.Tensor]) -> Look:
    """Activations of one chunk, by the network and its filters."""
    import torch

    from actors.beats.network import BeatNetwork

    filters: NDArray[np.float32] = tensors.pop(FILTERS).numpy()
    network = BeatNetwork()
    network.load_state_dict(tensors)
    network.eval()

    def look(samples: Pcm) -> Activations:
        seen = levels(magnitudes(samples, filters))
        with torch.inference_mode():
            likely = torch.sigmoid(network(torch.from_numpy(seen)[None]))[0].numpy()
        inside = slice(AROUND_FRAMES, len(seen) - AROUND_FRAMES)
        return np.column_stack([likely[0], likely[1], rises(seen)])[inside]

    return look


def rises(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 (frames,): mean over bands of how much each level rose over the frame before and its bands nearby.

    Source: S. Böck and G. Widmer, Maximum filter vibrato suppression for onset detection, DAFx 2013.
    """
    before = np.pad(seen[:-1], ((1, 0), (1, 1)), "edge")
    widened = np.maximum(before[:, 1:-1], np.maximum(before[:, :-2], before[:, 2:]))
    found: NDArray[np.float32] = np.maximum(seen - widened, 0).mean(axis=1)
    return found
