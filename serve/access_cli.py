"""`token` and `secret`: who may call the server, and what it signs callbacks with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cluster.settings import Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.sealing import SEALING_KEYS, Sealer
from cluster.tenancy.signing_secrets import SigningSecrets
from cluster.tenancy.tokens import LONGEST_LIFE, TokenBook

Store = Annotated[Path | None, typer.Option("--store", help="Folder of registry and media (REELWRIGHT_STORE).")]
Tenant = Annotated[str, typer.Option("--tenant", help="Whose data the token or secret is for.")]
Env = Annotated[str, typer.Option("--env", help="Environment within the tenant.")]
Days = Annotated[int, typer.Option("--days", min=1, max=LONGEST_LIFE.days, help="How long it is good.")]
PublicId = Annotated[str, typer.Argument(help="The part of a token between its underscores.")]
SecretId = Annotated[str, typer.Argument(help="s_…, as `secret list` names it.")]
Overlap = Annotated[
    float, typer.Option("--overlap-hours", min=0, max=24 * 30, help="How long the old one is good beside the new one.")
]

tokens = typer.Typer(help="API tokens: who may call the server.", no_args_is_help=True)
signing = typer.Typer(help="Signing secrets: what callbacks are signed with.", no_args_is_help=True)


def add_access_commands(app: typer.Typer) -> None:
    """Adds the commands to `app`."""
    app.add_typer(tokens, name="token")
    app.add_typer(signing, name="secret")


@tokens.command("create")
def create_token(
    tenant: Tenant,
    env: Env = "dev",
    user_id: Annotated[str, typer.Option("--user", help="Who acts by it.")] = "api",
    role: Annotated[Role, typer.Option("--role")] = Role.OPERATOR,
    days: Days = 90,
    store: Store = None,
) -> None:
    """Create a token and print it. It is shown once and kept nowhere."""
    with _office(tenant, env, store) as office:
        typer.echo(office.tokens.create(user_id, role, timedelta(days=days)).text)


@tokens.command("list")
def list_tokens(tenant: Tenant, env: Env = "dev", store: Store = None) -> None:
    """List the tokens of a tenant's environment, newest first."""
    table = Table("token", "user", "role", "made by", "made", "state", box=None)
    with _office(tenant, env, store) as office:
        for one in office.tokens.list():
            state = f"revoked {_day(one.revoked_at)}" if one.revoked_at else _until(one.expires_at)
            table.add_row(one.public_id, one.user_id, one.role, one.created_by, _day(one.created_at), state)
    _print(table)


@tokens.command("rotate")
def rotate_token(
    public_id: PublicId, tenant: Tenant, env: Env = "dev", days: Days = 90, overlap_hours: Overlap = 24,
    store: Store = None,
) -> None:  # fmt: skip
    """Create and print a token for the same user and role; the old one runs out."""
    with _office(tenant, env, store) as office:
        made = office.tokens.rotate(public_id, timedelta(days=days), timedelta(hours=overlap_hours))
        typer.echo(made.text)


@tokens.command("revoke")
def revoke_token(public_id: PublicId, tenant: Tenant, env: Env = "dev", store: Store = None) -> None:
    """Make a token good for nothing, from now on."""
    with _office(tenant, env, store) as office:
        office.tokens.revoke(public_id)


@signing.command("rotate")
def rotate_secret(tenant: Tenant, env: Env = "dev", overlap_hours: Overlap = 24, store: Store = None) -> None:
    """Create a secret, the first or the next, and print it once; those before it sign too until they run out."""
    with _office(tenant, env, store) as office:
        typer.echo(office.secrets.rotate(timedelta(hours=overlap_hours)).text)


@signing.command("list")
def list_secrets(tenant: Tenant, env: Env = "dev", store: Store = None) -> None:
    """List the signing secrets of a tenant's environment, newest first."""
    table = Table("secret", "made by", "made", "state", box=None)
    with _office(tenant, env, store) as office:
        for one in office.secrets.list():
            state = _until(one.expires_at) if one.expires_at else "signs"
            table.add_row(one.secret_id, one.created_by, _day(one.created_at), state)
    _print(table)


@signing.command("revoke")
def revoke_secret(secret_id: SecretId, tenant: Tenant, env: Env = "dev", store: Store = None) -> None:
    """Sign nothing with a secret, from now on: for one that got out."""
    with _office(tenant, env, store) as office:
        office.secrets.revoke(secret_id)


@dataclass(frozen=True)
class _Office:
    tokens: TokenBook
    secrets: SigningSecrets


@contextmanager
def _office(tenant: str, env: str, store: Path | None) -> Iterator[_Office]:
    """What an admin of the tenant has, for whoever sits at the site's command line."""
    from serve.desk import opened_database

    settings = Settings.load(store=store) if store is not None else Settings.load()
    scope, site_id = TenantScope(tenant, env, settings.user_id, Role.ADMIN), settings.site_id
    database = opened_database(settings)
    try:
        sealer = Sealer.from_file(settings.store / SEALING_KEYS)
        yield _Office(TokenBook(database, scope, site_id), SigningSecrets(database, scope, site_id, sealer))
    finally:
        database.close()


def _print(table: Table) -> None:
    Console(highlight=False, width=None if Console().is_terminal else 200).print(table)


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")


def _until(moment: datetime) -> str:
    return f"{'good until' if moment > datetime.now(UTC) else 'over since'} {_day(moment)}"
