"""The run folder: copies of a run's artifacts under names that people know. The registry stays the truth.

Files are copies, not links, so that editing one cannot reach the registry. Each appears whole or not at all, and a
file that is already right is left alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import InvalidInput, Unavailable

VIDEO_NAME = "episode.mp4"
SUMMARY_NAME = "run_summary.json"


def open_run_folder(folder: Path) -> Path:
    """The folder, made if need be.

    Raises:
        InvalidInput: it is a file, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise InvalidInput(f"--out {str(folder)!r} cannot be used as a folder: {exc.strerror}") from exc
    if not os.access(folder, os.W_OK):
        raise InvalidInput(f"--out {str(folder)!r} is not writable")
    return folder


def place(folder: Path, files: Mapping[str, tuple[str, Callable[[], Path]]]) -> None:
    """Puts `file name -> (content hash, where its bytes are)` into the folder.

    Raises:
        Unavailable: the folder cannot be written.
    """
    with _disk_errors(folder):
        for name, (content_hash, source) in files.items():
            target = folder / name
            if target.is_file() and _sha256(target) == content_hash:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with _arriving(target) as arriving:
                shutil.copyfile(source(), arriving)


def remove_stale_video(folder: Path) -> None:
    """Takes away the film of an earlier run: a refused or failed run leaves no video that could pass for its own."""
    with _disk_errors(folder):
        (folder / VIDEO_NAME).unlink(missing_ok=True)


def write_record(folder: Path, name: str, content: bytes) -> None:
    """Writes a file that is no artifact, such as the run summary."""
    with _disk_errors(folder), _arriving(folder / name) as arriving:
        arriving.write_bytes(content)


@contextmanager
def _arriving(target: Path) -> Iterator[Path]:
    """A file of this process that becomes `target` when it is whole, and is gone when it is not."""
    arriving = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        yield arriving
        arriving.replace(target)
    finally:
        arriving.unlink(missing_ok=True)


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise Unavailable(f"--out {str(folder)!r} cannot be written: {exc.filename or ''} {exc.strerror}") from exc


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
