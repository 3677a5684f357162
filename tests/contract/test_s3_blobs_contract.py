"""What a store in a bucket promises on ways that break, in caches that tear, and to processes that die."""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import os
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import obstore
import pytest
from pydantic import SecretStr

from cluster.registry.blobs import pass_by
from cluster.registry.bucket import PART_BYTES, Bucket
from cluster.registry.bucket_place import BucketPlace
from cluster.registry.database import Database
from cluster.registry.eviction import sweep_orphans
from cluster.registry.records import NewArtifact
from cluster.registry.registry import ArtifactRegistry
from cluster.registry.s3_blobs import YOUNG_S, S3BlobStore
from cluster.tenancy.scope import TenantScope
from schemas.canonical import fingerprint, sha256_hex
from schemas.errors import Defect, InvalidInput, NotFound, Unavailable
from tests.s3_peer import OWNER, READER
from tests.torn_way import way_to

SCOPE = TenantScope("t_local", "dev")
HASH = sha256_hex(b"film")
DAY_S = 86_400

# Threads of the client do not live on in a forked child; a spawned one takes a second to import. This is neither.
CLEAN = multiprocessing.get_context("forkserver")
CLEAN.set_forkserver_preload([__name__])

_NUMBERS = itertools.count()


@pytest.fixture
def place(s3_peer) -> BucketPlace:
    return s3_peer.place(f"s3-{next(_NUMBERS)}/")


@pytest.fixture
def blobs(place, tmp_path) -> S3BlobStore:
    return opened(place, tmp_path / "cache")


def opened(place: BucketPlace, cache: Path, **given) -> S3BlobStore:
    return S3BlobStore(Bucket(place, retries=1), cache, SCOPE, **given)


def key(place: BucketPlace, content_hash: str = HASH) -> str:
    return f"{place.prefix}tenants/t_local/dev/blobs/sha256/{content_hash[:2]}/{content_hash[2:]}"


def copies(cache: Path) -> list[str]:
    """What has a name in a cache; temporary files are told too."""
    found = (path for path in cache.rglob("*") if path.is_file())
    return sorted(path.parent.name + path.name for path in found)


def test_object_lies_under_the_key_that_a_folder_has_for_it(blobs, place, s3_peer):
    blobs.put_bytes(b"film")
    assert s3_peer.keys(place.prefix) == [key(place)]


def test_another_cache_fetches_what_was_stored_and_keeps_it(blobs, place, s3_peer, tmp_path):
    blobs.put_bytes(b"film")
    other = opened(place, tmp_path / "other")
    assert other.has(HASH, 4) and copies(tmp_path / "other") == []

    assert other.path(HASH).read_bytes() == b"film"
    obstore.delete(s3_peer.store, key(place))

    assert other.read(HASH) == b"film"
    assert copies(tmp_path / "other") == [HASH]


def test_torn_copy_is_fetched_again(blobs):
    blobs.put_bytes(b"film")
    for content, ask in ((b"filn", blobs.read), (b"filn", blobs.is_whole), (b"fi", lambda it: blobs.has(it, 4))):
        blobs.path(HASH).chmod(0o644)
        blobs.path(HASH).write_bytes(content)
        assert ask(HASH)
        assert blobs.path(HASH).read_bytes() == b"film"


def test_torn_copy_never_becomes_the_object(blobs, place, s3_peer):
    blobs.put_bytes(b"film")
    blobs.path(HASH).chmod(0o644)
    blobs.path(HASH).write_bytes(b"filn")
    obstore.delete(s3_peer.store, key(place))

    blobs.put_bytes(b"film")

    assert bytes(obstore.get(s3_peer.store, key(place)).bytes()) == b"film"


def test_other_bytes_in_the_bucket_get_no_name_and_heal_by_storing_again(blobs, place, s3_peer, tmp_path):
    obstore.put(s3_peer.store, key(place), b"filn")
    assert not blobs.is_whole(HASH)
    for ask in (blobs.path, blobs.read):
        with pytest.raises(Defect, match=HASH):
            ask(HASH)
    assert copies(tmp_path / "cache") == []

    blobs.discard(HASH)
    blobs.put_bytes(b"film")
    assert opened(place, tmp_path / "other").read(HASH) == b"film"


def test_object_of_another_size_is_no_object_and_heals_by_storing(blobs, place, s3_peer, tmp_path):
    obstore.put(s3_peer.store, key(place), b"half a film")
    assert not blobs.has(HASH, 4)
    blobs.put_bytes(b"film")
    assert opened(place, tmp_path / "other").read(HASH) == b"film"


