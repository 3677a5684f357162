"""What a sound classes network sees of a frame: levels, lines and lines that stand still, in 48 bands.

    1,024 samples -> spectrum in dB -> mean power of each band                              level
                                    -> bins above the mean of 21 around them, largest       line: tones, voiced speech
                                    -> the least of a bin now, 100 and 200 ms before, ...   held: tones that stay

Music holds its tones where speech slides. Source of the idea: K. Seyerlehner et al., Automatic music detection in
television productions, DAFx 2007 (continuous frequency activation).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

WINDOW_SAMPLES = 1024
HOP_SAMPLES = 320

AROUND_BINS = 21
HELD_FRAMES = (5, 10)

EDGES = (
    2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 42, 46, 50, 54, 59, 64, 69, 75, 81, 88, 95, 103,
    111, 120, 130, 140, 151, 163, 176, 190, 206, 222, 240, 259, 280, 302, 326, 352, 380, 410, 443, 478,
)  # fmt: skip
"""First bin of each band, and the end of the last: 31 Hz to 7.5 kHz."""

BANDS = len(EDGES) - 1

FEATURES = 3 * BANDS

_QUIET_DB = -70.0
"""Of a bin, where a full-scale sine has 0: what is quieter is no line."""


def features(samples: Tensor) -> Tensor:
    """float32 (batch, frames, FEATURES) of float32 (batch, N): every window that lies in the samples, about [0, 1]."""
    window = torch.hann_window(WINDOW_SAMPLES, device=samples.device)
    spectrum = torch.stft(
        samples, WINDOW_SAMPLES, HOP_SAMPLES, window=window, center=False, return_complex=True
    ).abs()  # fmt: skip
    power = (spectrum * (4 / WINDOW_SAMPLES)) ** 2
    bins_db = (10 * torch.log10(power + 1e-10)).clamp_min(_QUIET_DB)
    around = torch.nn.functional.avg_pool2d(
        bins_db[:, None], (AROUND_BINS, 1), stride=1, padding=(AROUND_BINS // 2, 0), count_include_pad=False
    )[:, 0]
    lines = (bins_db - around).clamp(0, 20)
    held = lines
    for frames in HELD_FRAMES:
        before = torch.nn.functional.pad(lines, (frames, 0))[..., :-frames]
        held = torch.minimum(held, before)
    bands = list(pairwise(EDGES))
    level = torch.stack([power[:, low:high].mean(1) for low, high in bands], 1)
    level_db = 10 * torch.log10(level + 1e-10)
    seen = [
        (level_db + 100) / 100,
        torch.stack([lines[:, low:high].amax(1) for low, high in bands], 1) / 20,
        torch.stack([held[:, low:high].amax(1) for low, high in bands], 1) / 20,
    ]
    return torch.cat(seen, 1).transpose(1, 2)
