"""Every engine gives the same results in process, behind lanes, through Ray Serve and in a Ray Data pool."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from actors.catalogue import ENGINES, EngineChoice, build
from actors.host import EngineHost
from actors.hosting import Fleet, HostingPlan, plan_hosting
from actors.lane_batcher import LANES
from actors.placement import HostFacts
from tests.engine_samples import SAMPLES, options_of, requests_of, same

pytestmark = pytest.mark.timeout(300)

HOST = HostFacts(2, 16_000)
WARM = Fleet(1, 1, 0.1)
AT_ONCE = 3
BACKENDS = [(family, backend) for family in ENGINES for backend in ENGINES[family]]
HOSTED = [
    (family, backend)
    for family, backend in BACKENDS
    if ENGINES[family][backend].spec.backend_type == "real" or family == "voices"
]
"""In processes of their own: every real one, and one stand-in for all, since each costs 10 s of two cores to start."""


def choice_of(family: str, backend: str) -> EngineChoice:
    return EngineChoice(family, backend, options=options_of(family, backend))


@cache
def plan_of(family: str, backend: str) -> HostingPlan:
    return plan_hosting(choice_of(family, backend), HOST, WARM)


@cache
def in_process(family: str, backend: str) -> list[Any]:
    """The results of the engine itself, one request a call."""
    engine = build(choice_of(family, backend))
    engine.load()
    try:
        return [engine.infer([request])[0] for request in requests_of(family)]
    finally:
        engine.close()


def requested(rows: Any) -> list[Any]:
    return list(rows["request"])


def kept(rows: Any, results: Sequence[Any]) -> dict[str, Any]:
    column = np.empty(len(results), object)
    column[:] = results
    return {"id": rows["id"], "result": column}


def in_pool(ray: Any, family: str, backend: str) -> list[Any]:
    """The results of a dataset with a pool of one backend."""
    from actors.pool_host import through_pool

    rows = ray.data.from_items([{"id": number, "request": one} for number, one in enumerate(requests_of(family))])
    answered = through_pool(rows, plan_of(family, backend), requested, kept).take_all()
    assert [row["id"] for row in answered] == list(range(len(answered)))
    return [row["result"] for row in answered]


@dataclass(frozen=True)
class Elsewhere:
    """What the hosts in other processes give, to come."""

    deployed: Future[None]
    pooled: Mapping[tuple[str, str], Future[list[Any]]]


@pytest.fixture(scope="module")
def elsewhere(ray_hosts: Any) -> Iterator[Elsewhere]:
    """All backends as Serve deployments, then as pools: their processes start beside what runs here.

    Not all beside each other: on two cores a pool that waits for 120 s is given up by its dataset.
    """
    from actors.serve_host import deploy, remove

    plans = [plan_of(*one) for one in HOSTED]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        deployed = threads.submit(deploy, plans)

        def pooled(one: tuple[str, str]) -> list[Any]:
            deployed.result()
            return in_pool(ray_hosts, *one)

        yield Elsewhere(deployed, {one: threads.submit(pooled, one) for one in HOSTED})
        remove(plans, wait=False)


@pytest.fixture(params=BACKENDS, ids=lambda names: "-".join(names))
def engine(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Family and name of a backend."""
    names: tuple[str, str] = request.param
    return names


@pytest.fixture(params=HOSTED, ids=lambda names: "-".join(names))
def hosted_engine(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Family and name of a backend that is hosted in other processes."""
    names: tuple[str, str] = request.param
    return names


def test_every_family_of_the_catalogue_has_sample_requests() -> None:
    assert set(SAMPLES) == set(ENGINES)


def test_engine_behind_lanes_gives_the_same_whatever_shares_its_calls(engine: tuple[str, str]) -> None:
    async def hosted() -> list[Any]:
        host = EngineHost(choice_of(*engine))
        await host.start()
        asked = requests_of(engine[0])
        try:
            answers = await asyncio.gather(*(host.infer([one], LANES[n % 2]) for n, one in enumerate(asked)))
            return [answer[0] for answer in answers]
        finally:
            await host.close(30)

    assert same(asyncio.run(hosted()), in_process(*engine))


def test_engine_behind_serve_gives_the_same_one_by_one_and_all_at_once(
    hosted_engine: tuple[str, str], elsewhere: Elsewhere
) -> None:
    from actors.window import EngineClient

    elsewhere.deployed.result()

    async def asked() -> tuple[list[Any], list[Any]]:
        client, requests = EngineClient(plan_of(*hosted_engine)), requests_of(hosted_engine[0])
        together = await client.infer(requests, "batch")
        apart = await asyncio.gather(*(client.infer([one], LANES[n % 2]) for n, one in enumerate(requests)))
        return together, [answer[0] for answer in apart]

    together, apart = asyncio.run(asked())
    assert same(together, in_process(*hosted_engine))
    assert same(apart, in_process(*hosted_engine))


def test_engine_in_a_data_pool_gives_the_same_in_order(hosted_engine: tuple[str, str], elsewhere: Elsewhere) -> None:
    assert same(elsewhere.pooled[hosted_engine].result(), in_process(*hosted_engine))


def test_comparison_sees_a_difference_of_one_bit_of_type_and_of_length() -> None:
    one = np.ones(3, np.float32)
    assert same({"a": [one]}, {"a": [one.copy()]})
    for other in (np.nextafter(one, np.float32(2)), one.astype(np.float64), one[:2], one.reshape(3, 1)):
        assert not same([one], [other])
    assert not same([one], (one,))
    assert not same({"a": 1, "b": 2}, {"b": 2, "a": 1})
