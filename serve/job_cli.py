"""`submit` and `jobs`: seasons in, and what becomes of the jobs of this store."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from cluster.jobs.records import ENDED, JobRecord, JobStatus
from cluster.jobs.store import JobStore
from cluster.settings import Settings
from schemas.errors import InvalidInput

Store = Annotated[Path | None, typer.Option("--store", help="Folder of registry and media (REELWRIGHT_STORE).")]
JobId = Annotated[str, typer.Argument(help="A job's id, as `submit` and `jobs list` print it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]

jobs = typer.Typer(help="Jobs: what the running server is doing, has done and will do.", no_args_is_help=True)

LOOK_S = 1.0
"""Between two looks at a log that is followed."""


def add_job_commands(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    app.add_typer(jobs, name="jobs")

    @app.command()
    def submit(
        season: Annotated[Path, typer.Argument(help="A season (.json): which episodes, from which projects.")],
        out: Annotated[Path | None, typer.Option("--out", help="Folder of the run folders. Default: out/NAME.")] = None,
        approve: Annotated[bool, typer.Option("--approve", help="Approve every checkpoint in your own name.")] = False,
        store: Store = None,
    ) -> None:
        """Give the episodes of a season to the running server. The same season again is the same jobs."""
        from serve.season import submit_season

        with _store(store) as found:
            for one in submit_season(found, season, out or Path("out") / season.stem, approve=approve):
                told = f"{one.submitted.job.status}, there already" if one.submitted.replayed else "queued"
                typer.echo(f"{one.submitted.job.job_id}  {one.episode_id}  {told}")


@jobs.command("list")
def list_jobs(
    status: Annotated[str | None, typer.Option("--status", help="Only those in this state.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only those of this kind, for example `episode`.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many, newest first.")] = 20,
    json_output: AsJson = False,
    store: Store = None,
) -> None:
    """List the latest jobs."""
    with _store(store) as found:
        records = found.list(status=_status(status), kind=kind, limit=limit)
    if json_output:
        typer.echo(json.dumps([_document(one) for one in records], indent=2, ensure_ascii=False))
        return
    table = Table("job", "kind", "what", "status", "try", "error", box=None)
    for one in records:
        table.add_row(one.job_id, one.kind, _what(one), one.status, f"{one.attempt}/{one.max_attempts}", one.error)
    Console(highlight=False, width=None if Console().is_terminal else 200).print(table)


@jobs.command("status")
def job_status(job_id: JobId, json_output: AsJson = False, store: Store = None) -> None:
    """Show one job: its state, its result or its error."""
    with _store(store) as found:
        record = found.get(job_id)
    if json_output:
        typer.echo(json.dumps(_document(record), indent=2, ensure_ascii=False))
        return
    typer.echo(f"{record.job_id}  {record.kind}  {_what(record)}  {record.status}")
    if record.error_code:
        typer.echo(f"  {record.error_code}: {record.error}")
    for name, uri in ((record.result or {}).get("outputs") or {}).items():
        typer.echo(f"  {name}: {uri}")


@jobs.command("logs")
def job_logs(
    job_id: JobId,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until the job has ended.")] = False,
    store: Store = None,
) -> None:
    """Print what an episode's run wrote; it lies in the run folder as well."""
    from serve.episode_jobs import LOG_NAME
    from serve.season import EPISODE, EpisodeOrder

    with _store(store) as found:
        record = found.get(job_id)
        if record.kind != EPISODE:
            raise InvalidInput(f"job {job_id!r} is a {record.kind}: only episodes write a log of their own")
        path, shown = EpisodeOrder.of(record).out / LOG_NAME, ""
        while True:
            record = found.get(job_id)
            text = path.read_text(errors="replace") if path.is_file() else ""
            # The file is replaced, not written on: a new try begins a new log.
            typer.echo(text[len(shown) :] if text.startswith(shown) else text, nl=False)
            shown = text
            if not follow or record.status in ENDED:
                return
            time.sleep(LOOK_S)


@jobs.command("stop")
def stop_job(job_id: JobId, store: Store = None) -> None:
    """Stop a job, or take it out of its queue; one that has ended stays as it is."""
    with _store(store) as found:
        record = found.cancel(job_id)
    told = "is asked to stop" if record.status == "in_progress" else record.status
    typer.echo(f"{record.job_id}  {told}")


@contextmanager
def _store(store: Path | None) -> Iterator[JobStore]:
    """The jobs of the settings' own user."""
    from serve.http.site import open_site

    settings = Settings.load(store=store) if store is not None else Settings.load()
    with open_site(settings) as site:
        yield site.jobs(settings.scope())


def _status(text: str | None) -> JobStatus | None:
    if text is not None and text not in get_args(JobStatus):
        raise InvalidInput(f"--status must be one of {', '.join(get_args(JobStatus))}, got {text!r}")
    return text  # type: ignore[return-value]


def _what(record: JobRecord) -> str:
    """What a job is about: an episode's name, an asset's id."""
    return str(record.payload.get("episode_id") or record.payload.get("asset_id") or record.request_id or "")


def _document(record: JobRecord) -> dict[str, object]:
    return {
        "job_id": record.job_id, "kind": record.kind, "what": _what(record), "status": record.status,
        "attempt": record.attempt, "max_attempts": record.max_attempts, "cancel_requested": record.cancel_requested,
        "submitted_at": record.submitted_at.isoformat(), "result": record.result,
        "error": {"code": record.error_code, "message": record.error} if record.error_code else None,
    }  # fmt: skip
