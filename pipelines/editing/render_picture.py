"""The picture of a render, tick by tick: the film's frames at a fixed rate, covered, framed anew, captioned.

film frames     |--0--|-1-|----2----|--3--|          by their own times
ticks               0    1    2    3    4            the frame on screen at each
a tick          stored planes -> covered -> upright -> kept part -> captions -> canvas
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from pipelines.editing.cover_plan import CoverPlan
from pipelines.editing.effects import apply_region
from pipelines.editing.reframe import FramePath
from pipelines.editing.stored_box import stored_box
from pipelines.imaging.canvas import PixelCanvas, new_scene
from pipelines.imaging.captions_overlay import CaptionOverlay
from pipelines.media.frame_reader import FilmShape, FrameReader, ReadFrame
from pipelines.media.picture_coding import PictureConverter
from pipelines.media.pixels import Picture, RgbConverter
from pipelines.media.planes import editable, planes_of
from pipelines.media.segment import SegmentEncoder
from schemas.captions import Cue
from schemas.errors import MediaUnreadable
from schemas.media_render_plan import MediaRenderPlan
from schemas.media_request import Effect, Strength


@dataclass(frozen=True)
class PictureWork:
    """What is done to the frames."""

    plan: MediaRenderPlan
    shape: FilmShape
    covers: CoverPlan | None = None
    effect: Effect = "blur"
    strength: Strength = "medium"
    path: FramePath | None = None
    """Where the kept part lies; None for the middle."""

    cues: tuple[Cue, ...] = ()
    """Drawn into the picture; ticks count from the first that is kept."""


def render_picture(source: Path, target: Path, work: PictureWork, progress: Callable[[float], None]) -> None:
    """Writes the picture as one H.264 segment.

    Raises:
        MediaUnreadable: the film is damaged so that decoding cannot go on.
    """
    plan = work.plan
    ticks = plan.end_tick - plan.first_tick
    canvas = _CaptionedCanvas(plan.width_px, plan.height_px, work.cues)
    with SegmentEncoder(target, plan.width_px, plan.height_px, plan.edit_rate, look="photographic") as segment:
        for tick, picture in enumerate(_kept_parts(source, work)):
            if canvas.draw(picture, tick) or tick == 0:
                np.copyto(segment.canvas, canvas.pixels)
                segment.write()
            else:
                segment.hold()
            progress((tick + 1) / ticks)
    canvas.close()


def _kept_parts(source: Path, work: PictureWork) -> Iterator[Picture]:
    """The kept part of the picture on screen at each tick; the same object while it is the same frame and place."""
    plan, shape = work.plan, work.shape
    converter = RgbConverter(pixel_aspect=shape.pixel_aspect, quarter_turns=shape.quarter_turns)
    shown: tuple[int, int, int] | None = None
    part: Picture | None = None
    upright: Picture | None = None
    for tick, number, frame in _frames_on_screen(source, work):
        time_s = plan.edit_rate.seconds(plan.first_tick + tick)
        left, top = _corner(work, time_s)
        if frame is not None:
            upright = converter.picture(_covered(frame, number, work))
        if upright is None:
            raise MediaUnreadable(f"{source.name!r} is damaged (no frame can be decoded)")
        if part is None or shown != (number, left, top):
            part = upright[top : top + plan.height_px, left : left + plan.width_px]
            shown = (number, left, top)
        yield part


def _frames_on_screen(source: Path, work: PictureWork) -> Iterator[tuple[int, int, ReadFrame | None]]:
    """(tick, number of the frame on screen, the frame when it is another than before) for each kept tick."""
    plan, times = work.plan, work.shape.times
    first = times.shown_at(plan.first_tick / plan.edit_rate.fraction)
    start = max((pts for pts in times.key_pts if pts <= times.pts[first]), default=times.pts[0])
    numbers = {pts: number for number, pts in enumerate(times.pts)}
    with FrameReader(source, threads=2) as reader:
        decoded = reader.frames(start)
        number, frame = -1, None
        upcoming = next(decoded, None)
        for tick in range(plan.end_tick - plan.first_tick):
            wanted = times.shown_at((plan.first_tick + tick) / plan.edit_rate.fraction)
            fresh = False
            while upcoming is not None and (number < 0 or numbers[upcoming.pts] <= wanted):
                number, frame, fresh = numbers[upcoming.pts], upcoming, True
                upcoming = next(decoded, None)
            yield tick, number, frame if fresh else None


def _covered(read: ReadFrame, number: int, work: PictureWork) -> av.VideoFrame:
    """The frame with its regions covered; a frame that nobody could judge is covered from edge to edge."""
    frame, covers, shape = read.frame, work.covers, work.shape
    if covers is None:
        return frame
    boxes = covers.boxes.get(number, ())
    whole = number in covers.whole or read.is_damaged
    if not boxes and not whole:
        return frame
    if editable(frame.format.name):
        frame.make_writable()  # the decoder still looks at its own
    else:
        frame = PictureConverter("yuv420p").converted(frame)
    planes = planes_of(frame)
    if whole:
        edges = (0.0, 0.0, float(shape.stored_width_px), float(shape.stored_height_px))
        apply_region(planes, edges, work.effect, "strong", "frame")
    for box in boxes:
        apply_region(planes, stored_box(box, shape), work.effect, work.strength)
    return frame


def _corner(work: PictureWork, time_s: float) -> tuple[int, int]:
    plan, shape = work.plan, work.shape
    if work.path is not None:
        return work.path.corner_at(time_s)
    return (shape.width_px - plan.width_px) // 2, (shape.height_px - plan.height_px) // 2


class _CaptionedCanvas:
    """A picture with the caption of its tick."""

    def __init__(self, width_px: int, height_px: int, cues: tuple[Cue, ...]) -> None:
        self.pixels: NDArray[np.uint8] = np.zeros((height_px, width_px, 4), np.uint8)
        self._cues = cues
        self._canvas = PixelCanvas(width_px, height_px) if cues else None
        self._overlay: CaptionOverlay | None = None
        if self._canvas is not None:
            scene = new_scene()
            self._canvas.add(scene)
            self._overlay = CaptionOverlay(scene, width_px, height_px)
        self._picture: Picture | None = None
        self._lines: tuple[str, ...] = ()

    def draw(self, picture: Picture, tick: int) -> bool:
        """Draws when picture or caption are others than before; whether it did."""
        lines = next((cue.lines for cue in self._cues if cue.start_ticks <= tick < cue.end_ticks), ())
        if self._picture is picture and self._lines == lines:
            return False
        cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2BGRA, dst=self.pixels)
        if self._canvas is not None and self._overlay is not None and lines:
            self._overlay.draw(lines)
            self._canvas.draw(self.pixels, clear=False)
        self._picture, self._lines = picture, lines
        return True

    def close(self) -> None:
        """Frees what draws."""
        if self._canvas is not None:
            self._canvas.close()
