"""Logging of this process, configured once: plain or JSON lines, with context, without secrets.

Everyone else uses `structlog.get_logger(__name__)` or the standard library's `logging`; both pass through the same
chain, and the last step before a line is rendered takes the secrets out. Context comes from three places: what holds
for the whole process (`site`, `process`), what holds for a request or job (`log_scope`), and what the thread or task
itself bound (`log_context`: `run_id`, `stage`).
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from cluster.log_files import OwnedFile
from cluster.log_scope import current_scope
from cluster.redaction import FAILED, Redactor

_TALKATIVE = ("alembic", "asyncio", "botocore", "httpcore2", "httpx2", "ray", "sqlalchemy", "urllib3")
"""Libraries that log requests, headers or statements below WARNING."""


_PLAIN_FIELDS = ("level", "logger", "timestamp")
"""Made here, and therefore without secrets."""


_OTHERS_FIELDS = frozenset({"_ray_timestamp_ns", "message"})


class _OurHandler(logging.StreamHandler[TextIO]):
    """The handler that `configure_logging` owns, and replaces when it is called again."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that a line could not be formatted; the standard answer would print its raw arguments."""
        # When the stream itself is gone there is nobody left to tell.
        with suppress(OSError, ValueError):
            self.stream.write(FAILED + self.terminator)


class _OurFile(OwnedFile):
    """The same for a file."""

    handleError = _OurHandler.handleError


def configure_logging(
    *,
    level: str = "INFO",
    as_json: bool = False,
    secrets: Collection[str] = (),
    stream: TextIO | None = None,
    always: Mapping[str, str] | None = None,
) -> None:
    """Send every log line of this process to `stream` (standard error), one line each.

    Args:
        level: least severe level that is written.
        as_json: JSON lines instead of plain ones.
        secrets: exact values that must never be written.
        stream: where to.
        always: fields of every line.
    """
    _configure([(_OurHandler(stream or sys.stderr), as_json)], level, secrets, always or {})


def configure_server_logging(
    folder: Path,
    process: str,
    *,
    level: str,
    secrets: Collection[str],
    always: Mapping[str, str],
    stream: TextIO | None = None,
) -> None:
    """Send every log line of a process of the server to its file in `folder`, as JSON, and to `stream` if there is one.

    What ends a thread is logged as well: the standard answer prints it to a stream that nothing cleans.

    Raises:
        Unavailable: the folder cannot be written.
    """
    _drop_ours()  # a file of this process that is still open holds its name
    outputs: list[tuple[logging.Handler, bool]] = [(_OurFile(folder, process), True)]
    if stream is not None:
        outputs.append((_OurHandler(stream), not stream.isatty()))
    _configure(outputs, level, secrets, {**always, "process": process})
    threading.excepthook = _log_broken_thread


def _configure(
    outputs: Collection[tuple[logging.Handler, bool]], level: str, secrets: Collection[str], always: Mapping[str, str]
) -> None:
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_fields(always),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    _drop_ours()
    root = logging.getLogger()
    for handler, as_json in outputs:
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(processors=_last(as_json, secrets), foreign_pre_chain=shared)
        )
        root.addHandler(handler)
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


def _drop_ours() -> None:
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _OurHandler):
            root.removeHandler(handler)
        elif isinstance(handler, _OurFile):
            root.removeHandler(handler)
            handler.close()


def _with_fields(always: Mapping[str, str]) -> Processor:
    def with_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        scope = current_scope()
        return {**always, **(scope.fields if scope else {}), **event}

    return with_fields


def _without_others_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The event without what Ray and other handlers put on a record for themselves."""
    return {name: value for name, value in event.items() if name not in _OTHERS_FIELDS}


def _log_broken_thread(broken: threading.ExceptHookArgs) -> None:
    name = broken.thread.name if broken.thread else "?"
    if broken.exc_value is not None and not isinstance(broken.exc_value, SystemExit):
        logging.getLogger(__name__).error("thread %s broke", name, exc_info=broken.exc_value)


def log_context(**context: str) -> AbstractContextManager[None]:
    """Every line logged inside carries `context`: `run_id`, `tenant`, `site`, `stage`."""
    return structlog.contextvars.bound_contextvars(**context)


def redaction(secrets: Collection[str]) -> Processor:
    """The step that takes secrets out of a whole event. An event that it cannot check is not written at all."""
    redact: Callable[[EventDict], EventDict] = Redactor(secrets).value

    def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        try:
            return _without_hidden(redact(event))
        except Exception:  # noqa: BLE001
            # Whatever went wrong: to let it pass would print the text that could not be checked.
            return {"event": FAILED, "level": "error"}

    return without_secrets


def _without_hidden(event: EventDict) -> EventDict:
    """The event without the secrets of its scope. What we ourselves say of a request stays: else a caller who sends his
    own name as an API key is not in the log.
    """
    scope = current_scope()
    if scope is None:
        return event
    ours: dict[str, Any] = {name: event[name] for name in _PLAIN_FIELDS if name in event}
    ours |= {name: value for name, value in scope.fields.items() if event.get(name) == value}
    others: dict[str, Any] = scope.cleaned({name: value for name, value in event.items() if name not in ours})
    return ours | others


def _last(as_json: bool, secrets: Collection[str]) -> list[Processor]:
    renderer: Processor = (
        structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0, sort_keys=True)
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _without_others_fields,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redaction(secrets),
        renderer,
    ]
