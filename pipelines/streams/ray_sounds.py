"""Sounds through Ray Data: every way of hearing every sound is a row, and its windows come out as they are heard.

    [sound 0, voice activity] --> window, window, ..., facts     here: joined a row of the input
    [sound 0, sound classes ] --> window, window, ..., facts
    [sound 0, beats         ] --> window, window, ..., facts

The ways of one sound run beside each other, so a single long recording fills two cores. A window is some KB; the sound
itself never travels. Results are those of `SoundListener` to the bit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from actors import catalogue
from actors.catalogue import Build
from pipelines.streams.ray_rows import bytes_column, datasets
from pipelines.streams.sound_pass import Part, SoundTask, evidence, heard_parts
from schemas.errors import Defect, ReelwrightError, from_code

STORE_BYTES = 128 << 20

HEARING_CPUS = 0.5
"""Two beside each other on one of two cores, since one of them waits for its file; the dataset needs the rest."""

FACTS = -1
"""In place of a window's number: the row holds the facts, or says why there are none."""


@dataclass(frozen=True)
class RaySounds:
    """An executor for SoundTasks."""

    num_cpus: int
    build: Build = catalogue.build

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterator[tuple[int, Any, float]]:
        """Ignores `function`: what it would do here is done in the dataset's processes, to the same bytes."""
        with datasets(self.num_cpus, STORE_BYTES):
            yield from collected(payloads, heard_rows(payloads, build=self.build))


def heard_rows(tasks: Sequence[SoundTask], *, build: Build = catalogue.build) -> Iterator[dict[str, Any]]:
    """Rows of all tasks, in order, from the Ray that runs."""
    import ray.data

    dataset: ray.data.Dataset = ray.data.from_items([{"task": index} for index in range(len(tasks))])
    dataset = dataset.map_batches(
        partial(windows_of, tasks=tuple(tasks), build=build), batch_size=1, batch_format="numpy", num_cpus=HEARING_CPUS
    )
    yield from dataset.iter_rows()


def windows_of(
    rows: dict[str, Any], *, tasks: Sequence[SoundTask], build: Build = catalogue.build
) -> Iterator[dict[str, Any]]:
    """A row a window, and one with the facts; one that says why, when the sound cannot be read."""
    for index in rows["task"].tolist():
        task = tasks[index]
        try:
            engine = build(task.engine) if task.engine is not None else None
            if engine is not None:
                engine.load()
            for number, part in enumerate(heard_parts(task, engine)):
                if isinstance(part, np.ndarray):
                    yield _row(index, number, part.tobytes(), columns=part.shape[1] if part.ndim > 1 else 0)
                else:
                    yield _row(index, FACTS, json.dumps(part).encode())
            if engine is not None:
                engine.close()
        except ReelwrightError as exc:
            yield _row(index, FACTS, b"", error=exc)


def collected(tasks: Sequence[SoundTask], rows: Iterator[dict[str, Any]]) -> Iterator[tuple[int, Any, float]]:
    """(index, outputs or error, seconds) for each task, from its rows in order.

    Raises:
        Defect: rows are missing or out of order.
    """
    for index in range(len(tasks)):
        began = time.perf_counter()
        parts: list[Part] = []
        result: Any = None
        while result is None:
            row = next(rows, None)
            if row is None or row["task"] != index or row["window"] not in (len(parts), FACTS):
                given = "nothing" if row is None else f"window {row['window']} of task {row['task']}"
                raise Defect(f"the dataset gave {given} where window {len(parts)} of task {index} was due")
            if row["code"]:
                result = from_code(row["code"], row["message"])
            elif row["window"] == FACTS:
                result = evidence(iter([*parts, json.loads(row["bytes"])]))
            else:
                values = np.frombuffer(row["bytes"], np.float32)
                parts.append(values.reshape(-1, int(row["columns"])) if row["columns"] else values)
        yield index, result, time.perf_counter() - began


def _row(
    task: int, window: int, raw: bytes, *, columns: int = 0, error: ReelwrightError | None = None
) -> dict[str, Any]:
    return {
        "task": np.array([task]),
        "window": np.array([window]),
        "columns": np.array([columns]),
        "bytes": bytes_column([raw]),
        "code": np.array([error.code if error else ""]),
        "message": np.array([error.message if error else ""]),
    }
