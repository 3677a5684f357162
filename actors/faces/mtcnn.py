"""Where are the faces, and how sure is that? MTCNN with the networks and weights of facenet-pytorch.

Model: PNet, RNet, ONet of facenet-pytorch 2.6.0, converted to safetensors (`weights.py`).
Licence: MIT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from actors.engine import EngineSpec
from actors.faces.detection import FaceDetections, FaceRequest
from actors.faces.weights import FOLDER, weights_digest
from actors.gpu_memory import room_on_gpu
from actors.packages import installed
from actors.placement import Placement
from schemas.canonical import fingerprint
from schemas.errors import Unavailable

if TYPE_CHECKING:
    from actors.faces.cascade import Floats, Network, Networks

SPEC = EngineSpec(
    name="facenet_mtcnn",
    version="2.6.0+1",
    backend_type="real",
    model="mtcnn",
    memory_mb=900,
    vram_mb=700,
    batch=4,
)
"""Half precision is not right for it: scores are compared with thresholds, and boxes move by pixels."""

NEEDED = ("torch", "facenet-pytorch", "torchvision", "opencv-python-headless")


class MtcnnFaces:
    """Faces engine over MTCNN. Every picture is searched by itself, so that its answer is the same in any batch."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._placement = placement or Placement()
        self._spec = replace(
            SPEC, degraded=degraded, device=self._placement.device, precision=self._placement.precision
        )
        self._networks: Networks | None = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Looks for the packages and compares the weights with their hashes.

        Raises:
            Unavailable: something is missing or damaged.
        """
        self._spec = replace(self._spec, digest=fingerprint({"weights": weights_digest(), **installed(NEEDED)}))

    def load(self) -> None:
        """Builds the networks on the device.

        Raises:
            Unavailable: see `check`; or CUDA was asked for and PyTorch has none, or no memory of it is left.
        """
        if self._networks is None:
            self.check()
            with room_on_gpu(SPEC.name):
                self._networks = _networks(self._placement)

    def infer(self, batch: Sequence[FaceRequest]) -> list[FaceDetections]:
        """The faces of each picture.

        Raises:
            Unavailable: not loaded, or the memory of the GPU is full.
        """
        if self._networks is None:
            raise Unavailable("facenet_mtcnn is not loaded; call load() first")
        from actors.faces.cascade import find_faces

        with room_on_gpu(SPEC.name):
            return [find_faces(one.picture, one.smallest_face_px, self._networks) for one in batch]

    def close(self) -> None:
        """Lets the networks go."""
        self._networks = None


def _networks(placement: Placement) -> Networks:
    try:
        import torch
        from facenet_pytorch.models.mtcnn import ONet, PNet, RNet
        from safetensors.torch import load_file

        from actors.faces.cascade import Networks
    except ImportError as exc:
        raise Unavailable(f"facenet_mtcnn cannot be loaded: {exc}") from exc
    if placement.device == "cuda" and not torch.cuda.is_available():
        raise Unavailable("facenet_mtcnn is placed on 'cuda', and PyTorch finds no GPU")
    torch.set_num_threads(placement.threads)
    torch.backends.cudnn.allow_tf32 = False  # single precision is meant, on a GPU too

    def network(name: str, built: Any, answers: Sequence[int]) -> Network:
        built.load_state_dict(load_file(FOLDER / f"{name}.safetensors"))
        built = built.eval().to(placement.device, memory_format=torch.channels_last)

        def run(pictures: Floats) -> tuple[Floats, ...]:
            # Pixels lie as the picture has them, which is PyTorch's channels_last: ONet takes a quarter of the time.
            with torch.inference_mode():
                given = built(torch.from_numpy(pictures).permute(0, 3, 1, 2).to(placement.device))
            arrays = [one.cpu().numpy() for one in given]
            # The last answer is the chance of "no face" and of "face".
            return (*(arrays[index] for index in answers), np.ascontiguousarray(arrays[-1][:, 1]))

        return run

    return Networks(
        propose=network("pnet", PNet(pretrained=False), (0,)),
        refine=network("rnet", RNet(pretrained=False), (0,)),
        score=network("onet", ONet(pretrained=False), (0, 1)),
    )
