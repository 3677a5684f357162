"""A plan: what a run would make, what it would reuse, and why, without storing anything.

Instant stages (documents, spoken lines: milliseconds each) are computed in memory, because only their results tell
which shots change. Everything else is only looked up. What depends on something that is not there yet is `pending`: its
content hash is a placeholder that no registry holds, so that everything downstream is pending too.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cluster.registry.blobs import BlobStore
from cluster.registry.records import ArtifactRecord, artifact_id_of
from cluster.registry.registry import ArtifactRegistry
from cluster.registry.runs import RunLedger
from cluster.tenancy.scope import TenantScope
from pipelines.outcome import ItemFailure
from pipelines.runner import Artifact, Batch, D, Made, stored_artifact
from pipelines.stage import Work, identity_of
from schemas.canonical import sha256_hex
from schemas.errors import ReelwrightError

PENDING = "pending:"

RUNS_LOOKED_AT = 5
"""A run that failed early says little; one of the last five has usually seen everything."""


@dataclass(frozen=True)
class PlannedWork:
    """What would happen to one work."""

    stage: str
    item: str
    action: Literal["reuse", "make"]
    why: str


class PendingOutputs(dict[str, Artifact]):
    """Outputs of a work that has not run: any name answers with the artifact that it will be, its content pending."""

    def __init__(self, identity: str, scope: TenantScope) -> None:
        super().__init__()
        self._identity = identity
        self._scope = scope

    def __missing__(self, name: str) -> Artifact:
        return _future(self._identity, name, self._scope, f"{PENDING}{self._identity}:{name}", 0, "", {})


@dataclass
class Plan:
    """Stands where an Execution stands and stores nothing."""

    registry: ArtifactRegistry
    blobs: BlobStore
    ledger: RunLedger
    scope: TenantScope
    project_id: str
    natives: Mapping[str, str]
    works: list[PlannedWork] = field(default_factory=list)
    _memory: dict[str, bytes] = field(default_factory=dict)
    _identities_before: dict[tuple[str, str], str] | None = None

    def make(self, work: Work) -> Made:
        """The artifacts of one work: stored, computed in memory, or pending."""
        (made,) = self.make_all([work])
        if isinstance(made, ItemFailure):
            raise made.error
        return made

    def make_all(self, works: Sequence[Work]) -> list[Made | ItemFailure]:
        """As `make`, for many works of one stage."""
        if not works:
            return []
        identities = [
            identity_of(work, tenant=self.scope.tenant, env=self.scope.env, natives=self.natives) for work in works
        ]
        found = self.registry.find_many(identities)
        results: list[Made | ItemFailure] = []
        for work, identity in zip(works, identities, strict=True):
            records = found.get(identity)
            if records:
                self.works.append(PlannedWork(work.stage.name, work.item, "reuse", "same inputs and parameters"))
                results.append(Made({name: stored_artifact(record) for name, record in records.items()}, reused=True))
                continue
            why = self._why(work, self._before().get((work.stage.name, work.item)))
            self.works.append(PlannedWork(work.stage.name, work.item, "make", why))
            results.append(self._ahead(work, identity))
        return results

    def make_batch(self, batch: Batch) -> list[Made | ItemFailure]:
        """As `make_all`; the executor stays unused."""
        return self.make_all(batch.works)

    def read(self, artifact: Artifact) -> bytes:
        """The bytes of an artifact, from memory or the registry."""
        if artifact.content_hash in self._memory:
            return self._memory[artifact.content_hash]
        return self.blobs.read(artifact.content_hash)

    def path(self, artifact: Artifact) -> Path:
        """The file of a stored artifact."""
        return self.blobs.path(artifact.content_hash)

    def document(self, kind: type[D], artifact: Artifact) -> D:
        """The document that an artifact holds."""
        return kind.read(self.read(artifact))

    def _ahead(self, work: Work, identity: str) -> Made | ItemFailure:
        if not work.stage.instant or any(given.content_hash.startswith(PENDING) for given in work.inputs.values()):
            return Made(PendingOutputs(identity, self.scope), reused=False)
        with tempfile.TemporaryDirectory() as folder:
            try:
                outputs = work.make(Path(folder))
            except ReelwrightError as exc:
                return ItemFailure(work.item, exc)
            made = {}
            for name, output in outputs.items():
                content = output.content if isinstance(output.content, bytes) else output.content.read_bytes()
                content_hash = sha256_hex(content)
                self._memory[content_hash] = content
                made[name] = _future(
                    identity, name, self.scope, content_hash, len(content), output.media_type, output.meta
                )
        return Made(made, reused=False)

    def _before(self) -> dict[tuple[str, str], str]:
        """(stage, item) -> identity that the project's latest runs had, the newest first."""
        if self._identities_before is None:
            found: dict[tuple[str, str], str] = {}
            for run in self.ledger.latest(self.project_id, limit=RUNS_LOOKED_AT):
                for attempt in self.ledger.attempts(run.run_id):
                    if attempt.state == "done":
                        found.setdefault((attempt.work.stage, attempt.work.item), attempt.work.identity)
            self._identities_before = found
        return self._identities_before

    def _why(self, work: Work, identity_before: str | None) -> str:
        if identity_before is None:
            return "not made before"
        records = self.registry.find(identity_before)
        if not records:
            return "its stored bytes were evicted"
        record = next(iter(records.values()))
        return "; ".join(self._differences(work, record)) or "another version of an engine or native library"

    def _differences(self, work: Work, record: ArtifactRecord) -> list[str]:
        if record.stage_version != work.stage.version:
            return [f"stage version {record.stage_version} -> {work.stage.version}"]
        changes = list(changed_fields(record.parameters, dict(work.parameters)))[:3]
        held = {link.role: self.registry.get(link.artifact_id).content_hash for link in record.parents}
        for role, given in work.inputs.items():
            if role not in held:
                changes.append(f"new input {role}")
            elif given.content_hash.startswith(PENDING):
                changes.append(f"input {role} is made anew")
            elif held[role] != given.content_hash:
                changes.append(f"input {role} changed")
        changes += [f"input {role} is gone" for role in held if role not in work.inputs]
        return changes[:4]


def _future(
    identity: str,
    output: str,
    scope: TenantScope,
    content_hash: str,
    size_bytes: int,
    media_type: str,
    meta: Mapping[str, Any],
) -> Artifact:
    """The artifact that a run will commit: its id follows from the identity."""
    artifact_id = artifact_id_of(identity, output)
    return Artifact(artifact_id, scope.uri_prefix + artifact_id, content_hash, size_bytes, media_type, meta)


def changed_fields(before: Any, now: Any, at: str = "") -> Any:
    """Sentences for the first places where two JSON values differ, depth first."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted(before.keys() | now.keys()):
            if before.get(key) != now.get(key):
                yield from changed_fields(before.get(key), now.get(key), f"{at}.{key}" if at else str(key))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for index, (old, new) in enumerate(zip(before, now, strict=True)):
            if old != new:
                yield from changed_fields(old, new, f"{at}.{index}")
    else:
        yield f"{at}: {str(before)[:40]} -> {str(now)[:40]}"
