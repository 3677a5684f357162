"""Timelines: what contradicts itself is refused, with the value in the message."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from schemas.edit_media import ExternalMedia, MediaSpan
from schemas.timeline import Clip, Sequence, Timeline, Track, Transition


def clip(clip_id: str, start: int, length: int, **fields: Any) -> Clip:
    return Clip(clip_id=clip_id, start_ticks=start, duration_ticks=length, **fields)


def track(*clips: Clip, **fields: Any) -> Track:
    return Track(**{"track_id": "v1", "kind": "video", "clips": clips, **fields})


def timeline(*sequences: Sequence) -> Timeline:
    return Timeline(timeline_id="t", sequences=sequences)


def showing(name: str, *shown: str) -> Sequence:
    clips = [clip(f"{name}.{one}", index, 1, sequence_id=one) for index, one in enumerate(shown)]
    return Sequence(sequence_id=name, tracks=(track(*clips, track_id=f"{name}.v"),))


def cut(at: int, before: int, after: int) -> Transition:
    return Transition(at_ticks=at, in_ticks=before, out_ticks=after)


def test_clips_that_touch_are_accepted_and_those_that_overlap_are_refused():
    assert track(clip("a", 0, 10), clip("b", 10, 5), clip("c", 20, 1)).end_ticks == 21
    with pytest.raises(ValidationError, match="clip 'b' begins at 9, before 'a' ends at 10"):
        track(clip("a", 0, 10), clip("b", 9, 5))
    with pytest.raises(ValidationError, match="clip 'a' begins at 0, before 'b' ends at 15"):
        track(clip("b", 10, 5), clip("a", 0, 10))


def test_trailing_gap_belongs_to_the_length_of_a_track():
    assert track(clip("a", 3, 10), trailing_gap_ticks=7).end_ticks == 20
    assert track(trailing_gap_ticks=7).edges() == [0, 7]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"duration_ticks": 0}, "greater than or equal to 1"),
        ({"duration_ticks": -4}, "greater than or equal to 1"),
        ({"start_ticks": -1}, "greater than or equal to 0"),
        ({"source_in_ticks": 2**53}, "less than or equal to"),
        ({"speed": {"numerator": 2, "denominator": 4}}, "speed 2/4 is not in lowest terms; write 1/2"),
        ({"source_rate": {"numerator": 48, "denominator": 2}}, "48/2 is not in lowest terms; write 24/1"),
        ({"speed": {"numerator": 1, "denominator": 0}}, "greater than or equal to 1"),
        ({"asset_id": "a", "sequence_id": "s"}, "clip 'c' shows asset_id and sequence_id; a clip shows one"),
        ({"sequence_id": "s", "media_name": "x"}, "clip 'c' shows a sequence, which has no media_name"),
        ({"metadata": {"reelwright": 1}}, "'reelwright' is reserved"),
        ({"metadata": {"x": float("inf")}}, "not JSON compliant"),
        ({"metadata": {"x": object()}}, "is not JSON"),
        ({"name": "a\0b"}, "holds a NUL"),
    ],
)
def test_clip_that_makes_no_sense_is_refused(fields, message):
    with pytest.raises(ValidationError, match=message):
        Clip(**{"clip_id": "c", "start_ticks": 0, "duration_ticks": 1, **fields})


@pytest.mark.parametrize(
    "accepted", [[cut(10, 10, 5)], [cut(10, 0, 1)], [cut(0, 0, 10)], [cut(15, 5, 0)], [cut(10, 2, 2), cut(15, 3, 5)]]
)
def test_transition_within_its_neighbours_is_accepted(accepted):
    made = track(clip("a", 0, 10), clip("b", 10, 5), trailing_gap_ticks=5, transitions=accepted)
    assert list(made.transitions) == accepted


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        ([cut(9, 1, 1)], "a transition stands at 9, where no clip begins or ends"),
        ([cut(10, 11, 1)], "the transition at 10 reaches from -1 to 11, with room from 0 to 15"),
        ([cut(10, 1, 6)], "the transition at 10 reaches from 9 to 16, with room from 0 to 15"),
        ([cut(0, 1, 1)], "the transition at 0 reaches from -1 to 1, with room from 0 to 10"),
        ([cut(20, 1, 1)], "the transition at 20 reaches from 19 to 21, with room from 15 to 20"),
        ([cut(10, 0, 0)], "the transition at 10 lasts 0 ticks"),
        ([cut(10, 0, 3), cut(15, 3, 0)], "the transition at 15 reaches from 12 to 15, with room from 13 to 20"),
        ([cut(10, 1, 1), cut(10, 1, 1)], "a transition at 10 stands after the one at 10"),
        ([cut(15, 1, 0), cut(10, 1, 0)], "a transition at 10 stands after the one at 15"),
    ],
)
def test_transition_that_has_no_room_is_refused(refused, message):
    with pytest.raises(ValidationError, match=message):
        track(clip("a", 0, 10), clip("b", 10, 5), trailing_gap_ticks=5, transitions=refused)


def test_ids_stand_once_in_a_timeline():
    one = Sequence(sequence_id="s", tracks=(track(clip("a", 0, 1)),))
    for other, message in (
        (one, "the sequence 's' stands in the timeline twice"),
        (Sequence(sequence_id="r", tracks=(track(clip("b", 0, 1)),)), "the track 'v1' stands"),
        (Sequence(sequence_id="r", tracks=(track(clip("a", 0, 1), track_id="v2"),)), "the clip 'a' stands"),
    ):
        with pytest.raises(ValidationError, match=message):
            timeline(one, other)


def test_nested_sequences_must_be_there_and_may_not_go_in_a_circle():
    made = timeline(showing("b", "c"), showing("a", "b", "c"), showing("c"), showing("d"))
    assert [one.sequence_id for one in made.roots()] == ["a", "d"]
    with pytest.raises(ValidationError, match=r"clip 'a\.x' of 'a' shows the sequence 'x', unknown here"):
        timeline(showing("a", "x"))
    with pytest.raises(ValidationError, match="in a circle: a > b > c > a"):
        timeline(showing("a", "b"), showing("b", "c"), showing("c", "a"))
    with pytest.raises(ValidationError, match="in a circle: a > a"):
        timeline(showing("a", "a"))


@pytest.mark.parametrize("turn", [1, -1])
def test_nesting_deeper_than_sixteen_is_refused_in_any_order(turn):
    chain = [showing(f"s{index}", f"s{index + 1}") for index in range(15)]
    assert len(timeline(*[*chain, showing("s15")][::turn]).sequences) == 16
    with pytest.raises(ValidationError, match="nested more than 16 deep"):
        timeline(*[*chain, showing("s15", "s16"), showing("s16")][::turn])


def test_timeline_without_a_sequence_is_refused():
    with pytest.raises(ValidationError, match="at least 1 item"):
        timeline()


def test_asset_is_named_by_its_id_and_not_by_an_address():
    with pytest.raises(ValidationError, match="'urn:reelwright:asset:a_1' is an asset; name it by asset_id"):
        ExternalMedia(url="urn:reelwright:asset:a_1")


def test_span_may_mark_a_moment_but_not_last_less_than_nothing():
    assert MediaSpan(start_ticks=-5, duration_ticks=0).duration_ticks == 0
    with pytest.raises(ValidationError, match="greater than or equal to 0"):
        MediaSpan(start_ticks=0, duration_ticks=-1)
