"""Where shots are rendered: in this process, or as tasks on a local Ray. The bytes are the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from cluster.ray_session import is_connected, ray_here
from schemas.errors import Defect, ReelwrightError, Unavailable

RAY_START_S = 7.0
"""What a private Ray costs to start, import our modules in its workers and stop again: 8 s for three empty tasks on two
loaded cores, less on idle ones."""

TASK_START_S = 3.0
"""What tasks on a Ray that runs cost: its workers import our modules first."""

SHARED_TASK_CPUS = 0.2
"""What a task asks of a Ray that it shares: on two CPUs the server's own parts and the tasks of several runs fit beside
each other, so that none waits for what another holds. How many run at once is counted, not bounded by this."""

TASK_RETRIES = 1
"""A worker that dies (out of memory, killed) costs one more try of its task; the task writes to its own folder."""


@dataclass(frozen=True)
class InProcess:
    """One after the other, here."""

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterator[tuple[int, Any, float]]:
        for index, payload in enumerate(payloads):
            started = time.perf_counter()
            result = _caught(function, payload)
            yield index, result, time.perf_counter() - started


@dataclass(frozen=True)
class InThreads:
    """Several side by side in threads of this process, for functions that leave the interpreter for most of their time.

    What is given out waits until somebody takes it: as many results as threads are held at most.
    """

    threads: int

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterator[tuple[int, Any, float]]:
        with ThreadPoolExecutor(self.threads, "executor") as pool:
            waiting = list(enumerate(payloads))[::-1]
            running: dict[Future[tuple[Any, float]], int] = {}
            try:
                while waiting or running:
                    while waiting and len(running) < self.threads:
                        index, payload = waiting.pop()
                        running[pool.submit(_timed, function, payload)] = index
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        result, seconds = future.result()
                        yield running.pop(future), result, seconds
            finally:
                pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class RayTasks:
    """As many at once as there are CPUs: on the Ray that this process is part of, else on one of our own.

    A task needs nothing of another. On a shared Ray no more of them are given out than may run.
    """

    num_cpus: int

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterator[tuple[int, Any, float]]:
        cpus, most = (SHARED_TASK_CPUS, self.num_cpus) if is_connected() else (1, len(payloads))
        with ray_here(self.num_cpus) as ray:
            remote = ray.remote(num_cpus=cpus, max_retries=TASK_RETRIES)(_timed)
            waiting = list(enumerate(payloads))[::-1]
            running: dict[Any, int] = {}
            try:
                while waiting or running:
                    while waiting and len(running) < most:
                        index, payload = waiting.pop()
                        running[remote.remote(function, payload)] = index
                    (done,), _ = ray.wait(list(running), num_returns=1)
                    index = running.pop(done)
                    try:
                        result, seconds = ray.get(done)
                    except ray.exceptions.RayTaskError as exc:
                        result, seconds = exc.cause, 0.0
                    except ray.exceptions.RayError as exc:
                        result, seconds = Unavailable(f"a render worker died: {type(exc).__name__}"), 0.0
                    yield index, result, seconds
            finally:
                for task in running:
                    ray.cancel(task)


def worthwhile(estimated_s: float, num_cpus: int, *, in_process: bool) -> InProcess | RayTasks:
    """Ray when what it saves by using every CPU is more than it costs to start; one that runs already costs little."""
    saved_s = estimated_s * (1 - 1 / num_cpus) if num_cpus > 1 else 0.0
    if in_process or saved_s <= (TASK_START_S if is_connected() else RAY_START_S):
        return InProcess()
    return RayTasks(num_cpus)


def _timed(function: Callable[[Any], Any], payload: Any) -> tuple[Any, float]:
    started = time.perf_counter()
    result = _caught(function, payload)
    return result, time.perf_counter() - started


def _caught(function: Callable[[Any], Any], payload: Any) -> Any:
    """The result, or the exception as a value: one failed shot must not end the others."""
    try:
        return function(payload)
    except ReelwrightError as exc:
        return exc
    except Exception as exc:  # noqa: BLE001 - becomes the item's failure, in a form that pickles
        return Defect(f"{type(exc).__name__}: {exc}")
