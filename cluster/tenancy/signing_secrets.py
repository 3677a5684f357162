"""The secrets with which a tenant's callbacks are signed: `whsec_…` as Standard Webhooks has them.

Both sides need them in plain, so they are sealed, not hashed (see `sealing`). While an old one runs out, callbacks
carry a signature of each, and receivers change over when they like.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select, update

from cluster.registry.database import Database
from cluster.registry.observations import ObservationBook
from cluster.registry.rows import from_us, now_utc, to_us
from cluster.registry.tables import signing_secret
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.sealing import Sealer
from schemas.errors import InvalidInput, NotFound

_SECRET_BYTES = 32


@dataclass(frozen=True)
class SecretRecord:
    """What is known of a signing secret: all but itself."""

    secret_id: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class NewSecret:
    """A signing secret at its birth."""

    text: str
    """The secret itself: show it once, log it never."""

    record: SecretRecord

    def __repr__(self) -> str:
        return f"NewSecret({self.record.secret_id!r})"


class SigningSecrets:
    """The signing secrets of one scope."""

    def __init__(
        self,
        database: Database,
        scope: TenantScope,
        site_id: str,
        sealer: Sealer,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._database = database
        self._scope = scope
        self._site_id = site_id
        self._sealer = sealer
        self._clock = clock

    def rotate(self, overlap: timedelta = timedelta(days=1)) -> NewSecret:
        """A new secret, the first or the next; those before it sign for `overlap` longer.

        Raises:
            InvalidInput: `overlap` is negative.
        """
        if overlap < timedelta():
            raise InvalidInput(f"overlap must not be negative, got {overlap}")
        now = self._clock()
        text = f"whsec_{base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()}"
        record = SecretRecord(f"s_{secrets.token_hex(16)}", self._scope.user_id, from_us(to_us(now)), None)
        with self._database.write() as connection:
            self._database.alone(connection, f"signing/{self._scope.tenant}/{self._scope.env}")
            self._shorten(connection, to_us(now + overlap))
            row = {
                "tenant": self._scope.tenant,
                "env": self._scope.env,
                "secret_id": record.secret_id,
                "sealed": self._sealer.seal(text, self._purpose(record.secret_id)),
                "created_by": record.created_by,
                "site_id": self._site_id,
                "created_at_us": to_us(now),
            }
            connection.execute(signing_secret.insert().values(row))
            self._audit(connection, "rotate_signing_secret", record.secret_id)
        return NewSecret(text, record)

    def revoke(self, secret_id: str) -> SecretRecord:
        """The secret, which signs nothing from now on: for one that got out. Revoking again changes nothing.

        Raises:
            NotFound: this scope has no such secret.
        """
        now_us = to_us(self._clock())
        with self._database.write() as connection:
            one = (*self._mine(), signing_secret.c.secret_id == secret_id)
            row = connection.execute(select(signing_secret).where(*one).with_for_update()).mappings().first()
            if row is None:
                raise NotFound(f"no signing secret {secret_id!r}")
            if row["expires_at_us"] is None or row["expires_at_us"] > now_us:
                connection.execute(update(signing_secret).where(*one).values(expires_at_us=now_us))
                self._audit(connection, "revoke_signing_secret", secret_id)
            return _record(connection.execute(select(signing_secret).where(*one)).mappings().one())

    def list(self) -> tuple[SecretRecord, ...]:
        """Every signing secret of this scope, newest first."""
        with self._database.read() as connection:
            query = select(signing_secret).where(*self._mine()).order_by(signing_secret.c.seq.desc())
            return tuple(map(_record, connection.execute(query).mappings()))

    def valid(self) -> tuple[str, ...]:
        """The secrets that sign now, newest first; empty when there is none."""
        lasting = or_(signing_secret.c.expires_at_us.is_(None), signing_secret.c.expires_at_us > to_us(self._clock()))
        query = select(signing_secret).where(*self._mine(), lasting).order_by(signing_secret.c.seq.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(self._sealer.open(row["sealed"], self._purpose(row["secret_id"])) for row in rows)

    def _shorten(self, connection: Connection, last_us: int) -> None:
        longer = or_(signing_secret.c.expires_at_us.is_(None), signing_secret.c.expires_at_us > last_us)
        connection.execute(update(signing_secret).where(*self._mine(), longer).values(expires_at_us=last_us))

    def _purpose(self, secret_id: str) -> str:
        return f"signing/{self._scope.tenant}/{self._scope.env}/{secret_id}"

    def _mine(self) -> tuple[Any, ...]:
        return signing_secret.c.tenant == self._scope.tenant, signing_secret.c.env == self._scope.env

    def _audit(self, connection: Connection, action: str, secret_id: str) -> None:
        book = ObservationBook(self._database, self._scope, self._site_id, self._clock)
        book.add_audit(connection, action, secret_id, {})


def _record(row: RowMapping) -> SecretRecord:
    expires_us = row["expires_at_us"]
    return SecretRecord(
        secret_id=row["secret_id"],
        created_by=row["created_by"],
        created_at=from_us(row["created_at_us"]),
        expires_at=None if expires_us is None else from_us(expires_us),
    )
