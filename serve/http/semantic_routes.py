"""Timelines of sounds: fetched, cut to a clip, and followed by shots."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Response
from pydantic import BaseModel, Field
from starlette.convertors import Convertor, register_url_convertor

from cluster.registry.records import ArtifactRecord
from cluster.tenancy.scope import TenantScope
from pipelines.analysis.caller import check_caller
from pipelines.analysis.semantic_slice import sliced
from pipelines.analysis.video_shots import KnownSource, video_shots
from pipelines.editing.timeline_shelf import TimelineShelf
from schemas.audio_semantic_timeline import AudioSemanticTimelineSummary
from schemas.errors import InvalidInput, NotFound
from schemas.video_shot_list import ShotListRequest, ShotListResult
from serve.http.callers import OnSite, Reader
from serve.http.media_routes import RESPONSES
from serve.http.site import Site


class ArtifactConvertor(Convertor[str]):
    """Ids of artifacts in paths, so that `analyze` beside them is none."""

    regex = "a_[0-9a-f]{32}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("artifact", ArtifactConvertor())

TAGS: list[str | Any] = ["media engines"]

KIND = AudioSemanticTimelineSummary.name()


class ClipTimeline(BaseModel):
    """What is heard in a clip."""

    artifact_id: str = Field(description="Of the source's timeline that was trimmed: the newest.")
    clip_id: str
    summary: AudioSemanticTimelineSummary


def add_semantic_routes(app: FastAPI) -> None:
    """Adds the routes."""

    @app.get(
        "/audio/semantic-timeline/by-clip/{clip_id}", operation_id="semantic_timeline_of_clip", tags=TAGS,
        responses=RESPONSES, summary="What is heard in a clip of a stored timeline",
    )  # fmt: skip
    def of_clip(clip_id: str, site: OnSite, caller: Reader) -> ClipTimeline:
        """The stored timeline of the clip's asset, trimmed to the clip; milliseconds count from its in point."""
        desk = site.desk(caller)
        _, placed = TimelineShelf(desk.registry, desk.blobs, desk.scope).clip(clip_id)
        if placed.clip.asset_id is None:
            raise InvalidInput(f"clip {clip_id!r} shows no asset of this site, so nothing is known of its sound")
        record, summary = _latest(site, caller, placed.clip.asset_id)
        used = placed.source_range
        cut = sliced(
            summary, round(used.in_s * 1000), round(used.out_s * 1000), clip_id=clip_id,
            speed=float(placed.clip.speed.fraction),
        )  # fmt: skip
        return ClipTimeline(artifact_id=record.artifact_id, clip_id=clip_id, summary=cut)

    @app.get(
        "/audio/semantic-timeline/{artifact_id:artifact}", operation_id="get_semantic_timeline", tags=TAGS,
        response_class=Response, responses={**RESPONSES, 200: {"model": AudioSemanticTimelineSummary}},
        summary="A stored timeline",
    )  # fmt: skip
    def get_semantic_timeline(artifact_id: str, site: OnSite, caller: Reader) -> Response:
        """The document as it was stored."""
        desk = site.desk(caller)
        record = desk.registry.get(artifact_id)
        if record.kind != KIND:
            raise NotFound(f"no {KIND} {artifact_id!r}")
        content = desk.blobs.read(record.content_hash)
        return Response(content, media_type="application/json", headers={"ETag": f'"{record.content_hash}"'})

    @app.post(
        "/audio/to-video-origin", operation_id="shots_of_sounds", tags=TAGS, responses=RESPONSES,
        summary="Which part of which sound each shot follows",
    )  # fmt: skip
    def to_video_origin(body: ShotListRequest, site: OnSite, caller: Reader) -> ShotListResult:
        """Shots begin with the first speech of their source, on a beat; nothing is stored."""
        check_caller(body, caller, dev_bypass=site.settings.dev_bypass)
        known: dict[str, KnownSource] = {}
        for asset_id in dict.fromkeys(one.source_asset_id for one in body.shots):
            site.desk(caller).registry.get(asset_id)  # unknown and foreign sources answer here
            try:
                record, summary = _latest(site, caller, asset_id)
            except NotFound:
                continue  # the answer says which sources have no timeline
            known[asset_id] = KnownSource(record.artifact_id, summary)
        return video_shots(body, known)


def _latest(site: Site, caller: TenantScope, asset_id: str) -> tuple[ArtifactRecord, AudioSemanticTimelineSummary]:
    """The newest timeline of an asset itself, not of a rendition of it.

    Raises:
        NotFound: it has none.
    """
    desk = site.desk(caller)
    for record in reversed(desk.registry.children(asset_id, KIND)):
        summary = AudioSemanticTimelineSummary.read(desk.blobs.read(record.content_hash))
        if summary.asset_id == asset_id and summary.artifact_id is None:
            return record, summary
    raise NotFound(f"asset {asset_id!r} has no {KIND}; ask for one at /audio/semantic-timeline/analyze")
