"""How is an engine hosted in Ray: under which names, with how much of the machine, how many at once?

A decision over values: what the engine declares, what the host has, what the cluster offers. It starts nothing, so that
it can be read, printed and tested without Ray; `serve_host` and `pool_host` carry it out, `window` keeps to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from actors import catalogue
from actors.catalogue import EngineChoice
from actors.engine import Engine
from actors.host import HostLimits
from actors.placement import HostFacts, gpu_share
from schemas.canonical import fingerprint
from schemas.errors import Unavailable

MIB = 1 << 20

QUEUE = "local_ai_queue"
"""Custom resource of the nodes that run models."""

QUEUE_PART = 0.001
"""What a replica takes of it: enough to be placed there, too little to take a place from a job of the queue."""

ONGOING_CALLS = 4
"""Requests that a replica has at once, in calls of its model: one runs, one waits for it, and clients that use three
quarters of it still fill both."""

LEAST_ONGOING = 16
"""For engines with small calls: interactive requests must find a place beside the batch clients'."""


@dataclass(frozen=True)
class Fleet:
    """How many replicas, and what each takes of a CPU."""

    min_replicas: int
    """0: started by the first request, gone after `idle_s` without one."""

    max_replicas: int
    num_cpus: float
    """What Ray counts, not what it computes with."""

    idle_s: float = 300.0
    """How long a replica that is not needed stays."""


SMALL_MACHINE = Fleet(min_replicas=0, max_replicas=1, num_cpus=0.1)
"""On first use, and back when idle; all engines of a small machine together must leave it CPUs for the work itself."""

CLUSTER = Fleet(min_replicas=1, max_replicas=4, num_cpus=1.0)
"""Kept warm."""


@dataclass(frozen=True)
class HostingPlan:
    """One engine in a Ray cluster."""

    choice: EngineChoice
    app: str
    """Name of its Serve application, one for each choice."""

    deployment: str
    """Name of its Serve deployment: the engine and its device, as the dashboard shows them."""

    batch: int
    """Most requests of one call of the model."""

    fleet: Fleet
    max_ongoing_requests: int
    """Requests that one replica has at once; a client that sends more runs into the router's back-off."""

    num_gpus: float
    memory_bytes: int
    limits: HostLimits
    resources: Mapping[str, float] = field(default_factory=dict)
    health_period_s: float = 5.0
    """Serve asks so often, and replaces after three bad answers."""

    build: Callable[[EngineChoice], Engine[Any, Any]] = catalogue.build
    """Makes the engine in the process that is to host it; a function that this process can import."""

    def actor_options(self) -> dict[str, object]:
        """What Ray reserves for one replica or pool actor, except its CPUs."""
        options: dict[str, object] = {"memory": self.memory_bytes}
        if self.num_gpus:
            options["num_gpus"] = self.num_gpus
        if self.resources:
            options["resources"] = dict(self.resources)
        return options


def plan_hosting(
    choice: EngineChoice,
    host: HostFacts,
    fleet: Fleet = SMALL_MACHINE,
    *,
    cluster_resources: Mapping[str, float] | None = None,
    limits: HostLimits | None = None,
    build: Callable[[EngineChoice], Engine[Any, Any]] = catalogue.build,
) -> HostingPlan:
    """The plan for one chosen engine.

    Args:
        choice: which engine, where.
        host: the facts of the machines that are to run it.
        fleet: how many.
        cluster_resources: `ray.cluster_resources()`, for the custom resource of the queue; none when None.
        limits: when something counts as hung.
        build: makes the engine, here for what it declares and there to run.

    Raises:
        Unavailable: it is placed on a GPU and fits on none.
    """
    engine = build(choice)
    with suppress(Unavailable):  # a node without the weights plans with what the backend declares
        engine.check()
    spec = engine.spec
    options = {name: str(value) for name, value in choice.options.items()}
    suffix = f"-{fingerprint(options)[:6]}" if options else ""
    on_gpu = choice.placement.device == "cuda"
    return HostingPlan(
        choice=choice,
        app=f"{choice.family}-{choice.backend}-{choice.placement.device}{suffix}",
        deployment=f"{choice.backend}-{choice.placement.device}",
        batch=spec.batch,
        fleet=fleet,
        max_ongoing_requests=max(LEAST_ONGOING, ONGOING_CALLS * spec.batch),
        num_gpus=gpu_share(spec, host) if on_gpu else 0.0,
        memory_bytes=spec.memory_mb * MIB,
        resources={QUEUE: QUEUE_PART} if QUEUE in (cluster_resources or {}) else {},
        limits=limits or HostLimits.of(spec),
        build=build,
    )
