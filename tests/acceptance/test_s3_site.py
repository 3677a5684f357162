"""A site whose bytes lie in an S3 bucket: the same films as with a folder, whatever becomes of its cache."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import obstore
import pytest

from cluster.registry.bucket_place import BucketPlace
from cluster.settings import EngineSettings
from tests.clips import face_film
from tests.http_server import served
from tests.media_desk import MediaDesk
from tests.s3_peer import OWNER, S3Peer


@pytest.fixture
def place(s3_peer: S3Peer, request: pytest.FixtureRequest) -> BucketPlace:
    """A prefix of the test's own."""
    return s3_peer.place(f"{request.node.name}/")


@contextmanager
def environment(place: BucketPlace) -> Iterator[pytest.MonkeyPatch]:
    """That of a site with a bucket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REELWRIGHT_BLOBS_URL", place.url)
        patch.setenv("REELWRIGHT_BLOBS_ENDPOINT", place.endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", OWNER[0])
        patch.setenv("AWS_SECRET_ACCESS_KEY", OWNER[1])
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
        yield patch


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "clip.mp4"
    face_film(path, seconds=2, width_px=320, height_px=180, rate=25, cuts=(25,), bars=False)
    return path


@pytest.fixture(scope="module")
def plain(film: Path, tmp_path_factory: pytest.TempPathFactory) -> MediaDesk:
    """A store in a folder, in which the film was looked at and rendered."""
    desk = MediaDesk(tmp_path_factory.mktemp("plain"))
    asked(desk, film)
    return desk


@pytest.fixture(scope="module")
def shared_place(s3_peer: S3Peer) -> BucketPlace:
    return s3_peer.place("media/")


@pytest.fixture(scope="module")
def kept(film: Path, shared_place: BucketPlace, tmp_path_factory: pytest.TempPathFactory) -> MediaDesk:
    """The same with a bucket."""
    desk = MediaDesk(tmp_path_factory.mktemp("kept"))
    with environment(shared_place):
        asked(desk, film)
    return desk


def asked(desk: MediaDesk, film: Path) -> Any:
    """What an engine finds, and a part of the film rendered to `out.mp4`."""
    found = desk.answer("detect-shots", film)
    desk.answer("render", film, "-o", desk.folder / "out.mp4", "--start-ms", "400", "--end-ms", "1200")
    return found


def test_engine_and_render_give_the_same_bytes_as_with_a_folder(plain, kept, shared_place, s3_peer):
    assert kept.records() == plain.records()
    assert (kept.folder / "out.mp4").read_bytes() == (plain.folder / "out.mp4").read_bytes()
    assert not (kept.store / "tenants").exists(), "no bytes but copies in the folder"
    below = f"{shared_place.prefix}tenants/t_local/dev/blobs/sha256/"
    stored = {key.removeprefix(below).replace("/", "") for key in s3_peer.keys(shared_place.prefix)}
    assert stored == set(kept.records().values())


def test_emptied_cache_makes_nothing_again(kept, film, shared_place):
    records, rendered = kept.records(), (kept.folder / "out.mp4").read_bytes()
    shutil.rmtree(kept.store / "cache")
    (kept.folder / "out.mp4").unlink()

    with environment(shared_place):
        found = asked(kept, film)

    assert found["cache_hit"]
    assert (kept.folder / "out.mp4").read_bytes() == rendered
    assert kept.records() == records


def test_film_of_a_script_is_found_again_from_an_empty_cache(studio, place):
    with environment(place):
        source = studio.write()
        studio.run(source)
        made, hashes = (studio.out / "episode.mp4").read_bytes(), studio.hashes()
        shutil.rmtree(studio.store / "cache")
        shutil.rmtree(studio.out)

        studio.run(source)

        assert (studio.out / "episode.mp4").read_bytes() == made
        assert studio.hashes() == hashes
        summary = json.loads((studio.out / "run_summary.json").read_text())
        assert sum(stage["misses"] for stage in summary["stages"].values()) == 0


def test_bytes_are_served_by_range_from_an_empty_cache_and_the_server_says_what_it_misses(
    film, tmp_path, place, s3_peer
):
    engines = EngineSettings.load(region_backend="opencv_face_detector")
    with environment(place), served(tmp_path / "store", "t1", engines) as server:
        asset = server.call("POST", "/media/v2/assets/upload?name=a.mp4", content=film.read_bytes()).json()
        shutil.rmtree(tmp_path / "store" / "cache")
        content = f"/media/v2/artifacts/{asset['artifact_id']}/content"

        answer = server.call("GET", content, headers={"Range": "bytes=10-19"})
        assert (answer.status_code, answer.content) == (206, film.read_bytes()[10:20])
        ready = {part["name"]: part for part in server.client.get("/ready").json()["parts"]}
        assert ready["bucket"] == {"name": "bucket", "ready": True, "detail": "answers"}

        for key in s3_peer.keys(place.prefix):
            obstore.delete(s3_peer.store, key)
        shutil.rmtree(tmp_path / "store" / "cache")
        assert server.call("GET", content).status_code == 404


def test_tidy_and_backup_of_a_bucket(plain, kept, tmp_path, shared_place, s3_peer):
    stored = s3_peer.keys(shared_place.prefix)
    with environment(shared_place):
        assert "0 copies taken out of the cache" in kept.call("tidy", "--cache-gb", "0").out, "all are in use"
        assert kept.call("backup", tmp_path / "backup").exit_code == 0
    assert s3_peer.keys(shared_place.prefix) == stored

    copy = MediaDesk(tmp_path / "restored")
    shutil.copytree(tmp_path / "backup", copy.store)
    assert copy.records() == plain.records()
    assert all(copy.film(one).read_bytes() == plain.film(one).read_bytes() for one in copy.records())

    said = plain.call("tidy", "--cache-gb", "1")
    assert said.exit_code != 0 and "REELWRIGHT_BLOBS_URL" in said.text


def test_command_without_a_right_key_says_which_bucket_and_no_secret(film, tmp_path, place):
    with environment(place) as patch:
        patch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret-of-owner")
        said = MediaDesk(tmp_path).call("detect-shots", film)
    assert said.exit_code != 0
    assert "the bucket 'films' does not let these credentials in" in said.text
    assert "wrong-secret-of-owner" not in said.text
