"""Bytes under their own hash, in a bucket of an S3 store, with a folder before it.

    s3://{bucket}/{prefix}tenants/{tenant}/{env}/blobs/sha256/ab/cdef0123…    what is stored
    {cache}/tenants/{tenant}/{env}/blobs/sha256/ab/cdef0123…                  copies, since callers need files

Bytes are called stored when the bucket has them, and they get their name in the cache after that: what is in the cache
was in the bucket. The cache may be emptied at any time; what is asked for next is fetched, and gets its name when all
of it has come and hashes to it. `discard` takes bytes out of the bucket; out of the cache alone, `trim_cache`.

Killed between upload and row, a process leaves an object that no row names. It is harmless, the same work finds it
again, and `sweep_orphans` takes it a day later. For that, bytes that are stored again are written again when the object
is old: a row that is about to name them must not find them swept. Parts of an upload that was killed are for a
lifecycle rule of the bucket.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from cluster.registry.blobs import BlobUse, FolderBlobStore, Reached, pass_by
from cluster.registry.bucket import Bucket
from cluster.registry.eviction import GRACE_S, choose
from cluster.registry.records import StoredBlob, check_content_hash
from cluster.tenancy.scope import TenantScope
from schemas.canonical import sha256_hex
from schemas.errors import Defect, NotFound

YOUNG_S = 12 * 3600
"""An object of this age is written again when its bytes are stored again: half of what `tidy` leaves to an orphan."""

_FETCHES = 2
"""Bytes that came wrong are asked for once more: the way, not the bucket, may have torn them."""


class S3BlobStore:
    """Blobs of one tenant's environment in a bucket. The cache may be shared by any number of processes."""

    def __init__(
        self,
        bucket: Bucket,
        cache: Path,
        scope: TenantScope,
        reached: Reached = pass_by,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bucket = bucket
        self._cache = FolderBlobStore(cache, scope, reached, beyond=self)
        self._reached = reached
        self._clock = clock
        self._folder = f"{scope.folder}/blobs/sha256/"

    @property
    def scope(self) -> TenantScope:
        """Whose bytes these are."""
        return self._cache.scope

    def put_bytes(self, content: bytes) -> StoredBlob:
        """`content`, in the bucket for good when this returns. Storing again changes nothing but the object's age.

        Raises:
            Unavailable: the bucket does not take it, or the disk is full.
        """
        return self._cache.put_bytes(content)

    def put_file(self, path: Path, *, adopt: bool = False) -> StoredBlob:
        """The bytes of the file at `path`, in the bucket for good when this returns.

        Raises:
            Unavailable: the bucket does not take it, or the disk is full.
        """
        return self._cache.put_file(path, adopt=adopt)

    def holds(self, blob: StoredBlob) -> bool:
        """Whether the bucket has these bytes and no sweep is near."""
        found = self._bucket.find(self._key(blob.content_hash))
        return found is not None and found.size_bytes == blob.size_bytes and self._clock() - found.modified_s < YOUNG_S

    def take(self, complete: Path, blob: StoredBlob) -> None:
        """The bytes of a complete file into the bucket, unless they are there. What else has their key goes."""
        if self.holds(blob):
            return
        key = self._key(blob.content_hash)
        self._bucket.put_file(key, complete, blob.size_bytes, create=self._bucket.find(key) is None)
        self._reached("uploaded")

    def path(self, content_hash: str) -> Path:
        """A file that holds these bytes, for reading only; fetched when it is not in the cache. Counts as a use.

        Raises:
            NotFound: the bucket has none (evicted, or never stored).
            Defect: the bucket has others in their place.
            Unavailable: the bucket does not answer, or the disk is full.
        """
        try:
            path = self._cache.path(content_hash)
            os.utime(path)
        except (NotFound, FileNotFoundError):
            return self._fetch(content_hash)
        return path

    def read(self, content_hash: str) -> bytes:
        """The bytes, checked against their hash.

        Raises:
            NotFound: the bucket has none.
            Defect: the bucket has others in their place; discard them, and the stage that made them runs again.
            Unavailable: the bucket does not answer, or the disk is full.
        """
        content = self.path(content_hash).read_bytes()
        if sha256_hex(content) == content_hash:
            return content
        self._cache.discard(content_hash)  # torn on this disk
        return self._fetch(content_hash).read_bytes()

    def has(self, content_hash: str, size_bytes: int) -> bool:
        """Whether the bytes are here, complete; counts as a use. Of the bucket it is asked when the cache has none."""
        if self._cache.has(content_hash, size_bytes):
            return True
        found = self._bucket.find(self._key(content_hash))
        if found is None or found.size_bytes != size_bytes:
            return False
        self._drop_torn(content_hash, size_bytes)
        return True

    def is_whole(self, content_hash: str) -> bool:
        """Whether the bytes are here and hash to their name; reads all of them, and fetches them when it must."""
        if self._cache.is_whole(content_hash):
            return True
        self._cache.discard(content_hash)
        try:
            self._fetch(content_hash)
        except (NotFound, Defect):
            return False
        return True

    def discard(self, content_hash: str) -> None:
        """Forget these bytes, here and in the bucket; nothing happens when they are not there."""
        self._cache.discard(content_hash)  # first: a copy without its object would be taken for stored
        self._bucket.delete(self._key(content_hash))

    def uses(self) -> Iterator[BlobUse]:
        """Every blob of the bucket, in no order. Used last when it was written, or through this cache."""
        used_s = {use.content_hash: use.last_used_s for use in self._cache.uses()}
        for found in self._bucket.below(self._folder):
            content_hash = found.key.removeprefix(self._folder).replace("/", "")
            last_used_s = max(found.modified_s, used_s.get(content_hash, 0.0))
            yield BlobUse(content_hash, found.size_bytes, last_used_s)

    def sweep_orphans(self, *, referenced: Container[str], older_than_s: float, now_s: float) -> tuple[str, ...]:
        """Remove temporary files of the cache, and blobs outside `referenced`, that nobody touched for `older_than_s`.

        Young ones may belong to a run that is about to write its row; below `YOUNG_S` that is no longer so.
        """
        swept = list(self._cache.sweep_temporary(older_than_s=older_than_s, now_s=now_s))
        for use in self.uses():
            if use.content_hash not in referenced and now_s - use.last_used_s > older_than_s:
                found = self._bucket.find(self._key(use.content_hash))  # stored again since it was listed?
                if found is not None and now_s - found.modified_s > older_than_s:
                    self.discard(use.content_hash)
                    swept.append(use.content_hash)
        return tuple(sorted(swept))

    def trim_cache(self, *, limit_bytes: int, grace_s: float = GRACE_S) -> tuple[BlobUse, ...]:
        """The least recently used copies above `limit_bytes`, removed from this cache; nothing is lost.

        Those used within `grace_s` stay: somebody may be about to open them.
        """
        copies = list(self._cache.uses())
        gone = choose(copies, {use.content_hash for use in copies}, limit_bytes, self._clock() - grace_s)
        for use in gone:
            self._cache.discard(use.content_hash)
        return tuple(gone)

    def _key(self, content_hash: str) -> str:
        check_content_hash(content_hash)
        return f"{self._folder}{content_hash[:2]}/{content_hash[2:]}"

    def _fetch(self, content_hash: str) -> Path:
        key = self._key(content_hash)
        found = self._bucket.find(key)
        if found is None:
            raise NotFound(f"no bytes {content_hash!r} in the store of {self.scope.tenant!r}")
        for _ in range(_FETCHES - 1):
            try:
                return self._cache.receive(content_hash, self._bucket.chunks(key, found.size_bytes))
            except Defect:
                continue
        return self._cache.receive(content_hash, self._bucket.chunks(key, found.size_bytes))

    def _drop_torn(self, content_hash: str, size_bytes: int) -> None:
        try:
            copy = self._cache.path(content_hash)
            torn = copy.stat().st_size != size_bytes
        except (NotFound, FileNotFoundError):
            return
        if torn:
            self._cache.discard(content_hash)
