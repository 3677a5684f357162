"""What a caller may do, in three steps (specification section 34.3)."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """From the least to the most; each may do what the ones before it may."""

    READER = "reader"
    """Looks at what is there."""

    OPERATOR = "operator"
    """Makes things, cancels and retries."""

    ADMIN = "admin"
    """Gives out tokens and secrets, sets limits."""


_ORDER = tuple(Role)


def may(role: str, needed: Role) -> bool:
    """Whether `role` is enough where `needed` is. A role that nobody knows may do nothing."""
    return role in _ORDER and _ORDER.index(Role(role)) >= _ORDER.index(needed)
