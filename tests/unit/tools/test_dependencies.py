"""Every direct dependency is explained in docs/dependencies.md."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def direct_dependencies() -> list[str]:
    texts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return [text.split("==")[0] for text in texts]


def test_dependencies_page_has_a_row_for_each_dependency_and_no_other():
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = re.findall(r"^\| ([a-z0-9\[\],-]+) \|(.*)\|$", page, re.MULTILINE)
    named = [name for name, _ in rows if name != "package" and not set(name) <= {"-"}]
    assert sorted(named) == sorted(direct_dependencies())
    thin = [name for name, row in rows if any(not cell.strip() for cell in row.split("|"))]
    assert not thin, f"rows with an empty cell: {thin}"
