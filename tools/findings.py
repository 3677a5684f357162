"""A finding of the audit, and the waivers that silence it for a while."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

LONGEST_WAIVER = timedelta(days=30)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `key` is what a waiver names."""

    key: str
    message: str
    severity: Literal["fail", "warn"] = "fail"


@dataclass(frozen=True)
class Waiver:
    """Who answers for a finding, why, and until which day."""

    finding: str
    owner: str
    reason: str
    granted: date
    until: date


def read_waivers(path: Path) -> list[Waiver]:
    """The waivers in a TOML file.

    Raises:
        ValueError: a waiver has no owner or reason, or runs for longer than 30 days.
    """
    waivers = [Waiver(**row) for row in tomllib.loads(path.read_text()).get("waiver", [])]
    for waiver in waivers:
        if not waiver.owner.strip() or not waiver.reason.strip():
            raise ValueError(f"waiver of {waiver.finding!r} needs an owner and a reason")
        if waiver.until - waiver.granted > LONGEST_WAIVER:
            raise ValueError(f"waiver of {waiver.finding!r} runs from {waiver.granted} to {waiver.until}, over 30 days")
    return waivers


def apply_waivers(findings: list[Finding], waivers: list[Waiver], today: date) -> tuple[list[Finding], list[str]]:
    """The findings that stand, and one line for each waiver used, expired or without a finding."""
    held = {waiver.finding: waiver for waiver in waivers if today <= waiver.until}
    standing = [finding for finding in findings if finding.severity == "warn" or finding.key not in held]
    found = {finding.key for finding in findings}
    lines = []
    for waiver in waivers:
        if waiver.finding not in found:
            lines.append(f"waiver of {waiver.finding} silences nothing; remove it")
        elif waiver.finding in held:
            reason = " ".join(waiver.reason.split())
            lines.append(f"WAIVED {waiver.finding} until {waiver.until} by {waiver.owner}: {reason}")
        else:
            lines.append(f"waiver of {waiver.finding} expired on {waiver.until}")
    return standing, lines
