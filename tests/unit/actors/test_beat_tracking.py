"""From activations to beats: tempo and phase together, rests, bars, subdivisions; on numbers made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from actors.beats.bars import UNKNOWN, bars_of
from actors.beats.mel import FRAME_S
from actors.beats.subdivisions import subdivisions_of
from actors.beats.tempo_path import best_rows
from actors.beats.tracking import track_beats

LIKELY, UNLIKELY = 0.85, 0.02


def activations(length_s: float, *times_s: np.ndarray, downbeats_s=(), likely: float = LIKELY) -> np.ndarray:
    """A beat of likelihood `likely` at each time, spread over neighbouring frames as the network does."""
    frames = np.arange(int(length_s / FRAME_S))
    columns = []
    for places in (np.concatenate(times_s) if times_s else np.zeros(0), np.asarray(downbeats_s)):
        near = np.abs(frames[:, None] * FRAME_S - places[None, :]).min(axis=1, initial=9.0)
        columns.append(np.maximum(UNLIKELY, likely * (1 - near / FRAME_S / 2)))
    return np.column_stack([*columns, columns[0]]).astype(np.float32)


def times(track) -> np.ndarray:
    return np.array([beat.time_s for beat in track.beats])


def every(period_s: float, start_s: float, end_s: float) -> np.ndarray:
    return np.arange(start_s, end_s, period_s)


@pytest.mark.parametrize("period_s", [0.3, 0.437, 0.5, 0.6123, 0.9, 1.05])
def test_track_beats_steady_row_is_found_to_the_millisecond_scale(period_s):
    beats = every(period_s, 1.013, 29)
    track = track_beats(activations(30, beats))
    assert len(track.beats) == len(beats)
    assert np.abs(times(track) - beats).max() < 0.006
    assert track.tempo_bpm == pytest.approx(60 / period_s, rel=0.005)
    assert track.confidence > 0.7


def test_track_beats_missing_beats_are_filled_and_extra_ones_left_out():
    beats = every(0.5, 1, 29)
    heard = np.delete(beats, [10, 25, 26, 40])
    track = track_beats(activations(30, np.append(heard, [8.23, 17.8])))
    assert np.abs(times(track) - beats).max() < 0.02


def test_track_beats_change_of_tempo_is_followed():
    slow, fast = every(0.6, 1, 15), every(0.45, 15.4, 30)
    track = track_beats(activations(31, slow, fast))
    found = times(track)
    assert np.isin(np.round(slow[1:], 1), np.round(found, 1)).all()
    assert np.median(np.diff(found[found > 18])) == pytest.approx(0.45, abs=0.01)


def test_track_beats_rows_apart_are_two_rows_with_nothing_between():
    first, second = every(0.5, 2, 10), every(0.7, 40, 52)
    track = track_beats(activations(60, first, second))
    found = times(track)
    assert not ((found > 10.2) & (found < 39.5)).any()
    assert len(found) == len(first) + len(second)
    assert [beat.index for beat in track.beats] == list(range(len(found)))


@pytest.mark.parametrize("likely", [0.02, 0.15])
def test_track_beats_faint_row_is_no_stable_beat(likely):
    track = track_beats(activations(30, every(0.5, 1, 29), likely=likely))
    assert (track.beats, track.tempo_bpm, track.beats_per_bar, track.stable) == ((), None, None, False)


def test_track_beats_peaks_without_order_are_no_stable_beat():
    random = np.random.default_rng(5)
    peaks = np.cumsum(random.gamma(1.2, 0.6, 40))
    assert not track_beats(activations(30, peaks[peaks < 30], likely=0.5)).stable


@pytest.mark.parametrize("frames", [0, 1, 2, 60])
def test_track_beats_shortest_sounds_are_answered(frames):
    assert not track_beats(np.full((frames, 3), 0.3, np.float32)).stable


def test_track_beats_three_in_a_bar_are_numbered():
    beats = every(0.5, 1, 25)
    track = track_beats(activations(26, beats, downbeats_s=beats[1::3]))
    assert track.beats_per_bar == 3
    assert [beat.position for beat in track.beats[:5]] == [3, 1, 2, 3, 1]
    assert [beat.bar_index for beat in track.beats[:5]] == [0, 1, 1, 1, 2]


def test_track_beats_without_downbeats_have_no_bars():
    track = track_beats(activations(26, every(0.5, 1, 25)))
    assert track.stable
    assert track.beats_per_bar is None
    assert {(beat.bar_index, beat.position) for beat in track.beats} == {(None, None)}


def test_best_rows_change_of_tempo_costs_more_than_a_weak_beat():
    weights = np.full(1200, -4, np.float32)
    weights[100:1100:50] = 3
    weights[630] = 4  # between two beats, stronger than they are
    [row] = best_rows(weights)
    assert row.tolist() == list(range(100, 1100, 50))


def test_best_rows_long_row_is_one_row():
    weights = np.full(40_000, -4, np.float32)
    beats = np.arange(40, 39_900, 47)
    weights[beats] = 3.5
    [row] = best_rows(weights)
    assert row.tolist() == beats.tolist()


@pytest.mark.parametrize(("meter", "first"), [(2, 0), (3, 1), (4, 3)])
def test_bars_of_meter_and_place_are_told(meter, first):
    place = (np.arange(24) - first) % meter
    found = bars_of(np.where(place == 0, 0.6, 0.1))
    assert found.positions.tolist() == (place + 1).tolist()
    assert set(found.meters.tolist()) == {meter}


def test_bars_of_lost_beat_moves_the_bars_after_it():
    place = np.delete(np.arange(32) % 4, 17)
    found = bars_of(np.where(place == 0, 0.7, 0.05))
    assert found.positions[:17].tolist() == (place[:17] + 1).tolist()
    assert (
        found.positions[19:].tolist() == (place[19:] + 1).tolist()
    )  # where in its bar the beat was lost, nobody knows


@pytest.mark.parametrize("downbeat", [np.full(16, 0.1), np.full(16, 0.9), np.array([0.9] + [0.1] * 15)])
def test_bars_of_beats_that_are_alike_are_unknown(downbeat):
    found = bars_of(downbeat)
    assert set(found.positions.tolist()) == set(found.meters.tolist()) == {UNKNOWN}


@pytest.mark.parametrize("period_s", [0.36, 0.6])
@pytest.mark.parametrize(("parts", "places"), [(1, []), (2, [6]), (3, [4, 8]), (3, [8]), (4, [3, 6, 9])])
def test_subdivisions_of_parts_are_counted(period_s, parts, places):
    beats = every(period_s, 1, 13)
    onset = np.zeros(700, np.float32)
    for place in [0, *places]:
        onset[np.round((beats + period_s * place / 12) / FRAME_S).astype(int)] = 1.0 if place == 0 else 0.6
    assert set(subdivisions_of(beats, onset, FRAME_S).tolist()) == {parts}
