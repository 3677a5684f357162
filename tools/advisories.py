"""What the public advisories say of the lock, and whether they were asked at all.

pip-audit alone cannot be trusted with the second half: where the index has no JSON interface it reports each package as
"not found" and leaves with 0 and "No known vulnerabilities found", having audited nothing. So its answer is read here:
an answer for no package is no answer, and an answer for only some of them is a failure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.findings import Finding

SOURCES = ("pypi", "osv")
UNREACHABLE = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "NameResolutionError", "SSLError", "HTTPError")
LONGEST_CALL_S = 240


@dataclass(frozen=True)
class Answer:
    """Findings of one source, or why it gave none (`silence`)."""

    source: str
    findings: tuple[Finding, ...] = ()
    audited: int = 0
    silence: str = ""


def ask(lock: Path, sources: tuple[str, ...] = SOURCES) -> list[Answer]:
    """One answer for each source, in order, up to the first that is not silent."""
    answers = []
    for source in sources:
        answers.append(_ask_one(lock, source))
        if not answers[-1].silence:
            break
    return answers


def _ask_one(lock: Path, source: str) -> Answer:
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", source, "--format", "json"]
    command += ["--progress-spinner", "off", "--disable-pip", "--requirement", str(lock)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_CALL_S, check=False)
    except subprocess.TimeoutExpired:
        return Answer(source, silence=f"no answer in {LONGEST_CALL_S} s")
    return judge(source, ran.stdout, ran.stderr)


def judge(source: str, stdout: str, stderr: str) -> Answer:
    """What a run of pip-audit means, from what it printed."""
    if not stdout.strip():
        cause = next((name for name in UNREACHABLE if name in stderr), None)
        if cause is not None:
            return Answer(source, silence=f"cannot be reached ({cause})")
        last = (stderr.strip().splitlines() or ["pip-audit printed nothing"])[-1]
        return Answer(source, findings=(Finding(f"advisory:{source}", f"pip-audit failed: {last}"),))
    packages = json.loads(stdout)["dependencies"]
    skipped = [package for package in packages if "skip_reason" in package]
    if packages and len(skipped) == len(packages):
        return Answer(source, silence=f"knows none of {len(packages)} packages; first: {skipped[0]['skip_reason']}")
    findings = [Finding(f"advisory:{one['name']}", f"{one['name']}: {one['skip_reason']}") for one in skipped]
    for package in packages:
        for hole in package.get("vulns", ()):
            fixed = ", ".join(hole["fix_versions"]) or "no version yet"
            message = f"{package['name']}=={package['version']}: {hole['id']}, fixed in {fixed}"
            findings.append(Finding(f"advisory:{hole['id']}", message))
    return Answer(source, findings=tuple(findings), audited=len(packages) - len(skipped))
