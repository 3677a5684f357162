"""A rewritten film: the picture is edited, and everything else is as it was."""

import hashlib
import os
import subprocess
import sys
import threading
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from pipelines.media.clip import frame_times
from pipelines.media.frame_reader import FrameReader
from pipelines.media.limits import MediaLimits
from pipelines.media.rewrite import EditableFrame, rewrite_film
from pipelines.media.source import open_media
from schemas.errors import Cancelled, MediaUnreadable, Unavailable
from tests.clips.cards import card_film, number_of
from tests.clips.damage import cut_off, with_damaged_frames
from tests.clips.looking import packets, shown, times

REWRITE = """
import hashlib, os, sys
from pathlib import Path
from pipelines.media.rewrite import rewrite_film

os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

def edit(index, frame):
    frame.planes.arrays[0][:20, : 10 * index + 1] = 40

rewrite_film(Path(sys.argv[1]), Path(sys.argv[2]), edit=edit)
print(hashlib.sha256(Path(sys.argv[2]).read_bytes()).hexdigest())
"""

UNEVEN = (0, 50, 80, 210, 400, 410, 433, 500, 900, 1000, 1001, 1400)


def untouched(index, frame):
    return False


def rewritten(source, suffix="", edit=untouched, **given):
    target = source.with_name(f"out{suffix or source.suffix}")
    return target, rewrite_film(source, target, edit=edit, **given)


FILMS = {
    "ordinary mp4": ("a.mp4", {"sounds": ("aac",)}),
    "ordinary mov": ("a.mov", {"sounds": ("pcm_s16le",)}),
    "ordinary mkv": ("a.mkv", {"sounds": ("flac",)}),
    "ordinary webm": ("a.webm", {"codec": "libvpx-vp9", "sounds": ("libopus",)}),
    "vp8 webm": ("a.webm", {"codec": "libvpx", "sounds": ("libopus",)}),
    "variable rate mp4": ("a.mp4", {"times": UNEVEN, "sounds": ("aac",)}),
    "variable rate mkv": ("a.mkv", {"times": UNEVEN, "sounds": ("aac",)}),
    "fine time base": ("a.mp4", {"times": (0, 3003, 6006, 9010, 15_000, 15_001, 90_001), "time_base": Fraction(1, 90_000)}),
    "picture begins late": (
        "a.mp4",
        {
            "times": range(45_001, 90_000, 3600), "time_base": Fraction(1, 90_000), "sounds": ("aac",),
            "muxer": {"movie_timescale": "720000"},
        },
    ),
    "sound begins late": (
        "a.mp4", {"sounds": ("aac",), "sound_starts_s": Fraction(7001, 10_000), "muxer": {"movie_timescale": "720000"}}
    ),
    "late in mkv": ("a.mkv", {"times": range(700, 1200, 40), "sounds": ("aac",)}),
    "one frame": ("a.mp4", {"times": (0,)}),
    "silent": ("a.mp4", {}),
    "two sounds mp4": ("a.mp4", {"sounds": ("aac", "libopus")}),
    "two sounds mkv": ("a.mkv", {"sounds": ("aac", "flac")}),
    "turned by 90": ("a.mp4", {"rotation": 90}),
    "turned by 180": ("a.mov", {"rotation": 180}),
    "turned by 270": ("a.mp4", {"rotation": 270}),
    "turned in mkv": ("a.mkv", {"rotation": 90}),
    "turned in webm": ("a.webm", {"rotation": 270, "codec": "libvpx-vp9"}),
    "wide pixels": ("a.mp4", {"pixel_aspect": Fraction(64, 45)}),
    "wide pixels turned": ("a.mkv", {"pixel_aspect": Fraction(4, 3), "rotation": 90}),
    "odd size 4:4:4": ("a.mp4", {"width_px": 161, "height_px": 91, "pixel_format": "yuv444p"}),
    "odd size vp9": ("a.webm", {"width_px": 161, "height_px": 91, "codec": "libvpx-vp9"}),
    "odd size vp9 in mp4": ("a.mp4", {"width_px": 161, "height_px": 91, "codec": "libvpx-vp9"}),
    "odd size mjpeg mov": ("a.mov", {"width_px": 161, "height_px": 91, "codec": "mjpeg", "pixel_format": "yuvj420p"}),
    "odd size mjpeg mkv": ("a.mkv", {"width_px": 161, "height_px": 91, "codec": "mjpeg", "pixel_format": "yuvj420p"}),
    "rgb": ("a.mov", {"codec": "png", "pixel_format": "rgb24"}),
    "4:2:2": ("a.mp4", {"pixel_format": "yuv422p"}),
    "10 bits": ("a.mp4", {"codec": "libx265", "pixel_format": "yuv420p10le"}),
    "10 bits 4:2:2": ("a.mov", {"codec": "prores_ks", "pixel_format": "yuv422p10le"}),
    "10 bits odd": ("a.mkv", {"pixel_format": "yuv444p10le", "width_px": 161, "height_px": 91}),
    "full range": ("a.mp4", {"pixel_format": "yuvj420p", "colours": (5, 5, 6, 2)}),
    "interlaced": ("a.mp4", {"interlaced": True, "height_px": 96}),
}  # fmt: skip


