"""Bytes under their own hash."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time

import pytest

from cluster.registry import blobs as blobs_module
from cluster.registry.blobs import FolderBlobStore
from cluster.registry.records import StoredBlob
from cluster.tenancy.scope import TenantScope
from schemas.errors import Defect, NotFound, Unavailable

HASH = hashlib.sha256(b"film").hexdigest()


@pytest.fixture
def blobs(tmp_path):
    return FolderBlobStore(tmp_path, TenantScope("t_local", "dev"))


def test_put_bytes_stores_them_read_only_under_their_hash(blobs, tmp_path):
    assert blobs.put_bytes(b"film") == StoredBlob(HASH, 4)

    path = tmp_path / f"tenants/t_local/dev/blobs/sha256/{HASH[:2]}/{HASH[2:]}"
    assert blobs.path(HASH) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert blobs.read(HASH) == b"film"


def test_put_bytes_again_leaves_the_file_and_no_temporary(blobs, tmp_path):
    blobs.put_bytes(b"film")
    inode = blobs.path(HASH).stat().st_ino

    blobs.put_bytes(b"film")

    assert blobs.path(HASH).stat().st_ino == inode
    assert list(tmp_path.rglob("incoming/*")) == []


def test_put_bytes_over_a_torn_blob_heals_it(blobs):
    blobs.put_bytes(b"film")
    blobs.path(HASH).chmod(0o644)
    os.truncate(blobs.path(HASH), 2)
    assert not blobs.has(HASH, 4)

    blobs.put_bytes(b"film")

    assert blobs.read(HASH) == b"film"


def test_put_file_adopted_over_a_torn_blob_heals_it(blobs, tmp_path):
    for name in ("first", "second"):
        (tmp_path / name).write_bytes(b"film")
    blobs.put_file(tmp_path / "first", adopt=True)
    blobs.path(HASH).chmod(0o644)  # blobs are read-only, which binds everybody but root
    os.truncate(blobs.path(HASH), 2)

    blobs.put_file(tmp_path / "second", adopt=True)

    assert blobs.read(HASH) == b"film"
    assert list(tmp_path.rglob("incoming/*")) == []


def test_put_file_copies_so_that_the_users_file_may_change(blobs, tmp_path):
    file = tmp_path / "photo.png"
    file.write_bytes(b"film")

    assert blobs.put_file(file) == StoredBlob(HASH, 4)
    file.write_bytes(b"edit")

    assert blobs.read(HASH) == b"film"
    assert stat.S_IMODE(file.stat().st_mode) != 0o444


def test_put_file_larger_than_a_chunk_is_stored_whole(blobs, tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "big").write_bytes(content)
    for adopt in (False, True):
        blob = blobs.put_file(tmp_path / "big", adopt=adopt)
        assert blob == StoredBlob(hashlib.sha256(content).hexdigest(), 2_560_000)
        assert blobs.read(blob.content_hash) == content
        blobs.discard(blob.content_hash)


def test_put_file_adopted_shares_the_bytes(blobs, tmp_path):
    file = tmp_path / "film.mp4"
    file.write_bytes(b"film")

    blobs.put_file(file, adopt=True)

    assert blobs.path(HASH).samefile(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o444


def test_put_file_adopted_from_another_file_system_is_copied(blobs, tmp_path, monkeypatch):
    file = tmp_path / "film.mp4"
    file.write_bytes(b"film")
    link = os.link

    def link_within_the_store(source, target):
        if "incoming" not in str(source):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(source, target)

    monkeypatch.setattr(blobs_module.os, "link", link_within_the_store)
    blobs.put_file(file, adopt=True)

    assert blobs.read(HASH) == b"film"
    assert not blobs.path(HASH).samefile(file)


def test_put_on_a_full_disk_is_unavailable_and_leaves_nothing(blobs, tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    blobs.put_bytes(b"first")
    monkeypatch.setattr(blobs_module.os, "fsync", full)

    with pytest.raises(Unavailable, match="No space left"):
        blobs.put_bytes(b"film")
    assert not blobs.has(HASH, 4)
    assert list(tmp_path.rglob("incoming/*")) == []


def test_read_of_altered_bytes_is_a_defect_that_names_the_hash(blobs):
    blobs.put_bytes(b"film")
    blobs.path(HASH).chmod(0o644)
    blobs.path(HASH).write_bytes(b"filn")

    with pytest.raises(Defect, match=HASH):
        blobs.read(HASH)


def test_read_of_unknown_bytes_is_not_found(blobs):
    with pytest.raises(NotFound, match=HASH):
        blobs.read(HASH)
    with pytest.raises(NotFound):
        blobs.path(HASH)
    assert not blobs.has(HASH, 4)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", HASH.upper(), HASH + "0", HASH[:-1] + "\n", "a/" + HASH[2:]])
def test_path_of_what_is_no_hash_is_refused(blobs, name):
    with pytest.raises(Defect, match="content hash"):
        blobs.path(name)


def test_has_counts_as_a_use(blobs):
    blobs.put_bytes(b"film")
    os.utime(blobs.path(HASH), (1000.0, 1000.0))

    assert [use.last_used_s for use in blobs.uses()] == [1000.0]
    assert blobs.has(HASH, 4)

    (use,) = blobs.uses()
    assert (use.content_hash, use.size_bytes) == (HASH, 4)
    assert abs(use.last_used_s - time.time()) < 60


def test_sweep_orphans_takes_only_what_is_old_and_unreferenced(blobs, tmp_path):
    kept, orphan = blobs.put_bytes(b"kept"), blobs.put_bytes(b"orphan")
    young = blobs.put_bytes(b"young")
    leftover = tmp_path / "tenants/t_local/dev/blobs/incoming/leftover"
    leftover.write_bytes(b"half")
    for path in (blobs.path(kept.content_hash), blobs.path(orphan.content_hash), leftover):
        os.utime(path, (1000.0, 1000.0))

    swept = blobs.sweep_orphans(referenced={kept.content_hash}, older_than_s=60, now_s=time.time())

    assert set(swept) == {"leftover", orphan.content_hash}
    assert {use.content_hash for use in blobs.uses()} == {kept.content_hash, young.content_hash}
    assert not leftover.exists()


def test_discard_of_unknown_bytes_does_nothing(blobs):
    blobs.discard(HASH)
