"""The process of a worker, without Ray around it: both of its threads or none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.deployed import DeployedBuild
from cluster.jobs.queue import LeaseTimes
from cluster.settings import EngineSettings, Settings
from serve import server
from serve.callbacks import CallbackLoop
from serve.server import WorkerActor
from serve.workers import Worker
from tests.operated_server import logging_as_before


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with logging_as_before():
        yield Settings.load(store=tmp_path / "store")


def actor_of(settings: Settings) -> WorkerActor:
    return WorkerActor(settings, EngineSettings.load(), DeployedBuild({}), "w1", ("cpu_queue",), LeaseTimes())


@pytest.mark.parametrize("part", [Worker, CallbackLoop])
def test_thread_that_breaks_takes_the_process_with_it(settings, monkeypatch, part):
    codes: list[int] = []
    exited = threading.Event()

    def exit_with(code: int) -> None:
        codes.append(code)
        exited.set()

    def breaks(_: object) -> None:
        raise KeyError("of ours")

    monkeypatch.setattr(server.os, "_exit", exit_with)
    monkeypatch.setattr(part, "run", breaks)
    actor = actor_of(settings)
    assert exited.wait(10) and codes == [1]
    actor.stop()
    assert f'"event": "{part.__name__} of w1 broke"' in (settings.log_folder() / "w1.jsonl").read_text()


@pytest.mark.parametrize("part", [Worker, CallbackLoop])
def test_actor_one_of_whose_threads_ended_is_not_ready(settings, monkeypatch, part):
    monkeypatch.setattr(part, "run", lambda _: None)
    actor = actor_of(settings)
    for thread in threading.enumerate():
        if thread.name == ("w1" if part is Worker else "callbacks-w1"):
            thread.join(10)
    assert not actor.ready()
    actor.stop()
