"""The runner: the only user of the registry. A committed artifact with a work's identity is the answer; otherwise the
function runs, its bytes are stored, and one transaction records where they came from.

    work -> identity -> found?  -> reuse
                        else    -> make (here, or through an executor) -> blobs -> commit row, lineage and attempt

`Execution` does this. `planning.Plan` offers the same three methods and stores nothing, so one flow serves both.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cluster.logs import log_context
from cluster.registry.blobs import BlobStore
from cluster.registry.records import ArtifactRecord, NewArtifact, ParentLink, artifact_id_of
from cluster.registry.registry import ArtifactRegistry
from cluster.registry.runs import RunLedger
from cluster.registry.runs import Work as LedgerWork
from cluster.tenancy.scope import TenantScope
from pipelines.outcome import ItemFailure
from pipelines.progress import Progress
from pipelines.retries import with_retries
from pipelines.stage import Input, Output, Outputs, Work, identity_of
from schemas.document import Document
from schemas.errors import Defect, ReelwrightError, Unavailable

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Artifact:
    """One stored result, as the flow sees it."""

    artifact_id: str
    uri: str
    content_hash: str
    size_bytes: int
    media_type: str
    meta: Mapping[str, Any]

    def as_input(self) -> Input:
        """This artifact as an input of another stage."""
        return Input(content_hash=self.content_hash, artifact_id=self.artifact_id)


@dataclass(frozen=True)
class Made:
    """The artifacts of one work."""

    outputs: Mapping[str, Artifact]
    reused: bool

    @property
    def result(self) -> Artifact:
        """The output of a stage that has one."""
        return self.outputs["result"]


class Executor(Protocol):
    """Runs one top-level function over plain values, perhaps in other processes."""

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterable[tuple[int, Any, float]]:
        """(index, result or exception, seconds) for each payload, as they finish."""


@dataclass(frozen=True)
class Batch:
    """Works of one stage that an executor may make: `function(payload(index, folder))` returns the work's Outputs."""

    works: Sequence[Work]
    function: Callable[[Any], Outputs]
    payload: Callable[[int, Path], Any]
    """(index of the work, its empty folder) -> a plain value that pickles."""

    worth: Callable[[Sequence[int]], Executor]
    """Indices of the works that must run -> the executor that suits them."""


@dataclass
class StageTally:
    """What one stage did in this run."""

    seconds: float = 0.0
    hits: int = 0
    misses: int = 0
    failures: int = 0
    retries: int = 0


