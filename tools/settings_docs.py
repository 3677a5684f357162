"""`make schemas`: docs/settings.md from the settings in cluster/settings.py. What it says are their docstrings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from cluster import settings
from tools.schema_docs import HEADER

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"

HEAD = """# Settings

Every variable that reelwright reads, once, when a process starts. A value that is not allowed stops it with a message
that names it, and so does a name that begins with `REELWRIGHT_` and stands for nothing. Lists and maps are JSON.
"""

TABLE = "| variable | default | what it is |\n|---|---|---|\n"

MADE = {
    "REELWRIGHT_STORE": "`~/.local/share/reelwright`, or where the system keeps data of programs",
    "REELWRIGHT_QUEUE_WAITING": '`{"local_ai_queue": 8}`',
}
"""Defaults that are computed, in words."""


def classes() -> list[type[BaseSettings]]:
    """The settings of `cluster.settings`, in the order in which they stand there."""
    found = [one for one in vars(settings).values() if isinstance(one, type) and issubclass(one, BaseSettings)]
    return [one for one in found if one.__module__ == settings.__name__]


def render() -> str:
    """The page."""
    parts = [HEADER, HEAD]
    for cls in classes():
        prefix = str(cls.model_config["env_prefix"])
        parts.append(
            f"\n## {prefix}…\n\n{(cls.__doc__ or '').strip()}\n\n| variable | default | what it is |\n|---|---|---|\n"
        )
        for name, field in cls.model_fields.items():
            variable = str(field.validation_alias or prefix + name.upper())
            meaning = " ".join((field.description or "").split()).replace("|", "\\|")
            parts.append(f"| `{variable}` | {MADE.get(variable) or _shown(field.default)} | {meaning} |\n")
    return "".join(parts)


def _shown(default: Any) -> str:
    if default is None or default is PydanticUndefined:
        return "none"
    text = str(default.get_secret_value() if hasattr(default, "get_secret_value") else default)
    return "none" if text in ("", "()") else f"`{text}`"


def main() -> int:
    PAGE.write_text(render(), encoding="utf-8")
    print(f"{PAGE.name}: {sum(len(one.model_fields) for one in classes())} settings")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
