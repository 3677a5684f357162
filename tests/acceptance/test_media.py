"""Films through the commands as a user types them: found, covered, captioned, found again, and never silently wrong."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from cluster.settings import Settings
from schemas.anonymise_report import AnonymiseReport
from schemas.regions import VideoRegionSummary
from schemas.visual_meta import VisualMeta
from serve.cli import app
from serve.desk import open_desk
from tests.clips import Truth

CLIPS = Path(__file__).parents[1] / "fixtures" / "video_clips"
FACE, BROLL = CLIPS / "face_clip.mp4", CLIPS / "broll_clip.mp4"


class Desk:
    """One store, and the commands on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store"

    def call(self, *words: str | Path) -> Result:
        return CliRunner().invoke(app, [*map(str, words), "--store", str(self.store)])

    def answer(self, *words: str | Path) -> Any:
        result = self.call(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def records(self) -> dict[str, str]:
        """artifact_id -> content hash of everything in the store."""
        with open_desk(Settings.load(store=self.store)) as desk:
            return {one.artifact_id: one.content_hash for one in desk.registry.list(limit=10_000)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A store in which the two fixtures were looked at and covered."""
    desk = Desk(tmp_path_factory.mktemp("media"))
    for clip in (FACE, BROLL):
        desk.answer("regions", clip)
        desk.answer("anonymise", clip, "-o", desk.folder / clip.name)
    return desk


def truth(clip: Path) -> Truth:
    return Truth.read(clip.with_suffix(".json"))


def picture(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]


def packets(path: Path) -> list[tuple[int | None, bytes]]:
    with av.open(str(path)) as film:
        return [(packet.pts, bytes(packet)) for packet in film.demux(film.streams.audio[0]) if packet.size]


def share_inside(box: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = min(box[0] + box[2], other[0] + other[2]) - max(box[0], other[0])
    down = min(box[1] + box[3], other[1] + other[3]) - max(box[1], other[1])
    return max(0.0, across) * max(0.0, down) / (box[2] * box[3])


def test_regions_cover_every_visible_face_of_every_frame(desk):
    summary = VideoRegionSummary.read(desk.answer("regions", FACE)["summary"])
    missed = []
    for frame, faces in enumerate(truth(FACE).faces):
        boxes = [
            track.boxes[frame - track.first_frame]
            for track in summary.tracks
            if track.first_frame <= frame < track.end_frame
        ]
        missed += [
            (frame, face)
            for face in faces
            # of a face that a bar hides in part, a detector boxes what is seen
            if face.visible >= 0.5
            and max((share_inside(face.box, box) for box in boxes), default=0) < min(0.7, face.visible)
        ]
    assert missed == []
    assert {track.verdict for track in summary.tracks} == {"person"}


def test_regions_of_a_film_without_faces_are_none(desk):
    assert desk.answer("regions", BROLL)["summary"]["tracks"] == []


def test_regions_again_is_a_hit_with_the_same_artifacts(desk):
    before = desk.records()
    again = desk.answer("regions", FACE)
    assert again["cache_hit"]
    assert desk.records() == before


def test_another_backend_gives_another_summary_that_names_it(desk, monkeypatch):
    usual = desk.answer("regions", FACE)
    monkeypatch.setenv("VIDEO_REGION_BACKEND", "opencv_face_detector")
    other = desk.answer("regions", FACE, "--smallest-face", "80", "--interval-ms", "1000")
    assert not other["cache_hit"]
    assert other["artifact_id"] != usual["artifact_id"]
    assert other["summary"]["backend"]["name"] == other["meta"]["backend"] == "opencv_face_detector"


def test_masks_are_children_of_the_summary_under_the_specified_key(desk):
    found = desk.answer("regions", FACE)
    with open_desk(Settings.load(store=desk.store)) as opened:
        masks = {one.artifact_id: one for one in opened.registry.children(found["artifact_id"], "video_region_mask")}
        assert set(found["masks"].values()) == set(masks)
        asset_id = found["summary"]["asset_id"]
        for mask in masks.values():
            assert mask.meta["logical_key"] == f"tenants/t_local/dev/media_v2/{asset_id}/regions/{mask.artifact_id}.png"
            assert mask.media_type == "image/png"
            drawn = av.open(str(opened.blobs.path(mask.content_hash)), format="png_pipe")
            white = next(drawn.decode(video=0)).to_ndarray(format="gray") > 128
            track = next(t for t in found["summary"]["tracks"] if t["track_id"] == mask.meta["track_id"])
            left, top, width, height = track["boxes"][track["best_frame"] - track["first_frame"]]
            assert white[max(0, top) : top + height, max(0, left) : left + width].all()
            assert white.shape == (360, 640)


def test_meta_holds_what_the_specification_asks(desk):
    meta = desk.answer("regions", FACE)["meta"]
    assert meta["duration_ms"] == 10_000
    assert meta["frame_sample_interval_ms"] == 200
    assert meta["model_used"] == "mtcnn"
    assert meta["backend_version"].startswith("facenet_mtcnn-2.6.0")
    assert (meta["tenant_id"], meta["env"], meta["backend_type"]) == ("t_local", "dev", "real")
    assert meta["cache_key"].startswith(f"t_local|dev|{meta['asset_id']}|")


def test_visual_meta_finds_the_cuts_and_the_face_without_decoding_again(desk):
    found = VisualMeta.read(desk.answer("visual-meta", FACE)["visual_meta"])
    assert [one.first_frame for one in found.boundaries if one.kind == "cut"] == list(truth(FACE).cuts)
    faces = truth(FACE).faces
    for sample in found.samples:
        largest = max(faces[sample.frame], key=lambda face: face.box[2] * face.box[3] * face.visible)
        left, top, width, height = largest.box
        assert sample.subject == "face"
        assert abs(sample.primary_subject_center_x * 640 - (left + width / 2)) < width
        assert abs(sample.primary_subject_center_y * 360 - (top + height / 2)) < height
    with open_desk(Settings.load(store=desk.store)) as opened:
        last = opened.ledger.latest("media", limit=1)[0]
        assert all(one.cache_hit for one in opened.ledger.attempts(last.run_id) if one.work.stage == "film_pass")


def test_detect_shots_names_every_kind_of_boundary(desk):
    found = VisualMeta.read(desk.answer("detect-shots", BROLL)["visual_meta"])
    known = truth(BROLL)
    assert [one.first_frame for one in found.boundaries if one.kind == "cut"] == list(known.cuts)
    assert {one.kind for one in found.boundaries} >= {"cut", "fade_in", "fade_out"}


def test_covered_film_keeps_sound_times_and_size(desk):
    covered = desk.folder / FACE.name
    assert packets(covered) == packets(FACE)
    with av.open(str(covered)) as after, av.open(str(FACE)) as before:
        kept = [(frame.pts, frame.width, frame.height) for frame in after.decode(video=0)]
        assert kept == [(frame.pts, frame.width, frame.height) for frame in before.decode(video=0)]


def test_covered_film_changes_faces_and_leaves_the_rest(desk):
    before, after = picture(FACE), picture(desk.folder / FACE.name)
    for frame in range(0, 250, 10):
        changed = np.abs(before[frame].astype(int) - after[frame])
        for face in truth(FACE).faces[frame]:
            if face.visible >= 0.5:
                left, top, width, height = (round(value) for value in face.box)
                assert changed[max(0, top) : top + height, max(0, left) : left + width].mean() > 8
        assert np.median(changed) <= 2


def test_report_says_what_was_covered_and_who_looked_again(desk):
    report = AnonymiseReport.read(desk.answer("anonymise", FACE)["report"])
    assert (report.outcome, report.covered_frames, report.frame_count) == ("covered", 250, 250)
    assert report.detector.name == "facenet_mtcnn"
    assert report.auditor.name == "opencv_face_detector"
    assert report.audited_frames >= 25
    assert report.at_risk == ()


def test_film_without_faces_is_skipped_and_handed_on_as_it_was(desk):
    report = AnonymiseReport.read(desk.answer("anonymise", BROLL)["report"])
    assert (report.outcome, report.covered_frames, report.video_id) == ("skipped", 0, report.asset_id)
    assert (desk.folder / BROLL.name).read_bytes() == BROLL.read_bytes()


def test_anonymise_refuses_what_only_a_stub_looked_at(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEO_REGION_BACKEND", "stub_face_detector")
    result = Desk(tmp_path).call("anonymise", FACE, "-o", tmp_path / "out.mp4")
    assert result.exit_code == 3
    assert "sees nobody" in result.output
    assert not (tmp_path / "out.mp4").exists()


def test_stub_summary_says_that_it_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEO_REGION_BACKEND", "stub_face_detector")
    found = Desk(tmp_path).answer("regions", FACE)
    assert found["meta"]["backend_type"] == found["summary"]["backend"]["backend_type"] == "stub"


def test_keep_without_weights_says_what_to_do_before_anything_is_done(tmp_path):
    result = Desk(tmp_path).call("anonymise", FACE, "--keep", FACE, "-o", tmp_path / "out.mp4")
    assert result.exit_code == 1
    assert "convert_facenet" in str(result.exception)
    assert not (tmp_path / "out.mp4").exists()


def test_out_may_not_be_the_source(desk, tmp_path):
    source = tmp_path / "clip.mp4"
    source.write_bytes(FACE.read_bytes())
    result = desk.call("anonymise", source, "-o", source)
    assert isinstance(result.exception, Exception) and "is a source" in str(result.exception)
    assert hashlib.sha256(source.read_bytes()).digest() == hashlib.sha256(FACE.read_bytes()).digest()


def test_captions_without_whisper_say_who_listened(desk):
    found = desk.answer("captions", FACE, "--srt", desk.folder / "face.srt")
    assert found["transcript"]["backend"]["name"] == found["meta"]["backend"] == "pocketsphinx"
    assert "whisper_openai is not available" in found["meta"]["degraded"]
    assert found["meta"]["language"] == "en"
    said = (desk.folder / "face.srt").read_text()
    assert said.startswith("1\n00:00:")
    assert len(found["transcript"]["words"]) > 5


def test_several_files_answer_each_for_itself(desk, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(FACE.read_bytes()[:3000])
    result = desk.call("detect-shots", FACE, broken, "--json")
    answers = json.loads(result.stdout)
    assert result.exit_code == 2
    assert "visual_meta" in answers[0]
    assert answers[1]["error"]["code"] == "media_unreadable"
