"""The only place that starts Ray: a private local cluster, closed to others, gone when the block ends.

The address is always given (a bare `ray.init()` attaches to whatever cluster it finds on the host), token
authentication is on with a token of this session's own in a 0600 file, and `ray stop`, which ends every Ray process
of the machine by name, is never used.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from cluster.own_folder import own_folder, sweep_left

OBJECT_STORE_BYTES = 128 << 20
"""Tasks exchange documents and paths, never frames; Ray's default would take 30 % of the memory."""


_ABOVE = Path("/tmp")
_PREFIX = "rw"


@cache
def _token() -> str:
    """One secret a process: Ray reads its token once, so a second session must use the first one's."""
    return secrets.token_hex(32)


@contextmanager
def local_ray(num_cpus: int) -> Iterator[Any]:
    """A local Ray with `num_cpus` CPUs; yields the `ray` module.

    The temporary folder's name is short because Ray's socket paths may not exceed 107 bytes. Those that killed
    processes left are swept.
    """
    sweep_left(_ABOVE, f"{_PREFIX}*")
    with own_folder(_ABOVE / f"{_PREFIX}{secrets.token_hex(2)}") as folder, _session(folder, num_cpus) as ray:
        yield ray


@contextmanager
def _session(folder: Path, num_cpus: int) -> Iterator[Any]:
    token = folder / "token"
    token.touch(mode=0o600)
    token.write_text(_token())
    changed = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_TMPDIR": str(folder),
        "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",
        "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
        "OMP_NUM_THREADS": "1",
        # When this process is killed, Ray's agents ask its dead control store this long (60 s unset), then they follow.
        "RAY_gcs_server_request_timeout_seconds": "20",
    }
    before = {name: os.environ.get(name) for name in (*changed, "RAY_ADDRESS")}
    os.environ.update(changed)
    os.environ.pop("RAY_ADDRESS", None)
    import ray  # after the environment, which Ray reads on import

    on_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(
            address="local",
            _temp_dir=str(folder),
            num_cpus=num_cpus,
            object_store_memory=OBJECT_STORE_BYTES,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, on_sigterm)  # Ray's own would kill its nodes and abort
        yield ray
    finally:
        ray.shutdown()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
