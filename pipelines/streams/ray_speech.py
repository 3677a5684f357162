"""Sounds through Ray Data: listened to in tasks, their windows written down by a pool of actors that hold the model.

    tasks      sound -> who speaks when, windows       pool      windows -> words           here      joined a sound
    [listen 0] --------------------------------------> [engine] ------------------------> SpeechRecognition 0
    [listen 1] --------------------------------------> [engine] ------------------------> SpeechRecognition 1

A sound is a row that says where its windows are, then a row a window, in order. A sound that cannot be read is a row
that says so, and the others go on. Windows of several sounds share the calls of the model; no answer depends on that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from actors import catalogue
from actors.catalogue import Build
from actors.hosting import MIB, HostingPlan, plan_hosting
from actors.placement import HostFacts
from actors.speech.transcription import TranscribeRequest, Transcription
from pipelines.stage import document_output
from pipelines.streams.ray_rows import bytes_column, datasets
from pipelines.streams.speech_pass import Listened, SpeechTask, listened, recognised, window_sounds
from schemas.errors import Defect, ReelwrightError, from_code

STORE_BYTES = 256 << 20
"""A window of 30 s is 2 MB."""

LISTEN_CPUS = 0.5

MEMORY_PART = 0.6
"""Of what is free; Ray itself, its object store and what listens need the rest."""

HEADER = -1
"""In place of a window's number: the row says where the windows are."""

_LISTENED = TypeAdapter(Listened)
_ANSWER = TypeAdapter(Transcription)


@dataclass(frozen=True)
class RaySpeech:
    """An executor for SpeechTasks; all of one call ask the same engines."""

    num_cpus: int
    host: HostFacts
    """Of the machine that runs them; decides how much of a GPU the engine asks for."""

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterator[tuple[int, Any, float]]:
        """Ignores `function`: what it would do here is done in the dataset's processes, to the same document."""
        with datasets(self.num_cpus, STORE_BYTES):
            yield from collected(payloads, heard_rows(payloads, self.host, num_cpus=self.num_cpus))


def heard_rows(
    tasks: Sequence[SpeechTask], host: HostFacts, *, num_cpus: int, build: Build = catalogue.build
) -> Iterator[dict[str, Any]]:
    """Rows of all sounds, in order, from the Ray that runs and counts `num_cpus`."""
    import ray.data

    from actors.pool_host import through_pool

    dataset: ray.data.Dataset = ray.data.from_items([{"sound": index} for index in range(len(tasks))])
    dataset = dataset.map_batches(
        partial(windows_of, tasks=tuple(tasks), build=build), batch_size=1, batch_format="numpy", num_cpus=LISTEN_CPUS
    )
    plan = plan_hosting(tasks[0].speech, host, build=build)
    size = pool_size(plan, host, num_cpus)
    dataset = through_pool(dataset, plan, partial(asked, tasks=tuple(tasks)), answered, size=size)
    yield from dataset.iter_rows()


def pool_size(plan: HostingPlan, host: HostFacts, num_cpus: int) -> int:
    """Actors that write down: one for every CPU that has the memory for it; one on a GPU, which its batches fill."""
    if plan.num_gpus:
        return 1
    return max(1, min(num_cpus, int(host.memory_mb * MEMORY_PART * MIB / plan.memory_bytes)))


def windows_of(
    rows: dict[str, Any], *, tasks: Sequence[SpeechTask], build: Build = catalogue.build
) -> Iterator[dict[str, Any]]:
    """A row that says where a sound's windows are, and a row a window; one that says why, when it cannot be read."""
    for index in rows["sound"].tolist():
        task = tasks[index]
        try:
            engine = build(task.activity)
            engine.load()
            heard = listened(task, engine)
            engine.close()
            yield _row(index, HEADER, _LISTENED.dump_json(heard))
            for number, pcm in enumerate(window_sounds(task, heard.windows)):
                yield _row(index, number, pcm.tobytes())
        except ReelwrightError as exc:
            yield _row(index, HEADER, b"", exc)


def asked(rows: Any, *, tasks: Sequence[SpeechTask]) -> list[TranscribeRequest]:
    """What the engine is asked about some rows."""
    return [
        TranscribeRequest(np.frombuffer(raw, np.float32), tasks[index].language)
        for index, window, raw in zip(rows["sound"].tolist(), rows["window"].tolist(), rows["bytes"], strict=True)
        if window != HEADER
    ]


def answered(rows: Any, results: Sequence[Transcription]) -> dict[str, Any]:
    """The rows with words in place of sound."""
    waiting = iter(results)
    found = [
        raw if window == HEADER else _ANSWER.dump_json(next(waiting))
        for window, raw in zip(rows["window"].tolist(), rows["bytes"], strict=True)
    ]
    return {**rows, "bytes": bytes_column(found)}


def collected(tasks: Sequence[SpeechTask], rows: Iterator[dict[str, Any]]) -> Iterator[tuple[int, Any, float]]:
    """(index, outputs or error, seconds) for each sound, from its rows in order.

    Raises:
        Defect: rows are missing or out of order.
    """
    for index, task in enumerate(tasks):
        began = time.perf_counter()
        result = _collected(index, task, rows)
        yield index, result, time.perf_counter() - began


def _collected(index: int, task: SpeechTask, rows: Iterator[dict[str, Any]]) -> Any:
    header = _due(rows, index, HEADER)
    if header["code"]:
        return from_code(header["code"], header["message"])
    heard = _LISTENED.validate_json(header["bytes"])
    answers = []
    for number in range(len(heard.windows)):
        row = _due(rows, index, number)
        if row["code"]:
            return from_code(row["code"], row["message"])
        answers.append(_ANSWER.validate_json(row["bytes"]))
    return {"result": document_output(recognised(task, heard, answers))}


def _due(rows: Iterator[dict[str, Any]], index: int, window: int) -> dict[str, Any]:
    """The next row, which is this window's, or says what is wrong with its sound."""
    row = next(rows, None)
    if row is None or row["sound"] != index or (row["window"] != window and not row["code"]):
        given = "nothing" if row is None else f"window {row['window']} of sound {row['sound']}"
        raise Defect(f"the dataset gave {given} where window {window} of sound {index} was due")
    return row


def _row(sound: int, window: int, raw: bytes, error: ReelwrightError | None = None) -> dict[str, Any]:
    return {
        "sound": np.array([sound]),
        "window": np.array([window]),
        "bytes": bytes_column([raw]),
        "code": np.array([error.code if error else ""]),
        "message": np.array([error.message if error else ""]),
    }
