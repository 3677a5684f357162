"""What workers do with jobs: claim, keep, report, end; and what keeps the queues going: reap, pause, count.

A worker that was away past its lease has lost it, whether or not anybody else has noticed: the time is checked with
the fence on every write, in the transaction that writes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import Connection, RowMapping, Select, delete, func, select, update

from cluster.jobs.backoff import retry_delay_s
from cluster.jobs.clock import Clock, database_us
from cluster.jobs.records import QUEUES, ClaimedJob, Heartbeat, JobRecord, JobStatus, Lease, QueueDepth
from cluster.jobs.rows import job_record, moment
from cluster.jobs.transitions import change, end, failure_of, release
from cluster.redaction import Redactor
from cluster.registry.database import Database
from cluster.registry.observations import ObservationBook
from cluster.registry.rows import from_us
from cluster.registry.tables import job, paused_queue
from cluster.tenancy.scope import TenantScope
from schemas.errors import InvalidInput, LeaseLost, Unavailable


@dataclass(frozen=True)
class LeaseTimes:
    """How long a claim holds, and how often a worker says that it lives."""

    lease_s: float = 60
    heartbeat_s: float = 15


class JobQueue:
    """The queues of one site, shared by its tenants."""

    def __init__(
        self,
        database: Database,
        site_id: str,
        *,
        times: LeaseTimes | None = None,
        redactor: Redactor | None = None,
        clock: Clock = database_us,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._site_id = site_id
        self.times = times or LeaseTimes()
        self._lease_us = round(self.times.lease_s * 1_000_000)
        self._redactor = redactor or Redactor()
        self._clock = clock
        self._draw = draw

    def claim(self, queue: str, worker: str) -> ClaimedJob | None:
        """The job whose turn it is, in progress from now on: by priority, then by age. None when there is none."""
        with self._database.read() as connection:  # an idle worker takes no lock
            if connection.execute(self._turn(queue, self._clock(connection))).first() is None:
                return None
        with self._database.write() as connection:
            now_us = self._clock(connection)
            row = connection.execute(self._turn(queue, now_us).with_for_update(skip_locked=True)).mappings().first()
            if row is None:
                return None
            values = {
                "status": "in_progress",
                "attempt": job.c.attempt + 1,
                "fence": job.c.fence + 1,
                "lease_owner": worker,
                "lease_until_us": now_us + self._lease_us,
                "started_at_us": func.coalesce(job.c.started_at_us, now_us),
            }
            row = change(connection, row, now_us, values, "started", {"attempt": row["attempt"] + 1})
            lease = Lease(row["tenant"], row["env"], row["job_id"], row["fence"])
            return ClaimedJob(job_record(row), lease)

    def heartbeat(self, lease: Lease) -> Heartbeat:
        """A lease that holds for its full time again, and whether the caller wants the job stopped.

        Raises:
            LeaseLost: stop working: the job is somebody else's by now, or nobody's.
        """
        with self._database.write() as connection:
            row, now_us = self._held(connection, lease)
            until_us = now_us + self._lease_us
            connection.execute(update(job).where(job.c.seq == row["seq"]).values(lease_until_us=until_us))
            return Heartbeat(from_us(until_us), row["cancel_requested"])

    def progress(self, lease: Lease, payload: Mapping[str, Any]) -> int:
        """Number of the event by which those who follow the job learn `payload`.

        Raises:
            LeaseLost: nothing was written.
        """
        with self._database.write() as connection:
            row, now_us = self._held(connection, lease)
            number: int = change(connection, row, now_us, {}, "progress", self._redactor.value(payload))["last_event"]
            return number

    def complete(
        self,
        lease: Lease,
        result: Mapping[str, Any],
        *,
        degraded: bool = False,
        summary: Mapping[str, Any] | None = None,
    ) -> JobRecord:
        """The job, done; `degraded` when a fallback was used. `summary`, how this try went, is kept with its end.

        Raises:
            LeaseLost: nothing was written.
        """
        with self._database.write() as connection:
            row, now_us = self._held(connection, lease)
            status: JobStatus = "degraded" if degraded else "completed"
            return job_record(end(connection, row, now_us, status, result=result, told=self._told(summary)))

    def fail(self, lease: Lease, error: Exception, *, summary: Mapping[str, Any] | None = None) -> JobRecord:
        """The job after this try: back in its queue when the error may pass, else failed, in the dead letters when its
        attempts are used up. One that was asked to stop is cancelled.

        Raises:
            LeaseLost: nothing was written.
        """
        failure = failure_of(error, self._redactor)
        with self._database.write() as connection:
            row, now_us = self._held(connection, lease)
            summed = self._told(summary)
            if row["cancel_requested"]:
                return job_record(end(connection, row, now_us, "cancelled", told=summed))
            transient = isinstance(error, Unavailable)
            if transient and row["attempt"] < row["max_attempts"]:
                delay_s = retry_delay_s(row["attempt"], self._draw(), _asked_s(error))
                told = {"code": failure["code"], "attempt": row["attempt"], "delay_s": delay_s, **summed}
                return job_record(release(connection, row, now_us, delay_s, "retrying", told))
            return job_record(end(connection, row, now_us, "failed", failure=failure, dead=transient, told=summed))

    def cancelled(self, lease: Lease, *, summary: Mapping[str, Any] | None = None) -> JobRecord:
        """The job, stopped as its caller asked.

        Raises:
            LeaseLost: nothing was written.
        """
        with self._database.write() as connection:
            row, now_us = self._held(connection, lease)
            return job_record(end(connection, row, now_us, "cancelled", told=self._told(summary)))

    def check(self, connection: Connection, lease: Lease) -> None:
        """Nothing, when the lease holds, and it will until this transaction ends: for other writes of the worker.

        Raises:
            LeaseLost: let the transaction go.
        """
        self._held(connection, lease)

    def reap(self, *, limit: int = 100) -> tuple[JobRecord, ...]:
        """The jobs whose lease ran out, now back in their queues at once, or dead when that was their last attempt, or
        cancelled when that was asked for. Any number of reapers may run; call it every heartbeat.
        """
        with self._database.read() as connection:
            if connection.execute(self._lapsed(self._clock(connection)).limit(1)).first() is None:
                return ()
        with self._database.write() as connection:
            now_us = self._clock(connection)
            query = self._lapsed(now_us).limit(limit).with_for_update(skip_locked=True)
            rows = connection.execute(query).mappings().all()
            return tuple(job_record(_lapse(connection, row, now_us)) for row in rows)

    def pause(self, queue: str, by: TenantScope) -> None:
        """Hold a queue back: what waits stays, what runs goes on. Pausing again changes nothing."""
        self._check_queue(queue)
        with self._database.write() as connection:
            self._database.alone(connection, f"pause/{self._site_id}/{queue}")
            if connection.execute(self._pauses(queue)).first() is None:
                row = {"site_id": self._site_id, "queue": queue, "paused_by": by.user_id}
                connection.execute(paused_queue.insert().values(row | {"paused_at_us": self._clock(connection)}))
                ObservationBook(self._database, by, self._site_id).add_audit(connection, "pause_queue", queue, {})

    def resume(self, queue: str, by: TenantScope) -> None:
        """Let a queue go on. Resuming again changes nothing."""
        self._check_queue(queue)
        mine = (paused_queue.c.site_id == self._site_id, paused_queue.c.queue == queue)
        with self._database.write() as connection:
            if connection.execute(delete(paused_queue).where(*mine)).rowcount:
                ObservationBook(self._database, by, self._site_id).add_audit(connection, "resume_queue", queue, {})

    def depths(self) -> tuple[QueueDepth, ...]:
        """Every queue and what is in it."""
        counts = (
            select(job.c.queue, job.c.status, func.count(), func.min(job.c.submitted_at_us))
            .where(job.c.site_id == self._site_id, job.c.status.in_(("queued", "in_progress")))
            .group_by(job.c.queue, job.c.status)
        )
        with self._database.read() as connection:
            found = {(queue, status): (count, oldest) for queue, status, count, oldest in connection.execute(counts)}
            paused = set(connection.execute(select(paused_queue.c.queue).where(self._here())).scalars())
        return tuple(
            QueueDepth(
                queue=queue,
                waiting=found.get((queue, "queued"), (0, None))[0],
                running=found.get((queue, "in_progress"), (0, None))[0],
                paused=queue in paused,
                oldest_submitted_at=moment(found.get((queue, "queued"), (0, None))[1]),
            )
            for queue in QUEUES
        )

    def counts(self) -> dict[JobStatus, int]:
        """How many jobs of this site there are of each status, over all tenants and queues."""
        query = select(job.c.status, func.count()).where(job.c.site_id == self._site_id).group_by(job.c.status)
        with self._database.read() as connection:
            found: dict[JobStatus, int] = {row[0]: row[1] for row in connection.execute(query)}
        return dict.fromkeys(get_args(JobStatus), 0) | found

    def _told(self, summary: Mapping[str, Any] | None) -> dict[str, Any]:
        return {} if summary is None else {"summary": self._redactor.value(summary)}

    def _turn(self, queue: str, now_us: int) -> Select[Any]:
        self._check_queue(queue)
        return (
            select(job)
            .where(
                job.c.site_id == self._site_id,
                job.c.queue == queue,
                job.c.status == "queued",
                job.c.not_before_us <= now_us,
                ~self._pauses(queue).exists(),
            )
            .order_by(job.c.rank, job.c.seq)
            .limit(1)
        )

    def _lapsed(self, now_us: int) -> Select[Any]:
        mine = (job.c.site_id == self._site_id, job.c.status == "in_progress", job.c.lease_until_us <= now_us)
        return select(job).where(*mine).order_by(job.c.lease_until_us)

    def _held(self, connection: Connection, lease: Lease) -> tuple[RowMapping, int]:
        """The row, locked, and the time at which the lease was found to hold."""
        query = select(job).where(job.c.tenant == lease.tenant, job.c.env == lease.env, job.c.job_id == lease.job_id)
        row = connection.execute(query.with_for_update()).mappings().first()
        now_us = self._clock(connection)
        if (
            row is None
            or row["status"] != "in_progress"
            or row["fence"] != lease.fence
            or row["lease_until_us"] <= now_us
        ):
            raise LeaseLost(f"job {lease.job_id!r} is no longer held under fence {lease.fence!r}", job_id=lease.job_id)
        return row, now_us

    def _pauses(self, queue: str) -> Select[Any]:
        return select(paused_queue.c.queue).where(self._here(), paused_queue.c.queue == queue)

    def _here(self) -> Any:
        return paused_queue.c.site_id == self._site_id

    def _check_queue(self, queue: str) -> None:
        if queue not in QUEUES:
            raise InvalidInput(f"queue must be one of {', '.join(QUEUES)}, got {queue!r}")


def _lapse(connection: Connection, row: RowMapping, now_us: int) -> RowMapping:
    if row["cancel_requested"]:
        return end(connection, row, now_us, "cancelled")
    if row["attempt"] >= row["max_attempts"]:
        message = f"its worker {row['lease_owner']!r} went away on attempt {row['attempt']} of {row['max_attempts']}"
        failure = {"code": LeaseLost.code, "message": message, "detail": {}}
        return end(connection, row, now_us, "failed", failure=failure, dead=True)
    return release(connection, row, now_us, 0, "lease_expired", {"attempt": row["attempt"]})


def _asked_s(error: Exception) -> float:
    asked = getattr(error, "detail", {}).get("retry_after_s", 0)
    return float(asked) if isinstance(asked, int | float) else 0.0
