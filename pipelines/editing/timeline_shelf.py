"""Timelines in the registry: stored as observations, found by id, and by the clips that they hold.

A timeline that somebody sends is something that happened, not the memo of a function: sending the same one twice is two
of them, and the later is the newer. One that came as an OpenTimelineIO file has that file as its parent and the report
of the import beside it; every asset that its clips show is a parent too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cluster.registry.blobs import BlobStore
from cluster.registry.media_rules import MEDIA_ASSET
from cluster.registry.records import ArtifactRecord, NewArtifact, ParentLink
from cluster.registry.registry import ArtifactRegistry
from cluster.tenancy.scope import TenantScope
from pipelines.editing.otio_import import MEDIA_TYPE, import_otio
from pipelines.editing.timeline import PlacedClip, find_clip, placed_clips
from schemas.canonical import fingerprint, sha256_hex
from schemas.errors import IdempotencyMismatch, InvalidInput, NotFound
from schemas.otio_report import OtioReport
from schemas.rights import Rights
from schemas.timeline import Timeline

OTIO_FILE = "otio_file"

MOST_CLIPS = 20_000
"""Of one stored timeline: their ids stand in its meta, to be found by."""

_STAGE, _VERSION = "timeline", "1"


@dataclass(frozen=True)
class StoredTimeline:
    """A timeline and its row."""

    record: ArtifactRecord
    timeline: Timeline
    report: OtioReport
    """What an import did not take over; empty for a document."""

    replayed: bool = False
    """Whether this very sending was stored before."""


@dataclass(frozen=True)
class TimelineShelf:
    """The timelines of one scope."""

    registry: ArtifactRegistry
    blobs: BlobStore
    scope: TenantScope

    def put(self, body: bytes, occurrence: str, *, otio: bool) -> StoredTimeline:
        """Stores what was sent.

        Args:
            body: a Timeline document, or an OpenTimelineIO file.
            occurrence: names this sending; the same name again is the same sending.
            otio: which of the two it is.

        Raises:
            InvalidInput: it cannot be read, or has too many clips.
            IdempotencyMismatch: this sending had another body before.
            NotFound: a clip shows an asset that this scope does not have.
        """
        imported = import_otio(body) if otio else None
        timeline = imported.timeline if imported else Timeline.read(body)
        assets = self._assets(timeline)
        payload = {"body": sha256_hex(body), "otio": otio}
        if self.registry.observe(_STAGE, occurrence, payload, self.scope.user_id).payload != payload:
            raise IdempotencyMismatch("this key came with another timeline before", occurrence=occurrence)
        identity = self._identity(_STAGE, occurrence)
        if stored := self.registry.find(identity):
            return self._replayed(stored)
        outputs = [self._output("result", timeline, _meta(timeline))]
        parents = [ParentLink(asset_id, "asset") for asset_id in assets]
        if imported:
            outputs.append(self._output("report", imported.report, {}))
            parents = [ParentLink(self._file(body).artifact_id, "otio"), *parents]
        records = self._commit(identity, _STAGE, parents, outputs)
        report = imported.report if imported else OtioReport()
        return StoredTimeline(records["result"], timeline, report)

    def get(self, artifact_id: str) -> tuple[ArtifactRecord, bytes]:
        """A stored timeline, as its bytes.

        Raises:
            NotFound: this scope has none of that id.
        """
        record = self.registry.get(artifact_id)
        if record.kind != Timeline.name():
            raise NotFound(f"no timeline {artifact_id!r}")
        return record, self.blobs.read(record.content_hash)

    def clip(self, clip_id: str) -> tuple[ArtifactRecord, PlacedClip]:
        """A clip, in the newest timeline that has one of this id; one stored later without it hides nothing.

        Raises:
            NotFound: no timeline of this scope has it.
        """
        record = self.registry.newest_naming(Timeline.name(), "clip_ids", clip_id)
        if record is None:
            raise NotFound(f"no clip {clip_id!r}")
        return record, find_clip(Timeline.read(self.blobs.read(record.content_hash)), clip_id)

    def _replayed(self, stored: dict[str, ArtifactRecord]) -> StoredTimeline:
        timeline = Timeline.read(self.blobs.read(stored["result"].content_hash))
        report = OtioReport()
        if "report" in stored:
            report = OtioReport.read(self.blobs.read(stored["report"].content_hash))
        return StoredTimeline(stored["result"], timeline, report, replayed=True)

    def _assets(self, timeline: Timeline) -> list[str]:
        """The assets that its clips show, each once."""
        shown: dict[str, str] = {}
        clips = list(placed_clips(timeline))
        if len(clips) > MOST_CLIPS:
            raise InvalidInput(f"the timeline has {len(clips)} clips; {MOST_CLIPS} are the most")
        for one in clips:
            if one.clip.asset_id is not None:
                shown.setdefault(one.clip.asset_id, one.clip.clip_id)
        for asset_id, clip_id in shown.items():
            try:
                known = self.registry.get(asset_id).kind == MEDIA_ASSET
            except NotFound:
                known = False
            if not known:
                raise NotFound(f"no asset {asset_id!r}, which clip {clip_id!r} shows", clip_id=clip_id)
        return sorted(shown)

    def _file(self, body: bytes) -> ArtifactRecord:
        """The file itself; the same bytes are the same artifact."""
        blob = self.blobs.put_bytes(body)
        output = NewArtifact("result", OTIO_FILE, blob, MEDIA_TYPE, "", Rights().model_dump(mode="json"), pinned=True)
        return self._commit(self._identity(OTIO_FILE, blob.content_hash), OTIO_FILE, [], [output])["result"]

    def _output(self, name: str, document: Timeline | OtioReport, meta: dict[str, Any]) -> NewArtifact:
        blob = self.blobs.put_bytes(document.to_json())
        rights = Rights().model_dump(mode="json")
        return NewArtifact(
            name, document.name(), blob, "application/json", document.schema_version, rights, meta, pinned=True
        )

    def _identity(self, kind: str, occurrence: str) -> str:
        return fingerprint({"tenant": self.scope.tenant, "env": self.scope.env, "kind": kind, "occurrence": occurrence})

    def _commit(
        self, identity: str, stage: str, parents: list[ParentLink], outputs: list[NewArtifact]
    ) -> dict[str, ArtifactRecord]:
        return self.registry.commit(
            identity=identity, stage=stage, stage_version=_VERSION, parameters={}, parents=parents, outputs=outputs,
            backend={},
        )  # fmt: skip


def _meta(timeline: Timeline) -> dict[str, Any]:
    return {
        "timeline_id": timeline.timeline_id,
        "project_id": timeline.project_id,
        "title": timeline.title,
        "clip_ids": [one.clip.clip_id for one in placed_clips(timeline)],
    }
