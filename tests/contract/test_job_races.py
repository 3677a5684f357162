"""What jobs promise when callers and workers come at the same moment, are killed, or stop and wake up."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cluster.jobs.clock import database_us
from cluster.jobs.queue import JobQueue, LeaseTimes
from cluster.registry.database import Database
from cluster.registry.tables import job as job_table
from cluster.tenancy.quotas import Quota
from cluster.tenancy.scope import TenantScope
from schemas.errors import LeaseLost, QuotaExceeded, Unavailable
from tests.job_ground import JobGround, request

# A forked child must not inherit an open SQLite file; a spawned one takes a second to import. This is neither.
CLEAN = multiprocessing.get_context("forkserver")
CLEAN.set_forkserver_preload([__name__])

SHORT = LeaseTimes(lease_s=1.0, heartbeat_s=0.25)
"""Long beside what a test's worker does under a lease, so that one which lives seldom loses it."""


@pytest.fixture
def live(ground) -> JobGround:
    """Queues under the database's own clock and short leases."""
    return JobGround(ground.database, ground.scope, clock=database_us, times=SHORT)


def submit_together(jobs: JobGround, count: int, **given: Any) -> list[Any]:
    """What `count` threads got that submitted at the same moment."""
    barrier, answers = threading.Barrier(count), []

    def submit() -> None:
        barrier.wait()
        try:
            answers.append(jobs.store.submit(request(**given)))
        except QuotaExceeded as exc:
            answers.append(exc)

    threads = [threading.Thread(target=submit) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("given", [{"key": "k"}, {"identity": "f" * 64}], ids=["key", "identity"])
def test_64_equal_submissions_at_once_make_one_job(live, given):
    answers = submit_together(live, 64, **given)
    assert len(answers) == 64
    assert sum(not answer.replayed for answer in answers) == 1
    assert len({answer.job.job_id for answer in answers}) == len(live.store.list()) == 1


def test_quota_of_jobs_holds_for_requests_that_come_at_once(live):
    live.quota = Quota(concurrent_jobs=5)
    answers = submit_together(live, 16)
    assert Counter(type(answer).__name__ for answer in answers) == {"Submitted": 5, "QuotaExceeded": 11}
    assert len(live.store.list()) == 5


def _submit_in_child(url: str, scope: TenantScope, site_id: str, barrier: Any, results: Any, threads: int) -> None:
    database = Database.open(url)
    jobs = JobGround(database, scope, site_id, clock=database_us)
    barrier.wait(60)
    results.put([(answer.job.job_id, answer.replayed) for answer in submit_together(jobs, threads, key="k")])
    database.close()


@pytest.mark.soak
def test_1000_equal_submissions_from_four_processes_make_one_job(live, ground):
    barrier, results = CLEAN.Barrier(4), CLEAN.Queue()
    args = (ground.url, live.scope, live.site_id, barrier, results, 250)
    children = [CLEAN.Process(target=_submit_in_child, args=args) for _ in range(4)]
    for child in children:
        child.start()
    answers = [answer for _ in children for answer in results.get(timeout=300)]
    for child in children:
        child.join(60)
    assert len(answers) == 1000
    assert sum(not replayed for _, replayed in answers) == 1
    assert len({job_id for job_id, _ in answers}) == len(live.store.list()) == 1


def _work(url: str, site_id: str, worker: str, diary: Path) -> None:
    """Claims and completes until it is killed; notes what it was told is done, line by line."""
    database = Database.open(url)
    queue = JobQueue(database, site_id, times=SHORT)
    with diary.open("a", buffering=1) as notes:
        while True:
            claimed = queue.claim("cpu_queue", worker)
            if claimed is None:
                time.sleep(0.01)
                continue
            try:
                for step in range(3):
                    time.sleep(0.004)
                    queue.progress(claimed.lease, {"step": step})
                    queue.heartbeat(claimed.lease)
                queue.complete(claimed.lease, {"by": worker})
            except LeaseLost:
                continue
            notes.write(json.dumps(claimed.job.job_id) + "\n")


def working(jobs: JobGround) -> set[str]:
    """Names of the workers that have a job."""
    with jobs.database.read() as connection:
        return set(
            connection.execute(select(job_table.c.lease_owner).where(job_table.c.status == "in_progress")).scalars()
        )


def finish_under_kills(jobs: JobGround, url: str, folder: Path, *, count: int, kills: int, seed: int) -> None:
    """Four workers finish `count` jobs while one of those that are at work is killed `kills` times."""
    ids = [jobs.submit(payload={"number": number}, max_attempts=1000) for number in range(count)]
    chance, left = random.Random(seed), kills
    names = (f"w{number}" for number in itertools.count(1))
    workers: dict[str, Any] = {}

    def start() -> None:
        name = next(names)
        workers[name] = CLEAN.Process(target=_work, args=(url, jobs.site_id, name, folder / name))
        workers[name].start()

    for _ in range(4):
        start()
    try:
        while (busy := [depth for depth in jobs.queue.depths() if depth.waiting or depth.running]) or left:
            jobs.queue.reap()
            at_work = sorted(working(jobs) & workers.keys())
            if left and at_work:
                time.sleep(chance.uniform(0, 0.01))
                victim = workers.pop(chance.choice(at_work))
                os.kill(victim.pid, signal.SIGKILL)
                victim.join(30)
                start()
                left -= 1
            elif not busy:
                pytest.fail(f"all was done with {left} kills to go: submit more jobs")
            else:
                time.sleep(0.005)
    finally:
        for worker in workers.values():
            worker.kill()
            worker.join(30)

    told = Counter(json.loads(line) for diary in folder.glob("w*") for line in diary.read_text().splitlines())
    again = 0
    for job_id in ids:
        job, kinds = jobs.store.get(job_id), jobs.kinds(job_id)
        assert (job.status, kinds.count("completed"), kinds[-1]) == ("completed", 1, "completed")
        assert [event.number for event in jobs.store.events(job_id)] == list(range(1, len(kinds) + 1))
        assert kinds.count("started") == job.attempt == 1 + kinds.count("lease_expired")
        again += job.attempt - 1
    assert set(told) <= set(ids) and set(told.values()) <= {1}
    assert again > 0, "no kill hit a worker at its work"


def test_60_jobs_all_finish_once_while_workers_are_killed(live, ground, tmp_path):
    finish_under_kills(live, ground.url, tmp_path, count=60, kills=6, seed=1)


@pytest.mark.soak
def test_500_jobs_all_finish_once_under_50_kills(live, ground, tmp_path):
    finish_under_kills(live, ground.url, tmp_path, count=500, kills=50, seed=random.randrange(1 << 32))


def _claim_and_wait(url: str, site_id: str, told: Any, wake: Any, results: Any) -> None:
    database = Database.open(url)
    queue = JobQueue(database, site_id, times=SHORT)
    claimed = queue.claim("cpu_queue", "sleeper")
    assert claimed is not None
    told.set()
    wake.wait(60)
    for write in (
        lambda: queue.heartbeat(claimed.lease),
        lambda: queue.progress(claimed.lease, {"from": "the dead"}),
        lambda: queue.fail(claimed.lease, Unavailable("x")),
        lambda: queue.cancelled(claimed.lease),
        lambda: queue.complete(claimed.lease, {"by": "sleeper"}),
    ):
        try:
            write()
            results.put("written")
        except LeaseLost:
            results.put("lost")
    database.close()


@pytest.mark.parametrize("meanwhile", ["nobody noticed", "another completed it"])
def test_worker_stopped_past_its_lease_writes_nothing_when_it_wakes(live, ground, meanwhile):
    job_id = live.submit()
    told, wake, results = CLEAN.Event(), CLEAN.Event(), CLEAN.Queue()
    child = CLEAN.Process(target=_claim_and_wait, args=(ground.url, live.site_id, told, wake, results))
    child.start()
    assert told.wait(60)
    os.kill(child.pid, signal.SIGSTOP)
    try:
        if meanwhile == "another completed it":
            while not live.queue.reap():
                time.sleep(0.05)
            live.queue.complete(live.claim(worker="w2").lease, {"by": "w2"})
        else:
            time.sleep(SHORT.lease_s * 1.2)
        before = live.store.get(job_id), live.store.events(job_id)
    finally:
        os.kill(child.pid, signal.SIGCONT)
    wake.set()  # not before: setting an event waits for its sleepers to notice
    assert [results.get(timeout=60) for _ in range(5)] == ["lost"] * 5
    child.join(30)
    assert child.exitcode == 0
    assert (live.store.get(job_id), live.store.events(job_id)) == before


def test_two_reapers_and_four_claimers_take_each_job_once(live):
    """All of them at the same moments, over jobs that expired and jobs that wait."""
    live.times = LeaseTimes(lease_s=0.05)
    waiting = [live.submit(max_attempts=1000) for _ in range(12)]
    for _ in range(6):
        live.claim()
    time.sleep(0.1)
    live.times = LeaseTimes(lease_s=60)
    barrier, claimed, reaped = threading.Barrier(6), [], []

    def claim() -> None:
        barrier.wait()
        while (found := live.queue.claim("cpu_queue", "w")) is not None:
            claimed.append(found.job.job_id)

    def reap() -> None:
        barrier.wait()
        reaped.extend(job.job_id for job in live.queue.reap())

    threads = [threading.Thread(target=act) for act in (claim, claim, claim, claim, reap, reap)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (found := live.queue.claim("cpu_queue", "w")) is not None:  # put back after the last claimer had looked
        claimed.append(found.job.job_id)
    assert sorted(claimed) == sorted(waiting)
    assert len(reaped) == len(set(reaped)) == 6
