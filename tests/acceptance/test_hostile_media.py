"""What is no film, a broken one or a liar, through every media command: refused in a line that says what it is, with
nothing half-written left behind. Films that are only unusual are in test_unusual_films.py."""

from __future__ import annotations

import resource
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from cluster.registry.media_rules import MEDIA_ASSET
from pipelines.media.wave_file import WaveWriter
from tests.clips import spoken
from tests.clips.cards import card_film
from tests.clips.damage import (
    CLAIMED_FRAMES,
    CLAIMED_SIDE_PX,
    claiming_frames,
    claiming_huge_frames,
    claiming_size,
    cut_off,
    without_index,
)
from tests.clips.film import SAMPLE_RATE_HZ
from tests.media_desk import MediaDesk, Said

EARLIER = b"what was here before"

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "regions": (),
    "visual-meta": (),
    "detect-shots": (),
    "captions": ("--srt", "{out}/a.srt", "--vtt", "{out}/a.vtt", "--ass", "{out}/a.ass"),
    "anonymise": ("-o", "{out}/a.mp4"),
    "render": ("-o", "{out}/a.mp4", "--cover-faces", "blur", "--captions", "burned_in", "--aspect", "1:1"),
    "dry run": ("--dry-run", "--cover-faces", "blur"),
}
"""Command -> its options; `{out}` is a folder in which files of these names lie already."""

PICTURE = tuple(name for name in COMMANDS if name != "captions")

REFUSED: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "cut off": ("cut.mp4", "is cut off after 0.88 s of 2.00 s", PICTURE),
    "cut off at its head": ("head.mp4", "holds neither picture nor sound", tuple(COMMANDS)),
    "without index": ("unfinished.mp4", "is damaged", tuple(COMMANDS)),
    "empty": ("empty.mp4", "is empty", tuple(COMMANDS)),
    "sound alone": ("sound.wav", "holds no moving picture", PICTURE),
    "a billion frames": ("frames.mp4", "is damaged", tuple(COMMANDS)),
    "frames of 9 megapixels": (
        "large.mp4",
        "has a picture of 4096 x 2304 pixels, at most 8294400 are read",
        tuple(COMMANDS),
    ),
    "frames that are larger than they claim": ("modest.webm", "is damaged (no frame can be decoded)", PICTURE),
    "frames of 268 megapixels": ("huge.webm", "is damaged", PICTURE),
    "HLS playlist": ("hls.mp4", "is an HLS playlist, which is not accepted", tuple(COMMANDS)),
    "concat script": ("concat.mp4", "is a concat script, which is not accepted", tuple(COMMANDS)),
    "DASH manifest": ("dash.mkv", "is a DASH manifest, which is not accepted", tuple(COMMANDS)),
    "text": ("story.mp4", "is no media file that is accepted: text", tuple(COMMANDS)),
    "picture": ("photo.png", "holds no sound", ("captions",)),
}
"""What it is -> file, what is said of it, the commands that refuse it."""

CASES = [(what, command) for what, (_, _, commands) in REFUSED.items() for command in commands]

SECRET = "the-secret-that-no-answer-may-hold"


