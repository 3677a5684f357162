"""What a generated clip shows: a picture under a moving camera, people before it, a bar that passes, a flash.

Pictures are drawn here or come from scikit-image's wheel, in the public domain or under CC0; none of them shows a face.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import cv2
import numpy as np

from tests.clips.people import Image, Person, Placement, TrueFace, faces_of, photograph

PHOTOGRAPHS = {
    "coffee": ("coffee.png", (1.0, 1.0, 1.0)),  # CC0, Rachel Michetti
    "rocket": ("rocket.jpg", (1.0, 1.0, 1.0)),  # public domain, SpaceX
    "stars": ("hubble_deep_field.jpg", (1.0, 1.0, 1.0)),  # public domain, NASA
    "bricks": ("brick.png", (0.75, 0.85, 1.1)),  # CC0, CC0Textures
    "lawn": ("grass.png", (0.7, 1.0, 0.8)),  # CC0, linolafett
    "gravel": ("gravel.png", (1.05, 1.0, 0.9)),  # CC0, CC0Textures
}
"""Name -> file, and gain of blue, green and red: some are grey."""


@dataclass(frozen=True)
class Bar:
    """An upright bar that passes through the picture from left to right."""

    first_frame: int
    frames: int
    width: float = 0.12
    """Share of the picture's width."""

    colour: tuple[int, int, int] = (40, 60, 50)

    def span(self, frame: int, width_px: int) -> tuple[int, int]:
        """Columns [left, right) that it covers; none when it is not there."""
        u = (frame - self.first_frame) / max(1, self.frames - 1)
        if not 0 <= u <= 1:
            return 0, 0
        left = round((u * (1 + self.width) - self.width) * width_px)
        return max(0, left), max(0, min(width_px, left + round(self.width * width_px)))


@dataclass(frozen=True)
class Camera:
    """Where a shot looks at its beginning and at its end: centre in shares of the picture, and zoom from 1 up."""

    start: tuple[float, float, float] = (0.5, 0.5, 1.1)
    end: tuple[float, float, float] = (0.5, 0.5, 1.1)


@dataclass(frozen=True)
class Shot:
    """Frames without a cut."""

    picture: str
    frames: int
    camera: Camera = Camera()
    people: tuple[Person, ...] = ()
    """Later ones stand before earlier ones."""

    bars: tuple[Bar, ...] = ()
    flash_frame: int | None = None
    """A flash light brightens this frame and the two after it, less and less."""

    def draw(self, frame: int, width_px: int, height_px: int, rate: float) -> Image:
        """Frame `frame` of the shot, without grain."""
        u = frame / max(1, self.frames - 1)
        x, y, zoom = ((1 - u) * a + u * b for a, b in zip(self.camera.start, self.camera.end, strict=True))
        canvas = _view(self.picture, x, y, zoom, width_px, height_px)
        for person, placed in zip(self.people, self._placed(frame, width_px, height_px, rate), strict=True):
            person.paste(canvas, placed)
        for bar in self.bars:
            left, right = bar.span(frame, width_px)
            canvas[:, left:right] = bar.colour
        if self.flash_frame is not None and 0 <= frame - self.flash_frame < 3:
            brighter = 150 - 50 * (frame - self.flash_frame)
            cv2.add(canvas, (brighter, brighter, brighter, 0), canvas)
        return canvas

    def faces(self, frame: int, width_px: int, height_px: int, rate: float) -> tuple[TrueFace, ...]:
        """The faces in frame `frame` of the shot of which anything is visible."""
        bars = [bar.span(frame, width_px) for bar in self.bars]
        return faces_of(self.people, self._placed(frame, width_px, height_px, rate), bars, width_px, height_px)

    def _placed(self, frame: int, width_px: int, height_px: int, rate: float) -> list[Placement]:
        u = frame / max(1, self.frames - 1)
        return [person.placement(u, frame / rate, width_px, height_px) for person in self.people]


