"""Which workers a site has, and which of them live: each says so every heartbeat, working or not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select, update

from cluster.jobs.clock import Clock, database_us
from cluster.registry.database import Database
from cluster.registry.rows import from_us
from cluster.registry.tables import worker

WorkerState = Literal["idle", "active", "draining", "offline"]

FORGOTTEN_S = 7 * 24 * 3600
"""What was silent for longer is struck out when a new worker signs on."""


@dataclass(frozen=True)
class WorkerRecord:
    """One worker as it is now."""

    name: str
    queues: tuple[str, ...]
    state: WorkerState
    """`offline` when it signed off, or was silent for too long."""

    job_id: str
    """What it did when it was last heard of; empty for nothing."""

    started_at: datetime
    seen_at: datetime


class WorkerBook:
    """The workers of one site."""

    def __init__(self, database: Database, site_id: str, *, silent_s: float = 60, clock: Clock = database_us) -> None:
        """`silent_s`: whoever was not heard of for so long is taken for gone."""
        self._database = database
        self._site_id = site_id
        self._silent_us = round(silent_s * 1_000_000)
        self._clock = clock

    def beat(self, name: str, queues: tuple[str, ...], state: WorkerState, job_id: str = "") -> None:
        """Note that a worker lives, and what it does. Its first note after it was away is a new start."""
        with self._database.write() as connection:
            self._database.alone(connection, f"worker/{self._site_id}/{name}")
            now_us = self._clock(connection)
            mine = (worker.c.site_id == self._site_id, worker.c.name == name)
            before = connection.execute(select(worker).where(*mine)).mappings().first()
            row = {"queues": json.dumps(queues), "state": state, "job_id": job_id, "seen_at_us": now_us}
            if before is None:
                old = (worker.c.site_id == self._site_id, worker.c.seen_at_us < now_us - FORGOTTEN_S * 1_000_000)
                connection.execute(delete(worker).where(*old))
                keys = {"site_id": self._site_id, "name": name, "started_at_us": now_us}
                connection.execute(worker.insert().values({**keys, **row}))
                return
            if before["state"] == "offline" or before["seen_at_us"] < now_us - self._silent_us:
                row["started_at_us"] = now_us
            connection.execute(update(worker).where(*mine).values(row))

    def list(self) -> tuple[WorkerRecord, ...]:
        """Every worker that was heard of in the last week, by name."""
        query = select(worker).where(worker.c.site_id == self._site_id).order_by(worker.c.name)
        with self._database.read() as connection:
            oldest_us = self._clock(connection) - self._silent_us
            rows = connection.execute(query).mappings().all()
        return tuple(
            WorkerRecord(
                name=row["name"],
                queues=tuple(json.loads(row["queues"])),
                state="offline" if row["seen_at_us"] < oldest_us else row["state"],
                job_id=row["job_id"],
                started_at=from_us(row["started_at_us"]),
                seen_at=from_us(row["seen_at_us"]),
            )
            for row in rows
        )
