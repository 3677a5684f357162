"""Landmarks are the same however a sound is cut, and lie where a sound peaks."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.origin.fingerprint import TICK_S, Fingerprint, FingerprintUnreadable
from pipelines.origin.landmarks import HOP, SAMPLE_RATE_HZ, SLOT_FRAMES, SLOT_LANDMARKS, fingerprint

SOUND = np.random.default_rng(7).normal(0, 0.1, 20 * SAMPLE_RATE_HZ).astype(np.float32)
WHOLE = fingerprint([SOUND]).to_bytes()


def tone(frequency_hz: float, start_s: float, length_s: float, total_s: float) -> np.ndarray:
    time_s = np.arange(round(total_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    swell = np.clip(1 - np.abs(time_s - start_s - length_s / 2) / (length_s / 2), 0, 1)
    return (0.5 * swell * np.sin(2 * np.pi * frequency_hz * time_s)).astype(np.float32)


@given(st.lists(st.integers(0, len(SOUND)), max_size=6))
def test_the_same_bytes_wherever_blocks_are_cut(cuts):
    places = [0, *sorted(cuts), len(SOUND)]
    blocks = [SOUND[start:end] for start, end in pairwise(places)]
    assert fingerprint(blocks).to_bytes() == WHOLE


def test_small_blocks_of_any_size():
    blocks = [SOUND[at : at + 777] for at in range(0, len(SOUND), 777)]
    assert fingerprint(blocks).to_bytes() == WHOLE


@pytest.mark.parametrize("start_s", [0.3, 8.0, 8.2, 16.3])
def test_a_tone_that_swells_is_one_landmark_where_it_is_loudest(start_s):
    found = fingerprint([tone(1240.0, start_s, 0.2, 20.0)])
    loudest = int(np.argmax(found.levels))
    assert found.times_s[loudest] == pytest.approx(start_s + 0.1, abs=0.006)
    assert found.frequencies_hz[loudest] == pytest.approx(1240.0, abs=2.5)


def test_a_sound_that_begins_later_has_the_same_landmarks_later():
    slots = 5  # the borders of half seconds stay, those of chunks do not
    shift = slots * SLOT_FRAMES * HOP
    later = fingerprint([np.zeros(shift, np.float32), SOUND])
    shifted = later.ticks.astype(int) - round(shift / SAMPLE_RATE_HZ / TICK_S)
    here = set(zip(fingerprint([SOUND]).ticks.tolist(), fingerprint([SOUND]).steps.tolist(), strict=True))
    there = set(zip(shifted.tolist(), later.steps.tolist(), strict=True))
    # the background is summed up in another order: a tie may turn over
    assert len(here ^ there) <= 6


def test_silence_has_no_landmarks():
    assert len(fingerprint([np.zeros(100_000, np.float32)]).ticks) == 0
    assert len(fingerprint([]).ticks) == 0


def test_as_many_landmarks_everywhere_and_no_more():
    found = fingerprint([SOUND])
    per_second = np.bincount(found.times_s.astype(int), minlength=20)
    assert per_second.min() > SLOT_LANDMARKS and per_second.max() <= 3 * SLOT_LANDMARKS
    assert np.all(np.diff(found.times_s) >= 0)


def test_bytes_come_back_and_others_are_refused():
    found = fingerprint([SOUND[:100_000]])
    data = found.to_bytes()
    again = Fingerprint.from_bytes(data)
    assert (again.samples, again.to_bytes()) == (100_000, data)
    for broken in (b"", data[:-1], data + b"\0", b"X" + data[1:]):
        with pytest.raises(FingerprintUnreadable):
            Fingerprint.from_bytes(broken)


def test_memory_does_not_grow_with_the_sound():
    def peak(minutes: int) -> int:
        blocks = (SOUND for _ in range(3 * minutes))
        tracemalloc.start()
        fingerprint(blocks)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    first, second = peak(1), peak(3)
    # two more minutes of landmarks, twice, and nothing else
    assert second - first < 2 * 120 * 100 * 7 * 2
