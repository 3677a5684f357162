"""A folder for one process's unfinished files, which a later process may sweep when its owner was killed.

The owner stands in the folder's name, because a name is there whole or not at all: a process may be killed right after
it made the folder, or half-way through sweeping another's.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.registry.process import is_alive, this_process
from schemas.canonical import sha256_hex

_MARK = re.compile(r"\.([0-9a-f]{4})([0-9a-f]{4})\.(\d+)\.(\d+|-)$")
"""Digests of host and boot, process id, start time. Short: Ray's socket paths begin with such a name."""


@contextmanager
def own_folder(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, whose name adds this process to it; gone afterwards."""
    mine = folder.with_name(folder.name + _mark())
    mine.mkdir(mode=0o700)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)  # what cannot go now is swept later


def sweep_left(above: Path, pattern: str = "*") -> None:
    """Removes what killed processes of this user left of their folders in `above`; others may be sweeping too."""
    for folder in above.glob(pattern):
        try:
            mine = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
        except FileNotFoundError:  # swept by another
            continue
        if mine and _owner_is_gone(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _mark() -> str:
    host, boot, process_id, start = this_process().rsplit("/", 3)
    return f".{_digest(host)}{_digest(boot)}.{process_id}.{start}"


def _owner_is_gone(name: str) -> bool:
    """True only when the owner is known to be dead: one on another host may live."""
    found = _MARK.search(name)
    if found is None:
        return False
    host, boot, _, _ = this_process().rsplit("/", 3)
    if found[1] != _digest(host):
        return False
    return found[2] != _digest(boot) or is_alive(f"{host}/{boot}/{found[3]}/{found[4]}") is False


def _digest(text: str) -> str:
    return sha256_hex(text.encode())[:4]
