"""Reading an asset library: what is indexed, what is left out with a reason, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from pipelines.assets.library import read_library, take_media
from schemas.errors import Conflict, InvalidInput

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def put(folder, name="mara", *, content=PNG, **fields):
    """One asset: a metadata file, and its media file unless `content` is None."""
    metadata = {
        "schema_version": "1.0.0",
        "file": f"{name}.png",
        "media_kind": "image",
        "serves": {"characters": ["mara"]},
        **fields,
    }
    (folder / f"{name}.asset.json").write_text(json.dumps(metadata))
    if content is not None:
        (folder / f"{name}.png").write_bytes(content)


def test_read_library_good_asset_indexed_with_hash_and_cleared_rights(tmp_path):
    put(tmp_path)
    (asset,) = read_library(tmp_path).assets
    assert asset.content_hash == hashlib.sha256(PNG).hexdigest()
    assert (asset.media_type, asset.path) == ("image/png", "mara.png")
    assert asset.metadata.rights.license_type == "proprietary_cleared"
    assert asset.metadata.rights.redistributable is False
    take_media(tmp_path, asset, tmp_path / "taken")
    assert (tmp_path / "taken").read_bytes() == PNG


def test_read_library_rights_without_licence_type_stay_cleared_local(tmp_path):
    put(tmp_path, rights={"attribution": "Ada"})
    rights = read_library(tmp_path).assets[0].metadata.rights
    assert (rights.license_type, rights.attribution) == ("proprietary_cleared", "Ada")


@pytest.mark.parametrize(
    ("rights", "reason"),
    [
        ({"license_type": "unknown"}, "without a known licence"),
        ({"license_type": ""}, "without a known licence"),
        ({"license_type": " UNKNOWN "}, "without a known licence"),
        ({"license_type": "CC-BY-4.0"}, "requires attribution"),
        ({"license_type": "commercial_licensed"}, "requires a purchase_record"),
    ],
)
def test_read_library_unclear_rights_left_out_with_reason(tmp_path, rights, reason):
    put(tmp_path, rights=rights)
    index = read_library(tmp_path)
    assert index.assets == () and reason in index.left_out[0].reason


def test_read_library_missing_media_left_out_and_the_rest_read(tmp_path):
    put(tmp_path, "gone", content=None)
    put(tmp_path, "here")
    index = read_library(tmp_path)
    assert [asset.name for asset in index.assets] == ["here"]
    assert [(one.name, "is missing" in one.reason) for one in index.left_out] == [("gone", True)]


@pytest.mark.parametrize("content", [b"<html>", b"", b"RIFF\0\0\0\0WAVEfmt "])
def test_read_library_bytes_of_another_kind_left_out(tmp_path, content):
    put(tmp_path, content=content)
    index = read_library(tmp_path)
    assert index.assets == () and "its bytes are" in index.left_out[0].reason


@pytest.mark.parametrize("file", ["../secret.png", "/etc/passwd", "a/../../secret.png", "..\\secret.png", "a\0b.png"])
def test_read_library_path_out_of_folder_refused(tmp_path, file):
    library = tmp_path / "library"
    library.mkdir()
    (tmp_path / "secret.png").write_bytes(PNG)
    put(library, content=None, file=file)
    with pytest.raises(InvalidInput, match=r"mara\.asset\.json"):
        read_library(library)


def test_read_library_symlink_out_of_folder_refused(tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    (tmp_path / "secret.png").write_bytes(PNG)
    put(library, content=None)
    (library / "mara.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(InvalidInput, match="leads out of the library folder"):
        read_library(library)


def test_read_library_symlinked_metadata_out_of_folder_refused(tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    put(tmp_path)
    (library / "mara.asset.json").symlink_to(tmp_path / "mara.asset.json")
    with pytest.raises(InvalidInput, match="leads out of the library folder"):
        read_library(library)


def test_read_library_link_loop_refused(tmp_path):
    put(tmp_path, content=None)
    (tmp_path / "mara.png").symlink_to(tmp_path / "mara.png")
    with pytest.raises(InvalidInput, match=r"mara\.asset\.json"):
        read_library(tmp_path)


def test_read_library_named_pipe_refused_without_waiting(tmp_path):
    put(tmp_path, content=None)
    os.mkfifo(tmp_path / "mara.png")
    with pytest.raises(InvalidInput, match="not a regular file"):
        read_library(tmp_path)


def test_read_library_file_beyond_limit_refused(tmp_path):
    put(tmp_path)
    with pytest.raises(InvalidInput, match="28 bytes; 10 are allowed"):
        read_library(tmp_path, media_limit_bytes=10)


def test_read_library_huge_metadata_refused(tmp_path):
    (tmp_path / "big.asset.json").write_text(" " * 100_000)
    with pytest.raises(InvalidInput, match=r"big\.asset\.json"):
        read_library(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        '{"schema_version": "1.0.0"}',
        '{"schema_version": "9.0.0"}',
        "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
def test_read_library_broken_metadata_names_its_file(tmp_path, text):
    (tmp_path / "bad.asset.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InvalidInput, match=r"bad\.asset\.json"):
        read_library(tmp_path)


@pytest.mark.parametrize(
    "fields",
    [
        {"media_kind": "audio"},
        {"serves": {}},
        {"serves": {"sounds": ["thunder"]}},
        {"serves": {"asset_ids": ["music.calm"]}},
        {"serves": {"asset_ids": ["voice.e1"]}},
    ],
)
def test_read_library_kind_that_cannot_serve_is_refused(tmp_path, fields):
    put(tmp_path, **fields)
    with pytest.raises(InvalidInput, match=r"mara\.asset\.json"):
        read_library(tmp_path)


def test_read_library_no_folder_refused(tmp_path):
    with pytest.raises(InvalidInput, match="nowhere"):
        read_library(tmp_path / "nowhere")


def test_take_media_changed_since_indexed_conflicts(tmp_path):
    put(tmp_path)
    (asset,) = read_library(tmp_path).assets
    (tmp_path / "mara.png").write_bytes(PNG[:-1] + b"x")
    with pytest.raises(Conflict, match=r"mara\.png"):
        take_media(tmp_path, asset, tmp_path / "taken")
