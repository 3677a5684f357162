"""Which files does a media command mean? Files as given, folders as the media files in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.media.sniff import sniff
from schemas.errors import InvalidInput, MediaUnreadable


def media_files(paths: Sequence[Path]) -> list[Path]:
    """The files, in the order given, those of a folder by name; other files in folders are passed over.

    Raises:
        InvalidInput: a path does not exist, or a folder holds no media file.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [one for one in sorted(path.iterdir()) if one.is_file() and _is_media(one)]
            if not inside:
                raise InvalidInput(f"the folder {str(path)!r} holds no media file that is accepted")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise InvalidInput(f"there is no file {str(path)!r}")
    return list(dict.fromkeys(found))


def _is_media(path: Path) -> bool:
    try:
        return sniff(path).form == "stream"
    except MediaUnreadable:
        return False
