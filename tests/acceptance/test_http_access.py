"""Who may call what: every operation of the OpenAPI document with every kind of caller; one without a row is red."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from cluster.jobs.records import QUEUES, JobRequest
from cluster.registry.records import NewArtifact
from cluster.settings import Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.tokens import TokenBook
from schemas.canonical import sha256_hex
from serve.http.app import build_api
from serve.http.site import Site, open_site

CALLERS = ("nobody", "expired", "reader", "operator", "admin", "their reader", "their operator", "their admin")

OPEN = dict.fromkeys(CALLERS, "ok")
LOOK = {"nobody": "401", "expired": "401", "reader": "ok", "operator": "ok", "admin": "ok"}
MAKE = LOOK | {"reader": "403"}
RULE = MAKE | {"operator": "403"}
THEIRS_404 = {"their reader": "404", "their operator": "404", "their admin": "404"}
THEIRS_403 = {"their reader": "403", "their operator": "404", "their admin": "404"}
THEIRS_OWN = {"their reader": "ok", "their operator": "ok", "their admin": "ok"}
THEIRS_MAKE = {"their reader": "403", "their operator": "ok", "their admin": "ok"}
THEIRS_RULE = {"their reader": "403", "their operator": "403", "their admin": "ok"}
THEIRS_RULE_404 = THEIRS_RULE | {"their admin": "404"}
THEIRS_REFUSED = {"their reader": "403", "their operator": "403", "their admin": "403"}

TABLE: dict[str, dict[str, str]] = {
    "health": OPEN,
    "ready": OPEN,
    "metrics": OPEN,
    "register_asset": MAKE | THEIRS_MAKE,
    "upload_asset": MAKE | THEIRS_MAKE,
    "list_artifacts": LOOK | THEIRS_OWN,
    "get_artifact": LOOK | THEIRS_404,
    "download_artifact": LOOK | THEIRS_404,
    "lineage": LOOK | THEIRS_404,
    "video_regions": MAKE | THEIRS_REFUSED,
    "visual_meta": MAKE | THEIRS_REFUSED,
    "captions": MAKE | THEIRS_REFUSED,
    "audio_semantic_timeline": MAKE | THEIRS_REFUSED,
    "audio_origin": MAKE | THEIRS_REFUSED,
    "get_semantic_timeline": LOOK | THEIRS_404,
    "semantic_timeline_of_clip": LOOK | THEIRS_404,
    "shots_of_sounds": LOOK | THEIRS_REFUSED,
    "anonymise": MAKE | THEIRS_REFUSED,
    "render_dry_run": MAKE | THEIRS_REFUSED,
    "render": MAKE | THEIRS_REFUSED,
    "caption_file": LOOK | THEIRS_404,
    "list_jobs": LOOK | THEIRS_OWN,
    "get_job": LOOK | THEIRS_404,
    "job_events": LOOK | THEIRS_404,
    "job_summary": LOOK | THEIRS_404,
    "cancel_job": MAKE | THEIRS_403,
    "retry_job": MAKE | THEIRS_403,
    "job_callbacks": LOOK | THEIRS_404,
    "replay_callback": MAKE | THEIRS_403,
    "create_render_package": MAKE | THEIRS_REFUSED,
    "get_render_package": LOOK | THEIRS_404,
    "plan_render_package": MAKE | THEIRS_REFUSED,
    "get_caller": LOOK | THEIRS_OWN,
    "get_quota": LOOK | THEIRS_OWN,
    "list_tokens": RULE | THEIRS_RULE,
    "create_token": RULE | THEIRS_RULE,
    "rotate_token": RULE | THEIRS_RULE_404,
    "revoke_token": RULE | THEIRS_RULE_404,
    "list_secrets": RULE | THEIRS_RULE,
    "rotate_secret": RULE | THEIRS_RULE,
    "revoke_secret": RULE | THEIRS_RULE_404,
    "store_timeline": MAKE | THEIRS_MAKE,
    "get_timeline": LOOK | THEIRS_404,
    "timeline_otio": LOOK | THEIRS_404,
    "get_clip": LOOK | THEIRS_404,
}
"""operationId -> caller -> `ok` (answered, or refused for another reason than who calls), or the status."""


BODIES = {
    "create_token": {"user_id": "u2", "role": "reader"},
    "rotate_token": {},
    "rotate_secret": {},
    "audio_origin": {"tenant_id": "t1", "env": "dev", "asset_id": "a1", "source_asset_ids": ["a2"]},
    "shots_of_sounds": {
        "tenant_id": "t1", "env": "dev", "shots": [{"source_asset_id": "a1", "target_duration_ms": 1000}],
    },
}  # fmt: skip
"""Of operations that take another than that of the engines."""

REQUEST_ID = "5b0c1a1e-1d3f-4c59-8a53-1f0f6a9a5c11"

PACKAGE = {
    "schema_version": "1.0.0", "request_id": REQUEST_ID, "idempotency_key": "k", "tenant_id": "t1",
    "render_profile": "preview_local",
    "inputs": dict.fromkeys(("shotlist_ref", "asset_manifest_ref", "render_plan_ref"), "artifact://t1/dev/a_0"),
}  # fmt: skip


class Office:
    """A site with an artifact and a job of tenant t1, and tokens of every kind."""

    def __init__(self, site: Site, client: TestClient) -> None:
        self.site, self.client = site, client
        mine = TenantScope("t1", "dev", "u1", "operator")
        desk = site.desk(mine)
        blob = desk.blobs.put_bytes(b"{}")
        output = NewArtifact("result", "Script", blob, "application/json", "1.0.0", rights={}, meta={})
        identity = sha256_hex(b"one")
        committed = desk.registry.commit(
            identity=identity, stage="script", stage_version="1", parameters={}, parents=[], outputs=[output],
            backend={}, attempt=None,
        )  # fmt: skip
        self.ids = {
            "artifact_id": committed["result"].artifact_id,
            "job_id": site.jobs(mine).submit(JobRequest("cpu_queue", "nothing", {})).job.job_id,
            "delivery_id": self._dead_delivery(mine),
            "form": "srt",
            "clip_id": "c1",
            "request_id": REQUEST_ID,
            "public_id": site.tokens(mine).create("u3", Role.READER, timedelta(hours=1)).record.public_id,
            "secret_id": site.signing_secrets(mine).rotate().record.secret_id,
        }
        site.workers().beat("w1", QUEUES, "idle")
        package = {"request_id": REQUEST_ID}
        site.jobs(mine).submit(JobRequest("cpu_queue", "render_package", package, request_id=REQUEST_ID))
        self.tokens = {
            f"{whose}{role}": self._token(tenant, role)
            for whose, tenant in (("", "t1"), ("their ", "t2"))
            for role in Role
        }
        self.tokens["expired"] = self._token("t1", Role.ADMIN, ago=timedelta(hours=2))

    def _dead_delivery(self, scope: TenantScope) -> str:
        jobs, outbox = self.site.jobs(scope), self.site.outbox()
        jobs.cancel(
            jobs.submit(JobRequest("cpu_queue", "nothing", {}, callbacks=("https://hook.example/",))).job.job_id
        )
        delivery = outbox.claim("s")
        assert delivery is not None
        outbox.failed(delivery, "gone", final=True)
        return delivery.delivery_id

    def _token(self, tenant: str, role: Role, ago: timedelta = timedelta()) -> str:
        scope, site_id = TenantScope(tenant, "dev", "root", "admin"), self.site.settings.site_id
        book = TokenBook(self.site.database, scope, site_id, lambda: datetime.now(UTC) - ago)
        return book.create("u", role, timedelta(hours=1)).text

    def operations(self) -> dict[str, tuple[str, str]]:
        """operationId -> method and path."""
        paths: dict[str, dict[str, Any]] = self.client.get("/openapi.json").json()["paths"]
        return {one["operationId"]: (method, path) for path, ways in paths.items() for method, one in ways.items()}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    store = tmp_path_factory.mktemp("office") / "store"
    with (
        open_site(Settings.load(store=store)) as site,
        TestClient(build_api(site), raise_server_exceptions=False) as client,
    ):
        yield Office(site, client)


def test_every_operation_has_a_row(office):
    assert set(office.operations()) == set(TABLE)
    assert all(set(row) == set(CALLERS) for row in TABLE.values())


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("operation", TABLE)
def test_caller_is_answered_as_the_table_says(office, operation, caller):
    method, path = office.operations()[operation]
    headers = {"Prefer": "wait=0"}
    if caller != "nobody":
        headers["Authorization"] = f"Bearer {office.tokens[caller]}"
    body = {"tenant_id": "t1", "env": "dev", "asset_id": office.ids["artifact_id"], "path": "/nowhere"}
    body = PACKAGE if "render_package" in operation else BODIES.get(operation, body)
    given = {"params": {"name": "a.bin"}, "content": b"no media"} if operation == "upload_asset" else {"json": body}
    if method == "get":
        given = {}
    if operation == "job_events":
        office.site.jobs(TenantScope("t1", "dev", "u1")).cancel(office.ids["job_id"])  # so that the stream ends
    answer = office.client.request(method, path.format(**office.ids), headers=headers, **given)
    expected = TABLE[operation][caller]
    assert answer.status_code < 500, answer.text
    if expected != "ok":
        assert str(answer.status_code) == expected, answer.text
    else:
        assert answer.status_code not in (401, 403), answer.text
