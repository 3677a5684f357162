"""Tasks on a local Ray: failures stay with their task, nothing is left behind, and it starts only when it pays."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from pipelines.executors import InProcess, RayTasks, worthwhile
from schemas.errors import Defect, InvalidInput

pytestmark = [
    pytest.mark.timeout(300),
    # Ray itself leaves sockets and file handles to the garbage collector when it shuts down.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def _half(payload: int) -> int:
    if payload % 2:
        raise InvalidInput(f"{payload} is odd", payload=payload)
    if payload == 4:
        raise ZeroDivisionError("four")
    return payload // 2


def test_ray_task_failure_arrives_as_our_error_and_spares_the_others() -> None:
    results = {index: result for index, result, _ in RayTasks(2).run(_half, [2, 3, 4, 8])}
    assert (results[0], results[3]) == (1, 4)
    assert isinstance(results[1], InvalidInput)
    assert results[1].detail == {"payload": 3}
    assert isinstance(results[2], Defect)


def _die(payload: int) -> int:
    if payload == 1:
        os._exit(1)
    return payload


def test_ray_worker_that_dies_fails_its_task_only() -> None:
    results = {index: result for index, result, _ in RayTasks(2).run(_die, [0, 1, 2])}
    assert (results[0], results[2]) == (0, 2)
    assert "worker died" in str(results[1])


def test_ray_leaves_no_process_and_no_folder_behind() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    folders = set(Path("/tmp").glob("rw*"))
    list(RayTasks(2).run(_half, [2]))
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    _, alive = psutil.wait_procs(left, timeout=10)
    assert alive == []
    assert set(Path("/tmp").glob("rw*")) <= folders


@pytest.mark.parametrize(
    ("estimated_s", "cpus", "in_process", "expected"),
    [(5.0, 2, False, InProcess), (60.0, 2, False, RayTasks), (60.0, 1, False, InProcess), (600.0, 8, True, InProcess)],
)
def test_ray_starts_only_when_it_pays(estimated_s: float, cpus: int, in_process: bool, expected: type) -> None:
    assert isinstance(worthwhile(estimated_s, cpus, in_process=in_process), expected)
