"""Any sequence of calls, by callers and workers, with time passing: the store answers as a model of 90 lines does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from cluster.jobs.records import Lease
from cluster.jobs.store import KEY_KEPT_S
from schemas.errors import Conflict, IdempotencyMismatch, InvalidInput, LeaseLost, Unavailable
from tests.job_ground import JobGround, request

LEASE_S, RETRY_S = 60.0, (1.5, 3.0, 6.0, 12.0)
OVER = ("completed", "degraded", "failed", "cancelled")


HOWS = st.sampled_from(["beat", "step", "done", "degraded", "busy", "bad", "stop"])
WAITS = st.sampled_from([1.0, 2.0, 20.0, 45.0, 60.0, float(KEY_KEPT_S)])


@dataclass
class Model:
    """One job as it should be."""

    number: int
    priority: int
    max_attempts: int
    key: str | None
    body: int
    identity: str | None
    status: str = "queued"
    attempt: int = 0
    fence: int = 0
    until: float = 0.0
    not_before: float = 0.0
    ended: float = 0.0
    stop: bool = False
    dead: bool = False
    holds_key: bool = True
    kinds: list[str] = field(default_factory=lambda: ["queued"])

    def end(self, status: str, now: float, dead: bool = False) -> None:
        self.status, self.ended, self.dead = status, now, dead
        self.kinds.append(status)


class JobMachine(RuleBasedStateMachine):
    """Callers, workers with good and stale leases, a reaper, and a clock."""

    def __init__(self, ground: Any) -> None:
        super().__init__()
        self.jobs = JobGround(ground.database, ground.scope)  # a site of its own for each example
        self.store = self.jobs.store
        self.models: dict[str, Model] = {}
        self.leases: list[Lease] = []
        self.now = 0.0
        self.paused = False
        self.tag = self.jobs.site_id

    def answering(self, key: str | None, identity: str | None) -> str | None:
        """Which job the model says stands for this request."""
        for job_id, model in self.models.items():
            if key is not None and model.key == key and model.holds_key:
                if model.status in OVER and self.now - model.ended > KEY_KEPT_S:
                    continue
                return job_id
            free = model.key is not None or model.status in ("failed", "cancelled")
            if key is None and identity is not None and model.identity == identity and not free:
                return job_id
        return None

    @rule(
        key=st.sampled_from([None, None, "a", "b"]),
        body=st.integers(0, 1),
        identity=st.sampled_from([None, "1", "2"]),
        priority=st.integers(-1, 1),
        attempts=st.integers(1, 3),
    )
    def submit(self, key, body, identity, priority, attempts):
        key = None if key is None else f"{self.tag}-{key}"
        identity = None if identity is None else f"{self.tag}-{identity}"
        asked = request(key=key, body={"n": body}, identity=identity, priority=priority, max_attempts=attempts)
        expected = self.answering(key, identity)
        if expected is not None and key is not None and self.models[expected].body != body:
            with pytest.raises(IdempotencyMismatch):
                self.store.submit(asked)
            return
        answer = self.store.submit(asked)
        assert answer.replayed == (expected is not None)
        if expected is not None:
            assert answer.job.job_id == expected
            return
        for model in self.models.values():
            model.holds_key = model.holds_key and not (key is not None and model.key == key)
        self.models[answer.job.job_id] = Model(
            len(self.models), priority, attempts, key, body, identity, not_before=self.now
        )

    def take(self) -> Lease | None:
        ready = [m for m in self.models.values() if m.status == "queued" and m.not_before <= self.now]
        claimed = self.jobs.queue.claim("cpu_queue", "w")
        if not ready or self.paused:
            assert claimed is None
            return None
        model = min(ready, key=lambda m: (-m.priority, m.number))
        assert claimed is not None and self.models[claimed.job.job_id] is model
        model.status, model.until = "in_progress", self.now + LEASE_S
        model.attempt, model.fence = model.attempt + 1, model.fence + 1
        model.kinds.append("started")
        assert claimed.lease.fence == model.fence
        self.leases.append(claimed.lease)
        return claimed.lease

    def write(self, lease: Lease, how: str) -> None:
        model, queue = self.models[lease.job_id], self.jobs.queue
        act = {
            "beat": lambda: queue.heartbeat(lease),
            "step": lambda: queue.progress(lease, {}),
            "done": lambda: queue.complete(lease, {}),
            "degraded": lambda: queue.complete(lease, {}, degraded=True),
            "busy": lambda: queue.fail(lease, Unavailable("busy")),
            "bad": lambda: queue.fail(lease, InvalidInput("bad")),
            "stop": lambda: queue.cancelled(lease),
        }[how]
        if model.status != "in_progress" or model.fence != lease.fence or model.until <= self.now:
            with pytest.raises(LeaseLost):
                act()
            return
        answer = act()
        if how == "beat":
            assert answer.cancel_requested == model.stop
            model.until = self.now + LEASE_S
        elif how == "step":
            model.kinds.append("progress")
        elif how in ("done", "degraded"):
            model.end("completed" if how == "done" else "degraded", self.now)
        elif how == "stop" or model.stop:
            model.end("cancelled", self.now)
        elif how == "busy" and model.attempt < model.max_attempts:
            model.status, model.not_before = "queued", self.now + RETRY_S[model.attempt - 1]
            model.kinds.append("retrying")
        else:
            model.end("failed", self.now, dead=how == "busy")

    @rule()
    def claim(self):
        self.take()

    @precondition(lambda self: self.leases)
    @rule(choice=st.integers(0, 1000), how=HOWS)
    def write_late(self, choice, how):
        self.write(self.leases[-1 - choice % min(4, len(self.leases))], how)

    @rule(first=HOWS, wait=st.sampled_from([0.0, 45.0, 60.0]), then=HOWS)
    def work(self, first, wait, then):
        """A worker that says two things and asks for more: by chance alone a claim is seldom followed up."""
        lease = self.take()
        if lease is not None:
            self.pass_time(wait)
            self.write(lease, first)
            self.pass_time(wait)
            self.write(lease, then)
            self.take()

    @precondition(lambda self: self.models)
    @rule(choice=st.integers(0, 1000))
    def cancel(self, choice):
        job_id = list(self.models)[choice % len(self.models)]
        model = self.models[job_id]
        self.store.cancel(job_id)
        if model.status == "queued":
            model.end("cancelled", self.now)
        elif model.status == "in_progress" and not model.stop:
            model.stop = True
            model.kinds.append("cancel_requested")

    @precondition(lambda self: any(model.status == "failed" for model in self.models.values()))
    @rule(choice=st.integers(0, 1000))
    def retry(self, choice):
        failed = [job_id for job_id, model in self.models.items() if model.status == "failed"]
        job_id = failed[choice % len(failed)]
        model = self.models[job_id]
        if model.key is None and model.identity is not None and self.answering(None, model.identity):
            with pytest.raises(Conflict):
                self.store.retry(job_id)
            return
        self.store.retry(job_id)
        model.status, model.attempt, model.dead, model.stop, model.not_before = "queued", 0, False, False, self.now
        model.kinds.append("queued")

    @rule()
    def reap(self):
        lapsed = [m for m in self.models.values() if m.status == "in_progress" and m.until <= self.now]
        assert len(self.jobs.queue.reap()) == len(lapsed)
        for model in lapsed:
            if model.stop:
                model.end("cancelled", self.now)
            elif model.attempt >= model.max_attempts:
                model.end("failed", self.now, dead=True)
            else:
                model.status, model.not_before = "queued", self.now
                model.kinds.append("lease_expired")

    @rule(paused=st.sampled_from([True, False, False]))
    def pause(self, paused):
        (self.jobs.queue.pause if paused else self.jobs.queue.resume)("cpu_queue", self.jobs.scope)
        self.paused = paused

    @rule(seconds=WAITS)
    def wait(self, seconds):
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.jobs.clock.forward(seconds)

    @invariant()
    def agrees(self):
        waiting = sum(model.status == "queued" for model in self.models.values())
        assert self.jobs.queue.depths()[0].waiting == waiting
        for job_id, model in self.models.items():
            job = self.store.get(job_id)
            assert (job.status, job.attempt, job.dead, job.last_event) == (
                model.status, model.attempt, model.dead, len(model.kinds),
            )  # fmt: skip

    def teardown(self):
        for job_id, model in self.models.items():
            events = self.store.events(job_id)
            assert [event.kind for event in events] == model.kinds
            assert [event.number for event in events] == list(range(1, len(events) + 1))


def test_job_store_answers_as_its_model_does(ground):
    chosen = settings(suppress_health_check=list(HealthCheck), deadline=None, stateful_step_count=60)
    run_state_machine_as_test(lambda: JobMachine(ground), settings=chosen)
