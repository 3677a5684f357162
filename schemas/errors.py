"""The errors of reelwright, grouped by who must act.

    ReelwrightError
    |-- InvalidInput            the caller: change the request
    |   |-- SchemaUnsupported   ... or migrate the document
    |   |-- MediaUnreadable     ... or bring another file
    |   `-- IdempotencyMismatch ... or take another key
    |-- NotFound                the caller: another id
    |-- Conflict                the caller: somebody was first
    |   `-- LeaseLost           ... while this worker was away
    |-- Refused                 a person: policy says no
    |   |-- CanonConflict
    |   |-- RightsDenied
    |   |-- SafetyViolation
    |   |-- TenantMismatch
    |   |-- TokenRejected
    |   `-- QuotaExceeded
    |-- Unavailable             nobody: try later
    |   `-- QueueFull
    |-- Cancelled               nobody: it was asked for
    `-- Defect                  us

Each carries a stable `code`, a message that holds the offending value, and its evidence in `detail`. They pickle, so
that they cross a Ray boundary whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar


class ReelwrightError(Exception):
    """Base of every error that reelwright raises on purpose."""

    code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, **detail: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail: dict[str, Any] = detail

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, self.detail))


def _rebuild(cls: type[ReelwrightError], message: str, detail: dict[str, Any]) -> ReelwrightError:
    return cls(message, **detail)


class InvalidInput(ReelwrightError):
    """The request or a document in it is wrong; the message says which field and what is allowed."""

    code = "invalid_input"


class SchemaUnsupported(InvalidInput):
    """A document's MAJOR version cannot be read; the message names the migration."""

    code = "schema_unsupported"


class MediaUnreadable(InvalidInput):
    """A media file is damaged, of a kind that is not accepted, or beyond the limits."""

    code = "media_unreadable"


class IdempotencyMismatch(InvalidInput):
    """The idempotency key was used before, with another body."""

    code = "idempotency_mismatch"


class NotFound(ReelwrightError):
    """No such thing for this caller. Another tenant's id answers exactly like an unknown one."""

    code = "not_found"


class Conflict(ReelwrightError):
    """The same name already stands for something else."""

    code = "conflict"


class LeaseLost(Conflict):
    """A worker no longer holds what it claimed: it was away for too long. Nothing that it writes counts."""

    code = "lease_lost"


class Refused(ReelwrightError):
    """Policy says no; asking again changes nothing."""

    code = "refused"


class CanonConflict(Refused):
    """The script contradicts canon."""

    code = "canon_conflict"


class RightsDenied(Refused):
    """An asset's licence does not allow its use."""

    code = "rights_denied"


class SafetyViolation(Refused):
    """Content is blocked by the project's safety policy."""

    code = "safety_violation"


class TenantMismatch(Refused):
    """The caller's tenant or environment is missing, unknown, or not the one in the request."""

    code = "tenant_mismatch"


class TokenRejected(Refused):
    """An API token is not accepted; the message never says why."""

    code = "token_rejected"


class QuotaExceeded(Refused):
    """The tenant has used up what it was given; `reason` in the detail says what, `retry_after_s` when to ask again."""

    code = "quota_exceeded"


class Unavailable(ReelwrightError):
    """Something needed is busy or away; the same call may succeed later."""

    code = "unavailable"
    retryable = True


class QueueFull(Unavailable):
    """A queue of bounded length has no place left; `retry_after_s` in the detail says when to ask again."""

    code = "queue_full"


class Cancelled(ReelwrightError):
    """The run was cancelled by its user."""

    code = "cancelled"


class Defect(ReelwrightError):
    """A promise of our own code does not hold."""

    code = "defect"


def from_code(code: str, message: str, detail: Mapping[str, Any] | None = None) -> ReelwrightError:
    """The error that a process told by its code, message and evidence, for where objects cannot pass."""

    def kinds(cls: type[ReelwrightError]) -> Iterator[type[ReelwrightError]]:
        yield cls
        for subclass in cls.__subclasses__():
            yield from kinds(subclass)

    kind = next((cls for cls in kinds(ReelwrightError) if cls.code == code), Defect)
    return kind(message, **(detail or {}))
