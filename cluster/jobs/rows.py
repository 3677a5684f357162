"""Between rows of the job tables and records."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from cluster.jobs.records import JobEvent, JobRecord
from cluster.registry.rows import from_us


def job_record(row: RowMapping) -> JobRecord:
    """The record of a row of `job`."""
    return JobRecord(
        job_id=row["job_id"],
        tenant=row["tenant"],
        env=row["env"],
        site_id=row["site_id"],
        queue=row["queue"],
        kind=row["kind"],
        payload=json.loads(row["payload"]),
        priority=-row["rank"],
        status=row["status"],
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        cancel_requested=row["cancel_requested"],
        dead=row["dead"],
        request_id=row["request_id"],
        identity=row["identity"],
        submitted_by=row["submitted_by"],
        submitted_at=from_us(row["submitted_at_us"]),
        started_at=moment(row["started_at_us"]),
        finished_at=moment(row["finished_at_us"]),
        result=None if row["result"] is None else json.loads(row["result"]),
        error_code=row["error_code"],
        error=row["error"],
        error_detail=json.loads(row["error_detail"]),
        last_event=row["last_event"],
    )


def event_record(row: RowMapping) -> JobEvent:
    """The record of a row of `job_event`."""
    return JobEvent(row["number"], row["kind"], json.loads(row["payload"]), from_us(row["at_us"]))


def moment(value: Any) -> datetime | None:
    """The moment of a column that may be empty."""
    return None if value is None else from_us(value)
