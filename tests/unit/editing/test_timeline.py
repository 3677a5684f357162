"""What is seen at a moment of a sequence, exactly, at every speed, through nesting."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.editing.timeline import PlacedClip, clip_at, duration_s, find_clip, find_sequence, heard_at, seen_at
from schemas.errors import InvalidInput, NotFound
from schemas.timeline import Timeline
from tests.random_timelines import rates, speeds

S = Fraction


def rate(exact: Fraction | int) -> dict[str, int]:
    return {"numerator": S(exact).numerator, "denominator": S(exact).denominator}


def clip(name: str, start: int, length: int, **fields: Any) -> dict[str, Any]:
    return {"clip_id": name, "start_ticks": start, "duration_ticks": length, **fields}


def track(name: str, *clips: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"track_id": name, "kind": "video", "clips": clips, **fields}


def timeline(*sequences: tuple[str, list[dict[str, Any]]], edit_rate: Fraction | int = 24) -> Timeline:
    made = [{"sequence_id": name, "edit_rate": rate(edit_rate), "tracks": tracks} for name, tracks in sequences]
    return Timeline(timeline_id="t", sequences=made)


def placed(speed: Fraction, length: int = 24, **fields: Any) -> PlacedClip:
    made = clip("c", 48, length, source_in_ticks=100, source_rate=rate(24), speed=rate(speed), **fields)
    return find_clip(timeline(("s", [track("v", made)])), "c")


@pytest.mark.parametrize(
    ("speed", "source", "frames"),
    [
        (S(1), (100, 124), [100, 101, 123]),
        (S(2), (100, 148), [100, 102, 146]),
        (S(1, 2), (100, 112), [100, 100, 111]),
        (S(-1), (100, 124), [123, 122, 100]),
        (S(-2), (100, 148), [147, 145, 101]),
        (S(-1, 2), (100, 112), [111, 111, 100]),
        (S(0), (100, 100), [100, 100, 100]),
        (S(5, 4), (100, 130), [100, 101, 128]),
    ],
)
def test_speed_decides_which_frames_are_used_and_in_which_order(speed, source, frames):
    one = placed(speed)
    assert (one.source_range.in_ticks, one.source_range.out_ticks) == source
    assert [one.source_tick(S(48 + tick, 24)) for tick in (0, 1, 23)] == frames


def test_source_range_in_seconds_and_with_a_rest_is_exact():
    one = placed(S(1, 3), length=10)
    assert one.source_range.out_ticks == S(310, 3)
    assert (one.source_range.in_s, one.source_range.out_s) == (S(100, 24), S(310, 72))


@given(rates, rates, speeds, st.integers(0, 10**6), st.integers(1, 10**6), st.integers(-(10**6), 10**6))
def test_every_frame_of_a_clip_lies_in_its_source_range(record, media, speed, start, length, source_in):
    fields = {"source_in_ticks": source_in, "source_rate": rate(media), "speed": rate(speed)}
    one = find_clip(timeline(("s", [track("v", clip("c", start, length, **fields))]), edit_rate=record), "c")
    used = one.source_range
    assert used.out_ticks - used.in_ticks == length / record * abs(speed) * media
    for ticks in (start, start + length // 2, start + length - 1):
        at = one.source_s(ticks / record) * media
        assert used.in_ticks <= at <= used.out_ticks
        assert used.in_ticks - 1 < one.source_tick(ticks / record) < max(used.out_ticks, used.in_ticks + 1)


def test_clip_at_is_half_open_and_none_in_gaps():
    made = timeline(("s", [track("v", clip("a", 0, 10), clip("b", 10, 5), clip("c", 20, 1))])).sequences[0]
    at = {ticks: clip_at(made, made.tracks[0], S(ticks) / 24) for ticks in (S(0), S(19, 2), S(10), S(15), S(20), S(21))}
    assert [one.clip.clip_id if one else None for one in at.values()] == ["a", "a", "b", None, "c", None]
    assert clip_at(made, made.tracks[0], S(-1)) is None


def test_duration_is_that_of_the_longest_track_in_its_own_rate():
    tracks = [track("v", clip("a", 0, 24)), track("a", clip("b", 0, 96_096), kind="audio", edit_rate=rate(48_000))]
    assert duration_s(timeline(("s", tracks)).sequences[0]) == S(1001, 500)
    assert duration_s(timeline(("s", [track("v", clip("a", 0, 1), trailing_gap_ticks=23)])).sequences[0]) == 1
    assert duration_s(timeline(("s", [])).sequences[0]) == 0


def test_positions_of_an_hour_of_ntsc_are_exact():
    ticks = 107_892
    made = timeline(("s", [track("v", clip("a", ticks, 1))]), edit_rate=S(30_000, 1001))
    assert find_clip(made, "a").start_s == S(ticks * 1001, 30_000)


def seen(made: Timeline, time_s: Fraction) -> tuple[list[str], str, int] | None:
    found = seen_at(made, made.sequences[0], time_s)
    return found and ([one.clip.clip_id for one in found.above], found.placed.clip.clip_id, found.source_tick)


def test_topmost_picture_that_is_switched_on_is_seen():
    low, off, high = clip("low", 0, 24), clip("off", 0, 24, enabled=False), clip("high", 12, 6)
    made = timeline(
        ("s", [track("1", low), track("2", high), track("3", off), track("4", clip("x", 0, 9), enabled=False)])
    )
    assert [seen(made, S(ticks, 24)) for ticks in (0, 12, 18, 24)] == [
        ([], "low", 0), ([], "high", 0), ([], "low", 18), None,
    ]  # fmt: skip


def test_nested_sequence_is_seen_through_its_clip_and_its_speed():
    inner = ("inner", [track("i", clip("a", 0, 24, source_in_ticks=1000), clip("b", 24, 24, source_in_ticks=2000))])
    outer = lambda **fields: ("outer", [track("o", clip("n", 10, 20, sequence_id="inner", **fields))])  # noqa: E731
    assert seen(timeline(outer(source_in_ticks=14), inner), S(19, 24)) == (["n"], "a", 1023)
    assert seen(timeline(outer(source_in_ticks=14), inner), S(20, 24)) == (["n"], "b", 2000)
    assert seen(timeline(outer(speed=rate(2)), inner), S(23, 24)) == (["n"], "b", 2002)
    assert seen(timeline(outer(speed=rate(-1), source_in_ticks=10), inner), S(10, 24)) == (["n"], "b", 2005)
    assert seen(timeline(outer(speed=rate(-1), source_in_ticks=10), inner), S(15, 24)) == (["n"], "b", 2000)
    assert seen(timeline(outer(speed=rate(-1), source_in_ticks=10), inner), S(16, 24)) == (["n"], "a", 1023)


def test_nested_sequence_without_a_picture_lets_what_is_below_through():
    made = timeline(
        ("outer", [track("low", clip("below", 0, 24)), track("top", clip("n", 0, 24, sequence_id="inner"))]),
        ("inner", [track("i", clip("a", 12, 12))]),
    )
    assert [seen(made, S(ticks, 24))[1] for ticks in (0, 12)] == ["below", "a"]


def test_everything_that_sounds_is_heard_from_the_top_down():
    sound = [track(name, clip(f"c{name}", 0, 24), kind="audio") for name in ("1", "2")]
    made = timeline(("s", [track("v", clip("picture", 0, 24)), *sound]))
    assert [one.placed.clip.clip_id for one in heard_at(made, made.sequences[0], S(0))] == ["c2", "c1"]


def test_nesting_that_multiplies_beyond_reason_is_refused():
    def level(name: str, below: str) -> tuple[str, list[dict[str, Any]]]:
        return name, [
            track(f"{name}.{n}", clip(f"{name}.{n}", 0, 1, sequence_id=below), kind="audio") for n in range(10)
        ]

    made = timeline(*(level(f"s{depth}", f"s{depth + 1}") for depth in range(8)), ("s8", []))
    with pytest.raises(InvalidInput, match="more than 10000 clips lie over one another"):
        heard_at(made, made.sequences[0], S(0))


def test_unknown_ids_are_named():
    made = timeline(("s", []))
    with pytest.raises(NotFound, match="timeline 't' has no clip 'x'"):
        find_clip(made, "x")
    with pytest.raises(NotFound, match="timeline 't' has no sequence 'x'"):
        find_sequence(made, "x")
