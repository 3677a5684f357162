"""A copy of a store with SQLite that can be made while everything runs, and can be opened as a store itself.

Rows first, then bytes: a row is written after its bytes, so whatever the snapshot's rows name is in the store when the
bytes are copied, unless it was let go, and that is made again. Bytes never change under their name, so the next backup
into the same folder copies what is new.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from cluster.registry.blobs import BlobStore, FolderBlobStore
from cluster.registry.database import Database
from cluster.registry.tables import artifact
from cluster.tenancy.scope import TenantScope
from schemas.errors import Conflict, Defect, InvalidInput, NotFound

REGISTRY = "registry.sqlite3"
"""The rows, in a store and in its backup."""

BlobsOf = Callable[[TenantScope], BlobStore]
"""Where the bytes of a scope lie."""


@dataclass(frozen=True)
class Backup:
    """What a backup did."""

    copied: int
    """Files whose bytes were not in the backup before."""

    copied_bytes: int
    kept: int
    """Files that were in it already."""

    damaged: tuple[str, ...]
    """Content hashes whose bytes in the store are others by now. They were not copied; an older copy stays."""


def back_up(database: Database, blobs_of: BlobsOf, store: Path, folder: Path) -> Backup:
    """The rows of an SQLite database and all its blobs, in `folder`, which another backup may lie in.

    Signing secrets and callback addresses are in it sealed, and the keys that open them are not.

    Raises:
        InvalidInput: `folder` and `store` lie in one another, or the database is PostgreSQL.
        Conflict: another backup is being made into this folder, or it is in use as a store.
        Unavailable: the disk gave up, or the bucket that has the bytes.
    """
    folder, store = folder.absolute(), store.absolute()
    if folder.resolve().is_relative_to(store.resolve()) or store.resolve().is_relative_to(folder.resolve()):
        raise InvalidInput(f"a backup lies outside its store, got {str(folder)!r} for {str(store)!r}")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise Conflict(f"another backup into {str(folder)!r} is under way") from exc
        if (folder / f"{REGISTRY}-wal").exists():  # it would be taken for a part of the rows that come
            raise Conflict(f"{str(folder)!r} is in use as a store: take another folder")
        return _copy_all(database, blobs_of, folder)


def _copy_all(database: Database, blobs_of: BlobsOf, folder: Path) -> Backup:
    part = folder / f"{REGISTRY}.part"
    part.unlink(missing_ok=True)
    database.snapshot(part)
    copied = copied_bytes = kept = 0
    damaged = []
    for scope in _scopes(database):
        source, target = blobs_of(scope), FolderBlobStore(folder, scope)
        for use in source.uses():
            if target.has(use.content_hash, use.size_bytes):
                kept += 1
                continue
            try:
                stored = target.put_file(source.path(use.content_hash))
            except (NotFound, FileNotFoundError):  # let go meanwhile
                continue
            except Defect:  # a bucket's bytes are checked before there is a file of them
                damaged.append(use.content_hash)
                continue
            if stored.content_hash != use.content_hash:
                target.discard(stored.content_hash)
                damaged.append(use.content_hash)
                continue
            copied, copied_bytes = copied + 1, copied_bytes + stored.size_bytes
    part.replace(folder / REGISTRY)  # last: until then the rows of the backup before stand with all their bytes
    return Backup(copied, copied_bytes, kept, tuple(sorted(damaged)))


def _scopes(database: Database) -> list[TenantScope]:
    query = select(artifact.c.tenant, artifact.c.env).distinct().order_by(artifact.c.tenant, artifact.c.env)
    with database.read() as connection:
        return [TenantScope(row.tenant, row.env) for row in connection.execute(query)]
