"""RenderPackage v1 (specification section 21): rendered, looked at, planned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import FastAPI, Response

from cluster.jobs.records import ENDED, Idempotency, JobRequest, Submitted
from cluster.log_scope import tell
from cluster.tenancy.scope import TenantScope
from schemas.errors import NotFound
from schemas.render_package import RenderPackagePlan, RenderPackageRequest, RenderPackageResponse
from serve.http.callback_routes import check_addresses, hide_addresses
from serve.http.callers import OnSite, Operator, Reader
from serve.http.job_answers import answered, ended, wait_s
from serve.http.media_routes import RESPONSES, Prefer
from serve.http.site import Site
from serve.packages import PLAN, RENDER, check_owner, read_package, response_of

ROUTE = "/v1/render-packages"

QUEUE = "cpu_queue"

PLAN_PRIORITY = 10
"""A plan takes a second and somebody looks at the screen meanwhile."""

USUAL_WAIT_S = 0.0
"""A film takes longer than anybody waits, so a caller who says nothing is answered at once."""

_SEALED = {"callbacks"}
"""What the job's payload leaves out: addresses are kept sealed."""


def add_package_routes(app: FastAPI) -> None:
    """Adds the routes."""

    @app.post(
        ROUTE, operation_id="create_render_package", tags=["render packages"], responses=RESPONSES,
        summary="Render a shot list, an asset manifest and a render plan",
    )  # fmt: skip
    async def create_render_package(
        body: RenderPackageRequest, response: Response, site: OnSite, caller: Operator, prefer: Prefer = None
    ) -> RenderPackageResponse:
        """Equal `idempotency_key` and body: the same render. `Prefer: wait=N` waits for the end of it."""
        longest_s = wait_s(prefer, usual_s=USUAL_WAIT_S)
        submitted = await run_sync(_submitted, site, caller, body)
        tell(job_id=submitted.job.job_id)
        record = await ended(site.jobs(caller), submitted.job.job_id, longest_s)
        if submitted.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        response.headers["Location"] = f"{ROUTE}/{body.request_id}"
        response.status_code = 200 if record.status in ENDED else 202
        return response_of(record)

    @app.get(
        ROUTE + "/{request_id:uuid}", operation_id="get_render_package", tags=["render packages"], responses=RESPONSES
    )
    def get_render_package(request_id: UUID, site: OnSite, caller: Reader) -> RenderPackageResponse:
        """How an invocation stands."""
        record = site.jobs(caller).by_request(str(request_id))
        if record.kind != RENDER:
            raise NotFound(f"no request {str(request_id)!r}")
        return response_of(record)

    @app.post(
        ROUTE + "/plan", operation_id="plan_render_package", tags=["render packages"],
        responses={**RESPONSES, 200: {"model": RenderPackagePlan}}, response_model=None,
        summary="Say what a render package would do, without doing it",
    )  # fmt: skip
    async def plan_render_package(
        body: RenderPackageRequest, response: Response, site: OnSite, caller: Operator, prefer: Prefer = None
    ) -> Mapping[str, Any]:
        """Validity, what would be reused, cost, time and the verdicts of the gates."""
        longest_s = wait_s(prefer)
        hide_addresses(body.callbacks)
        check_owner(body, caller)
        check_addresses(body.callbacks, site.callback_rules)
        jobs = site.jobs(caller)
        job = JobRequest(QUEUE, PLAN, body.model_dump(mode="json", exclude=_SEALED), priority=PLAN_PRIORITY)
        submitted = await run_sync(jobs.submit, job)
        return await answered(jobs, submitted, longest_s, response)


def _submitted(site: Site, caller: TenantScope, body: RenderPackageRequest) -> Submitted:
    hide_addresses(body.callbacks)
    check_owner(body, caller)
    jobs = site.jobs(caller)
    request = JobRequest(
        QUEUE,
        RENDER,
        body.model_dump(mode="json", exclude=_SEALED),
        request_id=str(body.request_id),
        idempotency=Idempotency(ROUTE, body.idempotency_key, body.model_dump(mode="json")),
        callbacks=body.callbacks,
    )
    if (known := jobs.known(request)) is not None:
        return known  # also when its inputs are gone by now, or callbacks may go elsewhere
    check_addresses(body.callbacks, site.callback_rules)
    read_package(site.desk(caller), body)  # what documents can tell answers here, not from a job
    return jobs.submit(request)
