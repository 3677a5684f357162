"""Who is asking. A `TenantScope` is the only door to the registry and the blobs.

It is built once, from the verified caller, and handed down; every key, path and row is built from its fields and none
is ever parsed back into one. Names are checked at birth, so that a scope that exists can be put into a path or a URI
as is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.errors import TenantMismatch

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,63}")
"""Safe as one path segment and as one segment of `artifact://`: no dot, no slash, no percent sign."""

_PERSON = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@+\-]{0,127}")
"""A user id may be an e-mail address; it never becomes a path."""

_PLACEHOLDERS = frozenset({"t_unknown", "unknown", "none", "null", "undefined"})
"""What other systems send when they do not know who is calling."""


@dataclass(frozen=True)
class TenantScope:
    """The caller's tenant, environment, user and role; all four are known and well-formed."""

    tenant: str
    """Owner of the data, for example `t_local`."""

    env: str
    """Environment within the tenant, for example `dev`."""

    user_id: str = "local"
    """Who is acting, for approvals and audit."""

    role: str = "operator"
    """What the caller may do: decided by whoever checks an action, only carried here."""

    def __post_init__(self) -> None:
        """Refuse what is empty, a placeholder or not a safe name.

        Raises:
            TenantMismatch: names the field and the value.
        """
        for field, pattern in (("tenant", _NAME), ("env", _NAME), ("user_id", _PERSON), ("role", _NAME)):
            check_name(field, getattr(self, field), pattern)

    @property
    def uri_prefix(self) -> str:
        """What every artifact URI of this scope starts with: `artifact://{tenant}/{env}/`."""
        return f"artifact://{self.tenant}/{self.env}/"

    @property
    def folder(self) -> str:
        """Where this scope's bytes lie below the store: `tenants/{tenant}/{env}`."""
        return f"tenants/{self.tenant}/{self.env}"

    def same_owner(self, other: TenantScope) -> bool:
        """Whether both see the same data: user and role do not matter."""
        return (self.tenant, self.env) == (other.tenant, other.env)


def check_name(field: str, value: str, pattern: re.Pattern[str] = _NAME) -> None:
    """Nothing, when `value` names something.

    Raises:
        TenantMismatch: `value` is empty, a placeholder such as `t_unknown`, or has characters outside `pattern`.
    """
    if not value or value.lower() in _PLACEHOLDERS:
        raise TenantMismatch(f"{field} must be known, got {value!r}", field=field, value=value)
    if not pattern.fullmatch(value):
        raise TenantMismatch(f"{field} {value!r} does not match {pattern.pattern}", field=field, value=value)
