"""Unit tests load no framework: whoever needs one is among the integration tests."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FRAMEWORKS = frozenset({"facenet_pytorch", "pocketsphinx", "ray", "silero_vad", "torch", "torchvision", "transformers"})
"""Each takes from half a second to several to import."""


@pytest.fixture(autouse=True, scope="module")
def no_framework(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the module that loads one, by its own import or by what it calls."""
    before = set(sys.modules)
    assert not _imported(request.path) & FRAMEWORKS
    yield
    assert not FRAMEWORKS & (set(sys.modules) - before)


def _imported(path: Path) -> set[str]:
    """Packages that a file names; when it is collected with others, somebody else may have loaded them before."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found
