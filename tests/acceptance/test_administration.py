"""Tokens, signing secrets, quotas and limits: what an admin does over HTTP and at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from cluster.settings import Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from schemas.errors import InvalidInput, TenantMismatch
from serve.cli import app
from serve.http.app import build_api
from serve.http.body_limit import BODY_BYTES
from serve.http.site import Site, open_site

QUEUE_FULL = {"REELWRIGHT_QUEUE_WAITING": '{"cpu_queue": 1}'}


class Office:
    """A site without a worker, so that what is submitted waits; called as an admin of t1 unless told."""

    HOUR = timedelta(hours=1)

    def __init__(self, site: Site, client: TestClient) -> None:
        self.site, self.client = site, client
        self.admin = self.token("t1", Role.ADMIN)

    def token(self, tenant: str, role: Role) -> str:
        return self.site.tokens(self.scope(tenant)).create("root", role, timedelta(hours=1)).text

    @staticmethod
    def scope(tenant: str) -> TenantScope:
        return TenantScope(tenant, "dev", "root", Role.ADMIN)

    def call(self, method: str, path: str, token: str | None = None, **given: Any) -> Any:
        return self.client.request(method, path, headers={"Authorization": f"Bearer {token or self.admin}"}, **given)

    def submit(self, tenant: str = "t1") -> Any:
        """The answer to a job of that tenant; a plan of a package reads nothing before it runs."""
        refs = dict.fromkeys(("shotlist_ref", "asset_manifest_ref", "render_plan_ref"), f"artifact://{tenant}/dev/a_0")
        body = {
            "schema_version": "1.0.0", "request_id": "5b0c1a1e-1d3f-4c59-8a53-1f0f6a9a5c11", "idempotency_key": "k",
            "tenant_id": tenant, "env": "dev", "render_profile": "preview_local", "inputs": refs,
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {self.token(tenant, Role.OPERATOR)}", "Prefer": "wait=0"}
        return self.client.post("/v1/render-packages/plan", json=body, headers=headers)


Opened = Callable[..., Office]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Opens an office with variables of the environment set."""
    with ExitStack() as stack:

        def open_(**variables: str) -> Office:
            for name, value in variables.items():
                monkeypatch.setenv(name, value)
            site = stack.enter_context(open_site(Settings.load(store=tmp_path / "store")))
            client = stack.enter_context(TestClient(build_api(site), raise_server_exceptions=False))
            return Office(site, client)

        yield open_


def test_token_is_given_out_changed_and_ended_without_a_gap(opened):
    office = opened()
    made = office.call("POST", "/admin/tokens", json={"user_id": "ann", "role": "operator", "days": 7})
    assert made.status_code == 201 and made.headers["cache-control"] == "no-store"
    first, public_id = made.json()["token"], made.json()["record"]["public_id"]
    assert office.call("GET", "/jobs", first).status_code == 200

    changed = office.call("POST", f"/admin/tokens/{public_id}/rotate", json={"overlap_hours": 1})
    second = changed.json()["token"]
    assert changed.json()["record"]["user_id"] == "ann" and changed.json()["record"]["role"] == "operator"
    assert [office.call("GET", "/jobs", one).status_code for one in (first, second)] == [200, 200]

    third = office.call(
        "POST", f"/admin/tokens/{changed.json()['record']['public_id']}/rotate", json={"overlap_hours": 0}
    )
    assert office.call("GET", "/jobs", second).status_code == 401
    assert office.call("POST", f"/admin/tokens/{public_id}/revoke").json()["revoked_at"]
    assert office.call("GET", "/jobs", first).status_code == 401
    assert office.call("GET", "/jobs", third.json()["token"]).status_code == 200

    listed = office.call("GET", "/admin/tokens")
    assert {one["public_id"] for one in listed.json()} >= {public_id, third.json()["record"]["public_id"]}
    assert not any(secret in listed.text for secret in (first, second, third.json()["token"]))


