"""The one time by which leases run out: the database's, because two hosts never agree to the second."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from cluster.registry.rows import now_utc, to_us

Clock = Callable[[Connection], int]
"""Microseconds since 1970, asked for within a transaction."""


def database_us(connection: Connection) -> int:
    """The time of the database server, as it goes on during a transaction. SQLite's is this host's."""
    if connection.dialect.name == "postgresql":
        now: int = connection.execute(
            text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        ).scalar_one()
        return now
    return to_us(now_utc())
