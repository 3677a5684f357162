"""One rotating file of JSON lines for each process of a server: `api.jsonl`, `worker-0.jsonl`, `engine-faces.jsonl`.

A restarted process goes on in the file of the one before. Where that still lives, or where there are several of a
name, the next writes `api.2.jsonl`: two processes that rotate one file would lose lines.
"""

from __future__ import annotations

import fcntl
import itertools
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any

from schemas.errors import Unavailable

FILE_BYTES = 32 << 20
KEPT_FILES = 4
"""Beside the one that is written: 160 MiB a process at most."""


class OwnedFile(RotatingFileHandler):
    """A log file that this process alone writes, readable by its owner and group."""

    def __init__(self, folder: Path, process: str) -> None:
        """Takes the first name that no living process has.

        Raises:
            Unavailable: the folder cannot be written.
        """
        try:
            folder.mkdir(mode=0o750, parents=True, exist_ok=True)
            name, self._claim = _claimed(folder, process)
            super().__init__(folder / f"{name}.jsonl", maxBytes=FILE_BYTES, backupCount=KEPT_FILES, encoding="utf-8")
        except OSError as exc:
            raise Unavailable(f"the log folder {str(folder)!r} cannot be written: {exc.strerror}") from exc

    def close(self) -> None:
        """Closes the file, and lets the name go."""
        super().close()
        self._claim.close()

    def _open(self) -> Any:
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=_private)


def _claimed(folder: Path, process: str) -> tuple[str, IO[bytes]]:
    for number in itertools.count(1):
        name = process if number == 1 else f"{process}.{number}"
        claim = (folder / f".{name}.lock").open("ab")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            claim.close()
        else:
            return name, claim
    raise AssertionError("numbers do not end")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o640)
