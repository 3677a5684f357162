"""Engines inside a Ray dataset: a pool of actors that own the model, or thin actors that ask the deployed one.

    rows -- to_requests --> requests -- engine --> results -- to_rows --> rows

The pool is for bulk work that wants a machine to itself: no second hop, and no sharing. Otherwise a dataset goes
through the deployment, in the batch lane, beside whoever else asks it. The two functions are the only thing that a flow
writes; both are handed whole batches, columns of equal length. Rows stay in order where the dataset keeps order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import ray
import ray.data
from numpy.typing import NDArray
from ray.data import Dataset

from actors.hosting import HostingPlan
from actors.lane_batcher import BatchRun
from actors.meters import Meter, RayMeter
from actors.model_thread import ModelThread
from actors.window import EngineClient
from schemas.errors import Unavailable

T = TypeVar("T")

Rows = Mapping[str, NDArray[Any]]
"""Columns by name, all of the same length."""

ToRequests = Callable[[Rows], Sequence[Any]]
"""The requests of a batch of rows."""

ToRows = Callable[[Rows, Sequence[Any]], Rows]
"""The rows that a batch of rows and its results become, one result per request in the same order."""

POOL_CPUS = 0.5
CLIENT_CPUS = 0.1

UPSTREAM_CPUS = 1.0
"""What the tasks before and behind the pool need. On a small machine a pool that takes it stops the dataset."""


class PoolEngine:
    """An engine in one actor of a pool, asked one batch of rows at a time."""

    def __init__(self, plan: HostingPlan, to_requests: ToRequests, to_rows: ToRows) -> None:
        """Loads the engine.

        Raises:
            Unavailable: it does not load here.
        """
        self._plan, self._to_requests, self._to_rows = plan, to_requests, to_rows
        self._meter: Meter = RayMeter(plan.choice)
        self._thread = ModelThread(f"model-{plan.app}")
        self._engine = plan.build(plan.choice)
        _, self._load_s = self._within(plan.limits.load_s, self._engine.load)

    def __call__(self, rows: Rows) -> Rows:
        """The rows that `rows` become.

        Raises:
            InvalidInput: a request cannot be served.
            Unavailable: a call of the model hangs.
        """
        requests, results = self._to_requests(rows), list[Any]()
        for first in range(0, len(requests), self._plan.batch):
            part = requests[first : first + self._plan.batch]
            answers, seconds = self._within(self._plan.limits.call_s, partial(self._engine.infer, part))
            results += answers
            self._meter.called(BatchRun(len(part), seconds))
            self._meter.answered("batch", len(part), seconds)
        self._meter.turned("busy")
        self._meter.loaded(self._load_s)
        return self._to_rows(rows, results)

    def __del__(self) -> None:
        """Called when the dataset is done with its pool."""
        if hasattr(self, "_engine") and self._thread.alive and not self._thread.running_s:
            self._thread.call(self._engine.close)
            self._thread.end(self._plan.limits.call_s)

    def _within(self, limit_s: float, function: Callable[[], T]) -> tuple[T, float]:
        """What `function` gives in the model's thread, and its seconds."""
        began_s = time.monotonic()
        try:
            result = self._thread.call(function).result(limit_s)
        except TimeoutError as exc:
            raise Unavailable(f"{self._plan.app} has not answered in {limit_s:g} s") from exc
        return result, time.monotonic() - began_s


class PoolClient:
    """An actor of a dataset that asks the deployed engine, several batches of rows at once."""

    def __init__(self, plan: HostingPlan, to_requests: ToRequests, to_rows: ToRows) -> None:
        self._client = EngineClient(plan)
        self._to_requests, self._to_rows = to_requests, to_rows

    async def __call__(self, rows: Rows) -> Rows:
        """The rows that `rows` become.

        Raises:
            InvalidInput: a request cannot be served.
            Unavailable: no replica answers.
        """
        return self._to_rows(rows, await self._client.infer(self._to_requests(rows), "batch"))


def through_pool(
    dataset: Dataset,
    plan: HostingPlan,
    to_requests: ToRequests,
    to_rows: ToRows,
    *,
    size: int = 1,
    rows_at_once: int | None = None,
) -> Dataset:
    """`dataset` with its rows put through engines of its own, in `size` actors named after the engine.

    Args:
        dataset: of rows.
        plan: the engine and what it takes.
        to_requests: what a batch of rows asks.
        to_rows: what they become.
        size: actors.
        rows_at_once: rows of a batch; as many as the engine takes requests when None, which is right for rows that ask
            one request each.

    Raises:
        Unavailable: the cluster has no room for the pool beside what runs and what the dataset needs around it.
    """
    options = {"num_cpus": POOL_CPUS, **plan.actor_options()}
    return _mapped(dataset, PoolEngine, plan, to_requests, to_rows, size, rows_at_once or plan.batch, options)


def through_deployment(dataset: Dataset, plan: HostingPlan, to_requests: ToRequests, to_rows: ToRows) -> Dataset:
    """`dataset` with its rows put through the deployed engine, in the batch lane.

    Raises:
        Unavailable: the cluster has no room for the asking actor.
    """
    return _mapped(dataset, PoolClient, plan, to_requests, to_rows, 1, plan.batch, {"num_cpus": CLIENT_CPUS})


def _mapped(
    dataset: Dataset,
    actor: type[PoolEngine | PoolClient],
    plan: HostingPlan,
    to_requests: ToRequests,
    to_rows: ToRows,
    size: int,
    rows_at_once: int,
    options: Mapping[str, Any],
) -> Dataset:
    free: Mapping[str, float] = ray.available_resources()  # type: ignore[no-untyped-call]
    check_room(free, size, options)
    return dataset.map_batches(
        type(plan.app, (actor,), {}),  # an operator and its actors are called as their class is
        fn_constructor_args=(plan, to_requests, to_rows),
        batch_size=rows_at_once,
        batch_format="numpy",
        compute=ray.data.ActorPoolStrategy(size=size),
        **options,
    )


def check_room(free: Mapping[str, float], size: int, options: Mapping[str, Any]) -> None:
    """Whether `size` actors with these Ray options fit into what is free, and leave CPUs for the rest of the dataset.

    Raises:
        Unavailable: they do not; Ray would wait without a word.
    """
    wanted = {"CPU": size * options["num_cpus"] + UPSTREAM_CPUS, "GPU": size * options.get("num_gpus", 0.0)}
    wanted["memory"] = size * options.get("memory", 0)
    for name, value in options.get("resources", {}).items():
        wanted[name] = size * value
    for name, value in wanted.items():
        if value > free.get(name, 0.0):
            raise Unavailable(
                f"{size} actors need {value:g} of {name} with what works around them, {free.get(name, 0.0):g} are free"
            )
