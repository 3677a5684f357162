"""A sound as its landmarks: small enough to store for every file, and all that origin mapping reads of it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TICK_S = 0.004
"""Unit of a landmark's time."""

STEP_HZ = 15_625 / 8_000
"""Unit of a landmark's frequency: an eighth of a bin of 1,024 samples at 16 kHz."""

LEVEL_STEP_DB = 0.5
LOWEST_DB = -110.0
"""Level 0; a sine at full scale has 0 dB."""

_HEAD = struct.Struct("<8sQI")
_MAGIC = b"RWLMK\x00\x00\x01"
"""The last byte is the version: of the bytes and of the way in which landmarks are picked."""


class FingerprintUnreadable(ValueError):
    """Bytes that no `to_bytes` of this version wrote."""


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """Landmarks of a sound, by time, then by frequency."""

    samples: int
    """Length of the sound at 16 kHz."""

    ticks: NDArray[np.uint32]
    """(N,): when, in TICK_S."""

    steps: NDArray[np.uint16]
    """(N,): frequency in STEP_HZ."""

    levels: NDArray[np.uint8]
    """(N,): in LEVEL_STEP_DB above LOWEST_DB."""

    def __post_init__(self) -> None:
        if not len(self.ticks) == len(self.steps) == len(self.levels):
            raise ValueError(f"{len(self.ticks)} times, {len(self.steps)} frequencies, {len(self.levels)} levels")

    @property
    def duration_s(self) -> float:
        return self.samples / 16_000

    @property
    def times_s(self) -> NDArray[np.float64]:
        return np.asarray(self.ticks * TICK_S, np.float64)

    @property
    def frequencies_hz(self) -> NDArray[np.float64]:
        return np.asarray(self.steps * STEP_HZ, np.float64)

    @property
    def levels_db(self) -> NDArray[np.float64]:
        return np.asarray(LOWEST_DB + self.levels * LEVEL_STEP_DB, np.float64)

    def to_bytes(self) -> bytes:
        """The same bytes for the same landmarks, on every machine."""
        columns = (self.ticks.astype("<u4"), self.steps.astype("<u2"), self.levels.astype("u1"))
        return _HEAD.pack(_MAGIC, self.samples, len(self.ticks)) + b"".join(one.tobytes() for one in columns)

    @classmethod
    def from_bytes(cls, data: bytes) -> Fingerprint:
        """Raises:
        FingerprintUnreadable: other bytes, another version, or cut off.
        """
        if len(data) < _HEAD.size:
            raise FingerprintUnreadable(f"{len(data)} bytes are no fingerprint")
        magic, samples, count = _HEAD.unpack_from(data)
        if magic != _MAGIC or len(data) != _HEAD.size + 7 * count:
            raise FingerprintUnreadable(f"{len(data)} bytes from {magic!r} on are no fingerprint of this version")
        at = _HEAD.size
        return cls(
            samples,
            np.frombuffer(data, "<u4", count, at).astype(np.uint32),
            np.frombuffer(data, "<u2", count, at + 4 * count).astype(np.uint16),
            np.frombuffer(data, "u1", count, at + 6 * count).astype(np.uint8),
        )
