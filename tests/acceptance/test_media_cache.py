"""Every parameter of every media command: asked again it is found, with another value it is made anew under a key of its
own, and nothing that leaves the answer as it is makes it anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clips import Coding, face_film
from tests.media_desk import MediaDesk

Words = tuple[str, ...]
Env = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Change:
    """A command, and what is changed of how it is called."""

    command: str
    words: Words = ()
    env: Env = ()

    def __str__(self) -> str:
        return " ".join([self.command, *self.words, *(f"{name}={value}" for name, value in self.env)])


USUAL: dict[str, Words] = {
    "regions": (),
    "visual-meta": (),
    "captions": (),
    "anonymise": (),
    "render": ("--cover-faces", "blur", "--captions", "track", "--aspect", "1:1", "--end-ms", "800"),
}
"""What each command is compared with. A later option replaces the same one before it."""

OPENCV = (("VIDEO_REGION_BACKEND", "opencv_face_detector"),)
ANOTHER_TENANT, ANOTHER_ENV = (("REELWRIGHT_TENANT", "t_other"),), (("REELWRIGHT_ENV", "test"),)

MISSES = (
    Change("regions", ("--interval-ms", "400")),
    Change("regions", ("--min-confidence", "0.8")),
    Change("regions", ("--smallest-face", "40")),
    Change("regions", env=OPENCV),
    Change("regions", env=(("VIDEO_REGIONS_MIN_CONFIDENCE", "0.7"),)),
    Change("visual-meta", ("--interval-ms", "250")),
    Change("visual-meta", ("--no-faces",)),
    Change("visual-meta", env=(("VIDEO_VISUAL_META_BACKEND", "stub_visual_meta"),)),
    Change("captions", ("--language", "auto")),
    Change("captions", ("--no-shots",)),
    Change("captions", ("--language", "en-GB")),
    Change("captions", env=(("VIDEO_CAPTIONS_BACKEND", "stub_captions"),)),
    Change("anonymise", ("--effect", "mosaic")),
    Change("anonymise", ("--strength", "strong")),
    Change("anonymise", env=OPENCV),
    Change("render", ("--cover-faces", "solid")),
    Change("render", ("--strength", "strong")),
    Change("render", ("--captions", "burned_in")),
    Change("render", ("--captions", "none")),
    Change("render", ("--aspect", "")),
    Change("render", ("--start-ms", "200")),
    Change("render", ("--end-ms", "700")),
    Change("render", env=OPENCV),
    Change("anonymise", ("--interval-ms", "100")),
    *(Change(command, env=env) for command in USUAL for env in (ANOTHER_TENANT, ANOTHER_ENV)),
)
"""Changes that change the answer. Some leave a newer or closer look behind, which films are covered by from then on."""

HITS = (
    Change("regions", ("--interval-ms", "200", "--min-confidence", "0.5", "--smallest-face", "20")),
    Change("visual-meta", ("--interval-ms", "500", "--faces")),
    Change("captions", ("--language", "en", "--shots")),
    Change("captions", env=(("VIDEO_CAPTIONS_LANGUAGE", "en"),)),
    Change("captions", ("--vtt", "{out}/a.vtt", "--ass", "{out}/a.ass")),
    Change("anonymise", ("--effect", "blur", "--strength", "medium")),
    Change("anonymise", ("--interval-ms", "400")),
    Change("anonymise", ("-o", "{out}/a.mp4")),
    Change("render", ("--start-ms", "0", "-o", "{out}/b.mp4")),
    *(Change(command, env=(("REELWRIGHT_SITE_ID", "elsewhere"),)) for command in USUAL),
)
"""Changes that do not: a value that was the default, a look that is close enough already, another place to write to."""


@dataclass(frozen=True)
class Shelf:
    """A desk on which every command was called once in the usual way."""

    desk: MediaDesk
    film: Path
    usual: dict[str, Any]

    def ask(self, change: Change, monkeypatch: pytest.MonkeyPatch) -> Any:
        with monkeypatch.context() as surroundings:
            for name, value in change.env:
                surroundings.setenv(name, value)
            words = [word.format(out=self.desk.folder) for word in (*USUAL[change.command], *change.words)]
            return self.desk.answer(change.command, self.film, *words)

    def key(self, answer: Any, change: Change, monkeypatch: pytest.MonkeyPatch) -> str:
        """The specification's literal key, from the meta of what was made."""
        with monkeypatch.context() as surroundings:
            for name, value in change.env:
                surroundings.setenv(name, value)
            return {one.artifact_id: one for one in self.desk.artifacts()}[made(answer)].meta["cache_key"]


