"""The hop: the step at which loudness, peaks and gains are kept, and how a gain goes from hop to hop."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HOP_SAMPLES = 160
"""3.3 ms at 48 kHz: divides the 100 ms step of the gating blocks, and is short against the limiter's window. The two
numbers kept for each are 2.4 kB a second of film."""

_RISE = (np.arange(HOP_SAMPLES) / HOP_SAMPLES).astype(np.float32)


def between_hops(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """float32 (H * HOP_SAMPLES,): straight lines between values at hop boundaries, (H + 1,)."""
    ends = values.astype(np.float32)
    lines: NDArray[np.float32] = np.diff(ends)[:, None] * _RISE
    lines += ends[:-1, None]
    return lines.reshape(-1)
