"""Where are the faces? Haar cascades: no weights beyond the wheel of OpenCV, weaker than MTCNN, and of another kind.

It stands in where PyTorch is missing, and looks over finished films after MTCNN: what one overlooks the other may see.
A cascade has no probabilities; the confidence here is a squashed stage sum, comparable within this backend only.

Model: frontalface_alt2 and profileface as OpenCV ships them, the profile also mirrored.
Source: Viola and Jones (2001), "Rapid object detection using a boosted cascade of simple features"; Lienhart (2002).
Licence: Intel License Agreement for Open Source Computer Vision Library (BSD-like), in the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actors.engine import EngineSpec
from actors.faces.boxes import Boxes, suppressed
from actors.faces.detection import FaceDetections, FaceRequest, no_faces
from actors.packages import installed
from actors.placement import Placement
from schemas.canonical import fingerprint, sha256_hex
from schemas.errors import Unavailable

if TYPE_CHECKING:
    import cv2

SPEC = EngineSpec(
    name="opencv_face_detector", version="4+1", backend_type="real", model="haar_alt2+profile", memory_mb=150, batch=4
)


@dataclass(frozen=True)
class Cascade:
    """One cascade and how its stage sums read: `middle` is as good as a coin."""

    file: str
    middle: float
    mirrored: bool = False


CASCADES = (
    Cascade("haarcascade_frontalface_alt2.xml", 53.0),
    Cascade("haarcascade_profileface.xml", 1.5),
    Cascade("haarcascade_profileface.xml", 1.5, mirrored=True),
)
"""Measured on group photographs and face-free pictures: alt2 sums to 55 and more on faces and never on the others;
profileface gave 0.4 on a cup and 1.7 to 3.9 on faces."""

STEP = 1.15
NEIGHBOURS = 3
OVERLAP = 0.3


class OpencvFaces:
    """Faces engine over Haar cascades."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._spec = replace(SPEC, degraded=degraded)
        self._classifiers: tuple[tuple[Cascade, cv2.CascadeClassifier], ...] = ()

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Looks for OpenCV and its cascades.

        Raises:
            Unavailable: either is missing.
        """
        found = {one.file: sha256_hex(_path(one).read_bytes()) for one in CASCADES}
        self._spec = replace(self._spec, digest=fingerprint({**found, **installed(("opencv-python-headless",))}))

    def load(self) -> None:
        """Reads the cascades.

        Raises:
            Unavailable: see `check`.
        """
        self.check()
        import cv2

        cv2.setNumThreads(1)
        self._classifiers = tuple((one, cv2.CascadeClassifier(str(_path(one)))) for one in CASCADES)

    def infer(self, batch: Sequence[FaceRequest]) -> list[FaceDetections]:
        """The faces of each picture; landmarks are NaN.

        Raises:
            Unavailable: not loaded.
        """
        if not self._classifiers:
            raise Unavailable("opencv_face_detector is not loaded; call load() first")
        return [self._faces(one) for one in batch]

    def close(self) -> None:
        """Lets the cascades go."""
        self._classifiers = ()

    def _faces(self, request: FaceRequest) -> FaceDetections:
        import cv2

        grey = cv2.equalizeHist(cv2.cvtColor(request.picture, cv2.COLOR_RGB2GRAY)).astype(np.uint8, copy=False)
        found = [one for cascade in self._classifiers for one in _found(grey, request.smallest_face_px, *cascade)]
        if not found:
            return no_faces()
        boxes = np.array([box for box, _ in found], np.float32)
        scores = np.array([score for _, score in found], np.float32)
        kept = suppressed(boxes, scores, OVERLAP)
        return FaceDetections(boxes[kept], scores[kept], np.full((len(kept), 5, 2), np.nan, np.float32))


def _found(
    grey: NDArray[np.uint8], smallest_px: int, cascade: Cascade, classifier: cv2.CascadeClassifier
) -> Iterator[tuple[Boxes, float]]:
    searched = np.ascontiguousarray(grey[:, ::-1]) if cascade.mirrored else grey
    found, _, sums = classifier.detectMultiScale3(
        searched, STEP, NEIGHBOURS, minSize=(smallest_px, smallest_px), outputRejectLevels=True
    )
    for (left, top, width, height), stage_sum in zip(found, np.ravel(sums), strict=True):
        if cascade.mirrored:
            left = grey.shape[1] - left - width
        box = np.array([left, top, left + width, top + height], np.float32)
        yield box, float(1 / (1 + np.exp(cascade.middle - stage_sum)))


def _path(cascade: Cascade) -> Path:
    package = find_spec("cv2")
    if package is None or package.origin is None:
        raise Unavailable("the package 'opencv-python-headless' is not installed; run make setup")
    path = Path(package.origin).parent / "data" / cascade.file
    if not path.is_file():
        raise Unavailable(f"OpenCV's cascade {cascade.file!r} is not in {str(path.parent)!r}; 5.x ships none")
    return path
