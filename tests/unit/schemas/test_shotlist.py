"""ShotList: no gaps, no zero lengths, and a lock that nothing but timing moves."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.canonical import sha256_hex
from schemas.errors import InvalidInput
from schemas.shotlist import ShotList, timing_lock
from schemas.timing import EditRate

SAMPLE = Path(__file__).resolve().parents[2] / "fixtures" / "schemas" / "ShotList" / "1.0.0.json"


def raw_list() -> dict[str, object]:
    return json.loads(SAMPLE.read_text())


def relocked(raw: dict[str, object]) -> dict[str, object]:
    rate = EditRate(**raw["edit_rate"])
    lock = timing_lock(rate, [(shot["shot_id"], shot["duration_ticks"]) for shot in raw["shots"]])
    return {**raw, "timing_lock_hash": lock}


def test_timing_lock_is_the_hash_of_rate_and_ordered_durations_as_specified():
    said = b'{"edit_rate":{"denominator":1,"numerator":24},"shots":[["sh1",48],["sh2",60]]}'
    assert timing_lock(EditRate(), [("sh1", 48), ("sh2", 60)]) == sha256_hex(said)
    assert ShotList.read(raw_list()).timing_lock_hash == sha256_hex(said)


@given(st.lists(st.tuples(st.text("abc", min_size=1), st.integers(1, 99)), min_size=1, unique_by=lambda shot: shot[0]))
def test_timing_lock_differs_when_order_length_name_or_rate_does(shots):
    lock = timing_lock(EditRate(), shots)
    assert lock == timing_lock(EditRate(), iter(shots))
    assert lock != timing_lock(EditRate(numerator=25), shots)
    assert lock != timing_lock(EditRate(), [(shots[0][0], shots[0][1] + 1), *shots[1:]])
    assert lock != timing_lock(EditRate(), [(shots[0][0] + "x", shots[0][1]), *shots[1:]])
    assert len(shots) == 1 or lock != timing_lock(EditRate(), shots[::-1])


def test_timing_lock_of_a_whole_rate_is_not_that_of_the_same_rate_unreduced():
    assert timing_lock(EditRate(numerator=24), []) != timing_lock(EditRate(numerator=48, denominator=2), [])


def test_shot_list_with_other_pictures_keeps_its_lock():
    raw = raw_list()
    raw["shots"][1] |= {"framing": "wide", "movement": "static", "characters": [], "weather": "snow"}
    assert ShotList.read(raw).timing_lock_hash == raw_list()["timing_lock_hash"]


def test_shot_list_whose_lock_is_not_that_of_its_shots_is_refused():
    raw = raw_list()
    raw["shots"][1]["duration_ticks"] += 1
    with pytest.raises(InvalidInput, match=r"timing_lock_hash .* does not match the shots, which give"):
        ShotList.read(raw)
    assert ShotList.read(relocked(raw)).duration_ticks == 109


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (49, "shot 'sh2' starts at 49, not 48"),
        (47, "shot 'sh2' starts at 47, not 48"),
        (0, "'sh2' starts at 0, not 48"),
    ],
)
def test_shot_list_with_a_gap_or_an_overlap_is_refused(start, said):
    raw = raw_list()
    raw["shots"][1]["start_ticks"] = start
    with pytest.raises(InvalidInput, match=said):
        ShotList.read(relocked(raw))


def test_shot_list_that_starts_late_is_refused():
    raw = raw_list()
    raw["shots"] = [{**raw["shots"][0], "start_ticks": 1}]
    with pytest.raises(InvalidInput, match="shot 'sh1' starts at 1, not 0"):
        ShotList.read(relocked(raw))


@pytest.mark.parametrize("ticks", [0, -1])
def test_shot_list_with_a_shot_of_no_length_is_refused_and_names_the_field(ticks):
    raw = raw_list()
    raw["shots"][0]["duration_ticks"] = ticks
    with pytest.raises(InvalidInput, match=rf"shots\.0\.duration_ticks: .* \(got {ticks}\)"):
        ShotList.read(raw)


def test_shot_list_with_one_shot_id_twice_is_refused():
    raw = raw_list()
    raw["shots"].append({**copy.deepcopy(raw["shots"][0]), "start_ticks": 108})
    with pytest.raises(InvalidInput, match="a shot_id stands twice"):
        ShotList.read(relocked(raw))


def test_shot_list_without_shots_is_refused():
    with pytest.raises(InvalidInput, match="shots: Tuple should have at least 1 item"):
        ShotList.read({**raw_list(), "shots": []})


def test_shot_list_gives_its_lines_in_film_order_with_their_shots():
    shots = ShotList.read(raw_list())
    assert [(shot.shot_id, line.element_id) for shot, line in shots.lines()] == [("sh2", "e2")]
    assert (shots.duration_ticks, shots.shots[0].end_exclusive_ticks) == (108, 48)
