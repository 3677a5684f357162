"""The versions of what wheels carry inside (SQLite, FFmpeg), which pip-audit cannot see, against their floors."""

from __future__ import annotations

import platform
import re
import tomllib
from importlib.metadata import version

import av
from packaging.version import Version
from pysqlite3 import dbapi2

from tools.findings import Finding


def installed_parts() -> dict[str, str]:
    """Part -> version, of what this interpreter would load."""
    return {
        "cpython": platform.python_version(),
        "sqlite": dbapi2.sqlite_version,
        "ffmpeg": str(av.ffmpeg_version_info),
        "pillow": version("pillow"),
        "ray": version("ray"),
    }


def check_floors(table_text: str, parts: dict[str, str]) -> list[Finding]:
    """A finding for each part below its floor, or whose version cannot be read."""
    findings = []
    for row in tomllib.loads(table_text)["floor"]:
        part, floor, found = row["part"], row["version"], parts.get(row["part"], "")
        number = re.match(r"\d+(\.\d+)*", found)
        if number is None:
            findings.append(Finding(f"native:{part}", f"{part} {found!r} has no readable version"))
        elif Version(number[0]) < Version(floor):
            message = f"{part} {found} is below {floor}: {row['why']}"
            findings.append(Finding(f"native:{part}", message, row["severity"]))
    return findings
