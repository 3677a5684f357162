"""A route for every call of the media engines, and the captions of a transcript as a file."""

# No `from __future__ import annotations`: FastAPI must see the request type of each call, which is a value here.

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import FastAPI, Header, Response

from cluster.jobs.records import Idempotency, JobRequest
from cluster.tenancy.scope import TenantScope
from pipelines.analysis.caller import check_caller
from pipelines.analysis.transcript import transcript_track
from pipelines.rendering.subtitle_files import to_srt, to_vtt
from schemas.canonical import fingerprint
from schemas.errors import NotFound
from schemas.media_request import MediaRequest
from schemas.transcript import AsrTranscript
from serve.http.callers import OnSite, Operator, Reader
from serve.http.job_answers import JobView, answered, wait_s
from serve.http.media_calls import CALLS, MediaCall
from serve.http.problems import Problem
from serve.http.site import Site

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="Equal key and body: the same job, whatever happens."),
]
Prefer = Annotated[str | None, Header(description="`wait=N`: how many seconds to wait for the result, 0 to 60.")]

RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {"model": JobView, "description": "The result is being made; follow the job at `Location`."},
    **{
        status: {"model": Problem, "description": words, "content": {"application/problem+json": {}}}
        for status, words in {
            400: "The body is not JSON.",
            401: "No valid token.",
            403: "The role or the tenant is not enough, or policy says no.",
            404: "No such thing of yours.",
            409: "Something else came first, or the thing is not in a state for this.",
            413: "The body is too large.",
            422: "The request or the media is wrong.",
            429: "Too much at once; see `Retry-After`.",
            503: "Something needed is away; try later.",
        }.items()
    },
}


def add_media_routes(app: FastAPI) -> None:
    """Adds the routes."""
    for call in CALLS.values():
        app.add_api_route(
            call.path, _posted(call), methods=["POST"], summary=call.summary, operation_id=call.kind,
            responses={**RESPONSES, 200: {"model": call.answer}}, response_model=None, tags=["media engines"],
        )  # fmt: skip

    @app.get(
        "/video/captions/{artifact_id}/{form}", operation_id="caption_file", tags=["media engines"],
        summary="The captions of a transcript as SubRip or WebVTT", response_class=Response,
        responses={
            **RESPONSES, 200: {"content": {"application/x-subrip": {}, "text/vtt": {}}, "description": "The file."},
        },
    )  # fmt: skip
    def caption_file(artifact_id: str, form: str, site: OnSite, caller: Reader) -> Response:
        writers = {"srt": (to_srt, "application/x-subrip"), "vtt": (to_vtt, "text/vtt")}
        if form not in writers:
            raise NotFound(f"captions are served as {' or '.join(writers)}, not as {form!r}")
        desk = site.desk(caller)
        record = desk.registry.get(artifact_id)
        if record.kind != AsrTranscript.name():
            raise NotFound(f"no {AsrTranscript.name()} {artifact_id!r}")
        write, media_type = writers[form]
        track = transcript_track(AsrTranscript.read(desk.blobs.read(record.content_hash)))
        return Response(write(track), media_type=media_type)


def _posted(call: MediaCall) -> Any:
    async def posted(
        body: call.request,  # type: ignore[name-defined]
        response: Response,
        site: OnSite,
        caller: Operator,
        key: Key = None,
        prefer: Prefer = None,
    ) -> dict[str, Any]:
        longest_s = wait_s(prefer)
        check_caller(body, caller, dev_bypass=site.settings.dev_bypass)
        jobs = site.jobs(caller)
        submitted = await run_sync(lambda: jobs.submit(_request(site, caller, call, body, key)))
        return dict(await answered(jobs, submitted, longest_s, response))

    return posted


def _request(site: Site, caller: TenantScope, call: MediaCall, body: MediaRequest, key: str | None) -> JobRequest:
    asked = body.model_dump(mode="json") | {"tenant_id": caller.tenant, "env": caller.env, "user_id": caller.user_id}
    site.desk(caller).registry.get(body.asset_id)  # unknown and foreign assets answer here, not from a job
    identity = fingerprint({"kind": call.kind, "request": asked, "engines": site.engine_versions(call.families)})
    idempotency = None if key is None else Idempotency(call.path, key, asked)
    return JobRequest(call.queue, call.kind, asked, idempotency=idempotency, identity=identity)
