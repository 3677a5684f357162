"""An image of the library inside a drawing: it fills a rectangle, cropped evenly, and may be moved like any paint."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from thorvg_python.paint.scene import Scene

from pipelines.imaging import canvas as cv
from pipelines.imaging.pen import Matrix6
from schemas.errors import InvalidInput


class Raster:
    """Shows one image at a time in `scene`."""

    def __init__(self, scene: Scene) -> None:
        self._scene = cv.address(scene)
        self._picture: int | None = None
        self.width_px = 0
        self.height_px = 0

    def show(self, image: npt.NDArray[np.uint8]) -> None:
        """Take `image` (uint8 (h, w, 3) RGB, row 0 at the top) in place of the one before."""
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
            raise InvalidInput(f"an image must be uint8 (h, w, 3), got {image.dtype} {image.shape}")
        height, width = image.shape[:2]
        pixels = np.empty((height, width, 4), np.uint8)
        pixels[:, :, :3] = image[:, :, ::-1]
        pixels[:, :, 3] = 255
        if self._picture is not None:
            cv.scene_remove(self._scene, self._picture)
        self._picture = cv.picture_new()
        cv.picture_load_raw(self._picture, pixels.ctypes.data, width, height, cv.ARGB8888, True)
        cv.scene_add(self._scene, self._picture)
        self.width_px, self.height_px = width, height

    def cover(self, x: float, y: float, width: float, height: float) -> Matrix6:
        """Placement that makes the image cover a rectangle with its corner at x, y, cropped alike on both sides."""
        scale = max(width / self.width_px, height / self.height_px)
        return (
            scale, 0.0, x + (width - self.width_px * scale) / 2,
            0.0, scale, y + (height - self.height_px * scale) / 2,
        )  # fmt: skip

    def contain(self, x: float, y: float, width: float, height: float) -> Matrix6:
        """Placement that makes the whole image fit a rectangle about the middle x, y."""
        scale = min(width / self.width_px, height / self.height_px)
        return scale, 0.0, x - self.width_px * scale / 2, 0.0, scale, y - self.height_px * scale / 2


def cut_out(pixels: npt.NDArray[np.uint8]) -> tuple[Scene, float]:
    """A scene that lays down what is not transparent in `pixels`, and the share of its box that this covers.

    Args:
        pixels: uint8 (H, W, 4) BGRA, premultiplied, at least one pixel not transparent.
    """
    seen = pixels[:, :, 3] > 0
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    box = np.ascontiguousarray(pixels[top:bottom, left:right])
    scene = cv.new_scene()
    picture = cv.picture_new()
    cv.picture_load_raw(picture, box.ctypes.data, right - left, bottom - top, cv.ARGB8888, True)
    cv.scene_add(cv.address(scene), picture)
    cv.place(scene, (1.0, 0.0, float(left), 0.0, 1.0, float(top)))
    return scene, float(seen.sum()) / (box.shape[0] * box.shape[1])
