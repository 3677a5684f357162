"""How does a caller ask a hosted engine, without asking for more than it takes?

    infer(items, lane) -> window of the lane -> Serve handle -> replica -> lane batcher -> model

What a client has under way stays under the deployment's limit: beyond it Serve's router backs off and everything
collapses (measured: 571 items/s within it, 235 beyond). Bulk work gets three quarters, the rest is kept for interactive
requests. Errors arrive as ours. What is `Unavailable` is asked again, which is safe, since engines are pure.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Self, TypeVar

from actors.host_stats import HostStats
from actors.hosting import HostingPlan
from actors.lane_batcher import LANES, Lane
from schemas.errors import Defect, ReelwrightError, Unavailable

T = TypeVar("T")

BATCH_PART = 0.75
"""Of what the replicas have under way at once, the part of one bulk client."""

ATTEMPTS = 5
"""A replica that hangs is replaced after three bad health checks; the pauses between the attempts span that."""

DEATHS = 2
"""A request that was there when so many replicas died may be why, and is not given to a third."""

FIRST_PAUSE_S = 0.25
"""Doubled after each attempt."""

DEADLINE_S = 900.0
"""For one request with all its attempts; the first one may have to wait until a model is loaded."""

COUNT_AGAIN_S = 5.0
"""So often a client asks how many replicas there are."""

_LOG = logging.getLogger(__name__)


def window_sizes(max_ongoing_requests: int, replicas: int) -> dict[Lane, int]:
    """Requests that one client may have under way in each lane; together they never pass the limit."""
    whole = max_ongoing_requests * max(1, replicas)
    batch = max(1, int(whole * BATCH_PART))
    return {"batch": batch, "interactive": max(1, whole - batch)}


class Window:
    """At most `size` at a time, first come first served; the size may change."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def resize(self, size: int) -> None:
        """From now on; those inside stay."""
        self._size = size
        self._admit()

    async def __aenter__(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self._admit()
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self._inside -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._inside < self._size:
            place = self._waiting.popleft()
            if not place.done():
                self._inside += 1
                place.set_result(None)


class EngineClient:
    """Asks the deployment of a plan. Belongs to one event loop."""

    def __init__(
        self,
        plan: HostingPlan,
        *,
        handle: Any = None,
        count_replicas: Callable[[], int] | None = None,
        deadline_s: float = DEADLINE_S,
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        """Connects on the first request.

        Args:
            plan: whose deployment.
            handle: its Serve handle; looked up when None.
            count_replicas: how many run; asked of Serve when None.
            deadline_s: for one request with all its attempts.
            first_pause_s: before the second attempt.
        """
        self._plan = plan
        self._given = handle
        self._count = count_replicas or self._running_replicas
        self._deadline_s = deadline_s
        self._first_pause_s = first_pause_s
        sizes = window_sizes(plan.max_ongoing_requests, plan.fleet.min_replicas)
        self._windows = {lane: Window(sizes[lane]) for lane in LANES}
        self._counted_s = time.monotonic() - COUNT_AGAIN_S

    async def infer(self, requests: Sequence[Any], lane: Lane = "interactive") -> list[Any]:
        """One result per request, in order. A cancelled call is cancelled in the replica too.

        Raises:
            InvalidInput: one of these requests cannot be served.
            Unavailable: no replica answered, in none of the attempts or not before the deadline.
        """
        try:
            async with asyncio.timeout(self._deadline_s):
                await self._fit()
                async with self._windows[lane]:
                    return await self._attempts(requests, lane)
        except TimeoutError as exc:
            raise Unavailable(f"{self._plan.app} did not answer in {self._deadline_s:g} s") from exc

    async def stats(self) -> HostStats:
        """How a replica does; one of them, as the router picks.

        Raises:
            Unavailable: none answers.
        """
        stats: HostStats = await self._ask("stats")
        return stats

    async def _attempts(self, requests: Sequence[Any], lane: Lane) -> list[Any]:
        attempt = died = 0
        while True:
            try:
                return list(await self._ask("infer", list(requests), lane))
            except Unavailable as exc:
                attempt, died = attempt + 1, died + ("died" in exc.detail)
                if attempt == ATTEMPTS or died == DEATHS:
                    raise
                _LOG.warning("%s is asked again: %s", self._plan.app, exc.message)
            await asyncio.sleep(self._first_pause_s * 2 ** (attempt - 1))

    async def _ask(self, verb: str, *arguments: Any) -> Any:
        try:
            response = getattr(self._handle(), verb).remote(*arguments)
            try:
                return await response
            except asyncio.CancelledError:
                response.cancel()
                raise
        except Exception as exc:
            raise our_error(exc) from exc

    def _handle(self) -> Any:
        if self._given is None:
            from ray import serve as ray_serve

            self._given = ray_serve.get_deployment_handle(self._plan.deployment, self._plan.app)
        return self._given

    async def _fit(self) -> None:
        """Sizes the windows to the replicas that run, now and then."""
        now_s = time.monotonic()
        if self._plan.fleet.max_replicas == 1 or now_s - self._counted_s < COUNT_AGAIN_S:
            return
        self._counted_s = now_s
        sizes = window_sizes(self._plan.max_ongoing_requests, await asyncio.to_thread(self._count))
        for lane, window in self._windows.items():
            window.resize(sizes[lane])

    def _running_replicas(self) -> int:
        from ray import serve as ray_serve

        status = ray_serve.status().applications[self._plan.app].deployments[self._plan.deployment]
        return sum(count for state, count in status.replica_states.items() if state == "RUNNING")


class BlockingClient:
    """An EngineClient for code without an event loop; it has one of its own, in a thread."""

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine-client", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def infer(self, requests: Sequence[Any], lane: Lane = "interactive") -> list[Any]:
        """As `EngineClient.infer`, from any thread."""
        return self._wait(self._client.infer(requests, lane))

    def stats(self) -> HostStats:
        """As `EngineClient.stats`."""
        return self._wait(self._client.stats())

    def close(self) -> None:
        """Ends the thread; harmless twice."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        answer = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return answer.result()
        except BaseException:
            answer.cancel()  # Ctrl-C here ends the request there
            raise


def our_error(exc: BaseException) -> ReelwrightError:
    """What an exception from a Ray call or a Ray dataset stands for: our own error in it, or which kind it is.

    Ray wraps an error of ours, once or several times, and puts process ids and addresses into its text.
    """
    inner: BaseException | None = exc
    while inner is not None:
        cause = getattr(inner, "cause", None)
        if isinstance(inner, ReelwrightError) and not isinstance(cause, ReelwrightError):
            return inner
        inner = cause if isinstance(cause, BaseException) else inner.__cause__
    cause = getattr(exc, "cause", None)
    if isinstance(cause, Exception):
        return our_error(cause)
    kinds = type(exc).__mro__
    if any(kind.__name__ == "ActorDiedError" for kind in kinds):
        return Unavailable("the process of the engine died", died=True)
    # By name, since importing Ray takes a second and this is asked in processes without it too.
    if any(kind.__module__.startswith("ray.") for kind in kinds):
        return Unavailable(f"Ray gave no answer: {type(exc).__name__}")
    return Defect(f"{type(exc).__name__}: {exc}")