@pytest.mark.parametrize("name", FILMS)
def test_rewritten_film_keeps_times_sound_and_look(tmp_path, name):
    file, given = FILMS[name]
    source = card_film(tmp_path / file, **given)
    target, report = rewritten(source)
    assert times(target) == times(source)
    assert packets(target) == packets(source)
    before, after = shown(source), shown(target)
    assert report.frames == len(before) == len(after)
    assert [number_of(picture) for picture in after] == list(range(len(after)))
    assert after[0].shape == before[0].shape
    assert max(np.abs(one.astype(int) - other).mean() for one, other in zip(before, after, strict=True)) < 3
    assert (report.edited_frames, report.left_out) == (0, ())


@pytest.mark.parametrize(
    ("name", "coded"),
    [
        ("ordinary mp4", ("h264", "yuv420p", 8)), ("4:2:2", ("h264", "yuv422p", 8)), ("10 bits", ("hevc", "yuv420p10le", 10)),
        ("10 bits 4:2:2", ("hevc", "yuv422p10le", 10)), ("odd size vp9 in mp4", ("vp9", "yuv420p", 8)),
        ("odd size 4:4:4", ("h264", "yuv444p", 8)), ("ordinary webm", ("vp9", "yuv420p", 8)),
        ("odd size mjpeg mov", ("h264", "yuvj444p", 8)), ("rgb", ("h264", "yuv444p", 8)),
    ],
)  # fmt: skip
def test_rewritten_film_keeps_chroma_and_depth(tmp_path, name, coded):
    file, given = FILMS[name]
    target, _ = rewritten(card_film(tmp_path / file, **given))
    with av.open(str(target)) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, context.format.components[0].bits) == coded


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_rewritten_film_keeps_colour_tags_and_fields(tmp_path, suffix):
    colours = {"colours": (9, 9, 16, 1), "codec": "libx265", "pixel_format": "yuv420p10le"}
    source = card_film(tmp_path / f"a{suffix}", **colours)
    assert looks(rewritten(source)[0]) == looks(source) == ((9, 9, 16, 1), False)
    source = card_film(tmp_path / f"b{suffix}", interlaced=True, height_px=96, colours=(1, 1, 1, 1))
    assert looks(rewritten(source)[0]) == looks(source) == ((1, 1, 1, 1), True)


def looks(path):
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    tags = (frame.colorspace, frame.color_primaries, frame.color_trc, frame.color_range)
    return tuple(map(int, tags)), frame.interlaced_frame


