"""Which requests share the next call of a model? Interactive ones first; the batch lane fills what is left.

    infer(items, "interactive") -> lane --.
                                           >-- next call (at most `cap`) -- model's thread -- answers
    infer(items, "batch") ------> lane --'      batch part at most `cap - reserve`

A call starts as soon as the model is free and anything waits: nothing is held back for a fuller batch, and while the
model is busy the lanes fill by themselves. An interactive request therefore waits for at most the call that runs, and
goes with the next, as long as no more than `cap` of its kind wait. The batch lane is bounded and may starve.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from actors.model_thread import settled
from schemas.errors import Defect, InvalidInput, Unavailable

RequestT = TypeVar("RequestT")
ResultT = TypeVar("ResultT")

Lane = Literal["interactive", "batch"]
LANES: tuple[Lane, ...] = ("interactive", "batch")

RESERVED_PART = 8
"""One place in so many is not given to the batch lane: a few interactive requests then do not slow it down."""

LANE_CALLS = 8
"""What the batch lane holds, in calls of the model: with more, a request waits longer than its client should."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class LaneLimits:
    """How calls are cut and what may wait."""

    cap: int
    """Most requests of one call of the model."""

    reserve: int
    """Places of a call that the batch lane never takes."""

    batch_limit: int
    """Requests that wait in the batch lane at most; one call with more than that is let in when the lane is empty."""

    call_limit_s: float
    """After that long a call of the model counts as hung."""

    @classmethod
    def of(cls, cap: int, call_limit_s: float) -> LaneLimits:
        """The limits of a model that takes at most `cap` requests a call."""
        return cls(cap, cap // RESERVED_PART, LANE_CALLS * cap, call_limit_s)


@dataclass(frozen=True)
class BatchRun:
    """One finished call of the model."""

    items: int
    seconds: float


@dataclass(eq=False)
class _Caller(Generic[RequestT, ResultT]):
    """Who waits in `infer`."""

    requests: Sequence[RequestT]
    answer: asyncio.Future[list[ResultT]]
    taken: int = 0
    """So many of its requests are in a call of the model, or done."""
    results: list[ResultT] = field(default_factory=list)


class _Part(NamedTuple):
    """Some requests of one caller, in one call of the model."""

    caller: _Caller[Any, Any]
    requests: Sequence[Any]


class LaneBatcher(Generic[RequestT, ResultT]):
    """Gathers what waits into calls of one model. Belongs to the event loop in which `infer` is first awaited."""

    def __init__(
        self,
        model: Callable[[list[RequestT]], Future[list[ResultT]]],
        limits: LaneLimits,
        on_batch: Callable[[BatchRun], None] = lambda run: None,
    ) -> None:
        """Starts nothing yet.

        Args:
            model: begins a call elsewhere than on the event loop; one result per request, in order.
            limits: sizes and times.
            on_batch: told after each call of the model.
        """
        self._model = model
        self._limits = limits
        self._on_batch = on_batch
        self._lanes: dict[Lane, deque[_Caller[RequestT, ResultT]]] = {lane: deque() for lane in LANES}
        self._running: list[_Part] = []
        self._refusal = ""
        self._wake = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None

    def waiting(self, lane: Lane) -> int:
        """Requests of a lane that are in no call of the model yet."""
        return sum(len(caller.requests) - caller.taken for caller in self._lanes[lane])

    async def infer(self, requests: Sequence[RequestT], lane: Lane = "interactive") -> list[ResultT]:
        """One result per request, in order. A cancelled caller's requests that no call has taken are dropped.

        Raises:
            InvalidInput: one of these requests cannot be served; other callers of the same call are not touched.
            Unavailable: closed, hung, the batch lane is full, or the model says so.
        """
        if self._refusal:
            raise Unavailable(self._refusal)
        if not requests:
            return []
        waits = self.waiting(lane)
        if lane == "batch" and waits and waits + len(requests) > self._limits.batch_limit:
            raise Unavailable(
                f"the batch lane is full: {waits} wait, {len(requests)} more pass {self._limits.batch_limit}"
            )
        caller: _Caller[RequestT, ResultT] = _Caller(requests, asyncio.get_running_loop().create_future())
        self._lanes[lane].append(caller)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        self._wake.set()
        try:
            return await caller.answer
        except asyncio.CancelledError:
            if caller in self._lanes[lane]:
                self._lanes[lane].remove(caller)
            raise

    async def close(self, timeout_s: float) -> None:
        """Refuses new requests, works off what waits for at most `timeout_s`, and fails the rest. Harmless twice."""
        self._refusal = self._refusal or "the engine is closing"
        if self._worker is None:
            return
        self._wake.set()
        _, late = await asyncio.wait({self._worker}, timeout=timeout_s)
        if late:
            self._worker.cancel()
            self._give_up(Unavailable("the engine was closed before this request was answered"))

    async def _work(self) -> None:
        try:
            while not self._refusal:
                await self._wake.wait()
                self._wake.clear()
                while parts := self._take():
                    self._running = parts
                    await self._run(parts)
                    self._running = []
        except Exception as exc:  # noqa: BLE001 - everybody is told; without its worker nobody would be answered
            self._give_up(Defect(f"the batcher failed: {type(exc).__name__}: {exc}"))

    def _take(self) -> list[_Part]:
        """The next call: what is taken here is cut in the order of arrival."""
        parts: list[_Part] = []
        room = self._limits.cap - self._move("interactive", self._limits.cap, parts)
        self._move("batch", min(room, self._limits.cap - self._limits.reserve), parts)
        return parts

    def _move(self, lane: Lane, room: int, parts: list[_Part]) -> int:
        callers, moved = self._lanes[lane], 0
        while callers and moved < room:
            caller = callers[0]
            first, caller.taken = caller.taken, min(len(caller.requests), caller.taken + room - moved)
            parts.append(_Part(caller, caller.requests[first : caller.taken]))
            moved += caller.taken - first
            if caller.taken == len(caller.requests):
                callers.popleft()
        return moved

    async def _run(self, parts: list[_Part]) -> None:
        """One call of the model, and its callers told. When one of them spoils it, each gets a call of its own."""
        requests = [request for part in parts for request in part.requests]
        began_s = time.monotonic()
        try:
            results = await self._answered(requests)
        except InvalidInput as exc:
            groups = [list(group) for _, group in groupby(parts, lambda part: id(part.caller))]
            if len(groups) == 1:
                self._fail(parts, exc)
                return
            for group in groups:
                if not group[0].caller.answer.done():
                    await self._run(group)
        except Exception as exc:  # noqa: BLE001 - it is the callers' error, the worker goes on
            self._fail(parts, exc)
        else:
            self._deliver(parts, results)
            self._on_batch(BatchRun(len(requests), time.monotonic() - began_s))

    async def _answered(self, requests: list[RequestT]) -> list[ResultT]:
        answer = await settled(self._model(requests), self._limits.call_limit_s)
        if answer is None:
            hung = Unavailable(f"a call of the model has run for more than {self._limits.call_limit_s:g} s")
            self._give_up(hung)
            raise hung
        results = answer.result()
        if len(results) != len(requests):
            raise Defect(f"the model gave {len(results)} results for {len(requests)} requests")
        return results

    def _deliver(self, parts: list[_Part], results: list[ResultT]) -> None:
        position = 0
        for caller, requests in parts:
            caller.results += results[position : position + len(requests)]
            position += len(requests)
            if len(caller.results) == len(caller.requests) and not caller.answer.done():
                caller.answer.set_result(caller.results)

    def _fail(self, parts: Sequence[_Part], error: Exception) -> None:
        for caller, _ in parts:
            if not caller.answer.done():
                caller.answer.set_exception(error)
            for callers in self._lanes.values():
                if caller in callers:
                    callers.remove(caller)

    def _give_up(self, error: Unavailable | Defect) -> None:
        """Fails everybody, those who wait and those who come."""
        _LOG.error("%s", error.message)
        self._refusal = self._refusal or error.message
        self._wake.set()
        waiting = [_Part(caller, ()) for callers in self._lanes.values() for caller in callers]
        self._fail([*self._running, *waiting], error)
