"""A request is its caller's to make, or it is refused."""

from __future__ import annotations

import pytest

from cluster.tenancy.scope import TenantScope
from pipelines.analysis.caller import check_caller
from schemas.errors import TenantMismatch
from schemas.media_request import RegionsRequest

SCOPE = TenantScope("t1", "dev", "ann")


def request(**named: str) -> RegionsRequest:
    return RegionsRequest(**{"tenant_id": "t1", "env": "dev", "asset_id": "a1", **named})


@pytest.mark.parametrize("named", [{}, {"user_id": "ann"}])
def test_own_request_passes(named):
    check_caller(request(**named), SCOPE)


@pytest.mark.parametrize(
    "named",
    [
        {"tenant_id": "t2"},
        {"tenant_id": ""},
        {"tenant_id": "t_unknown"},
        {"tenant_id": "T1"},
        {"env": "prod"},
        {"env": ""},
        {"user_id": "bob"},
    ],
)
def test_any_other_request_is_refused(named):
    with pytest.raises(TenantMismatch):
        check_caller(request(**named), SCOPE)


def test_dev_bypass_lets_what_is_missing_pass_and_nothing_else():
    check_caller(request(tenant_id="", env=""), SCOPE, dev_bypass=True)
    with pytest.raises(TenantMismatch):
        check_caller(request(tenant_id="t2"), SCOPE, dev_bypass=True)
