"""Callbacks from a job's end to a receiver on this machine that checks their signatures, on a site in this process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from actors.deployed import DeployedBuild
from cluster.jobs.callback_address import CallbackRules
from cluster.jobs.clock import database_us
from cluster.jobs.outbox import DeliveryRecord, Outbox
from cluster.jobs.queue import LeaseTimes
from cluster.jobs.records import Idempotency, JobRequest
from cluster.jobs.webhook_sender import WebhookSender
from cluster.settings import EngineSettings, Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.signing_secrets import SigningSecrets
from cluster.tenancy.tokens import TokenBook
from schemas.render_package import RenderPackageRequest
from serve.callbacks import webhook_sender
from serve.http.app import build_api
from serve.http.site import Site, open_site
from serve.packages import RENDER
from serve.server import WorkerActor
from tests.acceptance.test_http_access import PACKAGE
from tests.callback_receiver import Receiver, receiving
from tests.operated_server import logging_as_before
from tests.served_store import until

CALLER = TenantScope("t1", "dev", "u1", "operator")
ROUTE = "/v1/render-packages"


class ShiftedClock:
    """The time of the database, and as many seconds more as a test has let pass."""

    def __init__(self) -> None:
        self.later_s = 0.0

    def __call__(self, connection: Connection) -> int:
        return database_us(connection) + round(self.later_s * 1_000_000)


@dataclass(frozen=True)
class Office:
    """A site, its application and a tenant's signing secret."""

    site: Site
    client: TestClient
    secret: str

    def call(self, method: str, path: str, role: Role = Role.OPERATOR, **given: Any) -> Any:
        book = TokenBook(self.site.database, CALLER, self.site.settings.site_id)
        token = book.create("u1", role, timedelta(hours=1)).text
        return self.client.request(method, path, headers={"Authorization": f"Bearer {token}"}, **given)

    def ended(self, *urls: str) -> str:
        """A job that is over, whose callbacks wait."""
        jobs = self.site.jobs(CALLER)
        job_id = jobs.submit(JobRequest("cpu_queue", "unknown", {}, callbacks=urls)).job.job_id
        jobs.cancel(job_id)
        return job_id

    def of(self, job_id: str) -> DeliveryRecord:
        (record,) = self.site.outbox().of_job(CALLER, job_id)
        return record

    def sender(self, clock: Callable[[Connection], int]) -> WebhookSender:
        """The site's sender by another clock, without the jitter of its schedule."""
        outbox = Outbox(self.site.database, self.site.settings.site_id, self.site.sealer, clock=clock, draw=lambda: 0.5)
        return WebhookSender(
            outbox,
            lambda tenant, env: self.site.signing_secrets(TenantScope(tenant, env)).valid(),
            rules=self.site.callback_rules,
        )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = Settings.load(store=tmp_path / "store", callbacks_loopback=True)
    with open_site(settings, EngineSettings.load()) as site, TestClient(build_api(site)) as client:
        yield Office(site, client, site.signing_secrets(CALLER).rotate().text)


def verified(secret: str, got: tuple[str, dict[str, str], bytes]) -> dict[str, Any]:
    """The message of a request that is signed with `secret`.

    Raises:
        WebhookVerificationError: it is not.
    """
    _, headers, body = got
    return dict(standardwebhooks.Webhook(secret).verify(body, headers))