def test_rewritten_film_shows_an_edit_in_its_own_frame_alone(tmp_path):
    def edit(index, frame):
        if index % 5:
            return False
        frame.planes.arrays[0][60:, 50:110] = 200
        return True

    source = card_film(tmp_path / "a.mp4", times=range(0, 60 * 40, 40))
    target, report = rewritten(source, edit=edit)
    assert report.edited_frames == 12
    for index, (before, after) in enumerate(zip(shown(source), shown(target), strict=True)):
        changed = np.abs(after.astype(int) - before).mean(axis=2)
        assert changed[:54].mean() < 3
        if index % 5:
            assert changed.mean() < 3
        else:
            assert changed[64:, 54:106].mean() > 40


def test_editing_a_frame_does_not_change_what_is_decoded_after_it(tmp_path):
    """VP8 hands a frame out before it predicts the next one from it."""
    source = card_film(tmp_path / "a.webm", codec="libvpx")
    with FrameReader(source) as one, FrameReader(source) as other:
        for index, (read, left_alone) in enumerate(zip(one.frames(), other.frames(), strict=True)):
            assert np.array_equal(read.frame.to_ndarray(), left_alone.frame.to_ndarray())
            if index % 3 == 0:
                EditableFrame(read.frame, read.pts, is_damaged=False).planes.arrays[0][:] = 0


