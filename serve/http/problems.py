"""Errors as RFC 9457 problem documents. The only place that knows which status an error is.

{"type": "…/problems/not_found", "title": "Not found", "status": 404, "code": "not_found", "detail": "no asset 'a_1'"}
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from cluster.log_scope import current_scope
from schemas.errors import (
    Cancelled,
    Conflict,
    Defect,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    QueueFull,
    QuotaExceeded,
    ReelwrightError,
    Refused,
    Unavailable,
)

_LOG = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

TYPE = "https://reelwright.dev/problems/"
"""Names the kind of problem; it need not resolve."""

STATUS: Mapping[type[ReelwrightError], int] = {
    IdempotencyMismatch: 422,
    QuotaExceeded: 429,
    QueueFull: 429,
    InvalidInput: 422,
    NotFound: 404,
    Conflict: 409,
    Refused: 403,
    Cancelled: 409,
    Unavailable: 503,
    Defect: 500,
}
"""The first kind that fits decides."""

CODES = {400: InvalidInput.code, 404: NotFound.code, 405: "method_not_allowed", 413: "too_large"}
"""Of what the framework refuses by itself."""

OF_THE_FRAMEWORK = {
    "unauthenticated": (401, "No token, or none that is good; nothing more is said."),
    "method_not_allowed": (405, "The path has no such method; `Allow` names those that it has."),
    "too_large": (413, "The body is larger than what is taken: 16 MiB, or 20 GB of an upload."),
    "http_error": (400, "Whatever else is no HTTP that this server speaks; the status says which."),
}
"""Code -> status and meaning, of those that are none of our errors."""

UNEXPECTED = "something went wrong here; the server's log knows what"


class Problem(BaseModel):
    """Why a request was not served."""

    type: str = Field(description="URI that names the kind of problem.")
    title: str = Field(description="The kind, for people.")
    status: int
    code: str = Field(description="Stable; what programs should look at.")
    detail: str = Field(description="What is wrong with this request, with the offending value.")
    evidence: dict[str, Any] = Field(default_factory=dict, description="Facts behind it, by name.")


class Unauthenticated(Exception):
    """No token, or none that is good; nothing more is said."""


def status_of(error: ReelwrightError) -> int:
    """The HTTP status of an error."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def add_problems(app: FastAPI) -> None:
    """Makes every error of `app` a problem document."""

    @app.exception_handler(ReelwrightError)
    async def ours(request: Request, exc: ReelwrightError) -> JSONResponse:
        status = status_of(exc)
        if isinstance(exc, Defect):
            _LOG.error("defect while serving a request", exc_info=exc)
            return _problem(status, exc.code, UNEXPECTED)
        retry_after_s = exc.detail.get("retry_after_s") or (5 if status == 503 else None)
        headers = {"Retry-After": str(retry_after_s)} if retry_after_s else None
        return _problem(status, exc.code, *_cleaned(request, exc.message, exc.detail), headers)

    @app.exception_handler(Unauthenticated)
    async def nobody(_: Request, __: Unauthenticated) -> JSONResponse:
        headers = {"WWW-Authenticate": "Bearer"}
        return _problem(401, "unauthenticated", "a valid API token is needed: Authorization: Bearer …", {}, headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, exc: RequestValidationError) -> JSONResponse:
        problems = [f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in exc.errors()[:5]]
        fields = [".".join(str(step) for step in one["loc"]) for one in exc.errors()]
        return _problem(422, InvalidInput.code, *_cleaned(request, "; ".join(problems), {"fields": fields}))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, exc: HTTPException) -> JSONResponse:
        code = CODES.get(exc.status_code, "http_error")
        headers = {"Allow": _allowed(request)} if exc.status_code == 405 else exc.headers
        return _problem(exc.status_code, code, *_cleaned(request, str(exc.detail), {}), headers)


def too_large(most: int) -> JSONResponse:
    """What is answered to a body of more than `most` bytes; the rest of it is not read."""
    return _problem(413, CODES[413], f"the body is larger than {most} bytes", headers={"Connection": "close"})


def unexpected() -> JSONResponse:
    """What is answered when something broke that is none of our errors."""
    return _problem(500, Defect.code, UNEXPECTED)


def _allowed(request: Request) -> str:
    """Every method of a path; the framework names those of its first route alone."""
    fitting = [one for one in request.app.routes if one.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for one in fitting for method in getattr(one, "methods", None) or ()}))


def _cleaned(request: Request, detail: str, evidence: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Both without secrets of the site, and without those that came with the request: answers are logged by others."""
    cleaned = request.app.state.site.redactor.value({"detail": detail, "evidence": dict(evidence)})
    if (scope := current_scope()) is not None:
        cleaned = scope.cleaned(cleaned)
    return cleaned["detail"], cleaned["evidence"]


def _problem(
    status: int,
    code: str,
    detail: str,
    evidence: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    words = code.replace("_", " ").capitalize()
    body = Problem(
        type=TYPE + code, title=words, status=status, code=code, detail=detail, evidence=dict(evidence or {})
    )
    return JSONResponse(body.model_dump(mode="json"), status, dict(headers or {}), MEDIA_TYPE)
