"""Where does somebody speak? A small recurrent network over 32 ms frames, without a network connection.

    512 samples and the 64 before -> spectrum (256-point, 4 columns) -> 4 convolutions -> LSTM cell -> probability

Model: Silero VAD, 16 kHz, 0.3 M parameters, the safetensors file that the wheel `silero-vad` brings. The package itself
is not imported: it loads a TorchScript archive, one frame a call; here a chunk of 64 frames is one call.
Source: https://github.com/snakers4/silero-vad (`tinygrad_model.py` there describes the network)
Licence: MIT
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
from actors.voice_activity.activity import (
    CHUNK_SAMPLES,
    Activity,
    ActivityMemory,
    ActivityRequest,
    chunks,
    frame_count,
)
from schemas.backend import Backend
from schemas.errors import Unavailable

if TYPE_CHECKING:
    import torch

SPEC = EngineSpec(
    name="silero_vad", version="6.2.3+1", backend_type="real", memory_mb=600, model="silero_vad_16k"
)  # fmt: skip
"""`+1` counts our own changes to what is made of the model's numbers."""

CONTEXT_SAMPLES = 64
"""Samples before a frame that the network sees with it."""

HIDDEN = 128
BINS = 129
STRIDES = {"conv1": 1, "conv2": 2, "conv3": 2, "conv4": 1}


class SileroVoiceActivity:
    """Voice activity engine over Silero's weights."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._placement = placement or Placement()
        self._spec = replace(SPEC, degraded=degraded)
        self._network: _Network | None = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Finds the weights and torch.

        Raises:
            Unavailable: silero-vad or torch is not installed.
        """
        if find_spec("torch") is None:
            raise Unavailable("silero_vad needs torch, which is not installed")
        self._spec = replace(self._spec, digest=_digest(weights_file()))

    def load(self) -> None:
        """Reads the weights.

        Raises:
            Unavailable: silero-vad or torch is not installed, or its weights are other ones than expected.
        """
        self.check()
        self._network = _Network(weights_file(), self._placement.threads)

    def infer(self, batch: Sequence[ActivityRequest]) -> list[Activity]:
        """One answer per block, in order; each is computed alone, chunk by chunk.

        Raises:
            Unavailable: not loaded.
        """
        if self._network is None:
            raise Unavailable("silero_vad is not loaded; call load() first")
        backend = Backend(
            backend_type="real", name=SPEC.name, version=SPEC.version, model=SPEC.model, degraded=self._spec.degraded
        )
        return [_answer(self._network, request, backend) for request in batch]

    def close(self) -> None:
        """Forgets the weights."""
        self._network = None


def weights_file() -> Path:
    """Where the wheel's weights lie; the package is not imported.

    Raises:
        Unavailable: silero-vad is not installed, or not whole.
    """
    package = find_spec("silero_vad")
    if package is None or not package.submodule_search_locations:
        raise Unavailable("silero_vad needs the package silero-vad, which is not installed")
    found = Path(package.submodule_search_locations[0]) / "data" / "silero_vad_16k.safetensors"
    if not found.is_file():
        raise Unavailable(f"silero-vad is installed without its weights: {found.name!r} is missing")
    return found


@cache
def _digest(weights: Path) -> str:
    """SHA-256 over the weights (1.2 MB) and the version of torch."""
    try:
        torch_version = version("torch")
    except PackageNotFoundError as exc:
        raise Unavailable("silero_vad needs torch, which is not installed") from exc
    return hashlib.sha256(weights.read_bytes() + torch_version.encode()).hexdigest()


def _answer(network: _Network, request: ActivityRequest, backend: Backend) -> Activity:
    memory = request.memory or ActivityMemory(
        np.zeros((2, 1, HIDDEN), np.float32), np.zeros(CONTEXT_SAMPLES, np.float32)
    )
    heard = []
    for chunk in chunks(request.pcm):
        probabilities, memory = network.chunk(chunk, memory)
        heard.append(probabilities)
    ended = len(request.pcm) % CHUNK_SAMPLES != 0
    frames = np.concatenate(heard)[: frame_count(len(request.pcm))] if heard else np.zeros(0, np.float32)
    return Activity(frames, None if ended else memory, backend)


class _Network:
    """The network, with weights named as in the file."""

    def __init__(self, weights: Path, threads: int) -> None:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        torch.set_num_threads(threads)
        try:
            self._weights = load_file(weights)
            self._lstm = torch.nn.LSTM(HIDDEN, HIDDEN)
            self._lstm.load_state_dict(
                {
                    f"{name}_l0": self._weights[f"lstm_cell.{name}"]
                    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                }
            )
        except (SafetensorError, KeyError, RuntimeError) as exc:
            raise Unavailable(f"{weights.name!r} does not hold the weights that silero_vad expects: {exc}") from exc
        self._torch = torch

    def chunk(
        self, frames: np.ndarray[tuple[int, ...], np.dtype[np.float32]], memory: ActivityMemory
    ) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.float32]], ActivityMemory]:
        """Probabilities of float32 (CHUNK_FRAMES, FRAME_SAMPLES), and what the next chunk must know."""
        torch = self._torch
        before = np.concatenate([memory.last_samples[None], frames[:-1, -CONTEXT_SAMPLES:]])
        with torch.inference_mode():
            seen = torch.from_numpy(np.concatenate([before, frames], axis=1))
            hidden, cell = torch.from_numpy(memory.state)[:, None]
            outputs, (hidden, cell) = self._lstm(self._features(seen)[:, None], (hidden, cell))
            speech = self._speech(outputs[:, 0])
            state = torch.cat([hidden, cell]).numpy()
        return speech.numpy(), ActivityMemory(state, frames[-1, -CONTEXT_SAMPLES:].copy())

    def _features(self, seen: torch.Tensor) -> torch.Tensor:
        """(frames, HIDDEN) of samples (frames, CONTEXT_SAMPLES + FRAME_SAMPLES)."""
        functional = self._torch.nn.functional
        padded = functional.pad(seen[:, None], (0, CONTEXT_SAMPLES), "reflect")
        spectrum = functional.conv1d(padded, self._weights["stft_conv.weight"], stride=128)
        hidden = (spectrum[:, :BINS] ** 2 + spectrum[:, BINS:] ** 2).sqrt()
        for name, stride in STRIDES.items():
            weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
            hidden = functional.relu(functional.conv1d(hidden, weight, bias, stride=stride, padding=1))
        features: torch.Tensor = hidden[:, :, 0]
        return features

    def _speech(self, outputs: torch.Tensor) -> torch.Tensor:
        functional = self._torch.nn.functional
        weight, bias = self._weights["final_conv.weight"][..., 0], self._weights["final_conv.bias"]
        speech: torch.Tensor = self._torch.sigmoid(functional.linear(functional.relu(outputs), weight, bias))
        return speech[:, 0]
