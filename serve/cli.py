"""`reelwright`: the command line. Each command parses, calls, prints; exit codes are in `exit_codes.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from cluster.logs import configure_logging
from cluster.settings import Settings
from schemas.errors import Cancelled, ReelwrightError
from schemas.vocabulary import RenderProfile
from serve import exit_codes
from serve.access_cli import add_access_commands
from serve.desk import Desk, open_desk
from serve.job_cli import add_job_commands
from serve.listen_cli import add_listen_commands
from serve.media_cli import add_media_commands
from serve.server_cli import add_server_commands
from serve.timeline_cli import add_timeline_commands

app = typer.Typer(
    name="reelwright",
    help="From story to cut: turns a story into a preview video, and keeps everything it makes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Source = Annotated[Path, typer.Argument(help="A project (.json), a screenplay (.fountain), or an idea (.json).")]
Store = Annotated[
    Path | None,
    typer.Option("--store", help="Folder of registry and media (REELWRIGHT_STORE)."),
]
Profile = Annotated[RenderProfile, typer.Option("--profile", help="Render profile; it never changes the timing.")]
Captions = Annotated[
    Literal["sidecar", "burned-in"], typer.Option("--captions", help="Burn captions in as well; the files always come.")
]
NoVoice = Annotated[bool, typer.Option("--no-voice", help="Mute the voices in the mix; timing and captions stay.")]


@app.command()
def run(
    source: Source,
    out: Annotated[Path | None, typer.Option("--out", help="Run folder. Default: out/NAME.")] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Approve every checkpoint in your own name.")] = False,
    profile: Profile = "preview_local",
    captions: Captions = "sidecar",
    no_voice: NoVoice = False,
    in_process: Annotated[bool, typer.Option("--in-process", help="Render without Ray, to the same bytes.")] = False,
    override: Annotated[
        list[str] | None, typer.Option("--override", help="GATE=REASON: let a failed quality gate pass, in your name.")
    ] = None,
    log_json: Annotated[bool, typer.Option("--log-json", help="Report progress as JSON lines.")] = False,
    store: Store = None,
) -> None:
    """Make the episode: script to finished film."""
    from serve.present import present_run  # heavy imports wait until a command needs them
    from serve.run_command import run_command

    with _desk(store, log_json=log_json) as desk:
        report = run_command(
            desk, source, out or Path("out") / source.stem, approve=approve, profile=profile, captions=captions,
            no_voice=no_voice, in_process=in_process, overrides=override or [], log_json=log_json,
        )  # fmt: skip
        raise typer.Exit(present_run(report, source))


@app.command()
def plan(
    source: Source,
    profile: Profile = "preview_local",
    captions: Captions = "sidecar",
    no_voice: NoVoice = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    store: Store = None,
) -> None:
    """Say what would be made, what would be reused, and why. Stores and renders nothing."""
    from serve.plan_command import plan_command

    with _desk(store) as desk:
        raise typer.Exit(
            plan_command(desk, source, profile=profile, captions=captions, no_voice=no_voice, as_json=json_output)
        )


@app.command()
def show(
    artifact_id: Annotated[str, typer.Argument(help="An artifact id or artifact:// URI.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print the record as JSON.")] = False,
    store: Store = None,
) -> None:
    """Show one artifact: what it is, where it came from, what it holds."""
    from serve.artifact_commands import show_artifact

    with _desk(store) as desk:
        show_artifact(desk, artifact_id, as_json=json_output)


@app.command()
def lineage(
    artifact_id: Annotated[str, typer.Argument(help="An artifact id or artifact:// URI.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print the graph as JSON.")] = False,
    store: Store = None,
) -> None:
    """Show everything an artifact was made from."""
    from serve.artifact_commands import show_lineage

    with _desk(store) as desk:
        show_lineage(desk, artifact_id, as_json=json_output)


@app.command()
def approve(
    artifact_id: Annotated[str, typer.Argument(help="The artifact that a run waits for.")],
    checkpoint: Annotated[str, typer.Option("--checkpoint", help="Which one; found from the artifact if unset.")] = "",
    reject: Annotated[bool, typer.Option("--reject", help="Reject instead.")] = False,
    notes: Annotated[str, typer.Option("--notes", help="Why, for the audit trail.")] = "",
    store: Store = None,
) -> None:
    """Decide a checkpoint that a run waits at; run the same command again to go on."""
    from serve.artifact_commands import decide

    with _desk(store) as desk:
        decide(desk, artifact_id, checkpoint=checkpoint, reject=reject, notes=notes)


@app.command()
def runs(
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many, newest first.")] = 20,
    store: Store = None,
) -> None:
    """List the latest runs."""
    from serve.artifact_commands import show_runs

    with _desk(store) as desk:
        show_runs(desk, limit)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Where to; what lies there from the last time is not copied again.")],
    store: Store = None,
) -> None:
    """Copy the store while everything runs. The copy is a store itself; the sealing keys are not in it."""
    from serve.backup_command import back_up_store

    back_up_store(Settings.load(store=store) if store is not None else Settings.load(), folder)


@app.command()
def tidy(
    limit_gb: Annotated[
        float | None, typer.Option("--limit-gb", min=0, help="Let go of the least recently used media above this size.")
    ] = None,
    cache_gb: Annotated[
        float | None, typer.Option("--cache-gb", min=0, help="With a bucket: remove copies above this size here.")
    ] = None,
    store: Store = None,
) -> None:
    """Remove what crashes left in the store and, above a limit, media that can be made again."""
    from serve.tidy_command import tidy_store

    with _desk(store) as desk:
        tidy_store(desk, limit_gb, cache_gb)


@contextmanager
def _desk(store: Path | None, *, log_json: bool = False) -> Iterator[Desk]:
    settings = Settings.load(store=store) if store is not None else Settings.load()
    configure_logging(level=settings.log_level, as_json=log_json, secrets=settings.secrets())
    with open_desk(settings) as desk:
        yield desk


add_media_commands(app, _desk)
add_listen_commands(app, _desk)
add_server_commands(app)
add_access_commands(app)
add_job_commands(app)
add_timeline_commands(app, _desk)


def main() -> None:
    """Entry point: errors of ours become one line and an exit code; anything else is a defect and shows its trace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an ASCII terminal still gets to read a Greek title
    try:
        app()
    except ReelwrightError as exc:
        console = Console(stderr=True, soft_wrap=True, highlight=False)
        console.print(f"[red]reelwright: {exc.code}:[/red]", end=" ")
        console.print(exc.message, markup=False)
        sys.exit(exit_codes.exit_code(exc))
    except KeyboardInterrupt:
        sys.exit(exit_codes.exit_code(Cancelled("")))
