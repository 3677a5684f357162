"""EmbeddingRequest and FaceEmbedding: what a face-embedding engine takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Defect

SIDE_PX = 160
"""Side of a crop."""

LENGTH = 512


@dataclass(frozen=True)
class EmbeddingRequest:
    """One face, cropped.

    Raises:
        Defect: the crop is not uint8 (160, 160, 3).
    """

    face: NDArray[np.uint8]
    """uint8 (160, 160, 3) RGB: the face and a little around it."""

    def __post_init__(self) -> None:
        if self.face.dtype != np.uint8 or self.face.shape != (SIDE_PX, SIDE_PX, 3):
            raise Defect(f"a crop is uint8 ({SIDE_PX}, {SIDE_PX}, 3), got {self.face.dtype} {self.face.shape}")


@dataclass(frozen=True)
class FaceEmbedding:
    """Where a face lies among faces."""

    vector: NDArray[np.float32]
    """float32 (512,), of length 1."""

    def distance(self, other: FaceEmbedding) -> float:
        """Euclidean, 0 to 2. Two pictures of one person are mostly nearer than 1.1 with weights trained on VGGFace2.

        Source: Schroff, Kalenichenko, Philbin (2015), "FaceNet: A Unified Embedding for Face Recognition".
        """
        return float(np.linalg.norm(self.vector - other.vector))