def test_cut_answer_is_asked_again_and_gets_no_name_before_it_is_whole(place, s3_peer, tmp_path):
    content = os.urandom(300_000)
    blob = opened(place, tmp_path / "cache").put_bytes(content)
    with way_to(s3_peer.port) as way:
        blobs = opened(replace(place, endpoint=f"http://127.0.0.1:{way.port}"), tmp_path / "other")
        way.cuts, way.cut_bytes = 1000, 100_000
        with pytest.raises(Unavailable, match="'films' does not answer"):
            blobs.path(blob.content_hash)
        assert copies(tmp_path / "other") == []

        way.cuts = 1
        assert blobs.read(blob.content_hash) == content


def test_body_that_is_torn_on_the_way_is_not_taken(place, s3_peer, tmp_path):
    with way_to(s3_peer.port) as way:
        way.torn = (b"a film", b"a filn")
        blobs = opened(replace(place, endpoint=f"http://127.0.0.1:{way.port}"), tmp_path)
        with pytest.raises(Unavailable, match="'films'"):
            blobs.put_bytes(b"a film")
    assert s3_peer.keys(place.prefix) == []
    assert copies(tmp_path) == []


def test_bucket_that_is_away_is_unavailable_and_used_again_when_it_is_back(place, s3_peer, tmp_path):
    with way_to(s3_peer.port) as way:
        blobs = opened(replace(place, endpoint=f"http://127.0.0.1:{way.port}"), tmp_path)
        kept = blobs.put_bytes(b"kept")
        way.open = False
        for ask in (
            lambda: blobs.put_bytes(b"film"), lambda: blobs.path(HASH), lambda: blobs.has(HASH, 4),
            lambda: list(blobs.uses()), lambda: blobs.discard(HASH), lambda: blobs.is_whole(HASH),
        ):  # fmt: skip
            with pytest.raises(Unavailable, match="the bucket 'films' does not answer"):
                ask()
        assert blobs.read(kept.content_hash) == b"kept", "what is in the cache needs no bucket"
        assert copies(tmp_path) == [kept.content_hash]

        way.open = True
        way.busy = 1
        assert blobs.read(blobs.put_bytes(b"film").content_hash) == b"film"


def test_store_that_throttles_for_long_is_unavailable(place, s3_peer, tmp_path):
    with way_to(s3_peer.port) as way:
        way.busy = 1000
        blobs = opened(replace(place, endpoint=f"http://127.0.0.1:{way.port}"), tmp_path)
        with pytest.raises(Unavailable, match="the bucket 'films' answers 503"):
            blobs.put_bytes(b"film")


@pytest.mark.parametrize(
    ("bucket", "keys", "said"),
    [
        ("films", (OWNER[0], "wrong-secret-of-owner"), "the bucket 'films' does not let these credentials in"),
        ("films", ("nobody-of-this-name", OWNER[1]), "the bucket 'films' does not let these credentials in"),
        ("films", READER, "the bucket 'films' does not let these credentials in"),
        ("nowhere", OWNER, "there is no bucket 'nowhere'"),
    ],
)
def test_wrong_credentials_or_bucket_are_named_without_a_secret(s3_peer, tmp_path, bucket, keys, said):
    blobs = opened(s3_peer.place(bucket=bucket, keys=keys), tmp_path)
    asks = [lambda: blobs.put_bytes(b"film")]
    if keys != READER:  # who may look
        asks += [lambda: blobs.path(HASH), lambda: blobs.has(HASH, 4), lambda: list(blobs.uses())]
    for ask in asks:
        with pytest.raises(Unavailable) as raised:
            ask()
        assert raised.value.message == said
        told = f"{raised.value!r} {pickle.dumps(raised.value)!r} {raised.value.__cause__}"
        assert keys[1] not in told and OWNER[1] not in told
    assert copies(tmp_path) == []


def test_key_without_its_secret_is_refused(place):
    with pytest.raises(InvalidInput, match="AWS_SECRET_ACCESS_KEY"):
        replace(place, key=SecretStr(""))


def test_large_file_goes_in_parts_and_comes_back_whole(blobs, place, s3_peer, tmp_path):
    content = os.urandom(1 << 20) * 20
    (tmp_path / "film.mp4").write_bytes(content)

    blob = blobs.put_file(tmp_path / "film.mp4")

    assert len(content) > PART_BYTES
    assert obstore.head(s3_peer.store, key(place, blob.content_hash))["e_tag"].endswith('-2"'), "two parts"
    assert opened(place, tmp_path / "other").read(blob.content_hash) == content


