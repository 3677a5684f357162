"""What a beats engine answers about a `SoundBlock`: for every 20 ms, how likely a beat and a downbeat are there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from actors.beats.mel import HOP_SAMPLES, WINDOW_SAMPLES
from actors.sound_chunks import ChunkGrid

CHUNK_FRAMES = 1536
"""Frames that an engine answers at once: 30.72 s, one block of `pipelines.media.speech_audio`."""

AROUND_FRAMES = 256
"""Frames before and after a chunk that an engine sees with it: 5.12 s."""

GRID = ChunkGrid(HOP_SAMPLES, WINDOW_SAMPLES, CHUNK_FRAMES, AROUND_FRAMES, columns=3)

BEAT, DOWNBEAT, ONSET = 0, 1, 2
"""Columns of activations."""

Activations = NDArray[np.float32]
"""float32 (frames, 3), a frame every 20 ms, the first at 0 s: how likely a beat is there, in [0, 1]; how likely a
downbeat is, in [0, 1]; how strongly something begins, 0 or more."""
