"""Workers sign on, live and fall silent, on both databases."""

from __future__ import annotations

import pytest

from cluster.jobs.worker_book import FORGOTTEN_S, WorkerBook

QUEUES = ("cpu_queue", "media_queue")


@pytest.fixture
def book(jobs):
    return WorkerBook(jobs.database, jobs.site_id, silent_s=60, clock=jobs.clock)


def states(book):
    return {one.name: one.state for one in book.list()}


def test_worker_is_what_it_said_last_until_it_is_silent_for_too_long(book, jobs):
    book.beat("w1", QUEUES, "idle")
    book.beat("w1", QUEUES, "active", "j_1")
    (seen,) = book.list()
    assert (seen.state, seen.job_id, seen.queues, seen.started_at) == ("active", "j_1", QUEUES, seen.seen_at)
    jobs.clock.forward(60)
    assert states(book) == {"w1": "active"}
    jobs.clock.forward(0.001)
    assert states(book) == {"w1": "offline"}


def test_worker_that_comes_back_began_anew(book, jobs):
    book.beat("w1", QUEUES, "idle")
    jobs.clock.forward(30)
    book.beat("w1", QUEUES, "idle")
    (before,) = book.list()
    assert (before.seen_at - before.started_at).total_seconds() == 30
    jobs.clock.forward(61)
    book.beat("w1", QUEUES, "idle")
    (after,) = book.list()
    assert after.started_at == after.seen_at


def test_sites_know_their_own_workers_and_forget_those_of_last_week(book, jobs):
    book.beat("old", QUEUES, "offline")
    other = WorkerBook(jobs.database, jobs.site_id + "-other", clock=jobs.clock)
    other.beat("theirs", QUEUES, "idle")
    jobs.clock.forward(FORGOTTEN_S + 1)
    book.beat("new", QUEUES, "idle")
    assert states(book) == {"new": "idle"}
    assert states(other) == {"theirs": "offline"}
