"""A small convolutional network over mel levels: how likely each frame holds a beat, and a downbeat.

    levels (39 bands) -> 2 convolutions in time and frequency -> 24 channels
        -> 7 dilated convolutions in time, each added to its input (5.1 s to both sides) -> logits of beat, downbeat

Source: M. Davies and S. Böck, Temporal convolutional networks for musical audio beat tracking, EUSIPCO 2019.
Weights: `beats.safetensors`, made by `python -m tools.train_beats` from music that the tool makes itself; ours.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from actors.beats.mel import BANDS

CHANNELS = 24
DILATIONS = (1, 2, 4, 8, 16, 32, 64)
KERNEL = 5
BANDS_LEFT = math.ceil(math.ceil(BANDS / 3) / 2)

CONTEXT_FRAMES = 2 + (KERNEL - 1) // 2 * sum(DILATIONS)
"""Frames on each side that decide the answer for a frame: 256, 5.12 s."""


class BeatNetwork(nn.Module):
    """Logits float32 (batch, 2, frames) of levels float32 (batch, frames, BANDS).

    Beyond both ends zeros are assumed, in every layer: only frames CONTEXT_FRAMES inside are what a longer input gives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Conv2d(1, 16, (5, 3), stride=(3, 1), padding=(2, 1))
        self.wide = nn.Conv2d(16, 16, (3, 3), stride=(2, 1), padding=(1, 1))
        self.joined = nn.Conv1d(16 * BANDS_LEFT, CHANNELS, 1)
        self.dilated = nn.ModuleList(
            nn.Conv1d(CHANNELS, CHANNELS, KERNEL, dilation=one, padding=one * (KERNEL - 1) // 2) for one in DILATIONS
        )
        self.mixed = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, 1) for _ in DILATIONS)
        self.answer = nn.Conv1d(CHANNELS, 2, 1)

    def forward(self, levels: Tensor) -> Tensor:
        seen = torch.relu(self.near(levels.transpose(1, 2)[:, None]))
        seen = torch.relu(self.wide(seen))
        hidden = torch.relu(self.joined(seen.flatten(1, 2)))
        for dilated, mixed in zip(self.dilated, self.mixed, strict=True):
            hidden = hidden + mixed(nn.functional.elu(dilated(hidden)))
        logits: Tensor = self.answer(hidden)
        return logits
