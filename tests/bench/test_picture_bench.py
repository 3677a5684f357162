"""Milliseconds a frame: drawn, held and encoded, for each framing, at 1280x720.

`make bench` prints them beside a plain encode of the same frames in the same run, in processor time of this process.
Nothing here asserts a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from pipelines.imaging.character_design import design_character
from pipelines.media.segment import SegmentEncoder
from pipelines.rendering.drawing import ShotDrawing
from pipelines.rendering.picture import PictureFigure, PictureProp, ShotPicture
from schemas.asset_manifest import BackgroundNeed, CharacterNeed
from schemas.timing import EditRate
from schemas.vocabulary import CameraMovement, Framing

RATE = EditRate(numerator=24, denominator=1)
TICKS = 48
WIDTH_PX, HEIGHT_PX = 1280, 720


@dataclass
class Spent:
    """Processor seconds of one shot."""

    built_s: float
    drawn_s: float
    drawings: int
    encoded_s: float
    plain_s: float


def spent_s(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def figure(name: str, slot: str, gaze: str, *, back: bool = False) -> PictureFigure:
    need = CharacterNeed(asset_id=f"character.{name}", character_id=name, name=name)
    words = (("ai", 3), ("rest", 2)) * 9
    return PictureFigure.model_validate(
        {"design": design_character(need), "slot": slot, "gaze": gaze, "back": back, "mouth": () if back else words,
         "speaking": ((0, 45),)}
    )  # fmt: skip


def picture(framing: Framing, movement: CameraMovement) -> ShotPicture:
    cast = {
        "wide": [figure("ada", "left", "right"), figure("ben", "right", "left")],
        "two_shot": [figure("ada", "left", "right"), figure("ben", "right", "left")],
        "over_shoulder": [figure("ada", "left", "right", back=True), figure("ben", "right", "left")],
        "medium": [figure("ada", "centre", "right")],
        "close_up": [figure("ada", "centre", "right")],
    }.get(framing, [])
    place = BackgroundNeed(
        asset_id="background.pier.dusk.cloudy.calm", location_id="pier", name="Pier", setting="harbour",
        time_of_day="dusk", weather="cloudy", mood="calm",
    )  # fmt: skip
    return ShotPicture(
        kind="card" if framing.endswith("_card") else "scene",
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        edit_rate=RATE,
        duration_ticks=TICKS,
        framing=framing,
        movement=movement,
        backdrop=place,
        figures=tuple(cast),
        props=(PictureProp(tag="key"),) if framing == "insert" else (),
        card_text=("A Pier at Dusk",) if framing.endswith("_card") else (),
    )


def measured(shot: ShotPicture, folder: Path) -> Spent:
    """One shot, drawn and encoded as a run does, then the same frames encoded from memory by a bare libx264."""
    spent = Spent(spent_s(lambda: ShotDrawing(shot, {}).close()), 0.0, 0, 0.0, 0.0)
    drawing = ShotDrawing(shot, {})
    frames: list[np.ndarray] = []
    pixels = np.zeros((HEIGHT_PX, WIDTH_PX, 4), np.uint8)
    for tick in range(TICKS):
        if drawing.changes(tick):
            spent.drawn_s += spent_s(lambda at=tick: drawing.draw(at, pixels))
            spent.drawings += 1
            frames.append(pixels.copy())
        else:
            frames.append(frames[-1])
    drawing.close()
    spent.encoded_s = spent_s(lambda: encode(folder / "segment.mp4", frames))
    spent.plain_s = spent_s(lambda: encode_plainly(folder / "plain.mp4", frames))
    return spent


def encode(path: Path, frames: list[np.ndarray]) -> None:
    with SegmentEncoder(path, WIDTH_PX, HEIGHT_PX, RATE) as segment:
        for before, frame in pairwise([None, *frames]):
            if frame is before:
                segment.hold()
            else:
                np.copyto(segment.canvas, frame)
                segment.write()


def encode_plainly(path: Path, frames: list[np.ndarray]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(24), options={"preset": "superfast"})
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        stream.codec_context.thread_count = 1
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "bgra")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("framing", "movement"),
    [
        ("wide", "static"), ("wide", "push_in"), ("medium", "static"), ("medium", "push_in"), ("close_up", "static"),
        ("close_up", "push_in"), ("two_shot", "static"), ("two_shot", "pull_out"), ("over_shoulder", "static"),
        ("insert", "tilt_down"), ("title_card", "static"),
    ],
)  # fmt: skip
def test_picture_bench_prints_ms_a_frame(framing, movement, tmp_path, capsys):
    spent = measured(picture(framing, movement), tmp_path)
    held = TICKS - spent.drawings
    with capsys.disabled():
        print(
            f"\n{framing:13} {movement:9} built {spent.built_s * 1e3:4.0f} ms; "
            f"{spent.drawings:2} drawings at {spent.drawn_s / spent.drawings * 1e3:5.1f} ms, {held:2} held: "
            f"{spent.drawn_s / TICKS * 1e3:5.1f} ms a frame; encoding {spent.encoded_s / TICKS * 1e3:5.1f}; "
            f"plain encode {spent.plain_s / TICKS * 1e3:5.1f}"
        )
    assert spent.drawings >= 1
