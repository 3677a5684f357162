"""One Ray Serve deployment class for all engines: an EngineHost as a replica, and the two verbs `deploy` and `remove`.

Requests and results cross as the engines' own frozen values, pickled by Ray; arrays in them travel without a copy where
they can. In the dashboard an actor reads `ServeReplica:<family>-<backend>-<device>:<backend>-<device>`, with Serve's
state of it; its own state is a metric (`meters`) and stands in `stats()`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from ray import serve as ray_serve
from ray.serve.schema import ApplicationStatusOverview

from actors.host import EngineHost
from actors.host_stats import HostStats
from actors.hosting import HostingPlan
from actors.lane_batcher import Lane
from actors.meters import RayMeter
from schemas.errors import Unavailable

SHUTDOWN_MARGIN_S = 5.0
"""Beyond the longest call of the model, to close the engine in."""

SHUTDOWN_LOOK_S = 0.5
"""How often a replica that is to end looks whether its last request is answered; Serve's own 2 s only delays it."""

DEPLOY_LIMIT_S = 900.0
"""Loading has a limit of its own; this one is for replicas for which the cluster has no room, which wait for ever."""

LOOK_S = 1.0
"""As often as Serve looks: one `status()` takes up to 30 ms of this process for each deployment, whosever it is."""

LOAD_ATTEMPTS = 2
"""A model that does not load twice is not here; each attempt costs a process."""


class EngineReplica:
    """One engine in one replica. What is here runs on the replica's event loop and never waits for the model."""

    async def __init__(self, plan: HostingPlan) -> None:  # type: ignore[misc]
        """Loads the engine; a replica that cannot does not come up. Serve awaits it.

        Raises:
            Unavailable: the engine does not load here.
        """
        self._plan = plan
        self._host = EngineHost(plan.choice, limits=plan.limits, meter=RayMeter(plan.choice), build=plan.build)
        await self._host.start()

    async def infer(self, requests: Sequence[Any], lane: Lane) -> list[Any]:
        """One result per request, in order.

        Raises:
            InvalidInput: one of these requests cannot be served.
            Unavailable: closing, hung, or the batch lane is full.
        """
        return await self._host.infer(requests, lane)

    async def stats(self) -> HostStats:
        """How the engine does."""
        return self._host.stats()

    async def check_health(self) -> None:
        """Asked by Serve now and then, which replaces the replica after three errors.

        Raises:
            Unavailable: the model hangs or its thread died.
        """
        self._host.report()
        self._host.check_health()

    def __repr__(self) -> str:
        return repr(self._host)

    def __del__(self) -> None:
        """Called by Serve once the last request is answered, and again by Python."""
        if hasattr(self, "_host"):
            self._host.release(self._plan.limits.call_s)


def application(plan: HostingPlan) -> ray_serve.Application:
    """The Serve application of a plan."""
    deployment = ray_serve.deployment(
        name=plan.deployment,
        ray_actor_options={"num_cpus": plan.fleet.num_cpus, **plan.actor_options()},
        autoscaling_config={
            "min_replicas": plan.fleet.min_replicas,
            "max_replicas": plan.fleet.max_replicas,
            "target_ongoing_requests": plan.max_ongoing_requests / 2,
            "upscale_delay_s": 1.0,
            "downscale_delay_s": plan.fleet.idle_s,
        },
        max_ongoing_requests=plan.max_ongoing_requests,
        health_check_period_s=plan.health_period_s,
        # The check itself waits for nothing, but a model that keeps Python's lock lets nobody answer.
        health_check_timeout_s=plan.limits.call_s + plan.health_period_s,
        graceful_shutdown_timeout_s=plan.limits.call_s + SHUTDOWN_MARGIN_S,
        graceful_shutdown_wait_loop_s=SHUTDOWN_LOOK_S,
        max_constructor_retry_count=LOAD_ATTEMPTS,
    )
    return deployment(EngineReplica).bind(plan)


def deploy(plans: Sequence[HostingPlan], timeout_s: float = DEPLOY_LIMIT_S) -> None:
    """Runs engines, all at once, and returns when those that are kept warm are ready. Serve has to run already.

    Where the application of a plan runs already, its replicas are replaced: they answer what they have first.

    Raises:
        Unavailable: an engine does not load, or finds no place in `timeout_s`; none of `plans` is left running.
    """
    targets = [ray_serve.RunTarget(application(plan), plan.app, route_prefix=None) for plan in plans]
    ray_serve.run_many(targets, wait_for_applications_running=False)
    deadline_s = time.monotonic() + timeout_s
    while True:
        found = ray_serve.status().applications
        waits = [plan for plan in plans if found[plan.app].status != "RUNNING"]
        if not waits:
            return
        failed = [plan for plan in waits if found[plan.app].status == "DEPLOY_FAILED"]
        if failed or time.monotonic() > deadline_s:
            first = (failed or waits)[0]
            reason = _reason(found[first.app]) or f"nothing in {timeout_s:g} s"
            remove(plans, wait=False)  # Serve waits long for a replica that never had a place
            raise Unavailable(f"{first.app} does not come up: {reason}", app=first.app)
        time.sleep(LOOK_S)


def remove(plans: Sequence[HostingPlan], *, wait: bool = True) -> None:
    """Ends the replicas of plans, after their last requests; returns when they are gone, or at once."""
    for plan in plans:
        ray_serve.delete(plan.app, _blocking=False)
    while wait and not {plan.app for plan in plans}.isdisjoint(ray_serve.status().applications):
        time.sleep(LOOK_S)


def _reason(application: ApplicationStatusOverview) -> str:
    """The last line of what Serve says about a deployment: the error itself, without the way to it."""
    for deployment in application.deployments.values():
        if lines := deployment.message.strip().splitlines():
            return re.sub(r"^schemas\.errors\.\w+: ", "", lines[-1])
    return ""
