"""What a host tells the outside about its engine while it works: to Ray's metrics, or to nobody.

Tags are bounded (engine, backend, device, lane, state): a value that grows with the work, such as a job id, would make
a time series each. Ray puts `ray_` before the names and adds the worker, by which replicas are told apart. It forgets a
gauge that nobody repeats, and gives a histogram's sum by the middles of its buckets: exact averages are
`items_total / call_seconds_count`.
"""

from __future__ import annotations

from typing import Protocol, get_args

from actors.catalogue import EngineChoice
from actors.host_stats import EngineState
from actors.lane_batcher import BatchRun, Lane

SIZES_ITEMS: list[float] = [1, 2, 4, 8, 16, 32, 64, 128]
TIMES_S: list[float] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]


class Meter(Protocol):
    """Where a host reports."""

    def loaded(self, seconds: float) -> None:
        """What loading the model took; 0 while it is not loaded."""

    def turned(self, state: EngineState) -> None:
        """The engine is in this state. Told now and then, `busy` when a call happens to run."""

    def waiting(self, lane: Lane, items: int) -> None:
        """So many requests of a lane are in no call of the model yet."""

    def called(self, run: BatchRun) -> None:
        """A call of the model was answered."""

    def answered(self, lane: Lane, items: int, seconds: float) -> None:
        """A caller has its results, `seconds` after it asked."""


class SilentMeter:
    """Reports to nobody."""

    def loaded(self, seconds: float) -> None:
        """Nothing."""

    def turned(self, state: EngineState) -> None:
        """Nothing."""

    def waiting(self, lane: Lane, items: int) -> None:
        """Nothing."""

    def called(self, run: BatchRun) -> None:
        """Nothing."""

    def answered(self, lane: Lane, items: int, seconds: float) -> None:
        """Nothing."""


class RayMeter:
    """Reports to Ray's metrics; inside a Ray process."""

    def __init__(self, choice: EngineChoice) -> None:
        from ray.util import metrics

        tags = {"engine": choice.family, "backend": choice.backend, "device": choice.placement.device}
        keys = tuple(tags)
        by_lane = (*keys, "lane")
        self._load = metrics.Gauge(
            "reelwright_engine_load_seconds", "What loading the model took.", keys
        ).set_default_tags(tags)
        self._state = metrics.Gauge(
            "reelwright_engine_state", "1 for the state that it is in, 0 for the others.", (*keys, "state")
        ).set_default_tags(tags)
        self._waiting = metrics.Gauge(
            "reelwright_engine_waiting_items", "Requests that are in no call of the model yet.", by_lane
        ).set_default_tags(tags)
        self._sizes = metrics.Histogram(
            "reelwright_engine_batch_items", "Requests of one call of the model.", SIZES_ITEMS, keys
        ).set_default_tags(tags)
        self._calls = metrics.Histogram(
            "reelwright_engine_call_seconds", "What one call of the model took.", TIMES_S, keys
        ).set_default_tags(tags)
        self._times = metrics.Histogram(
            "reelwright_engine_latency_seconds", "From the arrival of a caller to its answer.", TIMES_S, by_lane
        ).set_default_tags(tags)
        self._items = metrics.Counter(
            "reelwright_engine_items", "Requests that were answered.", by_lane
        ).set_default_tags(tags)

    def loaded(self, seconds: float) -> None:
        self._load.set(seconds)

    def turned(self, state: EngineState) -> None:
        for one in get_args(EngineState):
            self._state.set(float(one == state), {"state": one})

    def waiting(self, lane: Lane, items: int) -> None:
        self._waiting.set(items, {"lane": lane})

    def called(self, run: BatchRun) -> None:
        self._sizes.observe(run.items)
        self._calls.observe(run.seconds)

    def answered(self, lane: Lane, items: int, seconds: float) -> None:
        self._times.observe(seconds, {"lane": lane})
        if items:  # Ray refuses to count nothing
            self._items.inc(items, {"lane": lane})
