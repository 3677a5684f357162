"""`serve` and `token`: the server, and who may call it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from cluster.settings import Settings
from cluster.tenancy.roles import Role

_LOG = logging.getLogger(__name__)

Store = Annotated[Path | None, typer.Option("--store", help="Folder of registry and media (REELWRIGHT_STORE).")]
Tenant = Annotated[str, typer.Option("--tenant", help="Whose data the token opens.")]
Env = Annotated[str, typer.Option("--env", help="Environment within the tenant.")]

tokens = typer.Typer(help="API tokens: who may call the server.", no_args_is_help=True)


def add_server_commands(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    app.add_typer(tokens, name="token")

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


@tokens.command("create")
def create_token(
    tenant: Tenant,
    env: Env = "dev",
    user_id: Annotated[str, typer.Option("--user", help="Who acts by it.")] = "api",
    role: Annotated[Role, typer.Option("--role")] = Role.OPERATOR,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="How long it is good.")] = 90,
    store: Store = None,
) -> None:
    """Create a token and print it. It is shown once and kept nowhere."""
    from cluster.tenancy.scope import TenantScope
    from cluster.tenancy.tokens import TokenBook
    from serve.desk import opened_database

    settings = Settings.load(store=store) if store is not None else Settings.load()
    database = opened_database(settings)
    try:
        book = TokenBook(database, TenantScope(tenant, env, settings.user_id, "admin"), settings.site_id)
        made = book.create(user_id, role, timedelta(days=days))
    finally:
        database.close()
    typer.echo(made.text)


@tokens.command("revoke")
def revoke_token(
    public_id: Annotated[str, typer.Argument(help="The part of a token before its secret.")],
    tenant: Tenant,
    env: Env = "dev",
    store: Store = None,
) -> None:
    """Make a token good for nothing, from now on."""
    from cluster.tenancy.scope import TenantScope
    from cluster.tenancy.tokens import TokenBook
    from serve.desk import opened_database

    settings = Settings.load(store=store) if store is not None else Settings.load()
    database = opened_database(settings)
    try:
        TokenBook(database, TenantScope(tenant, env, settings.user_id, "admin"), settings.site_id).revoke(public_id)
    finally:
        database.close()
