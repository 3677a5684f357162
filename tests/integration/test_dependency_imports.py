"""Every direct dependency imports on this machine, Ray among them."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def direct_dependencies() -> list[str]:
    texts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return [text.split("==")[0] for text in texts]


def modules_of(dependency: str) -> list[str]:
    """Top-level packages that a wheel installs."""
    files = distribution(dependency.split("[")[0]).files or []
    tops = {file.parts[0] for file in files if len(file.parts) > 1 and file.name == "__init__.py"}
    return sorted(top for top in tops if top.isidentifier())


@pytest.mark.timeout(300)
def test_every_dependency_imports_here_without_graphics_or_database_libraries_of_the_host():
    modules = sorted({module for name in direct_dependencies() for module in modules_of(name)} - {"mypyc", "py"})
    assert len(modules) >= len(direct_dependencies()) - 2, modules
    code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    ran = subprocess.run([sys.executable, "-c", code, *modules], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
