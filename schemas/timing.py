"""Edit time: whole ticks at a rational rate. Signal time: whole samples. Ranges are half-open.

Conversions take a boundary, never a duration, so that a sum of parts lands exactly where the whole does:

    tick       0        1        2        3
    sample     |--------|--------|--------|        boundary(k) = round(k * sample_rate / rate)
"""

from __future__ import annotations

from fractions import Fraction

from pydantic import Field

from schemas.document import Part


class EditRate(Part):
    """Ticks (frames) a second as a fraction: 24/1, 30000/1001."""

    numerator: int = Field(default=24, ge=1, le=240_000)
    """Ticks in `denominator` seconds."""

    denominator: int = Field(default=1, ge=1, le=1001)
    """Seconds that hold `numerator` ticks."""

    @property
    def fraction(self) -> Fraction:
        """Ticks a second."""
        return Fraction(self.numerator, self.denominator)

    def seconds(self, ticks: int) -> float:
        """Time of a tick boundary, in seconds; for people and for the wire, never for editing."""
        return ticks * self.denominator / self.numerator

    def boundary_ns(self, ticks: int) -> int:
        """Time of a tick boundary in whole nanoseconds, rounded half to even."""
        return round(ticks * 1_000_000_000 / self.fraction)

    def boundary_samples(self, ticks: int, sample_rate_hz: int) -> int:
        """Index of the first sample at or after a tick boundary, rounded half to even."""
        return round(ticks * sample_rate_hz / self.fraction)

    def ticks_covering(self, samples: int, sample_rate_hz: int) -> int:
        """Fewest ticks that hold `samples` whole."""
        return -(-samples * self.numerator // (sample_rate_hz * self.denominator))

    def nearest_tick(self, seconds: float | Fraction) -> int:
        """Tick boundary nearest to a time in seconds."""
        return round(Fraction(seconds) * self.fraction)

    def nearest_tick_to_sample(self, samples: int, sample_rate_hz: int) -> int:
        """Tick boundary nearest to a sample, half to even: `nearest_tick` in whole numbers, for long scripts."""
        whole, rest = divmod(samples * self.numerator, sample_rate_hz * self.denominator)
        half = 2 * rest - sample_rate_hz * self.denominator
        return whole + (half > 0 or (half == 0 and whole % 2 == 1))
