"""Between OpenTimelineIO's floating point times and exact fractions.

OpenTimelineIO writes a time as two floating point numbers, value and rate. Each stands for the simplest fraction that
rounds to that very number (0.1 is 1/10), but rates near n * 1000/1001 for the broadcast rates n, which everybody rounds
when writing (23.976, 23.98, 29.97).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from schemas.timing import EditRate

_BROADCAST = (24, 30, 48, 60, 72, 96, 120, 240)
_BROADCAST_TOLERANCE = Fraction(1, 200)
"""23.98 lies 0.004 from 24000/1001."""

MOST_NUMERATOR, MOST_DENOMINATOR = 240_000, 1001
"""The limits of EditRate."""

FINEST = EditRate(numerator=MOST_NUMERATOR)
"""Where times fit no rate that can be written, they are put on this grid, 4 microseconds wide."""


def simplest(number: float) -> Fraction:
    """The fraction of least denominator that is `number` when rounded to a float; `number` is finite."""
    if number < 0:
        return -simplest(-number)
    exact = Fraction(number)
    if exact.denominator == 1:
        return exact
    below, above = Fraction(math.nextafter(number, 0)), Fraction(math.nextafter(number, math.inf))
    found = _simplest_between((below + exact) / 2, (exact + above) / 2)
    return found if float(found) == number else exact


def _simplest_between(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of least denominator in [low, high], 0 <= low < high. Source: Stern-Brocot tree."""
    whole = math.floor(low)
    if whole == low:
        return Fraction(whole)
    if whole + 1 <= high:
        return Fraction(whole + 1)
    return whole + 1 / _simplest_between(1 / (high - whole), 1 / (low - whole))


def exact_rate(rate: float, known: Mapping[float, Fraction]) -> tuple[Fraction, bool]:
    """Ticks a second, and whether `rate` was written exactly. `known` holds what the file says about unusual ones."""
    if rate in known:
        return known[rate], True
    for whole in _BROADCAST:
        broadcast = Fraction(whole * 1000, 1001)
        if abs(Fraction(rate) - broadcast) < _BROADCAST_TOLERANCE:
            return broadcast, rate == float(broadcast)
    return simplest(rate), True


def as_rate(exact: Fraction) -> EditRate | None:
    """The rate as documents write it; None when it is beyond what they can."""
    if 0 < exact.numerator <= MOST_NUMERATOR and exact.denominator <= MOST_DENOMINATOR:
        return EditRate(numerator=exact.numerator, denominator=exact.denominator)
    return None


def grid(times_s: Iterable[Fraction], wishes: Sequence[Fraction]) -> tuple[EditRate, bool]:
    """A rate at which every time is a whole tick, and True; FINEST and False when there is none.

    The first of `wishes` that fits wins, then the first of which a multiple does.

    Args:
        times_s: in seconds.
        wishes: ticks a second, at least one.
    """
    times = set(times_s)
    factors = [(wish, _factor(times, wish)) for wish in wishes]
    for wish, factor in sorted(factors, key=lambda one: one[1] != 1):
        if factor and (rate := as_rate(wish * factor)) is not None:
            return rate, True
    return FINEST, False


def _factor(times_s: Iterable[Fraction], rate: Fraction) -> int:
    """The least multiple of `rate` at which every time is a whole tick; 0 when it is too large to be written."""
    factor = 1
    for time_s in times_s:
        factor = math.lcm(factor, (time_s * rate).denominator)
        if factor > MOST_NUMERATOR * MOST_DENOMINATOR:
            return 0
    return factor
