"""Timelines: stored, fetched, as OpenTimelineIO files; and which stretch of which asset a clip is."""

from __future__ import annotations

import secrets
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field

from cluster.registry.records import ArtifactRecord
from cluster.tenancy.scope import TenantScope
from pipelines.editing.otio_export import export_otio
from pipelines.editing.otio_import import MEDIA_TYPE
from pipelines.editing.timeline import PlacedClip
from pipelines.editing.timeline_shelf import StoredTimeline, TimelineShelf
from schemas.canonical import sha256_hex
from schemas.edit_media import Speed
from schemas.errors import InvalidInput
from schemas.otio_report import OtioFinding
from schemas.timeline import Clip, Timeline
from schemas.timing import EditRate
from serve.http.asset_routes import ArtifactView
from serve.http.callers import OnSite, Operator, Reader
from serve.http.media_routes import RESPONSES, Key
from serve.http.site import Site

ROUTE = "/timelines"

TAGS: list[str | Any] = ["timelines"]

JSON = "application/json"

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"$ref": "#/components/schemas/Timeline"}},
            MEDIA_TYPE: {"schema": {"type": "object", "description": "An OpenTimelineIO file (.otio)."}},
        },
    }
}


class TimelineStored(BaseModel):
    """A timeline that was taken in."""

    artifact: ArtifactView
    findings: list[OtioFinding] = Field(
        description="What of an OpenTimelineIO file is not in it; empty for a document."
    )


class ExactTicks(BaseModel):
    """A number of ticks, as a fraction."""

    numerator: int
    denominator: int = Field(ge=1)


class ClipView(BaseModel):
    """A clip, and the half-open stretch of its source that it uses."""

    artifact_id: str = Field(description="The timeline that it was found in: the newest that has it.")
    timeline_id: str
    sequence_id: str
    track_id: str
    clip: Clip
    asset_id: str | None = Field(description="The asset that it shows; none for other media.")
    source_rate: EditRate
    source_in_ticks: int
    source_out_ticks: ExactTicks = Field(description="First tick that is not used: in + duration * |speed|.")
    in_ms: int = Field(description="In point, rounded.")
    out_ms: int = Field(description="Out point, rounded.")
    speed: Speed
    record_rate: EditRate
    start_ms: int = Field(description="Where it begins in its sequence, rounded.")
    end_ms: int = Field(description="Where it ends there, rounded.")

    @classmethod
    def of(cls, record: ArtifactRecord, placed: PlacedClip) -> ClipView:
        """The view of a clip in a stored timeline."""
        clip, used = placed.clip, placed.source_range
        out = ExactTicks(numerator=used.out_ticks.numerator, denominator=used.out_ticks.denominator)
        return cls(
            artifact_id=record.artifact_id, timeline_id=str(record.meta["timeline_id"]),
            sequence_id=placed.sequence.sequence_id, track_id=placed.track.track_id, clip=clip, asset_id=clip.asset_id,
            source_rate=clip.source_rate, source_in_ticks=clip.source_in_ticks, source_out_ticks=out,
            in_ms=round(used.in_s * 1000), out_ms=round(used.out_s * 1000), speed=clip.speed, record_rate=placed.rate,
            start_ms=round(placed.start_s * 1000), end_ms=round(placed.end_s * 1000),
        )  # fmt: skip


def add_timeline_routes(app: FastAPI) -> None:
    """Adds the routes."""

    @app.post(
        ROUTE, status_code=201, operation_id="store_timeline", tags=TAGS, responses=RESPONSES,
        openapi_extra=BODY, summary="Store a timeline: a document, or an OpenTimelineIO file",
    )  # fmt: skip
    async def store_timeline(
        request: Request, response: Response, site: OnSite, caller: Operator, key: Key = None
    ) -> TimelineStored:
        """Each sending is a timeline of its own, unless its `Idempotency-Key` was used before."""
        otio = _is_otio(request.headers.get("content-type", JSON))
        body = await request.body()
        occurrence = secrets.token_hex(16) if key is None else f"key:{sha256_hex(key.encode())}"
        stored: StoredTimeline = await run_sync(lambda: _shelf(site, caller).put(body, occurrence, otio=otio))
        if stored.replayed:
            response.status_code = 200
            response.headers["Idempotent-Replayed"] = "true"
        response.headers["Location"] = f"/timelines/{stored.record.artifact_id}"
        return TimelineStored(artifact=ArtifactView.of(stored.record), findings=list(stored.report.findings))

    @app.get(
        "/timelines/{artifact_id}", operation_id="get_timeline", tags=TAGS, response_class=Response,
        responses={**RESPONSES, 200: {"model": Timeline}},
    )  # fmt: skip
    def get_timeline(artifact_id: str, site: OnSite, caller: Reader) -> Response:
        """A stored timeline, as a document."""
        record, content = _shelf(site, caller).get(artifact_id)
        return Response(content, media_type=JSON, headers={"ETag": f'"{record.content_hash}"'})

    @app.get(
        "/timelines/{artifact_id}/otio", operation_id="timeline_otio", tags=TAGS, response_class=Response,
        responses={**RESPONSES, 200: {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}},
    )  # fmt: skip
    def timeline_otio(artifact_id: str, site: OnSite, caller: Reader) -> Response:
        """A stored timeline as an OpenTimelineIO file, for an editing program."""
        _, content = _shelf(site, caller).get(artifact_id)
        name = f'attachment; filename="{artifact_id}.otio"'
        exported = export_otio(Timeline.read(content))
        return Response(exported, media_type=MEDIA_TYPE, headers={"Content-Disposition": name})

    @app.get("/clips/{clip_id}", operation_id="get_clip", tags=TAGS, responses=RESPONSES)
    def get_clip(clip_id: str, site: OnSite, caller: Reader) -> ClipView:
        """A clip in the newest timeline that has it; one stored later without it hides nothing."""
        return ClipView.of(*_shelf(site, caller).clip(clip_id))


def _shelf(site: Site, caller: TenantScope) -> TimelineShelf:
    desk = site.desk(caller)
    return TimelineShelf(desk.registry, desk.blobs, desk.scope)


def _is_otio(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (JSON, MEDIA_TYPE):
        raise InvalidInput(f"a timeline comes as {JSON} or {MEDIA_TYPE}, not as {kind!r:.80}")
    return kind == MEDIA_TYPE
