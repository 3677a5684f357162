"""Engines as Serve deployments: named, watched, replaced when they die or hang, and their errors ours."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actors.host import HostLimits
from actors.hosting import Fleet, HostingPlan, plan_hosting
from actors.placement import HostFacts
from actors.window import BlockingClient, EngineClient
from schemas.errors import Defect, InvalidInput, Unavailable
from tests.scripted_engine import Script, build_scripted, scripted_choice

pytestmark = pytest.mark.timeout(180)

HOST = HostFacts(2, 8000)
WARM = Fleet(1, 1, 0.1)
PATIENCE_S = 60.0


def plan_of(fleet: Fleet = WARM, limits: HostLimits | None = None, **options: Any) -> HostingPlan:
    plan = plan_hosting(scripted_choice(**options), HOST, fleet, limits=limits, build=build_scripted)
    return replace(plan, health_period_s=0.5)


SCRIPTED = plan_of()
HANGING = plan_of(limits=HostLimits(call_s=0.5), batch=1)


@pytest.fixture(scope="module")
def deployed(ray_hosts: Any) -> Iterator[None]:
    from actors.serve_host import deploy, remove

    deploy([SCRIPTED, HANGING])
    yield
    remove([SCRIPTED, HANGING])


@pytest.fixture
def client(deployed: None) -> Iterator[BlockingClient]:
    with BlockingClient(EngineClient(SCRIPTED, deadline_s=PATIENCE_S)) as one:
        yield one


def until(true: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline_s, f"{what} did not happen in {PATIENCE_S:g} s"
        time.sleep(0.05)


def test_deployed_engine_answers_and_says_how_it_does(client: BlockingClient) -> None:
    assert client.infer([Script(number) for number in range(40)], "batch") == [2 * number for number in range(40)]
    stats = client.stats()
    assert (stats.family, stats.backend, stats.device, stats.state) == ("scripts", "scripted", "cpu", "ready")
    assert stats.lanes["batch"].items >= 40
    assert stats.mean_batch_items > 1


def test_actor_is_named_after_engine_backend_and_device(client: BlockingClient, ray_hosts: Any) -> None:
    names = [actor["name"] for actor in ray_hosts.util.list_named_actors(all_namespaces=True)]
    assert [name for name in names if name.startswith("SERVE_REPLICA::scripts-scripted-cpu#scripted-cpu#")]


def test_error_of_the_engine_arrives_as_ours_with_its_evidence(client: BlockingClient) -> None:
    with pytest.raises(InvalidInput) as caught:
        client.infer([Script(3, "refuse")])
    assert (type(caught.value), caught.value.message, caught.value.detail) == (
        InvalidInput,
        "3 is refused",
        {"number": 3},
    )
    with pytest.raises(Defect) as broken:
        client.infer([Script(4, "fail")])
    assert broken.value.message == "ValueError: 4 fails"


def test_flood_of_single_requests_is_gathered_into_calls(client: BlockingClient) -> None:
    async def flood() -> list[Any]:
        asking = EngineClient(SCRIPTED)
        return await asyncio.gather(*(asking.infer([Script(number)], "batch") for number in range(300)))

    assert asyncio.run(flood()) == [[2 * number] for number in range(300)]
    assert client.stats().mean_batch_items > 2


def test_killed_replica_is_replaced_and_its_client_does_not_notice(
    client: BlockingClient, capfd: pytest.CaptureFixture[str]
) -> None:
    [before] = client.infer([Script(0, "pid")])
    with ThreadPoolExecutor(1) as other:
        under_way = other.submit(client.infer, [Script(4, "wait")])
        until(lambda: client.stats().state == "busy", "the call")
        os.kill(before, signal.SIGKILL)
        assert under_way.result(PATIENCE_S) == [8]
    [after] = client.infer([Script(0, "pid")])
    assert after != before
    assert capfd.readouterr().out == ""


def test_request_that_kills_its_replica_ends_as_unavailable_and_others_are_served_after_it(
    client: BlockingClient,
) -> None:
    with pytest.raises(Unavailable, match="the process of the engine died"):
        client.infer([Script(0, "die")])
    assert client.infer([Script(5)]) == [10]


def test_hanging_model_fails_its_callers_and_is_replaced(deployed: None) -> None:
    with BlockingClient(EngineClient(HANGING, deadline_s=PATIENCE_S, first_pause_s=0.01)) as client:
        [before] = client.infer([Script(0, "pid")])
        with pytest.raises(Unavailable):
            client.infer([Script(1, "hang")])

        def replaced() -> bool:
            try:
                return client.infer([Script(0, "pid")]) != [before]
            except Unavailable:
                return False

        until(replaced, "a replica in place of the one that hangs")


def test_engine_on_demand_starts_with_the_first_request_and_is_closed_when_it_is_removed(
    ray_hosts: Any, tmp_path: Path
) -> None:
    from ray import serve as ray_serve

    from actors.serve_host import deploy, remove

    plan = plan_of(Fleet(0, 1, 0.1), marker=str(tmp_path / "closed"))

    def running() -> int:
        states = ray_serve.status().applications[plan.app].deployments[plan.deployment].replica_states
        return sum(states.values())

    deploy([plan])
    assert running() == 0
    with BlockingClient(EngineClient(plan, deadline_s=PATIENCE_S)) as client:
        assert client.infer([Script(1)]) == [2]
    assert running() == 1
    remove([plan])
    assert (tmp_path / "closed").exists()


def test_engine_that_does_not_load_is_not_deployed_and_says_why(ray_hosts: Any) -> None:
    from ray import serve as ray_serve

    from actors.serve_host import deploy

    plan = plan_of(load="refuse")
    with pytest.raises(Unavailable, match="does not come up: the script says that it does not load"):
        deploy([plan])
    until(lambda: plan.app not in ray_serve.status().applications, "the end of the application")


def test_engine_without_room_is_not_waited_for_for_ever(ray_hosts: Any) -> None:
    from actors.serve_host import deploy

    with pytest.raises(Unavailable, match=r"does not come up: nothing in 0\.5 s"):
        deploy([plan_of(Fleet(1, 1, 500.0), HostLimits(call_s=0.1), batch=3)], timeout_s=0.5)


METRICS = {
    "load_seconds": "",
    "state": 'state="ready"',
    "waiting_items": 'lane="batch"',
    "batch_items_bucket": 'le="1.0"',
    "call_seconds_count": "",
    "latency_seconds_bucket": 'lane="interactive"',
    "items_total": 'lane="interactive"',
}
"""Name -> a tag beside engine, backend and device."""


def test_metrics_of_an_engine_are_exported_without_a_dashboard(client: BlockingClient, ray_hosts: Any) -> None:
    client.infer([Script(1)])
    node = ray_hosts.nodes()[0]
    url = f"http://{node['NodeManagerAddress']}:{node['MetricsExportPort']}/metrics"

    def exported() -> bool:
        with urllib.request.urlopen(url, timeout=10) as answer:
            lines = [line for line in answer.read().decode().splitlines() if 'engine="scripts"' in line]
        return all(
            any(line.startswith(f"ray_reelwright_engine_{name}{{") and tag in line for line in lines)
            for name, tag in METRICS.items()
        )

    until(exported, "the export of every metric")
