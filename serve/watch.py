"""`reelwright serve` must not sit there dead: it ends when its Ray has, so that its supervisor starts it again.

Ray brings back workers, replicas, the proxy and Serve's controller. Its own control store and node daemon it does not:
without the first everything ends after a minute, without the second the server would stay and answer nobody.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from cluster.ray_session import abandon_local_ray, dead_parts
from serve import exit_codes

_LOG = logging.getLogger(__name__)

LOOK_S = 1.0

ASK_S = 5.0
"""Between two questions over HTTP, and how long one may take."""

SILENT_S = 90.0
"""How long nobody may answer: Serve's controller and its proxy have started again by then on a busy machine."""


def watching(stop: threading.Event, host: str, port: int) -> None:
    """Returns when `stop` is set. Ends this process, exit code 1, when the server is dead and stays so."""
    asked_s = answered_s = time.monotonic()
    while not stop.wait(LOOK_S):
        if dead := dead_parts():
            _end(f"Ray's {', '.join(dead)} died")
        now_s = time.monotonic()
        if now_s - asked_s < ASK_S:
            continue
        asked_s = now_s
        if _answers(host, port):
            answered_s = time.monotonic()
        elif time.monotonic() - answered_s > SILENT_S:
            _end(f"{host}:{port} did not answer for {SILENT_S:g} s")


def _answers(host: str, port: int) -> bool:
    try:
        with closing(HTTPConnection(host, port, timeout=ASK_S)) as connection:
            connection.request("GET", "/health")
            connection.getresponse()
            return True
    except (OSError, HTTPException):
        return False


def _end(reason: str) -> None:
    """At once: whoever would end in order waits for what is dead."""
    _LOG.error("the server ends: %s", reason)
    print(f"reelwright: unavailable: {reason}; jobs are in the database, start the server again", file=sys.stderr)
    sys.stderr.flush()
    abandon_local_ray()
    os._exit(exit_codes.FAILED)
