"""A ShotPicture as pixels, any tick at any time: `draw(tick)` depends on the tick alone."""

from __future__ import annotations

import numpy as np
from thorvg_python.paint.scene import Scene

from pipelines.imaging import canvas as cv
from pipelines.imaging.captions_overlay import CaptionOverlay, draw_flag
from pipelines.imaging.cards import CardArt
from pipelines.imaging.pen import Pen
from pipelines.imaging.slate import draw_slate
from pipelines.rendering.picture import ShotPicture
from pipelines.rendering.scene_drawing import Images, SceneDrawing
from schemas.errors import InvalidInput

HOLD_TICKS = 2
"""A drawing stands for two ticks (animation on twos), and so does a camera that moves slowly."""


class ShotDrawing:
    """Draws the ticks of one shot, in any order. Close it to free its memory."""

    def __init__(self, picture: ShotPicture, images: Images) -> None:
        self.picture = picture
        self._canvas = cv.PixelCanvas(picture.width_px, picture.height_px)
        placed = picture.kind == "scene" or (picture.kind == "card" and picture.backdrop is not None)
        self._scene = SceneDrawing(picture, images) if placed else None
        self._plate = self._scene.build(self._canvas) if self._scene is not None else None
        self._card = self._build_card() if picture.kind == "card" else None
        if picture.kind == "slate":
            self._build_slate()
        if picture.flag:
            flag = Pen(self._added())
            flag.begin()
            draw_flag(flag, picture.flag, picture.width_px, picture.height_px)
            flag.end()
        self._captions = CaptionOverlay(self._added(), picture.width_px, picture.height_px) if picture.cues else None
        self._held: cv.Pixels | None = None
        self._shown: tuple[int, int, tuple[str, ...]] | None = None

    def draw(self, tick: int, target: cv.Pixels) -> None:
        """Fill `target` with the frame at `tick`.

        Args:
            tick: 0 <= tick < duration_ticks of the picture.
            target: uint8 (height_px, width_px, 4), C-contiguous; BGRA, opaque when done.
        """
        if not 0 <= tick < self.picture.duration_ticks:
            raise InvalidInput(f"tick {tick} is outside the shot of {self.picture.duration_ticks} ticks")
        key = self._key(tick)
        if self._plate is None and self._scene is not None:
            self._update(*key)
            self._canvas.draw(target, clear=True)
            return
        if self._held is None:
            self._held = np.zeros((self.picture.height_px, self.picture.width_px, 4), np.uint8)
        if self._shown != key:
            self._update(*key)
            if self._plate is not None:
                np.copyto(self._held, self._plate)
            self._canvas.draw(self._held, clear=self._plate is None)
            self._shown = key
        np.copyto(target, self._held)

    def changes(self, tick: int) -> bool:
        """Whether the frame at `tick` differs from the one before it, as far as is known without drawing."""
        return tick == 0 or self._key(tick) != self._key(tick - 1)

    def close(self) -> None:
        """Free the drawing's memory; a second call does nothing."""
        self._canvas.close()
        if self._scene is not None:
            self._scene.close()

    def _added(self) -> Scene:
        scene = cv.new_scene()
        self._canvas.add(scene)
        return scene

    def _build_card(self) -> CardArt:
        picture = self.picture
        return CardArt(self._added(), picture.width_px, picture.height_px, picture.mood, picture.time_of_day,
                       picture.framing == "end_card", picture.backdrop is not None)  # fmt: skip

    def _build_slate(self) -> None:
        picture = self.picture
        seconds = picture.edit_rate.seconds(picture.duration_ticks)
        draw_slate(self._added(), picture.width_px, picture.height_px, picture.slate_text, f"{seconds:.1f} s")

    def _key(self, tick: int) -> tuple[int, int, tuple[str, ...]]:
        """What decides the frame at `tick`: the tick that the camera is at, the one that the drawing stands for, and
        the caption."""
        held = tick - tick % HOLD_TICKS
        if self.picture.kind == "slate" or (self._scene is not None and self._scene.frozen):
            held = 0
        on_ones = self._scene is not None and self._scene.on_ones
        return (tick if on_ones else held), held, self._cue(tick)

    def _cue(self, tick: int) -> tuple[str, ...]:
        return next((cue.lines for cue in self.picture.cues if cue.start_ticks <= tick < cue.end_ticks), ())

    def _update(self, tick: int, held: int, cue: tuple[str, ...]) -> None:
        if self._scene is not None:
            self._scene.update(tick, held)
        if self._card is not None:
            seconds = self.picture.edit_rate.seconds(tick)
            self._card.draw(self.picture.card_text, seconds, tick / max(self.picture.duration_ticks - 1, 1))
        if self._captions is not None:
            self._captions.draw(cue)