def made(answer: Any) -> str:
    return answer.get("video_artifact_id") or answer["artifact_id"]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder = tmp_path_factory.mktemp("cache")
    desk, film = MediaDesk(folder), folder / "film.mp4"
    face_film(
        film, seconds=1.2, width_px=320, height_px=180, rate=20, lines=("Light the lamp.",), bars=False,
        coding=Coding(preset="ultrafast", crf=12, grain=1.0),
    )  # fmt: skip
    usual = {command: desk.answer(command, film, *words) for command, words in USUAL.items()}
    return Shelf(desk, film, usual)


@pytest.mark.parametrize("command", USUAL)
def test_what_was_asked_before_is_found(shelf, monkeypatch, command):
    records = shelf.desk.records()
    again = shelf.ask(Change(command), monkeypatch)
    assert again["cache_hit"]
    assert {**again, "cache_hit": None} == {**shelf.usual[command], "cache_hit": None}
    assert shelf.desk.records() == records


def test_nothing_was_found_the_first_time(shelf):
    assert not any(shelf.usual[command]["cache_hit"] for command in USUAL)


@pytest.mark.parametrize("change", HITS, ids=str)
def test_change_that_leaves_the_answer_as_it_is_is_a_hit(shelf, monkeypatch, change):
    same = shelf.ask(change, monkeypatch)
    assert same["cache_hit"]
    assert made(same) == made(shelf.usual[change.command])


def test_another_film_is_a_miss_in_every_command(shelf, monkeypatch, tmp_path):
    other = Shelf(shelf.desk, tmp_path / "other.mp4", {})
    face_film(other.film, seconds=0.6, width_px=320, height_px=180, rate=20, lines=("Go.",), bars=False, seed=1)
    for command in USUAL:
        answer = other.ask(Change(command, ("--end-ms", "500") if command == "render" else ()), monkeypatch)
        assert not answer["cache_hit"], command
        assert made(answer) != made(shelf.usual[command])


def test_same_bytes_under_another_name_are_found(shelf, monkeypatch, tmp_path):
    renamed = Shelf(shelf.desk, tmp_path / "holiday.mp4", {})
    renamed.film.write_bytes(shelf.film.read_bytes())
    for command in USUAL:
        answer = renamed.ask(Change(command), monkeypatch)
        assert answer["cache_hit"], command
        assert made(answer) == made(shelf.usual[command])


@pytest.mark.parametrize("change", MISSES, ids=str)
def test_change_is_a_miss_with_a_key_of_its_own_and_then_a_hit(shelf, monkeypatch, change):
    usual = shelf.ask(Change(change.command), monkeypatch)  # anew: what others left behind may be newer
    other = shelf.ask(change, monkeypatch)
    assert not other["cache_hit"]
    assert made(other) != made(usual)
    assert shelf.key(other, change, monkeypatch) != shelf.key(usual, Change(change.command), monkeypatch)
    again = shelf.ask(change, monkeypatch)
    assert again["cache_hit"]
    assert made(again) == made(other)


def test_detect_shots_is_visual_meta_without_faces(shelf, monkeypatch):
    shots = shelf.desk.answer("detect-shots", shelf.film)
    same = shelf.ask(Change("visual-meta", ("--no-faces",)), monkeypatch)
    assert same["cache_hit"]
    assert made(same) == made(shots)


def test_two_stores_yield_the_same_bytes(shelf, monkeypatch, tmp_path):
    other = Shelf(MediaDesk(tmp_path), shelf.film, {})
    for command in USUAL:
        other.ask(Change(command), monkeypatch)
    theirs, ours = other.desk.records(), shelf.desk.records()
    assert len(theirs) > 10
    assert {one: ours[one] for one in theirs} == theirs
