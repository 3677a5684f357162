"""What happened once: uploads, decisions, providers' answers. No function of anything, so never reused or repeated.

The first report of an occurrence is the one that counts (rank 0). The same report again changes nothing; a differing
one is kept beside it under the next rank, so that a contradiction can be seen and never replaces what was acted upon.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cluster.registry.database import Database
from cluster.registry.records import Observation
from cluster.registry.rows import now_utc, observation_record, to_json, to_us
from cluster.registry.tables import audit, observation
from cluster.tenancy.scope import TenantScope
from schemas.canonical import sha256_hex


class ObservationBook:
    """Observations and audit rows of one scope. Both are append-only; the database itself refuses changes."""

    def __init__(
        self, database: Database, scope: TenantScope, site_id: str, clock: Callable[[], datetime] = now_utc
    ) -> None:
        self._database = database
        self._scope = scope
        self._site_id = site_id
        self._clock = clock

    def observe(self, kind: str, occurrence: str, payload: Mapping[str, Any], actor: str) -> Observation:
        """The observation that counts for this occurrence: `payload`, unless another was first."""
        with self._database.write() as connection:
            return self.add(connection, kind, occurrence, payload, actor)[0]

    def all_of(self, kind: str, occurrence: str) -> tuple[Observation, ...]:
        """Every report of this occurrence, the one that counts first; empty when there is none."""
        with self._database.read() as connection:
            return self.seen(connection, kind, occurrence)

    def add(
        self, connection: Connection, kind: str, occurrence: str, payload: Mapping[str, Any], actor: str
    ) -> tuple[Observation, ...]:
        """`observe` within the caller's transaction; gives every report of the occurrence."""
        self._database.alone(connection, f"{kind}/{occurrence}")
        content = to_json(payload)
        reports = self.seen(connection, kind, occurrence)
        if any(to_json(report.payload) == content for report in reports):
            return reports
        row = {
            "tenant": self._scope.tenant,
            "env": self._scope.env,
            "kind": kind,
            "occurrence": occurrence,
            "rank": len(reports),
            "payload_hash": sha256_hex(content.encode()),
            "payload": content,
            "actor": actor,
            "site_id": self._site_id,
            "observed_at_us": to_us(self._clock()),
        }
        connection.execute(observation.insert().values(row))
        return self.seen(connection, kind, occurrence)

    def seen(self, connection: Connection, kind: str, occurrence: str) -> tuple[Observation, ...]:
        """`all_of` within the caller's transaction."""
        query = (
            select(observation)
            .where(
                observation.c.tenant == self._scope.tenant,
                observation.c.env == self._scope.env,
                observation.c.kind == kind,
                observation.c.occurrence == occurrence,
            )
            .order_by(observation.c.rank)
        )
        return tuple(observation_record(row) for row in connection.execute(query).mappings())

    def add_audit(self, connection: Connection, action: str, subject: str, payload: Mapping[str, Any]) -> None:
        """Note in the audit, within the caller's transaction, that this scope's user did `action` to `subject`."""
        content = to_json(payload)
        row = {
            "tenant": self._scope.tenant,
            "env": self._scope.env,
            "at_us": to_us(self._clock()),
            "actor": self._scope.user_id,
            "role": self._scope.role,
            "action": action,
            "subject": subject,
            "payload_hash": sha256_hex(content.encode()),
            "payload": content,
            "site_id": self._site_id,
        }
        connection.execute(audit.insert().values(row))
