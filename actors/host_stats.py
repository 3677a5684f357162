"""How does a hosted engine do? What it did lately, in numbers that a person or a scheduler reads."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from actors.lane_batcher import LANES, BatchRun, Lane

EngineState = Literal["starting", "ready", "busy", "draining", "failed"]
"""`starting` until it is loaded, `busy` while a call of the model runs, `draining` once it was told to close."""

RECENT = 512
"""So many calls and answers back reach the averages."""


@dataclass(frozen=True)
class LaneStats:
    """One lane."""

    waiting_items: int
    """Requests that are in no call of the model yet."""

    items: int
    """Requests answered since the start."""

    p50_s: float
    """Median of the recent times from the arrival of a caller to its answer, seconds; 0 when there were none."""

    p95_s: float
    """As `p50_s`, the 95th percentile."""


@dataclass(frozen=True)
class HostStats:
    """One hosted engine; a plain value that crosses process borders."""

    family: str
    backend: str
    device: str
    state: EngineState
    failure: str
    """Why it failed; empty while it did not."""

    load_s: float
    """What loading the model took, seconds; 0 before."""

    running_s: float
    """How long the call of the model that runs now has run, seconds; 0 when none does."""

    calls: int
    """Calls of the model that were answered, since the start."""

    calls_s: float
    """What these calls took together, seconds."""

    mean_batch_items: float
    """Average of recent calls."""

    call_p50_s: float
    """Median time of recent calls, seconds."""

    lanes: Mapping[Lane, LaneStats]


@dataclass
class Tally:
    """Counts for HostStats. All in memory, bounded."""

    calls: int = 0
    calls_s: float = 0.0
    items: Counter[Lane] = field(default_factory=Counter)
    _runs: deque[BatchRun] = field(default_factory=lambda: deque(maxlen=RECENT))
    _times_s: dict[Lane, deque[float]] = field(default_factory=lambda: {lane: deque(maxlen=RECENT) for lane in LANES})

    def called(self, run: BatchRun) -> None:
        """One call of the model was answered."""
        self.calls += 1
        self.calls_s += run.seconds
        self._runs.append(run)

    def answered(self, lane: Lane, items: int, seconds: float) -> None:
        """One caller got its `items` results."""
        self.items[lane] += items
        self._times_s[lane].append(seconds)

    def mean_batch_items(self) -> float:
        return sum(run.items for run in self._runs) / max(1, len(self._runs))

    def call_p50_s(self) -> float:
        return _percentile([run.seconds for run in self._runs], 50)

    def lane(self, lane: Lane, waiting_items: int) -> LaneStats:
        times_s = list(self._times_s[lane])
        return LaneStats(waiting_items, self.items[lane], _percentile(times_s, 50), _percentile(times_s, 95))


def _percentile(values: list[float], percent: int) -> float:
    return float(np.percentile(values, percent)) if values else 0.0
