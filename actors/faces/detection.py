"""FaceRequest and FaceDetections: what every faces engine takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Defect


@dataclass(frozen=True)
class FaceRequest:
    """One picture to search.

    Raises:
        Defect: the picture is not uint8 (H, W, 3).
    """

    picture: NDArray[np.uint8]
    """uint8 (H, W, 3) RGB."""

    smallest_face_px: int
    """Faces narrower than this need not be found, pixels of `picture`."""

    def __post_init__(self) -> None:
        if self.picture.dtype != np.uint8 or self.picture.ndim != 3 or self.picture.shape[2] != 3:
            raise Defect(f"a picture is uint8 (H, W, 3), got {self.picture.dtype} {self.picture.shape}")
        if self.smallest_face_px < 1:
            raise Defect(f"smallest_face_px is at least 1, got {self.smallest_face_px!r}")


@dataclass(frozen=True)
class FaceDetections:
    """The faces of one picture, the surest first; weak candidates are among them, for the caller to judge."""

    boxes: NDArray[np.float32]
    """float32 (N, 4): left, top, right, bottom in pixels of the picture; they may reach beyond its edges."""

    confidences: NDArray[np.float32]
    """float32 (N,) in [0, 1], never increasing."""

    landmarks: NDArray[np.float32]
    """float32 (N, 5, 2): eyes, nose, corners of the mouth, x and y; NaN where the backend gives none."""

    def __post_init__(self) -> None:
        count = len(self.boxes)
        shapes = (self.boxes.shape, self.confidences.shape, self.landmarks.shape)
        if shapes != ((count, 4), (count,), (count, 5, 2)):
            raise Defect(f"detections need (N, 4), (N,) and (N, 5, 2), got {shapes}")


def no_faces() -> FaceDetections:
    """What an empty picture gives."""
    return FaceDetections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32))
