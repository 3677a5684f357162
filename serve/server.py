"""`reelwright serve`: one local Ray with the HTTP application, the engines and the workers, until it is told to stop.

    client -> Serve's proxy -> api (this application) -> jobs in the database, in four queues
                                                           ^ claimed by
    workers (actors, of one queue each) -> engines (Serve deployments, started when they are first asked)
                                        -> Ray jobs (episodes of a season)

Ray holds no truth: whoever of these dies is started again, and the jobs are where they were. Only Ray itself is not:
`watching` then ends the server, for its supervisor to start it again. On a cluster the same parts are deployed by
`serve.yaml` (`cluster_app`).
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from actors.deployed import DeployedBuild
from actors.host_facts import read_host
from actors.hosting import HostingPlan, plan_hosting
from cluster.jobs.queue import LeaseTimes
from cluster.jobs.records import QUEUES
from cluster.ray_session import local_ray, serving
from cluster.settings import EngineSettings, Settings
from pipelines.analysis.media_flow import Engines
from pipelines.wiring import engine_wishes
from serve.process_logs import LoggedBuild, start_logging

if TYPE_CHECKING:
    from serve.callbacks import CallbackLoop
    from serve.workers import Worker

_LOG = logging.getLogger(__name__)

HOSTED = ("faces", "speech", "voice_activity")
"""Families that hold a model in memory; the others cost less than the way to them."""

API_CPUS = 0.1
WORKER_CPUS = 0.02
"""Of what Ray counts: on two CPUs the API, MOST_WORKERS workers of each queue, every engine and the tasks of a render
fit beside each other."""

MOST_WORKERS = 16
"""Of one queue on one machine."""

PLACE = 0.99
"""What a worker takes of its queue's resource. A node that offers N has N workers of the queue; what they leave places
engines and Ray jobs beside them."""

STORE_BYTES = 512 << 20

API_ONGOING = 256
"""Requests that the API has at once; each that waits for a job costs a coroutine."""


@dataclass(frozen=True)
class ServerOptions:
    """How the server runs."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    """Of each queue."""

    num_cpus: int = 2
    lease: LeaseTimes = field(default_factory=LeaseTimes)


def engine_plans(settings: EngineSettings) -> dict[str, HostingPlan]:
    """Family -> how its engine is hosted, for those that are worth it.

    Raises:
        Unavailable: not even a stub of a family is here.
    """
    host = read_host(settings.cuda_visible_devices)
    engines = Engines(lambda: host, engine_wishes(settings))
    chosen = {family: engines.of(family) for family in HOSTED}
    return {family: plan_hosting(one.choice, host) for family, one in chosen.items() if one.spec.backend_type == "real"}


@contextmanager
def running(settings: Settings, engines: EngineSettings, options: ServerOptions) -> Iterator[str]:
    """The server, ready when the block begins and gone when it ends; yields its address.

    Raises:
        Unavailable: Ray does not start, the port is taken, or an engine does not come up.
    """
    plans = {family: replace(plan, build=LoggedBuild(settings)) for family, plan in engine_plans(engines).items()}
    with ExitStack() as stack:
        ray = stack.enter_context(
            local_ray(
                options.num_cpus,
                object_store_bytes=STORE_BYTES,
                dashboard=True,  # it carries the job API
                resources=dict.fromkeys(QUEUES, float(options.workers)),
            )
        )
        build = DeployedBuild(plans)
        actors = [
            ray.remote(WorkerActor)
            .options(
                name=name, num_cpus=WORKER_CPUS, resources={queue: PLACE}, max_restarts=-1, max_concurrency=2
            )
            .remote(settings, engines, build, name, (queue,), options.lease)
            for queue, name in worker_names(options.workers)
        ]  # fmt: skip
        ray_serve = stack.enter_context(serving(options.host, options.port))
        from actors.serve_host import deploy  # after Ray's environment

        deploy(list(plans.values()))
        api: Any = ray_serve.deployment(
            name="api",
            ray_actor_options={"num_cpus": API_CPUS},
            max_ongoing_requests=API_ONGOING,
            logging_config={"enable_access_log": False},
        )(ray_serve.ingress()(Api))
        ray_serve.run(api.bind(settings, engines), name="api", route_prefix="/")
        ray.get([actor.ready.remote() for actor in actors])
        yield f"http://{options.host}:{options.port}"
        ray.get([actor.stop.remote() for actor in actors])


def _applications() -> dict[str, str]:
    """Every application of this Serve, and its state."""
    from ray import serve as ray_serve

    return {name: one.status.value for name, one in ray_serve.status().applications.items()}


def worker_names(count: int) -> list[tuple[str, str]]:
    """Each worker's queue and name: every queue has its own, so that none waits for the work of another."""
    return [(queue, f"worker-{queue}-{number}") for number in range(count) for queue in QUEUES]


class WorkerActor:
    """One worker in one process of its own, named in the dashboard, and a sender of callbacks beside it; a restarted
    one goes on by itself.
    """

    def __init__(
        self,
        settings: Settings,
        engines: EngineSettings,
        build: DeployedBuild,
        name: str,
        queues: tuple[str, ...],
        lease: LeaseTimes,
    ) -> None:
        from serve.callbacks import CallbackLoop, webhook_sender
        from serve.http.site import open_site
        from serve.workers import Worker

        self._name = name
        start_logging(settings, name)
        self._stack = ExitStack()
        site = self._stack.enter_context(open_site(settings, engines, build))
        worker, callbacks = Worker(replace(site, lease=lease), name, queues), CallbackLoop(webhook_sender(site), name)
        self._parts: list[tuple[Worker | CallbackLoop, threading.Thread]] = [
            (worker, threading.Thread(target=self._work, args=(worker,), name=name, daemon=True)),
            (callbacks, threading.Thread(target=self._work, args=(callbacks,), name=f"callbacks-{name}", daemon=True)),
        ]
        for _, thread in self._parts:
            thread.start()

    def __repr__(self) -> str:
        return self._name  # what the dashboard calls it

    def _work(self, part: Worker | CallbackLoop) -> None:
        """A part that broke takes its process with it: Ray starts another."""
        try:
            part.run()
        except BaseException as exc:  # noqa: BLE001 - whatever it was, an actor without its thread would look alive
            _LOG.critical("%s of %s broke", type(part).__name__, self._name, exc_info=exc)
            os._exit(1)

    def ready(self) -> bool:
        """Whether it works, and sends."""
        return all(thread.is_alive() for _, thread in self._parts)

    def stop(self) -> None:
        """Takes no further job, and returns when the last one is done and no callback is on its way."""
        for part, thread in self._parts:
            part.stop()
            thread.join()  # the worker's first: its last job may have a callback
        self._stack.close()


class Api:
    """The HTTP application as a deployment of Ray Serve."""

    def __init__(self, settings: Settings, engines: EngineSettings) -> None:
        self._settings, self._engines = settings, engines

    def __serve_build_asgi_app__(self) -> Any:
        """Called by Serve in the replica, once."""
        from serve.http.app import build_api
        from serve.http.site import open_site

        start_logging(self._settings, "api")
        stack = ExitStack()
        return build_api(
            stack.enter_context(open_site(self._settings, self._engines)),
            closing=stack.close,
            applications=_applications,
        )
