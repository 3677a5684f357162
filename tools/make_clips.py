"""`python -m tools.make_clips`: the two clips of tests/fixtures/video_clips, their hashes and their truth.

The bytes of the sound depend on the processor's class, so a machine of another class writes other files: commit what it
writes, or leave what is there. The tests compare the files with the hashes beside them and do not make them anew.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.clips import Bar, Camera, Coding, Person, Shot, Transition, Truth, broll_film, spoken, write_film

FOLDER = Path("tests/fixtures/video_clips")
SIZE = (640, 360)
RATE = 25
SMALL = Coding(crf=23, preset="slow", grain=1.5, audio_bit_rate=48_000)

LINES = (
    "Good morning, and welcome to the flight deck.",
    "Today we look at the engine before we light it.",
    "When the lamp turns green, we count down from ten.",
)


def main() -> None:
    """Writes the clips and prints what they are."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in (("face_clip", face_clip), ("broll_clip", broll_clip)):
        path = FOLDER / f"{name}.mp4"
        truth = make(path)
        truth.write(path.with_suffix(".json"))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n")
        print(f"{path.name}: {path.stat().st_size} bytes, {truth.frames} frames, cuts at {truth.cuts}, {digest}")


def face_clip(path: Path) -> Truth:
    """Ten seconds before the camera in two shots: in the first somebody passes behind, and a bar passes before."""
    speaker = Person("speaker", (0.46, 0.4), (0.54, 0.4), (0.24, 0.3), lean_degrees=5)
    passer = Person("passer", (-0.12, 0.42), (1.12, 0.4), (0.13, 0.13), mirrored=True, tint=(0.8, 0.9, 1.1))
    again = Person("speaker", (0.56, 0.42), (0.52, 0.42), (0.3, 0.28))
    shots = (
        Shot("room", 140, Camera((0.46, 0.5, 1.15), (0.54, 0.5, 1.2)), (passer, speaker), (Bar(100, 18, 0.16),)),
        Shot("coffee", 110, Camera((0.6, 0.5, 1.2), (0.45, 0.5, 1.1)), (again,)),
    )
    sound, words = spoken(LINES, sum(shot.frames for shot in shots) / RATE)
    cut = [Transition("cut")]
    return write_film(path, shots, cut, size=SIZE, rate=RATE, sound=sound, words=words, coding=SMALL, seed=1)


def broll_clip(path: Path) -> Truth:
    """Ten seconds of pans and zooms over pictures without a face: cuts, a dissolve, a flash, a fade."""
    return broll_film(path, seconds=10, width_px=SIZE[0], height_px=SIZE[1], rate=RATE, coding=SMALL)


if __name__ == "__main__":
    main()
