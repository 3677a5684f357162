"""A small convolutional network over the features of a sound: speech, music and noise, frame by frame.

    features (144) -> 1 convolution -> 32 channels -> 6 dilated convolutions in time (2.5 s to both sides) -> 3 logits

Weights: `sound_classes.safetensors`, made by `python -m tools.train_sound_classes` from sounds that the tool makes
itself; ours.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from actors.sound_classes.features import FEATURES

CHANNELS = 40
DILATIONS = (1, 2, 4, 8, 16, 32)
KERNEL = 5

CONTEXT_FRAMES = 1 + (KERNEL - 1) // 2 * sum(DILATIONS)
"""Frames on each side that decide the answer for a frame: 127, 2.54 s. Features look 10 frames back besides."""


class ClassNetwork(nn.Module):
    """Logits float32 (batch, 3, frames) of features float32 (batch, frames, FEATURES).

    Beyond both ends zeros are assumed, in every layer: only frames CONTEXT_FRAMES inside are what a longer input gives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.near = nn.Conv1d(FEATURES, CHANNELS, 3, padding=1)
        self.dilated = nn.ModuleList(
            nn.Conv1d(CHANNELS, CHANNELS, KERNEL, dilation=one, padding=one * (KERNEL - 1) // 2) for one in DILATIONS
        )
        self.mixed = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, 1) for _ in DILATIONS)
        self.answer = nn.Conv1d(CHANNELS, 3, 1)

    def forward(self, features: Tensor) -> Tensor:
        hidden = torch.relu(self.near(features.transpose(1, 2)))
        for dilated, mixed in zip(self.dilated, self.mixed, strict=True):
            hidden = hidden + mixed(nn.functional.elu(dilated(hidden)))
        logits: Tensor = self.answer(hidden)
        return logits
