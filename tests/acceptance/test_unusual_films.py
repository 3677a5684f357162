"""Films that lie on their side, have odd sizes, uneven frames, ten bits or wide pixels: every command works on them, in
the picture and on the clock that a player shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from schemas.regions import VideoRegionSummary
from schemas.transcript import AsrTranscript
from schemas.visual_meta import VisualMeta
from tests.clips import Coding, Truth, face_film
from tests.clips.looking import packets, shown, times
from tests.media_desk import MediaDesk

SECONDS, RATE, CUT = 1.4, 20, 16

QUICK = Coding(preset="ultrafast", crf=12, grain=1.0)

FILMS: Mapping[str, tuple[str, tuple[int, int], Coding]] = {
    "turned": ("a.mp4", (180, 320), dataclasses.replace(QUICK, rotation=90)),
    "upside down": ("a.mov", (320, 180), dataclasses.replace(QUICK, rotation=180)),
    "odd": ("a.mkv", (321, 181), dataclasses.replace(QUICK, codec="libvpx-vp9")),
    "uneven": ("a.mp4", (320, 180), dataclasses.replace(QUICK, variable_rate=True)),
    "ten bits, wide pixels": (
        "a.mp4",
        (320, 180),
        dataclasses.replace(QUICK, codec="libx265", pixel_format="yuv420p10le", pixel_aspect=Fraction(4, 3)),
    ),
}
"""Name -> file, size of the upright picture, coding. All talk, and have a cut."""


@dataclass(frozen=True)
class Seen:
    """One of the films, and what the commands said of it."""

    path: Path
    truth: Truth
    regions: VideoRegionSummary
    visual: VisualMeta
    shots: VisualMeta
    covered: Path
    report: Any
    transcript: AsrTranscript
    rendered: Path


@pytest.fixture(scope="module", params=FILMS)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Each command once on each film, one after the other on one store, as somebody would who edits it."""
    name, (width_px, height_px), coding = FILMS[request.param]
    folder = tmp_path_factory.mktemp("film")
    desk, path = MediaDesk(folder), folder / name
    truth = face_film(
        path, seconds=SECONDS, width_px=width_px, height_px=height_px, rate=RATE, cuts=(CUT,), bars=False,
        lines=("Good morning.",), coding=coding,
    )  # fmt: skip
    covered, rendered = folder / f"covered{path.suffix}", folder / "rendered.mp4"
    return Seen(
        path=path,
        truth=truth,
        regions=VideoRegionSummary.read(desk.answer("regions", path)["summary"]),
        visual=VisualMeta.read(desk.answer("visual-meta", path, "--interval-ms", "100")["visual_meta"]),
        shots=VisualMeta.read(desk.answer("detect-shots", path)["visual_meta"]),
        covered=covered,
        report=desk.answer("anonymise", path, "-o", covered, "--effect", "solid")["report"],
        transcript=AsrTranscript.read(desk.answer("captions", path)["transcript"]),
        rendered=rendered if desk.answer("render", path, "-o", rendered, "--captions", "track") else path,
    )


def largest_face(truth: Truth, frame: int) -> tuple[float, ...]:
    return max(truth.boxes(frame), key=lambda box: box[2] * box[3])


