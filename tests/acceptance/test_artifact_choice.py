"""Which stored artifact a film is covered and rendered by, and what is written where: never a careless one, never over
something else.
"""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from pipelines.editing import summary_choice
from tests.acceptance.test_media import Desk
from tests.clips.cards import card_film

MISSING = "there is no video_region_summary of this film that fits"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("VIDEO_REGION_BACKEND", "opencv_face_detector")
    return Desk(tmp_path)


def plan(desk: Desk, film: Path, *words: str) -> dict:
    return desk.answer("render", film, "--dry-run", *words)["plan"]


def test_film_is_not_covered_by_a_summary_that_looked_less_closely(desk, tmp_path, monkeypatch):
    film = card_film(tmp_path / "a.mp4")
    for careless in (("--interval-ms", "1000"), ("--smallest-face", "200"), ("--min-confidence", "0.9")):
        desk.answer("regions", film, *careless)
        assert any(MISSING in one for one in plan(desk, film, "--cover-faces", "blur")["warnings"]), careless
    close = desk.answer("regions", film)["artifact_id"]
    desk.answer("regions", film, "--interval-ms", "2000")
    [notice] = plan(desk, film, "--cover-faces", "blur")["dependency_notices"]
    assert notice["artifact_id"] == close
    monkeypatch.setattr(summary_choice, "LOOKED_BY", "film_pass-0, video_regions-0")
    assert any(MISSING in one for one in plan(desk, film, "--cover-faces", "blur")["warnings"])


def test_stand_in_does_not_outlive_the_engine_it_stood_in_for(desk, tmp_path, monkeypatch):
    film = card_film(tmp_path / "a.mp4", sounds=("aac",))
    with monkeypatch.context() as without:
        without.setenv("VIDEO_CAPTIONS_BACKEND", "stub_captions")
        desk.answer("captions", film, "--no-shots")
        assert "stub" in plan(desk, film, "--captions", "track")["warnings"][0]
    found = plan(desk, film, "--captions", "track")
    assert found["dependency_notices"] == []
    assert "there is no asr_transcript" in found["warnings"][0]


def test_crop_does_not_follow_visual_meta_that_knew_of_no_faces(desk, tmp_path):
    film = card_film(tmp_path / "a.mp4")
    desk.answer("detect-shots", film)
    assert "there is no visual_meta" in plan(desk, film, "--aspect", "1:1")["warnings"][0]
    known = desk.answer("visual-meta", film)["artifact_id"]
    [notice] = plan(desk, film, "--aspect", "1:1")["dependency_notices"]
    assert notice["artifact_id"] == known


def test_film_without_faces_loses_its_cover_and_subtitles_all_the_same(desk, tmp_path):
    film = card_film(tmp_path / "a.mp4", cover=True, subtitles="mov_text", sounds=("aac",))
    report = desk.answer("anonymise", film, "-o", tmp_path / "safe.mp4")["report"]
    assert report["outcome"] == "covered"
    assert report["covered_frames"] == 0
    assert len(report["left_out"]) == 2
    with av.open(str(tmp_path / "safe.mp4")) as safe:
        assert [stream.type for stream in safe.streams] == ["video", "audio"]


def test_report_names_the_interval_of_the_second_look(desk, tmp_path):
    film = card_film(tmp_path / "a.mp4")
    assert desk.answer("anonymise", film, "--interval-ms", "250")["report"]["audit_interval_ms"] == 500


def test_two_films_of_one_name_are_refused_before_anything_is_done(desk, tmp_path):
    films = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        films.append(card_film(tmp_path / folder / "clip.mp4"))
    before = [film.read_bytes() for film in films]
    for words in (("anonymise", *films, "-o"), ("render", *films, "-o"), ("captions", *films, "--srt")):
        result = desk.call(*words, tmp_path / "b")
        assert "would be written over each other" in str(result.exception)
    assert [film.read_bytes() for film in films] == before
    assert sorted(one.name for one in (tmp_path / "b").iterdir()) == ["clip.mp4"]


def test_no_film_is_written_over_another_source(desk, tmp_path):
    (tmp_path / "a").mkdir()
    film, other = card_film(tmp_path / "a" / "one.mp4"), card_film(tmp_path / "one.mp4")
    result = desk.call("anonymise", film, "-o", tmp_path / "one.mp4")
    assert result.exit_code == 0  # somebody else's file may be replaced when it is named
    kept = card_film(tmp_path / "a" / "two.mp4").read_bytes()
    result = desk.call("anonymise", film, tmp_path / "a" / "two.mp4", "-o", tmp_path / "a")
    assert "is a source" in str(result.exception)
    assert (tmp_path / "a" / "two.mp4").read_bytes() == kept
    assert other.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("regions", "--interval-ms", "30000"), "less than or equal to 10000"),
        (("anonymise", "--interval-ms", "900"), "less than or equal to 500"),
        (("render", "--aspect", "wide"), "aspect"),
        (("render", "--start-ms", "500", "--end-ms", "100"), "nothing lies between 500 and 100 ms"),
    ],
)
def test_wrong_value_is_named(desk, tmp_path, words, said):
    result = desk.call(words[0], card_film(tmp_path / "a.mp4"), *words[1:])
    assert type(result.exception).__name__ == "InvalidInput"
    assert said in str(result.exception)
