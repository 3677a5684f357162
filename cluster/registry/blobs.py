"""Bytes under their own hash: what a store of them promises, and one in a folder. One in S3 is `s3_blobs`.

    {store}/tenants/{tenant}/{env}/blobs/incoming/…              being written; swept after a crash
    {store}/tenants/{tenant}/{env}/blobs/sha256/ab/cdef0123…     complete, synced, read-only, never rewritten

A blob appears in one step: write a temporary file, sync it, link it under its name without overwriting, sync the
folder. So whoever sees the name sees all the bytes, also after a power cut. The modification time of a blob is its
last use.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from cluster.registry.records import StoredBlob, check_content_hash
from cluster.tenancy.scope import TenantScope
from schemas.canonical import sha256_hex
from schemas.errors import Defect, NotFound, Unavailable

Reached = Callable[[str], None]
"""Told the name of each point at which a crash matters; tests die there."""

_CHUNK_BYTES = 1 << 20

_READ_ONLY = 0o444

_CANNOT_LINK = (errno.EXDEV, errno.EPERM, errno.EMLINK)
"""Another file system, another owner's file, or too many names already."""

_DISK_GAVE_UP = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)


def pass_by(_point: str) -> None:
    """Go on: what production does at a crash point."""


class Beyond(Protocol):
    """Where bytes must lie too before a folder calls them stored."""

    def holds(self, blob: StoredBlob) -> bool:
        """Whether they lie there for good."""
        ...

    def take(self, complete: Path, blob: StoredBlob) -> None:
        """Take them from a file that nobody writes to; they lie there for good when this returns."""
        ...


class Nowhere:
    """The folder is all there is."""

    def holds(self, blob: StoredBlob) -> bool:
        """Whether they lie there for good."""
        return True

    def take(self, complete: Path, blob: StoredBlob) -> None:
        """Nothing to do."""


@dataclass(frozen=True)
class BlobUse:
    """One stored blob as eviction sees it."""

    content_hash: str
    size_bytes: int
    last_used_s: float
    """Seconds since 1970."""


class BlobStore(Protocol):
    """Where the bytes of one tenant's environment lie."""

    @property
    def scope(self) -> TenantScope:
        """Whose bytes these are."""
        ...

    def put_bytes(self, content: bytes) -> StoredBlob:
        """`content`, stored for good when this returns. Storing again changes nothing."""
        ...

    def put_file(self, path: Path, *, adopt: bool = False) -> StoredBlob:
        """The bytes of the file at `path`, stored for good when this returns."""
        ...

    def path(self, content_hash: str) -> Path:
        """The file that holds these bytes, for reading only. Raises NotFound when they are not here."""
        ...

    def read(self, content_hash: str) -> bytes:
        """The bytes, checked against their hash. Raises NotFound, or Defect when they are torn."""
        ...

    def has(self, content_hash: str, size_bytes: int) -> bool:
        """Whether the bytes are here, complete; counts as a use."""
        ...

    def is_whole(self, content_hash: str) -> bool:
        """Whether the bytes are here and hash to their name; reads all of them."""
        ...

    def discard(self, content_hash: str) -> None:
        """Forget these bytes; nothing happens when they are not here."""
        ...

    def uses(self) -> Iterator[BlobUse]:
        """Every stored blob, in no order."""
        ...

    def sweep_orphans(self, *, referenced: Container[str], older_than_s: float, now_s: float) -> tuple[str, ...]:
        """Remove what crashes left behind, and name it."""
        ...


