"""Whether requirements.lock can be trusted as text: pins, hashes, no addresses, in step with pyproject.toml.

Needs no network and installs nothing, so that a bad pin is found before it runs anywhere.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools.findings import Finding

HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?=\s|$)")
ADDRESS = re.compile(r"://|\s@\s|--(?:index|extra-index|find|trusted)-\w+|^-[ief]\s", re.MULTILINE)


@dataclass(frozen=True)
class Pin:
    """One line of a lock file."""

    name: str
    version: Version
    hashes: int


def read_pins(lock_text: str) -> tuple[list[Pin], list[Finding]]:
    """Every `name==version` of a lock file in order, and a finding for each line that is something else."""
    pins, findings = [], []
    joined = re.sub(r"\\\s*\n", " ", re.sub(r"#.*", "", lock_text))
    for line in filter(None, (line.strip() for line in joined.splitlines())):
        match = re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^\s;]+)", line)
        if match is None:
            findings.append(Finding("lock:unpinned", f"{line!r:.120} is not name==version"))
        else:
            pins.append(Pin(canonicalize_name(match[1]), Version(match[2]), len(HASH.findall(line))))
    return pins, findings


def check_lock(lock_text: str) -> list[Finding]:
    """A finding for each line without pin or hash, each address, and each package that stands twice."""
    pins, findings = read_pins(lock_text)
    if not pins:
        findings.append(Finding("lock:empty", "the lock holds no pin at all"))
    for pin in pins:
        if pin.hashes == 0:
            findings.append(Finding(f"lock:hash:{pin.name}", f"{pin.name}=={pin.version} has no sha256"))
    names = [pin.name for pin in pins]
    for name in sorted({name for name in names if names.count(name) > 1}):
        findings.append(Finding(f"lock:twice:{name}", f"{name} stands twice"))
    for address in ADDRESS.finditer(lock_text):
        line = lock_text.count("\n", 0, address.start()) + 1
        findings.append(Finding("lock:address", f"line {line} holds {address[0].strip()!r}: no addresses in a lock"))
    return findings


def check_agreement(pyproject_text: str, lock_text: str) -> list[Finding]:
    """A finding for each dependency of pyproject.toml that is not pinned with == or not in the lock as pinned."""
    locked = {pin.name: pin.version for pin in read_pins(lock_text)[0]}
    findings = []
    for text in tomllib.loads(pyproject_text)["project"]["dependencies"]:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        if not re.fullmatch(r"==[^*,]+", str(requirement.specifier)):
            findings.append(Finding(f"pyproject:{name}", f"{text!r} in pyproject.toml is not an == pin"))
        elif name not in locked:
            findings.append(Finding(f"pyproject:{name}", f"{text!r} is not in the lock; run `make lock`"))
        elif not requirement.specifier.contains(locked[name], prereleases=True):
            findings.append(Finding(f"pyproject:{name}", f"{text!r}, but the lock has {locked[name]}; run `make lock`"))
    return findings


def check_known_bad(table_text: str, lock_text: str) -> list[Finding]:
    """A finding for each pin that the table of known bad versions names."""
    rows = tomllib.loads(table_text)["pin"]
    findings = []
    for pin in read_pins(lock_text)[0]:
        for row in rows:
            bad = SpecifierSet(row["versions"])
            if canonicalize_name(row["package"]) == pin.name and bad.contains(pin.version, prereleases=True):
                message = f"{pin.name}=={pin.version} is known bad ({row['versions']}): {row['why']}"
                findings.append(Finding(f"pin:{pin.name}", message))
    return findings
