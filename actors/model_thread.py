"""Where does a model run? In one thread of its own: load, every call and close, one after the other.

One thread, since OpenMP keeps its number of threads per calling thread: only the thread that loaded a model computes
with what the model set there. A daemon, since a call that hangs cannot be ended and must not keep the process from
ending. `running_s` needs no lock that the model holds.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from schemas.errors import Defect, ReelwrightError, Unavailable

T = TypeVar("T")

_LOG = logging.getLogger(__name__)


class ModelThread:
    """Runs functions in the order in which they were given."""

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._began_s: float | None = None
        self._ended = False
        self._lock = threading.Lock()
        """Held while something is put in the queue: nothing may stand behind its end."""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def call(self, function: Callable[[], T]) -> Future[T]:
        """The answer of `function()`, to come: its result, or an error of ours. Cancelled early, it does not run.

        Raises:
            Unavailable: the thread was ended.
        """
        answer: Future[T] = Future()
        with self._lock:
            if self._ended:
                raise Unavailable(f"{self._thread.name} has ended")
            self._queue.put((answer, function))
        return answer

    @property
    def running_s(self) -> float:
        """How long the call that runs now has run, seconds; 0 when none does."""
        began_s = self._began_s
        return 0.0 if began_s is None else time.monotonic() - began_s

    @property
    def alive(self) -> bool:
        """False once it was ended, or when it died, as threads do in a forked child."""
        return self._thread.is_alive()

    def end(self, timeout_s: float) -> bool:
        """Ends it after what was given to it; True when that took at most `timeout_s`."""
        with self._lock:
            if not self._ended:
                self._ended = True
                self._queue.put(None)
        self._thread.join(max(0.0, timeout_s))
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            answer, function = job
            if not answer.set_running_or_notify_cancel():
                continue
            self._began_s = time.monotonic()
            try:
                result = function()
            except BaseException as exc:  # noqa: BLE001 - whatever it was, its caller is told and the thread lives on
                self._began_s = None
                answer.set_exception(_as_ours(exc))
            else:
                self._began_s = None
                answer.set_result(result)


def _as_ours(error: BaseException) -> ReelwrightError:
    """What an engine's libraries raise is a defect of the engine; the log has the way to it."""
    if isinstance(error, ReelwrightError):
        return error
    _LOG.error("a model failed", exc_info=error)
    defect = Defect(f"{type(error).__name__}: {error}")
    defect.__cause__ = error
    return defect


async def settled(answer: Future[T], timeout_s: float) -> asyncio.Future[T] | None:
    """`answer` for this event loop, once it has a result or an error; None when it has neither after `timeout_s`."""
    mine = asyncio.wrap_future(answer)
    mine.add_done_callback(_seen)
    done, _ = await asyncio.wait({mine}, timeout=timeout_s)
    return mine if done else None


def _seen(answer: asyncio.Future[Any]) -> None:
    """asyncio reports errors that nobody looked at; the late one of a call that was given up needs no report."""
    if not answer.cancelled():
        answer.exception()
