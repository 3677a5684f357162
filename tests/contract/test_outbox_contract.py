"""Callbacks: written with the end of their job, sent at least once, given up in the end; on both databases."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy import select

from cluster.jobs.outbox import Outbox
from cluster.jobs.transitions import end
from cluster.registry.tables import audit, job, outbox
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.sealing import Sealer
from schemas.errors import Conflict, InvalidInput, LeaseLost, NotFound, Unavailable
from tests.job_ground import request

HOOK = "https://hook.example/x?token=c4n4ry"


def completed(jobs, *urls):
    """Id of a job that is over and whose callbacks wait."""
    job_id = jobs.submit(callbacks=urls or (HOOK,))
    jobs.queue.complete(jobs.claim().lease, {})
    return job_id


def deliveries(jobs, job_id):
    return jobs.outbox.of_job(jobs.scope, job_id)


ENDS = {
    "job.completed": lambda jobs, lease, job_id: jobs.queue.complete(lease, {}),
    "job.degraded": lambda jobs, lease, job_id: jobs.queue.complete(lease, {}, degraded=True),
    "job.failed": lambda jobs, lease, job_id: jobs.queue.fail(lease, InvalidInput("bad")),
    "job.cancelled": lambda jobs, lease, job_id: jobs.queue.cancelled(lease),
}


@pytest.mark.parametrize("event", ENDS)
def test_every_end_of_a_job_is_told_to_each_address_once(jobs, event):
    job_id = jobs.submit(callbacks=(HOOK, "https://other.example/"), request_id="r")
    lease = jobs.claim().lease
    jobs.queue.progress(lease, {})
    assert jobs.outbox.claim("s") is None
    ENDS[event](jobs, lease, job_id)
    sent = [jobs.outbox.claim("s") for _ in range(2)]
    assert [delivery.url for delivery in sent] == [HOOK, "https://other.example/"]
    assert jobs.outbox.claim("s") is None
    message = json.loads(sent[0].payload)
    assert message == {
        "type": event,
        "timestamp": "2026-05-01T12:00:00Z",
        "data": {
            "job_id": job_id, "request_id": "r", "kind": "render", "status": event.removeprefix("job."),
            "error_code": "invalid_input" if event == "job.failed" else "", "sequence": 4,
        },
    }  # fmt: skip


def test_job_that_died_without_its_worker_is_told_too(jobs):
    died = jobs.submit(callbacks=(HOOK,), max_attempts=1)
    jobs.claim()
    jobs.clock.forward(61)
    jobs.queue.reap()
    assert [delivery.event for delivery in deliveries(jobs, died)] == ["job.failed"]
    waiting = jobs.submit(callbacks=(HOOK,))
    jobs.store.cancel(waiting)
    assert [delivery.event for delivery in deliveries(jobs, waiting)] == ["job.cancelled"]


def test_job_that_goes_back_to_its_queue_is_not_told(jobs):
    job_id = jobs.submit(callbacks=(HOOK,))
    jobs.queue.fail(jobs.claim().lease, Unavailable("busy"))
    assert deliveries(jobs, job_id) == ()


def test_end_and_its_callbacks_are_one_transaction(jobs):
    job_id = jobs.submit(callbacks=(HOOK,))
    jobs.claim()
    with pytest.raises(ZeroDivisionError), jobs.database.write() as connection:
        row = connection.execute(select(job).where(job.c.job_id == job_id)).mappings().one()
        end(connection, row, jobs.clock.now_us, "completed")
        raise ZeroDivisionError
    assert jobs.store.get(job_id).status == "in_progress"
    assert deliveries(jobs, job_id) == () and jobs.kinds(job_id) == ["queued", "started"]


def test_address_lies_sealed_in_the_database_and_is_not_shown(jobs):
    job_id = completed(jobs)
    with jobs.database.read() as connection:
        rows = [connection.execute(select(table).where(table.c.job_id == job_id)).all() for table in (job, outbox)]
    delivery = jobs.outbox.claim("s")
    shown = repr((rows, delivery, deliveries(jobs, job_id), jobs.store.get(job_id)))
    assert "c4n4ry" not in shown and "hook.example" not in shown
    assert delivery.url == HOOK


def test_callback_of_a_lost_key_goes_to_the_dead_letters_and_out_of_the_way(jobs):
    lost = completed(jobs)
    sealer = jobs.sealer
    jobs.sealer = Sealer([b"n" * 32])
    good = completed(jobs, "https://good.example/")
    claimed = jobs.outbox.claim("s")
    assert claimed.url == "https://good.example/" and jobs.outbox.claim("s") is None
    (dead,) = jobs.outbox.dead(jobs.scope)
    assert (dead.job_id, dead.status, deliveries(jobs, good)[0].status) == (lost, "dead", "sending")
    jobs.sealer = Sealer([b"n" * 32, b"k" * 32])
    assert sealer is not jobs.sealer
    jobs.outbox.replay(jobs.scope, dead.delivery_id)
    assert jobs.outbox.claim("s").url == HOOK


def test_failed_callback_is_tried_ten_times_by_the_schedule_under_one_id(jobs):
    job_id = completed(jobs)
    waits, ids = [], set()
    for attempt in range(1, 11):
        delivery = jobs.outbox.claim("s")
        ids.add(delivery.delivery_id)
        assert delivery.attempt == attempt
        jobs.outbox.failed(delivery, "the receiver answered 500", answer=500)
        (record,) = deliveries(jobs, job_id)
        if record.status == "waiting":
            waits.append((record.not_before - record.created_at).total_seconds())
            jobs.clock.now_us = round(record.not_before.timestamp() * 1_000_000) - 1
            assert jobs.outbox.claim("s") is None
            jobs.clock.now_us += 1
    assert [round(b - a) for a, b in zip([0.0, *waits], waits, strict=False)] == [
        5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400,
    ]  # fmt: skip
    assert (record.status, record.answer, record.error) == ("dead", 500, "the receiver answered 500")
    assert len(ids) == 1 and jobs.outbox.dead(jobs.scope) == (record,)


def test_dead_callback_is_sent_again_by_a_person_under_its_old_id(jobs):
    completed(jobs)
    first = jobs.outbox.claim("s")
    jobs.outbox.failed(first, "gone", answer=410, final=True)
    assert jobs.outbox.claim("s") is None
    jobs.outbox.replay(jobs.scope, first.delivery_id)
    again = jobs.outbox.claim("s")
    assert (again.delivery_id, again.attempt) == (first.delivery_id, 1)
    with pytest.raises(LeaseLost):
        jobs.outbox.delivered(first, 200)
    jobs.outbox.delivered(again, 204)
    with pytest.raises(Conflict, match="delivered"):
        jobs.outbox.replay(jobs.scope, first.delivery_id)
    with jobs.database.read() as connection:
        query = select(audit.c.action, audit.c.subject).where(audit.c.subject == first.delivery_id)
        assert connection.execute(query).all() == [("replay_callback", first.delivery_id)]


def test_callbacks_of_another_tenant_are_unknown(jobs):
    job_id = completed(jobs)
    delivery = jobs.outbox.claim("s")
    jobs.outbox.failed(delivery, "gone", final=True)
    stranger = TenantScope(jobs.scope.tenant + "x", jobs.scope.env)
    assert jobs.outbox.of_job(stranger, job_id) == jobs.outbox.dead(stranger) == ()
    with pytest.raises(NotFound):
        jobs.outbox.replay(stranger, delivery.delivery_id)


def test_sender_that_went_away_is_replaced_and_says_nothing_more(jobs):
    job_id = completed(jobs)
    first = jobs.outbox.claim("s1")
    jobs.clock.forward(59)
    assert jobs.outbox.claim("s2") is None
    jobs.clock.forward(1)
    second = jobs.outbox.claim("s2")
    assert (second.delivery_id, second.attempt) == (first.delivery_id, 2)
    for late in (lambda: jobs.outbox.delivered(first, 200), lambda: jobs.outbox.failed(first, "x")):
        with pytest.raises(LeaseLost):
            late()
    assert deliveries(jobs, job_id)[0].status == "sending"
    jobs.outbox.delivered(second, 200)
    with pytest.raises(LeaseLost):
        jobs.outbox.failed(first, "x")
    assert deliveries(jobs, job_id)[0].status == "delivered"


def test_callback_that_takes_every_sender_with_it_dies_after_ten(jobs):
    completed(jobs)
    for _ in range(10):
        assert jobs.outbox.claim("s") is not None
        jobs.clock.forward(61)
    assert jobs.outbox.claim("s") is None
    assert [record.attempt for record in jobs.outbox.dead(jobs.scope)] == [10]


def test_receiver_that_hangs_holds_up_its_own_callbacks_only(jobs):
    for _ in range(2):
        completed(jobs, "https://slow.example/a")
    completed(jobs, "https://SLOW.example/b")
    completed(jobs, "https://quick.example/")
    slow = jobs.outbox.claim("s1")
    assert [slow.url, jobs.outbox.claim("s2").url] == ["https://slow.example/a", "https://quick.example/"]
    assert jobs.outbox.claim("s3") is None
    jobs.outbox.delivered(slow, 200)
    assert jobs.outbox.claim("s1").url == "https://slow.example/a"


def test_senders_that_come_at_once_take_each_callback_once(jobs):
    for number in range(20):
        completed(jobs, f"https://h{number}.example/")
    barrier, taken = threading.Barrier(5), []

    def send():
        barrier.wait()
        while (delivery := jobs.outbox.claim("s")) is not None:
            taken.append(delivery.url)

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 20


def test_senders_of_a_site_send_what_was_made_there(jobs):
    completed(jobs)
    elsewhere = Outbox(jobs.database, "elsewhere", jobs.sealer, clock=jobs.clock)
    assert elsewhere.claim("s") is None


@pytest.mark.parametrize("urls", [("https://[x/",), (HOOK,) * 9, ("https://x/" + "y" * 2050,)])
def test_addresses_that_cannot_be_are_refused_at_submission_without_repeating_them(jobs, urls):
    with pytest.raises(InvalidInput) as raised:
        jobs.store.submit(request(callbacks=urls))
    assert "c4n4ry" not in str(raised.value)
