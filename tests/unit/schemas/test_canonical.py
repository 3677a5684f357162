"""Canonical JSON: the vectors of RFC 8785, and refusal of everything without a stable form."""

from __future__ import annotations

import enum
import json
import struct
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.canonical import canonical_json, fingerprint, sha256_hex
from schemas.errors import Defect


def test_canonical_json_of_the_rfc_example_is_the_rfc_output():
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '\u20ac$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_json(value) == expected.encode()


def test_canonical_json_sorts_names_by_utf_16_code_units():
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = list(json.loads(canonical_json(dict.fromkeys(names, 0))))
    assert ordered == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555554", "333333333.33333325"),
        ("41b3de4355555555", "333333333.3333333"),
        ("41b3de4355555556", "333333333.3333334"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_canonical_json_of_the_rfc_numbers_is_the_rfc_text(bits, text):
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_json(number).decode() == text


class Colour(enum.Enum):
    RED = 1


deep: list[object] = []
for _ in range(100_000):
    deep = [deep]


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        {1, 2},
        frozenset("ab"),
        b"bytes",
        object(),
        Fraction(1, 2),
        Decimal("1.5"),
        date(2026, 11, 21),
        PurePosixPath("a"),
        Colour.RED,
        np.int64(3),
        np.zeros(2),
        2**53,
        -(2**53),
        {1: "number as a name"},
        {None: 1},
        "\ud800",
        {"\ud800": 1},
        {"deep": [{"deeper": {1}}]},
    ],
    ids=lambda value: type(value).__name__,
)
def test_canonical_json_of_what_has_no_stable_form_is_refused(value):
    with pytest.raises(Defect, match="no canonical JSON form"):
        canonical_json(value)


def test_canonical_json_of_a_bottomless_value_is_refused():
    with pytest.raises(Defect, match="list is nested too deeply"):
        canonical_json(deep)


whole = st.integers(-(2**53) + 1, 2**53 - 1)
real = st.floats(-(2.0**53) + 1, 2.0**53 - 1)
"""Beyond 2**53 the RFC writes a whole double without a point, and its reader sees an int that no double can be told from."""

json_values = st.recursive(
    st.none() | st.booleans() | whole | real | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_canonical_json_is_a_fixed_point_and_says_the_same(value):
    once = canonical_json(value)
    assert json.loads(once) == value
    assert canonical_json(json.loads(once)) == once


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2))
def test_fingerprint_does_not_depend_on_the_order_of_names(value):
    assert fingerprint(value) == fingerprint(dict(reversed(value.items())))


def test_fingerprint_is_sha_256_of_the_canonical_bytes():
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert fingerprint({"b": 1, "a": [1.0, True]}) == sha256_hex(b'{"a":[1,true],"b":1}')
    assert fingerprint([1, 2]) != fingerprint([2, 1])
