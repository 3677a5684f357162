"""One change of a job: its row, its next event and, when it ended, its callbacks, all in the caller's transaction.

The event's number comes out of the row's own update, so numbers have no holes and become visible in order.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, update

from cluster.jobs.records import JobStatus
from cluster.redaction import Redactor
from cluster.registry.rows import from_us, to_json
from cluster.registry.tables import job, job_event, outbox
from schemas.canonical import canonical_json
from schemas.errors import InvalidInput, ReelwrightError

_LONGEST_EVENT_BYTES = 16 * 1024
"""Events go to browsers; what is larger belongs into an artifact."""


def change(
    connection: Connection,
    row: RowMapping,
    now_us: int,
    values: Mapping[str, Any],
    kind: str,
    payload: Mapping[str, Any],
) -> RowMapping:
    """The row after `values`, with its event; `row` must be locked by this transaction."""
    statement = update(job).where(job.c.seq == row["seq"]).values(**values, last_event=job.c.last_event + 1)
    changed = connection.execute(statement.returning(job)).mappings().one()
    add_event(connection, changed, now_us, kind, payload)
    return changed


def add_event(connection: Connection, row: RowMapping, now_us: int, kind: str, payload: Mapping[str, Any]) -> None:
    """The event that belongs to the row's `last_event`.

    Raises:
        InvalidInput: the payload is too large.
    """
    content = to_json(payload)
    if len(content) > _LONGEST_EVENT_BYTES:
        raise InvalidInput(f"an event holds at most {_LONGEST_EVENT_BYTES} bytes of JSON, got {len(content)}")
    event = {**_owner(row), "number": row["last_event"], "kind": kind, "payload": content, "at_us": now_us}
    connection.execute(job_event.insert().values(event))


def release(
    connection: Connection, row: RowMapping, now_us: int, delay_s: float, kind: str, payload: Mapping[str, Any]
) -> RowMapping:
    """The job, back in its queue and claimable again after `delay_s`."""
    values = {**_NO_LEASE, "status": "queued", "not_before_us": now_us + round(delay_s * 1_000_000)}
    return change(connection, row, now_us, values, kind, payload)


def end(
    connection: Connection,
    row: RowMapping,
    now_us: int,
    status: JobStatus,
    *,
    result: Mapping[str, Any] | None = None,
    failure: Mapping[str, Any] | None = None,
    dead: bool = False,
    told: Mapping[str, Any] | None = None,
) -> RowMapping:
    """The job as it ended, for good, with `told` in its last event; whoever asked to be told has a delivery waiting in
    the outbox.
    """
    failure = failure or {"code": "", "message": "", "detail": {}}
    values = {
        **_NO_LEASE,
        "status": status,
        "dead": dead,
        "finished_at_us": now_us,
        "result": None if result is None else to_json(result),
        "error_code": failure["code"],
        "error": failure["message"],
        "error_detail": to_json(failure["detail"]),
    }
    if status in ("failed", "cancelled"):
        values["held_identity"] = None  # it answers nobody any more: the next request is a new job
    why = {"code": failure["code"], "dead": dead} if status == "failed" else {}
    ended = change(connection, row, now_us, values, status, {**why, **(told or {})})
    for callback in json.loads(row["callbacks"]):
        connection.execute(outbox.insert().values(_delivery(ended, now_us, callback)))
    return ended


def failure_of(error: Exception, redactor: Redactor) -> dict[str, Any]:
    """Code, message and detail of `error` as JSON without secrets."""
    ours = isinstance(error, ReelwrightError)
    return {
        "code": error.code if isinstance(error, ReelwrightError) else "defect",
        "message": redactor.text(str(error) if ours else f"{type(error).__name__}: {error}"),
        "detail": redactor.value(error.detail) if isinstance(error, ReelwrightError) else {},
    }


def callback_purpose(tenant: str, env: str) -> str:
    """What the callback addresses of a tenant are sealed for."""
    return f"callback/{tenant}/{env}"


_NO_LEASE = {"lease_owner": "", "lease_until_us": None}


def _owner(row: RowMapping) -> dict[str, Any]:
    return {"tenant": row["tenant"], "env": row["env"], "job_id": row["job_id"]}


def _delivery(row: RowMapping, now_us: int, callback: Mapping[str, str]) -> dict[str, Any]:
    """A thin message: who wants more asks for the job. `sequence` lets the receiver order and drop repeats."""
    event = f"job.{row['status']}"
    message = {
        "type": event,
        "timestamp": from_us(now_us).isoformat().replace("+00:00", "Z"),
        "data": {
            "job_id": row["job_id"],
            "request_id": row["request_id"],
            "kind": row["kind"],
            "status": row["status"],
            "error_code": row["error_code"],
            "sequence": row["last_event"],
        },
    }
    return {
        **_owner(row),
        "delivery_id": f"msg_{secrets.token_hex(16)}",
        "event": event,
        "payload": canonical_json(message).decode(),
        "endpoint": callback["endpoint"],
        "sealed_url": callback["sealed_url"],
        "status": "waiting",
        "attempt": 0,
        "fence": 0,
        "lease_owner": "",
        "lease_until_us": None,
        "not_before_us": now_us,
        "answer": None,
        "error": "",
        "site_id": row["site_id"],
        "created_at_us": now_us,
        "finished_at_us": None,
    }
