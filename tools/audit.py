"""`make audit`: known holes in what is pinned. Red on a finding; NOT AUDITED and green when no advisory source answers.

The offline half never needs a network: the lock's own text, a table of known bad versions, the floors of native parts.
"""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

from tools.advisories import ask
from tools.findings import Finding, apply_waivers, read_waivers
from tools.lock_checks import check_agreement, check_known_bad, check_lock, read_pins
from tools.native_floors import check_floors, installed_parts

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"


def offline_findings(lock_text: str, bootstrap_text: str, pyproject_text: str) -> list[Finding]:
    """Everything that the repository and the installed wheels say without a network."""
    table = (TOOLS / "known_bad_pins.toml").read_text()
    return [
        *check_lock(lock_text),
        *check_lock(bootstrap_text),
        *check_agreement(pyproject_text, lock_text),
        *check_known_bad(table, lock_text + bootstrap_text),
        *check_floors((TOOLS / "native_floors.toml").read_text(), installed_parts()),
    ]


def audit(lock: Path, *, online: bool, today: date) -> tuple[int, list[str]]:
    """Exit code and the lines to print."""
    bootstrap_text = (ROOT / "requirements.bootstrap").read_text()
    lock_text = lock.read_text()
    findings = offline_findings(lock_text, bootstrap_text, (ROOT / "pyproject.toml").read_text())
    lines = [f"{len(read_pins(lock_text)[0])} pins in {lock.name}, checked against the offline tables"]
    answers = ask(lock) if online else []
    for answer in answers:
        findings += answer.findings
        lines.append(f"advisories from {answer.source}: {answer.silence or f'{answer.audited} packages audited'}")
    if all(answer.silence for answer in answers):
        lines.append("NOT AUDITED against public advisories: " + ("no source answered" if online else "--offline"))
    standing, waived = apply_waivers(findings, read_waivers(TOOLS / "waivers.toml"), today)
    lines += waived
    lines += [f"{finding.severity.upper()} {finding.key}: {finding.message}" for finding in standing]
    failed = sum(finding.severity == "fail" for finding in standing)
    lines.append(f"audit: {failed} failed" if failed else "audit: nothing found")
    return int(failed > 0), lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lock", type=Path, default=ROOT / "requirements.lock", help="the lock file to audit")
    parser.add_argument("--offline", action="store_true", help="ask no advisory source")
    arguments = parser.parse_args()
    code, lines = audit(arguments.lock, online=not arguments.offline, today=datetime.now(UTC).date())
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    raise SystemExit(main())
