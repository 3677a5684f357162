"""What the registry promises to processes that come at the same moment, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cluster.registry.blobs import FolderBlobStore
from cluster.registry.database import Database
from cluster.registry.records import NewArtifact
from cluster.registry.registry import ArtifactRegistry
from cluster.tenancy.scope import TenantScope
from schemas.canonical import fingerprint
from schemas.errors import Defect

# A forked child must not inherit an open SQLite file; a spawned one takes a second to import. This is neither.
CLEAN = multiprocessing.get_context("forkserver")
CLEAN.set_forkserver_preload([__name__])


def _commit_in_child(url: str, folder: Path, scope: TenantScope, barrier: Any, content: bytes, results: Any) -> None:
    database = Database.open(url)
    blobs = FolderBlobStore(folder, scope)
    registry = ArtifactRegistry(database, blobs, scope, "site-a")
    blob = blobs.put_bytes(content)
    outputs = [NewArtifact(name, "Script", blob, "application/json", "1.0.0", {}) for name in ("a", "b")]
    for number in range(20):
        barrier.wait(30)
        try:
            stored = registry.commit(
                identity=fingerprint(number), stage="script", stage_version="1", parameters={}, parents=(),
                outputs=outputs, backend={},
            )  # fmt: skip
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
    assert len(ground.registry.list(limit=100)) == 40
    diverged = [number for number, answer in answers if answer == "diverged"]
    if contents[0] == contents[1]:
        assert diverged == []
        assert len({tuple(answer) for _, answer in answers}) == 1
    else:
        assert sorted(diverged) == list(range(20))
        assert all(len(ground.registry.observations("divergence", fingerprint(n))) == 2 for n in range(20))


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
