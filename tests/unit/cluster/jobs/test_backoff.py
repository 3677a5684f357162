"""When a failed try comes again."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from cluster.jobs.backoff import DELIVERY_SCHEDULE_S, delivery_delay_s, retry_delay_s

DRAWS = st.floats(0, 1, exclude_max=True)


def test_retries_double_up_to_five_minutes():
    most = [retry_delay_s(attempt, math.nextafter(1, 0)) for attempt in range(1, 12)]
    assert [round(delay) for delay in most] == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


@given(st.integers(1, 10_000), DRAWS)
def test_jitter_takes_at_most_half(attempt, draw):
    whole = retry_delay_s(attempt, math.nextafter(1, 0))
    assert whole / 2 <= retry_delay_s(attempt, draw) <= whole + 1e-9
    assert retry_delay_s(attempt, 0.0) < retry_delay_s(attempt, 0.5)


def test_wait_that_was_asked_for_is_kept_within_a_day():
    assert retry_delay_s(1, 0.5, asked_s=90) == 90
    assert retry_delay_s(9, 0.5, asked_s=1) == 225
    assert delivery_delay_s(1, 0.5, asked_s=1e12) == 24 * 3600
    assert delivery_delay_s(1, 0.5, asked_s=-5) == delivery_delay_s(1, 0.5, asked_s=math.nan) == 5


def test_callbacks_are_tried_ten_times_in_75_hours():
    delays = [delivery_delay_s(attempt, 0.5) for attempt in range(1, 10)]
    assert delays == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert delivery_delay_s(10, 0.5) is None and len(DELIVERY_SCHEDULE_S) == 10
    assert 75 * 3600 <= sum(delays) < 76 * 3600


@given(st.integers(1, 9), DRAWS)
def test_callbacks_are_jittered_by_a_fifth(attempt, draw):
    planned = DELIVERY_SCHEDULE_S[attempt]
    assert 0.8 * planned <= delivery_delay_s(attempt, draw) <= 1.2 * planned
