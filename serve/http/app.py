"""The HTTP application of a site, built by a plain function so that tests call it without Ray."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import text

from serve.http.asset_routes import add_asset_routes
from serve.http.job_routes import add_job_routes
from serve.http.media_routes import add_media_routes
from serve.http.package_routes import add_package_routes
from serve.http.problems import add_problems
from serve.http.site import Site

DESCRIPTION = """
Media engines and renders over HTTP. Every answer is a versioned artifact: the same question gives the same artifact, at
once when it is there. A call waits up to ten seconds (`Prefer: wait=N`) and then answers 202 with a job to follow.
"""


def build_api(site: Site, closing: Callable[[], None] | None = None) -> FastAPI:
    """The application for an open site; `closing` is called when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if closing is not None:
            closing()

    app = FastAPI(
        title="reelwright",
        version="1.0.0",
        description=DESCRIPTION,
        docs_url="/docs",
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.site = site
    add_problems(app)
    add_asset_routes(app)
    add_media_routes(app)
    add_job_routes(app)
    add_package_routes(app)

    @app.get("/health", operation_id="health", tags=["operations"])
    def health() -> dict[str, str]:
        """Whether this process answers."""
        return {"status": "ok"}

    @app.get("/ready", operation_id="ready", tags=["operations"])
    def ready() -> dict[str, str]:
        """Whether it can work: the database answers."""
        with site.database.read() as connection:
            connection.execute(text("SELECT 1"))
        return {"status": "ready"}

    return app