def test_job_that_ends_is_told_once_signed_and_soon(office):
    site = office.site
    with receiving(Receiver()) as receiver, logging_as_before():
        actor = WorkerActor(site.settings, site.engines, DeployedBuild({}), "w1", ("cpu_queue",), LeaseTimes())
        try:
            url = f"http://127.0.0.1:{receiver.port}/hook?key=c4n4ry"
            request = JobRequest("cpu_queue", "unknown", {}, request_id="r1", callbacks=(url,))
            job_id = site.jobs(CALLER).submit(request).job.job_id
            until(lambda: receiver.got, "the callback came", 20)
            arrived = datetime.now(UTC)
            until(lambda: office.of(job_id).status == "delivered", "and that was noted", 20)
            assert actor.ready()
        finally:
            actor.stop()
    assert len(receiver.got) == 1 and not actor.ready()
    message = verified(office.secret, receiver.got[0])
    job, delivery = site.jobs(CALLER).get(job_id), office.of(job_id)
    assert message["type"] == delivery.event == "job.failed"
    assert message["data"] == {
        "job_id": job_id, "request_id": "r1", "kind": "unknown", "status": "failed", "error_code": "defect",
        "sequence": job.last_event,
    }  # fmt: skip
    assert receiver.got[0][0] == "/hook?key=c4n4ry" and receiver.got[0][1]["webhook-id"] == delivery.delivery_id
    assert job.finished_at is not None and (arrived - job.finished_at).total_seconds() < 5
    shown = office.call("GET", f"/jobs/{job_id}/callbacks", Role.READER)
    (one,) = shown.json()
    assert (one["status"], one["attempt"], one["answer"], one["next_try_at"]) == ("delivered", 1, 200, None)
    assert "c4n4ry" not in shown.text and "127.0.0.1" not in shown.text


def test_old_and_new_secret_verify_while_they_overlap_and_then_only_the_new_one(office):
    now = datetime.now(UTC)

    def rotated(ago: timedelta) -> str:
        book = SigningSecrets(
            office.site.database, CALLER, office.site.settings.site_id, office.site.sealer, lambda: now - ago
        )
        return book.rotate(overlap=timedelta(hours=1)).text

    def sent() -> tuple[str, dict[str, str], bytes]:
        with receiving(Receiver()) as receiver:
            office.ended(f"http://127.0.0.1:{receiver.port}/")
            assert webhook_sender(office.site).send_next("s") is not None
        return receiver.got[0]

    second = rotated(timedelta(minutes=59))
    during = sent()
    assert verified(office.secret, during) == verified(second, during)
    third = rotated(timedelta(minutes=61))  # two minutes before the second, whose hour it ended
    after = sent()
    verified(third, after)
    for old in (office.secret, second):
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            verified(old, after)


def test_receiver_that_answers_500_is_tried_again_by_the_schedule_and_given_up_until_replayed(office):
    clock = ShiftedClock()
    sender = office.sender(clock)
    with receiving(Receiver(500)) as receiver:
        job_id = office.ended(f"http://127.0.0.1:{receiver.port}/")
        assert sender.send_next("s") is not None
        (waiting,) = office.call("GET", f"/jobs/{job_id}/callbacks").json()
        assert (waiting["status"], waiting["answer"]) == ("waiting", 500)
        assert waiting["error"] == "the receiver answered 500" and waiting["next_try_at"] is not None
        for pause_s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400):
            clock.later_s += pause_s - 3  # what a slow machine may take between the two is in the three
            assert sender.send_next("s") is None
            clock.later_s += 3
            assert sender.send_next("s") is not None
        assert (office.of(job_id).status, len(receiver.got)) == ("dead", 10)
        replay = f"/callbacks/{waiting['delivery_id']}/replay"
        receiver.answer = 204
        assert office.call("POST", replay).json()["status"] == "waiting"
        assert office.call("POST", replay).status_code == 409
        clock.later_s = 0
        assert sender.send_next("s") is not None
        assert office.call("POST", replay).status_code == 409
    assert (office.of(job_id).status, office.of(job_id).answer) == ("delivered", 204)
    assert {headers["webhook-id"] for _, headers, _ in receiver.got} == {waiting["delivery_id"]}
    assert office.call("POST", "/callbacks/msg_0/replay").status_code == 404


def test_redirect_is_no_way_into_this_machine(office):
    with receiving(Receiver()) as inside, receiving(Receiver(307)) as receiver:
        receiver.headers["Location"] = f"http://127.0.0.1:{inside.port}/steal"
        job_id = office.ended(f"http://127.0.0.1:{receiver.port}/")
        assert webhook_sender(office.site).send_next("s") is not None
    assert (len(receiver.got), inside.got, office.of(job_id).answer) == (1, [], 307)


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("http://127.0.0.1:{port}/", "dead", "starts with https"),  # taken while it was allowed
        ("https://localhost:{port}/", "waiting", "no callback goes"),  # no name is looked up before it is called
        ("https://[::ffff:127.0.0.1]:{port}/", "waiting", "no callback goes"),
    ],
)
def test_this_machine_is_not_called_unless_the_operator_allowed_it(office, url, status, said):
    with receiving(Receiver()) as receiver:
        job_id = office.ended(url.format(port=receiver.port))
        rules = CallbackRules(ports=(receiver.port,))
        assert webhook_sender(replace(office.site, callback_rules=rules)).send_next("s") is not None
    assert (receiver.got, office.of(job_id).status) == ([], status)
    assert said in office.of(job_id).error and "127.0.0.1" not in office.of(job_id).error
    assert office.site.jobs(CALLER).get(job_id).status == "cancelled", (
        "what became of the job is no matter of callbacks"
    )


