"""Runs a page of documentation: its blocks in order, each answer compared with the block that shows it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_BLOCK = re.compile(r"^```(bash|python|json|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

_MARK = "--- block {} ---"

ANYTHING = "…"


class Tour:
    """The blocks of a page: what is run, and what it should answer."""

    def __init__(self, page: Path) -> None:
        self._blocks = _BLOCK.findall(page.read_text())

    def run(self, folder: Path, environment: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
        """What was run, the language of what is shown, what is shown and what was answered, of each pair.

        All bash of a page is one shell: what one block sets, the next has. Python is a script of its own, and stands last.
        """
        pairs = [
            (*self._blocks[number], *self._blocks[number + 1])
            for number, (language, _) in enumerate(self._blocks[:-1])
            if language in ("bash", "python") and self._blocks[number + 1][0] in ("json", "text")
        ]
        runnable = sum(language in ("bash", "python") for language, _ in self._blocks)
        assert runnable == len(pairs) > 0, "every block that is run is followed by its answer"
        shell = [code for language, code, _, _ in pairs if language == "bash"]
        script = "set -eu -o pipefail\n" + "".join(
            f"printf '\\n%s\\n' '{_MARK.format(number)}'\n{code}" for number, code in enumerate(shell)
        )
        said = _said(["bash", "-c", script], folder, environment)
        answers = re.split(r"\n--- block \d+ ---\n", said)[1:]
        answers += [
            _said([sys.executable, "-c", code], folder, environment)
            for language, code, _, _ in pairs
            if language == "python"
        ]
        return [(code, kind, shown, answer) for (_, code, kind, shown), answer in zip(pairs, answers, strict=True)]


def agrees(kind: str, shown: str, answer: str) -> bool:
    """Whether an answer is what the page shows."""
    if kind == "json":
        return _within(json.loads(shown), json.loads(answer))
    return _like(shown.strip(), answer.strip())


def _within(shown: Any, answer: Any) -> bool:
    """Whether everything that is shown is in the answer, which may hold more fields."""
    if isinstance(shown, dict):
        return isinstance(answer, dict) and all(
            name in answer and _within(value, answer[name]) for name, value in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(answer, list) and len(shown) == len(answer) and all(map(_within, shown, answer))
    if isinstance(shown, str):
        return isinstance(answer, str) and _like(shown, answer)
    return type(shown) is type(answer) and shown == answer


def _like(shown: str, answer: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in shown.split(ANYTHING))
    return re.fullmatch(pattern, answer, re.DOTALL) is not None


def _said(command: list[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, (done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout
