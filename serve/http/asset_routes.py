"""Assets brought in, and artifacts looked at: records, bytes with ranges, lineage."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import FastAPI, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from cluster.registry.media_rules import MEDIA_ASSET
from cluster.registry.records import ArtifactRecord
from cluster.tenancy.scope import TenantScope
from pipelines.analysis.asset import register
from pipelines.progress import Silent
from schemas.errors import InvalidInput, NotFound
from serve.http.callers import OnSite, Operator, Reader
from serve.http.media_routes import RESPONSES
from serve.http.site import Site
from serve.media_run import media_flow

UPLOAD = "/media/v2/assets/upload"

NAME = r"^[^/\\\x00-\x1f]{1,200}$"


_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"*/*": {}}, "description": "The bytes, as the media type that the artifact has."},
    206: {"content": {"*/*": {}}, "description": "Those of `Range`."},
    416: {"content": {"text/plain": {}}, "description": "`Range` lies outside of them."},
}


class AssetPath(BaseModel):
    """A file that the server can read, to be taken in."""

    path: str = Field(
        pattern="^/",
        max_length=4096,
        description="Below one of the folders that the operator allows (REELWRIGHT_READABLE).",
    )


class ArtifactView(BaseModel):
    """An artifact as callers see it."""

    artifact_id: str
    uri: str
    kind: str
    media_type: str
    size_bytes: int
    content_hash: str
    schema_version: str
    origin: str
    parents: list[dict[str, str]]
    meta: dict[str, Any]
    created_at: str

    @classmethod
    def of(cls, record: ArtifactRecord) -> ArtifactView:
        """The view of a record."""
        return cls(
            artifact_id=record.artifact_id, uri=record.uri, kind=record.kind, media_type=record.media_type,
            size_bytes=record.size_bytes, content_hash=record.content_hash, schema_version=record.schema_version,
            origin=record.origin, meta=record.meta, created_at=record.created_at.isoformat(),
            parents=[{"artifact_id": one.artifact_id, "role": one.role} for one in record.parents],
        )  # fmt: skip


def add_asset_routes(app: FastAPI) -> None:
    """Adds the routes."""

    @app.post(
        "/media/v2/assets", status_code=201, operation_id="register_asset", tags=["assets"], responses=RESPONSES,
        summary="Take in a file that the server can read",
    )  # fmt: skip
    def register_asset(body: AssetPath, site: OnSite, caller: Operator) -> ArtifactView:
        site.check_storage(caller)
        return _registered(site, caller, _readable(site, body.path))

    @app.post(
        UPLOAD, status_code=201, operation_id="upload_asset", tags=["assets"],
        summary="Take in the body: a film, a sound or a picture", responses=RESPONSES,
        openapi_extra={"requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }},
    )  # fmt: skip
    async def upload_asset(
        request: Request,
        site: OnSite,
        caller: Operator,
        name: Annotated[str, Query(pattern=NAME, description="Of the file, for people.")],
    ) -> ArtifactView:
        await run_sync(site.check_storage, caller)
        with _upload(site, name) as path:
            async with await anyio.open_file(path, "wb") as file:
                async for part in request.stream():
                    await file.write(part)
            return await run_sync(_registered, site, caller, path)

    @app.get("/media/v2/artifacts", operation_id="list_artifacts", tags=["artifacts"], responses=RESPONSES)
    def list_artifacts(
        site: OnSite, caller: Reader, kind: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> list[ArtifactView]:
        """The newest artifacts, oldest of them first."""
        return [ArtifactView.of(one) for one in site.desk(caller).registry.list(kind, limit=limit)]

    @app.get("/media/v2/artifacts/{artifact_id}", operation_id="get_artifact", tags=["artifacts"], responses=RESPONSES)
    def get_artifact(artifact_id: str, site: OnSite, caller: Reader) -> ArtifactView:
        """One artifact: what it is and what it was made from."""
        return ArtifactView.of(site.desk(caller).registry.get(artifact_id))

    @app.get(
        "/media/v2/artifacts/{artifact_id}/content", operation_id="download_artifact", tags=["artifacts"],
        response_class=FileResponse, responses={**RESPONSES, **_BYTES},
    )  # fmt: skip
    def download_artifact(artifact_id: str, site: OnSite, caller: Reader) -> FileResponse:
        """The bytes, whole or by `Range`."""
        desk = site.desk(caller)
        record = desk.registry.get(artifact_id)
        if not desk.blobs.has(record.content_hash, record.size_bytes):
            raise NotFound(f"the bytes of {artifact_id!r} were let go; ask again for what made them")
        headers = {"ETag": f'"{record.content_hash}"'}
        return FileResponse(desk.blobs.path(record.content_hash), media_type=record.media_type, headers=headers)

    @app.get(
        "/media/v2/artifacts/{artifact_id}/lineage", operation_id="lineage", tags=["artifacts"], responses=RESPONSES
    )
    def lineage(artifact_id: str, site: OnSite, caller: Reader) -> list[ArtifactView]:
        """The artifact and everything that it was made from, each once, parents first."""
        return [ArtifactView.of(one) for one in site.desk(caller).registry.lineage(artifact_id)]


def _registered(site: Site, caller: TenantScope, path: Path) -> ArtifactView:
    desk = site.desk(caller)
    with media_flow(desk, site.engines, Silent()) as flow:
        asset = register(flow, path)
    record = desk.registry.get(asset.asset_id)
    assert record.kind == MEDIA_ASSET
    return ArtifactView.of(record)


def _readable(site: Site, given: str) -> Path:
    """The file, if it lies below a folder that the operator allows; where links lead decides."""
    path = Path(given)
    folders = [folder.resolve() for folder in site.settings.readable]
    if not path.is_absolute() or "\x00" in given or not any(path.resolve().is_relative_to(one) for one in folders):
        raise InvalidInput(f"{given!r} does not lie below a folder that this server may read")
    if not path.is_file():
        raise InvalidInput(f"there is no file {given!r}")
    return path.resolve()


@contextmanager
def _upload(site: Site, name: str) -> Iterator[Path]:
    """A path for a body, in a folder of its own that is gone afterwards."""
    folder = site.uploads / secrets.token_hex(8)
    folder.mkdir(parents=True)
    path = folder / name
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        folder.rmdir()
