"""The generated clips show what their truth says, and the committed ones are those that were looked at."""

import hashlib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from pipelines.media.frame_reader import FrameReader
from pipelines.media.probe import MediaFacts, probe
from pipelines.media.sound import read_audio
from schemas.errors import MediaUnreadable
from tests.clips import FACE_BOX, Bar, Coding, Person, Shot, Transition, Truth, broll_film, face_film, write_film
from tests.clips.cards import card, card_film, number_of
from tests.clips.damage import (
    claiming_frames,
    claiming_huge_frames,
    claiming_size,
    cut_off,
    with_damaged_frames,
    without_index,
)
from tests.clips.looking import shown
from tests.clips.people import photograph

FIXTURES = Path(__file__).parents[1] / "fixtures" / "video_clips"
QUICK = Coding(preset="ultrafast", crf=10, grain=1.0)


def face_at(picture, box, *, mirrored=False):
    """How much of the portrait's face is in the box (correlation), and how far off it lies, in pixels."""
    left, top, width, height = (round(edge) for edge in FACE_BOX)
    face = photograph("astronaut.png")[top : top + height, left : left + width]
    face = face[:, ::-1] if mirrored else face
    small = cv2.resize(face, (round(box[2]), round(box[3])), interpolation=cv2.INTER_AREA)
    found = cv2.matchTemplate(np.ascontiguousarray(picture[..., ::-1]), small, cv2.TM_CCOEFF_NORMED)
    _, best, _, at = cv2.minMaxLoc(found)
    return best, max(abs(at[0] - box[0]), abs(at[1] - box[1]))


