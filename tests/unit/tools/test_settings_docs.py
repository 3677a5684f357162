"""docs/settings.md is what the settings say."""

from __future__ import annotations

from tools.settings_docs import PAGE, classes, render


def test_page_is_not_stale():
    assert PAGE.read_text() == render(), "make schemas"


def test_every_setting_has_a_row_that_says_what_it_is():
    rows = [line.split(" | ") for line in render().splitlines() if line.startswith("| `")]
    assert len(rows) == sum(len(one.model_fields) for one in classes()) > 20
    assert all(len(row) == 3 and len(row[2]) > 10 for row in rows)
