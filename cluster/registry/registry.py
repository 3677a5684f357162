"""The memo of the stages: find what an identity has yielded, commit what it yields now, and follow where it came from.

A commit is one transaction: artifact rows, their parents, and the attempt that made them. It demands that the bytes are
stored already, so a row means done. The first commit of an identity wins. A second one with the same hashes gets the
stored rows; one with other hashes shows that a stage is not a pure function, is recorded and refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from cluster.registry.blobs import BlobStore, Reached, pass_by
from cluster.registry.database import Database
from cluster.registry.media_rules import MEDIA_ASSET, REQUIRED, checked_meta
from cluster.registry.observations import ObservationBook
from cluster.registry.records import ArtifactRecord, NewArtifact, Observation, Origin, ParentLink, artifact_id_of
from cluster.registry.rows import artifacts_of, load_artifacts, now_utc, portions, to_json, to_us
from cluster.registry.runs import attempt_done
from cluster.registry.tables import artifact, artifact_parent
from cluster.tenancy.scope import TenantScope
from schemas.errors import Defect, NotFound, TenantMismatch


class ArtifactRegistry:
    """Artifacts and observations of one scope. Another tenant's ids answer exactly like unknown ones."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        scope: TenantScope,
        site_id: str,
        *,
        clock: Callable[[], datetime] = now_utc,
        reached: Reached = pass_by,
        dev_bypass: bool = False,
    ) -> None:
        if not scope.same_owner(blobs.scope):
            raise TenantMismatch(f"registry of {scope.tenant!r} got the blobs of {blobs.scope.tenant!r}")
        self._database = database
        self._blobs = blobs
        self._scope = scope
        self._site_id = site_id
        self._clock = clock
        self._reached = reached
        self._dev_bypass = dev_bypass
        self._book = ObservationBook(database, scope, site_id, clock)

    def find(self, identity: str) -> dict[str, ArtifactRecord]:
        """Output name -> record of what `identity` has yielded; empty when it never has, or its bytes were evicted."""
        return self.find_many([identity]).get(identity, {})

    def find_many(self, identities: Iterable[str]) -> dict[str, dict[str, ArtifactRecord]]:
        """`find` for many identities in one question. What would be empty is left out."""
        found: dict[str, dict[str, ArtifactRecord]] = {}
        with self._database.read() as connection:
            for part in portions(dict.fromkeys(identities)):
                for record in self._outputs(connection, part):
                    found.setdefault(record.identity, {})[record.output] = record
        return {
            identity: records
            for identity, records in found.items()
            if all(self._blobs.has(record.content_hash, record.size_bytes) for record in records.values())
        }

    def commit(
        self,
        *,
        identity: str,
        stage: str,
        stage_version: str,
        parameters: Mapping[str, Any],
        parents: Sequence[ParentLink],
        outputs: Sequence[NewArtifact],
        backend: Mapping[str, Any],
        origin: Origin = "local",
        cost_usd: float = 0.0,
        attempt: int | None = None,
    ) -> dict[str, ArtifactRecord]:
        """Output name -> record, durable when this returns.

        Args:
            identity: SHA-256 over everything that decides the bytes.
            parents: inputs in the stage's order; each must be in the registry.
            outputs: at least one, with different names, their bytes stored.
            attempt: what `RunLedger.begin` gave for this work; it is marked done in the same transaction.

        Raises:
            Defect: bytes or a parent are missing, or this identity has yielded other bytes before.
            InvalidInput, TenantMismatch, NotFound: a media artifact lacks what `media_rules` asks for, or is about an
                asset that this scope does not have.
        """
        self._check_outputs(identity, outputs)
        metas = {output.output: self._meta(identity, output) for output in outputs}
        shared = {
            "tenant": self._scope.tenant,
            "env": self._scope.env,
            "identity": identity,
            "stage": stage,
            "stage_version": stage_version,
            "parameters": to_json(parameters),
            "backend": to_json(backend),
            "origin": origin,
            "cost_usd": cost_usd,
            "site_id": self._site_id,
            "created_at_us": to_us(self._clock()),
        }
        self._reached("before_row")
        with self._database.write() as connection:
            self._database.alone(connection, identity)
            stored = self._outputs(connection, [identity])
            if not stored:
                self._check_parents(connection, parents)
                self._check_assets(connection, outputs, metas)
                rows = [
                    {**shared, **self._row(identity, output, origin, cost_usd), "meta": to_json(metas[output.output])}
                    for output in outputs
                ]
                self._insert(connection, rows, parents)
                stored = self._outputs(connection, [identity])
            self._reached("row_written")
            found = {record.output: record.content_hash for record in stored}
            yielded = {output.output: output.blob.content_hash for output in outputs}
            if found == yielded:
                attempt_done(connection, self._scope, attempt, self._clock())
            else:
                self._book.add(connection, "divergence", identity, {"stage": stage, "hashes": found}, stage)
                self._book.add(connection, "divergence", identity, {"stage": stage, "hashes": yielded}, stage)
        self._reached("committed")
        if found != yielded:
            raise Defect(
                f"stage {stage!r} version {stage_version!r} is not a pure function: identity {identity!r} "
                f"yielded {found!r} before and {yielded!r} now",
                identity=identity,
                stored=found,
                yielded=yielded,
            )
        return {record.output: record for record in stored}

    def get(self, artifact_id: str) -> ArtifactRecord:
        """The artifact of this id.

        Raises:
            NotFound: this scope has none.
        """
        return self._one(artifact_id, named=artifact_id)

    def resolve(self, uri: str) -> ArtifactRecord:
        """The artifact at `artifact://{tenant}/{env}/{artifact_id}`.

        Raises:
            NotFound: unknown, not a URI, or another tenant's: the answers are the same.
        """
        if not uri.startswith(self._scope.uri_prefix):
            raise NotFound(f"no artifact {uri!r}")
        return self._one(uri.removeprefix(self._scope.uri_prefix), named=uri)

    def lineage(self, artifact_id: str) -> tuple[ArtifactRecord, ...]:
        """Everything that `artifact_id` was made from, parents before children, itself last; the edges are `parents`.

        Raises:
            NotFound: this scope has no such artifact.
        """
        self.get(artifact_id)
        link = artifact_parent.c
        step = select(link.parent_id).where(link.tenant == self._scope.tenant, link.env == self._scope.env)
        ancestors = step.where(link.artifact_id == artifact_id).cte("ancestors", recursive=True)
        ancestors = ancestors.union(step.where(link.artifact_id == ancestors.c.parent_id))
        wanted = or_(artifact.c.artifact_id == artifact_id, artifact.c.artifact_id.in_(select(ancestors.c.parent_id)))
        with self._database.read() as connection:
            query = artifacts_of(self._scope).where(wanted).order_by(artifact.c.seq)
            return tuple(load_artifacts(connection, query, self._scope))

    def children(self, artifact_id: str, kind: str | None = None) -> tuple[ArtifactRecord, ...]:
        """What was made from `artifact_id`, of one kind or of all, oldest first; empty when nothing was."""
        link = artifact_parent.c
        made = select(link.artifact_id).where(
            link.tenant == self._scope.tenant, link.env == self._scope.env, link.parent_id == artifact_id
        )
        query = artifacts_of(self._scope).where(artifact.c.artifact_id.in_(made)).order_by(artifact.c.seq)
        if kind is not None:
            query = query.where(artifact.c.kind == kind)
        with self._database.read() as connection:
            return tuple(load_artifacts(connection, query, self._scope))

    def list(self, kind: str | None = None, *, limit: int = 100) -> tuple[ArtifactRecord, ...]:
        """The newest artifacts, of one kind or of all, newest first."""
        query = artifacts_of(self._scope).order_by(artifact.c.seq.desc()).limit(limit)
        if kind is not None:
            query = query.where(artifact.c.kind == kind)
        with self._database.read() as connection:
            return tuple(load_artifacts(connection, query, self._scope))

    def newest_naming(self, kind: str, field: str, name: str) -> ArtifactRecord | None:
        """The newest artifact of a kind whose meta has `name` in its list `field`; None when there is none.

        The database reads the metas of the kind from the newest on and stops at the first: quick for what was stored
        lately, and as long as all of them are for a name that nobody has.
        """
        quoted = json.dumps(name).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = artifacts_of(self._scope).where(
            artifact.c.kind == kind, artifact.c.meta.like(f"%{quoted}%", escape="\\")
        )
        query = query.order_by(artifact.c.seq.desc())
        below: int | None = None
        with self._database.read() as connection:
            while True:
                page = query if below is None else query.where(artifact.c.seq < below)
                row = connection.execute(page.limit(1)).mappings().first()
                if row is None:
                    return None
                if name in json.loads(row["meta"]).get(field, ()):
                    one = artifacts_of(self._scope).where(artifact.c.seq == row["seq"])
                    return load_artifacts(connection, one, self._scope)[0]
                below = row["seq"]

    def observe(self, kind: str, occurrence: str, payload: Mapping[str, Any], actor: str) -> Observation:
        """The observation that counts for this occurrence: `payload`, unless another was first."""
        return self._book.observe(kind, occurrence, payload, actor)

    def observations(self, kind: str, occurrence: str) -> tuple[Observation, ...]:
        """Every report of this occurrence, the one that counts first."""
        return self._book.all_of(kind, occurrence)

    def _one(self, artifact_id: str, *, named: str) -> ArtifactRecord:
        query = artifacts_of(self._scope).where(artifact.c.artifact_id == artifact_id)
        with self._database.read() as connection:
            found = load_artifacts(connection, query, self._scope)
        if not found:
            raise NotFound(f"no artifact {named!r}")
        return found[0]

    def _outputs(self, connection: Connection, identities: Sequence[str]) -> Sequence[ArtifactRecord]:
        query = artifacts_of(self._scope).where(artifact.c.identity.in_(identities)).order_by(artifact.c.seq)
        return load_artifacts(connection, query, self._scope)

    def _check_outputs(self, identity: str, outputs: Sequence[NewArtifact]) -> None:
        names = [output.output for output in outputs]
        if not names or len(set(names)) != len(names):
            raise Defect(f"identity {identity!r} must have outputs of different names, got {names!r}")
        for output in outputs:
            if not self._blobs.has(output.blob.content_hash, output.blob.size_bytes):
                raise Defect(f"output {output.output!r} has no bytes {output.blob.content_hash!r} in the store")

    def _meta(self, identity: str, output: NewArtifact) -> Mapping[str, Any]:
        artifact_id = artifact_id_of(identity, output.output)
        return checked_meta(output, self._scope, artifact_id, dev_bypass=self._dev_bypass)

    def _check_assets(
        self, connection: Connection, outputs: Sequence[NewArtifact], metas: Mapping[str, Mapping[str, Any]]
    ) -> None:
        for asset_id in sorted({metas[output.output]["asset_id"] for output in outputs if output.kind in REQUIRED}):
            query = artifacts_of(self._scope).where(artifact.c.artifact_id == asset_id, artifact.c.kind == MEDIA_ASSET)
            if connection.execute(query).first() is None:
                raise NotFound(f"no asset {asset_id!r}")

    def _row(self, identity: str, output: NewArtifact, origin: Origin, cost_usd: float) -> dict[str, Any]:
        return {
            "artifact_id": artifact_id_of(identity, output.output),
            "output": output.output,
            "kind": output.kind,
            "content_hash": output.blob.content_hash,
            "size_bytes": output.blob.size_bytes,
            "media_type": output.media_type,
            "schema_version": output.schema_version,
            "rights": to_json(output.rights),
            "pinned": output.pinned or origin == "external" or cost_usd > 0,
        }

    def _check_parents(self, connection: Connection, parents: Sequence[ParentLink]) -> None:
        wanted = {parent.artifact_id for parent in parents}
        known: set[str] = set()
        for part in portions(wanted):
            query = artifacts_of(self._scope).where(artifact.c.artifact_id.in_(part))
            known.update(connection.execute(query.with_only_columns(artifact.c.artifact_id)).scalars())
        if wanted - known:
            raise Defect(f"parents {sorted(wanted - known)!r} are not in the registry")

    def _insert(self, connection: Connection, rows: Sequence[dict[str, Any]], parents: Sequence[ParentLink]) -> None:
        connection.execute(artifact.insert(), list(rows))
        links = [
            {
                "tenant": self._scope.tenant,
                "env": self._scope.env,
                "artifact_id": row["artifact_id"],
                "ordinal": ordinal,
                "parent_id": parent.artifact_id,
                "role": parent.role,
            }
            for row in rows
            for ordinal, parent in enumerate(parents)
        ]
        if links:
            connection.execute(artifact_parent.insert(), links)
