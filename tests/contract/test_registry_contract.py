"""What the artifact registry promises, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import pytest

from cluster.registry.records import NewArtifact, ParentLink
from cluster.registry.registry import ArtifactRegistry
from schemas.canonical import fingerprint
from schemas.errors import Defect, NotFound, TenantMismatch


def test_find_after_commit_gives_the_committed_record(ground):
    stored = ground.commit("a", b"text", parameters={"pace": 1.5, "tags": ["x", None]}, backend={"name": "template"},
        rights={"license_type": "CC0-1.0"}, meta={"note": "grüß \x00"}, origin="external", cost_usd=0.25,
    )["document"]  # fmt: skip

    assert ground.registry.find(fingerprint("a")) == {"document": stored}
    assert stored.parameters == {"pace": 1.5, "tags": ["x", None]}
    assert stored.backend == {"name": "template"}
    assert stored.rights == {"license_type": "CC0-1.0"}
    assert stored.meta == {"note": "grüß \x00"}
    assert (stored.origin, stored.cost_usd, stored.pinned) == ("external", 0.25, True)
    assert (stored.tenant, stored.env, stored.site_id) == (ground.scope.tenant, "dev", "site-a")
    assert stored.created_at == ground.noon
    assert ground.blobs.read(stored.content_hash) == b"text"


def test_find_of_an_unknown_identity_is_empty(ground):
    assert ground.registry.find(fingerprint("never")) == {}


def test_find_many_leaves_out_what_was_never_committed(ground):
    ground.commit("a", b"one")
    ground.commit("b", b"two", names=("left", "right"))

    found = ground.registry.find_many([fingerprint(name) for name in ("a", "never", "b")])

    assert {identity: sorted(records) for identity, records in found.items()} == {
        fingerprint("a"): ["document"],
        fingerprint("b"): ["left", "right"],
    }


def test_find_when_a_blob_is_gone_is_empty_until_it_is_rebuilt(ground):
    first = ground.commit("a", b"text")
    ground.blobs.discard(first["document"].content_hash)
    assert ground.registry.find(fingerprint("a")) == {}

    assert ground.commit("a", b"text") == first
    assert ground.registry.find(fingerprint("a")) == first


def test_commit_twice_with_the_same_bytes_keeps_the_first_row(ground):
    first = ground.commit("a", b"text", parameters={"first": True})

    assert ground.commit("a", b"text", parameters={"first": False}) == first
    assert len(ground.registry.list()) == 1


def test_commit_twice_with_other_bytes_is_refused_and_recorded(ground):
    first = ground.commit("a", b"one")["document"]

    with pytest.raises(Defect) as raised:
        ground.commit("a", b"two")

    other = ground.blobs.put_bytes(b"two").content_hash
    assert first.content_hash in raised.value.message and other in raised.value.message
    assert ground.registry.find(fingerprint("a")) == {"document": first}
    reports = ground.registry.observations("divergence", fingerprint("a"))
    assert [report.payload["hashes"] for report in reports] == [
        {"document": first.content_hash},
        {"document": other},
    ]


def test_commit_twice_with_other_outputs_is_refused(ground):
    ground.commit("a", names=("left",))

    with pytest.raises(Defect, match="not a pure function"):
        ground.commit("a", names=("left", "right"))
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
        ground.commit("a", parents=[ParentLink("a_nowhere", "script")])
    assert ground.registry.list() == ()


def test_commit_with_another_tenants_parent_is_refused(ground):
    foreign = ground.of(f"x{ground.scope.tenant}").commit("a")["document"]

    with pytest.raises(Defect, match=foreign.artifact_id):
        ground.commit("b", parents=[ParentLink(foreign.artifact_id, "script")])


@pytest.mark.parametrize("names", [(), ("same", "same")])
def test_commit_without_distinct_outputs_is_refused(ground, names):
    with pytest.raises(Defect, match="different names"):
        ground.commit("a", names=names)


def test_commit_of_a_malformed_identity_is_refused(ground):
    blob = ground.blobs.put_bytes(b"x")
    with pytest.raises(Defect, match="'A'"):
        ground.registry.commit(
            identity="A", stage="s", stage_version="1", parameters={}, parents=(), backend={},
            outputs=[NewArtifact("document", "Script", blob, "application/json", "1.0.0", {})],
        )  # fmt: skip


def test_same_identity_in_two_tenants_stays_apart(ground):
    other = ground.of(f"x{ground.scope.tenant}")
    ground.commit("a", b"ours")
    other.commit("a", b"theirs")

    ours, theirs = ground.registry.list()[0], other.registry.list()[0]
    assert ours.content_hash != theirs.content_hash
    assert ground.registry.find(fingerprint("a"))["document"].tenant == ground.scope.tenant


def test_resolve_gives_the_record_of_its_uri(ground):
    stored = ground.commit("a")["document"]
    assert stored.uri == f"artifact://{ground.scope.tenant}/dev/{stored.artifact_id}"
    assert ground.registry.resolve(stored.uri) == ground.registry.get(stored.artifact_id) == stored


def test_resolve_answers_foreign_and_unknown_alike(ground):
    foreign = ground.of(f"x{ground.scope.tenant}").commit("a")["document"]
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
    root = ground.commit("root", b"r")["document"]
    left = ground.commit("left", b"l", parents=[ParentLink(root.artifact_id, "script")])["document"]
    right = ground.commit("right", b"x", parents=[ParentLink(root.artifact_id, "script")])["document"]
    ground.commit("unrelated", b"u", parents=[ParentLink(root.artifact_id, "script")])
    edges = [ParentLink(right.artifact_id, "picture"), ParentLink(left.artifact_id, "sound")]
    film = ground.commit("film", b"f", parents=edges)["document"]

    line = ground.registry.lineage(film.artifact_id)

    assert [record.artifact_id for record in line] == [r.artifact_id for r in (root, left, right, film)]
    assert line[-1].parents == tuple(edges)
    assert line[1].parents == (ParentLink(root.artifact_id, "script"),)


def test_lineage_of_a_long_chain_is_complete(ground):
    parents: list[ParentLink] = []
    for number in range(40):
        made = ground.commit(f"{number}", parents=parents)["document"]
        parents = [ParentLink(made.artifact_id, "previous")]
    assert len(ground.registry.lineage(parents[0].artifact_id)) == 40


def test_lineage_of_an_unknown_artifact_is_not_found(ground):
    with pytest.raises(NotFound):
        ground.registry.lineage("a_1")


def test_list_gives_the_newest_of_a_kind_first(ground):
    for number, kind in enumerate(("Script", "video", "Script", "Script")):
        ground.commit(f"{number}", kind=kind)
    assert [record.identity for record in ground.registry.list("Script", limit=2)] == [
        fingerprint("3"),
        fingerprint("2"),
    ]
    assert len(ground.registry.list()) == 4


def test_newest_naming_finds_the_newest_whose_list_has_the_whole_name(ground):
    def store(number, kind="timeline", **meta):
        return ground.commit(f"{number}", kind=kind, meta=meta)["document"]

    def newest(name):
        found = ground.registry.newest_naming("timeline", "clip_ids", name)
        return found and found.artifact_id

    first = store(1, clip_ids=["a_b", "a", "c%"])
    second = store(2, clip_ids=["aXb", "A"], title="a_b")
    store(3, clip_ids=["q"], other=["a"])
    store(4, kind="Script", clip_ids=["a"])
    ground.of(f"x{ground.scope.tenant}").commit("5", kind="timeline", meta={"clip_ids": ["a", "theirs"]})
    assert [newest(name) for name in ("a", "a_b", "c%", "aXb", "A")] == [
        *[first.artifact_id] * 3,
        *[second.artifact_id] * 2,
    ]
    assert [newest(name) for name in ("b", "a_", "%", "clip_ids", "theirs", "", '"', "x\\", "\0")] == [None] * 9
    third = store(6, clip_ids=["a"])
    assert newest("a") == third.artifact_id


def test_registry_with_another_tenants_blobs_is_refused(ground):
    with pytest.raises(TenantMismatch):
        ArtifactRegistry(ground.database, ground.of("other").blobs, ground.scope, "site-a")
