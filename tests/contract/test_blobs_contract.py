"""What every blob store promises: the one in a folder, and the one in a bucket, asked through its cache and without."""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
import time
from pathlib import Path

import pytest

from cluster.registry.blobs import BlobStore, FolderBlobStore
from cluster.registry.bucket import Bucket
from cluster.registry.records import StoredBlob
from cluster.registry.s3_blobs import S3BlobStore
from cluster.tenancy.scope import TenantScope
from schemas.errors import Defect, NotFound

HASH = hashlib.sha256(b"film").hexdigest()

BELOW = f"tenants/t_local/dev/blobs/sha256/{HASH[:2]}/{HASH[2:]}"

_NUMBERS = itertools.count()


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    """Opens the store anew for any tenant, so that nothing is remembered but what is stored."""
    if request.param == "folder":
        return lambda tenant="t_local": FolderBlobStore(tmp_path, TenantScope(tenant, "dev"))
    bucket = Bucket(request.getfixturevalue("s3_peer").place(f"contract-{next(_NUMBERS)}/"))
    return lambda tenant="t_local": S3BlobStore(bucket, tmp_path, TenantScope(tenant, "dev"))


@pytest.fixture
def blobs(store) -> BlobStore:
    return store()


def test_put_bytes_gives_a_read_only_file_under_their_hash(store, tmp_path):
    assert store().put_bytes(b"film") == StoredBlob(HASH, 4)

    path = store().path(HASH)
    assert path == tmp_path / BELOW
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert store().read(HASH) == b"film"
    assert store().is_whole(HASH) and store().has(HASH, 4)


def test_put_bytes_again_leaves_the_file_and_no_temporary(blobs, tmp_path):
    blobs.put_bytes(b"film")
    inode = blobs.path(HASH).stat().st_ino

    blobs.put_bytes(b"film")

    assert blobs.path(HASH).stat().st_ino == inode
    assert list(tmp_path.rglob("incoming/*")) == []


def test_put_over_a_torn_file_heals_it(blobs, tmp_path):
    for adopt, name in ((False, "first"), (True, "second")):
        blobs.put_bytes(b"film")
        blobs.path(HASH).chmod(0o644)
        os.truncate(blobs.path(HASH), 2)
        (tmp_path / name).write_bytes(b"film")

        blobs.put_file(tmp_path / name, adopt=adopt)

        assert blobs.path(HASH).read_bytes() == b"film"
        assert list(tmp_path.rglob("incoming/*")) == []


def test_put_file_copies_so_that_the_users_file_may_change(blobs, tmp_path):
    file = tmp_path / "photo.png"
    file.write_bytes(b"film")

    assert blobs.put_file(file) == StoredBlob(HASH, 4)
    file.write_bytes(b"edit")

    assert blobs.read(HASH) == b"film"
    assert stat.S_IMODE(file.stat().st_mode) != 0o444


def test_put_file_adopted_shares_the_bytes(blobs, tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"film")

    blobs.put_file(tmp_path / "film.mp4", adopt=True)

    assert blobs.path(HASH).samefile(tmp_path / "film.mp4")


@pytest.mark.parametrize("content", [b"", bytes(range(256)) * 10_000], ids=["empty", "larger than a chunk"])
def test_put_file_of_any_size_is_stored_whole(blobs, tmp_path, content):
    for adopt in (False, True):
        (tmp_path / "made").unlink(missing_ok=True)
        (tmp_path / "made").write_bytes(content)
        blob = blobs.put_file(tmp_path / "made", adopt=adopt)
        assert blob == StoredBlob(hashlib.sha256(content).hexdigest(), len(content))
        assert blobs.read(blob.content_hash) == content
        assert blobs.has(blob.content_hash, len(content))
        blobs.discard(blob.content_hash)
        assert not blobs.has(blob.content_hash, len(content))


def test_unknown_bytes_are_not_found(blobs):
    for ask in (blobs.read, blobs.path):
        with pytest.raises(NotFound, match=f"no bytes '{HASH}' in the store of 't_local'"):
            ask(HASH)
    assert not blobs.has(HASH, 4)
    assert not blobs.is_whole(HASH)
    blobs.discard(HASH)


def test_has_of_another_size_is_false(blobs):
    blobs.put_bytes(b"film")
    assert not blobs.has(HASH, 5)


def test_discarded_bytes_are_gone_until_they_are_stored_again(store):
    store().put_bytes(b"film")
    store().discard(HASH)
    assert not store().has(HASH, 4) and not store().is_whole(HASH) and list(store().uses()) == []
    with pytest.raises(NotFound):
        store().path(HASH)

    store().put_bytes(b"film")
    assert store().read(HASH) == b"film"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", HASH.upper(), HASH + "0", HASH[:-1] + "\n", "a/" + HASH[2:]])
def test_what_is_no_hash_is_refused(blobs, name):
    for ask in (blobs.path, blobs.read, blobs.is_whole, blobs.discard):
        with pytest.raises(Defect, match="content hash"):
            ask(name)
    with pytest.raises(Defect, match="content hash"):
        blobs.has(name, 4)


def test_same_bytes_of_two_tenants_stay_apart(store):
    store("t1").put_bytes(b"film")
    assert not store("t2").has(HASH, 4)
    with pytest.raises(NotFound):
        store("t2").path(HASH)

    store("t2").put_bytes(b"film")
    store("t1").discard(HASH)

    assert store("t2").read(HASH) == b"film"
    assert not store("t1").has(HASH, 4)


def test_has_counts_as_a_use(blobs):
    blobs.put_bytes(b"film")
    os.utime(blobs.path(HASH), (1000.0, 1000.0))
    assert blobs.has(HASH, 4)

    (use,) = blobs.uses()
    assert (use.content_hash, use.size_bytes) == (HASH, 4)
    assert abs(use.last_used_s - time.time()) < 60


def test_sweep_takes_what_is_old_and_unreferenced_and_half_written(blobs, tmp_path):
    kept, orphan = blobs.put_bytes(b"kept"), blobs.put_bytes(b"orphan")
    leftover: Path = tmp_path / "tenants/t_local/dev/blobs/incoming/leftover"
    leftover.write_bytes(b"half")
    tomorrow_s = time.time() + 86_400

    assert blobs.sweep_orphans(referenced={kept.content_hash}, older_than_s=60, now_s=time.time()) == ()
    swept = blobs.sweep_orphans(referenced={kept.content_hash}, older_than_s=60, now_s=tomorrow_s)

    assert set(swept) == {"leftover", orphan.content_hash}
    assert {use.content_hash for use in blobs.uses()} == {kept.content_hash}
    assert not blobs.has(orphan.content_hash, 6)
    assert not leftover.exists()
