"""`reelwright backup`: a copy that opens as a store and answers with the same bytes."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cluster.registry.backup import REGISTRY, back_up
from cluster.registry.blobs import FolderBlobStore
from cluster.registry.records import NewArtifact
from cluster.settings import Settings
from cluster.tenancy.scope import TenantScope
from schemas.canonical import sha256_hex
from schemas.errors import Conflict, Defect, InvalidInput
from serve.cli import app
from serve.desk import Desk, desk_of, open_desk, opened_database

SCOPES = (TenantScope("t_local", "dev"), TenantScope("t2", "prod"))


def commit(desk: Desk, name: str) -> str:
    """An artifact with bytes of its own; its id."""
    blob = desk.blobs.put_bytes(name.encode())
    output = NewArtifact("result", "film", blob, "video/mp4", "1.0.0", rights={}, meta={})
    committed = desk.registry.commit(
        identity=sha256_hex(name.encode()), stage="film", stage_version="1", parameters={}, parents=[],
        outputs=[output], backend={}, attempt=None,
    )  # fmt: skip
    return committed["result"].artifact_id


def bytes_of(store: Path, scope: TenantScope, artifact_id: str) -> bytes:
    database = opened_database(settings := Settings.load(store=store))
    try:
        desk = desk_of(settings, scope, database)
        return desk.blobs.read(desk.registry.get(artifact_id).content_hash)
    finally:
        database.close()


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_backup_opens_as_a_store_of_every_tenant_and_the_next_one_copies_what_is_new(store, tmp_path):
    settings, folder = Settings.load(store=store), tmp_path / "backup"
    database = opened_database(settings)
    made = {scope: commit(desk_of(settings, scope, database), f"one of {scope.tenant}") for scope in SCOPES}
    assert "2 files copied" in run("backup", str(folder), "--store", str(store))
    for scope, artifact_id in made.items():
        assert bytes_of(folder, scope, artifact_id) == f"one of {scope.tenant}".encode()
    later = commit(desk_of(settings, SCOPES[0], database), "two")
    assert "1 files copied, 0.000 GB; 2 were there already" in run("backup", str(folder), "--store", str(store))
    assert bytes_of(folder, SCOPES[0], later) == b"two"
    database.close()


def test_backup_under_way_holds_every_row_with_its_bytes(store, tmp_path):
    """Artifacts are committed all the while: whatever the snapshot names, it has."""
    stop, folder = threading.Event(), tmp_path / "backup"
    settings = Settings.load(store=store)
    database = opened_database(settings)
    desk = desk_of(settings, SCOPES[0], database)

    def work() -> None:
        number = 0
        while not stop.is_set():
            commit(desk, f"number {number}")
            number += 1

    commit(desk, "the first")
    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(3):
            back_up(database, partial(FolderBlobStore, store), store, folder)
    finally:
        stop.set()
        thread.join()
    with open_desk(Settings.load(store=folder)) as copy:
        records = copy.registry.list(limit=100_000)
        assert len(records) > 3
        assert all(copy.blobs.is_whole(record.content_hash) for record in records)
    database.close()


def test_damaged_bytes_are_told_and_do_not_replace_an_older_copy(store, tmp_path):
    folder = tmp_path / "backup"
    settings = Settings.load(store=store)
    database = opened_database(settings)
    desk = desk_of(settings, SCOPES[0], database)
    kept, lost = commit(desk, "kept"), commit(desk, "lost!")
    back_up(database, partial(FolderBlobStore, store), store, folder)
    FolderBlobStore(folder, SCOPES[0]).discard(desk.registry.get(lost).content_hash)
    for artifact_id in (kept, lost):
        path = desk.blobs.path(desk.registry.get(artifact_id).content_hash)
        path.chmod(0o644)
        path.write_bytes(b"x" * path.stat().st_size)
    database.close()
    with pytest.raises(Defect, match="1 files of the store are damaged"):
        run("backup", str(folder), "--store", str(store))
    assert bytes_of(folder, SCOPES[0], kept) == b"kept"


def test_sealing_keys_stay_out(store, tmp_path):
    run("secret", "rotate", "--tenant", "t1", "--store", str(store))
    said = run("backup", str(tmp_path / "backup"), "--store", str(store))
    assert "sealing.keys" in said and not list((tmp_path / "backup").rglob("sealing.keys*"))


@pytest.mark.parametrize("where", ["store/inside", "."])
def test_backup_and_store_do_not_lie_in_one_another(store, tmp_path, where):
    with pytest.raises(InvalidInput, match="lies outside"):
        run("backup", str(tmp_path / where), "--store", str(store))


def test_backup_into_a_folder_in_use_is_refused(store, tmp_path):
    folder = tmp_path / "backup"
    with open_desk(Settings.load(store=folder)) as other:
        commit(other, "theirs")
        with pytest.raises(Conflict, match="in use as a store"):
            run("backup", str(folder), "--store", str(store))
    with open_desk(Settings.load(store=folder)) as other:
        assert len(other.registry.list()) == 1
    assert (folder / REGISTRY).exists()


def test_rows_in_postgresql_are_left_to_its_own_tool(store, tmp_path, monkeypatch):
    database = opened_database(Settings.load(store=store))
    monkeypatch.setattr(database._engine.dialect, "name", "postgresql")
    with pytest.raises(InvalidInput, match="pg_dump"):
        back_up(database, partial(FolderBlobStore, store), store, tmp_path / "backup")
    database.close()
