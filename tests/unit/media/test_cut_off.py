"""A film that was cut off is refused however its container says how long it is; a whole one never is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.media.frame_reader import FrameReader
from schemas.errors import MediaUnreadable
from tests.clips.cards import card_film
from tests.clips.damage import cut_off, without_length, without_tags

TIMES = range(0, 100 * 40, 40)
CODECS = {".mkv": "libx264", ".webm": "libvpx-vp9", ".mp4": "libx264"}


def frames(path: Path) -> int:
    with FrameReader(path) as reader:
        return len(reader.shape.times.pts)


@pytest.mark.parametrize("kept", [0.5, 0.8])
@pytest.mark.parametrize("unsaid", [None, without_tags, without_length], ids=["tag and header", "header", "tag"])
@pytest.mark.parametrize("sounds", [(), ("libopus",)], ids=["silent", "sounding"])
@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
def test_matroska_that_was_cut_off_is_refused_and_says_where(tmp_path, suffix, sounds, unsaid, kept):
    film = card_film(tmp_path / f"a{suffix}", codec=CODECS[suffix], times=TIMES, sounds=sounds)
    if unsaid is not None:
        film = unsaid(film, tmp_path / f"b{suffix}")
    assert frames(film) == 100
    with pytest.raises(MediaUnreadable, match=r"'cut\.\w+' is cut off after [\d.]+ s of 4\.0\d s") as refused:
        frames(cut_off(film, tmp_path / f"cut{suffix}", kept))
    [after] = re.findall(r"after ([\d.]+)", str(refused.value))
    assert 0.5 < float(after) < 4 * kept + 0.5


@pytest.mark.parametrize("kept", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_film_that_ends_in_the_middle_of_a_frame_was_cut_off(tmp_path, suffix, kept):
    film = card_film(tmp_path / f"a{suffix}", times=TIMES[:60], muxer={"movflags": "+faststart"})
    with pytest.raises(MediaUnreadable, match=r"is cut off after [\d.]+ s of 2\.40 s"):
        frames(cut_off(film, tmp_path / f"cut{suffix}", kept))


@pytest.mark.parametrize("tagged", [True, False], ids=["tagged", "untagged"])
@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
def test_matroska_whose_sound_outlasts_its_picture_is_whole(tmp_path, suffix, tagged):
    film = card_film(tmp_path / f"a{suffix}", codec=CODECS[suffix], times=TIMES[:8], sounds=("libopus",))
    assert frames(film if tagged else without_tags(film, tmp_path / f"b{suffix}")) == 8


@pytest.mark.parametrize("tagged", [True, False], ids=["tagged", "untagged"])
@pytest.mark.parametrize("suffix", CODECS)
def test_film_that_begins_late_is_whole(tmp_path, suffix, tagged):
    times = range(3000, 3000 + 25 * 40, 40)
    film = card_film(tmp_path / f"a{suffix}", codec=CODECS[suffix], times=times, sounds=("libopus",))
    assert frames(film if tagged else without_tags(film, tmp_path / f"b{suffix}")) == 25


def test_tag_that_outlasts_its_file_is_not_believed(tmp_path):
    film = card_film(tmp_path / "a.mkv", times=TIMES)
    content = film.read_bytes()
    assert b"00:00:04.000000000" in content
    film.write_bytes(content.replace(b"00:00:04.000000000", b"00:10:04.000000000"))
    assert frames(film) == 100


def test_real_films_are_whole_and_their_halves_are_not(shared_media, tmp_path):
    films = [*shared_media.glob("video/*.mkv"), *shared_media.glob("video/*.webm"), *shared_media.glob("video/*.mp4")]
    assert len(films) == 8
    for film in films:
        assert frames(film) > 70
        with pytest.raises(MediaUnreadable, match=r"cut off after|is damaged"):
            frames(cut_off(film, tmp_path / f"cut{film.suffix}", 0.5))
