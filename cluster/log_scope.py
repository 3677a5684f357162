"""What all lines of one request or job carry, and what none of them may hold, whoever writes them.

structlog's own context is bound to the task or thread that bound it; who a caller is turns out in a thread of the
framework and must stand on the lines of all others. A scope is one object that is shared by every task and thread that
was started inside it with a copy of its context, so that what one of them learns holds for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from cluster.redaction import Redactor

SHORTEST_HIDDEN = 8
"""Characters. What a stranger sends as a secret is taken out of lines; a single letter would take the lines along."""


class LogScope:
    """Fields and secrets of one request or job."""

    def __init__(self) -> None:
        """Empty."""
        self.fields: dict[str, Any] = {}
        self._secrets: frozenset[str] = frozenset()
        self._redactor: Redactor | None = None

    def hide(self, *secrets: str) -> None:
        """No line inside will hold these."""
        self._secrets |= {one for one in secrets if len(one) >= SHORTEST_HIDDEN}
        self._redactor = None

    def cleaned(self, value: Any) -> Any:
        """`value` without the secrets of this scope."""
        if not self._secrets:
            return value
        if self._redactor is None:
            self._redactor = Redactor(self._secrets)
        return self._redactor.value(value)


_CURRENT: ContextVar[LogScope | None] = ContextVar("log_scope", default=None)


@contextmanager
def log_scope(**fields: Any) -> Iterator[LogScope]:
    """A scope with these fields, for the block and everything that is started in it."""
    scope = LogScope()
    scope.fields |= fields
    token = _CURRENT.set(scope)
    try:
        yield scope
    finally:
        _CURRENT.reset(token)


def current_scope() -> LogScope | None:
    """The scope around this call."""
    return _CURRENT.get()


def tell(**fields: Any) -> None:
    """Put fields on every line of the scope around this call; nothing where there is none."""
    if (scope := _CURRENT.get()) is not None:
        scope.fields |= fields


def hide(*secrets: str) -> None:
    """Keep secrets out of every line of the scope around this call; nothing where there is none."""
    if (scope := _CURRENT.get()) is not None:
        scope.hide(*secrets)
