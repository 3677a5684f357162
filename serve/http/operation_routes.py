"""For those who operate the server, without a token and without a word about tenants: does it live, can it work, how
does it do?
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Header, Response

from serve.http.metrics import Metrics
from serve.http.readiness import Inspection, Readiness

NOT_STORED = {"Cache-Control": "no-store"}


def add_operation_routes(app: FastAPI, inspection: Inspection, metrics: Metrics) -> None:
    """Adds the routes."""

    @app.get("/health", operation_id="health", tags=["operations"])
    async def health() -> dict[str, str]:
        """Whether this process answers."""
        return {"status": "ok"}

    @app.get(
        "/ready", operation_id="ready", tags=["operations"],
        responses={503: {"model": Readiness, "description": "A part of it cannot work; the body says which."}},
    )  # fmt: skip
    def ready(response: Response) -> Readiness:
        """Whether it can work, part by part."""
        found = inspection.look()
        response.status_code = 200 if found.ready else 503
        response.headers.update(NOT_STORED)
        return found

    @app.get(
        "/metrics", operation_id="metrics", tags=["operations"], response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "The metrics."}},
    )  # fmt: skip
    def metrics_page(accept: Annotated[str, Header()] = "") -> Response:
        """Figures for Prometheus: requests of this replica, queues, jobs and workers of the site."""
        content, media_type = metrics.page(accept)
        return Response(content, headers={"Content-Type": media_type, **NOT_STORED})