@dataclass(frozen=True)
class Room:
    """A desk with hostile files beside it, and a folder for what comes of them."""

    desk: MediaDesk
    files: Path
    out: Path

    def call(self, command: str, file: Path, *more: str) -> Said:
        words = [word.format(out=self.out) for word in COMMANDS[command]]
        return self.desk.call("render" if command == "dry run" else command, file, *words, *more)

    def written(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.out.iterdir()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Room:
    folder = tmp_path_factory.mktemp("hostile")
    room = Room(MediaDesk(folder), folder / "files", folder / "out")
    room.files.mkdir()
    _write_hostile(room.files)
    return room


@pytest.fixture
def room(made: Room) -> Iterator[Room]:
    """The room, its folder as if somebody had worked there before."""
    made.out.mkdir(exist_ok=True)
    for ending in ("srt", "vtt", "ass", "mp4"):
        (made.out / f"a.{ending}").write_bytes(EARLIER)
    yield made
    for path in made.out.iterdir():
        path.unlink()


def _write_hostile(folder: Path) -> None:
    whole = card_film(
        folder / "whole.mp4", times=range(0, 50 * 40, 40), sounds=("aac",), muxer={"movflags": "faststart"}
    )
    vp8 = card_film(folder / "vp8.webm", codec="libvpx")
    cut_off(whole, folder / "cut.mp4", 0.6)
    cut_off(whole, folder / "head.mp4", 300)
    cut_off(whole, folder / "empty.mp4", 0)
    without_index(whole, folder / "unfinished.mp4")
    claiming_frames(whole, folder / "frames.mp4")
    claiming_size(whole, folder / "size.mp4")
    claiming_huge_frames(vp8, folder / "huge.webm")
    card_film(folder / "large.mp4", width_px=4096, height_px=2304, times=(0, 40), sounds=("aac",))
    large = card_film(folder / "large.webm", codec="libvpx", width_px=4096, height_px=2304, times=(0, 40)).read_bytes()
    for element, claimed, modest in ((b"\xb0\x82", 4096, 160), (b"\xba\x82", 2304, 90)):
        assert large.count(element + struct.pack(">H", claimed)) == 1
        large = large.replace(element + struct.pack(">H", claimed), element + struct.pack(">H", modest))
    (folder / "modest.webm").write_bytes(large)
    secret = folder / "secret.txt"
    secret.write_text(SECRET)
    (folder / "hls.mp4").write_text(f"#EXTM3U\n#EXTINF:2,\n{whole}\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n")
    (folder / "concat.mp4").write_text(f"ffconcat version 1.0\nfile '{whole}'\nfile '{secret}'\n")
    (folder / "dash.mkv").write_text(f'<?xml version="1.0"?><MPD><BaseURL>file://{secret}</BaseURL></MPD>')
    (folder / "story.mp4").write_text("Once upon a time there was a lamp.\n")
    card_film(folder / "photo.png", codec="png", pixel_format="rgb24", times=(0,), muxer={"update": "1"})
    (folder / "papers").mkdir()
    (folder / "papers" / "note.txt").write_text("nothing to see")
    said, _ = spoken(("Good morning.",), 2)
    with WaveWriter(folder / "sound.wav", sample_rate_hz=SAMPLE_RATE_HZ, channels=1) as wave:
        wave.write((32_767 * said[:, None]).astype(np.int16))


@pytest.fixture
def untouched(room: Room) -> Callable[[], None]:
    """Nothing half-written, nothing overwritten, nothing kept but what was brought."""
    before = set(room.desk.records())

    def check() -> None:
        assert set(room.written().values()) == {EARLIER}
        assert len(room.written()) == 4
        assert room.desk.unfinished() == []
        assert {one.kind for one in room.desk.artifacts() if one.artifact_id not in before} <= {MEDIA_ASSET}

    return check


@pytest.mark.parametrize(("what", "command"), CASES)
def test_hostile_file_is_refused_for_what_it_is(room, untouched, what, command):
    name, reason, _ = REFUSED[what]
    said = room.call(command, room.files / name)
    assert said.exit_code == 2
    assert said.out.startswith(f"{name}: failed (media_unreadable): ")
    assert reason in said.out
    assert len(said.out.splitlines()) == 1, said.out
    assert "Traceback" not in said.text
    assert SECRET not in said.text
    untouched()


@pytest.mark.parametrize("what", REFUSED)
def test_refusal_names_the_file_as_it_was_brought(room, what):
    """Not as the store calls its copy."""
    name, _, commands = REFUSED[what]
    answer = room.call(commands[-1], room.files / name, "--json").out
    assert f"'{name}'" in answer


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("path", "reason"), [("missing.mp4", "there is no file"), ("papers", "holds no media file that is accepted")]
)
def test_path_without_a_film_is_refused_before_anything_is_begun(room, untouched, command, path, reason):
    said = room.call(command, room.files / path)
    assert said.exit_code == 2
    assert said.out == ""
    assert said.err.startswith("reelwright: invalid_input: ")
    assert reason in said.err
    assert str(room.files / path) in said.err
    assert len(said.err.strip().splitlines()) == 1
    untouched()


@pytest.mark.parametrize("more", [(), ("--no-shots",)], ids=["by its cuts", "by its clock alone"])
def test_film_that_was_cut_off_is_not_captioned_on_a_clock_that_nobody_knows(room, more):
    said = room.call("captions", room.files / "cut.mp4", *more)
    assert said.exit_code == 2
    assert "is cut off after" in said.out
    assert set(room.written().values()) == {EARLIER}


def test_sound_alone_is_captioned(room):
    said = room.call("captions", room.files / "sound.wav")
    assert said.exit_code == 0, said.text
    written = room.written()
    assert written["a.srt"].startswith(b"1\n00:00:00,")
    assert written["a.vtt"].startswith(b"WEBVTT\n\n")
    assert b"Dialogue: 0,0:00:0" in written["a.ass"]
    [line] = written["a.srt"].decode().strip().split("\n")[2:]
    assert line


def test_film_without_sound_has_nothing_said_in_it(room, untouched):
    said = room.call("captions", room.files / "vp8.webm")
    assert (said.exit_code, said.out) == (
        2,
        "vp8.webm: failed (media_unreadable): 'vp8.webm' holds no sound, so nothing is said in it\n",
    )
    untouched()


def test_film_without_sound_cannot_be_captioned_in_a_render_either(room, untouched):
    said = room.desk.call("render", room.files / "vp8.webm", "--captions", "track", "-o", room.out / "a.mp4")
    assert said.exit_code == 2
    assert "holds no sound" in said.out
    untouched()


