"""The only place that starts Ray, and Serve on it: a private local cluster, closed to others, gone when the block ends.

The address is always given (a bare `ray.init()` attaches to whatever cluster it finds on the host), token
authentication is on with a token of this session's own in a 0600 file, and `ray stop`, which ends every Ray process
of the machine by name, is never used. Metrics are exported with and without the dashboard, by each node's agent; the
dashboard is for people and carries the job API.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import psutil

from cluster.own_folder import own_folder, sweep_left
from schemas.errors import Unavailable

OBJECT_STORE_BYTES = 128 << 20
"""Tasks exchange documents and paths, never frames; Ray's default would take 30 % of the memory."""

NO_PROGRESS_S = 300.0
"""A dataset that stands still that long fails: on few CPUs its parts can wait for each other. Loading a model counts as
standing still. Ray's own is 1,800."""

BLOCK_BYTES = 32 << 20
"""Of frames; Ray's default of 128 MiB are 48 frames of 720p, and nothing moves on before they are there."""

_NEEDED = frozenset({"gcs_server", "raylet", "dashboard"})
"""Ray's names of its processes."""

_ABOVE = Path("/tmp")
_PREFIX = "rw"


@cache
def _token() -> str:
    """One secret a process: Ray reads its token once, so a second session must use the first one's."""
    return secrets.token_hex(32)


@contextmanager
def local_ray(
    num_cpus: int,
    *,
    object_store_bytes: int = OBJECT_STORE_BYTES,
    dashboard: bool = False,
    resources: Mapping[str, float] | None = None,
) -> Iterator[Any]:
    """A local Ray with `num_cpus` CPUs; yields the `ray` module.

    The temporary folder's name is short because Ray's socket paths may not exceed 107 bytes. Those that killed
    processes left are swept.

    Args:
        num_cpus: what Ray counts with.
        object_store_bytes: shared memory for what tasks exchange; frames need hundreds of MiB.
        dashboard: the job API, and a page for people, on 127.0.0.1 from port 8265 on; 200 MB in eleven processes.
        resources: custom resources of this node.

    Raises:
        Unavailable: Ray does not start.
    """
    sweep_left(_ABOVE, f"{_PREFIX}*")
    options = {
        "num_cpus": num_cpus,
        "object_store_memory": object_store_bytes,
        "include_dashboard": dashboard,
        "dashboard_host": "127.0.0.1",
        "resources": dict(resources or {}),
    }
    with own_folder(_ABOVE / f"{_PREFIX}{secrets.token_hex(2)}") as folder, _session(folder, options) as ray:
        yield ray


@contextmanager
def ray_here(num_cpus: int) -> Iterator[Any]:
    """The Ray that this process is connected to, as in a worker of the server; else a local one for as long as it is
    needed. Yields the `ray` module.

    Raises:
        Unavailable: Ray does not start.
    """
    if is_connected():
        yield sys.modules["ray"]
    else:
        with local_ray(num_cpus) as ray:
            yield ray


def dead_parts() -> tuple[str, ...]:
    """Those processes of the local Ray that nobody starts again and that died: without them nothing works, though this
    process and some of Ray's own may go on for a minute, or for ever.
    """
    import ray

    node: Any = ray._private.worker._global_node
    return () if node is None else tuple(kind for kind, _ in node.dead_processes() if kind in _NEEDED)


def abandon_local_ray() -> None:
    """Kills everything that this process has started, the commands of Ray jobs among it, which would else go on for a
    minute. An orderly end would wait for parts that do not answer any more.
    """
    for started in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            started.kill()


def is_connected() -> bool:
    """Whether this process is part of a Ray that runs; without importing Ray."""
    ray = sys.modules.get("ray")
    return ray is not None and ray.is_initialized()


@contextmanager
def serving(host: str = "", port: int = 0) -> Iterator[Any]:
    """Ray Serve on the Ray that runs; yields the `ray.serve` module, ends what it serves at the end.

    Args:
        host: where HTTP is served; empty for engines alone, which are reached by handles.
        port: of HTTP.
    """
    from ray import serve as ray_serve

    logging.getLogger("ray.serve").setLevel(logging.ERROR)
    if host:
        # No limit for a request: it would cut streams of events off. Serve's own access log says paths as they came.
        ray_serve.start(
            proxy_location="HeadOnly",
            http_options={"host": host, "port": port},
            logging_config={"enable_access_log": False},
        )
    else:
        ray_serve.start(proxy_location="Disabled")
    try:
        yield ray_serve
    finally:
        ray_serve.shutdown()  # type: ignore[no-untyped-call]


def guard_datasets(*, no_progress_s: float = NO_PROGRESS_S, block_bytes: int = BLOCK_BYTES) -> None:
    """Datasets made from now on keep their order, drop nothing, fail rather than stand still, and print nothing.

    Args:
        no_progress_s: seconds without progress after which a dataset fails.
        block_bytes: size to which blocks are cut.
    """
    import ray.data

    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.max_errored_blocks = 0
    context.execution_no_progress_timeout_s = no_progress_s
    context.target_max_block_size = block_bytes
    context.raise_original_map_exception = True  # ours would not survive Ray's own wrapping
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # its errors are raised as well


@contextmanager
def _session(folder: Path, options: dict[str, Any]) -> Iterator[Any]:
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(_token())
    changed = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_TMPDIR": str(folder),
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
        "OMP_NUM_THREADS": "1",
        # When this process is killed, Ray's agents ask its dead control store this long (60 s unset), then they follow.
        "RAY_gcs_server_request_timeout_seconds": "20",
    }
    before = {name: os.environ.get(name) for name in (*changed, "RAY_ADDRESS")}
    os.environ.update(changed)
    os.environ.pop("RAY_ADDRESS", None)
    import ray  # after the environment, which Ray reads on import
    from ray._raylet import Config  # type: ignore[attr-defined]

    Config.initialize("")  # and reads again, for the case that somebody imported it before

    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        try:
            with _agent_on_a_free_port(ray):
                ray.init(
                    address="local",
                    _temp_dir=str(folder),
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    **options,
                )
        except Exception as exc:  # Ray raises whatever it has: a bare Exception when a machine is too busy
            raise Unavailable(f"Ray did not start: {exc}") from exc
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_sigterm)  # Ray's own would kill its nodes and abort
        # What Ray itself has to say goes to stdout, where commands print their documents.
        ray._private.worker._worker_logs_enabled = False
        yield ray
    finally:
        ray.shutdown()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _agent_on_a_free_port(ray: Any) -> Iterator[None]:
    """The node's agent, which starts Ray jobs, listens on whatever port is free. `ray.init` gives it 52365 and has no
    word for another: beside a second Ray, or the agent that a killed one leaves for a minute, it would listen nowhere,
    and every Ray job would fail for as long as this Ray runs.
    """
    parameter = ray._private.parameter
    before = parameter.RayParams
    parameter.RayParams = partial(before, dashboard_agent_listen_port=0)
    try:
        yield
    finally:
        parameter.RayParams = before
