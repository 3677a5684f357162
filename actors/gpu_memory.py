"""What becomes of an engine that finds no room in the memory of its GPU: an error of ours, and one may try again.

Declared memory keeps engines of ours apart; another program's use of the card is known to nobody before it fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from schemas.errors import Unavailable

FULL = "OutOfMemoryError"
"""PyTorch's class for it, by name: it may be raised in a process that must not import PyTorch for a check."""


@contextmanager
def room_on_gpu(engine: str) -> Iterator[None]:
    """A block in which PyTorch computes for `engine`.

    Raises:
        Unavailable: the memory of the GPU is full.
    """
    try:
        yield
    except RuntimeError as exc:
        if type(exc).__name__ != FULL:
            raise
        reason = str(exc).partition(". ")[0]
        raise Unavailable(f"{engine} finds no room in the memory of the GPU: {reason}") from exc
