"""What the registry promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cluster.registry.approvals import ApprovalBook
from cluster.registry.blobs import FolderBlobStore
from cluster.registry.database import Database
from cluster.registry.eviction import evict, sweep_orphans
from cluster.registry.records import ArtifactRecord, NewArtifact, ParentLink
from cluster.registry.registry import ArtifactRegistry
from cluster.registry.runs import RunLedger, Work
from cluster.tenancy.scope import TenantScope
from schemas.canonical import fingerprint
from schemas.errors import Conflict, Defect, InvalidInput, NotFound, TenantMismatch

NOON = datetime(2026, 5, 1, 12, 0, 0, 250, tzinfo=UTC)

_TENANTS = itertools.count()

# A forked child must not inherit an open SQLite file; a spawned one takes a second to import. This is neither.
CLEAN = multiprocessing.get_context("forkserver")
CLEAN.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Ground:
    """One tenant's registry, and how to open another on the same ground."""

    url: str
    folder: Path
    database: Database
    scope: TenantScope

    @property
    def blobs(self) -> FolderBlobStore:
        return FolderBlobStore(self.folder, self.scope)

    @property
    def registry(self) -> ArtifactRegistry:
        return ArtifactRegistry(self.database, self.blobs, self.scope, "site-a", clock=lambda: NOON)

    @property
    def ledger(self) -> RunLedger:
        return RunLedger(self.database, self.scope, "site-a", clock=lambda: NOON)

    @property
    def approvals(self) -> ApprovalBook:
        return ApprovalBook(self.database, self.scope, "site-a", clock=lambda: NOON)

    def of(self, tenant: str) -> Ground:
        return Ground(self.url, self.folder, self.database, TenantScope(tenant, self.scope.env))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.sqlite3'}"
    return f"postgresql://postgres@/postgres?host={request.getfixturevalue('postgresql_socket')}"


@pytest.fixture(scope="module")
def shared_database(shared_url: str) -> Iterator[Database]:
    database = Database.open(shared_url)
    yield database
    database.close()


@pytest.fixture
def ground(shared_url: str, shared_database: Database, tmp_path: Path) -> Ground:
    return Ground(shared_url, tmp_path, shared_database, TenantScope(f"t{next(_TENANTS)}", "dev"))


def commit(ground: Ground, identity: str, content: bytes = b"bytes", **given: Any) -> dict[str, ArtifactRecord]:
    """A commit with calm defaults; `names` gives several outputs with the same content."""
    names = given.pop("names", ("document",))
    calm = {"kind": "Script", "media_type": "application/json", "schema_version": "1.0.0", "rights": {}, "meta": {}}
    extra = {key: given.pop(key) for key in list(given) if key in calm or key == "pinned"}
    blob = ground.blobs.put_bytes(content)
    outputs = [NewArtifact(output=name, blob=blob, **{**calm, **extra}) for name in names]
    call = {"stage": "script", "stage_version": "1", "parameters": {}, "parents": (), "backend": {}} | given
    return ground.registry.commit(identity=fingerprint(identity), outputs=outputs, **call)


def test_find_after_commit_gives_the_committed_record(ground):
    stored = commit(
        ground, "a", b"text", parameters={"pace": 1.5, "tags": ["x", None]}, backend={"name": "template"},
        rights={"license_type": "CC0-1.0"}, meta={"note": "grüß \x00"}, origin="external", cost_usd=0.25,
    )["document"]  # fmt: skip

    assert ground.registry.find(fingerprint("a")) == {"document": stored}
    assert stored.parameters == {"pace": 1.5, "tags": ["x", None]}
    assert stored.backend == {"name": "template"}
    assert stored.rights == {"license_type": "CC0-1.0"}
    assert stored.meta == {"note": "grüß \x00"}
    assert (stored.origin, stored.cost_usd, stored.pinned) == ("external", 0.25, True)
    assert (stored.tenant, stored.env, stored.site_id) == (ground.scope.tenant, "dev", "site-a")
    assert stored.created_at == NOON
    assert ground.blobs.read(stored.content_hash) == b"text"


