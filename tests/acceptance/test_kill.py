"""The tests of `kill_runs.py`, in a process of their own: they fork it, and one in which Ray, PyTorch or their threads ever
ran does not survive that ("double free" in the child, once in a few hundred).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUNS = Path(__file__).with_name("kill_runs.py")


def in_a_process_of_their_own(marks: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", marks, str(RUNS)]
    done = subprocess.run(command, cwd=RUNS.parents[2], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert " passed" in done.stdout


@pytest.mark.timeout(2400)
def test_killed_runs_lose_nothing() -> None:
    in_a_process_of_their_own("not soak")


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_killed_runs_lose_nothing_a_thousand_times() -> None:
    in_a_process_of_their_own("soak")
