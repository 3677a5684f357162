"""What the command's exit code says. Stable; scripts rely on it."""

from __future__ import annotations

from schemas.errors import Cancelled, Conflict, InvalidInput, NotFound, ReelwrightError, Refused

DONE = 0
"""Completed, or degraded: the film is whole, and what is less than it should be was said plainly."""

FAILED = 1
INVALID = 2
"""The request or a document is wrong."""

REFUSED = 3
"""Canon, rights or safety say no."""

WAITING = 4
"""A person has to decide; `reelwright approve` goes on."""

CANCELLED = 130
"""Ctrl-C; the run can be resumed by the same command."""


def exit_code(error: ReelwrightError) -> int:
    """The exit code for an error."""
    if isinstance(error, Refused):
        return REFUSED
    if isinstance(error, InvalidInput | NotFound | Conflict):
        return INVALID
    return CANCELLED if isinstance(error, Cancelled) else FAILED
