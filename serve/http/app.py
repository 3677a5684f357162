"""The HTTP application of a site, built by a plain function so that tests call it without Ray."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from pipelines.editing.otio_json import MOST_BYTES
from pipelines.media.limits import DEFAULT_LIMITS
from serve.http.access import Access
from serve.http.admin_routes import add_admin_routes
from serve.http.asset_routes import UPLOAD, add_asset_routes
from serve.http.body_limit import BodyLimit
from serve.http.callback_routes import add_callback_routes
from serve.http.documented import document
from serve.http.job_routes import add_job_routes
from serve.http.media_routes import add_media_routes
from serve.http.metrics import Metrics
from serve.http.operation_routes import add_operation_routes
from serve.http.package_routes import add_package_routes
from serve.http.problems import add_problems
from serve.http.readiness import Applications, Inspection
from serve.http.semantic_routes import add_semantic_routes
from serve.http.site import Site
from serve.http.timeline_routes import ROUTE as TIMELINES
from serve.http.timeline_routes import add_timeline_routes

DESCRIPTION = """
Media engines and renders over HTTP. Every answer is a versioned artifact: the same question gives the same artifact, at
once when it is there. A call waits up to ten seconds (`Prefer: wait=N`) and then answers 202 with a job to follow.
"""


def build_api(
    site: Site, closing: Callable[[], None] | None = None, applications: Applications | None = None
) -> FastAPI:
    """The application for an open site; `closing` is called when it ends. `applications` is asked whether they run."""

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
    metrics = Metrics(site)
    app.add_middleware(BodyLimit, larger={UPLOAD: DEFAULT_LIMITS.file_bytes, TIMELINES: MOST_BYTES})
    app.add_middleware(Access, measure=metrics.measure)
    add_problems(app)
    add_asset_routes(app)
    add_media_routes(app)
    add_semantic_routes(app)
    add_job_routes(app)
    add_callback_routes(app)
    add_package_routes(app)
    add_admin_routes(app)
    add_timeline_routes(app)
    add_operation_routes(app, Inspection(site, applications), metrics)
    document(app)
    return app
