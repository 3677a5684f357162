"""Logging of the server's processes: each writes a file of its own in the log folder (docs/runbooks/server.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TextIO

from actors import catalogue
from actors.catalogue import EngineChoice
from actors.engine import Engine
from cluster.logs import configure_server_logging
from cluster.settings import Settings
from cluster.tenancy.sealing import SEALING_KEYS, Sealer


def start_logging(settings: Settings, process: str, stream: TextIO | None = None) -> None:
    """This process logs as `process` from now on, and none of the site's secrets.

    Raises:
        Unavailable: the log folder cannot be written.
        InvalidInput: the file of sealing keys holds something else.
    """
    sealer = Sealer.from_file(settings.store / SEALING_KEYS)
    configure_server_logging(
        settings.log_folder(),
        process,
        level=settings.log_level,
        secrets=[*settings.secrets(), *sealer.texts()],
        always={"site": settings.site_id},
        stream=stream,
    )


@dataclass(frozen=True)
class LoggedBuild:
    """Builds an engine in a process that hosts it alone, and lets that process log. It pickles."""

    settings: Settings

    def __call__(self, choice: EngineChoice) -> Engine[Any, Any]:
        """The engine of a choice."""
        start_logging(self.settings, f"engine-{choice.family}-{choice.backend}")
        return catalogue.build(choice)