REFUSED = (
    "ftp://hook.example/c4n4ry", "http://hook.example/c4n4ry", "https://hook.example:80/c4n4ry", "c4n4ry",
    "https://u:c4n4ry@hook.example/", "https://hook.example/#c4n4ry", "https://hook.example:0/c4n4ry", "https://[c4n4ry",
    "https://~xn--c4n4ry/", "https:///c4n4ry", "c4n4ry://hook.example/", "https://hook.example/c4n4ry x",
)  # fmt: skip


@pytest.mark.parametrize("path", [ROUTE, f"{ROUTE}/plan"])
def test_address_that_can_never_be_called_is_refused_at_the_door_without_repeating_it(office, path):
    for url in REFUSED:
        answer = office.call("POST", path, json=PACKAGE | {"callbacks": ["https://hook.example/good", url]})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "invalid_input"), (url, answer.text)
        assert problem["evidence"]["fields"] == ["body.callbacks.1"] and "body.callbacks.1: " in problem["detail"]
        assert "c4n4ry" not in answer.text, url


def test_addresses_of_this_machine_pass_the_door_only_where_the_operator_allows_them(office):
    package = PACKAGE | {"callbacks": ["http://127.0.0.1:9/"]}
    assert "body.callbacks" not in office.call("POST", ROUTE, json=package).text
    with TestClient(build_api(replace(office.site, callback_rules=CallbackRules()))) as strict:
        refused = replace(office, client=strict).call("POST", ROUTE, json=package)
    assert (refused.status_code, refused.json()["evidence"]["fields"]) == (422, ["body.callbacks.0"])


def test_package_that_was_taken_is_answered_also_when_its_callbacks_may_no_more_go_there(office):
    package = PACKAGE | {"callbacks": ["http://127.0.0.1:9/"]}
    taken = RenderPackageRequest.read(package)
    key = Idempotency(ROUTE, taken.idempotency_key, taken.model_dump(mode="json"))
    payload = {"request_id": str(taken.request_id)}
    office.site.jobs(CALLER).submit(JobRequest("cpu_queue", RENDER, payload, idempotency=key))
    with TestClient(build_api(replace(office.site, callback_rules=CallbackRules()))) as strict:
        answer = replace(office, client=strict).call("POST", ROUTE, json=package)
    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (202, "true"), answer.text


def test_sender_that_is_killed_while_it_sends_is_replaced_by_another(office):
    store = office.site.settings.store
    environment = {**os.environ, "REELWRIGHT_STORE": str(store), "REELWRIGHT_CALLBACKS_LOOPBACK": "true"}
    with receiving(Receiver()) as receiver:
        receiver.may_answer.clear()
        job_id = office.ended(f"http://127.0.0.1:{receiver.port}/")
        killed = subprocess.Popen([sys.executable, "-m", "tests.lone_sender"], env=environment)
        try:
            until(lambda: receiver.got, "the callback is on its way", 60)
        finally:
            killed.kill()
            killed.wait(30)
        receiver.may_answer.set()
        assert office.of(job_id).status == "sending"
        clock = ShiftedClock()
        another = office.sender(clock)
        assert another.send_next("another") is None, "its lease has not run out"
        clock.later_s = 61
        assert another.send_next("another") == office.of(job_id).delivery_id
    assert (office.of(job_id).status, office.of(job_id).attempt) == ("delivered", 2)
    first, second = receiver.got
    assert first[1]["webhook-id"] == second[1]["webhook-id"], "by which a receiver drops what it has seen"
    assert verified(office.secret, first) == verified(office.secret, second) == json.loads(second[2])
