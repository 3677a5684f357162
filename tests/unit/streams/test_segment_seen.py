"""What was seen, as bytes and in one piece."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.visual.signals import SIGNALS, THUMB_HEIGHT, THUMB_WIDTH, FrameSignals, SignalTrack, Thumb, ThumbPair
from actors.visual.stub import StubVisualMeta
from pipelines.analysis.face_tracks import FacePiece
from pipelines.streams.segment_seen import SegmentSeen
from schemas.errors import Defect
from tests.engine_samples import same

INFER = StubVisualMeta().infer


def thumb(level: int) -> Thumb:
    return Thumb(np.full((THUMB_HEIGHT * 3 // 2, THUMB_WIDTH), level, np.uint8))


def part(first_pts: int, frames: int, pieces: int, seed: int) -> SegmentSeen:
    """Frames that differ by their brightness, some of them damaged, with faces of random places."""
    random = np.random.default_rng(seed)
    thumbs = [thumb((first_pts + index) % 256) for index in range(frames)]
    signals = INFER([ThumbPair(*pair) for pair in zip([None, *thumbs], thumbs, strict=False)])
    found = []
    for _ in range(pieces):
        first = int(random.integers(frames))
        length = int(random.integers(1, frames - first + 1))
        scores = random.random(length).astype(np.float32)
        scores[1:] = np.nan
        found.append(FacePiece(first, random.random((length, 4)).astype(np.float32), scores))
    return SegmentSeen(
        track=SignalTrack.of(range(first_pts, first_pts + frames), signals, thumbs[0], thumbs[-1]),
        damaged=random.random(frames) < 0.2,
        looks=np.flatnonzero(random.random(frames) < 0.3).astype(np.int64),
        pieces=tuple(found),
    )


def film(lengths: list[int], pieces: int = 2) -> list[SegmentSeen]:
    starts = itertools.accumulate([100, *lengths])
    return [part(start, frames, pieces, start) for start, frames in zip(starts, lengths, strict=False)]


@given(st.integers(1, 30), st.integers(0, 4), st.integers(0, 99))
def test_bytes_hold_everything_and_are_the_same_for_the_same(frames, pieces, seed):
    one = part(7, frames, pieces, seed)
    raw = one.to_bytes()
    read = SegmentSeen.read(raw)
    assert same(read, one)
    assert read.to_bytes() == raw == part(7, frames, pieces, seed).to_bytes()


def test_bytes_tell_apart_what_differs_in_one_value():
    one = part(7, 9, 2, 3)
    boxes = one.pieces[1].boxes.copy()
    boxes[0, 0] = np.nextafter(boxes[0, 0], np.float32(2))
    moved = FacePiece(one.pieces[1].first, boxes, one.pieces[1].scores)
    others = [
        SegmentSeen(one.track, ~one.damaged, one.looks, one.pieces),
        SegmentSeen(one.track, one.damaged, one.looks[1:], one.pieces),
        SegmentSeen(one.track, one.damaged, one.looks, one.pieces[:1]),
        SegmentSeen(one.track, one.damaged, one.looks, (one.pieces[0], moved)),
    ]
    assert len({each.to_bytes() for each in (one, *others)}) == 5


@pytest.mark.parametrize("spoil", [lambda raw: b"", lambda raw: b"rubbish", lambda raw: raw[:-1], lambda raw: raw[8:]])
def test_other_bytes_are_a_defect(spoil):
    with pytest.raises(Defect, match="are not what was seen of a segment"):
        SegmentSeen.read(spoil(part(7, 9, 2, 3).to_bytes()))


@given(st.lists(st.integers(1, 8), min_size=1, max_size=6), st.integers(1, 5))
def test_joining_gives_the_same_in_whatever_groups(lengths, size):
    parts = film(lengths)
    groups = [parts[first : first + size] for first in range(0, len(parts), size)]
    inner = [SegmentSeen.joined(group, INFER) for group in groups]
    assert SegmentSeen.joined(inner, INFER).to_bytes() == SegmentSeen.joined(parts, INFER).to_bytes()


def test_positions_count_from_the_first_frame_of_the_whole():
    parts = film([5, 3, 4])
    whole = SegmentSeen.joined(parts, INFER)
    assert whole.track.pts.tolist() == list(range(100, 112))
    assert whole.looks.tolist() == [
        look + start for one, start in zip(parts, (0, 5, 8), strict=True) for look in one.looks.tolist()
    ]
    assert [one.first for one in whole.pieces] == [
        piece.first + start for one, start in zip(parts, (0, 5, 8), strict=True) for piece in one.pieces
    ]
    assert whole.damaged.tolist() == [bool(frame) for one in parts for frame in one.damaged]


def test_frames_where_parts_meet_are_measured_as_the_pair_that_they_are():
    asked: list[ThumbPair] = []

    def infer(pairs):
        asked.extend(pairs)
        marked = np.zeros((), SIGNALS)
        marked["change"] = 0.5
        return [FrameSignals(marked.tobytes()) for _ in pairs]

    parts = film([5, 3, 4])
    whole = SegmentSeen.joined(parts, infer)
    assert [(one.previous.pixels[0, 0], one.current.pixels[0, 0]) for one in asked] == [(104, 105), (107, 108)]
    assert np.flatnonzero(whole.track.signals["change"]).tolist() == [5, 8]


def test_nothing_and_parts_out_of_order_are_defects():
    with pytest.raises(Defect):
        SegmentSeen.joined([], INFER)
    with pytest.raises(Defect, match="ascending"):
        SegmentSeen.joined(film([5, 3])[::-1], INFER)
