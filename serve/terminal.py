"""How a run shows itself: bars with time left on a terminal, plain lines elsewhere, JSON lines for machines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from pipelines.progress import Progress as ProgressReceiver

LABELS = {
    "voice_line": "Speaking lines",
    "segment": "Rendering shots",
    "music_bed": "Composing music",
    "mix": "Mixing sound",
    "film": "Joining the film",
    "quality_report": "Checking the film",
    "film_pass": "Looking at frames",
    "speech_recognition": "Listening",
    "video_anonymise": "Covering faces",
    "video_render": "Rendering",
}
"""Stages that a user waits for. The others take milliseconds and are shown only to machines."""


class PlainLines:
    """One line a stage: what was made, what was reused, how long it took."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._started = time.monotonic()

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        if stage in LABELS:
            reused = f", {cached} reused" if cached else ""
            print(f"[{time.monotonic() - self._started:6.1f} s] {LABELS[stage]}: {total}{reused}", file=self._out)
            self._out.flush()

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        """Nothing: a line a shot would bury the rest."""

    def item_part(self, stage: str, item: str, share: float) -> None:
        """Nothing: lines would bury the rest."""

    def item_failed(self, stage: str, item: str, message: str) -> None:
        print(f"! {LABELS.get(stage, stage)}, {item}: {message}", file=self._out, flush=True)

    def note(self, message: str) -> None:
        print(message, file=self._out, flush=True)


class JsonLines:
    """One JSON object an event, with the seconds since the start."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._started = time.monotonic()
        self._tenths: dict[tuple[str, str], int] = {}

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        self._write(event="stage_started", stage=stage, total=total, cached=cached)

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        self._write(event="item_done", stage=stage, item=item, seconds=round(seconds, 3))

    def item_part(self, stage: str, item: str, share: float) -> None:
        if int(share * 10) > self._tenths.get((stage, item), 0):
            self._tenths[stage, item] = int(share * 10)
            self._write(event="item_part", stage=stage, item=item, share=round(share, 2))

    def item_failed(self, stage: str, item: str, message: str) -> None:
        self._write(event="item_failed", stage=stage, item=item, message=message)

    def note(self, message: str) -> None:
        self._write(event="note", message=message)

    def _write(self, **fields: object) -> None:
        fields["elapsed_s"] = round(time.monotonic() - self._started, 3)
        print(json.dumps(fields, ensure_ascii=False), file=self._out, flush=True)


class Bars:
    """A bar for the stage that is running, with time left."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._shares: dict[tuple[str, str], float] = {}

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        if stage in LABELS:
            self._tasks[stage] = self._progress.add_task(LABELS[stage], total=total, completed=cached)

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        if stage in self._tasks:
            self._progress.advance(self._tasks[stage], 1 - self._shares.pop((stage, item), 0.0))

    def item_part(self, stage: str, item: str, share: float) -> None:
        if stage in self._tasks:
            self._progress.advance(self._tasks[stage], share - self._shares.get((stage, item), 0.0))
            self._shares[stage, item] = share

    def item_failed(self, stage: str, item: str, message: str) -> None:
        self.item_done(stage, item, 0.0)
        self._console.print(f"[yellow]! {LABELS.get(stage, stage)}, {item}:[/yellow] ", end="")
        self._console.print(message, markup=False, highlight=False)

    def note(self, message: str) -> None:
        self._console.print(message, markup=False, highlight=False)


@contextmanager
def reporting(*, log_json: bool) -> Iterator[ProgressReceiver]:
    """The receiver that suits where standard error goes."""
    if log_json:
        yield JsonLines(sys.stderr)
    elif sys.stderr.isatty():
        console = Console(stderr=True)
        columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as progress:
            yield Bars(console, progress)
    else:
        yield PlainLines(sys.stderr)
