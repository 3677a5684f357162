"""Renders as a user asks for them, decoded again: a part of a film, faces covered, another aspect, captions burned in or
as a track; and the dry run, which says it all before."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pipelines.editing.reframe import frame_path
from schemas.errors import Refused
from schemas.transcript import AsrTranscript
from schemas.visual_meta import VisualMeta
from serve import exit_codes
from tests.clips import Coding, Person, Truth, face_film
from tests.clips.cards import card_film
from tests.clips.looking import shown, times
from tests.media_desk import MediaDesk

SIZE, RATE, FRAMES = (320, 180), 25, 90
START_MS, END_MS = 600, 3200
FIRST, TICKS = 15, 65
"""The kept part in frames."""

TRIM = ("--start-ms", str(START_MS), "--end-ms", str(END_MS))
WHOLE = ("--cover-faces", "solid", "--aspect", "1:1", *TRIM)

WALKER = Person("a", (0.3, 0.45), (0.7, 0.45), (0.3, 0.32))


@dataclass(frozen=True)
class Cutting:
    """A desk on which a film was looked at and listened to, and what was rendered from it."""

    desk: MediaDesk
    film: Path
    truth: Truth
    regions: Any
    visual: Any
    captions: Any
    before: Any
    """The plan that a dry run gave when nothing was known yet."""

    def render(self, name: str, *words: str) -> Path:
        path = self.desk.folder / name
        if not path.exists():
            self.desk.answer("render", self.film, "-o", path, *words)
        return path

    @cached_property
    def covered(self) -> Path:
        return self.render("covered.mp4", *WHOLE)

    @cached_property
    def burned(self) -> Path:
        return self.render("burned.mp4", *WHOLE, "--captions", "burned_in")

    @cached_property
    def muxed(self) -> Path:
        return self.render("muxed.mp4", *TRIM, "--captions", "track")

    @property
    def cues(self) -> list[tuple[int, int, tuple[str, ...]]]:
        """Captions of the kept part: first and end tick, lines."""
        found = []
        for one in AsrTranscript.read(self.captions["transcript"]).segments:
            start, end = (round(ms * RATE / 1000) - FIRST for ms in (one.start_ms, one.end_ms))
            if max(0, start) < min(TICKS, end):
                found.append((max(0, start), min(TICKS, end), one.lines))
        return found


@pytest.fixture(scope="module")
def cutting(tmp_path_factory: pytest.TempPathFactory) -> Cutting:
    folder = tmp_path_factory.mktemp("render")
    desk, film = MediaDesk(folder), folder / "film.mp4"
    truth = face_film(
        film, seconds=FRAMES / RATE, width_px=SIZE[0], height_px=SIZE[1], rate=RATE, faces=[(WALKER,)], bars=False,
        lines=("Good morning.", "The lamp is green."), coding=Coding(preset="ultrafast", crf=12, grain=1.0),
    )  # fmt: skip
    before = dry_run(desk, film, "--captions", "track")
    kept = {one.kind for one in desk.artifacts()}
    assert kept == {"media_asset"}, "a dry run makes nothing"
    return Cutting(
        desk, film, truth, desk.answer("regions", film), desk.answer("visual-meta", film), desk.answer("captions", film),
        before,
    )  # fmt: skip


def dry_run(desk: MediaDesk, film: Path, *words: str) -> Any:
    return desk.answer("render", film, "--dry-run", *WHOLE, *words)["plan"]


def test_dry_run_on_an_empty_store_says_what_would_be_made_first(cutting):
    assert cutting.before["dependency_notices"] == []
    assert [one["artifact_id"] for one in cutting.before["steps"]] == [None] * 4
    assert [one.split()[3] for one in cutting.before["warnings"]] == [
        "video_region_summary", "visual_meta", "asr_transcript",
    ]  # fmt: skip


def test_dry_run_names_the_artifacts_it_would_use_and_who_made_them(cutting):
    records = cutting.desk.records()
    plan = dry_run(cutting.desk, cutting.film, "--captions", "burned_in")
    assert cutting.desk.records() == records
    assert (plan["width_px"], plan["height_px"], plan["duration_ms"]) == (180, 180, TICKS * 40)
    assert (plan["first_tick"], plan["end_tick"]) == (FIRST, FIRST + TICKS)
    made = [cutting.regions, cutting.visual, cutting.captions]
    assert [(one["kind"], one["artifact_id"]) for one in plan["steps"]] == [
        ("trim", None), *zip(("cover_faces", "reframe", "burn_in_captions"), (one["artifact_id"] for one in made), strict=True),
    ]  # fmt: skip
    assert [
        (one["artifact_id"], one["backend_version"], one["model_used"], one["cache_key"])
        for one in plan["dependency_notices"]
    ] == [
        (one["artifact_id"], *(one["meta"][name] for name in ("backend_version", "model_used", "cache_key")))
        for one in made
    ]


def test_dry_run_warns_of_what_a_stand_in_made(cutting):
    warnings = dry_run(cutting.desk, cutting.film, "--captions", "track")["warnings"]
    assert len(warnings) == 1
    assert "asr_transcript is by pocketsphinx: whisper_openai is not available" in warnings[0]


def test_dry_run_takes_the_newest_that_fits(tmp_path):
    desk, film = MediaDesk(tmp_path), card_film(tmp_path / "a.mp4", sounds=("aac",))
    for words in ((), ("--no-shots",), ()):
        desk.answer("captions", film, *words)
    newest = desk.answer("captions", film, "--no-shots")["artifact_id"]
    [notice] = desk.answer("render", film, "--dry-run", "--captions", "track")["plan"]["dependency_notices"]
    assert notice["artifact_id"] == newest


def test_dry_run_for_people_lists_size_steps_sources_and_warnings(cutting):
    said = cutting.desk.call("render", cutting.film, "--dry-run", *WHOLE, "--captions", "track").out
    for part in (
        "would be rendered",
        "180x180, 25.000 frames a second, 2.6 s",
        "cover faces: solid, medium",
        "warning: ",
    ):
        assert part in said
    assert cutting.regions["artifact_id"] in said


def test_part_that_is_kept_has_its_frames_at_a_fixed_rate(cutting):
    shown_at, end = times(cutting.covered)
    assert shown_at == [Fraction(tick, RATE) for tick in range(TICKS)]
    assert end == Fraction(TICKS, RATE)
    assert shown(cutting.covered)[0].shape == (180, 180, 3)


def corner(cutting: Cutting, tick: int) -> tuple[int, int]:
    path = frame_path(VisualMeta.read(cutting.visual["visual_meta"]), (180, 180))
    return path.corner_at((FIRST + tick) / RATE)


def test_covered_faces_are_black_in_every_frame_of_the_crop_and_the_rest_is_the_source(cutting):
    source = shown(cutting.film)
    for tick, picture in enumerate(shown(cutting.covered)):
        left, top = corner(cutting, tick)
        [box] = cutting.truth.boxes(FIRST + tick)
        inside = [round(box[0] - left), round(box[1] - top), round(box[2]), round(box[3])]
        face = picture[max(0, inside[1]) : inside[1] + inside[3], max(0, inside[0]) : inside[0] + inside[2]]
        assert face.size > 0.95 * 3 * inside[2] * inside[3], f"the subject left the frame at {tick}"
        assert face.mean() < 20, tick
        kept = source[FIRST + tick][top : top + 180, left : left + 180].astype(int)
        assert np.median(np.abs(kept - picture)) <= 4, tick


def test_burned_in_captions_stand_in_the_lower_part_while_they_are_said(cutting):
    assert cutting.cues, "nothing was heard"
    without, burned = shown(cutting.covered), shown(cutting.burned)
    assert len(without) == len(burned)
    for tick, (one, other) in enumerate(zip(without, burned, strict=True)):
        changed = np.abs(one.astype(int) - other).max(axis=2)
        said = any(start <= tick < end for start, end, _ in cutting.cues)
        assert (changed > 60).sum() > 50 if said else changed.max() < 60, tick
        assert changed[:80].max() < 60, tick


def test_caption_track_has_the_captions_of_the_part_at_their_ticks(cutting):
    with av.open(str(cutting.muxed)) as container:
        [track] = container.streams.subtitles
        assert track.language == "eng"
        packets = [packet for packet in container.demux(track) if packet.size > 2]
        found = [
            (
                packet.pts * packet.time_base * RATE,
                (packet.pts + packet.duration) * packet.time_base * RATE,
                bytes(packet),
            )
            for packet in packets
        ]
    assert [(start, end) for start, end, _ in found] == [(start, end) for start, end, _ in cutting.cues]
    for (_, _, text), (_, _, lines) in zip(found, cutting.cues, strict=True):
        assert "\n".join(lines).encode() in text


def heard(path: Path) -> np.ndarray:
    """float (N,): the first side of the sound, sample 0 with the first frame."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0) if frame.pts >= 0])


