"""Films as arrays, whose shots are known to the frame: photographs under a moving camera, cut, dissolved and faded.

    film = random_film(7)
    find_boundaries(track_of(film.frames)), film.boundaries

The photographs come with scikit-image's wheel. Nothing is encoded, so that thousands of frames take a second.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

from actors.visual.opencv import OpencvVisualMeta
from actors.visual.signals import SignalTrack, Thumb, measured
from pipelines.media.thumbs import ThumbMaker

WIDTH, HEIGHT = 160, 90

Frames = NDArray[np.uint8]
"""uint8 (N, 90, 160, 3) RGB."""

PICTURES = (
    "astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg", "motorcycle_left.png", "hubble_deep_field.jpg",
    "camera.png", "coins.png", "brick.png", "grass.png", "retina.jpg", "gravel.png",
)  # fmt: skip

BLACK, WHITE = (np.full((1, HEIGHT, WIDTH, 3), level, np.uint8) for level in (0, 255))


@dataclass(frozen=True)
class TrueBoundary:
    """What was made: as `pipelines.analysis.boundaries.Boundary`, without a confidence."""

    kind: str
    first_frame: int
    end_frame: int


@dataclass
class ShotFilm:
    """A film under construction."""

    parts: list[Frames] = field(default_factory=list)
    boundaries: list[TrueBoundary] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    @property
    def frames(self) -> Frames:
        return np.concatenate(self.parts)

    def cut(self, frames: Frames) -> None:
        """Goes on with other frames from one to the next; the first shot needs no boundary."""
        if self.parts:
            self.boundaries.append(TrueBoundary("cut", len(self), len(self)))
        self.parts.append(frames)

    def dissolve(self, frames: Frames, length: int) -> None:
        """Goes on by `length` mixed frames: the first ones of `frames` over the last one of what there is."""
        first = len(self)
        held = np.repeat(self.parts[-1][-1:], length, axis=0)
        shares = np.arange(1, length + 1) / (length + 1)
        self.parts += [mixed(held, frames[:length], shares), frames[length:]]
        self.boundaries.append(TrueBoundary("dissolve", first, first + length))

    def fade_out(self, length: int, colour: Frames = BLACK, hold: int = 0) -> None:
        """Goes on from the last frame through `length` fading ones to a plain one, held for `hold` more."""
        first = len(self)
        held = np.repeat(self.parts[-1][-1:], length + 1, axis=0)
        shares = np.arange(1, length + 2) / (length + 1)
        self.parts += [mixed(held, np.repeat(colour, length + 1, axis=0), shares), np.repeat(colour, hold, axis=0)]
        self.boundaries.append(TrueBoundary("fade_out", first, first + length))

    def fade_in(self, frames: Frames, length: int, colour: Frames = BLACK) -> None:
        """Goes on out of a plain frame: `length` frames on their way, then the others of `frames`."""
        first = len(self)
        shares = np.arange(1, length + 1) / (length + 1)
        self.parts += [mixed(np.repeat(colour, length, axis=0), frames[:length], shares), frames[length:]]
        self.boundaries.append(TrueBoundary("fade_in", first, first + length))


@functools.lru_cache(maxsize=len(PICTURES))
def picture(name: str) -> NDArray[np.uint8]:
    """uint8 (H, W, 3) RGB."""
    found = cv2.imread(str(Path(skimage.__file__).parent / "data" / name), cv2.IMREAD_COLOR)
    assert found is not None, name
    return np.asarray(found[..., ::-1], np.uint8)


def shot(
    name: str,
    frames: int,
    *,
    speed: tuple[float, float] = (0.0, 0.0),
    zoom: float = 1.3,
    growth: float = 1.0,
    at: tuple[float, float] = (0.5, 0.5),
    path: NDArray[np.float64] | None = None,
) -> Frames:
    """A camera on a photograph.

    Args:
        name: Of the photograph.
        frames: How many.
        speed: Of the camera to the right and down, pixels of the frame a frame.
        zoom: 1 shows all of the photograph that fits.
        growth: Factor of the zoom from one frame to the next.
        at: Where it looks in the middle of the shot, shares of the photograph.
        path: float (frames, 2), where it looks beside `at`, pixels of the frame; in place of `speed`.
    """
    source = picture(name)
    scale = zoom * max(WIDTH / source.shape[1], HEIGHT / source.shape[0])
    big = cv2.resize(source, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    steps = np.arange(frames) - (frames - 1) / 2
    places = steps[:, None] * speed if path is None else path
    middle = np.array(at) * (big.shape[1], big.shape[0])
    drawn = []
    for place, step in zip(places, steps, strict=True):
        size = growth**step
        left, top = WIDTH / 2 - size * (middle[0] + place[0]), HEIGHT / 2 - size * (middle[1] + place[1])
        view = np.array([[size, 0, left], [0, size, top]], np.float32)
        drawn.append(cv2.warpAffine(big, view, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT))
    return np.stack(drawn).astype(np.uint8, copy=False)


def mixed(one: Frames, other: Frames, shares: NDArray[np.float64] | float) -> Frames:
    """`other` laid over `one`, a share for each frame."""
    weights = np.broadcast_to(np.asarray(shares, np.float32), len(one))[:, None, None, None]
    return np.rint(one + (other.astype(np.float32) - one) * weights).astype(np.uint8)


def relit(frames: Frames, gains: Sequence[float] | NDArray[np.float64], lifts: float = 0.0) -> Frames:
    """Frames times a gain each, plus levels, clipped."""
    weights = np.asarray(gains, np.float32)[:, None, None, None]
    return np.clip(frames * weights + lifts, 0, 255).astype(np.uint8)


def grain(frames: Frames, sigma: float, seed: int = 0) -> Frames:
    """Frames with grey noise of so many levels; noise pictures are taken in turn from a few."""
    random = np.random.default_rng(seed)
    noise = random.normal(0, sigma, (5, HEIGHT, WIDTH, 1)).astype(np.float32)
    return np.clip(frames + noise[random.integers(5, size=len(frames))], 0, 255).astype(np.uint8)


def thumbs_of(frames: Frames) -> list[Thumb]:
    """The thumb of each frame, by way of 4:2:0 as films have it."""
    maker = ThumbMaker()
    planar = [cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420) for frame in frames]
    return [maker.thumb(av.VideoFrame.from_ndarray(np.asarray(one, np.uint8), "yuv420p")) for one in planar]


def track_of(frames: Frames) -> SignalTrack:
    """The signals of a film of frames, one a unit of time."""
    engine = OpencvVisualMeta()
    engine.load()
    return measured(enumerate(thumbs_of(frames)), engine.infer, 64)
