"""Films of many random shots, joined in every way there is and disturbed by what must not be taken for a cut.

A seed gives the same film again. What separates shots is known; flashes, strobes, titles, damage and the like are not
in the truth, since whoever reports a boundary there is wrong.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from tests.shot_films import BLACK, HEIGHT, PICTURES, WHITE, WIDTH, Frames, ShotFilm, grain, mixed, relit, shot

JOINS = ("cut", "dissolve", "fade", "dip", "black")
JOIN_ODDS = (0.56, 0.2, 0.11, 0.07, 0.06)


def random_film(seed: int, *, shots: int = 10) -> ShotFilm:
    """A film of so many shots of 5 to 60 frames, with the noise of a camera and the boundaries that were made."""
    random = np.random.default_rng(seed)
    film, last = ShotFilm(), ""
    for number in range(shots):
        length = int(random.choice([random.integers(5, 12), random.integers(14, 60)], p=[0.25, 0.75]))
        last = str(random.choice([name for name in PICTURES if name != last]))
        join = random.choice(JOINS, p=JOIN_ODDS) if number else "first"
        _join(film, random, last, str(join), length)
    film.parts = [grain(film.frames, float(random.choice([0, 2, 5])), seed)]
    return film


def _join(film: ShotFilm, random: Generator, name: str, join: str, length: int) -> None:
    if join == "dissolve":
        mixing = int(random.choice([random.integers(6, 13), random.integers(13, 61)]))
        film.dissolve(_calm(random, name, mixing + length), mixing)
    elif join in ("fade", "dip"):
        colour = WHITE if random.random() < 0.25 else BLACK
        out, back = (int(number) for number in random.integers(6, 40, size=2))
        film.fade_out(out, colour, int(random.integers(5, 30)) if join == "fade" else 1)
        film.fade_in(_calm(random, name, back + length), back, colour)
    else:
        if join == "black":
            film.cut(np.repeat(BLACK, random.integers(8, 20), axis=0))
        film.cut(_disturbed(random, _camera(random, name, length)))


def _calm(random: Generator, name: str, length: int) -> Frames:
    speed = random.uniform(-0.3, 0.3, 2)
    return shot(name, length, speed=(speed[0], speed[1]), zoom=random.uniform(1.2, 2), at=_place(random))


def _camera(random: Generator, name: str, length: int) -> Frames:
    """A still, panning, zooming, shaking or whipping camera."""
    move = random.choice(["still", "pan", "zoom", "shake", "whip"])
    zoom, at = random.uniform(1.2, 2), _place(random)
    if move == "pan":
        speed = random.uniform(-1, 1, 2) * (6, 3)
        return shot(name, length, zoom=zoom, at=at, speed=(speed[0], speed[1]))
    if move == "zoom":
        return shot(name, length, zoom=zoom, at=at, growth=float(np.exp(random.uniform(-0.02, 0.02))))
    if move == "shake":
        jerks = random.normal(0, random.uniform(1, 4), (length + 2, 2))
        path = (jerks[:-2] + 2 * jerks[1:-1] + jerks[2:]) / 4
        return shot(name, length, zoom=zoom, at=at, path=path)
    if move == "whip":
        middle, width = length * random.uniform(0.3, 0.7), random.uniform(2, 5)
        swing = 1 / (1 + np.exp(-(np.arange(length) - middle) / width * 2))
        return shot(name, length, zoom=zoom, at=at, path=swing[:, None] * (random.uniform(60, 150), 4))
    return shot(name, length, zoom=zoom, at=at)


def _place(random: Generator) -> tuple[float, float]:
    across, down = random.uniform(0.35, 0.65, 2)
    return float(across), float(down)


def _disturbed(random: Generator, frames: Frames) -> Frames:
    """Frames of a shot that is long enough with something in them that is no boundary, half of the time."""
    if len(frames) < 26 or random.random() < 0.5:
        return frames
    names = list(DISTURBANCES)
    return DISTURBANCES[names[int(random.integers(len(names)))]](random, frames.copy())


def _flash(random: Generator, frames: Frames) -> Frames:
    start, length = int(random.integers(9, len(frames) - 12)), int(random.integers(1, 7))
    fall = np.linspace(1, random.uniform(0.2, 1), length) * random.uniform(0.3, 1)
    frames[start : start + length] = relit(frames[start : start + length], 1 + fall, 80 * float(fall[0]))
    return frames


def _lightning(random: Generator, frames: Frames) -> Frames:
    start = int(random.integers(9, len(frames) - 12))
    for at in range(start, start + 5):
        if random.random() < 0.7:
            frames[at : at + 1] = relit(frames[at : at + 1], [random.uniform(1.3, 2.4)], random.uniform(0, 60))
    return frames


def _flicker(random: Generator, frames: Frames) -> Frames:
    return relit(frames, 1 + 0.25 * random.uniform(-1, 1, len(frames)))


def _strobe(random: Generator, frames: Frames) -> Frames:
    period, start = int(random.integers(1, 4)), int(random.integers(6, len(frames) - 16))
    gains = np.ones(len(frames))
    for at in range(start, start + 14):
        if (at // period) % 2:
            gains[at] = random.uniform(0.15, 0.4)
    return relit(frames, gains)


def _exposure(random: Generator, frames: Frames) -> Frames:
    return relit(frames, np.linspace(1, random.choice([0.55, 1.5]), len(frames)))


def _damage(random: Generator, frames: Frames) -> Frames:
    start, length = int(random.integers(9, len(frames) - 12)), int(random.integers(1, 3))
    kind = random.integers(3)
    for at in range(start, start + length):
        if kind == 0:
            frames[at] = (0, 135, 0)
        elif kind == 1:
            frames[at] = np.roll(frames[at], WIDTH // 3, axis=1)
        else:
            frames[at, HEIGHT // 3 :] = frames[at, HEIGHT // 3]
    return frames


def _repeats(random: Generator, frames: Frames) -> Frames:
    step = int(random.integers(2, 6))
    for at in range(1, len(frames), step):
        frames[at] = frames[at - 1]
    return frames


def _title(random: Generator, frames: Frames) -> Frames:
    start = int(random.integers(9, len(frames) - 12))
    for frame in frames[start : start + int(random.integers(8, 40))]:
        cv2.putText(frame, "A TITLE LINE", (12, 54), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 250, 220), 2, cv2.LINE_AA)
    return frames


def _passer(random: Generator, frames: Frames) -> Frames:
    """Something wide crosses the picture near the camera."""
    start, length, width = int(random.integers(4, len(frames) - 16)), int(random.integers(7, 14)), 50
    colour = tuple(int(level) for level in random.integers(0, 256, 3))
    for step in range(length):
        left = -width + (WIDTH + width) * step // (length - 1)
        cv2.rectangle(frames[start + step], (left, 0), (left + width, HEIGHT), colour, -1)
    return frames


def _quality(random: Generator, frames: Frames) -> Frames:
    """What an encoder does before a key frame: soft, then sharp at once."""
    until = int(random.integers(9, len(frames) - 12))
    soft = np.stack([cv2.GaussianBlur(frame, (0, 0), 1.2) for frame in frames[:until]])
    frames[:until] = mixed(frames[:until], soft.astype(np.uint8, copy=False), 0.8)
    return frames


DISTURBANCES: dict[str, Callable[[Generator, Frames], Frames]] = {
    "flash": _flash, "lightning": _lightning, "flicker": _flicker, "strobe": _strobe, "exposure": _exposure,
    "damage": _damage, "repeats": _repeats, "title": _title, "passer": _passer, "quality": _quality,
}  # fmt: skip
