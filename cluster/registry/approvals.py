"""What people decided: approvals of checkpoints and overrides of failed gates (specification sections 15 and 27.3).

A decision is an observation, and it and its audit row are written in one transaction. A person may change his mind:
each decision is an occurrence of its own, and the latest one holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, func, select

from cluster.registry.database import Database
from cluster.registry.observations import ObservationBook
from cluster.registry.records import Observation
from cluster.registry.rows import now_utc, observation_record
from cluster.registry.tables import observation
from cluster.tenancy.scope import TenantScope
from schemas.errors import InvalidInput

Verdict = Literal["approved", "rejected", "overridden"]

_KIND = "decision"


@dataclass(frozen=True)
class Decision:
    """One decision of one person about one subject."""

    checkpoint: str
    """What was asked, for example `approve_canon_diff` or the name of a gate."""

    subject: str
    """What it was asked about: best the content hash of what the person saw, so that it holds for nothing else."""

    approver_id: str
    decision: Verdict
    notes: str
    decided_at: datetime


class ApprovalBook:
    """Decisions of one scope."""

    def __init__(
        self, database: Database, scope: TenantScope, site_id: str, clock: Callable[[], datetime] = now_utc
    ) -> None:
        self._database = database
        self._scope = scope
        self._book = ObservationBook(database, scope, site_id, clock)

    def decide(self, checkpoint: str, subject: str, decision: Verdict, notes: str = "") -> Decision:
        """The decision as recorded, by the scope's user, with its audit row.

        Raises:
            InvalidInput: a gate is overridden without a reason.
        """
        if decision == "overridden" and not notes.strip():
            raise InvalidInput(f"overriding {checkpoint!r} needs a reason in notes, got {notes!r}")
        payload = {
            "checkpoint": checkpoint,
            "subject": subject,
            "approver_id": self._scope.user_id,
            "decision": decision,
            "notes": notes,
        }
        with self._database.write() as connection:
            self._database.alone(connection, f"{_KIND}/{checkpoint}/{subject}")
            made = connection.execute(select(func.count()).select_from(self._about(checkpoint, subject).subquery()))
            occurrence = f"{checkpoint}/{subject}/{made.scalar_one()}"
            reports = self._book.add(connection, _KIND, occurrence, payload, self._scope.user_id)
            self._book.add_audit(connection, f"{decision}:{checkpoint}", subject, payload)
        return _decision(reports[-1])

    def latest(self, checkpoint: str, subject: str) -> Decision | None:
        """The decision that holds now, or None when nobody has decided."""
        query = self._about(checkpoint, subject).order_by(observation.c.seq.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _decision(observation_record(row))

    def _about(self, checkpoint: str, subject: str) -> Select[Any]:
        return select(observation).where(
            observation.c.tenant == self._scope.tenant,
            observation.c.env == self._scope.env,
            observation.c.kind == _KIND,
            observation.c.occurrence.startswith(f"{checkpoint}/{subject}/", autoescape=True),
        )


def _decision(record: Observation) -> Decision:
    return Decision(
        checkpoint=record.payload["checkpoint"],
        subject=record.payload["subject"],
        approver_id=record.payload["approver_id"],
        decision=record.payload["decision"],
        notes=record.payload["notes"],
        decided_at=record.observed_at,
    )
