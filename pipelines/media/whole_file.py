"""Writing a file so that its name stands for the whole of it: a torn file never carries the final name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def partial_path(path: Path) -> Path:
    """Where this process writes what will become `path`: in the same folder, so that the rename is atomic."""
    return path.with_name(f".{path.name}.{os.getpid()}.partial")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name to write to; renamed to `path` when the block ends well, removed when it raises.

    The rename keeps readers from seeing half a file. Surviving a power cut is the registry's business, which syncs
    the bytes before it records them.
    """
    partial = partial_path(path)
    try:
        yield partial
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(path)
