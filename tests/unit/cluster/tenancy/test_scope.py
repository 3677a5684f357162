"""Who is asking."""

from __future__ import annotations

import pytest

from cluster.tenancy.scope import TenantScope
from schemas.errors import TenantMismatch

BAD_NAMES = [
    "",
    "t_unknown",
    "T_Unknown",
    "unknown",
    "none",
    "../x",
    "a/b",
    "a.b",
    "a b",
    "a%2f",
    "t\n",
    "-a",
    "x" * 65,
    "ж",
]


@pytest.mark.parametrize("field", ["tenant", "env"])
@pytest.mark.parametrize("bad", BAD_NAMES)
def test_scope_with_an_unknown_or_unsafe_name_is_refused(field, bad):
    with pytest.raises(TenantMismatch, match=field) as raised:
        TenantScope(**{"tenant": "t_local", "env": "dev", field: bad})
    assert repr(bad) in raised.value.message


def test_scope_with_an_email_as_user_is_allowed_and_a_path_is_not():
    assert TenantScope("t1", "dev", user_id="ann.b+x@example.org").user_id == "ann.b+x@example.org"
    with pytest.raises(TenantMismatch, match="user_id"):
        TenantScope("t1", "dev", user_id="../ann")


def test_scope_builds_its_prefix_and_folder():
    scope = TenantScope("t_1", "prod-2")
    assert scope.uri_prefix == "artifact://t_1/prod-2/"
    assert scope.folder == "tenants/t_1/prod-2"


@pytest.mark.parametrize(
    ("other", "same"), [(("t1", "dev", "bob", "admin"), True), (("t2", "dev"), False), (("t1", "prod"), False)]
)
def test_scope_owner_is_tenant_and_env_alone(other, same):
    assert TenantScope("t1", "dev", "ann").same_owner(TenantScope(*other)) is same
