"""API tokens: `rw_{public id}_{secret}`, shown once, kept as a hash.

The secret has 256 random bits, so a plain SHA-256 is as good as a slow hash and costs a microsecond a request. The
public id finds the row and names the token in lists and logs. Whatever is wrong with a token, the answer is the same.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from cluster.registry.database import Database
from cluster.registry.observations import ObservationBook
from cluster.registry.rows import from_us, now_utc, to_us
from cluster.registry.tables import api_token
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from schemas.canonical import sha256_hex
from schemas.errors import Conflict, InvalidInput, NotFound, TokenRejected

LONGEST_LIFE = timedelta(days=400)

_TOKEN = re.compile(r"rw_([0-9a-f]{16})_([A-Za-z0-9_\-]{43})")

_NOBODY = sha256_hex(secrets.token_bytes(32))
"""Compared with when there is no such token, so that both cases do the same work."""


@dataclass(frozen=True)
class TokenRecord:
    """What is known of a token: all but its secret."""

    public_id: str
    tenant: str
    env: str
    user_id: str
    role: Role
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class NewToken:
    """A token at its birth."""

    text: str
    """The token itself. It is not kept anywhere: show it once, log it never."""

    record: TokenRecord

    def __repr__(self) -> str:
        return f"NewToken({self.record.public_id!r})"


class TokenBook:
    """The tokens of one scope, for those who may give them out."""

    def __init__(
        self, database: Database, scope: TenantScope, site_id: str, clock: Callable[[], datetime] = now_utc
    ) -> None:
        self._database = database
        self._scope = scope
        self._site_id = site_id
        self._clock = clock

    def create(self, user_id: str, role: Role, life: timedelta) -> NewToken:
        """A token by which `user_id` acts in this scope's tenant and environment.

        Raises:
            InvalidInput: `life` is not between a second and 400 days.
            TenantMismatch: `user_id` is no name.
        """
        caller = TenantScope(self._scope.tenant, self._scope.env, user_id, role)
        if not timedelta(seconds=1) <= life <= LONGEST_LIFE:
            raise InvalidInput(f"a token lives between 1 s and {LONGEST_LIFE.days} days, got {life}")
        with self._database.write() as connection:
            return self._add(connection, caller, life, "create_token")

    def rotate(self, public_id: str, life: timedelta, overlap: timedelta) -> NewToken:
        """A token for the same user and role; the old one is good for `overlap` longer, and never longer than it was.

        Raises:
            NotFound: this scope has no such token.
            Conflict: it is revoked or over already.
            InvalidInput: `life` is not between a second and 400 days.
        """
        if not timedelta(seconds=1) <= life <= LONGEST_LIFE or overlap < timedelta():
            raise InvalidInput(f"a token lives between 1 s and {LONGEST_LIFE.days} days, got {life}; overlap {overlap}")
        now = self._clock()
        with self._database.write() as connection:
            row = self._locate(connection, public_id)
            if row["revoked_at_us"] is not None or row["expires_at_us"] <= to_us(now):
                raise Conflict(f"token {public_id!r} is over; create another")
            last = min(row["expires_at_us"], to_us(now + overlap))
            connection.execute(update(api_token).where(api_token.c.seq == row["seq"]).values(expires_at_us=last))
            caller = TenantScope(row["tenant"], row["env"], row["user_id"], row["role"])
            return self._add(connection, caller, life, "rotate_token", replaces=public_id)

    def revoke(self, public_id: str) -> TokenRecord:
        """The token, good for nothing from now on. Revoking again changes nothing.

        Raises:
            NotFound: this scope has no such token.
        """
        with self._database.write() as connection:
            row = self._locate(connection, public_id)
            if row["revoked_at_us"] is None:
                values = {"revoked_at_us": to_us(self._clock())}
                connection.execute(update(api_token).where(api_token.c.seq == row["seq"]).values(values))
                self._audit(connection, "revoke_token", public_id, {})
            return _record(self._locate(connection, public_id))

    def list(self) -> tuple[TokenRecord, ...]:
        """Every token of this scope, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(api_token).where(*self._mine()).order_by(api_token.c.seq.desc())
            ).mappings()
            return tuple(map(_record, rows))

    def _add(self, connection: Connection, caller: TenantScope, life: timedelta, action: str, **about: str) -> NewToken:
        public_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        now = self._clock()
        row = {
            "tenant": caller.tenant,
            "env": caller.env,
            "public_id": public_id,
            "secret_hash": sha256_hex(secret.encode()),
            "user_id": caller.user_id,
            "role": str(caller.role),
            "created_by": self._scope.user_id,
            "site_id": self._site_id,
            "created_at_us": to_us(now),
            "expires_at_us": to_us(now + life),
        }
        connection.execute(api_token.insert().values(row))
        self._audit(connection, action, public_id, {"user_id": caller.user_id, "role": str(caller.role), **about})
        return NewToken(f"rw_{public_id}_{secret}", _record(self._locate(connection, public_id)))

    def _locate(self, connection: Connection, public_id: str) -> RowMapping:
        query = select(api_token).where(*self._mine(), api_token.c.public_id == public_id).with_for_update()
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFound(f"no token {public_id!r}")
        return row

    def _mine(self) -> tuple[Any, ...]:
        return api_token.c.tenant == self._scope.tenant, api_token.c.env == self._scope.env

    def _audit(self, connection: Connection, action: str, public_id: str, payload: dict[str, str]) -> None:
        book = ObservationBook(self._database, self._scope, self._site_id, self._clock)
        book.add_audit(connection, action, public_id, payload)


def verify_token(database: Database, text: str, clock: Callable[[], datetime] = now_utc) -> TenantScope:
    """Who the bearer of this token is.

    Raises:
        TokenRejected: it is malformed, unknown, false, expired or revoked; the message is the same for all of them.
    """
    found = _TOKEN.fullmatch(text)
    public_id, secret = found.groups() if found else ("", "")
    with database.read() as connection:
        row = connection.execute(select(api_token).where(api_token.c.public_id == public_id)).mappings().first()
    expected = _NOBODY if row is None else row["secret_hash"]
    same = hmac.compare_digest(sha256_hex(secret.encode()), expected)
    if row is None or not same or row["revoked_at_us"] is not None or row["expires_at_us"] <= to_us(clock()):
        raise TokenRejected("the token is not accepted")
    return TenantScope(row["tenant"], row["env"], row["user_id"], row["role"])


def _record(row: RowMapping) -> TokenRecord:
    return TokenRecord(
        public_id=row["public_id"],
        tenant=row["tenant"],
        env=row["env"],
        user_id=row["user_id"],
        role=Role(row["role"]),
        created_by=row["created_by"],
        created_at=from_us(row["created_at_us"]),
        expires_at=from_us(row["expires_at_us"]),
        revoked_at=None if row["revoked_at_us"] is None else from_us(row["revoked_at_us"]),
    )
