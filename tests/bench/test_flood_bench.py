"""How long does an interactive request wait while a bulk client floods the same engine, and are the batches full?

    python -m pytest -m "" --timeout=0 -s tests/bench/test_flood_bench.py

Each engine is deployed twice, behind our lanes and behind Ray's own `@serve.batch`, and asked the same way: probes one
after the other, first alone, then beside a client in another process that keeps as many single requests under way as
its window allows. Only results are asserted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from actors.catalogue import ENGINES, EngineChoice
from actors.hosting import Fleet, HostingPlan, plan_hosting
from actors.placement import HostFacts
from actors.window import EngineClient, window_sizes
from cluster.ray_session import local_ray, serving
from tests.engine_samples import same
from tests.ray_noise import NOISE
from tests.scripted_engine import Script, build_scripted, scripted_choice

pytestmark = [pytest.mark.timeout(0), *(pytest.mark.filterwarnings(rule) for rule in NOISE)]

FLOOD_S = 8.0
PROBES = 60
PAUSE_S = 0.05
PEER_WAIT_S = 0.002
"""What `@serve.batch` waits for a fuller batch."""
HOST = HostFacts(2, 16_000)
WARM = Fleet(1, 1, 0.1)


@dataclass(frozen=True)
class Counts:
    """What a replica did so far."""

    calls: int
    items: int
    calls_s: float


def scripted_plan() -> HostingPlan:
    """At most 16 a call; a full one takes 20 + 16 x 4.5 = 92 ms, asleep: more than the way to it can bring."""
    return plan_hosting(scripted_choice(call_s=0.02, item_s=0.0045), HOST, WARM, build=build_scripted)


def faces_plan() -> HostingPlan:
    """MTCNN at work, on pictures so small that a call takes less than 100 ms."""
    return plan_hosting(EngineChoice("faces", "facenet_mtcnn"), HOST, WARM)


def face_picture() -> Any:
    from skimage import data

    from actors.faces.detection import FaceRequest

    return FaceRequest(np.ascontiguousarray(data.astronaut()[:270:3, 90:360:3]), smallest_face_px=24)


def peer_class() -> type:
    """The same engine behind `@serve.batch`, which has one queue and cuts batches by the clock."""
    from ray import serve as ray_serve

    class Peer:
        def __init__(self, plan: HostingPlan) -> None:
            self._engine = plan.build(plan.choice)
            self._engine.load()
            self._times_s: list[float] = []
            self._items = 0
            self._together.set_max_batch_size(plan.batch)

        @ray_serve.batch(max_batch_size=1, batch_wait_timeout_s=PEER_WAIT_S)
        async def _together(self, requests: list[Any]) -> list[Any]:
            began_s = time.monotonic()
            results = await asyncio.to_thread(self._engine.infer, requests)
            self._times_s.append(time.monotonic() - began_s)
            self._items += len(requests)
            return results

        async def infer(self, requests: list[Any], lane: str) -> list[Any]:
            return [await self._together(requests[0])]

        async def counts(self) -> Counts:
            return Counts(len(self._times_s), self._items, sum(self._times_s))

    return Peer


class Flooder:
    """A bulk client in a process of its own."""

    async def run(self, plan: HostingPlan, request: Any, expected: Any, seconds: float) -> int:
        """Asks one request after the other in as many places as the window has, and a few more; how many were answered."""
        client, answered, end_s = EngineClient(plan), 0, time.monotonic() + seconds

        async def go_on() -> None:
            nonlocal answered
            while time.monotonic() < end_s:
                assert same(await client.infer([request], "batch"), [expected])
                answered += 1

        places = window_sizes(plan.max_ongoing_requests, 1)["batch"] + plan.batch
        await asyncio.gather(*(go_on() for _ in range(places)))
        return answered


async def probe(plan: HostingPlan, request: Any, expected: Any, until_s: float = 0.0) -> list[float]:
    """Seconds of interactive requests, one after the other: PROBES of them, or as many as there is time for."""
    client, times_s = EngineClient(plan), list[float]()
    while time.monotonic() < until_s if until_s else len(times_s) < PROBES:
        began_s = time.monotonic()
        assert same(await client.infer([request], "interactive"), [expected])
        times_s.append(time.monotonic() - began_s)
        await asyncio.sleep(PAUSE_S)
    return times_s


def counts_of_lanes(plan: HostingPlan) -> Counts:
    stats = asyncio.run(EngineClient(plan).stats())
    return Counts(stats.calls, sum(lane.items for lane in stats.lanes.values()), stats.calls_s)


def counts_of_peer(plan: HostingPlan) -> Counts:
    from ray import serve as ray_serve

    counts: Counts = ray_serve.get_deployment_handle(plan.deployment, plan.app).counts.remote().result()
    return counts


def report(ray: Any, name: str, plan: HostingPlan, counts: Callable[[HostingPlan], Counts], request: Any) -> None:
    """Floods one deployment and prints one line."""
    engine = plan.build(plan.choice)
    engine.load()
    [expected] = engine.infer([request])
    idle_ms = 1000 * np.array(asyncio.run(probe(plan, request, expected)))
    flooder = ray.remote(num_cpus=0.1)(Flooder).remote()
    ray.get(flooder.run.remote(plan, request, expected, 0.5))  # connected
    flood = flooder.run.remote(plan, request, expected, FLOOD_S)
    time.sleep(1.0)
    before = counts(plan)
    busy_ms = 1000 * np.array(asyncio.run(probe(plan, request, expected, time.monotonic() + FLOOD_S - 2)))
    after = counts(plan)
    answered = ray.get(flood)
    ray.kill(flooder)
    assert answered > 0
    calls, items = after.calls - before.calls, after.items - before.items
    batch_ms = 1000 * (after.calls_s - before.calls_s) / calls
    idle_p95_ms, busy_p95_ms = (np.percentile(one, 95) for one in (idle_ms, busy_ms))
    limit_ms = idle_p95_ms + 2 * batch_ms
    print(
        f"  {name:<34} mean batch {items / calls:5.1f} = {items / calls / plan.batch:4.2f} of the cap   call {batch_ms:5.1f} ms"
        f"   {answered / FLOOD_S:6.1f} items/s   interactive p95: idle {idle_p95_ms:6.1f} ms, flooded {busy_p95_ms:7.1f} ms"
        f" = {busy_p95_ms / limit_ms:5.2f} of idle + two calls ({limit_ms:.1f} ms)"
    )


def both(ray: Any, plan: HostingPlan, request: Any) -> None:
    """One engine in both hosts, one after the other."""
    from ray import serve as ray_serve

    from actors.serve_host import deploy, remove

    deploy([plan])
    report(ray, f"{plan.app}, our lanes", plan, counts_of_lanes, request)
    remove([plan])
    other = replace(plan, app=f"{plan.app}-peer", deployment="peer")
    peer = ray_serve.deployment(
        name=other.deployment,
        ray_actor_options={"num_cpus": 0.1},
        max_ongoing_requests=plan.max_ongoing_requests,
    )
    ray_serve.run(peer(peer_class()).bind(other), name=other.app, route_prefix=None)
    report(ray, f"{plan.app}, @serve.batch", other, counts_of_peer, request)
    remove([other])


@pytest.fixture(scope="module")
def ray_serving() -> Iterator[Any]:
    with local_ray(4) as ray, serving():
        yield ray


def test_scripted_engine_under_a_flood(ray_serving: Any) -> None:
    print()
    both(ray_serving, scripted_plan(), Script(21))


def test_faces_under_a_flood(ray_serving: Any) -> None:
    if "facenet_mtcnn" not in ENGINES.get("faces", {}):
        pytest.skip("no faces engine is registered")
    print()
    both(ray_serving, faces_plan(), face_picture())
