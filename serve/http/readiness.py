"""Can this server work? Asked part by part, so that an operator sees which one cannot."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, Field
from sqlalchemy import text

from schemas.errors import ReelwrightError
from serve.http.site import Site

FRESH_S = 1.0
"""An answer stands so long: anybody may ask, and as often as he likes."""

LONGEST_LOOK_S = 10.0
"""Whoever does not answer in that time is not ready."""

PROBE_BYTES = 4096

NO_BYTES = "0" * 64
"""The hash of nothing that anybody has."""

Applications = Callable[[], Mapping[str, str]]
"""Serve's applications and the state of each."""


class PartState(BaseModel):
    """One part of the server."""

    name: str = Field(description="`database`, `store`, `bucket`, `queue:NAME` or `application:NAME`.")
    ready: bool
    detail: str = Field(description="What was found; never an address or a secret.")


class Readiness(BaseModel):
    """The parts that work needs."""

    status: Literal["ready", "not_ready"]
    parts: list[PartState]

    @property
    def ready(self) -> bool:
        """Whether all of them are."""
        return self.status == "ready"


class Inspection:
    """Looks at the parts of a server."""

    def __init__(self, site: Site, applications: Applications | None = None) -> None:
        """Without `applications` nothing is said of them: outside Ray there are none."""
        self._site, self._applications = site, applications
        self._lock = threading.Lock()
        self._began_at_s = self._looked_at_s = 0.0
        self._found: Readiness | None = None

    def look(self) -> Readiness:
        """What was found, at most a second ago."""
        if not self._lock.acquire(blocking=self._found is None):
            return self._meanwhile()  # one waits for what hangs, not all threads that there are
        try:
            if self._found is None or time.monotonic() - self._looked_at_s >= FRESH_S:
                self._began_at_s = time.monotonic()
                self._found = _of([self._database(), self._store(), *self._bucket(), *self._queues(), *self._served()])
                self._looked_at_s = time.monotonic()
            return self._found
        finally:
            self._lock.release()

    def _meanwhile(self) -> Readiness:
        """The last answer, unless the next one does not come."""
        looking_s = time.monotonic() - self._began_at_s
        if self._found is None or looking_s >= LONGEST_LOOK_S:
            return _of([PartState(name="inspection", ready=False, detail=f"hangs since {looking_s:.0f} s")])
        return self._found

    def _database(self) -> PartState:
        try:
            with self._site.database.read() as connection:
                connection.execute(text("SELECT 1"))
        except ReelwrightError as exc:
            return PartState(name="database", ready=False, detail=exc.code)
        return PartState(name="database", ready=True, detail="answers")

    def _store(self) -> PartState:
        try:
            with tempfile.TemporaryFile(dir=self._site.settings.store) as file:
                file.write(b"\0" * PROBE_BYTES)
        except OSError as exc:
            return PartState(name="store", ready=False, detail=exc.strerror or "cannot be written")
        return PartState(name="store", ready=True, detail="can be written")

    def _bucket(self) -> Iterator[PartState]:
        """A bucket is ready when it answers whether it has what nobody stored."""
        if self._site.settings.bucket() is None:
            return
        try:
            self._site.desk(self._site.settings.scope()).blobs.has(NO_BYTES, 1)
        except ReelwrightError as exc:
            yield PartState(name="bucket", ready=False, detail=exc.code)
            return
        yield PartState(name="bucket", ready=True, detail="answers")

    def _queues(self) -> Iterator[PartState]:
        """A queue is ready when a worker that lives takes from it. A paused one is as its operator wants it."""
        try:
            depths, workers = self._site.queue().depths(), self._site.workers().list()
        except ReelwrightError as exc:
            yield PartState(name="queues", ready=False, detail=exc.code)
            return
        for one in depths:
            living = sum(one.queue in worker.queues and worker.state != "offline" for worker in workers)
            detail = f"{living} worker{'' if living == 1 else 's'}" + (", paused" if one.paused else "")
            yield PartState(name=f"queue:{one.queue}", ready=living > 0, detail=detail)

    def _served(self) -> Iterator[PartState]:
        if self._applications is None:
            return
        try:
            states = self._applications()
        except Exception as exc:  # noqa: BLE001 - Ray raises whatever it has; what is wrong with it is the answer
            yield PartState(name="applications", ready=False, detail=type(exc).__name__)
            return
        for name, state in sorted(states.items()):
            yield PartState(name=f"application:{name}", ready=state == "RUNNING", detail=state.lower())


def _of(parts: list[PartState]) -> Readiness:
    return Readiness(status="ready" if all(one.ready for one in parts) else "not_ready", parts=parts)
