"""Callbacks that wait to be sent. They are written where a job ends (`transitions`) and claimed like jobs, under a
lease and a fence: at least once, in no order. Receivers drop repeats by `webhook-id` and order by `sequence`.

One delivery at a time goes to one receiver, so that a receiver which hangs holds up nobody else's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, or_, select, update

from cluster.jobs.backoff import DELIVERY_SCHEDULE_S, delivery_delay_s
from cluster.jobs.clock import Clock, database_us
from cluster.jobs.rows import moment
from cluster.jobs.transitions import callback_purpose
from cluster.redaction import Redactor
from cluster.registry.database import Database
from cluster.registry.observations import ObservationBook
from cluster.registry.rows import from_us
from cluster.registry.tables import outbox
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.sealing import Sealer
from schemas.errors import Conflict, Defect, LeaseLost, NotFound

DeliveryStatus = Literal["waiting", "sending", "delivered", "dead"]

_LEASE_S = 60
"""A try takes 15 s at most, and some seconds for the name."""


@dataclass(frozen=True)
class DeliveryRecord:
    """One callback as it is now, without its address."""

    delivery_id: str
    job_id: str
    event: str
    status: DeliveryStatus
    attempt: int
    answer: int | None
    """HTTP status of the last try; None when there was no answer."""

    error: str
    created_at: datetime
    not_before: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class Delivery:
    """A callback to send, and the right to say what became of it."""

    tenant: str
    env: str
    delivery_id: str
    url: str
    """The address; it may hold a secret and is never logged."""

    payload: str
    attempt: int
    fence: int

    def __repr__(self) -> str:
        return f"Delivery({self.delivery_id!r}, attempt={self.attempt!r})"


class Outbox:
    """The callbacks of one site."""

    def __init__(
        self,
        database: Database,
        site_id: str,
        sealer: Sealer,
        *,
        redactor: Redactor | None = None,
        clock: Clock = database_us,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._site_id = site_id
        self._sealer = sealer
        self._redactor = redactor or Redactor()
        self._clock = clock
        self._draw = draw

    def claim(self, sender: str) -> Delivery | None:
        """The callback whose time has come longest ago; None when there is none to be sent now."""
        with self._database.read() as connection:
            if connection.execute(self._due(self._clock(connection)).limit(1)).first() is None:
                return None
        with self._database.write() as connection:
            self._database.alone(connection, f"outbox/{self._site_id}")  # else two could take one receiver's
            now_us = self._clock(connection)
            row = self._next(connection, now_us)
            if row is None:
                return None
            values = {
                "status": "sending",
                "attempt": outbox.c.attempt + 1,
                "fence": outbox.c.fence + 1,
                "lease_owner": sender,
                "lease_until_us": now_us + _LEASE_S * 1_000_000,
            }
            statement = update(outbox).where(outbox.c.seq == row["seq"]).values(values).returning(outbox)
            row = connection.execute(statement).mappings().one()
            return Delivery(
                row["tenant"],
                row["env"],
                row["delivery_id"],
                self._url(row),
                row["payload"],
                row["attempt"],
                row["fence"],
            )

    def delivered(self, delivery: Delivery, answer: int) -> None:
        """Note that the receiver took it.

        Raises:
            LeaseLost: another sender has it by now.
        """
        with self._database.write() as connection:
            row, now_us = self._held(connection, delivery)
            self._write(connection, row, status="delivered", answer=answer, error="", finished_at_us=now_us)

    def failed(
        self, delivery: Delivery, reason: str, *, answer: int | None = None, asked_s: float = 0, final: bool = False
    ) -> None:
        """Note that this try failed: the next one comes by the schedule, or none when `final` or the last was made.

        Raises:
            LeaseLost: another sender has it by now.
        """
        delay_s = None if final else delivery_delay_s(delivery.attempt, self._draw(), asked_s)
        error = self._redactor.text(reason)
        with self._database.write() as connection:
            row, now_us = self._held(connection, delivery)
            if delay_s is None:
                self._write(connection, row, status="dead", answer=answer, error=error, finished_at_us=now_us)
            else:
                later_us = now_us + round(delay_s * 1_000_000)
                self._write(connection, row, status="waiting", answer=answer, error=error, not_before_us=later_us)

    def of_job(self, scope: TenantScope, job_id: str) -> tuple[DeliveryRecord, ...]:
        """The callbacks of a job, oldest first; none for another tenant's."""
        query = select(outbox).where(*_of(scope), outbox.c.job_id == job_id).order_by(outbox.c.seq)
        with self._database.read() as connection:
            return tuple(map(_record, connection.execute(query).mappings()))

    def dead(self, scope: TenantScope, *, limit: int = 100) -> tuple[DeliveryRecord, ...]:
        """The callbacks that were given up, newest first."""
        query = select(outbox).where(*_of(scope), outbox.c.status == "dead").order_by(outbox.c.seq.desc())
        with self._database.read() as connection:
            return tuple(map(_record, connection.execute(query.limit(limit)).mappings()))

    def replay(self, scope: TenantScope, delivery_id: str) -> DeliveryRecord:
        """A callback that was given up, to be sent now and with all its tries again, under its old id.

        Raises:
            NotFound: this scope has no such callback.
            Conflict: it was not given up.
        """
        with self._database.write() as connection:
            query = select(outbox).where(*_of(scope), outbox.c.delivery_id == delivery_id).with_for_update()
            row = connection.execute(query).mappings().first()
            if row is None:
                raise NotFound(f"no delivery {delivery_id!r}")
            if row["status"] != "dead":
                raise Conflict(f"delivery {delivery_id!r} is {row['status']!r}; only a dead one is sent again")
            now_us = self._clock(connection)
            book = ObservationBook(self._database, scope, self._site_id)
            book.add_audit(connection, "replay_callback", delivery_id, {})
            return _record(
                self._write(connection, row, status="waiting", attempt=0, not_before_us=now_us, finished_at_us=None)
            )

    def _due(self, now_us: int) -> Select[Any]:
        """Waiting and its time has come, or its sender went away; and nothing else is on its way to that receiver."""
        sending = outbox.alias("sending")
        busy = select(sending.c.seq).where(
            sending.c.site_id == self._site_id,
            sending.c.endpoint == outbox.c.endpoint,
            sending.c.status == "sending",
            sending.c.lease_until_us > now_us,
        )
        due: ColumnElement[bool] = or_(outbox.c.status == "waiting", outbox.c.lease_until_us <= now_us)
        return (
            select(outbox)
            .where(
                outbox.c.site_id == self._site_id,
                outbox.c.status.in_(("waiting", "sending")),  # so that the index leaves out what is over
                outbox.c.not_before_us <= now_us,  # true of all that were ever claimed
                due,
                ~busy.exists(),
            )
            .order_by(outbox.c.not_before_us, outbox.c.seq)
        )

    def _next(self, connection: Connection, now_us: int) -> RowMapping | None:
        """The row whose turn it is. What nobody can send any more goes to the dead letters, and out of the way."""
        while True:
            query = self._due(now_us).limit(1).with_for_update(skip_locked=True)
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            try:
                self._url(row)
            except Defect as exc:
                problem = exc.message
            else:
                if row["attempt"] < len(DELIVERY_SCHEDULE_S):
                    return row
                problem = "its senders went away"
            self._write(connection, row, status="dead", error=problem, finished_at_us=now_us)

    def _held(self, connection: Connection, delivery: Delivery) -> tuple[RowMapping, int]:
        query = select(outbox).where(
            outbox.c.tenant == delivery.tenant,
            outbox.c.env == delivery.env,
            outbox.c.delivery_id == delivery.delivery_id,
        )
        row = connection.execute(query.with_for_update()).mappings().first()
        now_us = self._clock(connection)
        if row is None or row["status"] != "sending" or row["fence"] != delivery.fence:
            raise LeaseLost(f"delivery {delivery.delivery_id!r} is no longer held under fence {delivery.fence!r}")
        return row, now_us

    def _write(self, connection: Connection, row: RowMapping, **values: Any) -> RowMapping:
        values |= {"lease_owner": "", "lease_until_us": None}
        statement = update(outbox).where(outbox.c.seq == row["seq"]).values(values).returning(outbox)
        return connection.execute(statement).mappings().one()

    def _url(self, row: RowMapping) -> str:
        return self._sealer.open(row["sealed_url"], callback_purpose(row["tenant"], row["env"]))


def _of(scope: TenantScope) -> tuple[ColumnElement[bool], ...]:
    return outbox.c.tenant == scope.tenant, outbox.c.env == scope.env


def _record(row: RowMapping) -> DeliveryRecord:
    return DeliveryRecord(
        delivery_id=row["delivery_id"],
        job_id=row["job_id"],
        event=row["event"],
        status=row["status"],
        attempt=row["attempt"],
        answer=row["answer"],
        error=row["error"],
        created_at=from_us(row["created_at_us"]),
        not_before=from_us(row["not_before_us"]),
        finished_at=moment(row["finished_at_us"]),
    )
