"""A folder for one process's unfinished files, which a later process may sweep when its owner was killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.registry.process import is_alive, this_process

OWNER = "owner"
"""File that names the process which the folder belongs to."""


@contextmanager
def own_folder(folder: Path) -> Iterator[Path]:
    """The new folder, marked as this process's; gone afterwards."""
    folder.mkdir(mode=0o700)
    try:
        (folder / OWNER).write_text(this_process())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # what cannot go now is swept later


def sweep_left(above: Path, pattern: str = "*") -> None:
    """Removes what killed processes of this user left of their folders in `above`; others may be sweeping too."""
    for folder in above.glob(pattern):
        try:
            mine = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
            owner = (folder / OWNER).read_text() if mine else ""
        except OSError:  # no folder of ours, or gone meanwhile
            continue
        if owner.count("/") >= 2 and is_alive(owner) is False:
            shutil.rmtree(folder, ignore_errors=True)
