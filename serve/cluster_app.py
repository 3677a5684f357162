"""The server on a Ray cluster, for `serve deploy serve.yaml`: the parts of `reelwright serve` as applications of Serve.

Each function here is an `import_path` of that file and takes its `args`. What nodes know by themselves, the store, the
database and which engines are wanted, each part reads from the environment of its own node; nothing secret goes through
Ray. Engines are called after their family, so that workers find them whatever backend and device were chosen.

Annotations are not postponed here: Serve looks at them as they are, and gives a builder a plain dict for a string.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ray import serve as ray_serve
from ray.serve import Application

from actors.deployed import DeployedBuild
from actors.host_facts import read_host
from actors.hosting import CLUSTER, QUEUE, HostingPlan, plan_hosting
from actors.placement import Gpu, HostFacts
from actors.serve_host import application
from cluster.jobs.queue import LeaseTimes
from cluster.jobs.records import Queue
from cluster.settings import EngineSettings, Settings
from pipelines.analysis.media_flow import Engines
from pipelines.wiring import engine_wishes
from schemas.errors import Unavailable
from serve.server import API_ONGOING, PLACE, Api, WorkerActor

Family = Literal["faces", "speech", "voice_activity"]

DRAIN_S = 600.0
"""How long a worker that is to go may finish its job; what is left goes back to its queue."""


class Replicas(BaseModel):
    """How many of a part there are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_replicas: Annotated[int, Field(ge=0)] = CLUSTER.min_replicas
    max_replicas: Annotated[int, Field(ge=1)] = CLUSTER.max_replicas
    num_cpus: Annotated[float, Field(ge=0)] = CLUSTER.num_cpus
    """Of each."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_replicas > self.max_replicas:
            raise ValueError(f"min_replicas {self.min_replicas} is above max_replicas {self.max_replicas}")
        return self


class EngineArgs(Replicas):
    """One engine, warm while `min_replicas` is above 0."""

    family: Family
    gpu_memory_mb: Annotated[int, Field(ge=0)] = 0
    """Of the smallest GPU that is to run it; 0 runs it on CPUs."""

    idle_s: Annotated[float, Field(gt=0)] = CLUSTER.idle_s
    """How long a replica that is not needed stays."""


class WorkerArgs(BaseModel):
    """The workers of one queue. No more run than the nodes offer places, by their resource of the queue's name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queue: Queue
    workers: Annotated[int, Field(ge=1)] = 1
    num_cpus: Annotated[float, Field(ge=0)] = 1.0
    """Of each."""

    engines: tuple[Family, ...] = ("faces", "speech", "voice_activity")
    """Those that are deployed as well; the others each worker loads itself."""


def api(args: Replicas) -> Application:
    """The HTTP application, stateless: any number of replicas."""
    deployment: Any = ray_serve.deployment(
        name="api",
        ray_actor_options={"num_cpus": args.num_cpus},
        autoscaling_config=_autoscaling(args, API_ONGOING / 4),
        max_ongoing_requests=API_ONGOING,
    )
    bound: Application = deployment(ray_serve.ingress()(ClusterApi)).bind()
    return bound


def engine(args: EngineArgs) -> Application:
    """One engine.

    Raises:
        Unavailable: only its stub is here, or it does not fit on that GPU.
    """
    counts = {"min_replicas": args.min_replicas, "max_replicas": args.max_replicas}
    fleet = replace(CLUSTER, **counts, num_cpus=args.num_cpus, idle_s=args.idle_s)
    here = read_host("")
    gpus = (Gpu(0, "as told", args.gpu_memory_mb),) if args.gpu_memory_mb else ()
    host = HostFacts(here.cpus, here.memory_mb, gpus)
    plan = _plan(args.family, EngineSettings.load(), host)
    if plan is None:
        raise Unavailable(f"{args.family}: only a stub is here; leave the application out, or see VIDEO_…_BACKEND")
    return application(replace(plan, fleet=fleet))


def workers(args: WorkerArgs) -> Application:
    """The workers of a queue."""
    deployment: Any = ray_serve.deployment(
        name=args.queue,
        num_replicas=args.workers,
        ray_actor_options={"num_cpus": args.num_cpus, "resources": {args.queue: PLACE}},
        graceful_shutdown_timeout_s=DRAIN_S,
    )
    bound: Application = deployment(WorkerReplica).bind(args.queue, args.engines)
    return bound


class ClusterApi(Api):
    """The HTTP application, with the settings of its node."""

    def __init__(self) -> None:
        super().__init__(Settings.load(), EngineSettings.load())


class WorkerReplica(WorkerActor):
    """One worker and a sender of callbacks, with the settings of their node, started again by Serve when one of them
    does not work.
    """

    def __init__(self, queue: str, families: tuple[Family, ...]) -> None:
        settings = EngineSettings.load()
        replica = ray_serve.get_replica_context().replica_id.unique_id
        build = DeployedBuild(cluster_plans(settings, families))
        super().__init__(Settings.load(), settings, build, f"worker-{queue}-{replica}", (queue,), LeaseTimes())

    def check_health(self) -> None:
        """Asked by Serve.

        Raises:
            Unavailable: one of its threads is gone.
        """
        if not self.ready():
            raise Unavailable("the worker does not work")

    def __del__(self) -> None:
        """Called by Serve before it ends the replica."""
        if hasattr(self, "_parts"):
            self.stop()


def cluster_plans(settings: EngineSettings, families: tuple[Family, ...]) -> Mapping[str, HostingPlan]:
    """Family -> where its engine is found, chosen for this node as its workers choose."""
    host = read_host(settings.cuda_visible_devices)
    plans = {family: _plan(family, settings, host) for family in families}
    return {family: plan for family, plan in plans.items() if plan is not None}


def _plan(family: str, settings: EngineSettings, host: HostFacts) -> HostingPlan | None:
    """The plan of an engine under the name that both sides know; None for a stub, which is not worth a way."""
    chosen = Engines(lambda: host, engine_wishes(settings)).of(family)
    if chosen.spec.backend_type != "real":
        return None
    plan = plan_hosting(chosen.choice, host, CLUSTER, cluster_resources={QUEUE: 1})
    return replace(plan, app=f"engine-{family}", deployment=family)


def _autoscaling(args: Replicas, target: float) -> dict[str, float]:
    return {
        "min_replicas": args.min_replicas,
        "max_replicas": args.max_replicas,
        "target_ongoing_requests": target,
    }
