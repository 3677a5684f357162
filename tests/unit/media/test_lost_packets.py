"""A packet that cannot be decoded is a hole in the film and no end of it: everything else stays what and where it was."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from pipelines.media.frame_reader import FrameReader, ReadFrame
from pipelines.media.rewrite import rewrite_film
from schemas.errors import MediaUnreadable
from tests.clips.cards import card_film, number_of
from tests.clips.damage import with_lost_packets
from tests.clips.looking import packets, shown

FRAMES, KEY_EVERY = 60, 12

HELD_BACK = 6
"""Frames that a decoder holds back to reorder them, at most."""

CODINGS = {
    "h264": ("a.mp4", {}),
    "h264 in mkv": ("a.mkv", {}),
    "hevc": ("a.mp4", {"codec": "libx265"}),
    "vp9": ("a.webm", {"codec": "libvpx-vp9"}),
    "mjpeg": ("a.mov", {"codec": "mjpeg", "pixel_format": "yuvj420p"}),
}


def film_of(path: Path, **given) -> Path:
    return card_film(path, times=range(0, FRAMES * 40, 40), key_every=KEY_EVERY, **given)


def read(path: Path, start: int | None = None, end: int | None = None) -> dict[int, ReadFrame]:
    """Number of each frame, by its time -> the frame."""
    with FrameReader(path) as reader:
        pts = (*reader.shape.times.pts, reader.shape.times.end_pts)
        assert len(pts) == FRAMES + 1
        span = (None if start is None else pts[start], None if end is None else pts[end])
        return {pts.index(one.pts): one for one in reader.frames(*span)}


def keys(path: Path) -> list[int]:
    with FrameReader(path) as reader:
        return [reader.shape.times.pts.index(pts) for pts in reader.shape.times.key_pts]


def pixels(found: dict[int, ReadFrame]) -> dict[int, bytes]:
    return {number: one.frame.to_ndarray().tobytes() for number, one in found.items()}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("place", ["key", "after key", "last"])
def test_frames_that_do_not_depend_on_a_lost_packet_are_what_they_were(tmp_path, coding, place):
    name, given = CODINGS[coding]
    film = film_of(tmp_path / name, **given)
    starts = [*keys(film), FRAMES]
    begin, after = starts[len(starts) // 2], starts[len(starts) // 2 + 1]
    lost = {"key": begin, "after key": min(begin + 1, FRAMES - 1), "last": FRAMES - 1}[place]
    after = min(one for one in starts if one > lost)
    before, found = read(film), read(with_lost_packets(film, tmp_path / f"lost{film.suffix}", {lost}))
    was, now = pixels(before), pixels(found)
    assert lost not in found
    assert all(found[number].is_damaged for number in range(lost, after) if number in found)
    # some that are shown shortly before the lost one are decoded after it, or held back when it comes
    spared = [*range(lost - HELD_BACK), *range(after, FRAMES)]
    assert len(spared) > FRAMES // 2
    assert [found[number].is_damaged for number in spared] == [False] * len(spared)
    assert all(one.is_damaged or now[number] == was[number] for number, one in found.items())


@pytest.mark.parametrize("coding", CODINGS)
def test_frames_around_holes_are_those_of_a_plain_decode(tmp_path, coding):
    name, given = CODINGS[coding]
    path = with_lost_packets(film_of(tmp_path / name, **given), tmp_path / f"lost{Path(name).suffix}", {13, 14, 30, 47})
    plain = {}
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for packet in container.demux(container.streams.video[0]):
            try:
                plain |= {frame.pts: frame.to_ndarray().tobytes() for frame in packet.decode()}
            except av.error.InvalidDataError:
                continue
    found = read(path)
    assert {one.pts: one.frame.to_ndarray().tobytes() for one in found.values()} == plain
    assert sorted(found) == list(found)
    assert FRAMES - 4 * KEY_EVERY <= len(found) < FRAMES


@pytest.mark.parametrize("coding", CODINGS)
def test_parts_from_key_frame_to_key_frame_hold_what_one_pass_holds(tmp_path, coding):
    """Except for frames that both call damaged: without its key frame a part is predicted from nothing."""
    name, given = CODINGS[coding]
    film = film_of(tmp_path / name, **given)
    starts = keys(film)
    middle = starts[len(starts) // 2]
    path = with_lost_packets(film, tmp_path / f"lost{film.suffix}", {5, middle, FRAMES - 2})
    whole = read(path)
    parts: dict[int, ReadFrame] = {}
    for start, end in pairwise([*starts, FRAMES]):
        parts |= read(path, start, end)
    sound = [number for number, one in whole.items() if not one.is_damaged]
    assert [number for number, one in parts.items() if not one.is_damaged] == sound
    assert all(pixels(parts)[number] == pixels(whole)[number] for number in sound)


def test_what_is_predicted_from_a_lost_key_frame_is_damaged_to_the_next(tmp_path):
    """A decoder that has seen the frames before it makes a picture of these; one that begins here makes another."""
    film = film_of(tmp_path / "a.mp4", codec="mpeg4")
    start, after = keys(film)[2:4]
    path = with_lost_packets(film, tmp_path / "lost.mp4", {start})
    part, whole = read(path, start), read(path)
    assert pixels(part)[start + 1] != pixels(whole)[start + 1]
    for found in (part, whole):
        assert [number for number, one in found.items() if one.is_damaged] == list(range(start + 1, after))


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("lost", [{13, 30, FRAMES - 3}, set(range(30, FRAMES))], ids=["three", "half"])
def test_frames_around_holes_are_the_same_with_any_number_of_threads(tmp_path, coding, lost):
    name, given = CODINGS[coding]
    path = with_lost_packets(film_of(tmp_path / name, **given), tmp_path / f"lost{Path(name).suffix}", lost)
    found = []
    for threads in (1, 2, 3, 5):
        with FrameReader(path, threads=threads) as reader:
            found.append([(one.pts, one.is_damaged, one.frame.to_ndarray().tobytes()) for one in reader.frames()])
    assert len(found[0]) >= FRAMES // 2 - KEY_EVERY
    assert [one == found[0] for one in found] == [True] * 4


def test_first_frame_may_be_lost(tmp_path):
    film = film_of(tmp_path / "a.mp4", codec="mjpeg", pixel_format="yuvj420p")
    found = read(with_lost_packets(film, tmp_path / "lost.mp4", {0, 1, 2}))
    assert list(found) == list(range(3, FRAMES))


@pytest.mark.parametrize("threads", [1, 2])
def test_film_most_of_whose_packets_are_lost_is_refused_and_half_of_one_is_not(tmp_path, threads):
    film = film_of(tmp_path / "a.mov", codec="mjpeg", pixel_format="yuvj420p")
    half = with_lost_packets(film, tmp_path / "half.mov", set(range(0, FRAMES, 2)))
    with FrameReader(half, threads=threads) as reader:
        assert len(list(reader.frames())) == FRAMES // 2
    more = with_lost_packets(film, tmp_path / "more.mov", {1, *range(0, FRAMES, 2)})
    with (
        FrameReader(more, threads=threads) as reader,
        pytest.raises(MediaUnreadable, match=r"'more\.mov' is damaged \(31 of its 60 frames cannot be decoded"),
    ):
        list(reader.frames())
    with pytest.raises(MediaUnreadable, match="no frame can be decoded"):
        read(with_lost_packets(film, tmp_path / "none.mov", set(range(FRAMES))))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("lost", [{20, 21, 22}, {0, 1}, {58, 59}], ids=["middle", "start", "end"])
def test_rewritten_film_leaves_lost_frames_out_and_moves_nothing(tmp_path, suffix, lost):
    """Where a frame was lost, the edited one before it stays on screen."""
    film = film_of(tmp_path / f"a{suffix}", codec="mjpeg", pixel_format="yuvj420p", sounds=("aac",))
    source = with_lost_packets(film, tmp_path / f"lost{suffix}", lost)
    edited = []

    def edit(index, frame):
        edited.append(index)
        frame.planes.arrays[0][60:, 50:110] = 200

    report = rewrite_film(source, tmp_path / f"out{suffix}", edit=edit)
    kept = [number for number in range(FRAMES) if number not in lost]
    assert edited == kept
    assert report.frames == len(kept)
    assert sound(tmp_path / f"out{suffix}") == sound(source)
    pictures = shown(tmp_path / f"out{suffix}")
    assert [number_of(picture) for picture in pictures] == kept
    assert min(picture[66:, 56:104].mean() for picture in pictures) > 180
    with FrameReader(tmp_path / f"out{suffix}") as reader:
        times = reader.shape.times
        assert [round(pts * times.time_base * 1000) for pts in times.pts] == [40 * number for number in kept]


def sound(path: Path) -> list[tuple[Fraction, bytes]]:
    [(_, _, found)] = packets(path)
    return [(pts, raw) for pts, _, raw in found]


def test_damaged_frames_of_a_rewritten_film_are_told_to_the_edit(tmp_path):
    source = with_lost_packets(film_of(tmp_path / "a.mp4"), tmp_path / "lost.mp4", {26})
    told = {}
    rewrite_film(source, tmp_path / "out.mp4", edit=lambda index, frame: told.update({index: frame.is_damaged}))
    assert 26 not in told
    assert all(told[number] for number in range(27, 36) if number in told)
    assert not any(told[number] for number in (*range(20), *range(36, FRAMES)))
