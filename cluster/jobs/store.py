"""What callers do with jobs: submit, look, follow, cancel, retry. Everything is bound to the caller's tenant and
environment; another tenant's job answers exactly as one that never was.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, RowMapping, Select, func, select, update

from cluster.jobs.clock import Clock, database_us
from cluster.jobs.records import (
    ENDED,
    Idempotency,
    JobEvent,
    JobRecord,
    JobRequest,
    JobStatus,
    QueueLimits,
    Submitted,
)
from cluster.jobs.rows import event_record, job_record
from cluster.jobs.transitions import add_event, callback_purpose, change, end
from cluster.registry.database import Database
from cluster.registry.observations import ObservationBook
from cluster.registry.rows import to_json
from cluster.registry.tables import job, job_event
from cluster.tenancy.quotas import UNLIMITED, Quota, check_jobs, check_spending
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.sealing import Sealer
from schemas.canonical import fingerprint
from schemas.errors import Conflict, IdempotencyMismatch, InvalidInput, NotFound, QueueFull

KEY_KEPT_S = 72 * 3600
"""How long an idempotency key still stands for its job after that has ended: as long as its callbacks are tried."""


class JobStore:
    """The jobs of one scope."""

    def __init__(
        self,
        database: Database,
        scope: TenantScope,
        site_id: str,
        sealer: Sealer,
        *,
        quota: Quota = UNLIMITED,
        limits: QueueLimits | None = None,
        clock: Clock = database_us,
    ) -> None:
        self._database = database
        self._scope = scope
        self._site_id = site_id
        self._sealer = sealer
        self._quota = quota
        self._limits = limits or QueueLimits()
        self._clock = clock

    def submit(self, request: JobRequest) -> Submitted:
        """The job for `request`: a new one, or the one that a repeated request made before.

        Looking and making are one transaction, alone for the tenant, so that of any number of equal requests exactly
        one makes a job.

        Raises:
            IdempotencyMismatch: the key was used on this route with another body.
            Conflict: another request has this `request_id`.
            QueueFull: as many jobs wait in the queue as may.
            QuotaExceeded: the tenant has used what it may.
        """
        body_hash = None if request.idempotency is None else fingerprint(dict(request.idempotency.body))
        with self._database.read() as connection:
            now_us = self._clock(connection)
            if found := self._answer(connection, request, body_hash, now_us):
                return found
            check_spending(connection, self._scope.tenant, self._quota, now_us)
        with self._database.write() as connection:
            self._database.alone(connection, f"submit/{self._scope.tenant}")
            now_us = self._clock(connection)
            if found := self._answer(connection, request, body_hash, now_us):
                return found
            self._check_request_id(connection, request.request_id)
            self._check_place(connection, request.queue)
            check_jobs(connection, self._scope.tenant, self._quota)
            self._release_expired(connection, request.idempotency, now_us)
            return Submitted(job_record(self._insert(connection, request, body_hash, now_us)), replayed=False)

    def known(self, request: JobRequest) -> Submitted | None:
        """The job that `submit` would answer with because it is there already; None when it would make one.

        Raises:
            IdempotencyMismatch: the key was used on this route with another body.
        """
        body_hash = None if request.idempotency is None else fingerprint(dict(request.idempotency.body))
        with self._database.read() as connection:
            return self._answer(connection, request, body_hash, self._clock(connection))

    def get(self, job_id: str) -> JobRecord:
        """The job of this id.

        Raises:
            NotFound: this scope has no such job.
        """
        return self._one(self._mine().where(job.c.job_id == job_id), f"no job {job_id!r}")

    def by_request(self, request_id: str) -> JobRecord:
        """The job that was submitted with this `request_id`.

        Raises:
            NotFound: this scope has no such request.
        """
        return self._one(self._mine().where(job.c.request_id == request_id), f"no request {request_id!r}")

    def list(
        self,
        *,
        status: JobStatus | None = None,
        kind: str | None = None,
        dead: bool | None = None,
        before: str | None = None,
        limit: int = 20,
    ) -> tuple[JobRecord, ...]:
        """Jobs, newest first, those older than the job `before`.

        Raises:
            NotFound: `before` is no job of this scope.
        """
        query = self._mine()
        for column, value in ((job.c.status, status), (job.c.kind, kind), (job.c.dead, dead)):
            if value is not None:
                query = query.where(column == value)
        with self._database.read() as connection:
            if before is not None:
                query = query.where(job.c.seq < self._locate(connection, before)["seq"])
            rows = connection.execute(query.order_by(job.c.seq.desc()).limit(limit)).mappings().all()
        return tuple(map(job_record, rows))

    def events(
        self, job_id: str, *, after: int = 0, limit: int = 500, without: str | None = None
    ) -> tuple[JobEvent, ...]:
        """Events of a job numbered above `after`, in order, those of the kind `without` left out.

        Raises:
            NotFound: this scope has no such job.
        """
        query = (
            select(job_event)
            .where(
                job_event.c.tenant == self._scope.tenant,
                job_event.c.env == self._scope.env,
                job_event.c.job_id == job_id,
                job_event.c.number > after,
            )
            .order_by(job_event.c.number)
            .limit(limit)
        )
        if without is not None:
            query = query.where(job_event.c.kind != without)
        with self._database.read() as connection:
            self._locate(connection, job_id)
            rows = connection.execute(query).mappings().all()
        return tuple(map(event_record, rows))

    def cancel(self, job_id: str) -> JobRecord:
        """The job, cancelled when it waited; asked to stop when it runs; as it is when it has ended.

        Raises:
            NotFound: this scope has no such job.
        """
        with self._database.write() as connection:
            row = self._locate(connection, job_id, lock=True)
            now_us = self._clock(connection)
            if row["status"] == "queued":
                row = end(connection, row, now_us, "cancelled")
            elif row["status"] == "in_progress" and not row["cancel_requested"]:
                row = change(connection, row, now_us, {"cancel_requested": True}, "cancel_requested", {})
            else:
                return job_record(row)
            self._audit(connection, "cancel_job", job_id)
            return job_record(row)

    def retry(self, job_id: str) -> JobRecord:
        """The failed job, in its queue again with all its attempts.

        Raises:
            NotFound: this scope has no such job.
            Conflict: it has not failed, or another job does the same by now.
        """
        with self._database.write() as connection:
            self._database.alone(connection, f"submit/{self._scope.tenant}")
            row = self._locate(connection, job_id, lock=True)
            if row["status"] != "failed":
                raise Conflict(f"job {job_id!r} is {row['status']!r}; only a failed one is tried again")
            if row["identity"] is not None and row["idempotency_key"] is None:
                holder = self._first(connection, job.c.held_identity == row["identity"])
                if holder is not None:
                    raise Conflict(f"job {holder['job_id']!r} does the same as {job_id!r} by now")
            now_us = self._clock(connection)
            fresh = {
                "status": "queued", "attempt": 0, "dead": False, "cancel_requested": False, "finished_at_us": None,
                "not_before_us": now_us, "error_code": "", "error": "", "error_detail": "{}",
                "held_identity": None if row["idempotency_key"] else row["identity"],
            }  # fmt: skip
            row = change(connection, row, now_us, fresh, "queued", {"retried": True})
            self._audit(connection, "retry_job", job_id)
            return job_record(row)

    def _answer(
        self, connection: Connection, request: JobRequest, body_hash: str | None, now_us: int
    ) -> Submitted | None:
        """The job that stands for this request already."""
        key = request.idempotency
        if key is not None:
            row = self._first(connection, job.c.route == key.route, job.c.idempotency_key == key.key)
            if row is None or _expired(row, now_us):
                return None
            if row["body_hash"] != body_hash:
                raise IdempotencyMismatch(f"the idempotency key {key.key!r} was used with another body", key=key.key)
            return Submitted(job_record(row), replayed=True)
        if request.identity is None:
            return None
        row = self._first(connection, job.c.held_identity == request.identity)
        return None if row is None else Submitted(job_record(row), replayed=True)

    def _check_request_id(self, connection: Connection, request_id: str | None) -> None:
        if request_id is not None and self._first(connection, job.c.request_id == request_id) is not None:
            raise Conflict(f"there is another request {request_id!r}", request_id=request_id)

    def _check_place(self, connection: Connection, queue: str) -> None:
        most = self._limits.waiting.get(queue)
        if most is None:
            return
        self._database.alone(connection, f"queue/{self._site_id}/{queue}")
        waiting = select(func.count()).where(
            job.c.site_id == self._site_id, job.c.queue == queue, job.c.status == "queued"
        )
        if connection.execute(waiting).scalar_one() >= most:
            message = f"{most} jobs wait in {queue!r} and no more may"
            raise QueueFull(message, queue=queue, retry_after_s=self._limits.retry_after_s)

    def _release_expired(self, connection: Connection, key: Idempotency | None, now_us: int) -> None:
        """An old job gives the key back; `_answer` has found that it does not stand for it any more."""
        if key is not None:
            held = self._mine_where(job.c.route == key.route, job.c.idempotency_key == key.key)
            connection.execute(update(job).where(*held).values(idempotency_key=None))

    def _insert(self, connection: Connection, request: JobRequest, body_hash: str | None, now_us: int) -> RowMapping:
        key = request.idempotency
        row = {
            "tenant": self._scope.tenant,
            "env": self._scope.env,
            "job_id": f"j_{secrets.token_hex(16)}",
            "queue": request.queue,
            "kind": request.kind,
            "status": "queued",
            "rank": -request.priority,
            "payload": to_json(request.payload),
            "callbacks": json.dumps([self._sealed(url) for url in request.callbacks]),
            "request_id": request.request_id,
            "route": None if key is None else key.route,
            "idempotency_key": None if key is None else key.key,
            "body_hash": body_hash,
            "identity": request.identity,
            "held_identity": request.identity if key is None else None,
            "attempt": 0,
            "max_attempts": request.max_attempts,
            "fence": 0,
            "lease_owner": "",
            "not_before_us": now_us,
            "cancel_requested": False,
            "dead": False,
            "last_event": 1,
            "error_code": "",
            "error": "",
            "error_detail": "{}",
            "submitted_by": self._scope.user_id,
            "site_id": self._site_id,
            "submitted_at_us": now_us,
        }
        made = connection.execute(job.insert().values(row).returning(job)).mappings().one()
        add_event(connection, made, now_us, "queued", {})
        return made

    def _sealed(self, url: str) -> Mapping[str, str]:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError as exc:
            raise InvalidInput("a callback address is a URL like https://example.org/hook") from exc
        return {
            "endpoint": self._sealer.digest(host),
            "sealed_url": self._sealer.seal(url, callback_purpose(self._scope.tenant, self._scope.env)),
        }

    def _audit(self, connection: Connection, action: str, job_id: str) -> None:
        ObservationBook(self._database, self._scope, self._site_id).add_audit(connection, action, job_id, {})

    def _mine(self) -> Select[Any]:
        return select(job).where(*self._mine_where())

    def _mine_where(self, *conditions: Any) -> tuple[Any, ...]:
        return job.c.tenant == self._scope.tenant, job.c.env == self._scope.env, *conditions

    def _first(self, connection: Connection, *conditions: Any) -> RowMapping | None:
        return connection.execute(self._mine().where(*conditions)).mappings().first()

    def _locate(self, connection: Connection, job_id: str, *, lock: bool = False) -> RowMapping:
        query = self._mine().where(job.c.job_id == job_id)
        row = connection.execute(query.with_for_update() if lock else query).mappings().first()
        if row is None:
            raise NotFound(f"no job {job_id!r}")
        return row

    def _one(self, query: Select[Any], missing: str) -> JobRecord:
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound(missing)
        return job_record(row)


def _expired(row: RowMapping, now_us: int) -> bool:
    return row["status"] in ENDED and now_us - row["finished_at_us"] > KEY_KEPT_S * 1_000_000
