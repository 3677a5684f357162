"""What a location's identity decides: seeded detail that stays the same at every time of day and in every weather."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Place:
    """A location as a source of seeded detail. Two parts of one place never share a stream of numbers."""

    location_id: str
    name: str

    def dice(self, part: str) -> np.random.Generator:
        """A generator that depends on the location and on `part` alone, in any process."""
        digest = hashlib.sha256(f"{self.location_id}\n{self.name}\n{part}".encode()).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))

    def number(self, part: str, low: float, high: float) -> float:
        """One number of this place in [low, high)."""
        return float(self.dice(part).uniform(low, high))

    def chance(self, part: str, probability: float) -> bool:
        """Whether this place has `part`."""
        return self.number(part, 0.0, 1.0) < probability

    def pick(self, part: str, choices: Sequence[Choice]) -> Choice:
        """One of `choices`."""
        return choices[int(self.dice(part).integers(len(choices)))]

    def side(self, part: str) -> int:
        """-1 (left) or +1 (right): mirrors a composition."""
        return 1 if self.chance(part, 0.5) else -1
