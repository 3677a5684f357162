"""Who calls, and may they? The token's tenant, environment, user and role are the only ones that count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from cluster.log_scope import tell
from cluster.tenancy.roles import Role, may
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.tokens import verify_token
from schemas.errors import Refused, TokenRejected
from serve.http.problems import Unauthenticated
from serve.http.site import Site

_BEARER = HTTPBearer(
    auto_error=False, scheme_name="token", description="An API token: `reelwright token create` gives one out."
)


def site_of(request: Request) -> Site:
    """The site that the application serves."""
    return cast(Site, request.app.state.site)


def _caller(needed: Role) -> Callable[..., TenantScope]:
    def caller(
        site: Annotated[Site, Depends(site_of)],
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    ) -> TenantScope:
        if given is None:
            raise Unauthenticated
        try:
            scope = verify_token(site.database, given.credentials)
        except TokenRejected as exc:
            raise Unauthenticated from exc
        tell(tenant=scope.tenant)
        if not may(scope.role, needed):
            raise Refused(f"this needs the role {needed}; the token's is {scope.role!r}", needed=needed)
        return scope

    return caller


OnSite = Annotated[Site, Depends(site_of)]

Reader = Annotated[TenantScope, Depends(_caller(Role.READER))]
Operator = Annotated[TenantScope, Depends(_caller(Role.OPERATOR))]
Admin = Annotated[TenantScope, Depends(_caller(Role.ADMIN))]
