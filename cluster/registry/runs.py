"""What every run did, stage by stage. Runs are records: they decide nothing about artifacts and no identity holds them.

A run and its attempts are written when they begin, so that a killed process leaves them `running`. The process that
owned them is named in the row; when it is gone they are shown as `interrupted`, and nobody has to clean up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, select, update

from cluster.redaction import Redactor
from cluster.registry.database import Database
from cluster.registry.process import is_alive, this_process
from cluster.registry.rows import from_us, now_utc, to_json, to_us
from cluster.registry.tables import run, stage_attempt
from cluster.tenancy.scope import TenantScope
from schemas.errors import Conflict, NotFound, ReelwrightError

RunEnd = Literal["completed", "degraded", "failed", "in_progress"]
"""`in_progress` with `waiting_on`: paused for a person; starting the run again goes on."""

RunStatus = Literal["running", "interrupted", "completed", "degraded", "failed", "in_progress"]

AttemptState = Literal["running", "interrupted", "done", "failed"]


@dataclass(frozen=True)
class Work:
    """What one attempt is about."""

    stage: str
    identity: str
    item: str = ""
    """Which of a stage's items, for example a shot id; empty when the stage has one."""


@dataclass(frozen=True)
class AttemptRecord:
    """One try at one stage item."""

    work: Work
    state: AttemptState
    cache_hit: bool
    started_at: datetime
    finished_at: datetime | None
    error_code: str
    error: str


@dataclass(frozen=True)
class RunRecord:
    """One run."""

    run_id: str
    project_id: str
    status: RunStatus
    waiting_on: str
    """The checkpoint that a person must decide, or empty."""

    site_id: str
    started_at: datetime
    finished_at: datetime | None
    error_code: str
    error: str
    summary: dict[str, Any]


class RunLedger:
    """Runs and attempts of one scope."""

    def __init__(
        self,
        database: Database,
        scope: TenantScope,
        site_id: str,
        clock: Callable[[], datetime] = now_utc,
        *,
        redactor: Redactor | None = None,
    ) -> None:
        self._database = database
        self._scope = scope
        self._site_id = site_id
        self._clock = clock
        self._redactor = redactor or Redactor()

    def start(self, run_id: str, project_id: str) -> RunRecord:
        """The run, now running in this process. A run that was interrupted, paused or failed is taken up again.

        Raises:
            Conflict: it is running in another process, or belongs to another project.
        """
        fresh = {
            "status": "running",
            "waiting_on": "",
            "process": this_process(),
            "site_id": self._site_id,
            "started_at_us": to_us(self._clock()),
            "finished_at_us": None,
            "error_code": "",
            "error": "",
            "summary": "{}",
        }
        with self._database.write() as connection:
            self._database.alone(connection, f"run/{run_id}")
            row = connection.execute(self._runs(run_id)).mappings().first()
            if row is None:
                keys = {"tenant": self._scope.tenant, "env": self._scope.env, "run_id": run_id}
                connection.execute(run.insert().values({**keys, "project_id": project_id, **fresh}))
            else:
                _check_free(row, project_id)
                self._close_attempts(connection, run_id)
                connection.execute(update(run).where(run.c.seq == row["seq"]).values(fresh))
        return self.get(run_id)

    def begin(self, run_id: str, works: Sequence[Work]) -> tuple[int, ...]:
        """One attempt number per work, all of them running, in the same order; one transaction."""
        return self._add(run_id, works, state="running", cache_hit=False, finished_at_us=None)

    def reused(self, run_id: str, works: Sequence[Work]) -> None:
        """Note what the registry had already; one transaction for all of it."""
        self._add(run_id, works, state="done", cache_hit=True, finished_at_us=to_us(self._clock()))

    def failed(self, attempt: int, error: Exception) -> None:
        """Note that an attempt ended in `error`."""
        values = {"state": "failed", "finished_at_us": to_us(self._clock()), **self._error_columns(error)}
        with self._database.write() as connection:
            connection.execute(update(stage_attempt).where(*_this_attempt(self._scope, attempt)).values(values))

    def finish(
        self,
        run_id: str,
        status: RunEnd,
        *,
        waiting_on: str = "",
        error: Exception | None = None,
        summary: Mapping[str, Any] | None = None,
    ) -> RunRecord:
        """The run as it ended.

        Raises:
            NotFound: this scope has no such run.
        """
        values = {
            "status": status,
            "waiting_on": waiting_on,
            "finished_at_us": to_us(self._clock()),
            "summary": to_json(summary or {}),
            **self._error_columns(error),
        }
        with self._database.write() as connection:
            self._close_attempts(connection, run_id)
            connection.execute(update(run).where(*self._this_run(run_id)).values(values))
        return self.get(run_id)

    def get(self, run_id: str) -> RunRecord:
        """The run of this id.

        Raises:
            NotFound: this scope has no such run.
        """
        with self._database.read() as connection:
            row = connection.execute(self._runs(run_id)).mappings().first()
        if row is None:
            raise NotFound(f"no run {run_id!r}")
        return _run_record(row)

    def latest(self, project_id: str | None = None, *, limit: int = 20) -> tuple[RunRecord, ...]:
        """The newest runs, of one project or of all, newest first."""
        query = select(run).where(run.c.tenant == self._scope.tenant, run.c.env == self._scope.env)
        if project_id is not None:
            query = query.where(run.c.project_id == project_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(run.c.seq.desc()).limit(limit)).mappings().all()
        return tuple(_run_record(row) for row in rows)

    def attempts(self, run_id: str) -> tuple[AttemptRecord, ...]:
        """Every attempt of a run, in the order in which they began."""
        over = self.get(run_id).status != "running"
        query = select(stage_attempt).where(
            stage_attempt.c.tenant == self._scope.tenant,
            stage_attempt.c.env == self._scope.env,
            stage_attempt.c.run_id == run_id,
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(stage_attempt.c.seq)).mappings().all()
        return tuple(_attempt_record(row, over=over) for row in rows)

    def _error_columns(self, error: Exception | None) -> dict[str, str]:
        if error is None:
            return {"error_code": "", "error": ""}
        code = error.code if isinstance(error, ReelwrightError) else "defect"
        return {"error_code": code, "error": self._redactor.text(str(error)) or type(error).__name__}

    def _add(self, run_id: str, works: Sequence[Work], **columns: Any) -> tuple[int, ...]:
        if not works:
            return ()
        shared = {
            "tenant": self._scope.tenant,
            "env": self._scope.env,
            "run_id": run_id,
            "started_at_us": to_us(self._clock()),
            "error_code": "",
            "error": "",
            **columns,
        }
        rows = [{**shared, "stage": work.stage, "item": work.item, "identity": work.identity} for work in works]
        statement = stage_attempt.insert().returning(stage_attempt.c.seq, sort_by_parameter_order=True)
        with self._database.write() as connection:
            return tuple(connection.execute(statement, rows).scalars())

    def _close_attempts(self, connection: Connection, run_id: str) -> None:
        """What is still running when its run ends, or is taken up again, was interrupted."""
        row = stage_attempt.c
        mine = (row.tenant == self._scope.tenant, row.env == self._scope.env, row.run_id == run_id)
        ended = {"state": "interrupted", "finished_at_us": to_us(self._clock())}
        connection.execute(update(stage_attempt).where(*mine, row.state == "running").values(ended))

    def _this_run(self, run_id: str) -> tuple[Any, ...]:
        return run.c.tenant == self._scope.tenant, run.c.env == self._scope.env, run.c.run_id == run_id

    def _runs(self, run_id: str) -> Any:
        return select(run).where(*self._this_run(run_id))


