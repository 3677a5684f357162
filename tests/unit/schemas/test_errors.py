"""Errors cross a process boundary whole, and each has a stable code."""

from __future__ import annotations

import copy
import pickle

import pytest

from schemas import errors
from schemas.errors import InvalidInput, ReelwrightError, Refused, Unavailable


def every_error(cls: type[ReelwrightError] = ReelwrightError) -> list[type[ReelwrightError]]:
    return [
        cls,
        *(deep for sub in cls.__subclasses__() if sub.__module__ == "schemas.errors" for deep in every_error(sub)),
    ]


@pytest.mark.parametrize("cls", every_error(), ids=lambda cls: cls.__name__)
def test_error_survives_pickling_and_copying_with_type_message_and_evidence(cls):
    error = cls("shot 'sh7' lasts 0 ticks", shot_id="sh7", ticks=0, facts=("a", "b"))
    for other in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):  # noqa: S301 - our own bytes
        assert type(other) is cls
        assert str(other) == other.message == "shot 'sh7' lasts 0 ticks"
        assert other.detail == {"shot_id": "sh7", "ticks": 0, "facts": ("a", "b")}
        assert (other.code, other.retryable) == (cls.code, cls.retryable)


def test_errors_have_codes_of_their_own():
    codes = [cls.code for cls in every_error()]
    assert len(set(codes)) == len(codes) >= 14


def test_errors_are_all_named_in_the_tree_of_the_module():
    missing = [cls.__name__ for cls in every_error() if cls.__name__ not in (errors.__doc__ or "")]
    assert missing == []


def test_errors_that_may_succeed_later_are_the_unavailable_ones_only():
    assert {cls for cls in every_error() if cls.retryable} == {
        cls for cls in every_error() if issubclass(cls, Unavailable)
    }


def test_errors_stand_in_the_family_of_who_must_act():
    assert issubclass(errors.SchemaUnsupported, InvalidInput)
    assert issubclass(errors.MediaUnreadable, InvalidInput)
    for policy in (errors.CanonConflict, errors.RightsDenied, errors.SafetyViolation, errors.TenantMismatch):
        assert issubclass(policy, Refused)