@dataclass
class Execution:
    """A run that makes things."""

    registry: ArtifactRegistry
    blobs: BlobStore
    ledger: RunLedger
    scope: TenantScope
    run_id: str
    scratch: Path
    natives: Mapping[str, str]
    progress: Progress
    tallies: dict[str, StageTally] = field(default_factory=dict)
    _works: dict[str, Work] = field(default_factory=dict)
    """Content hash -> the work that yields it, for every artifact that this run was given from the registry."""

    def make(self, work: Work) -> Made:
        """The artifacts of one work.

        Raises:
            ReelwrightError: the function failed; the attempt is recorded.
        """
        (made,) = self.make_all([work])
        if isinstance(made, ItemFailure):
            raise made.error
        return made

    def make_all(self, works: Sequence[Work]) -> list[Made | ItemFailure]:
        """The artifacts of many works of one stage, in order; a failed one does not stop the others."""

        def here(todo: Sequence[tuple[int, Path]]) -> Iterator[tuple[int, Outputs | Exception, float]]:
            for index, folder in todo:
                started = time.perf_counter()
                outputs = self._attempt(works[index], folder)
                yield index, outputs, time.perf_counter() - started

        return self._run(works, here)

    def make_batch(self, batch: Batch) -> list[Made | ItemFailure]:
        """As `make_all`, through the executor that the batch finds worth starting."""

        def there(todo: Sequence[tuple[int, Path]]) -> Iterator[tuple[int, Outputs | Exception, float]]:
            executor = batch.worth([index for index, _ in todo])
            payloads = [batch.payload(index, folder) for index, folder in todo]
            left = set(range(len(todo)))
            try:
                for position, outputs, seconds in executor.run(batch.function, payloads):
                    left.discard(position)
                    yield todo[position][0], outputs, seconds
            except ReelwrightError as exc:  # the executor itself gave up: Ray did not start, or died
                for position in sorted(left):
                    yield todo[position][0], exc, 0.0

        return self._run(batch.works, there)

    def artifact_id(self, work: Work, output: str = "result") -> str:
        """The id that an output of this work has or will have."""
        return artifact_id_of(self._identity(work), output)

    def holds(self, works: Sequence[Work]) -> bool:
        """Whether all of these works were done before, so that making them costs nothing."""
        identities = {self._identity(work) for work in works}
        return self.registry.find_many(identities).keys() == identities

    def read(self, artifact: Artifact) -> bytes:
        """The bytes of an artifact, checked against its hash."""
        self.path(artifact)  # mends what is torn
        return self.blobs.read(artifact.content_hash)

    def path(self, artifact: Artifact) -> Path:
        """The read-only file of an artifact. Bytes that were torn since they were stored are made again."""
        work = self._works.pop(artifact.content_hash, None)
        if work is not None and not self.blobs.is_whole(artifact.content_hash):
            self.progress.note(f"{work.stage.name} {work.item}: the stored bytes were damaged and are made again")
            self.blobs.discard(artifact.content_hash)
            self.make(work)
        return self.blobs.path(artifact.content_hash)

    def document(self, kind: type[D], artifact: Artifact) -> D:
        """The document that an artifact holds."""
        return kind.read(self.read(artifact))

    def _attempt(self, work: Work, folder: Path) -> Outputs | Exception:
        tally = self._tally(work.stage.name)

        def retried() -> None:
            tally.retries += 1

        try:
            return with_retries(lambda: work.make(folder), on_retry=retried)
        except Exception as exc:  # noqa: BLE001 - the boundary around every stage: recorded, then raised or returned
            return exc

    def _run(
        self,
        works: Sequence[Work],
        produce: Callable[[Sequence[tuple[int, Path]]], Iterable[tuple[int, Outputs | Exception, float]]],
    ) -> list[Made | ItemFailure]:
        if not works:
            return []
        with log_context(stage=works[0].stage.name):
            return self._run_stage(works, produce)

    def _run_stage(
        self,
        works: Sequence[Work],
        produce: Callable[[Sequence[tuple[int, Path]]], Iterable[tuple[int, Outputs | Exception, float]]],
    ) -> list[Made | ItemFailure]:
        stage, tally = works[0].stage, self._tally(works[0].stage.name)
        started = time.perf_counter()
        identities = [self._identity(work) for work in works]
        results: dict[str, Made | ItemFailure] = {
            identity: Made({name: stored_artifact(record) for name, record in records.items()}, reused=True)
            for identity, records in self.registry.find_many(identities).items()
        }
        for work, identity in zip(works, identities, strict=True):
            held = results.get(identity)
            for artifact in held.outputs.values() if isinstance(held, Made) else ():
                self._works.setdefault(artifact.content_hash, work)
        first = {identity: index for index, identity in reversed(list(enumerate(identities)))}
        todo = sorted(index for identity, index in first.items() if identity not in results)
        tally.hits += len(works) - len(todo)
        named = zip(works, identities, strict=True)
        entries = [LedgerWork(stage.name, identity, work.item) for work, identity in named]
        self.ledger.reused(self.run_id, [entry for entry in entries if entry.identity in results])
        attempts = dict(zip(todo, self.ledger.begin(self.run_id, [entries[index] for index in todo]), strict=True))
        self.progress.stage_started(stage.name, len(works), len(works) - len(todo))
        with self._folders(todo) as folders:
            for index, outputs, seconds in produce(folders) if todo else ():
                results[identities[index]] = self._finish(
                    works[index], identities[index], attempts[index], outputs, seconds
                )
        tally.seconds += time.perf_counter() - started
        return [results[identity] for identity in identities]

    def _finish(
        self, work: Work, identity: str, attempt: int, outputs: Outputs | Exception, seconds: float
    ) -> Made | ItemFailure:
        tally = self._tally(work.stage.name)
        if isinstance(outputs, Exception):
            tally.failures += 1
            error = outputs if isinstance(outputs, ReelwrightError) else _failure(work, outputs)
            self.ledger.failed(attempt, error)
            self.progress.item_failed(work.stage.name, work.item, error.message)
            return ItemFailure(work.item, error)
        tally.misses += 1
        records = self.registry.commit(
            identity=identity,
            stage=work.stage.name,
            stage_version=work.stage.version,
            parameters=dict(work.parameters),
            parents=[ParentLink(given.artifact_id, role) for role, given in work.inputs.items()],
            outputs=[self._stored(name, output) for name, output in outputs.items()],
            backend=dict(work.backend),
            attempt=attempt,
        )
        self.progress.item_done(work.stage.name, work.item, seconds)
        return Made({name: stored_artifact(record) for name, record in records.items()}, reused=False)

    def _stored(self, name: str, output: Output) -> NewArtifact:
        if isinstance(output.content, bytes):
            blob = self.blobs.put_bytes(output.content)
        else:
            blob = self.blobs.put_file(output.content, adopt=True)
        return NewArtifact(
            output=name,
            kind=output.kind,
            blob=blob,
            media_type=output.media_type,
            schema_version=output.schema_version,
            rights=output.rights.model_dump(mode="json"),
            meta=dict(output.meta),
        )

    def _identity(self, work: Work) -> str:
        return identity_of(work, tenant=self.scope.tenant, env=self.scope.env, natives=self.natives)

    def _tally(self, stage: str) -> StageTally:
        return self.tallies.setdefault(stage, StageTally())

    @contextmanager
    def _folders(self, indices: Sequence[int]) -> Iterator[list[tuple[int, Path]]]:
        """An empty folder per work to make, gone afterwards."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        above = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            folders = [(index, above / str(index)) for index in indices]
            for _, folder in folders:
                folder.mkdir()
            yield folders
        finally:
            shutil.rmtree(above)


def stored_artifact(record: ArtifactRecord) -> Artifact:
    """A registry record as the flow sees it."""
    return Artifact(
        artifact_id=record.artifact_id,
        uri=record.uri,
        content_hash=record.content_hash,
        size_bytes=record.size_bytes,
        media_type=record.media_type,
        meta=record.meta,
    )


def _failure(work: Work, exc: Exception) -> ReelwrightError:
    """What an exception that is none of ours means: the disk gave up, or our code is wrong."""
    where = f"stage {work.stage.name} failed on {work.item}"
    full = isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
    kind = Unavailable if full else Defect
    error = kind(f"{where}: {type(exc).__name__}: {exc}")
    error.__cause__ = exc
    return error