def attempt_done(connection: Connection, scope: TenantScope, attempt: int | None, at: datetime) -> None:
    """Mark an attempt done within the transaction that commits its artifacts. None stands for no attempt."""
    if attempt is not None:
        values = {"state": "done", "finished_at_us": to_us(at)}
        connection.execute(update(stage_attempt).where(*_this_attempt(scope, attempt)).values(values))


def _this_attempt(scope: TenantScope, attempt: int) -> tuple[Any, ...]:
    row = stage_attempt.c
    return row.tenant == scope.tenant, row.env == scope.env, row.seq == attempt


def _check_free(row: RowMapping, project_id: str) -> None:
    if row["project_id"] != project_id:
        raise Conflict(f"run {row['run_id']!r} belongs to project {row['project_id']!r}, not {project_id!r}")
    if row["status"] == "running" and row["process"] != this_process() and is_alive(row["process"]) is not False:
        raise Conflict(f"run {row['run_id']!r} is running in process {row['process']!r}")


def _run_record(row: RowMapping) -> RunRecord:
    killed = row["status"] == "running" and is_alive(row["process"]) is False
    return RunRecord(
        run_id=row["run_id"],
        project_id=row["project_id"],
        status="interrupted" if killed else row["status"],
        waiting_on=row["waiting_on"],
        site_id=row["site_id"],
        started_at=from_us(row["started_at_us"]),
        finished_at=None if row["finished_at_us"] is None else from_us(row["finished_at_us"]),
        error_code=row["error_code"],
        error=row["error"],
        summary=json.loads(row["summary"]),
    )


def _attempt_record(row: RowMapping, *, over: bool) -> AttemptRecord:
    return AttemptRecord(
        work=Work(stage=row["stage"], identity=row["identity"], item=row["item"]),
        state="interrupted" if over and row["state"] == "running" else row["state"],
        cache_hit=row["cache_hit"],
        started_at=from_us(row["started_at_us"]),
        finished_at=None if row["finished_at_us"] is None else from_us(row["finished_at_us"]),
        error_code=row["error_code"],
        error=row["error"],
    )
