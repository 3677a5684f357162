"""Executors of this process: every result with its place, failures as values, no more at once than allowed."""

from __future__ import annotations

import threading

import pytest

from pipelines.executors import InProcess, InThreads
from schemas.errors import Defect, InvalidInput


def half(payload: int) -> int:
    if payload % 2:
        raise InvalidInput(f"{payload} is odd", payload=payload)
    if payload == 4:
        raise ZeroDivisionError("four")
    return payload // 2


@pytest.mark.parametrize("executor", [InProcess(), InThreads(1), InThreads(3), InThreads(9)], ids=repr)
def test_every_payload_has_its_result_and_a_failure_spares_the_others(executor):
    results = {index: result for index, result, seconds in executor.run(half, [2, 3, 4, 8, 10]) if seconds >= 0}
    assert [results[index] for index in (0, 3, 4)] == [1, 4, 5]
    assert (type(results[1]), results[1].detail) == (InvalidInput, {"payload": 3})
    assert (type(results[2]), results[2].message) == (Defect, "ZeroDivisionError: four")


@pytest.mark.parametrize("executor", [InProcess(), InThreads(3)], ids=repr)
def test_nothing_gives_nothing(executor):
    assert list(executor.run(half, [])) == []


def test_threads_work_side_by_side():
    """Each waits until the other is there too."""
    meeting = threading.Barrier(2, timeout=30)
    assert {result for _, result, _ in InThreads(2).run(lambda _: meeting.wait() >= 0, [1, 2])} == {True}


def test_no_more_is_begun_than_threads_until_somebody_takes_a_result():
    begun: list[int] = []
    results = InThreads(2).run(lambda payload: begun.append(payload) or payload, list(range(10)))
    taken = [next(results)[0]]
    assert len(begun) <= 2
    taken += [index for index, _, _ in results]
    assert sorted(taken) == sorted(begun) == list(range(10))


def test_who_stops_taking_results_stops_the_rest():
    begun: list[int] = []
    results = InThreads(2).run(lambda payload: begun.append(payload) or payload, list(range(10)))
    next(results)
    results.close()
    assert len(begun) <= 2