class FolderBlobStore:
    """Blobs in a local folder; the folder may be shared by any number of processes."""

    def __init__(
        self, store: Path, scope: TenantScope, reached: Reached = pass_by, beyond: Beyond | None = None
    ) -> None:
        self._store = store
        self._scope = scope
        self._reached = reached
        self._beyond = beyond or Nowhere()
        self._incoming = store / scope.folder / "blobs" / "incoming"
        self._blobs = store / scope.folder / "blobs" / "sha256"
        self._safe_folders: set[Path] = set()

    @property
    def scope(self) -> TenantScope:
        """Whose bytes these are."""
        return self._scope

    def put_bytes(self, content: bytes) -> StoredBlob:
        """`content`, stored for good when this returns. Storing again changes nothing."""
        blob = StoredBlob(sha256_hex(content), len(content))
        with self._disk_errors():
            if not self._settled(blob):
                with self._temporary() as (temporary, stream):
                    stream.write(content)
                    self._sync(stream)
                    self._keep(temporary, blob)
        return blob

    def put_file(self, path: Path, *, adopt: bool = False) -> StoredBlob:
        """The bytes of the file at `path`, stored for good when this returns.

        With `adopt` the file itself becomes the blob where the file systems allow it: nothing is copied, the file turns
        read-only, and nobody may write to it again. Without, the bytes are copied, so that a user who edits his file
        later does not edit the store.
        """
        with self._disk_errors():
            return self._adopt(path) if adopt else self._copy(path)

    def receive(self, content_hash: str, chunks: Iterable[bytes]) -> Path:
        """The file of bytes that come from elsewhere, linked only when they hash to `content_hash`.

        Raises:
            Defect: they do not.
        """
        target, digest, size_bytes = self._path(content_hash), hashlib.sha256(), 0
        with self._disk_errors(), self._temporary() as (temporary, stream):
            for chunk in chunks:
                digest.update(chunk)
                size_bytes += stream.write(chunk)
            if digest.hexdigest() != content_hash:
                raise Defect(f"blob {content_hash!r} came as {size_bytes} bytes that hash to {digest.hexdigest()!r}")
            self._sync(stream)
            self._link(temporary, StoredBlob(content_hash, size_bytes))
        return target

    def path(self, content_hash: str) -> Path:
        """The file that holds these bytes, for reading only.

        Raises:
            NotFound: they are not here (evicted, or never stored).
        """
        path = self._path(content_hash)
        if not path.exists():
            raise NotFound(f"no bytes {content_hash!r} in the store of {self._scope.tenant!r}")
        return path

    def read(self, content_hash: str) -> bytes:
        """The bytes, checked against their hash.

        Raises:
            NotFound: they are not here.
            Defect: the file holds something else; discard it, and the stage that made it runs again.
        """
        content = self.path(content_hash).read_bytes()
        if sha256_hex(content) != content_hash:
            raise Defect(f"blob {content_hash!r} is torn: its {len(content)} bytes hash to {sha256_hex(content)!r}")
        return content

    def has(self, content_hash: str, size_bytes: int) -> bool:
        """Whether the bytes are here, complete; counts as a use. Two system calls, the content is not read."""
        path = self._path(content_hash)
        try:
            if path.stat().st_size != size_bytes:
                return False
            os.utime(path)
        except FileNotFoundError:
            return False
        return True

    def is_whole(self, content_hash: str) -> bool:
        """Whether the bytes are here and hash to their name; reads all of them, in flat memory."""
        try:
            with self._path(content_hash).open("rb") as file:
                return _hash_through(file, None).content_hash == content_hash
        except FileNotFoundError:
            return False

    def discard(self, content_hash: str) -> None:
        """Forget these bytes; nothing happens when they are not here."""
        self._path(content_hash).unlink(missing_ok=True)

    def uses(self) -> Iterator[BlobUse]:
        """Every stored blob, in no order."""
        for path in self._blobs.glob("??/*"):
            try:
                stat = path.stat()
            except FileNotFoundError:  # evicted by another process meanwhile
                continue
            yield BlobUse(path.parent.name + path.name, stat.st_size, stat.st_mtime)

    def sweep_orphans(self, *, referenced: Container[str], older_than_s: float, now_s: float) -> tuple[str, ...]:
        """Remove temporary files, and blobs outside `referenced`, that nobody touched for `older_than_s`.

        Young ones may belong to a run that is about to write its row.
        """
        swept = list(self.sweep_temporary(older_than_s=older_than_s, now_s=now_s))
        for use in self.uses():
            if use.content_hash not in referenced and now_s - use.last_used_s > older_than_s:
                self.discard(use.content_hash)
                swept.append(use.content_hash)
        return tuple(sorted(swept))

    def sweep_temporary(self, *, older_than_s: float, now_s: float) -> Iterator[str]:
        """Remove temporary files that nobody wrote to for `older_than_s`; gives the name of each."""
        for path in self._incoming.glob("*"):
            if now_s - path.stat().st_mtime > older_than_s:
                path.unlink(missing_ok=True)
                yield path.name

    def _copy(self, path: Path) -> StoredBlob:
        with path.open("rb") as source, self._temporary() as (temporary, stream):
            blob = _hash_through(source, stream)
            if not self._settled(blob):
                self._sync(stream)
                self._keep(temporary, blob)
        return blob

    def _adopt(self, path: Path) -> StoredBlob:
        with path.open("rb") as source:
            blob = _hash_through(source, None)
            if self._settled(blob):
                return blob
            os.fsync(source.fileno())
        try:
            path.chmod(_READ_ONLY)
            self._keep(path, blob)
        except OSError as exc:
            if exc.errno not in _CANNOT_LINK:
                raise
            return self._copy(path)
        return blob

    def _path(self, content_hash: str) -> Path:
        check_content_hash(content_hash)
        return self._blobs / content_hash[:2] / content_hash[2:]

    def _settled(self, blob: StoredBlob) -> bool:
        """Whether the blob is here already. Its folder is synced, since whoever linked it may have died before that."""
        if not self.has(blob.content_hash, blob.size_bytes) or not self._beyond.holds(blob):
            return False
        folder = self._path(blob.content_hash).parent
        self._make_safe(folder)
        _sync_folder(folder)
        return True

    def _keep(self, complete: Path, blob: StoredBlob) -> None:
        self._beyond.take(complete, blob)
        self._link(complete, blob)

    @contextmanager
    def _temporary(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file beside the blobs, gone afterwards: by then it is linked under its hash, or of no use."""
        self._make_safe(self._incoming)
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                os.fchmod(descriptor, _READ_ONLY)
                yield Path(name), stream
        finally:
            Path(name).unlink(missing_ok=True)

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            if exc.errno in _DISK_GAVE_UP:
                raise Unavailable(f"the store below {str(self._blobs)!r} cannot be written: {exc.strerror}") from exc
            raise

    def _sync(self, stream: BinaryIO) -> None:
        stream.flush()
        self._reached("temp_written")
        os.fsync(stream.fileno())
        self._reached("temp_synced")

    def _link(self, complete: Path, blob: StoredBlob) -> None:
        target = self._path(blob.content_hash)
        self._make_safe(target.parent)
        try:
            os.link(complete, target)
        except FileExistsError:
            # Somebody else was first with the same bytes, unless the disk has torn them since: then ours take over.
            if target.stat().st_size != blob.size_bytes:
                self._make_safe(self._incoming)
                whole = self._incoming / f"{blob.content_hash}.{os.getpid()}"
                os.link(complete, whole)
                whole.replace(target)
        self._reached("linked")
        _sync_folder(target.parent)
        self._reached("folder_synced")

    def _make_safe(self, folder: Path) -> None:
        """Make `folder` and sync its name, and those above it, once per process.

        Also when it exists: another process may have made it and died before the sync.
        """
        if folder in self._safe_folders:
            return
        folder.mkdir(parents=True, exist_ok=True)
        if folder != self._store:
            self._make_safe(folder.parent)
        _sync_folder(folder.parent)
        self._safe_folders.add(folder)


def _hash_through(source: BinaryIO, copy: BinaryIO | None) -> StoredBlob:
    digest, size_bytes = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        size_bytes += len(chunk)
        if copy is not None:
            copy.write(chunk)
    return StoredBlob(digest.hexdigest(), size_bytes)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
