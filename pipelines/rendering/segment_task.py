"""Rendering one shot, as a plain function of plain values: it runs here or in a Ray worker and gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.media.clip import ClipReader
from pipelines.media.image import read_image
from pipelines.media.segment import encode_segment
from pipelines.rendering.drawing import ShotDrawing
from pipelines.rendering.picture import ShotPicture
from pipelines.stage import Output, Outputs
from schemas.timing import EditRate

LARGEST_SIDE_PX = 4096
"""Larger images are reduced when read; a camera move into a 4k frame still has pixels to spare."""

ImageAt = Callable[[int], NDArray[np.uint8]]
"""tick -> uint8 (h, w, 3) RGB."""


@dataclass(frozen=True)
class MediaFile:
    """An image or clip that takes the place of a drawing."""

    path: str
    form: str
    """`image` or `clip`."""


@dataclass(frozen=True)
class SegmentTask:
    """One shot to render."""

    picture: bytes
    """A ShotPicture as JSON."""

    media: Mapping[str, MediaFile]
    """content_hash -> file, for every image and clip that the picture shows."""

    folder: str
    """Empty folder for the segment."""


def render_segment(task: SegmentTask) -> Outputs:
    """The shot as one H.264 segment.

    Raises:
        MediaUnreadable: an image or clip is damaged.
    """
    picture = ShotPicture.read(task.picture)
    path = Path(task.folder) / "segment.mp4"
    with ExitStack() as resources:
        images = {key: _image_at(file, picture.edit_rate, resources) for key, file in task.media.items()}
        drawing = ShotDrawing(picture, images)
        resources.callback(drawing.close)

        def draw(tick: int, canvas: NDArray[np.uint8]) -> bool:
            """Draws what changed; False lets the previous frame stand."""
            if not drawing.changes(tick):
                return False
            drawing.draw(tick, canvas)
            return True

        encode_segment(path, picture.width_px, picture.height_px, picture.edit_rate, picture.duration_ticks, draw)
    return {"result": Output("segment", path, "video/mp4")}


def _image_at(file: MediaFile, rate: EditRate, resources: ExitStack) -> ImageAt:
    if file.form == "clip":
        return resources.enter_context(ClipReader(Path(file.path), rate)).frame_at
    image = read_image(Path(file.path), max_side_px=LARGEST_SIDE_PX)
    return lambda _tick: image