@pytest.mark.parametrize("name", ["face_clip.mp4", "broll_clip.mp4"])
def test_committed_clip_is_the_one_that_was_looked_at(name):
    digest, listed = (FIXTURES / f"{name}.sha256").read_text().split()
    assert listed == name
    assert hashlib.sha256((FIXTURES / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("name", ["face_clip", "broll_clip"])
def test_committed_clip_probes_as_its_truth_says(name):
    truth = Truth.read(FIXTURES / f"{name}.json")
    facts = probe(FIXTURES / f"{name}.mp4")
    expected = MediaFacts("clip", "mp4", "video/mp4", 640, 360, Fraction(25), facts.duration_s, 48_000, 1)
    assert facts == expected
    assert (truth.width_px, truth.height_px, truth.rate) == (640, 360, 25)
    with FrameReader(FIXTURES / f"{name}.mp4") as reader:
        assert len(reader.shape.times.pts) == truth.frames == 250
        assert reader.shape.times.duration_s == 10


def test_committed_face_clip_has_faces_words_and_a_cut():
    truth = Truth.read(FIXTURES / "face_clip.json")
    assert len(truth.faces) == 250
    assert sum(bool(truth.boxes(frame, visible=0.9)) for frame in range(250)) > 230
    assert {face.person for faces in truth.faces for face in faces} == {"speaker", "passer"}
    assert truth.cuts == (140,)
    assert truth.text.startswith("Good morning, and welcome to the flight deck.")
    pictures = shown(FIXTURES / "face_clip.mp4")
    for frame in (0, 60, 180, 249):
        likeness, off_px = face_at(pictures[frame], truth.boxes(frame, visible=0.9)[-1])
        assert likeness > 0.7
        assert off_px <= 4


def test_committed_broll_clip_has_no_face_and_no_word():
    truth = Truth.read(FIXTURES / "broll_clip.json")
    assert not any(truth.faces)
    assert not truth.words
    assert [span.kind for span in truth.spans] == ["dissolve", "flash", "fade_out", "fade_in"]


@pytest.mark.parametrize(
    ("name", "coding", "size"),
    [
        ("a.mp4", Coding(preset="ultrafast", crf=10), (320, 180)),
        ("a.mkv", Coding(preset="ultrafast", crf=10, variable_rate=True), (320, 180)),
        ("a.mp4", Coding(preset="ultrafast", crf=10, rotation=90), (320, 180)),
        ("a.mov", Coding(preset="ultrafast", crf=10, rotation=270), (180, 320)),
        ("a.mp4", Coding(preset="ultrafast", crf=10, pixel_format="yuv444p"), (321, 181)),
        ("a.webm", Coding(codec="libvpx-vp9", crf=10), (321, 181)),
        ("a.mp4", Coding(preset="ultrafast", crf=10, codec="libx265", pixel_format="yuv420p10le"), (320, 180)),
    ],
    ids=["plain", "variable rate", "turned", "turned portrait", "odd", "odd vp9", "10 bits"],
)
def test_face_film_shows_each_face_in_its_box(tmp_path, name, coding, size):
    truth = face_film(
        tmp_path / name, seconds=1, width_px=size[0], height_px=size[1], coding=coding, lines=(), bars=False
    )  # fmt: skip
    pictures = shown(tmp_path / name)
    assert len(pictures) == truth.frames == 25
    assert pictures[0].shape == (*size[::-1], 3)
    for frame in (0, 12, 24):
        likeness, off_px = face_at(pictures[frame], truth.boxes(frame)[0])
        assert likeness > 0.75
        assert off_px <= 3


def test_face_film_of_variable_rate_shows_frames_at_its_times(tmp_path):
    coding = Coding(preset="ultrafast", variable_rate=True)
    truth = face_film(tmp_path / "a.mp4", seconds=1, width_px=160, height_px=90, coding=coding, lines=())
    with FrameReader(tmp_path / "a.mp4") as reader:
        assert tuple(map(reader.shape.time_ms, reader.shape.times.pts)) == truth.times_ms
        assert reader.shape.variable_frame_rate


def test_film_of_the_same_arguments_is_the_same_bytes(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        face_film(tmp_path / name, seconds=2, width_px=160, height_px=90, faces=2, cuts=(20,), coding=QUICK)
        broll_film(tmp_path / f"roll_{name}", seconds=4, width_px=160, height_px=90, coding=QUICK)
    for kind in ("", "roll_"):
        assert (tmp_path / f"{kind}a.mp4").read_bytes() == (tmp_path / f"{kind}b.mp4").read_bytes()


def test_cuts_of_a_film_are_where_its_truth_says(tmp_path):
    truth = face_film(
        tmp_path / "a.mp4", seconds=3, width_px=160, height_px=90, cuts=(20, 41), coding=QUICK, lines=(), bars=False
    )  # fmt: skip
    pictures = shown(tmp_path / "a.mp4")
    steps = [np.abs(one.astype(int) - other).mean() for one, other in pairwise(pictures)]
    assert sorted(np.argsort(steps)[-2:] + 1) == list(truth.cuts) == [20, 41]


def test_transitions_of_a_broll_film_are_where_its_truth_says(tmp_path):
    truth = broll_film(tmp_path / "a.mp4", seconds=6, width_px=160, height_px=90, coding=QUICK)
    light = [picture.mean() for picture in shown(tmp_path / "a.mp4")]
    spans = {span.kind: span for span in truth.spans}
    assert len(light) == truth.frames == 150
    flash, out = spans["flash"].first_frame, spans["fade_out"]
    assert light[flash] - light[flash - 1] > 60
    assert (np.diff(light[out.first_frame - 1 : out.end_frame]) < 0).all()
    assert max(light[out.end_frame - 1], light[spans["fade_in"].first_frame]) < 12


def test_words_of_a_film_sound_when_its_truth_says(tmp_path):
    truth = face_film(tmp_path / "a.mp4", seconds=6, width_px=160, height_px=90, coding=QUICK)
    sound, rate_hz = read_audio(tmp_path / "a.mp4")
    assert truth.text == "Good morning, and welcome to the flight deck. Today we look at the engine before we light it."
    loud = [level(sound, rate_hz, word.start_s, word.end_s) for word in truth.words]
    assert min(loud) > 0.01
    deck, today = truth.words[7], truth.words[8]
    assert level(sound, rate_hz, deck.end_s + 0.1, today.start_s - 0.05) < 0.1 * min(loud)


def level(sound, rate_hz, start_s, end_s):
    return float(np.sqrt(np.mean(sound[round(start_s * rate_hz) : round(end_s * rate_hz)] ** 2)))


def test_film_without_lines_has_no_sound_track(tmp_path):
    face_film(tmp_path / "a.mp4", seconds=1, width_px=160, height_px=90, coding=QUICK, lines=())
    with pytest.raises(MediaUnreadable, match="no sound"):
        read_audio(tmp_path / "a.mp4")


def test_face_behind_a_bar_a_person_or_the_edge_is_seen_in_part(tmp_path):
    still = {"sway": 0.0, "lean_degrees": 0.0}
    far = Person("far", (0.5, 0.4), (0.5, 0.4), (0.1, 0.1), **still)
    near = Person("near", (0.5, 0.4), (0.5, 0.4), (0.3, 0.3), **still)
    leaving = Person("leaving", (0.5, 0.4), (1.5, 0.4), (0.2, 0.2), **still)
    shots = (
        Shot("room", 5, people=(far, near)),
        Shot("room", 21, people=(leaving,)),
        Shot("room", 21, people=(near,), bars=(Bar(0, 21, 0.3),)),
    )
    truth = write_film(tmp_path / "a.mp4", shots, [Transition("cut")] * 2, size=(160, 90), rate=25, coding=QUICK)
    assert [face.person for face in truth.faces[2]] == ["near"], "the far face is wholly behind the near one"
    leaving_seen = [faces[0].visible if faces else 0.0 for faces in truth.faces[5:26]]
    assert leaving_seen[0] == 1.0
    assert leaving_seen[-1] == 0.0
    assert 0 < leaving_seen[10] < 1
    barred = [faces[0].visible if faces else 0.0 for faces in truth.faces[26:]]
    assert min(barred) < 0.3
    assert barred[0] == barred[-1] == 1.0
    assert truth.boxes(26 + barred.index(min(barred)), visible=0.5) == []


def test_mirrored_and_tinted_person_is_in_the_box_too(tmp_path):
    person = Person("other", (0.3, 0.4), (0.7, 0.4), (0.3, 0.3), mirrored=True, tint=(0.8, 0.9, 1.1))
    truth = write_film(
        tmp_path / "a.mp4", (Shot("room", 5, people=(person,)),), (), size=(320, 180), rate=25, coding=QUICK
    )
    for picture, faces in zip(shown(tmp_path / "a.mp4"), truth.faces, strict=True):
        likeness, off_px = face_at(picture, faces[0].box, mirrored=True)
        assert likeness > 0.75
        assert off_px <= 3


def test_truth_reads_as_it_was_written(tmp_path):
    coding = Coding(preset="ultrafast", variable_rate=True)
    truth = face_film(tmp_path / "a.mp4", seconds=2, width_px=160, height_px=90, faces=2, cuts=(20,), coding=coding)
    truth.write(tmp_path / "a.json")
    assert Truth.read(tmp_path / "a.json") == truth


def test_number_of_a_card_is_read_back():
    assert [number_of(card(number, 160, 90)) for number in (0, 1, 85, 170, 255)] == [0, 1, 85, 170, 255]


def read_whole(path):
    with FrameReader(path) as reader:
        return [read.is_damaged for read in reader.frames()]


BROKEN = {
    "cut off": (lambda film, path: cut_off(film, path, 0.6), "damaged"),
    "empty": (lambda film, path: cut_off(film, path, 0), "is empty"),
    "without index": (without_index, "damaged"),
    "a billion frames": (claiming_frames, "damaged"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_film_is_refused(tmp_path, case):
    make, reason = BROKEN[case]
    broken = make(card_film(tmp_path / "a.mp4"), tmp_path / "broken.mp4")
    with pytest.raises(MediaUnreadable, match=reason):
        read_whole(broken)


def test_film_that_says_it_is_huge_is_refused_or_taken_at_its_true_size(tmp_path):
    with pytest.raises(MediaUnreadable):
        read_whole(claiming_huge_frames(card_film(tmp_path / "a.webm", codec="libvpx"), tmp_path / "b.webm"))
    with FrameReader(claiming_size(card_film(tmp_path / "a.mp4"), tmp_path / "b.mp4")) as reader:
        assert (reader.shape.width_px, reader.shape.height_px) == (160, 90)


def test_film_with_damaged_frames_can_be_read_and_says_which(tmp_path):
    whole = card_film(tmp_path / "whole.mp4", width_px=320, height_px=180, times=range(0, 60 * 40, 40))
    damaged = read_whole(with_damaged_frames(whole, tmp_path / "a.mp4"))
    assert 0 < sum(damaged) < len(damaged) == 60
    assert not any(damaged[:20])
    with av.open(str(whole)) as container:
        assert not any(frame.is_corrupt for frame in container.decode(video=0))
