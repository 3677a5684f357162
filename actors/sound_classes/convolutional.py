"""What sounds? A small convolutional network over levels and lines, without a network connection.

    1,024 samples every 20 ms -> `features` -> `network` (2.5 s to both sides) -> speech, music, noise

Model: ours, 75,000 parameters in `sound_classes.safetensors`, trained by `python -m tools.train_sound_classes` on
music, noises and voices that the tool makes itself; no recording went into it.
Licence: that of this repository.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from actors.chunk_engine import ChunkNetwork
from actors.engine import EngineSpec
from actors.placement import Placement
from actors.sound_chunks import Frames, Look, Pcm
from actors.sound_classes.hearing import GRID, levels_db

if TYPE_CHECKING:
    import torch

SPEC = EngineSpec(name="conv_sound_classes", version="1", backend_type="real", memory_mb=600, model="sound_classes_1")

WEIGHTS = Path(__file__).parent / "sound_classes.safetensors"


class ConvolutionalSoundClasses(ChunkNetwork):
    """Sound classes engine over our own weights."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        spec = replace(SPEC, degraded=degraded)
        super().__init__(spec, GRID, WEIGHTS, _opened, (placement or Placement()).threads)


def _opened(tensors: dict[str, torch.Tensor]) -> Look:
    """Rows of one chunk, by the network and what it sees."""
    import torch

    from actors.sound_classes.features import features
    from actors.sound_classes.network import ClassNetwork

    network = ClassNetwork()
    network.load_state_dict(tensors)
    network.eval()

    def look(samples: Pcm) -> Frames:
        with torch.inference_mode():
            likely = torch.sigmoid(network(features(torch.from_numpy(samples)[None])))[0].numpy().T
        rows: Frames = np.column_stack([likely, levels_db(samples)])
        return rows[GRID.around_frames : GRID.around_frames + GRID.chunk_frames]

    return look