class Grain:
    """Grey noise of a given strength that is different in every frame."""

    def __init__(self, width_px: int, height_px: int, sigma: float, seed: int) -> None:
        self._size = (height_px, width_px)
        self._random = np.random.default_rng(seed)
        noise = self._random.normal(0, sigma, (height_px + 64, width_px + 64, 1)).round()
        grey = np.repeat(noise, 3, axis=2)
        self._lighter = np.clip(grey, 0, 255).astype(np.uint8)
        self._darker = np.clip(-grey, 0, 255).astype(np.uint8)

    def put_on(self, canvas: Image) -> None:
        """Add the noise of the next frame."""
        top, left = self._random.integers(0, 64, 2)
        part = np.s_[top : top + self._size[0], left : left + self._size[1]]
        cv2.add(canvas, self._lighter[part], canvas)
        cv2.subtract(canvas, self._darker[part], canvas)


@functools.cache
def _picture(name: str, halvings: int) -> Image:
    if halvings:
        whole = _picture(name, halvings - 1)
        return cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    if name in PHOTOGRAPHS:
        file, tint = PHOTOGRAPHS[name]
        return np.clip(photograph(file) * np.array(tint), 0, 255).astype(np.uint8)
    return {"room": _room, "town": _town}[name]()


def _room() -> Image:
    """A wall with a window and a shelf of books."""
    picture = _gradient((150, 170, 180), (95, 110, 125))
    cv2.rectangle(picture, (90, 80), (420, 400), (225, 215, 200), -1)
    for x in (90, 255, 420):
        cv2.rectangle(picture, (x - 7, 73), (x + 7, 407), (70, 90, 110), -1)
    cv2.rectangle(picture, (760, 250), (1210, 268), (50, 70, 95), -1)
    random = np.random.default_rng(7)
    for x in range(770, 1180, 22):
        colour = random.integers(40, 190, 3).tolist()
        cv2.rectangle(picture, (x, 250 - int(random.integers(70, 130))), (x + 19, 249), colour, -1)
    return picture


def _town() -> Image:
    """Houses with windows under an evening sky."""
    picture = _gradient((190, 150, 110), (120, 150, 210))
    random = np.random.default_rng(11)
    for x in range(0, 1280, 80):
        top = int(random.integers(180, 480))
        grey = int(random.integers(45, 100))
        cv2.rectangle(picture, (x, top), (x + 78, 720), (grey + 10, grey, grey - 5), -1)
        for wx in range(x + 10, x + 66, 18):
            for wy in range(top + 14, 700, 30):
                if random.random() < 0.5:
                    cv2.rectangle(picture, (wx, wy), (wx + 9, wy + 14), (110, 200, 240), -1)
    return picture


_DRAWN_SIZE = (1280, 720)


def _gradient(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image:
    u = np.linspace(0, 1, _DRAWN_SIZE[1])[:, None, None]
    rows = (1 - u) * np.array(top) + u * np.array(bottom)
    return np.ascontiguousarray(np.broadcast_to(rows, (_DRAWN_SIZE[1], _DRAWN_SIZE[0], 3)).round().astype(np.uint8))


def _view(name: str, x: float, y: float, zoom: float, width_px: int, height_px: int) -> Image:
    """The part of a picture that the camera sees; it never sees beyond the edge."""
    high, wide = _picture(name, 0).shape[:2]
    scale = max(width_px / wide, height_px / high) * zoom
    halves = np.array([width_px / scale / wide, height_px / scale / high]) / 2
    x, y = np.clip((x, y), halves, 1 - halves)
    halvings = max(0, math.floor(-math.log2(scale)))
    step = scale * 2**halvings
    matrix = np.array([[step, 0, width_px / 2 - scale * x * wide], [0, step, height_px / 2 - scale * y * high]])
    seen = cv2.warpAffine(_picture(name, halvings), matrix, (width_px, height_px), borderMode=cv2.BORDER_REFLECT_101)
    return seen.astype(np.uint8, copy=False)
