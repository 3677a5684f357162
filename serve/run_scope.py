"""What surrounds every run: its name, a scratch folder that nobody else uses, and an orderly end on SIGTERM."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cluster.own_folder import own_folder, sweep_left
from schemas.errors import Unavailable


def new_run_id() -> str:
    """A name that no other run has, sortable by time."""
    return f"run_{datetime.now(UTC):%Y%m%dT%H%M%S}_{secrets.token_hex(4)}"


@contextmanager
def scratch_folder(above: Path, run_id: str) -> Iterator[Path]:
    """A folder for unfinished files. Those of killed runs are swept."""
    with ExitStack() as stack:
        try:
            above.mkdir(parents=True, exist_ok=True)
            sweep_left(above)
            mine = stack.enter_context(own_folder(above / run_id))
        except OSError as exc:
            raise Unavailable(f"the store's folder {str(above)!r} cannot be written: {exc.strerror}") from exc
        yield mine


@contextmanager
def ended_by_signal() -> Iterator[None]:
    """SIGTERM ends a run the way Ctrl-C does: with its record written."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