def test_rewritten_film_is_edited_as_it_is_stored(tmp_path):
    """Turned by 90 degrees, the stored picture lies: what is painted at its left end is seen at the bottom."""

    def edit(index, frame):
        assert (frame.planes.height_px, frame.planes.width_px) == (160, 90)
        for plane, black in zip(frame.planes.arrays, frame.planes.black, strict=True):
            plane[:, : plane.shape[1] * 2 // 9] = black

    target, _ = rewritten(card_film(tmp_path / "a.mp4", rotation=90), edit=edit)
    assert shown(target)[3][-18:].max() < 60


def test_rewritten_frames_are_numbered_by_their_times(tmp_path):
    seen = []
    source = card_film(tmp_path / "a.mkv", times=UNEVEN)
    rewritten(source, edit=lambda index, frame: seen.append((index, frame.pts)))
    assert seen == list(enumerate(UNEVEN))


def test_rewritten_film_whose_frames_are_damaged_says_so(tmp_path):
    whole = card_film(tmp_path / "whole.mp4", width_px=320, height_px=180, times=range(0, 60 * 40, 40))
    source = with_damaged_frames(whole, tmp_path / "a.mp4", share=0.0003)
    with FrameReader(source) as reader:
        damaged = [read.is_damaged for read in reader.frames()]
    told = {}
    target, report = rewritten(source, edit=lambda index, frame: told.update({index: frame.is_damaged}))
    assert report.damaged_frames == sum(damaged) == sum(told.values()) > 0
    assert not all(told.values())
    assert len(shown(target)) == report.frames == len(damaged)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("ordinary mp4", (640, 480)), ("ordinary webm", (640, 480)), ("10 bits", (320, 240)),
        ("two sounds mkv", (160, 90)),
    ],
)  # fmt: skip
def test_rewritten_film_is_the_same_bytes_in_a_process_with_one_core_and_other_surroundings(tmp_path, name, size):
    file, given = FILMS[name]
    source = card_film(tmp_path / file, **given | {"width_px": size[0], "height_px": size[1]})

    def edit(index, frame):
        frame.planes.arrays[0][:20, : 10 * index + 1] = 40

    here, _ = rewritten(source, edit=edit)
    there = source.with_name(f"there{source.suffix}")
    surroundings = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "77"}
    arguments = [sys.executable, "-c", REWRITE, str(source), str(there)]
    printed = subprocess.run(arguments, env=surroundings, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == hashlib.sha256(here.read_bytes()).hexdigest()


def test_rewritten_film_whose_every_frame_was_a_key_frame_has_them_no_more(tmp_path):
    source = card_film(tmp_path / "a.mkv", codec="mjpeg", pixel_format="yuvj420p")
    target, _ = rewritten(source)
    with open_media(target) as (container, _):
        assert frame_times(target, container, container.streams.video[0]).key_pts == (0,)


def test_rewritten_film_counts_in_the_units_of_its_source(tmp_path):
    target, _ = rewritten(card_film(tmp_path / "a.mkv", times=UNEVEN), ".mp4")
    with FrameReader(target) as reader:
        assert (reader.shape.times.time_base, reader.shape.times.pts) == (Fraction(1, 1000), UNEVEN)


@pytest.mark.parametrize("seconds", [2])
def test_rewritten_film_has_key_frames_every_two_seconds(tmp_path, seconds):
    source = card_film(tmp_path / "a.mp4", times=range(0, 160 * 40, 40))
    target, _ = rewritten(source)
    with open_media(target) as (container, _):
        read = frame_times(target, container, container.streams.video[0])
    at = [float(pts * read.time_base) for pts in read.key_pts]
    assert at[0] == 0
    assert max(later - sooner for sooner, later in pairwise(at)) <= seconds


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_rewritten_mp4_has_its_index_first(tmp_path, suffix):
    target, _ = rewritten(card_film(tmp_path / f"a{suffix}", sounds=("aac",)))
    content = target.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_edit_that_raises_ends_the_work_and_leaves_nothing(tmp_path):
    source = card_film(tmp_path / "a.mp4", sounds=("aac",))

    def edit(index, frame):
        frame.planes.arrays[0][:] = 0
        if index == 7:
            raise RuntimeError("no paint left")

    threads = threading.active_count()
    with pytest.raises(RuntimeError, match="no paint left"):
        rewritten(source, edit=edit)
    assert list(tmp_path.iterdir()) == [source]
    assert threading.active_count() == threads


def test_progress_counts_frames_and_may_cancel(tmp_path):
    source = card_film(tmp_path / "a.mp4")
    done = []

    def progress(frames):
        done.append(frames)
        if frames == 9 and len(done) < 20:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        rewritten(source, progress=progress)
    assert (done, list(tmp_path.iterdir())) == (list(range(1, 10)), [source])
    rewritten(source, progress=done.append)
    assert done[9:] == list(range(1, 13))


@pytest.mark.parametrize("kept", [100, 0.5, 0.9])
def test_rewriting_a_film_that_was_cut_off_is_refused_and_leaves_nothing(tmp_path, kept):
    whole = card_film(tmp_path / "whole.mp4", sounds=("aac",), times=range(0, 60 * 40, 40))
    source = cut_off(rewritten(whole)[0], tmp_path / "cut.mp4", kept)
    with pytest.raises(MediaUnreadable, match=r"cut\.mp4"):
        rewrite_film(source, tmp_path / "again.mp4", edit=untouched)
    assert not any("again" in path.name for path in tmp_path.iterdir())


def test_rewriting_beyond_a_limit_is_refused(tmp_path):
    source = card_film(tmp_path / "a.mp4")
    with pytest.raises(MediaUnreadable, match="more than 3 frames"):
        rewritten(source, limits=MediaLimits(video_frames=3))


def test_rewriting_into_a_folder_that_is_not_there_is_the_fault_of_the_target(tmp_path):
    source = card_film(tmp_path / "a.mp4")
    with pytest.raises(Unavailable, match=r"'b\.mp4' cannot be written"):
        rewrite_film(source, tmp_path / "nowhere" / "b.mp4", edit=untouched)


def test_rewriting_a_sound_file_is_refused(tiny):
    source = tiny.wav("a.wav", tiny.tone(4800))
    with pytest.raises(MediaUnreadable, match="no moving picture"):
        rewrite_film(source, tiny.folder / "b.mkv", edit=untouched)


def test_rewriting_over_the_source_replaces_it(tmp_path):
    source = card_film(tmp_path / "a.mp4", sounds=("aac",))
    sound = packets(source)
    rewrite_film(source, source, edit=untouched)
    assert packets(source) == sound
    assert list(tmp_path.iterdir()) == [source]
