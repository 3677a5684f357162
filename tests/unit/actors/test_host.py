"""An engine's life in one process: loaded once, in its own thread, watched without being asked, and gone in time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from actors.catalogue import EngineChoice
from actors.host import EngineHost, HostLimits
from actors.host_stats import EngineState
from actors.lane_batcher import BatchRun, Lane
from schemas.errors import Defect, InvalidInput, Unavailable
from tests.scripted_engine import Script, ScriptedEngine, build_scripted, scripted_choice

SHORT = HostLimits(call_s=0.05, load_s=0.05)


class Notes:
    """A meter that keeps what it is told."""

    def __init__(self) -> None:
        self.states: list[EngineState] = []
        self.loads: list[float] = []
        self.sizes: list[int] = []
        self.items: dict[Lane, int] = {}
        self.depths: list[tuple[Lane, int]] = []

    def loaded(self, seconds: float) -> None:
        self.loads.append(seconds)

    def turned(self, state: EngineState) -> None:
        self.states.append(state)

    def waiting(self, lane: Lane, items: int) -> None:
        self.depths.append((lane, items))

    def called(self, run: BatchRun) -> None:
        self.sizes.append(run.items)

    def answered(self, lane: Lane, items: int, seconds: float) -> None:
        self.items[lane] = self.items.get(lane, 0) + items


class Gate:
    """An engine whose calls wait until the test lets them go on."""

    def __init__(self) -> None:
        self.opened, self.entered = threading.Event(), threading.Event()
        self.scripted = ScriptedEngine()

    def build(self, choice: EngineChoice) -> Any:
        self.scripted = engine = build_scripted(choice)
        infer = engine.infer

        def gated(batch: Any) -> list[int]:
            self.entered.set()
            self.opened.wait(10)
            return infer(batch)

        engine.infer = gated  # type: ignore[method-assign]
        return engine


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 20))


def host_of(**given: Any) -> EngineHost:
    options = given.pop("options", {})
    return EngineHost(scripted_choice(**options), **{"build": build_scripted, **given})


def test_host_loads_asks_and_closes_the_engine_in_one_thread():
    gate = Gate()
    gate.opened.set()

    async def test() -> None:
        host = host_of(build=gate.build)
        await host.start()
        assert await host.infer([Script(2), Script(3)]) == [4, 6]
        await host.close(5)

    run(test)
    assert len(gate.scripted.thread_names) == 3
    assert len(set(gate.scripted.thread_names)) == 1
    assert gate.scripted.thread_names[0] != threading.current_thread().name


def test_host_tells_its_state_at_every_step():
    gate, seen = Gate(), []

    async def test() -> None:
        host = host_of(build=gate.build)
        seen.append(host.state)
        await host.start()
        seen.append(host.state)
        answer = asyncio.create_task(host.infer([Script(1)]))
        await asyncio.to_thread(gate.entered.wait, 10)
        seen.append(host.state)
        host.check_health()
        assert "scripts scripted on cpu: busy" in repr(host)
        closing = asyncio.create_task(host.close(10))
        await asyncio.sleep(0)
        seen.append(host.state)
        gate.opened.set()
        await closing
        assert await answer == [2]

    run(test)
    assert seen == ["starting", "ready", "busy", "draining"]


def test_host_counts_what_it_did_and_tells_its_meter():
    notes = Notes()

    async def test() -> None:
        host = host_of(meter=notes, options={"batch": 4})
        await host.start()
        await host.infer([Script(number) for number in range(6)], "batch")
        await host.infer([Script(1)])
        stats = host.stats()
        assert (stats.family, stats.backend, stats.device) == ("scripts", "scripted", "cpu")
        assert (stats.calls, stats.mean_batch_items) == (3, pytest.approx(7 / 3))
        assert (stats.lanes["batch"].items, stats.lanes["interactive"].items) == (6, 1)
        assert stats.lanes["batch"].waiting_items == 0
        assert 0 < stats.lanes["interactive"].p50_s <= stats.lanes["interactive"].p95_s
        assert stats.load_s > 0
        assert stats.calls_s > stats.call_p50_s > 0
        await host.close(5)

    run(test)
    assert [notes.states[0], notes.states[-1]] == ["ready", "draining"]
    assert notes.loads[-1] > 0
    assert notes.sizes == [4, 2, 1]
    assert notes.items == {"batch": 6, "interactive": 1}
    assert ("batch", 6) in notes.depths
    assert notes.depths[-1][1] == 0


@pytest.mark.parametrize(
    ("load", "expected", "message"),
    [
        ("refuse", Unavailable, "does not load"),
        ("fail", Defect, "OSError: the script says"),
        ("hang", Unavailable, r"did not load in 0\.05 s"),
    ],
)
def test_engine_that_does_not_load_leaves_a_failed_host_that_says_why(load, expected, message):
    async def test() -> None:
        host = host_of(options={"load": load}, limits=HostLimits(call_s=60, load_s=0.05))
        with pytest.raises(expected, match=message):
            await host.start()
        assert host.state == "failed"
        with pytest.raises(Unavailable, match=message):
            host.check_health()
        with pytest.raises(Unavailable, match=message):
            await host.infer([Script(1)])
        await host.close(1)

    run(test)


def test_engine_that_does_not_load_is_closed_and_its_thread_ends():
    gate = Gate()
    before = threading.active_count()

    async def test() -> None:
        with pytest.raises(Unavailable):
            await host_of(build=gate.build, options={"load": "refuse"}).start()

    run(test)
    assert gate.scripted.closed
    assert threading.active_count() == before


def test_host_asked_before_it_is_loaded_refuses():
    async def test() -> None:
        with pytest.raises(Unavailable, match="scripted is starting"):
            await host_of().infer([Script(1)])

    run(test)


def test_call_that_hangs_is_seen_by_the_health_check_and_fails_its_caller():
    async def test() -> None:
        host = host_of(limits=SHORT)
        await host.start()
        with pytest.raises(Unavailable, match=r"more than 0\.05 s"):
            await host.infer([Script(1, "hang")])
        while host.stats().running_s <= SHORT.call_s:
            await asyncio.sleep(0)
        with pytest.raises(Unavailable, match=r"more than 0\.05 s"):
            host.check_health()
        assert (host.state, host.stats().state) == ("failed", "failed")
        await host.close(1)

    run(test)


def test_health_check_answers_while_the_model_works():
    gate = Gate()

    async def test() -> None:
        host = host_of(build=gate.build)
        await host.start()
        answer = asyncio.create_task(host.infer([Script(1)]))
        await asyncio.to_thread(gate.entered.wait, 10)
        host.check_health()
        gate.opened.set()
        await answer
        await host.close(5)

    run(test)


def test_what_a_library_raises_is_a_defect_and_the_host_goes_on():
    async def test() -> None:
        host = host_of()
        await host.start()
        with pytest.raises(Defect, match="ValueError: 4 fails"):
            await host.infer([Script(4, "fail")])
        with pytest.raises(InvalidInput, match="5 is refused"):
            await host.infer([Script(5, "refuse")])
        host.check_health()
        assert await host.infer([Script(6)]) == [12]
        await host.close(5)

    run(test)


def test_close_with_a_hanging_model_ends_in_time_and_twice_is_harmless():
    async def test() -> None:
        host = host_of()
        await host.start()
        answer = asyncio.create_task(host.infer([Script(1, "hang")]))
        while host.state != "busy":
            await asyncio.sleep(0)
        await host.close(0.05)
        with pytest.raises(Unavailable, match="closed before"):
            await answer
        await host.close(0.05)

    run(test)


def test_close_of_a_host_that_was_never_started_ends_its_thread():
    before = threading.active_count()
    run(lambda: host_of().close(5))
    assert threading.active_count() == before


def test_host_that_was_closed_is_left_alone_by_a_second_close():
    async def test() -> None:
        host = host_of()
        await host.start()
        await host.close(5)
        await host.close(5)
        host.release(5)

    run(test)
