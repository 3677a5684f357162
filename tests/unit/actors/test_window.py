"""A client never asks for more than the replicas take, asks again where that is safe, and gives errors of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from actors.hosting import Fleet, plan_hosting
from actors.placement import HostFacts
from actors.window import ATTEMPTS, BlockingClient, EngineClient, Window, our_error, window_sizes
from schemas.errors import Defect, InvalidInput, Unavailable
from tests.scripted_engine import build_scripted, scripted_choice

Answer = Callable[[list[int], str], Awaitable[Any]]


class Handle:
    """A Serve handle of one deployment whose `infer` is the given function."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.infer = self
        self.asked = self.under_way = self.most = self.cancelled = 0

    def remote(self, requests: list[int], lane: str) -> Any:
        handle = self

        class Response:
            def __await__(self) -> Any:
                return handle._counted(requests, lane).__await__()

            def cancel(self) -> None:
                handle.cancelled += 1

        return Response()

    async def _counted(self, requests: list[int], lane: str) -> Any:
        self.asked += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await self._answer(requests, lane)
        finally:
            self.under_way -= 1


async def doubled(requests: list[int], lane: str) -> list[int]:
    for _ in range(5):
        await asyncio.sleep(0)
    return [2 * number for number in requests]


def client_of(handle: Handle, *, max_replicas: int = 1, **given: Any) -> EngineClient:
    fleet = Fleet(1, max_replicas, 0.1)
    plan = plan_hosting(scripted_choice(batch=4), HostFacts(2, 1000), fleet, build=build_scripted)
    return EngineClient(plan, handle=handle, **{"first_pause_s": 0.0, **given})


@pytest.mark.parametrize("limit", [1, 2, 5, 16, 64, 100])
@pytest.mark.parametrize("replicas", [0, 1, 2, 7])
def test_windows_of_both_lanes_stay_within_what_the_replicas_take(limit, replicas):
    sizes = window_sizes(limit, replicas)
    assert min(sizes.values()) >= 1
    assert sizes["batch"] <= max(1, 0.75 * limit * max(1, replicas))
    assert sum(sizes.values()) <= max(2, limit * max(1, replicas))


def test_flood_of_batch_calls_keeps_to_its_window_and_interactive_ones_pass_by():
    handle = Handle(doubled)
    client = client_of(handle)

    async def flood() -> list[Any]:
        batch = [client.infer([number], "batch") for number in range(100)]
        return await asyncio.gather(*batch)

    assert asyncio.run(flood()) == [[2 * number] for number in range(100)]
    assert handle.most == 12

    released = asyncio.Event()

    async def held(requests: list[int], lane: str) -> list[int]:
        if lane == "batch":
            await released.wait()
        return requests

    async def beside() -> None:
        client = client_of(Handle(held))
        batch = [asyncio.create_task(client.infer([number], "batch")) for number in range(50)]
        for _ in range(5):
            await asyncio.sleep(0)
        assert await client.infer([7], "interactive") == [7]
        released.set()
        await asyncio.gather(*batch)

    asyncio.run(asyncio.wait_for(beside(), 10))


def test_window_grows_with_the_replicas_that_run():
    handle = Handle(doubled)
    client = client_of(handle, max_replicas=4, count_replicas=lambda: 3)

    async def flood() -> None:
        await asyncio.gather(*(client.infer([number], "batch") for number in range(100)))

    asyncio.run(flood())
    assert handle.most == 36


def test_window_place_of_a_cancelled_call_is_given_back():
    async def test() -> None:
        window = Window(1)
        entered = asyncio.Event()

        async def stay() -> None:
            async with window:
                entered.set()
                await asyncio.Event().wait()

        inside, waiting = asyncio.create_task(stay()), asyncio.create_task(stay())
        await entered.wait()
        waiting.cancel()
        inside.cancel()
        await asyncio.gather(inside, waiting, return_exceptions=True)
        async with window:
            pass

    asyncio.run(asyncio.wait_for(test(), 10))


def test_window_place_given_to_a_call_that_is_cancelled_at_that_moment_is_given_back():
    async def test() -> None:
        window = Window(1)

        async def stay() -> None:
            async with window:
                pass

        async with window:
            waiting = asyncio.create_task(stay())
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        async with window:
            pass

    asyncio.run(asyncio.wait_for(test(), 10))


def failing(*errors: Exception) -> Answer:
    """Raises one error after the other, then doubles."""
    left = list(errors)

    async def answer(requests: list[int], lane: str) -> list[int]:
        if left:
            raise left.pop(0)
        return [2 * number for number in requests]

    return answer


def test_unavailable_is_asked_again_and_what_is_wrong_with_the_request_is_not():
    handle = Handle(failing(Unavailable("full"), Unavailable("full")))
    assert asyncio.run(client_of(handle).infer([4])) == [8]
    assert handle.asked == 3
    handle = Handle(failing(InvalidInput("no", number=4)))
    with pytest.raises(InvalidInput):
        asyncio.run(client_of(handle).infer([4]))
    assert handle.asked == 1


def test_engine_that_stays_away_is_unavailable_after_a_bounded_number_of_attempts():
    handle = Handle(failing(*(Unavailable(f"full {number}") for number in range(99))))
    with pytest.raises(Unavailable, match=f"full {ATTEMPTS - 1}"):
        asyncio.run(client_of(handle).infer([4]))
    assert handle.asked == ATTEMPTS


def test_request_that_two_replicas_died_with_is_not_given_to_a_third():
    handle = Handle(failing(*(Unavailable("died", died=True) for _ in range(9))))
    with pytest.raises(Unavailable, match="died"):
        asyncio.run(client_of(handle).infer([4]))
    assert handle.asked == 2


async def never(requests: list[int], lane: str) -> Any:
    await asyncio.Event().wait()


def test_call_without_an_answer_ends_at_its_deadline_and_is_cancelled_there():
    handle = Handle(never)
    with pytest.raises(Unavailable, match=r"did not answer in 0\.05 s"):
        asyncio.run(client_of(handle, deadline_s=0.05).infer([1]))
    assert handle.cancelled == 1


def test_cancelled_call_is_cancelled_in_the_replica():
    handle = Handle(never)

    async def test() -> None:
        task = asyncio.create_task(client_of(handle).infer([1]))
        while not handle.asked:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(test())
    assert handle.cancelled == 1


def test_blocking_client_answers_raises_and_closes_twice():
    with BlockingClient(client_of(Handle(doubled))) as client:
        assert client.infer([1, 2], "batch") == [2, 4]
    client.close()
    with BlockingClient(client_of(Handle(failing(InvalidInput("no"))))) as client, pytest.raises(InvalidInput):
        client.infer([1])


class Wrapped(Exception):
    """As Ray wraps: the real error in `cause`."""

    def __init__(self, cause: Exception | None) -> None:
        super().__init__("pid=1, ip=192.0.2.1")
        self.cause = cause


def test_error_of_ours_is_found_in_whatever_is_around_it():
    inner = InvalidInput("the request", number=3)
    outer = ValueError("wrapped again")
    outer.__cause__ = Wrapped(inner)
    assert our_error(inner) is inner
    assert our_error(Wrapped(inner)) is inner
    assert our_error(outer) is inner


def test_foreign_error_is_a_defect_without_process_ids_in_it():
    error = our_error(Wrapped(KeyError("boxes")))
    assert isinstance(error, Defect)
    assert error.message == "KeyError: 'boxes'"
