"""`serve`: the server at the command line."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from cluster.settings import Settings

_LOG = logging.getLogger(__name__)

Store = Annotated[Path | None, typer.Option("--store", help="Folder of registry and media (REELWRIGHT_STORE).")]


def add_server_commands(app: typer.Typer) -> None:
    """Adds the command to `app`."""

    @app.command("serve")
    def serve_site(
        host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
        port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8000,
        workers: Annotated[
            int, typer.Option("--workers", min=1, max=16, help="Workers of each queue: jobs that it does at once.")
        ] = 1,
        store: Store = None,
        log_dir: Annotated[
            Path | None, typer.Option("--log-dir", help="Folder of the log files (REELWRIGHT_LOG_DIR).")
        ] = None,
    ) -> None:
        """Serve the engines over HTTP, until Ctrl-C or SIGTERM."""
        from cluster.settings import EngineSettings
        from serve.process_logs import start_logging
        from serve.server import ServerOptions, running
        from serve.watch import watching

        settings = Settings.load(**{name: value for name, value in (("store", store), ("log_dir", log_dir)) if value})
        start_logging(settings, "main", sys.stderr)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        cpus = max(2, len(os.sched_getaffinity(0)))
        options = ServerOptions(host, port, workers, cpus)
        with running(settings, EngineSettings.load(), options) as address:
            _LOG.info("serving", extra={"address": address, "workers": workers})
            typer.echo(f"serving on {address}, documented at {address}/docs")
            watching(stop, host, port)
            _LOG.info("stopping")
            typer.echo("stopping: jobs that run are finished first")
