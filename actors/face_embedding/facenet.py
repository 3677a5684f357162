"""Is this the same person? Inception-ResNet v1 of facenet-pytorch, from weights that somebody put there.

The wheel of facenet-pytorch has no weights of this network, and they are not ours to hand on: download
`20180402-114759-vggface2.pt` from its releases and convert it once with `python -m tools.convert_facenet`. There is no
stand-in: an engine that guesses who somebody is must not exist.

Model: InceptionResnetV1, trained on VGGFace2. Source: https://github.com/timesler/facenet-pytorch. Licence: MIT; the
data that it was trained on have terms of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from actors.engine import EngineSpec
from actors.face_embedding.embedding import EmbeddingRequest, FaceEmbedding
from actors.gpu_memory import room_on_gpu
from actors.packages import installed
from actors.placement import Placement
from schemas.canonical import fingerprint
from schemas.errors import Unavailable

SPEC = EngineSpec(
    name="facenet_embedding",
    version="2.6.0+1",
    backend_type="real",
    model="inception_resnet_v1",
    memory_mb=1200,
    vram_mb=900,
    batch=4,
)

FILE_NAME = "facenet-vggface2.safetensors"

NEEDED = ("torch", "facenet-pytorch", "torchvision")


class FacenetEmbedding:
    """Face-embedding engine. Every face goes through the network by itself: the same answer in any batch."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "", weights: str = "") -> None:
        """`weights` is the folder that holds the converted file."""
        self._placement = placement or Placement()
        self._spec = replace(
            SPEC, degraded=degraded, device=self._placement.device, precision=self._placement.precision
        )
        self._weights = weights
        self._network: Any = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Looks for the packages and the weights, and hashes these: 90 MB, a tenth of a second.

        Raises:
            Unavailable: something is missing; the message says what to do.
        """
        path = self._path()
        with path.open("rb") as file:
            weights = hashlib.file_digest(file, "sha256").hexdigest()
        self._spec = replace(self._spec, digest=fingerprint({"weights": weights, **installed(NEEDED)}))

    def load(self) -> None:
        """Builds the network on the device.

        Raises:
            Unavailable: see `check`; or the file holds other weights, or CUDA was asked for and PyTorch has none, or no
                memory of it is left.
        """
        if self._network is None:
            self.check()
            with room_on_gpu(SPEC.name):
                self._network = _network(self._path(), self._placement)

    def infer(self, batch: Sequence[EmbeddingRequest]) -> list[FaceEmbedding]:
        """The embedding of each face.

        Raises:
            Unavailable: not loaded, or the memory of the GPU is full.
        """
        if self._network is None:
            raise Unavailable("facenet_embedding is not loaded; call load() first")
        with room_on_gpu(SPEC.name):
            return [self._embedding(one) for one in batch]

    def close(self) -> None:
        """Lets the network go."""
        self._network = None

    def _embedding(self, request: EmbeddingRequest) -> FaceEmbedding:
        import torch

        scaled = (request.face.astype(np.float32) - np.float32(127.5)) * np.float32(0.0078125)
        with torch.inference_mode():
            pixels = torch.from_numpy(scaled)[None].permute(0, 3, 1, 2).to(self._placement.device)
            vector = self._network(pixels)[0].cpu().numpy()
        return FaceEmbedding(np.asarray(vector, np.float32))

    def _path(self) -> Path:
        path = Path(self._weights) / FILE_NAME
        if not self._weights or not path.is_file():
            where = f"{str(path)!r} is not there" if self._weights else "VIDEO_WEIGHTS names no folder"
            raise Unavailable(
                f"face embeddings need weights: {where}; download 20180402-114759-vggface2.pt from the releases of "
                f"facenet-pytorch and run python -m tools.convert_facenet FILE FOLDER"
            )
        return path


def _network(path: Path, placement: Placement) -> Any:
    try:
        import torch
        from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError as exc:
        raise Unavailable(f"facenet_embedding cannot be loaded: {exc}") from exc
    if placement.device == "cuda" and not torch.cuda.is_available():
        raise Unavailable("facenet_embedding is placed on 'cuda', and PyTorch finds no GPU")
    torch.set_num_threads(placement.threads)
    network = InceptionResnetV1(pretrained=None)
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as exc:
        reason = str(exc).splitlines()[0]
        raise Unavailable(f"{str(path)!r} does not hold the weights of InceptionResnetV1: {reason}") from exc
    return network.eval().to(placement.device)
