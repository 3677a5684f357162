"""What submitting, following and ending a job promise, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from cluster.jobs.records import QueueLimits
from cluster.jobs.store import KEY_KEPT_S
from cluster.registry.tables import audit
from cluster.tenancy.quotas import Quota
from cluster.tenancy.scope import TenantScope
from schemas.canonical import fingerprint
from schemas.errors import (
    Conflict,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    QueueFull,
    QuotaExceeded,
)
from tests.job_ground import request


def test_submitted_job_waits_and_reads_back_whole(jobs):
    asked = request(payload={"b": [1, {"ü": None}], "a": 0.5}, priority=7, max_attempts=2, request_id="r1")
    answer = jobs.store.submit(asked)
    job = jobs.store.get(answer.job.job_id)
    assert not answer.replayed and job == answer.job == jobs.store.by_request("r1")
    assert (job.status, job.payload, job.priority, job.attempt, job.max_attempts) == (
        "queued", {"b": [1, {"ü": None}], "a": 0.5}, 7, 0, 2,
    )  # fmt: skip
    assert (job.scope, job.site_id, job.last_event) == (jobs.scope, jobs.site_id, 1)


def test_same_key_and_body_answers_with_the_same_job(jobs):
    first = jobs.store.submit(request(key="k", body={"a": 1, "b": 2}))
    again = jobs.store.submit(request(key="k", body={"b": 2, "a": 1}))
    assert (again.job, again.replayed) == (first.job, True)
    assert len(jobs.store.list()) == 1


def test_replay_answers_with_the_result_once_there_is_one(jobs):
    jobs.store.submit(request(key="k"))
    jobs.queue.complete(jobs.claim().lease, {"uri": "artifact://t/e/x"})
    again = jobs.store.submit(request(key="k"))
    assert (again.replayed, again.job.status, again.job.result) == (True, "completed", {"uri": "artifact://t/e/x"})


def test_same_key_with_another_body_is_refused_and_changes_nothing(jobs):
    first = jobs.store.submit(request(key="k", body={"a": 1}))
    with pytest.raises(IdempotencyMismatch, match="'k'"):
        jobs.store.submit(request(key="k", body={"a": 2}))
    assert jobs.store.list() == (first.job,)


def test_same_key_of_another_tenant_environment_or_route_is_another_key(jobs):
    scope = jobs.scope
    others = [TenantScope(scope.tenant + "x", scope.env), TenantScope(scope.tenant, "prod")]
    ids = {jobs.store_of(other).submit(request(key="k", body={"who": other.env})).job.job_id for other in others}
    ids.add(jobs.submit(key="k"))
    ids.add(jobs.submit(key="k", route="/v1/y", body={"other": True}))
    assert len(ids) == 4


def test_key_stands_for_its_job_for_72_hours_after_the_end(jobs):
    first = jobs.submit(key="k", body={"a": 1})
    jobs.clock.forward(KEY_KEPT_S * 2)  # a job that has not ended keeps its key for as long as it takes
    assert jobs.submit(key="k", body={"a": 1}) == first
    jobs.queue.complete(jobs.claim().lease, {})
    jobs.clock.forward(KEY_KEPT_S)
    assert jobs.submit(key="k", body={"a": 1}) == first
    jobs.clock.forward(1)
    second = jobs.submit(key="k", body={"a": 2})
    assert second != first
    assert jobs.submit(key="k", body={"a": 2}) == second
    assert jobs.store.get(first).status == "completed"


@pytest.mark.parametrize("key", ["", "a" * 256, "ü", "a\nb", " a", "a "])
def test_key_that_no_header_carries_is_refused(key):
    with pytest.raises(InvalidInput, match="idempotency key"):
        request(key=key)


def test_identity_answers_while_its_job_waits_runs_or_is_completed(jobs):
    same = fingerprint("same")
    first = jobs.submit(identity=same)
    assert jobs.submit(identity=same) == first
    lease = jobs.claim().lease
    assert jobs.submit(identity=same) == first
    jobs.queue.complete(lease, {}, degraded=True)
    assert jobs.submit(identity=same) == first
    assert jobs.store_of(TenantScope(jobs.scope.tenant, "prod")).submit(request(identity=same)).job.job_id != first


@pytest.mark.parametrize("how", ["failed", "cancelled", "died"])
def test_identity_of_a_job_that_gave_no_result_is_free_again(jobs, how):
    same = fingerprint("same")
    first = jobs.submit(identity=same, max_attempts=1)
    if how == "cancelled":
        jobs.store.cancel(first)
    elif how == "failed":
        jobs.queue.fail(jobs.claim().lease, InvalidInput("bad"))
    else:
        jobs.claim()
        jobs.clock.forward(61)
        jobs.queue.reap()
    second = jobs.submit(identity=same)
    assert second != first and jobs.submit(identity=same) == second


def test_key_goes_before_identity(jobs):
    same = fingerprint("same")
    first = jobs.submit(identity=same)
    keyed = jobs.submit(identity=same, key="k")
    assert keyed != first and jobs.submit(identity=same) == first


def test_request_id_is_given_once(jobs):
    jobs.submit(request_id="r", key="k")
    assert jobs.store.submit(request(request_id="r", key="k")).replayed
    with pytest.raises(Conflict, match="'r'"):
        jobs.submit(request_id="r", key="other")
    jobs.store_of(TenantScope(jobs.scope.tenant, "prod")).submit(request(request_id="r"))


def test_another_tenants_job_answers_as_one_that_never_was(jobs):
    job_id = jobs.submit(request_id="r")
    unknown = "j_" + "0" * 32
    for stranger in (TenantScope(jobs.scope.tenant + "x", jobs.scope.env), TenantScope(jobs.scope.tenant, "prod")):
        store = jobs.store_of(stranger)
        for act in (store.get, store.events, store.cancel, store.retry, lambda i, s=store: s.list(before=i)):
            answers = []
            for asked in (job_id, unknown):
                with pytest.raises(NotFound) as raised:
                    act(asked)
                answers.append(str(raised.value).replace(asked, "ID"))
            assert answers[0] == answers[1]
        with pytest.raises(NotFound):
            store.by_request("r")
        assert store.list() == ()
    assert jobs.kinds(job_id) == ["queued"]


def test_bounded_queue_takes_eight_that_wait_and_no_more(jobs):
    ids = [jobs.submit(queue="local_ai_queue") for _ in range(8)]
    stranger = jobs.store_of(TenantScope(jobs.scope.tenant + "x", jobs.scope.env))
    for store in (jobs.store, stranger):
        with pytest.raises(QueueFull) as raised:
            store.submit(request(queue="local_ai_queue"))
        assert raised.value.detail["retry_after_s"] == 30
    jobs.claim("local_ai_queue")
    jobs.submit(queue="local_ai_queue", key="k")
    assert jobs.store.submit(request(queue="local_ai_queue", key="k")).replayed  # an answer needs no place
    jobs.store.cancel(ids[-1])
    jobs.store_of(jobs.scope, QueueLimits({"local_ai_queue": 8})).submit(request(queue="local_ai_queue"))


def test_paused_queue_holds_what_waits_and_lets_go_what_runs(jobs):
    jobs.submit()
    jobs.submit()
    running = jobs.claim().lease
    jobs.queue.pause("cpu_queue", jobs.scope)
    jobs.queue.pause("cpu_queue", jobs.scope)
    assert jobs.queue.claim("cpu_queue", "w") is None
    jobs.submit()
    jobs.queue.complete(running, {})
    depth = {depth.queue: depth for depth in jobs.queue.depths()}["cpu_queue"]
    assert (depth.waiting, depth.running, depth.paused) == (2, 0, True)
    jobs.queue.resume("cpu_queue", jobs.scope)
    jobs.queue.resume("cpu_queue", jobs.scope)
    jobs.claim()
    with jobs.database.read() as connection:
        actions = connection.execute(select(audit.c.action).where(audit.c.site_id == jobs.site_id)).scalars().all()
    assert actions == ["pause_queue", "resume_queue"]


def test_depths_count_what_waits_and_runs_in_every_queue(jobs):
    oldest = jobs.store.get(jobs.submit(queue="media_queue"))
    jobs.clock.forward(10)
    for _ in range(3):
        jobs.submit(queue="media_queue")
    assert {depth.queue: (depth.waiting, depth.running) for depth in jobs.queue.depths()} == {
        "cpu_queue": (0, 0), "local_ai_queue": (0, 0), "media_queue": (4, 0), "external_ai_queue": (0, 0),
    }  # fmt: skip
    assert jobs.queue.depths()[2].oldest_submitted_at == oldest.submitted_at
    jobs.claim("media_queue")
    assert (jobs.queue.depths()[2].waiting, jobs.queue.depths()[2].running) == (3, 1)


def test_list_pages_backwards_and_filters(jobs):
    ids = [jobs.submit(kind=kind) for kind in ("a", "b", "a", "a")]
    assert [job.job_id for job in jobs.store.list(limit=2)] == [ids[3], ids[2]]
    assert [job.job_id for job in jobs.store.list(before=ids[2])] == [ids[1], ids[0]]
    assert [job.job_id for job in jobs.store.list(kind="a", limit=2, before=ids[3])] == [ids[2], ids[0]]
    jobs.store.cancel(ids[1])
    assert [job.job_id for job in jobs.store.list(status="cancelled")] == [ids[1]]


def test_quota_of_jobs_counts_what_waits_and_runs_in_all_environments(jobs):
    jobs = replace(jobs, quota=Quota(concurrent_jobs=2))
    first = jobs.submit()
    jobs.store_of(TenantScope(jobs.scope.tenant, "prod")).submit(request())
    with pytest.raises(QuotaExceeded) as raised:
        jobs.submit()
    assert raised.value.detail["reason"] == "concurrent_jobs" and raised.value.detail["retry_after_s"] > 0
    jobs.store_of(TenantScope(jobs.scope.tenant + "x", "dev")).submit(request())
    jobs.store.cancel(first)
    jobs.submit()


def test_quota_of_bytes_counts_each_content_once(jobs, ground):
    ground.commit("one", b"12345678", names=("a", "b"))
    jobs = replace(jobs, quota=Quota(stored_bytes=9))
    jobs.submit(key="k")
    ground.commit("two", b"more")
    with pytest.raises(QuotaExceeded) as raised:
        jobs.submit()
    assert (raised.value.detail["reason"], raised.value.detail["used"]) == ("stored_bytes", 12)
    assert jobs.store.submit(request(key="k")).replayed


def test_quota_of_money_counts_from_midnight(jobs, ground):
    ground.commit("one", cost_usd=3.0)  # at noon of the day on which the clock of `ground` stands
    jobs = replace(jobs, quota=Quota(daily_spend_usd=3.0))
    with pytest.raises(QuotaExceeded) as raised:
        jobs.submit()
    assert raised.value.detail["reason"] == "daily_spend_usd"
    assert 12 * 3600 - 2 <= raised.value.detail["retry_after_s"] <= 12 * 3600 + 2
    jobs.clock.forward(raised.value.detail["retry_after_s"])
    jobs.submit()
