"""One engine with its whole life in one process: built, loaded in its thread, asked in lanes, watched, closed.

    start() -> infer(...) -> infer(...) -> close(timeout_s)        check_health(), stats(): at any time, without waiting

The same in a command line process, a test, and a Ray Serve replica. Health is judged without asking the model: a call
that runs for longer than its limit, a thread that died, or a model that did not load.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from actors import catalogue
from actors.catalogue import EngineChoice
from actors.engine import Engine, EngineSpec
from actors.host_stats import EngineState, HostStats, Tally
from actors.lane_batcher import LANES, BatchRun, Lane, LaneBatcher, LaneLimits
from actors.meters import Meter, SilentMeter
from actors.model_thread import ModelThread, settled
from schemas.errors import ReelwrightError, Unavailable

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class HostLimits:
    """How long things may take before they count as hung."""

    call_s: float
    """One call of the model; usually what the engine declares."""

    load_s: float = 600.0
    """Loading the model: large weights from a slow disk take minutes."""

    @classmethod
    def of(cls, spec: EngineSpec) -> Self:
        """What an engine declares."""
        return cls(call_s=spec.longest_call_s)


class EngineHost:
    """An engine behind two lanes. Belongs to the event loop that starts it."""

    def __init__(
        self,
        choice: EngineChoice,
        *,
        limits: HostLimits | None = None,
        meter: Meter | None = None,
        build: Callable[[EngineChoice], Engine[Any, Any]] = catalogue.build,
    ) -> None:
        """Builds the engine, which does no work yet.

        Args:
            choice: which engine, where.
            limits: when something counts as hung; as the engine declares when None.
            meter: told what happens; nobody when None.
            build: makes the engine of a choice.
        """
        self._choice = choice
        self._meter = meter or SilentMeter()
        self._engine = build(choice)
        self._limits = limits or HostLimits.of(self._engine.spec)
        self._thread = ModelThread(f"model-{choice.family}-{choice.backend}")
        self._batcher: LaneBatcher[Any, Any] = LaneBatcher(
            self._ask, LaneLimits.of(self.spec.batch, self._limits.call_s), self._called
        )
        self._tally = Tally()
        self._state: EngineState = "starting"
        self._failure = ""
        self._load_s = 0.0
        self._released = False
        self._stuck = False
        """Loading hung."""

    @property
    def spec(self) -> EngineSpec:
        """The engine's; its digest is filled once it was loaded."""
        return self._engine.spec

    @property
    def state(self) -> EngineState:
        """What it is doing."""
        if self._state == "ready" and self._complaint():
            return "failed"
        if self._state == "ready" and self._thread.running_s:
            return "busy"
        return self._state

    async def start(self) -> None:
        """Loads the engine. After a failure nothing stays loaded.

        Raises:
            Unavailable: the model, a library or a device is not here, or loading took longer than its limit.
        """
        began_s = time.monotonic()
        try:
            answer = await settled(self._thread.call(self._engine.load), self._limits.load_s)
            if answer is None:
                self._stuck = True
                raise Unavailable(f"{self.spec.name} did not load in {self._limits.load_s:g} s")
            answer.result()
        except ReelwrightError as exc:
            self._failure = exc.message
            self._turn("failed")
            await self.close(self._limits.call_s)
            raise
        self._load_s = time.monotonic() - began_s
        self._turn("ready")

    async def infer(self, requests: Sequence[Any], lane: Lane = "interactive") -> list[Any]:
        """One result per request, in order, whatever else shares its calls.

        Raises:
            InvalidInput: one of these requests cannot be served.
            Unavailable: not loaded, closing, hung, or the batch lane is full.
        """
        if self._state != "ready":
            raise Unavailable(f"{self.spec.name} is {self._state}{self._failure and ': '}{self._failure}")
        began_s = time.monotonic()
        self._meter.waiting(lane, self._batcher.waiting(lane) + len(requests))
        results = await self._batcher.infer(requests, lane)
        seconds = time.monotonic() - began_s
        self._tally.answered(lane, len(results), seconds)
        self._meter.answered(lane, len(results), seconds)
        return results

    def check_health(self) -> None:
        """Returns at once, whatever the model does.

        Raises:
            Unavailable: it did not load, a call hangs, or its thread died; only another host helps.
        """
        if complaint := self._complaint():
            raise Unavailable(f"{self.spec.name} is not healthy: {complaint}")

    def report(self) -> None:
        """Tells the meter how things stand; gauges are forgotten when nobody repeats them."""
        self._meter.turned(self.state)
        self._meter.loaded(self._load_s)
        for lane in LANES:
            self._meter.waiting(lane, self._batcher.waiting(lane))

    def stats(self) -> HostStats:
        """How it does."""
        return HostStats(
            family=self._choice.family,
            backend=self._choice.backend,
            device=self._choice.placement.device,
            state=self.state,
            failure=self._complaint(),
            load_s=self._load_s,
            running_s=self._thread.running_s,
            calls=self._tally.calls,
            calls_s=self._tally.calls_s,
            mean_batch_items=self._tally.mean_batch_items(),
            call_p50_s=self._tally.call_p50_s(),
            lanes={lane: self._tally.lane(lane, self._batcher.waiting(lane)) for lane in LANES},
        )

    async def close(self, timeout_s: float) -> None:
        """Refuses new requests, works off what waits, closes the engine; takes `timeout_s` at most. Harmless twice."""
        deadline_s = time.monotonic() + timeout_s
        self._drain()
        await self._batcher.close(timeout_s)
        await asyncio.to_thread(self.release, deadline_s - time.monotonic())

    def release(self, timeout_s: float) -> None:
        """The part of `close` that needs no event loop: engine and thread end. A call that hangs is left behind."""
        self._drain()
        if self._released:
            return
        if self._stuck or self._thread.running_s > self._limits.call_s:
            _LOG.error("%s is left behind: %s", self.spec.name, self._complaint())
            return
        self._released = True
        closed = self._thread.call(self._engine.close)
        if not self._thread.end(timeout_s):
            _LOG.error("%s did not close in %g s", self.spec.name, timeout_s)
        elif error := closed.exception():
            raise error

    def __repr__(self) -> str:
        return f"{self._choice.family} {self.spec.name} on {self._choice.placement.device}: {self.state}"

    def _ask(self, requests: list[Any]) -> Future[list[Any]]:
        return self._thread.call(partial(self._engine.infer, requests))

    def _called(self, run: BatchRun) -> None:
        self._tally.called(run)
        self._meter.called(run)
        self.report()

    def _complaint(self) -> str:
        if self._failure:
            return self._failure
        if self._state != "starting" and self._thread.running_s > self._limits.call_s:
            return f"a call of its model has run for more than {self._limits.call_s:g} s"
        if not self._released and not self._thread.alive:
            return "the thread of its model died"
        return ""

    def _drain(self) -> None:
        if self._state not in ("failed", "draining"):
            self._turn("draining")

    def _turn(self, state: EngineState) -> None:
        self._state = state
        self.report()