def test_token_that_is_over_or_unknown_cannot_be_changed(opened):
    office = opened()
    made = office.call("POST", "/admin/tokens", json={"user_id": "ann", "role": "reader"}).json()["record"]
    office.call("POST", f"/admin/tokens/{made['public_id']}/revoke")
    over = office.call("POST", f"/admin/tokens/{made['public_id']}/rotate", json={})
    unknown = office.call("POST", "/admin/tokens/0000000000000000/rotate", json={})
    assert (over.status_code, over.json()["code"]) == (409, "conflict")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        {"user_id": "ann"},
        {"user_id": "ann", "role": "root"},
        {"user_id": "a b", "role": "reader"},
        {"user_id": "ann", "role": "reader", "days": 401},
        {"user_id": "ann", "role": "reader", "tenant": "t2"},
    ],
    ids=["no role", "unknown role", "no name", "too long", "another tenant"],
)
def test_token_that_cannot_be_is_refused(opened, body):
    answer = opened().call("POST", "/admin/tokens", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_signing_secrets_overlap_and_end(opened):
    office = opened()
    first, second = (office.call("POST", "/admin/signing-secrets/rotate", json={}).json() for _ in range(2))
    valid = office.site.signing_secrets(office.scope("t1")).valid
    assert valid() == (second["secret"], first["secret"])
    office.call("POST", f"/admin/signing-secrets/{first['record']['secret_id']}/revoke")
    assert valid() == (second["secret"],)
    listed = office.call("GET", "/admin/signing-secrets")
    assert [one["secret_id"] for one in listed.json()] == [one["record"]["secret_id"] for one in (second, first)]
    assert first["secret"] not in listed.text and second["secret"] not in listed.text
    assert office.site.signing_secrets(office.scope("t2")).valid() == ()


def test_command_line_gives_out_changes_and_ends(opened, tmp_path):
    office = opened()

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--tenant", "t1", "--store", str(tmp_path / "store")])
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    first = run("token", "create", "--user", "ann", "--role", "reader")
    second = run("token", "rotate", first.split("_")[1], "--overlap-hours", "1")
    assert [office.call("GET", "/jobs", one).status_code for one in (first, second)] == [200, 200]
    run("token", "revoke", first.split("_")[1])
    assert [office.call("GET", "/jobs", one).status_code for one in (first, second)] == [401, 200]
    table = run("token", "list")
    assert "revoked" in table and "good until" in table and second not in table

    secret = run("secret", "rotate")
    assert office.site.signing_secrets(office.scope("t1")).valid() == (secret,)
    [row] = [line for line in run("secret", "list").splitlines() if "s_" in line]
    assert "signs" in row and secret not in row
    run("secret", "revoke", row.split()[0])
    assert office.site.signing_secrets(office.scope("t1")).valid() == ()


def test_quota_of_jobs_refuses_the_next_of_that_tenant_alone(opened):
    office = opened(REELWRIGHT_QUOTAS='{"t1": {"concurrent_jobs": 1}, "*": {"concurrent_jobs": 2}}')
    assert office.submit().status_code == 202
    refused = office.submit()
    assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
    assert refused.json()["evidence"]["reason"] == "concurrent_jobs" and int(refused.headers["retry-after"]) > 0
    assert [office.submit("t2").status_code for _ in range(3)] == [202, 202, 429]
    told = office.call("GET", "/quota").json()
    assert told["limits"] == {"concurrent_jobs": 1, "stored_bytes": None, "daily_spend_usd": None}
    assert told["used"] == {"concurrent_jobs": 1, "stored_bytes": 0, "daily_spend_usd": 0.0}


def test_quota_of_bytes_refuses_uploads_before_they_are_read(opened):
    office = opened(REELWRIGHT_QUOTAS='{"t1": {"stored_bytes": 0}}')
    refused = office.call("POST", "/media/v2/assets/upload", params={"name": "a.mp4"}, content=b"no film")
    assert (refused.status_code, refused.json()["evidence"]["reason"]) == (429, "stored_bytes")
    theirs = office.token("t2", Role.OPERATOR)
    taken = office.call("POST", "/media/v2/assets/upload", theirs, params={"name": "a.mp4"}, content=b"no film")
    assert taken.status_code == 422


def test_full_queue_says_when_to_come_back(opened):
    office = opened(**QUEUE_FULL)
    assert office.submit().status_code == 202
    refused = office.submit("t2")
    assert (refused.status_code, refused.json()["code"]) == (429, "queue_full")
    assert int(refused.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REELWRIGHT_QUOTAS", '{"t1": {"jobs": 1}}', "jobs"),
        ("REELWRIGHT_QUOTAS", '{"t1": {"stored_bytes": -1}}', "stored_bytes"),
        ("REELWRIGHT_QUOTAS", '{"t 1": {}}', "t 1"),
        ("REELWRIGHT_QUEUE_WAITING", '{"gpu_queue": 1}', "gpu_queue"),
        ("REELWRIGHT_QUEUE_WAITING", '{"cpu_queue": 0}', "cpu_queue"),
    ],
)
def test_limits_that_cannot_be_are_refused_at_the_start(monkeypatch, name, value, said):
    monkeypatch.setenv(name, value)
    with pytest.raises((InvalidInput, TenantMismatch), match=said):
        Settings.load()


def test_body_that_is_too_large_is_refused_whether_announced_or_not(opened):
    office = opened()
    large = json.dumps({"path": "x" * BODY_BYTES}).encode()
    for content in (large, iter([large[: BODY_BYTES // 2], large[BODY_BYTES // 2 :]])):
        answer = office.call("POST", "/media/v2/assets", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.headers["content-type"] == "application/problem+json" and answer.headers["x-request-id"]
    upload = office.call("POST", "/media/v2/assets/upload", params={"name": "a.mp4"}, content=large)
    assert (upload.status_code, upload.json()["code"]) == (422, "media_unreadable")


def test_job_of_a_tenant_over_its_quota_can_still_be_followed(opened):
    office = opened(REELWRIGHT_QUOTAS='{"t1": {"concurrent_jobs": 1}}')
    job_id = office.submit().json()["job_id"]
    assert office.call("GET", f"/jobs/{job_id}").status_code == 200
    office.call("POST", f"/jobs/{job_id}/cancel")
    assert office.submit().status_code == 202