def test_find_of_an_unknown_identity_is_empty(ground):
    assert ground.registry.find(fingerprint("never")) == {}


def test_find_many_leaves_out_what_was_never_committed(ground):
    commit(ground, "a", b"one")
    commit(ground, "b", b"two", names=("left", "right"))

    found = ground.registry.find_many([fingerprint(name) for name in ("a", "never", "b")])

    assert {identity: sorted(records) for identity, records in found.items()} == {
        fingerprint("a"): ["document"],
        fingerprint("b"): ["left", "right"],
    }


def test_find_when_a_blob_is_gone_is_empty_until_it_is_rebuilt(ground):
    first = commit(ground, "a", b"text")
    ground.blobs.discard(first["document"].content_hash)
    assert ground.registry.find(fingerprint("a")) == {}

    assert commit(ground, "a", b"text") == first
    assert ground.registry.find(fingerprint("a")) == first


def test_commit_twice_with_the_same_bytes_keeps_the_first_row(ground):
    first = commit(ground, "a", b"text", parameters={"first": True})

    assert commit(ground, "a", b"text", parameters={"first": False}) == first
    assert len(ground.registry.list()) == 1


def test_commit_twice_with_other_bytes_is_refused_and_recorded(ground):
    first = commit(ground, "a", b"one")["document"]

    with pytest.raises(Defect) as raised:
        commit(ground, "a", b"two")

    other = ground.blobs.put_bytes(b"two").content_hash
    assert first.content_hash in raised.value.message and other in raised.value.message
    assert ground.registry.find(fingerprint("a")) == {"document": first}
    reports = ground.registry.observations("divergence", fingerprint("a"))
    assert [report.payload["hashes"] for report in reports] == [
        {"document": first.content_hash},
        {"document": other},
    ]


def test_commit_twice_with_other_outputs_is_refused(ground):
    commit(ground, "a", names=("left",))

    with pytest.raises(Defect, match="not a pure function"):
        commit(ground, "a", names=("left", "right"))
    assert [record.output for record in ground.registry.list()] == ["left"]


def test_commit_without_bytes_writes_nothing(ground):
    blob = ground.blobs.put_bytes(b"gone")
    ground.blobs.discard(blob.content_hash)
    output = NewArtifact("document", "Script", blob, "application/json", "1.0.0", {})

    with pytest.raises(Defect, match=blob.content_hash):
        ground.registry.commit(
            identity=fingerprint("a"),
            stage="s",
            stage_version="1",
            parameters={},
            parents=(),
            outputs=[output],
            backend={},
        )
    assert ground.registry.list() == ()


def test_commit_with_an_unknown_parent_writes_nothing(ground):
    with pytest.raises(Defect, match="a_nowhere"):
        commit(ground, "a", parents=[ParentLink("a_nowhere", "script")])
    assert ground.registry.list() == ()


def test_commit_with_another_tenants_parent_is_refused(ground):
    foreign = commit(ground.of(f"x{ground.scope.tenant}"), "a")["document"]

    with pytest.raises(Defect, match=foreign.artifact_id):
        commit(ground, "b", parents=[ParentLink(foreign.artifact_id, "script")])


@pytest.mark.parametrize("names", [(), ("same", "same")])
def test_commit_without_distinct_outputs_is_refused(ground, names):
    with pytest.raises(Defect, match="different names"):
        commit(ground, "a", names=names)


def test_commit_of_a_malformed_identity_is_refused(ground):
    blob = ground.blobs.put_bytes(b"x")
    with pytest.raises(Defect, match="'A'"):
        ground.registry.commit(
            identity="A", stage="s", stage_version="1", parameters={}, parents=(), backend={},
            outputs=[NewArtifact("document", "Script", blob, "application/json", "1.0.0", {})],
        )  # fmt: skip


def test_same_identity_in_two_tenants_stays_apart(ground):
    other = ground.of(f"x{ground.scope.tenant}")
    commit(ground, "a", b"ours")
    commit(other, "a", b"theirs")

    ours, theirs = ground.registry.list()[0], other.registry.list()[0]
    assert ours.content_hash != theirs.content_hash
    assert ground.registry.find(fingerprint("a"))["document"].tenant == ground.scope.tenant


