"""What flows through Ray Data share: a local Ray whose errors are ours, and columns of bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from actors.window import our_error
from cluster.ray_session import guard_datasets, local_ray
from schemas.errors import ReelwrightError


@contextmanager
def datasets(num_cpus: int, store_bytes: int) -> Iterator[None]:
    """A local Ray for datasets that keep their order and drop nothing.

    Args:
        num_cpus: what Ray counts with.
        store_bytes: shared memory for the rows on their way.

    Raises:
        Unavailable: Ray does not start, or a process of it died too often.
        ReelwrightError: what a function of the dataset raised.
    """
    try:
        with local_ray(num_cpus, object_store_bytes=store_bytes):
            guard_datasets()
            yield
    except ReelwrightError:
        raise
    except Exception as exc:
        raise our_error(exc) from exc


def bytes_column(values: Sequence[bytes]) -> Any:
    """A column of bytes; numpy's own would cut zeros off their ends."""
    column = np.empty(len(values), object)
    column[:] = list(values)
    return column
