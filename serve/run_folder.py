"""The run folder: copies of a run's artifacts under names that people know. The registry stays the truth.

Files are copies, not links, so that editing one cannot reach the registry. Each appears whole or not at all, and a
file that is already right is left alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import InvalidInput

VIDEO_NAME = "episode.mp4"


def open_run_folder(folder: Path) -> Path:
    """The folder, made if need be.

    Raises:
        InvalidInput: it is a file, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError, PermissionError) as exc:
        raise InvalidInput(f"--out {str(folder)!r} cannot be used as a folder: {exc.strerror}") from exc
    if not os.access(folder, os.W_OK):
        raise InvalidInput(f"--out {str(folder)!r} is not writable")
    return folder


def place(folder: Path, files: Mapping[str, tuple[str, Path]]) -> None:
    """Puts `file name -> (content hash, source file)` into the folder."""
    for name, (content_hash, source) in files.items():
        target = folder / name
        if target.is_file() and _sha256(target) == content_hash:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        arriving = target.with_name(target.name + ".part")
        arriving.unlink(missing_ok=True)
        shutil.copyfile(source, arriving)
        arriving.replace(target)


def remove_stale_video(folder: Path) -> None:
    """Takes away the film of an earlier run: a refused or failed run leaves no video that could pass for its own."""
    (folder / VIDEO_NAME).unlink(missing_ok=True)


def write_record(folder: Path, name: str, content: bytes) -> None:
    """Writes a file that is no artifact, such as the run summary."""
    arriving = folder / (name + ".part")
    arriving.write_bytes(content)
    arriving.replace(folder / name)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
