"""A local asset library: a folder with one `NAME.asset.json` per asset, read into an index of hashes.

Media files are hashed and recognised by their first bytes, never opened as media. A path that leads out of the folder
is refused for the whole library, since it is an attack or a mistake; an asset that is merely missing, damaged or
without clear rights is left out and reported, and the film does without it.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from pipelines.assets.media_signs import SIGN_BYTES, media_sign
from schemas.errors import Conflict, InvalidInput
from schemas.library_asset import LibraryAsset
from schemas.rights import Rights

METADATA_SUFFIX = ".asset.json"

METADATA_LIMIT_BYTES = 64 * 1024
"""A metadata file is under a kilobyte; more is not one."""

MEDIA_LIMIT_BYTES = 2 * 1024**3
ASSET_LIMIT = 10_000
CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class IndexedAsset:
    """A usable asset: its metadata, and the media file as it is now."""

    name: str
    """The metadata file's name without suffix; unique in the library."""

    metadata: LibraryAsset
    path: str
    """Of the media file, relative to the library folder, with `/`."""

    content_hash: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True)
class LeftOut:
    """An asset that is not used, and why."""

    name: str
    metadata: LibraryAsset
    reason: str


@dataclass(frozen=True)
class LibraryIndex:
    """What a library holds, sorted by name."""

    assets: tuple[IndexedAsset, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def read_library(folder: Path, media_limit_bytes: int = MEDIA_LIMIT_BYTES) -> LibraryIndex:
    """The index of a library folder (its own files; metadata in subfolders is not looked for).

    Raises:
        InvalidInput: the folder is not there, a metadata file is broken, a path leads out of the folder or to something
            that is no regular file, or a file is beyond its limit. The message names the file.
    """
    if not folder.is_dir():
        raise InvalidInput(f"asset library {str(folder)!r} is not a folder")
    root = folder.resolve()
    found = sorted(path.name for path in root.iterdir() if path.name.endswith(METADATA_SUFFIX))
    if len(found) > ASSET_LIMIT:
        raise InvalidInput(f"asset library {str(folder)!r} holds {len(found)} assets; {ASSET_LIMIT} are allowed")
    entries = [_entry(root, name, media_limit_bytes) for name in found]
    return LibraryIndex(
        assets=tuple(entry for entry in entries if isinstance(entry, IndexedAsset)),
        left_out=tuple(entry for entry in entries if isinstance(entry, LeftOut)),
    )


def take_media(folder: Path, asset: IndexedAsset, target: Path) -> None:
    """Copies the media file to `target`, the same bytes that were indexed.

    Raises:
        Conflict: the file was changed or removed since.
        InvalidInput: the path now leads out of the folder.
    """
    path = _inside(folder.resolve(), asset.path, asset.name)
    if path.is_file():
        shutil.copyfile(path, target)
    if not target.is_file() or _hash(target) != asset.content_hash:
        raise Conflict(f"library asset {asset.name!r}: {asset.path!r} has changed since it was indexed")


def rights_problem(rights: Rights) -> str:
    """Why an asset with these rights may not be used (specification 25.1 and 25.4); empty when it may."""
    licence = rights.license_type.strip().lower()
    if licence in ("", "unknown"):
        return f"license_type is {rights.license_type!r}; an asset without a known licence is not used"
    if licence.startswith("cc-by") and not rights.attribution.strip():
        return f"license_type {rights.license_type!r} requires attribution, which is empty"
    if licence == "commercial_licensed" and not rights.purchase_record.strip():
        return "license_type 'commercial_licensed' requires a purchase_record, which is empty"
    return ""


def _entry(root: Path, file_name: str, media_limit_bytes: int) -> IndexedAsset | LeftOut:
    name = file_name.removesuffix(METADATA_SUFFIX)
    metadata = _metadata(root, file_name)
    path = _inside(root, metadata.file, file_name)
    problem = rights_problem(metadata.rights)
    if problem:
        return LeftOut(name, metadata, problem)
    if not path.exists():
        return LeftOut(name, metadata, f"its file {metadata.file!r} is missing")
    size = _regular_size(path, metadata.file, media_limit_bytes, file_name)
    sign = media_sign(_head(path))
    if sign is None or sign[0] != metadata.media_kind:
        seen = "no accepted media" if sign is None else sign[1]
        return LeftOut(name, metadata, f"{metadata.file!r} should be {metadata.media_kind!r} but its bytes are {seen}")
    return IndexedAsset(name, metadata, path.relative_to(root).as_posix(), _hash(path), size, sign[1])


def _metadata(root: Path, file_name: str) -> LibraryAsset:
    path = _inside(root, file_name, file_name)
    _regular_size(path, file_name, METADATA_LIMIT_BYTES, file_name)
    try:
        return LibraryAsset.read(path.read_bytes())
    except InvalidInput as exc:
        raise InvalidInput(f"library metadata {file_name!r}: {exc.message}", file=file_name) from exc


def _inside(root: Path, relative: str, named_by: str) -> Path:
    """The real path of a file of the library, symbolic links followed."""
    parts = Path(relative).parts
    if "\0" in relative or "\\" in relative or Path(relative).is_absolute() or ".." in parts:
        raise InvalidInput(f"library metadata {named_by!r}: file {relative!r} must be a path inside the library folder")
    try:
        path = (root / relative).resolve()
    except (OSError, RuntimeError) as exc:
        raise InvalidInput(f"library metadata {named_by!r}: file {relative!r} cannot be followed: {exc}") from exc
    if not path.is_relative_to(root):
        raise InvalidInput(f"library metadata {named_by!r}: file {relative!r} leads out of the library folder")
    return path


def _regular_size(path: Path, shown: str, limit_bytes: int, named_by: str) -> int:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InvalidInput(f"library metadata {named_by!r}: {shown!r} is not a regular file")
    if status.st_size > limit_bytes:
        raise InvalidInput(
            f"library metadata {named_by!r}: {shown!r} has {status.st_size} bytes; {limit_bytes} are allowed"
        )
    return status.st_size


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SIGN_BYTES)


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
