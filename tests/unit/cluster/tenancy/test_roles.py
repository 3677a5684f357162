"""Each role may do what the ones before it may."""

from __future__ import annotations

import pytest

from cluster.tenancy.roles import Role, may


def test_roles_are_ordered():
    allowed = {(role, needed) for role in Role for needed in Role if may(role, needed)}
    reader, operator, admin = Role.READER, Role.OPERATOR, Role.ADMIN
    assert allowed == {
        (reader, reader), (operator, reader), (operator, operator), (admin, reader), (admin, operator), (admin, admin),
    }  # fmt: skip


@pytest.mark.parametrize("role", ["", "root", "ADMIN", "Admin", "reader "])
def test_unknown_role_may_do_nothing(role):
    assert not any(may(role, needed) for needed in Role)


def test_role_as_carried_by_a_scope_counts():
    assert may("operator", Role.OPERATOR) and not may("operator", Role.ADMIN)