def test_resolve_gives_the_record_of_its_uri(ground):
    stored = commit(ground, "a")["document"]
    assert stored.uri == f"artifact://{ground.scope.tenant}/dev/{stored.artifact_id}"
    assert ground.registry.resolve(stored.uri) == ground.registry.get(stored.artifact_id) == stored


def test_resolve_answers_foreign_and_unknown_alike(ground):
    foreign = commit(ground.of(f"x{ground.scope.tenant}"), "a")["document"]
    unknown = foreign.uri.replace(foreign.artifact_id, "a_" + "0" * 32)

    messages = []
    for uri in (foreign.uri, unknown, foreign.uri.replace(foreign.tenant, ground.scope.tenant), "http://x", "a_1"):
        with pytest.raises(NotFound) as raised:
            ground.registry.resolve(uri)
        messages.append(raised.value.message.replace(repr(uri), "URI"))
    assert set(messages) == {"no artifact URI"}
    with pytest.raises(NotFound, match=f"no artifact '{foreign.artifact_id}'"):
        ground.registry.get(foreign.artifact_id)


def test_lineage_of_a_diamond_gives_parents_before_children(ground):
    root = commit(ground, "root", b"r")["document"]
    left = commit(ground, "left", b"l", parents=[ParentLink(root.artifact_id, "script")])["document"]
    right = commit(ground, "right", b"x", parents=[ParentLink(root.artifact_id, "script")])["document"]
    commit(ground, "unrelated", b"u", parents=[ParentLink(root.artifact_id, "script")])
    edges = [ParentLink(right.artifact_id, "picture"), ParentLink(left.artifact_id, "sound")]
    film = commit(ground, "film", b"f", parents=edges)["document"]

    line = ground.registry.lineage(film.artifact_id)

    assert [record.artifact_id for record in line] == [r.artifact_id for r in (root, left, right, film)]
    assert line[-1].parents == tuple(edges)
    assert line[1].parents == (ParentLink(root.artifact_id, "script"),)


def test_lineage_of_a_long_chain_is_complete(ground):
    parents: list[ParentLink] = []
    for number in range(40):
        made = commit(ground, f"{number}", parents=parents)["document"]
        parents = [ParentLink(made.artifact_id, "previous")]
    assert len(ground.registry.lineage(parents[0].artifact_id)) == 40


def test_lineage_of_an_unknown_artifact_is_not_found(ground):
    with pytest.raises(NotFound):
        ground.registry.lineage("a_1")


def test_list_gives_the_newest_of_a_kind_first(ground):
    for number, kind in enumerate(("Script", "video", "Script", "Script")):
        commit(ground, f"{number}", kind=kind)
    assert [record.identity for record in ground.registry.list("Script", limit=2)] == [
        fingerprint("3"),
        fingerprint("2"),
    ]
    assert len(ground.registry.list()) == 4


def test_registry_with_another_tenants_blobs_is_refused(ground):
    with pytest.raises(TenantMismatch):
        ArtifactRegistry(ground.database, ground.of("other").blobs, ground.scope, "site-a")


def test_observe_twice_keeps_the_first_and_records_the_other(ground):
    first = ground.registry.observe("upload", "u1", {"hash": "1"}, "ann")
    repeated = ground.registry.observe("upload", "u1", {"hash": "1"}, "bob")
    differing = ground.registry.observe("upload", "u1", {"hash": "2"}, "bob")

    assert first == repeated == differing
    assert (first.payload, first.actor, first.observed_at) == ({"hash": "1"}, "ann", NOON)
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
    assert (latest.decision, latest.approver_id, latest.notes, latest.decided_at) == ("approved", "local", "seen", NOON)
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
    commit(ground, "sh1", attempt=first)
    ledger.failed(second, InvalidInput("no such font 'X'"))
    done = ledger.finish("r1", "degraded", summary={"shots": 2})

    assert (done.status, done.summary, done.finished_at) == ("degraded", {"shots": 2}, NOON)
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


