"""One Ray with Serve for all tests that ask for `ray_hosts`; they run last, and it ends with the last of them.

Other tests here start a Ray of their own, and a process has one at a time.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest

from cluster.ray_session import guard_datasets, local_ray, serving
from tests.ray_noise import NOISE

CPUS = 8
"""Counted, not real: each of two dozen Serve replicas takes 0.1, a pool 0.5, a dataset's own tasks one."""

_RUNNING = ExitStack()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Moves the tests that share the Ray behind the others of this folder, and quiets Ray in them."""
    places = [place for place, item in enumerate(items) if item.path.parent.name == "integration"]
    ours = [items[place] for place in places]
    for place, item in zip(places, sorted(ours, key=_shares), strict=True):
        items[place] = item
        if _shares(item):
            for rule in NOISE:
                item.add_marker(pytest.mark.filterwarnings(rule))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Ends the Ray behind the last test that shares it, and not with the session."""
    if nextitem is None or not _shares(nextitem):
        _RUNNING.close()


@pytest.fixture(scope="session")
def ray_hosts() -> Any:
    """The `ray` module, running, with Serve and guarded datasets."""
    fast = _RUNNING.enter_context(pytest.MonkeyPatch.context())
    fast.setenv("RAY_metrics_report_interval_ms", "1000")
    ray = _RUNNING.enter_context(local_ray(CPUS))
    _RUNNING.enter_context(serving())
    guard_datasets(no_progress_s=120.0)
    return ray


def _shares(item: pytest.Item) -> bool:
    return "ray_hosts" in getattr(item, "fixturenames", ())
