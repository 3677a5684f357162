"""What runs, observations, decisions and eviction promise, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from cluster.registry.eviction import evict, sweep_orphans
from cluster.registry.runs import Work
from schemas.canonical import fingerprint
from schemas.errors import Conflict, Defect, InvalidInput, NotFound


def test_observe_twice_keeps_the_first_and_records_the_other(ground):
    first = ground.registry.observe("upload", "u1", {"hash": "1"}, "ann")
    repeated = ground.registry.observe("upload", "u1", {"hash": "1"}, "bob")
    differing = ground.registry.observe("upload", "u1", {"hash": "2"}, "bob")

    assert first == repeated == differing
    assert (first.payload, first.actor, first.observed_at) == ({"hash": "1"}, "ann", ground.noon)
    reports = ground.registry.observations("upload", "u1")
    assert [(report.rank, report.payload["hash"]) for report in reports] == [(0, "1"), (1, "2")]
    assert ground.of("other").registry.observations("upload", "u1") == ()


@pytest.mark.parametrize("table", ["observation", "audit"])
@pytest.mark.parametrize("verb", ["DELETE FROM {table}", "UPDATE {table} SET payload = '{{}}'"])
def test_append_only_rows_cannot_be_changed(ground, table, verb):
    ground.approvals.decide("gate", "x", "approved")
    with pytest.raises(Defect, match="append-only"), ground.database.write() as connection:
        connection.execute(text(verb.format(table=table)))


def test_decide_again_replaces_the_decision_and_keeps_every_audit_row(ground):
    assert ground.approvals.latest("approve_canon_diff", "h1") is None
    for decision in ("approved", "rejected", "approved"):
        ground.approvals.decide("approve_canon_diff", "h1", decision, notes="seen")

    latest = ground.approvals.latest("approve_canon_diff", "h1")
    assert latest is not None
    assert (latest.decision, latest.approver_id, latest.notes, latest.decided_at) == (
        "approved",
        "local",
        "seen",
        ground.noon,
    )
    assert ground.approvals.latest("approve_canon_diff", "h") is None
    with ground.database.read() as connection:
        query = text("SELECT action, actor FROM audit WHERE tenant = :tenant ORDER BY seq")
        rows = connection.execute(query, {"tenant": ground.scope.tenant}).all()
    assert [tuple(row) for row in rows] == [
        ("approved:approve_canon_diff", "local"),
        ("rejected:approve_canon_diff", "local"),
        ("approved:approve_canon_diff", "local"),
    ]


def test_override_without_a_reason_is_refused(ground):
    with pytest.raises(InvalidInput, match="caption_sync"):
        ground.approvals.decide("caption_sync", "h1", "overridden", notes=" ")


def test_run_with_attempts_shows_what_each_did(ground):
    ledger = ground.ledger
    ledger.start("r1", "lighthouse")
    ledger.reused("r1", [Work("script", fingerprint("s"))])
    works = [Work("shot", fingerprint(name), name) for name in ("sh1", "sh2")]
    first, second = ledger.begin("r1", works)
    ground.commit("sh1", attempt=first)
    ledger.failed(second, InvalidInput("no such font 'X'"))
    done = ledger.finish("r1", "degraded", summary={"shots": 2})

    assert (done.status, done.summary, done.finished_at) == ("degraded", {"shots": 2}, ground.noon)
    seen = [(a.work.item, a.state, a.cache_hit, a.error_code) for a in ledger.attempts("r1")]
    assert seen == [("", "done", True, ""), ("sh1", "done", False, ""), ("sh2", "failed", False, "invalid_input")]


def test_run_that_ends_early_leaves_its_open_attempts_interrupted(ground):
    ground.ledger.start("r1", "lighthouse")
    ground.ledger.begin("r1", [Work("shot", fingerprint("x"))])
    ground.ledger.finish("r1", "failed", error=ValueError("boom"))

    assert [attempt.state for attempt in ground.ledger.attempts("r1")] == ["interrupted"]
    assert (ground.ledger.get("r1").error_code, ground.ledger.get("r1").error) == ("defect", "boom")


def test_run_paused_for_a_person_can_be_taken_up_again(ground):
    ground.ledger.start("r1", "lighthouse")
    paused = ground.ledger.finish("r1", "in_progress", waiting_on="approve_canon_diff")
    assert (paused.status, paused.waiting_on) == ("in_progress", "approve_canon_diff")

    assert ground.ledger.start("r1", "lighthouse").status == "running"
    with pytest.raises(Conflict, match="other"):
        ground.ledger.start("r1", "other")


def test_run_of_another_tenant_is_not_found(ground):
    ground.ledger.start("r1", "lighthouse")
    with pytest.raises(NotFound, match="no run 'r1'"):
        ground.of("other").ledger.get("r1")
    assert [run.run_id for run in ground.ledger.latest("lighthouse")] == ["r1"]


def test_evict_takes_the_least_recently_used_and_spares_documents_and_the_pinned(ground):
    sizes = {"old": 100, "pinned": 100, "input": 100, "text": 100, "new": 100}
    made = {
        name: ground.commit(
            name,
            name.encode()[:1] * size,
            kind="input" if name == "input" else "video",
            pinned=name == "pinned",
            media_type="application/json" if name == "text" else "video/mp4",
        )["document"]
        for name, size in sizes.items()
    }
    os.utime(ground.blobs.path(made["old"].content_hash), (2e9 - 2, 2e9 - 2))
    os.utime(ground.blobs.path(made["new"].content_hash), (2e9 - 1, 2e9 - 1))
    later = datetime.fromtimestamp(2e9, tz=UTC) + timedelta(days=1)

    gone = evict(ground.database, ground.blobs, limit_bytes=400, now=later, spare_kinds={"input"})

    assert gone.evicted == (made["old"].content_hash,)
    assert (gone.freed_bytes, gone.kept_bytes) == (100, 400)
    all_gone = evict(ground.database, ground.blobs, limit_bytes=0, now=later, spare_kinds={"input"})
    assert (all_gone.evicted, all_gone.kept_bytes) == ((made["new"].content_hash,), 300)
    assert ground.registry.find(fingerprint("old")) == {}
    ground.commit("old", b"o" * 100)
    assert ground.registry.find(fingerprint("old"))["document"] == made["old"]


def test_evict_spares_what_was_used_within_the_grace_time(ground):
    ground.commit("a")
    assert evict(ground.database, ground.blobs, limit_bytes=0, now=datetime.now(tz=UTC)).evicted == ()


def test_sweep_removes_old_orphans_and_no_blob_with_a_row(ground):
    kept = ground.commit("a", b"kept")["document"]
    orphan = ground.blobs.put_bytes(b"orphan")
    now = datetime.now(tz=UTC)

    assert sweep_orphans(ground.database, ground.blobs, older_than_s=3600, now=now) == ()
    swept = sweep_orphans(ground.database, ground.blobs, older_than_s=3600, now=now + timedelta(hours=2))

    assert swept == (orphan.content_hash,)
    assert ground.blobs.read(kept.content_hash) == b"kept"
