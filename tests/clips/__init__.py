"""Clips whose content is known to the frame: faces that walk, lean and hide, cuts, fades, flashes, spoken words.

    from tests.clips import face_film
    truth = face_film(tmp_path / "a.mp4", seconds=4, width_px=320, height_px=180, rate=25)
    truth.faces[10], truth.cuts, truth.words

Any size, rate and length; the same arguments give the same clip. `python -m tools.make_clips` writes the two that are
committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from tests.clips.film import Coding, Span, Transition, TrueWord, Truth, music_bed, spoken, write_film
from tests.clips.people import FACE_BOX, Person, TrueFace
from tests.clips.scenes import Bar, Camera, Shot

__all__ = [
    "FACE_BOX", "LINES", "Bar", "Camera", "Coding", "Person", "Shot", "Span", "Transition", "TrueFace", "TrueWord",
    "Truth", "broll_film", "cast", "face_film", "music_bed", "spoken", "write_film",
]  # fmt: skip

LINES = (
    "Good morning, and welcome to the flight deck.",
    "Today we look at the engine before we light it.",
    "Every valve has a number, and every number has a name.",
    "When the lamp turns green, we count down from ten.",
)
"""What the people say unless told otherwise."""

_FACE_PICTURES = ("room", "bricks", "coffee", "town", "rocket", "lawn")
_BROLL_PICTURES = ("rocket", "town", "coffee", "lawn", "bricks", "room", "stars", "gravel")
_TINTS = ((1.0, 1.0, 1.0), (0.8, 0.9, 1.1), (1.15, 1.0, 0.85), (0.9, 1.1, 0.95))


def face_film(
    path: Path,
    *,
    seconds: float,
    width_px: int = 1280,
    height_px: int = 720,
    rate: Fraction | int = 25,
    faces: int | Sequence[Sequence[Person]] = 1,
    cuts: Sequence[int] = (),
    bars: bool = True,
    lines: Sequence[str] = LINES,
    coding: Coding | None = None,
    seed: int = 0,
) -> Truth:
    """People before photographs, who talk; hard cuts.

    Args:
        path: Where to write, `.mp4`, `.mov` or `.mkv`.
        seconds: Length.
        width_px: Even, unless `coding` says otherwise.
        height_px: Likewise.
        rate: Frames a second.
        faces: How many people each shot shows (the first stays, the others come and go), or the people of each shot.
        cuts: First frames of the second and later shots.
        bars: Whether a bar passes before the people, once a shot.
        lines: What is said, over and over; nothing, and no sound track, when empty.
        coding: How to encode.
        seed: Of the walks and the grain.

    Returns:
        Where each face is in each frame, the cuts and the words.
    """
    rate = Fraction(rate)
    frames = round(seconds * rate)
    ends = [*cuts, frames]
    starts = [0, *cuts]
    shots = []
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        people = cast(faces, seed=seed * 100 + index) if isinstance(faces, int) else tuple(faces[index])
        passing = (Bar((end - start) // 2, max(2, round(0.8 * rate))),) if bars and people else ()
        drift = 0.06 if index % 2 else -0.06
        camera = Camera((0.5 - drift, 0.5, 1.15), (0.5 + drift, 0.5, 1.25))
        picture = _FACE_PICTURES[(index + seed) % len(_FACE_PICTURES)]
        shots.append(Shot(picture, end - start, camera, people, passing))
    sound, words = spoken(lines, frames / float(rate)) if lines else (None, ())
    return write_film(
        path, shots, [Transition("cut")] * len(cuts), size=(width_px, height_px), rate=rate, sound=sound, words=words,
        coding=coding, seed=seed,
    )  # fmt: skip


def cast(count: int, *, seed: int = 0) -> tuple[Person, ...]:
    """`count` people: the first stays before the camera and comes nearer, the others enter on one side and leave."""
    random = np.random.default_rng(seed)
    people = []
    for index in range(count):
        tint = _TINTS[index % len(_TINTS)]
        if index == 0:
            x, y = random.uniform(0.42, 0.58), random.uniform(0.36, 0.44)
            near = random.uniform(0.24, 0.3)
            people.append(Person("a", (x, y), (1 - x, y), (near, near * 1.2), tint=tint, mirrored=bool(seed % 2)))
            continue
        y, small = random.uniform(0.3, 0.5), random.uniform(0.1, 0.16)
        there, back = (-0.1, 1.1) if (index + seed) % 2 else (1.1, -0.1)
        people.insert(
            0,
            Person("abcdefgh"[index], (there, y), (back, y), (small, small * 1.1), mirrored=index % 2 == 1, tint=tint),
        )
    return tuple(people)


def broll_film(
    path: Path,
    *,
    seconds: float = 10,
    width_px: int = 1280,
    height_px: int = 720,
    rate: Fraction | int = 25,
    coding: Coding | None = None,
    seed: int = 0,
    music: bool = True,
) -> Truth:
    """Pans and zooms over photographs and drawings without a face or a word: cuts, a dissolve, a fade, a flash.

    Six shots of equal length, cut, dissolve, cut, fade, cut between them, and a flash in the third. At least 4 s.
    """
    rate = Fraction(rate)
    frames = round(seconds * rate)
    mixed = max(4, round(0.6 * rate))
    kinds = ("cut", "dissolve", "cut", "fade", "cut")
    transitions = [Transition(kind, 0 if kind == "cut" else mixed) for kind in kinds]
    moves = (
        Camera((0.2, 0.4, 1.6), (0.8, 0.6, 1.6)),
        Camera((0.5, 0.5, 1.0), (0.5, 0.5, 2.2)),
        Camera((0.8, 0.3, 1.8), (0.2, 0.7, 1.5)),
        Camera((0.5, 0.6, 2.0), (0.5, 0.4, 1.05)),
        Camera((0.3, 0.8, 1.7), (0.7, 0.2, 1.7)),
        Camera((0.7, 0.5, 1.3), (0.3, 0.5, 1.9)),
    )
    total = frames + mixed
    lengths = [total * (k + 1) // len(moves) - total * k // len(moves) for k in range(len(moves))]
    shots = [
        Shot(
            _BROLL_PICTURES[(k + seed) % len(_BROLL_PICTURES)],
            length,
            move,
            flash_frame=length // 2 if k == 2 else None,
        )
        for k, (move, length) in enumerate(zip(moves, lengths, strict=True))
    ]
    return write_film(
        path, shots, transitions, size=(width_px, height_px), rate=rate,
        sound=music_bed(frames / float(rate), seed=seed) if music else None, coding=coding, seed=seed,
    )  # fmt: skip