def test_sound_of_the_part_is_that_of_the_source_on_the_clock_of_its_picture(cutting):
    source, part = heard(cutting.film), heard(cutting.muxed)
    wanted = TICKS * 48_000 // RATE
    assert wanted <= len(part) < wanted + 2048
    start = FIRST * 48_000 // RATE
    middle = slice(4800, wanted - 4800)
    scores = {
        lag: float(np.dot(part[middle], source[start + lag :][middle]))
        / float(np.linalg.norm(part[middle]) * np.linalg.norm(source[start + lag :][middle]))
        for lag in range(-100, 101)
    }
    best = max(scores, key=scores.__getitem__)
    assert abs(best) <= 1
    assert scores[best] > 0.97


def test_render_without_sound_has_no_sound(cutting, tmp_path):
    cutting.desk.answer("render", card_film(tmp_path / "a.mp4"), "-o", tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_same_render_again_is_found_and_has_the_same_bytes(cutting, tmp_path):
    first = cutting.covered.read_bytes()
    again = cutting.desk.answer("render", cutting.film, "-o", tmp_path / "again.mp4", *WHOLE)
    assert again["cache_hit"]
    assert (tmp_path / "again.mp4").read_bytes() == first


def test_render_makes_what_is_missing_first_and_names_it_in_its_plan(tmp_path):
    desk, film = MediaDesk(tmp_path), card_film(tmp_path / "a.mp4")
    done = desk.answer("render", film, "--cover-faces", "blur", "--aspect", "1:1")
    kinds = {one.artifact_id: one.kind for one in desk.artifacts()}
    assert [kinds[one["artifact_id"]] for one in done["plan"]["dependency_notices"]] == [
        "video_region_summary", "visual_meta",
    ]  # fmt: skip
    assert done["plan"]["warnings"] == []
    assert kinds[done["plan_artifact_id"]] == "media_render_plan"
    assert kinds[done["video_artifact_id"]] == "video_render"


def test_film_whose_faces_only_a_stub_looked_for_does_not_go_out(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEO_REGION_BACKEND", "stub_face_detector")
    desk, film = MediaDesk(tmp_path), card_film(tmp_path / "a.mp4")
    said = desk.call("render", film, "--cover-faces", "blur", "-o", tmp_path / "out.mp4")
    assert said.exit_code == exit_codes.exit_code(Refused("")) == 3
    assert "sees nobody" in said.text
    assert not (tmp_path / "out.mp4").exists()
    assert "video_render" not in {one.kind for one in desk.artifacts()}
