"""When a failed try is tried again. `draw` is a random number in [0, 1): jitter, so that what failed together does not
come back together.
"""

from __future__ import annotations

import math

_FIRST_RETRY_S = 2.0
_LONGEST_RETRY_S = 300.0

DELIVERY_SCHEDULE_S = (0, 5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
"""Wait before each try of a callback, ten tries in 75 hours. Source: Standard Webhooks 1.0.0, "Deliverability"."""

_DELIVERY_JITTER = 0.2

_LONGEST_ASKED_S = 24 * 3600
"""A receiver may ask for a longer wait, but not for one without end."""


def retry_delay_s(attempt: int, draw: float, asked_s: float = 0) -> float:
    """Seconds before a job's next try after its `attempt`-th failed: 2, 4, 8, … up to 300, less up to half of it.

    `asked_s` is the least that the failure itself asked for.
    """
    whole: float = min(_LONGEST_RETRY_S, _FIRST_RETRY_S * 2 ** min(attempt - 1, 30))
    return max(whole * (0.5 + 0.5 * draw), asked_within(asked_s))


def delivery_delay_s(attempt: int, draw: float, asked_s: float = 0) -> float | None:
    """Seconds before a callback's next try after its `attempt`-th failed; None when there is none left."""
    if attempt >= len(DELIVERY_SCHEDULE_S):
        return None
    planned = DELIVERY_SCHEDULE_S[attempt] * (1 + _DELIVERY_JITTER * (2 * draw - 1))
    return max(planned, asked_within(asked_s))


def asked_within(seconds: float) -> float:
    """What somebody else asked us to wait, within reason."""
    return min(max(seconds, 0.0), _LONGEST_ASKED_S) if math.isfinite(seconds) else 0.0
