"""Films and sounds that are damaged on the way: covered where nobody could judge, and refused by the user's own name."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest

from pipelines.media.frame_reader import FrameReader
from schemas.anonymise_report import AnonymiseReport
from schemas.regions import VideoRegionSummary
from tests.clips.cards import card_film
from tests.clips.damage import cut_off, with_lost_packets, without_tags
from tests.clips.looking import shown
from tests.media_desk import MediaDesk, Said

FRAMES, STEP_MS, KEY_EVERY = 60, 400, 25
LOST = {12, *range(25, 50)}
"""A frame of the first segment, and all of the second of three segments."""

JUDGED = (*range(8), *range(50, 60))
"""Frames that depend on no lost one; some before it are left out, for decoders hold frames back."""

PICTURE = {
    "regions": (),
    "visual-meta": (),
    "detect-shots": (),
    "anonymise": ("-o", "{out}/a.mkv"),
    "render": ("-o", "{out}/a.mp4"),
    "dry run": ("--dry-run",),
}
REFUSED = [
    (what, command) for what in ("cut off", "lost") for command in PICTURE if (what, command) != ("lost", "dry run")
]
"""A plan decodes nothing."""

HASH = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> MediaDesk:
    return MediaDesk(tmp_path_factory.mktemp("damaged"))


@pytest.fixture(scope="module")
def whole(desk: MediaDesk) -> Path:
    times = range(0, FRAMES * STEP_MS, STEP_MS)
    return card_film(desk.folder / "whole.mp4", times=times, key_every=KEY_EVERY, sounds=("aac",))


@pytest.fixture(scope="module")
def film(desk: MediaDesk, whole: Path) -> Path:
    return with_lost_packets(whole, desk.folder / "lost.mp4", LOST)


def call(desk: MediaDesk, command: str, film: Path) -> Said:
    words = [word.format(out=desk.folder / "out") for word in PICTURE.get(command, ())]
    (desk.folder / "out").mkdir(exist_ok=True)
    return desk.call("render" if command == "dry run" else command, film, *words)


def test_film_with_lost_packets_has_regions_and_says_which_frames_nobody_judged(desk, film):
    summary = VideoRegionSummary.read(desk.answer("regions", film)["summary"])
    unjudged = {frame for span in summary.unjudged for frame in range(span.first_frame, span.end_frame)}
    assert summary.frame_count == FRAMES
    assert summary.duration_ms == FRAMES * STEP_MS
    assert set(range(12, 50)) <= unjudged
    assert not unjudged & set(JUDGED)


def test_film_with_lost_packets_has_visual_meta(desk, film):
    assert desk.call("visual-meta", film).exit_code == 0
    assert desk.call("detect-shots", film).exit_code == 0


def test_anonymised_film_with_lost_packets_shows_no_frame_that_nobody_judged(desk, film, whole):
    target = desk.folder / "safe.mp4"
    report = AnonymiseReport.read(desk.answer("anonymise", film, "-o", target)["report"])
    with FrameReader(film) as reader:
        left = [reader.shape.time_ms(one.pts) // STEP_MS for one in reader.frames()]
    assert not LOST & set(left)
    with FrameReader(target) as reader:
        assert [reader.shape.time_ms(pts) // STEP_MS for pts in reader.shape.times.pts] == left
    before, after = shown(whole), dict(zip(left, shown(target), strict=True))
    hidden = [number for number in left if stripes(after[number]) < 0.2 * stripes(before[number])]
    assert set(range(13, 50)) & set(left) <= set(hidden)
    assert not set(hidden) & set(JUDGED)
    assert {risk.reason for risk in report.at_risk} == {"unjudged"}
    assert {frame for risk in report.at_risk for frame in range(risk.first_frame, risk.end_frame)} >= LOST


def test_rendered_film_with_lost_packets_shows_no_frame_that_nobody_judged(desk, film):
    target = desk.folder / "rendered.mp4"
    assert desk.call("render", film, "-o", target, "--cover-faces", "blur").exit_code == 0
    pictures = shown(target)
    with FrameReader(target) as reader:
        starts_s = [float(pts * reader.shape.times.time_base) for pts in reader.shape.times.pts]
    at = [max(k for k, start_s in enumerate(starts_s) if start_s * 1000 <= n * STEP_MS + 200) for n in range(FRAMES)]
    clear, gone = stripes(pictures[at[5]]), [stripes(pictures[at[n]]) for n in range(13, 49)]
    assert clear > 20
    assert [round(one) for one in gone if one > 0.2 * clear and one > 1] == []


def stripes(picture: np.ndarray) -> float:
    """How much there is to see in the middle of a card."""
    return float(picture[24:44, 44:116].std())


@pytest.mark.parametrize(("what", "command"), REFUSED)
def test_damaged_film_is_refused_by_the_name_that_its_user_gave_it(desk, tmp_path, command, what):
    if what == "cut off":
        source = card_film(tmp_path / "a.mkv", times=range(0, 100 * 40, 40))
        damaged = cut_off(without_tags(source, tmp_path / "b.mkv"), tmp_path / "my 'film'.mkv", 0.5)
    else:
        times = range(0, FRAMES * STEP_MS, STEP_MS)
        source = card_film(tmp_path / "a.mov", times=times, codec="mjpeg", pixel_format="yuvj420p")
        # one frame of each segment is left, so that none of them loses half of the film by itself
        damaged = with_lost_packets(source, tmp_path / "my 'film'.mov", set(range(FRAMES)) - {0, 25, 50})
    said = call(desk, command, damaged)
    assert said.exit_code == 2, said.text
    assert repr(damaged.name) in said.out
    assert "is cut off after" in said.out if what == "cut off" else "of its 60 frames cannot be decoded" in said.out
    assert not HASH.search(said.text)


def test_damaged_sound_is_refused_by_the_name_that_its_user_gave_it(desk, tmp_path):
    source = card_film(tmp_path / "a.mkv", times=range(0, 25 * 40, 40), sounds=("aac",))
    damaged = tmp_path / "talk.mkv"
    damaged.write_bytes(_with_silenced_sound(source))
    said = call(desk, "captions", damaged)
    assert said.exit_code == 2, said.text
    assert "'talk.mkv' is damaged (its sound cannot be decoded)" in said.out
    assert not HASH.search(said.text)


def _with_silenced_sound(film: Path) -> bytes:
    content = bytearray(film.read_bytes())
    with av.open(str(film)) as container:
        for packet in container.demux(container.streams.audio[0]):
            if packet.size:
                start = content.index(bytes(packet), packet.pos)
                content[start : start + packet.size] = b"\xff" * packet.size
    return bytes(content)
