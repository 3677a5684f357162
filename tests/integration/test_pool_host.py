"""Engines in a Ray dataset: in order, whole after a crash, named, and refused where there is no room."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.hosting import Fleet, HostingPlan, plan_hosting
from actors.placement import HostFacts
from actors.window import our_error
from schemas.errors import InvalidInput, Unavailable
from tests.scripted_engine import Script, build_scripted, scripted_choice

pytestmark = pytest.mark.timeout(180)

ROWS = 200


def plan_of(**options: Any) -> HostingPlan:
    return plan_hosting(scripted_choice(**options), HostFacts(2, 8000), Fleet(1, 1, 0.1), build=build_scripted)


def scripts(rows: Any, *, refused: int = -1) -> list[Script]:
    return [Script(int(number), "refuse" if number == refused else "") for number in rows["id"]]


def doubles(rows: Any, results: Sequence[int]) -> dict[str, Any]:
    return {"id": rows["id"], "double": np.array(results)}


def deadly(marker: Path, number: int, rows: Any) -> list[Script]:
    """Ends the process that meets `number` for the first time."""
    if number in rows["id"] and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return scripts(rows)


def is_whole(rows: list[dict[str, Any]]) -> bool:
    return rows == [{"id": number, "double": 2 * number} for number in range(ROWS)]


def test_pool_and_deployment_give_the_rows_of_a_dataset_in_order(ray_hosts: Any) -> None:
    from actors.pool_host import through_deployment, through_pool
    from actors.serve_host import deploy, remove

    plan, rows = plan_of(batch=7), ray_hosts.data.range(ROWS, override_num_blocks=5)
    assert is_whole(through_pool(rows, plan, scripts, doubles, size=2).take_all())
    deploy([plan])
    try:
        assert is_whole(through_deployment(rows, plan, scripts, doubles).take_all())
    finally:
        remove([plan])


def test_engine_of_a_pool_is_closed_when_the_dataset_is_done(ray_hosts: Any, tmp_path: Path) -> None:
    from actors.pool_host import through_pool

    marker = tmp_path / "closed"
    through_pool(ray_hosts.data.range(3), plan_of(marker=str(marker)), scripts, doubles).take_all()
    deadline_s = time.monotonic() + 30
    while not marker.exists():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def test_pool_is_named_after_engine_backend_and_device(ray_hosts: Any) -> None:
    from actors.pool_host import through_pool

    through = through_pool(ray_hosts.data.range(3), plan_of(), scripts, doubles)
    assert "MapBatches(scripts-scripted-cpu)" in repr(through)


def test_dataset_is_whole_after_an_actor_of_its_pool_was_killed(ray_hosts: Any, tmp_path: Path) -> None:
    from actors.pool_host import through_pool

    marker = tmp_path / "was_killed"
    rows = ray_hosts.data.range(ROWS, override_num_blocks=5)
    assert is_whole(through_pool(rows, plan_of(), partial(deadly, marker, 150), doubles).take_all())
    assert marker.exists()


def test_request_that_cannot_be_served_ends_the_dataset_with_our_error(ray_hosts: Any) -> None:
    from actors.pool_host import through_pool

    through = through_pool(ray_hosts.data.range(20), plan_of(), partial(scripts, refused=7), doubles)
    with pytest.raises(Exception, match="7 is refused") as caught:
        through.take_all()
    error = our_error(caught.value)
    assert (type(error), error.detail) == (InvalidInput, {"number": 7})


def test_pool_that_the_cluster_has_no_room_for_is_refused_before_it_waits(ray_hosts: Any) -> None:
    from actors.pool_host import through_pool

    with pytest.raises(Unavailable, match="50 actors need 26 of CPU"):
        through_pool(ray_hosts.data.range(3), plan_of(), scripts, doubles, size=50)
