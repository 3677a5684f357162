"""Whether a request is its caller's to make: the tenant and environment in it must be those that were verified."""

from __future__ import annotations

from cluster.tenancy.scope import TenantScope, check_name
from schemas.errors import TenantMismatch
from schemas.media_request import MediaRequest
from schemas.video_shot_list import ShotListRequest


def check_caller(request: MediaRequest | ShotListRequest, scope: TenantScope, *, dev_bypass: bool = False) -> None:
    """Nothing, when the request names the scope's tenant and environment, and its user or none.

    Args:
        request: what is asked for.
        scope: who was verified.
        dev_bypass: in development, a request without tenant or environment is taken as the scope's own.

    Raises:
        TenantMismatch: one is missing, a placeholder such as `t_unknown`, or not the caller's.
    """
    for field, given, own in (
        ("tenant_id", request.tenant_id, scope.tenant),
        ("env", request.env, scope.env),
        ("user_id", request.user_id, scope.user_id),
    ):
        if not given and (dev_bypass or field == "user_id"):
            continue
        if field != "user_id":
            check_name(field, given)
        check_own(field, given, own)


def check_own(field: str, given: str, own: str) -> None:
    """Nothing, when what a request names is what was verified.

    Raises:
        TenantMismatch: it is not.
    """
    if given != own:
        raise TenantMismatch(f"{field} {given!r} is not the caller's", field=field, value=given)