def share_inside(box: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    down = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    return max(0.0, across) * max(0.0, down) / (box[2] * box[3])


def start_ms(truth: Truth, frame: int) -> int:
    return truth.times_ms[frame] if truth.times_ms else round(frame * 1000 / RATE)


def test_regions_lie_on_the_faces_of_the_upright_picture(seen):
    found, truth = seen.regions, seen.truth
    assert (found.width_px, found.height_px, found.frame_count) == (truth.width_px, truth.height_px, truth.frames)
    assert found.variable_frame_rate == bool(truth.times_ms)
    assert found.unjudged == ()
    for frame in range(truth.frames):
        boxes = [one.boxes[frame - one.first_frame] for one in found.tracks if one.first_frame <= frame < one.end_frame]
        face = largest_face(truth, frame)
        assert max((share_inside(face, box) for box in boxes), default=0) > 0.7, frame
        assert all(share_inside(box, face) > 0.4 for box in boxes), frame


def test_visual_meta_has_the_subject_and_the_times_that_a_player_shows(seen):
    found, truth = seen.visual, seen.truth
    assert (found.width_px, found.height_px, found.frame_count) == (truth.width_px, truth.height_px, truth.frames)
    assert len(found.samples) > 5
    for sample in found.samples:
        left, top, width, height = largest_face(truth, sample.frame)
        assert sample.subject == "face"
        assert abs(sample.primary_subject_center_x * truth.width_px - (left + width / 2)) < width / 2
        assert abs(sample.primary_subject_center_y * truth.height_px - (top + height / 2)) < height / 2
        assert abs(sample.time_ms - start_ms(truth, sample.frame)) <= 1


def test_detect_shots_finds_the_cut_at_its_frame_and_its_time(seen):
    [cut] = [one for one in seen.shots.boundaries if one.kind == "cut"]
    assert cut.first_frame == CUT
    assert abs(cut.start_ms - start_ms(seen.truth, CUT)) <= 1


def test_anonymised_film_keeps_its_clock_and_its_sound(seen):
    assert times(seen.covered) == times(seen.path)
    assert packets(seen.covered) == packets(seen.path)
    assert len(packets(seen.covered)) == 1


def stored(path: Path) -> tuple[Any, ...]:
    """Size, pixel aspect, turns and depth of a film as it is stored."""
    with av.open(str(path)) as container:
        picture = container.streams.video[0]
        frame = next(container.decode(picture))
        depth = frame.format.components[0].bits
        return frame.width, frame.height, picture.sample_aspect_ratio or 1, frame.rotation % 360, depth


def test_anonymised_film_is_stored_and_turned_as_it_was(seen):
    assert stored(seen.covered) == stored(seen.path)


def test_anonymised_film_hides_the_faces_and_leaves_the_rest(seen):
    assert seen.report["outcome"] == "covered"
    assert seen.report["covered_frames"] == seen.truth.frames
    before, after = shown(seen.path), shown(seen.covered)
    assert len(before) == len(after) == seen.truth.frames
    for frame, (one, other) in enumerate(zip(before, after, strict=True)):
        left, top, width, height = map(round, largest_face(seen.truth, frame))
        changed = np.abs(one.astype(int) - other)
        face = np.s_[max(0, top) : top + height, max(0, left) : left + width]
        assert changed[face].mean() > 25, frame
        assert other[face].std(axis=(0, 1)).max() < 30, frame
        assert np.median(changed) <= 3, frame


def test_rendered_film_shows_at_every_tick_what_a_player_of_the_source_shows(seen):
    with av.open(str(seen.rendered)) as film:
        picture = film.streams.video[0]
        rate, unit = picture.average_rate, picture.time_base
        ticks = [frame.pts * unit for frame in film.decode(picture)]
    assert ticks == [index / rate for index in range(len(ticks))]
    source_times, end = times(seen.path)
    assert abs(Fraction(len(ticks)) / rate - (end - source_times[0])) <= 1 / rate
    source, rendered = shown(seen.path), shown(seen.rendered)
    high, wide = rendered[0].shape[:2]
    assert (wide, high) == (seen.truth.width_px // 2 * 2, seen.truth.height_px // 2 * 2)
    for tick, at in enumerate(ticks):
        on_screen = sum(one - source_times[0] <= at for one in source_times) - 1
        off = np.abs(source[on_screen][:high, :wide].astype(int) - rendered[tick])
        assert off.mean() < 6, (tick, on_screen)


def test_captions_of_a_rendered_film_are_shown_when_they_are_said(seen):
    with av.open(str(seen.rendered)) as film:
        tick_ms = 1000 / film.streams.video[0].average_rate
        [track] = film.streams.subtitles
        packets = [packet for packet in film.demux(track) if packet.size > 2]
        found = [
            (one.pts * one.time_base * 1000, (one.pts + one.duration) * one.time_base * 1000, bytes(one))
            for one in packets
        ]
    said = seen.transcript.segments
    assert len(found) == len(said) > 0
    for (start_ms, end_ms, text), segment in zip(found, said, strict=True):
        assert abs(start_ms - segment.start_ms) <= tick_ms
        assert abs(end_ms - segment.end_ms) <= tick_ms
        assert "\n".join(segment.lines).encode() in text
