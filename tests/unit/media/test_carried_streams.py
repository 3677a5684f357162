"""What goes along with a rewritten picture, what stays behind, and which container has room for it."""

import os

import av
import pytest
from av.stream import Disposition

from pipelines.media.carried_streams import CONTAINERS, container_for
from pipelines.media.rewrite import rewrite_film
from schemas.errors import InvalidInput
from tests.clips.cards import card_film
from tests.clips.looking import packets, times


def rewritten(source, suffix=""):
    target = source.with_name(f"out{suffix or source.suffix}")
    return target, rewrite_film(source, target, edit=lambda index, frame: False)


def test_rewritten_film_leaves_behind_what_the_edit_does_not_see(tmp_path):
    private = {
        "title": "Jane Doe at home",
        "location": "+48.85+002.35/",
        "comment": "Jane",
        "creation_time": "2020-01-02T03:04:05Z",
    }
    for name, given in (
        ("a.mkv", {"attachment": b"the face of Jane", "subtitles": "subrip"}),
        ("a.mp4", {"cover": True, "subtitles": "mov_text"}),
    ):
        source = card_film(
            tmp_path / name, sounds=("aac",), metadata=private, track_metadata={"title": "Jane speaks"}, **given
        )  # fmt: skip
        target, report = rewritten(source)
        content = target.read_bytes()
        assert b"Jane" in source.read_bytes()
        assert not any(word in content for word in (b"Jane", b"48.85", b"2020-01-02", b"ttf", b"hello"))
        with av.open(str(target)) as container:
            assert [stream.type for stream in container.streams] == ["video", "audio"]
            assert not container.streams.video[0].disposition & Disposition.attached_pic
            assert container.streams.audio[0].language == "eng"
        words = {".mkv": ("subtitles in subrip", "an attachment"), ".mp4": ("subtitles in mov_text", "a cover picture")}
        assert len(report.left_out) == 2
        for word in words[source.suffix]:
            assert any(one.startswith(word) for one in report.left_out)


def test_rewritten_film_has_no_dates(tmp_path):
    target, _ = rewritten(card_film(tmp_path / "a.mp4", sounds=("aac",)))
    with av.open(str(target)) as container:
        everything = [container.metadata, *(stream.metadata for stream in container.streams)]
    assert not any("creation_time" in one or "encoder" in one for one in everything)


def test_rewriting_from_webm_to_mkv_keeps_times_and_sound(tmp_path):
    source = card_film(tmp_path / "a.webm", codec="libvpx-vp9", sounds=("libopus",))
    target, _ = rewritten(source, ".mkv")
    assert (times(target), packets(target)) == (times(source), packets(source))


REFUSED = {
    "opus in mov": ({"sounds": ("libopus",)}, "a.mkv", ".mov", "sounds in 'opus', for which '.mov' has no room; .mp4"),
    "aac in webm": ({"sounds": ("aac",)}, "a.mp4", ".webm", "sounds in 'aac', for which '.webm' has no room"),
    "10 bits in webm": ({"pixel_format": "yuv420p10le"}, "a.mkv", ".webm", "yuv420p10le"),
    "unknown suffix": ({}, "a.mp4", ".avi", "not as 'out.avi'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_rewriting_into_a_container_without_room_is_refused(tmp_path, case):
    given, file, suffix, message = REFUSED[case]
    source = card_film(tmp_path / file, **given)
    with pytest.raises(InvalidInput, match=message):
        rewritten(source, suffix)
    assert list(tmp_path.iterdir()) == [source]


SUFFIXES = {
    "mp4": ("a.mp4", {"sounds": ("aac",)}, ".mp4"),
    "mov": ("a.mov", {"sounds": ("pcm_s16le",)}, ".mov"),
    "mkv": ("a.mkv", {"sounds": ("flac",)}, ".mkv"),
    "webm": ("a.webm", {"codec": "libvpx-vp9", "sounds": ("libopus",)}, ".webm"),
    "webm with 10 bits": ("a.webm", {"codec": "libsvtav1", "pixel_format": "yuv420p10le"}, ".mkv"),
    "named otherwise": ("a.mkv", {"sounds": ("aac",)}, ".mkv"),
}


@pytest.fixture
def scheduling():
    """As it was: SVT-AV1 puts the thread that opens it above everything else on the machine when root runs it
    (SCHED_FIFO, 99), and every process that is started from there."""
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    yield
    os.sched_setscheduler(0, policy, parameters)


@pytest.mark.usefixtures("scheduling")
@pytest.mark.parametrize("case", SUFFIXES)
def test_container_for_a_film_is_its_own_where_everything_fits(tmp_path, case):
    file, given, suffix = SUFFIXES[case]
    source = card_film(tmp_path / file, **given).rename(tmp_path / "disguised.bin")
    assert container_for(source) == suffix
    assert suffix in CONTAINERS
