"""docs/problems.md is what the errors say, and what HTTP makes of them."""

from __future__ import annotations

from serve.http.problems import CODES, OF_THE_FRAMEWORK
from tools.problem_docs import PAGE, kinds, render


def test_page_is_not_stale():
    assert PAGE.read_text() == render(), "make schemas"


def test_every_code_has_one_row_and_a_meaning():
    codes = [kind.code for kind, _ in kinds()]
    assert len(codes) == len(set(codes)) > 15
    assert set(CODES.values()) <= {*codes, *OF_THE_FRAMEWORK}
    assert all(kind.__doc__ for kind, _ in kinds())
