"""Interactive requests first, the batch lane behind, and nobody pays for another caller."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.lane_batcher import LANES, BatchRun, LaneBatcher, LaneLimits
from schemas.errors import Defect, InvalidInput, Unavailable


class Model:
    """Doubles numbers. Each call waits until the test says `answer`; at the end they are answered by themselves."""

    def __init__(self, *, by_itself: bool = False) -> None:
        self.calls: list[list[int]] = []
        self.open: list[tuple[list[int], Future[list[int]]]] = []
        self._by_itself = by_itself

    def __call__(self, requests: list[int]) -> Future[list[int]]:
        future: Future[list[int]] = Future()
        self.calls.append(requests)
        self.open.append((requests, future))
        if self._by_itself:
            self._end()
        return future

    async def answer(self, error: Exception | None = None) -> None:
        self._end(error)
        await turns()

    def _end(self, error: Exception | None = None) -> None:
        requests, future = self.open.pop(0)
        if error is None and -1 in requests:
            error = InvalidInput("-1 cannot be served")
        if error:
            future.set_exception(error)
        else:
            future.set_result([2 * number for number in requests])


async def turns() -> None:
    """Lets everything that can run, run."""
    for _ in range(20):
        await asyncio.sleep(0)


def batcher_of(
    model: Callable[..., Any], *, cap: int = 4, reserve: int = 1, batch_limit: int = 32, limit_s: float = 9.0
):
    return LaneBatcher[int, int](model, LaneLimits(cap, reserve, batch_limit, limit_s))


def run(test: Callable[[Model], Awaitable[None]]) -> Model:
    model = Model()
    asyncio.run(asyncio.wait_for(test(model), 10))
    return model


def test_idle_batcher_runs_a_single_request_at_once():
    async def test(model: Model) -> None:
        answer = asyncio.create_task(batcher_of(model).infer([3], "batch"))
        await turns()
        assert model.calls == [[3]]
        await model.answer()
        assert answer.result() == [6]

    run(test)


def test_interactive_request_that_comes_last_goes_with_the_next_call_before_the_batch_lane():
    async def test(model: Model) -> None:
        batcher = batcher_of(model)
        flood = [asyncio.create_task(batcher.infer([number], "batch")) for number in range(10)]
        await turns()
        probe = asyncio.create_task(batcher.infer([100], "interactive"))
        await turns()
        await model.answer()
        assert model.calls[1] == [100, 3, 4, 5]
        await model.answer()
        assert probe.result() == [200]
        while model.open:
            await model.answer()
        assert await asyncio.gather(*flood) == [[2 * number] for number in range(10)]

    run(test)


def test_batch_lane_leaves_the_reserved_places_and_interactive_requests_fill_the_whole_call():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=4, reserve=2)
        tasks = [asyncio.create_task(batcher.infer([0]))]
        await turns()
        tasks += [asyncio.create_task(batcher.infer([number], "batch")) for number in range(3)]
        await turns()
        await model.answer()
        assert len(model.calls[1]) == 2
        tasks += [asyncio.create_task(batcher.infer([number])) for number in range(6)]
        await turns()
        await model.answer()
        assert len(model.calls[2]) == 4
        while model.open:
            await model.answer()
        await asyncio.gather(*tasks)

    run(test)


def test_more_requests_than_a_call_takes_are_cut_and_answered_in_order():
    async def test(model: Model) -> None:
        answer = asyncio.create_task(batcher_of(model, cap=4).infer(list(range(10))))
        await turns()
        while model.open:
            await model.answer()
        assert answer.result() == [2 * number for number in range(10)]

    assert [len(call) for call in run(test).calls] == [4, 4, 2]


def test_call_that_fails_fails_its_callers_and_no_others():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=2)
        tasks = [asyncio.create_task(batcher.infer([number])) for number in range(4)]
        await turns()
        await model.answer(Unavailable("the model is away"))
        await model.answer()
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in errors] == [Unavailable, Unavailable, list, list]

    run(test)


def test_request_that_cannot_be_served_spares_those_that_share_its_call():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=4)
        tasks = [asyncio.create_task(batcher.infer(numbers)) for numbers in ([1], [-1, 2], [3])]
        await turns()
        while model.open:
            await model.answer()
        first, second, third = await asyncio.gather(*tasks, return_exceptions=True)
        assert (first, third) == ([2], [6])
        assert isinstance(second, InvalidInput)

    assert run(test).calls == [[1, -1, 2, 3], [1], [-1, 2], [3]]


def test_caller_cut_over_two_calls_that_fails_in_the_first_leaves_nothing_in_its_lane():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=4)
        task = asyncio.create_task(batcher.infer([-1, 1, 2, 3, 4, 5]))
        await turns()
        await model.answer()
        assert isinstance(task.exception(), InvalidInput)
        assert batcher.waiting("interactive") == 0

    assert len(run(test).calls) == 1


def test_cancelled_caller_takes_its_waiting_requests_along():
    async def test(model: Model) -> None:
        batcher = batcher_of(model)
        first = asyncio.create_task(batcher.infer([0]))
        await turns()
        gone = asyncio.create_task(batcher.infer([1, 2]))
        stays = asyncio.create_task(batcher.infer([3]))
        await turns()
        gone.cancel()
        await turns()
        assert batcher.waiting("interactive") == 1
        await model.answer()
        await model.answer()
        assert (first.result(), stays.result()) == ([0], [6])

    assert run(test).calls == [[0], [3]]


def test_caller_cancelled_during_its_call_does_not_disturb_the_others_in_it():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=1, reserve=0)
        first = asyncio.create_task(batcher.infer([0]))
        await turns()
        first.cancel()
        second = asyncio.create_task(batcher.infer([1]))
        await turns()
        await model.answer()
        await model.answer()
        assert second.result() == [2]

    run(test)


def test_full_batch_lane_refuses_to_be_asked_again_later_and_the_other_lane_stays_open():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=2, reserve=0, batch_limit=3)
        tasks = []
        for number in range(2):
            tasks.append(asyncio.create_task(batcher.infer([number] * 2, "batch")))
            await turns()
        with pytest.raises(Unavailable, match="2 wait, 2 more") as caught:
            await batcher.infer([7, 8], "batch")
        assert caught.value.retryable
        for number in range(3):
            tasks.append(asyncio.create_task(batcher.infer([number] * 2)))
            await turns()
        while model.open:
            await model.answer()
        assert await asyncio.gather(*tasks) == [[0, 0], [2, 2], [0, 0], [2, 2], [4, 4]]

    run(test)


def test_batch_call_larger_than_the_lane_is_let_in_when_it_is_empty():
    async def test(model: Model) -> None:
        task = asyncio.create_task(batcher_of(model, cap=2, batch_limit=3).infer([1] * 5, "batch"))
        await turns()
        while model.open:
            await model.answer()
        assert task.result() == [2] * 5

    run(test)


def test_close_works_off_what_waits_and_refuses_what_comes():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=1, reserve=0)
        tasks = [asyncio.create_task(batcher.infer([number])) for number in range(3)]
        await turns()
        closing = asyncio.create_task(batcher.close(5))
        await turns()
        with pytest.raises(Unavailable, match="closing"):
            await batcher.infer([9])
        while model.open:
            await model.answer()
        await closing
        await batcher.close(5)
        assert await asyncio.gather(*tasks) == [[0], [2], [4]]

    run(test)


def test_close_ends_in_time_when_the_model_hangs_and_fails_who_waits():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=1, reserve=0)
        tasks = [asyncio.create_task(batcher.infer([number])) for number in range(2)]
        await turns()
        await batcher.close(0.01)
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in errors] == [Unavailable, Unavailable]

    run(test)


def test_close_of_a_batcher_that_was_never_asked_returns():
    asyncio.run(batcher_of(Model()).close(1))


def test_call_beyond_its_limit_fails_everybody_and_who_comes_after():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=1, reserve=0, limit_s=0.01)
        tasks = [asyncio.create_task(batcher.infer([number], lane)) for number, lane in enumerate(LANES)]
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in errors] == [Unavailable, Unavailable]
        with pytest.raises(Unavailable, match=r"more than 0\.01 s"):
            await batcher.infer([5])
        await model.answer()
        await batcher.close(1)

    assert run(test).calls == [[0]]


def test_hanging_call_of_a_caller_set_apart_fails_the_others_set_apart_without_asking_the_model():
    async def test(model: Model) -> None:
        batcher = batcher_of(model, cap=4, limit_s=0.05)
        tasks = [asyncio.create_task(batcher.infer([number])) for number in (1, -1, 2)]
        await turns()
        await model.answer()
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(error) for error in errors] == [Unavailable, Unavailable, Unavailable]
        await batcher.close(1)

    assert run(test).calls == [[1, -1, 2], [1]]


def test_model_with_another_number_of_results_is_a_defect():
    async def test(model: Model) -> None:
        def one_short(requests: list[int]) -> Future[list[int]]:
            future: Future[list[int]] = Future()
            future.set_result(requests[1:])
            return future

        with pytest.raises(Defect, match="1 results for 2 requests"):
            await batcher_of(one_short).infer([1, 2])

    run(test)


def test_observer_that_fails_is_a_defect_for_who_waits_and_not_silence():
    async def test(model: Model) -> None:
        def observer(run: BatchRun) -> None:
            raise OSError("no metrics")

        batcher = LaneBatcher[int, int](model, LaneLimits(1, 0, 9, 9.0), observer)
        tasks = [asyncio.create_task(batcher.infer([number])) for number in range(2)]
        await turns()
        await model.answer()
        first, second = await asyncio.gather(*tasks, return_exceptions=True)
        assert first == [0]
        assert isinstance(second, Defect)

    run(test)


@given(st.lists(st.tuples(st.sampled_from(LANES), st.lists(st.integers(0, 99), max_size=9)), max_size=12))
def test_every_caller_gets_its_own_results_whatever_shares_its_calls(callers):
    async def all_asked() -> tuple[list[Any], Model]:
        model = Model(by_itself=True)
        batcher = batcher_of(model, cap=4, reserve=1, batch_limit=1000)
        answers = await asyncio.gather(*(batcher.infer(numbers, lane) for lane, numbers in callers))
        return list(answers), model

    answers, model = asyncio.run(all_asked())
    assert answers == [[2 * number for number in numbers] for _, numbers in callers]
    assert all(1 <= len(call) <= 4 for call in model.calls)
