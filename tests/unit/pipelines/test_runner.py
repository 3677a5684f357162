"""The runner's promises: made once, found again, failures stay with their item, lineage is complete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.registry.blobs import FolderBlobStore
from cluster.registry.database import Database
from cluster.registry.registry import ArtifactRegistry
from cluster.registry.runs import RunLedger
from cluster.tenancy.scope import TenantScope
from pipelines.executors import InProcess
from pipelines.outcome import ItemFailure
from pipelines.planning import Plan
from pipelines.progress import Silent
from pipelines.runner import Batch, Execution, Made
from pipelines.stage import Input, Output, Outputs, Stage, Work
from schemas.errors import Defect, Unavailable

UPPER = Stage("upper", "1")
SLOW = Stage("slow", "1", instant=False)


class Shop:
    """An execution over an empty store, and how often its function ran."""

    def __init__(self, folder: Path) -> None:
        scope = TenantScope("t_local", "dev")
        self.database = Database.open(f"sqlite:///{folder / 'registry.sqlite3'}")
        self.blobs = FolderBlobStore(folder, scope)
        self.registry = ArtifactRegistry(self.database, self.blobs, scope, "local")
        self.ledger = RunLedger(self.database, scope, "local")
        self.scope, self.folder, self.calls = scope, folder, 0

    def execution(self, run_id: str = "run_1", natives: dict[str, str] | None = None) -> Execution:
        self.ledger.start(run_id, "p")
        return Execution(
            registry=self.registry, blobs=self.blobs, ledger=self.ledger, scope=self.scope, run_id=run_id,
            scratch=self.folder / "scratch", natives=natives or {}, progress=Silent(),
        )  # fmt: skip

    def plan(self) -> Plan:
        return Plan(self.registry, self.blobs, self.ledger, self.scope, "p", {})

    def work(self, text: str, *, stage: Stage = UPPER, item: str = "a", inputs: dict[str, Input] | None = None) -> Work:
        def make(folder: Path) -> Outputs:
            self.calls += 1
            (folder / "result").write_text(text.upper())
            return {"result": Output("text", folder / "result", "text/plain")}

        return Work(stage, item, make, inputs=inputs or {}, parameters={"text": text})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    yield shop
    shop.database.close()


def test_work_made_twice_runs_once(shop: Shop) -> None:
    execution = shop.execution()
    first, second = execution.make(shop.work("hello")), execution.make(shop.work("hello"))
    assert shop.calls == 1
    assert (first.reused, second.reused) == (False, True)
    assert execution.read(second.result) == b"HELLO"


@pytest.mark.parametrize("change", ["parameter", "stage version", "input", "native"])
def test_identity_changes_with_everything_that_decides_the_bytes(shop: Shop, change: str) -> None:
    native = Stage("upper", "1", natives=("lib",))
    shop.execution("run_0").make(shop.work("parent"))
    parent = shop.execution("run_1").make(shop.work("parent")).result
    other = shop.execution("run_2").make(shop.work("other")).result
    shop.execution("run_3", {"lib": "a"}).make(shop.work("x", stage=native, inputs={"in": parent.as_input()}))
    shop.calls = 0
    again = {
        "parameter": shop.work("y", stage=native, inputs={"in": parent.as_input()}),
        "stage version": shop.work("x", stage=Stage("upper", "2", natives=("lib",)), inputs={"in": parent.as_input()}),
        "input": shop.work("x", stage=native, inputs={"in": other.as_input()}),
        "native": shop.work("x", stage=native, inputs={"in": parent.as_input()}),
    }[change]
    made = shop.execution("run_4", {"lib": "b" if change == "native" else "a"}).make(again)
    assert not made.reused
    assert shop.calls == 1


def test_item_name_and_run_are_no_part_of_the_identity(shop: Shop) -> None:
    shop.execution("run_1").make(shop.work("x", item="shot 1"))
    assert shop.execution("run_2").make(shop.work("x", item="shot 9")).reused


def test_failed_item_leaves_the_others_and_is_tried_again(shop: Shop) -> None:
    def broken(_: Path) -> Outputs:
        raise ValueError("no ink")

    execution = shop.execution()
    bad = Work(UPPER, "b", broken, parameters={"text": "bad"})
    made, failed = execution.make_all([shop.work("good"), bad])
    assert isinstance(made, Made)
    assert isinstance(failed, ItemFailure)
    assert "no ink" in failed.error.message
    states = {one.work.item: (one.state, one.error_code) for one in shop.ledger.attempts("run_1")}
    assert states == {"a": ("done", ""), "b": ("failed", "defect")}
    with pytest.raises(Defect, match="no ink"):
        execution.make(bad)


def test_unavailable_is_retried_and_counted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.retries.FIRST_WAIT_S", 0.0)
    tries = []

    def flaky(_: Path) -> Outputs:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("busy")
        return {"result": Output("text", b"ok", "text/plain")}

    execution = shop.execution()
    execution.make(Work(UPPER, "a", flaky))
    assert execution.tallies["upper"].retries == 2


def test_equal_works_in_one_batch_run_once(shop: Shop) -> None:
    made = shop.execution().make_all([shop.work("x", item="1"), shop.work("x", item="2"), shop.work("y", item="3")])
    assert shop.calls == 2
    first, second, _ = (one.result for one in made if isinstance(one, Made))
    assert first.content_hash == second.content_hash


def test_lineage_names_the_inputs_by_role(shop: Shop) -> None:
    execution = shop.execution()
    parent = execution.make(shop.work("parent")).result
    child = execution.make(shop.work("child", inputs={"script": parent.as_input()})).result
    record = shop.registry.get(child.artifact_id)
    assert [(link.role, link.artifact_id) for link in record.parents] == [("script", parent.artifact_id)]


def upper_task(payload: tuple[str, Path]) -> Outputs:
    text, folder = payload
    (folder / "result").write_text(text.upper())
    return {"result": Output("text", folder / "result", "text/plain")}


def test_batch_through_an_executor_gives_the_same_artifacts(shop: Shop) -> None:
    works = [shop.work(text, item=text) for text in ("a", "b", "c")]
    sent: list[list[int]] = []

    def worth(todo: object) -> InProcess:
        sent.append(list(todo))  # type: ignore[call-overload]
        return InProcess()

    execution = shop.execution()
    execution.make(works[1])
    made = execution.make_batch(Batch(works, upper_task, lambda index, folder: ("abc"[index], folder), worth))
    assert [execution.read(one.result) for one in made if isinstance(one, Made)] == [b"A", b"B", b"C"]
    assert sent == [[0, 2]]


class GivesUp:
    """An executor whose machinery dies after the first item."""

    def run(self, function, payloads):  # type: ignore[no-untyped-def]
        yield 0, function(payloads[0]), 0.0
        raise Unavailable("Ray did not start")


def test_executor_that_gives_up_fails_what_is_left_and_keeps_what_is_done(shop: Shop) -> None:
    works = [shop.work(text, item=text) for text in ("a", "b", "c")]
    batch = Batch(works, upper_task, lambda index, folder: ("abc"[index], folder), lambda todo: GivesUp())
    done, *left = shop.execution().make_batch(batch)
    assert isinstance(done, Made)
    assert [one.error.message for one in left if isinstance(one, ItemFailure)] == ["Ray did not start"] * 2
    states = [one.state for one in shop.ledger.attempts("run_1")]
    assert sorted(states) == ["done", "failed", "failed"]


def test_scratch_is_empty_after_success_and_failure(shop: Shop) -> None:
    def broken(folder: Path) -> Outputs:
        (folder / "half").write_text("half")
        raise ValueError("no ink")

    shop.execution().make_all([shop.work("x"), Work(UPPER, "b", broken)])
    assert list((shop.folder / "scratch").iterdir()) == []


def test_plan_stores_nothing_and_looks_through_instant_stages(shop: Shop) -> None:
    plan = shop.plan()
    parent = plan.make(shop.work("parent"))
    child = plan.make(shop.work("child", inputs={"in": parent.result.as_input()}))
    assert plan.read(child.result) == b"CHILD"
    assert shop.registry.list() == ()
    assert [(one.action, one.why) for one in plan.works] == [("make", "not made before")] * 2


def test_plan_marks_everything_behind_a_slow_stage_as_pending(shop: Shop) -> None:
    plan = shop.plan()
    slow = plan.make(shop.work("parent", stage=SLOW))
    behind = plan.make(shop.work("child", inputs={"in": slow.outputs["anything"].as_input()}))
    assert behind.result.content_hash.startswith("pending:")
    assert shop.calls == 0


def test_plan_says_why_a_work_is_made_again(shop: Shop) -> None:
    execution = shop.execution()
    execution.make(shop.work("before", item="shot 1"))
    shop.ledger.finish("run_1", "completed")
    plan = shop.plan()
    plan.make(shop.work("before", item="shot 1"))
    plan.make(shop.work("after", item="shot 1"))
    plan.make(shop.work("before", item="shot 1", stage=Stage("upper", "2")))
    assert [(one.action, one.why) for one in plan.works] == [
        ("reuse", "same inputs and parameters"),
        ("make", "text: before -> after"),
        ("make", "stage version 1 -> 2"),
    ]
