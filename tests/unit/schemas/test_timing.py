"""Edit time: boundaries add up, whatever the rate, and durations are never rounded on their own."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.timing import EditRate

FILM, NTSC, PAL, ODD = (
    EditRate(),
    EditRate(numerator=30_000, denominator=1001),
    EditRate(numerator=25),
    EditRate(numerator=7),
)
rates = st.sampled_from([FILM, NTSC, PAL, ODD, EditRate(numerator=24_000, denominator=1001), EditRate(numerator=60)])
sample_rates = st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
ticks = st.integers(0, 10_000_000)


@given(rates, sample_rates, st.lists(st.integers(1, 500), min_size=1, max_size=60))
def test_boundaries_of_shots_sum_to_the_boundary_of_the_film(rate, sample_rate_hz, durations):
    starts = [sum(durations[:index]) for index in range(len(durations) + 1)]
    lengths = [
        rate.boundary_samples(end, sample_rate_hz) - rate.boundary_samples(start, sample_rate_hz)
        for start, end in pairwise(starts)
    ]
    assert sum(lengths) == rate.boundary_samples(sum(durations), sample_rate_hz)
    exact = [Fraction(duration * sample_rate_hz) / rate.fraction for duration in durations]
    assert all(abs(length - ideal) <= 1 for length, ideal in zip(lengths, exact, strict=True))


@given(rates, sample_rates, ticks)
def test_boundary_in_samples_is_the_nearest_sample(rate, sample_rate_hz, tick):
    exact = Fraction(tick * sample_rate_hz) / rate.fraction
    assert abs(rate.boundary_samples(tick, sample_rate_hz) - exact) <= Fraction(1, 2)


@given(rates, ticks)
def test_nearest_tick_of_a_boundary_is_the_tick(rate, tick):
    assert rate.nearest_tick(Fraction(tick) / rate.fraction) == tick
    assert rate.nearest_tick(Fraction(rate.boundary_ns(tick), 1_000_000_000)) == tick
    assert rate.nearest_tick(rate.seconds(tick)) == tick


@given(rates, sample_rates, st.integers(0, 10_000_000))
def test_ticks_covering_is_the_fewest_that_hold_every_sample(rate, sample_rate_hz, samples):
    covering = rate.ticks_covering(samples, sample_rate_hz)
    held = Fraction(covering * sample_rate_hz) / rate.fraction
    one_less = Fraction((covering - 1) * sample_rate_hz) / rate.fraction
    assert one_less < samples <= held


@given(rates, sample_rates, st.integers(0, 10_000_000))
@example(FILM, 48_000, 1_000)  # half a tick: to the even one below
@example(FILM, 48_000, 3_000)  # one and a half: to the even one above
def test_nearest_tick_to_a_sample_is_that_of_its_time(rate, sample_rate_hz, samples):
    nearest = rate.nearest_tick_to_sample(samples, sample_rate_hz)
    assert nearest == rate.nearest_tick(Fraction(samples, sample_rate_hz))


@pytest.mark.parametrize(
    ("rate", "tick", "nanoseconds", "samples"),
    [
        (FILM, 1, 41_666_667, 2_000),
        (FILM, 24, 1_000_000_000, 48_000),
        (NTSC, 1, 33_366_667, 1_602),
        (NTSC, 5, 166_833_333, 8_008),
        (NTSC, 30_000, 1_001_000_000_000, 48_048_000),
        (ODD, 2, 285_714_286, 13_714),
    ],
)
def test_boundaries_of_known_ticks(rate, tick, nanoseconds, samples):
    assert rate.boundary_ns(tick) == nanoseconds
    assert rate.boundary_samples(tick, 48_000) == samples


def test_boundaries_of_an_hour_of_ntsc_do_not_drift():
    hour_ticks = 107_892
    assert NTSC.boundary_samples(hour_ticks, 48_000) == round(Fraction(hour_ticks * 1001 * 48_000, 30_000))
    assert hour_ticks * NTSC.boundary_samples(1, 48_000) != NTSC.boundary_samples(hour_ticks, 48_000)


def test_ticks_covering_nothing_is_none_and_one_sample_is_one():
    assert (FILM.ticks_covering(0, 48_000), FILM.ticks_covering(1, 48_000)) == (0, 1)
    assert (FILM.ticks_covering(2_000, 48_000), FILM.ticks_covering(2_001, 48_000)) == (1, 2)


@pytest.mark.parametrize("wrong", [{"numerator": 0}, {"numerator": -24}, {"denominator": 0}, {"numerator": 23.976}])
def test_rate_that_is_no_positive_fraction_is_refused(wrong):
    with pytest.raises(ValidationError):
        EditRate(**wrong)
