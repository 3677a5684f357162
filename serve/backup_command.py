"""`reelwright backup`: a copy of the store, and what is not in it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from cluster.registry.backup import back_up
from cluster.settings import Settings
from cluster.tenancy.sealing import SEALING_KEYS
from schemas.errors import Defect
from serve.desk import blobs_of, opened_database

BYTES_A_GB = 1_000_000_000


def back_up_store(settings: Settings, folder: Path) -> None:
    """Copies, and prints what was copied.

    Raises:
        Defect: bytes of the store are damaged; everything else was copied.
        ReelwrightError: as `back_up` does.
    """
    database = opened_database(settings)
    try:
        made = back_up(database, partial(blobs_of, settings), settings.store, folder)
    finally:
        database.close()
    print(f"{made.copied} files copied, {made.copied_bytes / BYTES_A_GB:.3f} GB; {made.kept} were there already")
    if (settings.store / SEALING_KEYS).exists():
        print(
            f"keep {settings.store / SEALING_KEYS} somewhere else: without it callbacks and their secrets do not open"
        )
    if made.damaged:
        raise Defect(f"{len(made.damaged)} files of the store are damaged and were not copied: {made.damaged[0]} …")
