"""The loop that sends callbacks: it goes on, waits, and ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from schemas.errors import Unavailable
from serve import callbacks
from serve.callbacks import CallbackLoop


class Script:
    """A sender that does one thing after the other, and then finds nothing due."""

    def __init__(self, *steps: Exception | str) -> None:
        self.steps: Iterator[Exception | str] = iter(steps)
        self.looks = 0
        self.idle = threading.Event()

    def send_next(self, sender: str) -> str | None:
        assert sender == "w1"
        self.looks += 1
        step = next(self.steps, None)
        if step is None:
            self.idle.set()
        if isinstance(step, Exception):
            raise step
        return step


@pytest.fixture
def looping() -> Iterator[Callable[[Script], tuple[CallbackLoop, threading.Thread]]]:
    running = []

    def start(script: Script) -> tuple[CallbackLoop, threading.Thread]:
        loop = CallbackLoop(script, "w1")  # type: ignore[arg-type]
        thread = threading.Thread(target=loop.run)
        running.append((loop, thread))
        thread.start()
        return loop, thread

    yield start
    for loop, thread in running:
        loop.stop()
        thread.join(10)
        assert not thread.is_alive()


def test_loop_sends_whatever_is_due_and_waits_for_a_database_that_is_away(looping, monkeypatch):
    monkeypatch.setattr(callbacks, "AWAY_S", 0.01)
    monkeypatch.setattr(callbacks, "IDLE_S", 3600.0)
    script = Script("msg_1", Unavailable("the database is away"), Unavailable("still"), "msg_2", "msg_3")
    looping(script)
    assert script.idle.wait(10) and script.looks == 6


def test_stopped_loop_looks_once_more_and_ends_at_once(looping, monkeypatch):
    monkeypatch.setattr(callbacks, "IDLE_S", 3600.0)
    script = Script()
    loop, thread = looping(script)
    assert script.idle.wait(10)
    script.steps = iter(["the last job's", "another", "one more"])
    loop.stop()
    thread.join(10)
    assert not thread.is_alive() and next(script.steps) == "another"


def test_idle_loop_looks_about_once_a_second(looping, monkeypatch):
    """What a second costs the database: see `IDLE_S`."""
    waits: list[float] = []

    class Stopping(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            if len(waits) == 200:
                self.set()
            return super().wait(0)

    monkeypatch.setattr(callbacks.threading, "Event", Stopping)
    loop = CallbackLoop(Script(), "w1")  # type: ignore[arg-type]
    monkeypatch.undo()
    loop.run()
    assert 0.5 <= min(waits) < 0.8 and 1.2 < max(waits) <= 1.5


def test_loop_that_meets_something_unknown_breaks(looping):
    loop = CallbackLoop(Script(KeyError("of ours")), "w1")  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        loop.run()
