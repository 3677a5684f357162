"""`reelwright tidy`: the store without leftovers and, when asked, within a size. Rows stay; bytes are made again.

With a bucket the store is the bucket, and the cache before it has a size of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cluster.registry.eviction import evict, sweep_orphans
from cluster.registry.s3_blobs import S3BlobStore
from schemas.errors import InvalidInput
from serve.desk import Desk

ORPHAN_AGE_S = 24 * 3600
"""A run that is still writing may hold bytes without a row; a day later nobody does."""

INPUT_KINDS = ("Project", "Script", "Canon", "library_file", "media_asset")
"""What came from outside and cannot be made again here."""

BYTES_A_GB = 1_000_000_000


def tidy_store(desk: Desk, limit_gb: float | None, cache_gb: float | None = None) -> None:
    """Sweeps, evicts when `limit_gb` is given, trims the cache when `cache_gb` is, and prints what went.

    Raises:
        InvalidInput: there is no cache.
    """
    if cache_gb is not None:
        if not isinstance(desk.blobs, S3BlobStore):
            raise InvalidInput("--cache-gb is for a store with REELWRIGHT_BLOBS_URL; --limit-gb bounds the folder")
        copies = desk.blobs.trim_cache(limit_bytes=round(cache_gb * BYTES_A_GB))
        freed_gb = sum(copy.size_bytes for copy in copies) / BYTES_A_GB
        print(f"{len(copies)} copies taken out of the cache, {freed_gb:.3f} GB; they are fetched again on demand")
    now = datetime.now(UTC)
    swept = sweep_orphans(desk.database, desk.blobs, older_than_s=ORPHAN_AGE_S, now=now)
    print(f"{len(swept)} leftovers removed")
    if limit_gb is None:
        return
    gone = evict(desk.database, desk.blobs, limit_bytes=round(limit_gb * BYTES_A_GB), now=now, spare_kinds=INPUT_KINDS)
    print(
        f"{len(gone.evicted)} media files let go, {gone.freed_bytes / BYTES_A_GB:.3f} GB; they are made again on demand"
    )
