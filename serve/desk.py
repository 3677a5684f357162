"""The desk: everything of one store that a command needs, opened together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cluster.redaction import Redactor
from cluster.registry.approvals import ApprovalBook
from cluster.registry.blobs import BlobStore, FolderBlobStore
from cluster.registry.bucket import Bucket
from cluster.registry.bucket_place import BucketPlace
from cluster.registry.database import Database
from cluster.registry.registry import ArtifactRegistry
from cluster.registry.runs import RunLedger
from cluster.registry.s3_blobs import S3BlobStore
from cluster.settings import Settings
from cluster.tenancy.scope import TenantScope
from schemas.errors import Unavailable

CACHE = "cache"
"""Folder of the store for copies of what lies in a bucket; apart from the blobs of a store without one."""


@dataclass(frozen=True)
class Desk:
    """Registry, blobs, ledger and decisions of one scope."""

    settings: Settings
    scope: TenantScope
    database: Database
    blobs: BlobStore
    registry: ArtifactRegistry
    ledger: RunLedger
    approvals: ApprovalBook

    @property
    def scratch(self) -> Path:
        """Where unfinished files lie: on the blobs' file system, so that they are adopted without a copy."""
        return self.settings.store / "scratch"


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """The desk of the settings' own user.

    Raises:
        Unavailable: the store cannot be written, or the database does not answer.
    """
    scope = settings.scope()
    database = opened_database(settings)
    try:
        yield desk_of(settings, scope, database)
    finally:
        database.close()


def opened_database(settings: Settings) -> Database:
    """The database of the settings' store.

    Raises:
        Unavailable: the store cannot be written, or the database does not answer.
    """
    try:
        settings.store.mkdir(parents=True, exist_ok=True)
        return Database.open(settings.registry_url())
    except OSError as exc:
        raise Unavailable(f"the store {str(settings.store)!r} cannot be used: {exc.strerror}") from exc


def blobs_of(settings: Settings, scope: TenantScope) -> BlobStore:
    """Where the bytes of one caller lie.

    Raises:
        InvalidInput: what is told of the bucket does not fit together.
    """
    place = settings.bucket()
    if place is None:
        return FolderBlobStore(settings.store, scope)
    return S3BlobStore(_bucket(place), settings.store / CACHE, scope)


@cache
def _bucket(place: BucketPlace) -> Bucket:
    """One a process, for it keeps connections."""
    return Bucket(place)


def desk_of(settings: Settings, scope: TenantScope, database: Database) -> Desk:
    """The desk of one caller on an open database."""
    blobs = blobs_of(settings, scope)
    return Desk(
        settings=settings,
        scope=scope,
        database=database,
        blobs=blobs,
        registry=ArtifactRegistry(database, blobs, scope, settings.site_id, dev_bypass=settings.dev_bypass),
        ledger=RunLedger(database, scope, settings.site_id, redactor=Redactor(settings.secrets())),
        approvals=ApprovalBook(database, scope, settings.site_id),
    )
