"""Segments through Ray Data: decoded in tasks, searched by a pool of actors that hold the model, collected in order.

    tasks      segment -> stretches          pool      stretches -> what was seen          here      joined a segment
    [decode 0] -----------------------------> [engine] ----------------------------------> SegmentSeen 0
    [decode 1] -----------------------------> [engine] ----------------------------------> SegmentSeen 1

Rows hold bytes and numbers, nothing that runs. A worker or actor that dies costs its rows one more try; a film that
cannot be read becomes a row that says so, and the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from actors import catalogue
from actors.catalogue import Build
from actors.faces.detection import FaceRequest
from actors.hosting import plan_hosting
from actors.placement import HostFacts
from pipelines.streams.film_pass import SegmentTask, face_requests, seen, stretches_of
from pipelines.streams.ray_rows import bytes_column, datasets
from pipelines.streams.segment_looker import seen_outputs
from pipelines.streams.segment_seen import SegmentSeen
from pipelines.streams.stretch import Stretch
from schemas.errors import Defect, ReelwrightError, from_code

STORE_BYTES = 512 << 20
"""A stretch of 720p with its pictures is 20 MB; some dozen are on their way."""

DECODE_CPUS = 0.5
"""Two decode beside two that look on two CPUs: decoding waits for the pool most of the time."""

STRETCHES_AT_ONCE = 1


@dataclass(frozen=True)
class RaySegments:
    """An executor for SegmentTasks; all of one call ask the same engines."""

    num_cpus: int
    host: HostFacts
    """Of the machine that runs them; decides how much of a GPU the engine asks for."""

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterator[tuple[int, Any, float]]:
        """Ignores `function`: what it would do here is done in the dataset's processes, to the same bytes."""
        with datasets(self.num_cpus, STORE_BYTES):
            yield from collected(payloads, seen_rows(payloads, self.host, num_cpus=self.num_cpus))


def seen_rows(
    tasks: Sequence[SegmentTask], host: HostFacts, *, num_cpus: int, build: Build = catalogue.build
) -> Iterator[dict[str, Any]]:
    """Rows of all stretches of all segments, in order, from the Ray that runs and counts `num_cpus`."""
    import ray.data

    from actors.pool_host import through_pool

    first = tasks[0]
    dataset: ray.data.Dataset = ray.data.from_items([{"segment": index} for index in range(len(tasks))])
    dataset = dataset.map_batches(
        partial(decoded, tasks=tuple(tasks), build=build), batch_size=1, batch_format="numpy", num_cpus=DECODE_CPUS
    )
    if first.faces is not None:
        dataset = through_pool(
            dataset,
            plan_hosting(first.faces, host, build=build),
            partial(asked, tasks=tuple(tasks)),
            partial(answered, tasks=tuple(tasks)),
            size=pool_size(num_cpus),
            rows_at_once=STRETCHES_AT_ONCE,
        )
    yield from dataset.iter_rows()


def pool_size(num_cpus: int) -> int:
    """Actors that look: two for every two CPUs, for each waits for the decoder now and then; with what decodes beside
    them, they fit."""
    return max(1, num_cpus)


def decoded(
    rows: dict[str, Any], *, tasks: Sequence[SegmentTask], build: Build = catalogue.build
) -> Iterator[dict[str, Any]]:
    """A row a stretch; for a segment that cannot be read, one row that says why."""
    for index in rows["segment"].tolist():
        started = time.perf_counter()
        try:
            visual = build(tasks[index].visual)
            visual.load()
            for stretch in stretches_of(tasks[index], visual):
                raw = stretch.to_bytes() if tasks[index].faces else seen(stretch, [], None).to_bytes()
                yield _row(index, raw, is_last=stretch.is_last, seconds=time.perf_counter() - started)
                started = time.perf_counter()
        except ReelwrightError as exc:
            yield _row(index, b"", is_last=True, seconds=time.perf_counter() - started, error=exc)


def asked(rows: Any, *, tasks: Sequence[SegmentTask]) -> list[FaceRequest]:
    """What the engine is asked about the stretches of some rows."""
    requests = []
    for index, raw in zip(rows["segment"].tolist(), rows["bytes"], strict=True):
        sampling = tasks[index].sampling
        if raw and sampling is not None:
            requests += face_requests(Stretch.read(raw), sampling)
    return requests


def answered(rows: Any, results: Sequence[Any], *, tasks: Sequence[SegmentTask]) -> dict[str, Any]:
    """The rows with what was seen in place of the frames."""
    waiting = iter(results)
    found = []
    for index, raw in zip(rows["segment"].tolist(), rows["bytes"], strict=True):
        if not raw:
            found.append(raw)
            continue
        stretch = Stretch.read(raw)
        found.append(seen(stretch, [next(waiting) for _ in stretch.looks], tasks[index].sampling).to_bytes())
    return {**rows, "bytes": bytes_column(found)}


def collected(tasks: Sequence[SegmentTask], rows: Iterator[dict[str, Any]]) -> Iterator[tuple[int, Any, float]]:
    """(index, outputs or error, seconds) for each segment, from its rows in order.

    Raises:
        Defect: rows are missing or out of order.
    """
    parts: list[SegmentSeen] = []
    expected, seconds = 0, 0.0
    for row in rows:
        if row["segment"] != expected:
            raise Defect(f"the dataset gave segment {row['segment']!r} where {expected} was due")
        seconds += row["seconds"]
        if row["code"]:
            yield expected, from_code(row["code"], row["message"]), seconds
        else:
            parts.append(SegmentSeen.read(row["bytes"]))
            if not row["is_last"]:
                continue
            yield expected, seen_outputs(_joined(tasks[expected], parts).to_bytes()), seconds
        parts, expected, seconds = [], expected + 1, 0.0
    if expected != len(tasks):
        raise Defect(f"the dataset gave {expected} of {len(tasks)} segments")


def _joined(task: SegmentTask, parts: Sequence[SegmentSeen]) -> SegmentSeen:
    visual = catalogue.build(task.visual)
    visual.load()
    return SegmentSeen.joined(parts, visual.infer)


def _row(
    segment: int, raw: bytes, *, is_last: bool, seconds: float, error: ReelwrightError | None = None
) -> dict[str, Any]:
    return {
        "segment": np.array([segment]),
        "bytes": bytes_column([raw]),
        "is_last": np.array([is_last]),
        "seconds": np.array([seconds]),
        "code": np.array([error.code if error else ""]),
        "message": np.array([error.message if error else ""]),
    }
