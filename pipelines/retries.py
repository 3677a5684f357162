"""Retries: what is only unavailable is tried again, with growing waits; everything else fails at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import tenacity

from schemas.errors import Unavailable

T = TypeVar("T")

ATTEMPTS = 3
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0


def with_retries(call: Callable[[], T], on_retry: Callable[[], None]) -> T:
    """The result of `call`, tried up to three times while it raises Unavailable.

    Raises:
        Unavailable: the last attempt's, when all three failed.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Unavailable),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S),
        before_sleep=lambda _: on_retry(),
        reraise=True,
    )
    return retrying(call)
