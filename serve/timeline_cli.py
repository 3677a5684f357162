"""`timeline`: OpenTimelineIO files in and out, and what is seen when."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import InvalidInput
from serve.desk import Desk

if TYPE_CHECKING:
    from pipelines.editing.timeline import Seen
    from pipelines.editing.timeline_shelf import TimelineShelf
    from schemas.otio_report import OtioReport
    from schemas.timeline import Sequence, Timeline

Store = Annotated[Path | None, typer.Option("--store", help="Folder of registry and media (REELWRIGHT_STORE).")]
Given = Annotated[str, typer.Argument(help="A timeline document (.json), or the artifact id of a stored one.")]
OpenDesk = Callable[..., AbstractContextManager[Desk]]

timeline = typer.Typer(help="Timelines: sequences of clips, as editing programs exchange them.", no_args_is_help=True)


def add_timeline_commands(app: typer.Typer, open_desk: OpenDesk) -> None:
    """Adds the commands to `app`; each opens its desk by `open_desk(store)`."""
    app.add_typer(timeline, name="timeline")

    @timeline.command("import")
    def import_file(
        file: Annotated[Path, typer.Argument(help="An OpenTimelineIO file (.otio).")],
        json_out: Annotated[Path | None, typer.Option("--json", help="Write the document here as well.")] = None,
        store: Store = None,
    ) -> None:
        """Take an OpenTimelineIO file into the store, and say what of it the timeline does not hold."""
        with open_desk(store) as desk:
            stored = _shelf(desk).put(_bytes_of(file), secrets.token_hex(16), otio=True)
        if json_out is not None:
            json_out.write_bytes(stored.timeline.to_json())
        typer.echo(stored.record.artifact_id)
        _print_timeline(stored.timeline)
        _print_report(stored.report)

    @timeline.command("export")
    def export_file(
        given: Given,
        out: Annotated[Path, typer.Argument(help="The file (.otio).")],
        store: Store = None,
    ) -> None:
        """Write a timeline as an OpenTimelineIO file."""
        from pipelines.editing.otio_export import export_otio

        with open_desk(store) as desk:
            exported = export_otio(_timeline(desk, given))
        out.write_bytes(exported)
        typer.echo(f"{out}: {len(exported)} bytes")

    @timeline.command("show")
    def show(
        given: Given,
        at: Annotated[
            str | None, typer.Option("--at", help="Seconds: what is seen and heard then; 12.5 or 25/2.")
        ] = None,
        store: Store = None,
    ) -> None:
        """List the sequences and clips of a timeline, or what is seen and heard at a moment."""
        from pipelines.editing.timeline import heard_at, seen_at

        with open_desk(store) as desk:
            found = _timeline(desk, given)
        if at is None:
            _print_timeline(found)
            return
        for sequence in found.roots():
            seen = seen_at(found, sequence, _seconds(at))
            typer.echo(f"{sequence.sequence_id}: {_said(seen) if seen else 'no picture'}")
            for one in heard_at(found, sequence, _seconds(at)):
                typer.echo(f"  heard: {_said(one)}")


def _shelf(desk: Desk) -> TimelineShelf:
    from pipelines.editing.timeline_shelf import TimelineShelf

    return TimelineShelf(desk.registry, desk.blobs, desk.scope)


def _timeline(desk: Desk, given: str) -> Timeline:
    from schemas.timeline import Timeline

    path = Path(given)
    return Timeline.read(_bytes_of(path) if path.suffix or path.exists() else _shelf(desk).get(given)[1])


def _bytes_of(path: Path) -> bytes:
    from pipelines.editing.otio_json import MOST_BYTES

    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{str(path)!r} has {path.stat().st_size} bytes; {MOST_BYTES} are the most")
        return path.read_bytes()
    except OSError as exc:
        raise InvalidInput(f"{str(path)!r} cannot be read: {exc.strerror}") from exc


def _seconds(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as exc:
        raise InvalidInput(f"--at {text!r} is no number of seconds") from exc


def _print_timeline(found: Timeline) -> None:
    roots = {one.sequence_id for one in found.roots()}
    for sequence in found.sequences:
        nested = "" if sequence.sequence_id in roots else ", nested"
        typer.echo(f"{sequence.sequence_id}  {sequence.name!r}  {_length(sequence)}{nested}")
        for track in sequence.tracks:
            off = "" if track.enabled else ", off"
            named = f"  {track.name!r}" if track.name else ""
            typer.echo(f"  {track.kind}{named}, {len(track.clips)} clips, {len(track.transitions)} transitions{off}")
            rate = sequence.rate_of(track).fraction
            for clip in track.clips:
                times = f"{float(clip.start_ticks / rate):9.3f} to {float(clip.end_ticks / rate):9.3f} s"
                speed = "" if clip.speed.fraction == 1 else f"  speed {float(clip.speed.fraction):g}"
                off = "" if clip.enabled else "  off"
                typer.echo(f"    {times}  {clip.clip_id}  {clip.name!r}{speed}{off}")


def _length(sequence: Sequence) -> str:
    from pipelines.editing.timeline import duration_s

    rate = sequence.edit_rate
    return f"{float(duration_s(sequence)):.3f} s at {rate.numerator}/{rate.denominator}"


def _print_report(report: OtioReport) -> None:
    typer.echo(f"not taken over as it was: {len(report.findings)}")
    for one in report.findings:
        typer.echo(f"  {one.outcome}  {one.path}  {one.what}: {one.why}")


def _said(seen: Seen) -> str:
    clip = seen.placed.clip
    shown = clip.asset_id or (clip.external.url if clip.external else clip.media_name) or "missing media"
    through = "".join(f"{one.clip.clip_id} > " for one in seen.above)
    rate = clip.source_rate
    at = f"tick {seen.source_tick} at {rate.numerator}/{rate.denominator} ({float(seen.source_s):.6f} s)"
    return f"{through}{clip.clip_id} {clip.name!r}, {shown}, {at}"