def test_evict_takes_the_least_recently_used_and_spares_the_pinned(ground):
    sizes = {"old": 100, "pinned": 100, "input": 100, "new": 100}
    made = {
        name: commit(
            ground,
            name,
            name.encode()[:1] * size,
            kind="input" if name == "input" else "video",
            pinned=name == "pinned",
        )["document"]
        for name, size in sizes.items()
    }
    used_at = datetime.now(tz=UTC)
    later = used_at + timedelta(days=1)
    ground.registry.find(fingerprint("new"))

    gone = evict(ground.database, ground.blobs, limit_bytes=300, now=later, spare_kinds={"input"})

    assert gone.evicted == (made["old"].content_hash,)
    assert (gone.freed_bytes, gone.kept_bytes) == (100, 300)
    all_gone = evict(ground.database, ground.blobs, limit_bytes=0, now=later, spare_kinds={"input"})
    assert (all_gone.evicted, all_gone.kept_bytes) == ((made["new"].content_hash,), 200)
    assert ground.registry.find(fingerprint("old")) == {}
    commit(ground, "old", b"o" * 100)
    assert ground.registry.find(fingerprint("old"))["document"] == made["old"]


def test_evict_spares_what_was_used_within_the_grace_time(ground):
    commit(ground, "a")
    assert evict(ground.database, ground.blobs, limit_bytes=0, now=datetime.now(tz=UTC)).evicted == ()


def test_sweep_removes_old_orphans_and_no_blob_with_a_row(ground):
    kept = commit(ground, "a", b"kept")["document"]
    orphan = ground.blobs.put_bytes(b"orphan")
    now = datetime.now(tz=UTC)

    assert sweep_orphans(ground.database, ground.blobs, older_than_s=3600, now=now) == ()
    swept = sweep_orphans(ground.database, ground.blobs, older_than_s=3600, now=now + timedelta(hours=2))

    assert swept == (orphan.content_hash,)
    assert ground.blobs.read(kept.content_hash) == b"kept"


def _commit_in_child(url: str, folder: Path, scope: TenantScope, barrier: Any, content: bytes, results: Any) -> None:
    database = Database.open(url)
    ground = Ground(url, folder, database, scope)
    for number in range(20):
        barrier.wait(30)
        try:
            stored = commit(ground, f"race {number}", content, names=("a", "b"))
            results.put((number, sorted(record.content_hash for record in stored.values())))
        except Defect:
            results.put((number, "diverged"))
    database.close()


@pytest.mark.parametrize("contents", [(b"same", b"same"), (b"one", b"two")])
def test_two_processes_committing_one_identity_leave_one_result(ground, contents):
    barrier, results = CLEAN.Barrier(2), CLEAN.Queue()
    children = [
        CLEAN.Process(
            target=_commit_in_child, args=(ground.url, ground.folder, ground.scope, barrier, content, results)
        )
        for content in contents
    ]
    for child in children:
        child.start()
    answers = [results.get(timeout=60) for _ in range(40)]
    for child in children:
        child.join(30)

    assert [child.exitcode for child in children] == [0, 0]
    assert len(ground.registry.list()) == 40
    diverged = [number for number, answer in answers if answer == "diverged"]
    if contents[0] == contents[1]:
        assert diverged == []
        assert len({tuple(answer) for _, answer in answers}) == 1
    else:
        assert sorted(diverged) == list(range(20))
        assert all(len(ground.registry.observations("divergence", fingerprint(f"race {n}"))) == 2 for n in range(20))


def _open_in_child(url: str, barrier: Any) -> None:
    barrier.wait(30)
    Database.open(url).close()


def test_processes_that_open_a_new_database_at_once_all_succeed(shared_url, tmp_path, request):
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    if shared_url.startswith("postgresql"):
        make: Callable[[], str] = request.getfixturevalue("new_postgresql_url")
        url = make()
    barrier = CLEAN.Barrier(4)
    children = [CLEAN.Process(target=_open_in_child, args=(url, barrier)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0, 0, 0]