def test_same_bytes_from_many_at_once_become_one_object(place, s3_peer, tmp_path):
    content = os.urandom(200_000)
    stores = [opened(place, tmp_path / f"cache-{number % 2}") for number in range(8)]
    with ThreadPoolExecutor(len(stores)) as pool:
        stored = list(pool.map(lambda blobs: blobs.put_bytes(content), stores))

    assert {blob.content_hash for blob in stored} == {hashlib.sha256(content).hexdigest()}
    assert s3_peer.keys(place.prefix) == [key(place, stored[0].content_hash)]
    assert opened(place, tmp_path / "other").read(stored[0].content_hash) == content


def test_stored_again_is_written_again_only_when_a_sweep_is_near(place, tmp_path):
    points: list[str] = []
    for age_s, uploads in ((0, 1), (YOUNG_S - 60, 1), (YOUNG_S + 60, 2)):
        clock = lambda age_s=age_s: time.time() + age_s  # noqa: E731
        opened(place, tmp_path, reached=points.append, clock=clock).put_bytes(b"film")
        assert points.count("uploaded") == uploads


def test_sweep_leaves_what_was_stored_again_since_it_was_listed(place, tmp_path):
    class Earlier(Bucket):
        def below(self, folder):
            return (replace(found, modified_s=found.modified_s - DAY_S) for found in super().below(folder))

    opened(place, tmp_path / "cache").put_bytes(b"film")
    blobs = S3BlobStore(Earlier(place), tmp_path / "other", SCOPE)

    assert blobs.sweep_orphans(referenced=(), older_than_s=DAY_S / 2, now_s=time.time()) == ()
    assert blobs.read(HASH) == b"film"


def test_trimmed_cache_keeps_what_was_used_last_and_the_bucket_everything(blobs, place, s3_peer, tmp_path):
    hashes = [blobs.put_bytes(content).content_hash for content in (b"first", b"other", b"third")]
    for age_s, content_hash in zip((3 * DAY_S, 2 * DAY_S, 0), hashes, strict=True):
        moment_s = time.time() - age_s
        os.utime(blobs.path(content_hash), (moment_s, moment_s))

    assert [use.content_hash for use in blobs.trim_cache(limit_bytes=12)] == hashes[:1]
    assert [use.content_hash for use in blobs.trim_cache(limit_bytes=0)] == hashes[1:2], "the third is in use"

    assert copies(tmp_path / "cache") == hashes[2:]
    assert len(s3_peer.keys(place.prefix)) == 3
    assert [blobs.read(one) for one in hashes] == [b"first", b"other", b"third"]


def _commit(place: BucketPlace, folder: Path, point: str) -> None:
    """Stores a blob and its row, and dies at `point`."""

    def reached(here: str) -> None:
        if here == point:
            os._exit(9)

    database = Database.open(f"sqlite:///{folder / 'registry.sqlite3'}")
    blobs = S3BlobStore(Bucket(place), folder / "cache", SCOPE, reached)
    registry = ArtifactRegistry(database, blobs, SCOPE, "local", reached=reached)
    output = NewArtifact("film", "video", blobs.put_bytes(b"film"), "video/mp4", "", {})
    registry.commit(
        identity=fingerprint("film"), stage="shot", stage_version="1", parameters={}, parents=(), outputs=[output],
        backend={},
    )  # fmt: skip
    database.close()


@pytest.mark.parametrize(
    ("point", "objects", "names"),
    [("temp_synced", 0, []), ("uploaded", 1, []), ("linked", 1, [HASH]), ("before_row", 1, [HASH])],
)
def test_killed_between_upload_and_row_leaves_an_orphan_that_is_used_or_swept(
    place, s3_peer, tmp_path, point, objects, names
):
    child = CLEAN.Process(target=_commit, args=(place, tmp_path, point))
    child.start()
    child.join(60)
    assert child.exitcode == 9

    database = Database.open(f"sqlite:///{tmp_path / 'registry.sqlite3'}")
    blobs = S3BlobStore(Bucket(place), tmp_path / "cache", SCOPE, pass_by)
    registry = ArtifactRegistry(database, blobs, SCOPE, "local")
    assert registry.list() == () and len(s3_peer.keys(place.prefix)) == objects
    assert [name for name in copies(tmp_path / "cache") if name == HASH] == names

    tomorrow = datetime.fromtimestamp(time.time() + DAY_S, UTC)
    swept = sweep_orphans(database, blobs, older_than_s=DAY_S / 2, now=tomorrow)
    assert (HASH in swept) == bool(objects)
    assert s3_peer.keys(place.prefix) == [] and copies(tmp_path / "cache") == []
    with pytest.raises(NotFound):
        blobs.path(HASH)

    _commit(place, tmp_path, "never")
    assert registry.find(fingerprint("film"))["film"].content_hash == HASH
    assert sweep_orphans(database, blobs, older_than_s=DAY_S / 2, now=tomorrow) == ()
    assert blobs.read(HASH) == b"film"
    database.close()