def test_header_that_claims_65535_pixels_a_side_is_not_believed(made):
    document = made.desk.answer("detect-shots", made.files / "size.mp4")["visual_meta"]
    assert (document["width_px"], document["height_px"]) == (160, 90) != (CLAIMED_SIDE_PX,) * 2


@pytest.mark.parametrize("name", ["frames.mp4", "huge.webm"])
def test_claims_cost_no_memory(made, name):
    """A table of a billion frames takes 24 GB when it is built, a frame of that size 400 MB."""
    made.desk.call("detect-shots", made.files / "story.mp4")
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert CLAIMED_FRAMES == 1_000_000_000
    assert made.desk.call("detect-shots", made.files / name).exit_code == 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 150_000


def test_one_bad_file_does_not_stop_the_others(room):
    out = room.out / "films"
    said = room.desk.call("render", room.files / "story.mp4", room.files / "vp8.webm", "-o", out)
    assert said.exit_code == 2
    assert [path.name for path in out.iterdir()] == ["vp8.mp4"]
    for path in out.iterdir():
        path.unlink()
    out.rmdir()


BACKENDS: Mapping[str, tuple[str, str, str]] = {
    "VIDEO_REGION_BACKEND": ("regions", "faces", "facenet_mtcnn"),
    "VIDEO_VISUAL_META_BACKEND": ("detect-shots", "visual", "opencv_visual_meta"),
    "VIDEO_CAPTIONS_BACKEND": ("captions", "speech", "whisper_openai"),
}


@pytest.mark.parametrize("variable", BACKENDS)
def test_unknown_backend_is_refused_and_the_known_ones_are_named(room, untouched, monkeypatch, variable):
    command, family, known = BACKENDS[variable]
    monkeypatch.setenv(variable, "crystal_ball")
    said = room.call(command, room.files / "whole.mp4")
    assert said.exit_code == 2
    assert "invalid_input" in said.text
    assert f"{family} has no backend 'crystal_ball'; known are {known}" in said.text
    untouched()


def test_unknown_device_is_refused_by_the_name_of_its_variable(room, monkeypatch):
    monkeypatch.setenv("VIDEO_REGION_DEVICE", "abacus")
    said = room.call("regions", room.files / "whole.mp4")
    assert said.exit_code == 2
    assert said.err.startswith("reelwright: invalid_input: settings (VIDEO_…): ")
    assert "region_device" in said.err


def test_whisper_folder_without_weights_is_named_in_what_stands_in_for_it(room, tmp_path):
    (tmp_path / "my-whisper").mkdir()
    document = MediaDesk(tmp_path).answer("captions", room.files / "sound.wav", "--model", tmp_path / "my-whisper")
    assert document["meta"]["backend"] == "pocketsphinx"
    degraded = document["meta"]["degraded"]
    assert degraded == document["transcript"]["backend"]["degraded"]
    assert "whisper_openai is not available" in degraded
    assert "config.json" in degraded
    assert str(tmp_path) not in degraded


def test_whisper_size_without_weights_says_how_to_have_them(room, tmp_path):
    said = MediaDesk(tmp_path).call("captions", room.files / "sound.wav", "--model", "large-v3")
    assert said.exit_code == 0
    assert "pocketsphinx stood in" in said.out
    assert "hf download openai/whisper-large-v3" in said.out


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes a package look as if nobody had installed it."""

    def hide(package: str) -> None:
        import importlib.metadata
        import importlib.util

        spec, version = importlib.util.find_spec, importlib.metadata.version

        def missing(name: str) -> None:
            if name.partition(".")[0] == package:
                raise importlib.metadata.PackageNotFoundError(name)

        def find_spec(name: str, *more: object) -> object:
            return None if name.partition(".")[0] == package else spec(name, *more)

        def version_of(name: str) -> str:
            missing(name)
            return version(name)

        for module in list(sys.modules.values()):
            if module is not None and getattr(module, "find_spec", None) is spec:
                monkeypatch.setattr(module, "find_spec", find_spec)
            if module is not None and getattr(module, "version", None) is version:
                monkeypatch.setattr(module, "version", version_of)

    return hide


MISSING: Mapping[str, tuple[str, str, str, str]] = {
    "torch": ("regions", "facenet_mtcnn", "opencv_face_detector", "whole.mp4"),
    "pocketsphinx": ("captions", "pocketsphinx", "stub_captions", "sound.wav"),
    "silero_vad": ("captions", "silero_vad", "stub_voice_activity", "sound.wav"),
}


@pytest.mark.parametrize("package", MISSING)
def test_missing_package_is_named_by_whoever_stands_in(room, without, package):
    command, absent, stands_in, file = MISSING[package]
    without(package)
    document = room.desk.answer(command, room.files / file)
    text = str(document)
    assert stands_in in text
    assert f"{absent} is not available" in text
    assert package in text
