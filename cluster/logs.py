"""Logging of this process, configured once: plain or JSON lines, with context, without secrets.

Everyone else uses `structlog.get_logger(__name__)` or the standard library's `logging`; both pass through the same
chain, and the last step before a line is rendered takes the secrets out. Context (`run_id`, `tenant`, `site`,
`stage`) travels with the thread or task that bound it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, suppress
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cluster.redaction import FAILED, Redactor

_TALKATIVE = ("alembic", "asyncio", "botocore", "httpcore", "httpx", "ray", "sqlalchemy", "urllib3")
"""Libraries that log requests, headers or statements below WARNING."""


class _OurHandler(logging.StreamHandler[TextIO]):
    """The handler that `configure_logging` owns, and replaces when it is called again."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a line could not be formatted; the standard answer would print its raw arguments."""
        # When the stream itself is gone there is nobody left to tell.
        with suppress(OSError, ValueError):
            self.stream.write(FAILED + self.terminator)


def configure_logging(
    *, level: str = "INFO", as_json: bool = False, secrets: Collection[str] = (), stream: TextIO | None = None
) -> None:
    """Send every log line of this process to `stream` (standard error), one line each.

    Args:
        level: least severe level that is written.
        as_json: JSON lines instead of plain ones.
        secrets: exact values that must never be written.
        stream: where to.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = _OurHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=_last(as_json, secrets), foreign_pre_chain=shared)
    )
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if not isinstance(other, _OurHandler)] + [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def log_context(**context: str) -> AbstractContextManager[None]:
    """Every line logged inside carries `context`: `run_id`, `tenant`, `site`, `stage`."""
    return structlog.contextvars.bound_contextvars(**context)


def redaction(secrets: Collection[str]) -> Processor:
    """The step that takes secrets out of a whole event. An event that it cannot check is not written at all."""
    redact: Callable[[EventDict], EventDict] = Redactor(secrets).value

    def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        try:
            return redact(event)
        except Exception:  # noqa: BLE001
            # Whatever went wrong: to let it pass would print the text that could not be checked.
            return {"event": FAILED, "level": "error"}

    return without_secrets


def _last(as_json: bool, secrets: Collection[str]) -> list[Processor]:
    renderer: Processor = (
        structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, sort_keys=True)
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redaction(secrets),
        renderer,
    ]
