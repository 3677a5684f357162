"""What claiming, keeping and ending a job promise, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.canonical import fingerprint
from schemas.errors import Conflict, InvalidInput, LeaseLost, QueueFull, Unavailable


def test_claims_go_by_priority_then_by_age(jobs):
    order = [(name, jobs.submit(priority=p)) for name, p in (("a", 0), ("b", 5), ("c", 0), ("d", -5), ("e", 5))]
    names = {job_id: name for name, job_id in order}
    assert "".join(names[jobs.claim().job.job_id] for _ in order) == "beacd"
    assert jobs.queue.claim("cpu_queue", "w1") is None


def test_job_that_is_tried_again_keeps_its_place_by_age(jobs):
    first, second = jobs.submit(), jobs.submit()
    jobs.queue.fail(jobs.claim().lease, Unavailable("busy"))
    jobs.clock.forward(3600)
    assert [jobs.claim().job.job_id for _ in range(2)] == [first, second]


def test_claims_see_one_queue_of_one_site(jobs):
    jobs.submit(queue="media_queue")
    assert jobs.queue.claim("cpu_queue", "w") is None
    assert replace(jobs, site_id="elsewhere").queue.claim("media_queue", "w") is None
    assert jobs.queue.claim("media_queue", "w") is not None
    with pytest.raises(InvalidInput, match="'gpu'"):
        jobs.queue.claim("gpu", "w")


def test_events_are_numbered_from_one_and_read_after_a_number(jobs):
    job_id = jobs.submit()
    lease = jobs.claim().lease
    assert [jobs.queue.progress(lease, {"done": done}) for done in (0.25, 0.5)] == [3, 4]
    jobs.queue.complete(lease, {})
    assert [event.number for event in jobs.store.events(job_id)] == [1, 2, 3, 4, 5]
    assert jobs.kinds(job_id) == ["queued", "started", "progress", "progress", "completed"]
    after = jobs.store.events(job_id, after=3)
    assert [(event.number, event.payload) for event in after] == [(4, {"done": 0.5}), (5, {})]
    assert jobs.store.get(job_id).last_event == 5


def test_event_that_is_too_large_is_refused_and_not_written(jobs):
    job_id = jobs.submit()
    lease = jobs.claim().lease
    with pytest.raises(InvalidInput, match="16384"):
        jobs.queue.progress(lease, {"log": "x" * 20_000})
    assert jobs.queue.progress(lease, {}) == 3 and len(jobs.kinds(job_id)) == 3


def test_secrets_do_not_get_into_events_and_errors(jobs):
    job_id = jobs.submit()
    lease = jobs.claim().lease
    jobs.queue.progress(lease, {"at": "https://s3/x?X-Amz-Signature=c4n4ry", "api_key": "c4n4ry"})
    jobs.queue.fail(lease, InvalidInput("GET https://u:c4n4ry@host failed", header="Bearer c4n4ryc4n4ry"))
    job = jobs.store.get(job_id)
    assert "c4n4ry" not in repr((job, jobs.store.events(job_id)))
    assert job.error_code == "invalid_input" and "failed" in job.error


def test_transient_failure_is_tried_again_after_a_growing_wait_and_then_dies(jobs):
    job_id = jobs.submit(max_attempts=3)
    waits = []
    for attempt in (1, 2):
        assert jobs.queue.fail(jobs.claim().lease, Unavailable("busy")).status == "queued"
        assert jobs.queue.claim("cpu_queue", "w") is None
        waits.append(jobs.store.events(job_id)[-1].payload["delay_s"])
        jobs.clock.forward(waits[-1])
        assert jobs.store.get(job_id).attempt == attempt
    job = jobs.queue.fail(jobs.claim().lease, Unavailable("busy still", queue="q"))
    assert waits == [1.5, 3.0]
    assert (job.status, job.dead, job.attempt, job.error_code, job.error_detail) == (
        "failed", True, 3, "unavailable", {"queue": "q"},
    )  # fmt: skip
    assert jobs.store.list(dead=True) == (job,)


def test_failure_that_asks_for_a_wait_gets_it(jobs):
    job_id = jobs.submit()
    jobs.queue.fail(jobs.claim().lease, QueueFull("full", retry_after_s=90))
    assert jobs.store.events(job_id)[-1].payload["delay_s"] == 90


@pytest.mark.parametrize(("error", "code"), [(InvalidInput("bad"), "invalid_input"), (KeyError("x"), "defect")])
def test_failure_that_would_come_again_is_final_at_once_and_no_dead_letter(jobs, error, code):
    jobs.submit()
    job = jobs.queue.fail(jobs.claim().lease, error)
    assert (job.status, job.dead, job.error_code) == ("failed", False, code)


def test_dead_job_is_tried_again_by_a_person_with_all_its_attempts(jobs):
    same = fingerprint("same")
    job_id = jobs.submit(max_attempts=1, identity=same)
    jobs.queue.fail(jobs.claim().lease, Unavailable("busy"))
    job = jobs.store.retry(job_id)
    assert (job.status, job.attempt, job.dead, job.error_code, job.finished_at) == ("queued", 0, False, "", None)
    assert jobs.submit(identity=same) == job_id
    with pytest.raises(Conflict, match="queued"):
        jobs.store.retry(job_id)
    jobs.queue.fail(jobs.claim().lease, InvalidInput("bad"))
    other = jobs.submit(identity=same)
    with pytest.raises(Conflict, match=other):
        jobs.store.retry(job_id)


def test_cancel_of_a_waiting_job_is_at_once_and_for_good(jobs):
    job_id = jobs.submit()
    assert jobs.store.cancel(job_id).status == "cancelled"
    assert jobs.queue.claim("cpu_queue", "w") is None
    assert jobs.store.cancel(job_id).last_event == 2
    assert jobs.kinds(job_id) == ["queued", "cancelled"]


def test_cancel_of_a_running_job_is_told_by_the_heartbeat(jobs):
    job_id = jobs.submit()
    lease = jobs.claim().lease
    assert not jobs.queue.heartbeat(lease).cancel_requested
    assert jobs.store.cancel(job_id).status == jobs.store.cancel(job_id).status == "in_progress"
    assert jobs.queue.heartbeat(lease).cancel_requested
    assert jobs.queue.cancelled(lease).status == "cancelled"
    assert jobs.kinds(job_id) == ["queued", "started", "cancel_requested", "cancelled"]


def test_cancel_holds_when_the_worker_fails_or_goes_away(jobs):
    failing, lost = jobs.submit(), jobs.submit()
    lease = jobs.claim().lease
    jobs.claim()
    jobs.store.cancel(failing)
    jobs.store.cancel(lost)
    assert jobs.queue.fail(lease, Unavailable("busy")).status == "cancelled"
    jobs.clock.forward(61)
    assert [job.status for job in jobs.queue.reap()] == ["cancelled"]


def test_heartbeat_keeps_a_lease(jobs):
    jobs.submit()
    lease = jobs.claim().lease
    for _ in range(10):
        jobs.clock.forward(45)
        jobs.queue.heartbeat(lease)
        assert jobs.queue.reap() == ()
    jobs.queue.complete(lease, {})


def test_expired_lease_goes_back_at_once_and_dies_with_its_last_attempt(jobs):
    job_id = jobs.submit(max_attempts=2)
    first = jobs.claim()
    jobs.clock.forward(59.9)
    assert jobs.queue.reap() == ()
    jobs.clock.forward(0.1)
    assert [job.status for job in jobs.queue.reap()] == ["queued"]
    second = jobs.claim(worker="w2")
    assert second.lease.fence > first.lease.fence
    jobs.clock.forward(60)
    (job,) = jobs.queue.reap()
    assert (job.status, job.dead, job.error_code) == ("failed", True, "lease_lost")
    assert "'w2'" in job.error
    assert jobs.kinds(job_id) == ["queued", "started", "lease_expired", "started", "failed"]


WRITES = {
    "heartbeat": lambda queue, lease: queue.heartbeat(lease),
    "progress": lambda queue, lease: queue.progress(lease, {}),
    "complete": lambda queue, lease: queue.complete(lease, {}),
    "fail": lambda queue, lease: queue.fail(lease, Unavailable("x")),
    "cancelled": lambda queue, lease: queue.cancelled(lease),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("since", ["expired", "reaped", "claimed again", "completed by another"])
def test_write_under_a_stale_lease_is_refused_and_changes_nothing(jobs, write, since):
    job_id = jobs.submit()
    stale = jobs.claim().lease
    jobs.clock.forward(60)
    if since != "expired":
        jobs.queue.reap()
    if since in ("claimed again", "completed by another"):
        again = jobs.claim(worker="w2").lease
        if since == "completed by another":
            jobs.queue.complete(again, {"by": "w2"})
    before = jobs.store.get(job_id), jobs.store.events(job_id)
    with pytest.raises(LeaseLost):
        WRITES[write](jobs.queue, stale)
    with pytest.raises(LeaseLost), jobs.database.write() as connection:
        jobs.queue.check(connection, stale)
    assert (jobs.store.get(job_id), jobs.store.events(job_id)) == before
