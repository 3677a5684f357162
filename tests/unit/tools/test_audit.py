"""The audit is red for what it must find, and says so when it could not look."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tools.advisories import judge
from tools.audit import audit
from tools.findings import Finding, Waiver, apply_waivers, read_waivers
from tools.lock_checks import check_agreement, check_known_bad, check_lock
from tools.native_floors import check_floors, installed_parts

ROOT = Path(__file__).resolve().parents[3]
LOCK = (ROOT / "requirements.lock").read_text()
HASH = "--hash=sha256:" + "0" * 64


def planted(tmp_path: Path, name: str, version: str) -> Path:
    """A copy of the lock with one more or one other pin."""
    lines = [line for line in LOCK.splitlines(keepends=True) if not line.startswith(f"{name}==")]
    lock = tmp_path / "requirements.lock"
    lock.write_text("".join(lines) + f"{name}=={version} \\\n    {HASH}\n")
    return lock


def audit_offline(lock: Path) -> tuple[int, str]:
    granted = min((waiver.granted for waiver in read_waivers(ROOT / "tools/waivers.toml")), default=date(2026, 11, 21))
    code, lines = audit(lock, online=False, today=granted)
    return code, "\n".join(lines)


def test_audit_of_the_lock_as_committed_finds_nothing_offline():
    code, said = audit_offline(ROOT / "requirements.lock")
    assert code == 0, said
    assert "NOT AUDITED" in said


@pytest.mark.parametrize(
    ("name", "version"),
    [("pillow", "9.0.0"), ("torch", "2.0.0"), ("ray", "2.51.1"), ("urllib3", "2.6.3"), ("facenet-pytorch", "2.5.3")],
)
def test_audit_of_a_planted_bad_pin_is_red_without_a_network(tmp_path, name, version):
    code, said = audit_offline(planted(tmp_path, name, version))
    assert code == 1
    assert f"FAIL pin:{name}: {name}=={version} is known bad" in said


def test_audit_of_a_lock_out_of_step_with_pyproject_is_red(tmp_path):
    code, said = audit_offline(planted(tmp_path, "numpy", "2.4.5"))
    assert code == 1
    assert "'numpy==2.4.6', but the lock has 2.4.5; run `make lock`" in said


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("evil==1.0", "lock:hash:evil"),
        (f"evil>=1.0 {HASH}", "lock:unpinned"),
        (f"evil @ https://host.invalid/evil.whl {HASH}", "lock:address"),
        ("--index-" + "url https://host.invalid/simple", "lock:address"),
        ("-f wheels/", "lock:address"),
        (f"numpy==2.4.6 {HASH}", "lock:twice:numpy"),
    ],
)
def test_lock_with_a_bad_line_has_a_finding(line, key):
    assert key in {finding.key for finding in check_lock(LOCK + line + "\n")}
    assert key not in {finding.key for finding in check_lock(LOCK)}


def test_lock_that_is_empty_has_a_finding():
    assert [finding.key for finding in check_lock("# nothing\n")] == ["lock:empty"]


def test_agreement_of_a_dependency_that_is_not_pinned_or_not_locked_has_a_finding():
    pyproject = '[project]\ndependencies = ["numpy>=2", "sccipy==1.17.1", "psycopg[binary]==3.3.9"]'
    assert [finding.key for finding in check_agreement(pyproject, LOCK)] == ["pyproject:numpy", "pyproject:sccipy"]


def test_known_bad_table_does_not_name_the_version_that_mends_it():
    table = (ROOT / "tools" / "known_bad_pins.toml").read_text()
    assert check_known_bad(table, f"pillow==13.0.0 {HASH}\nurllib3==2.7.0 {HASH}\n") == []


@pytest.mark.parametrize(
    ("found", "keys"),
    [
        ("3.51.3", []),
        ("3.53.4", []),
        ("3.51.2", ["native:sqlite"]),
        ("3.9.1", ["native:sqlite"]),
        ("", ["native:sqlite"]),
    ],
)
def test_floors_compare_versions_as_numbers(found, keys):
    table = '[[floor]]\npart = "sqlite"\nversion = "3.51.3"\nseverity = "fail"\nwhy = "corrupts"'
    assert [finding.key for finding in check_floors(table, {"sqlite": found})] == keys


def test_floors_name_only_parts_that_can_be_read_here():
    table = (ROOT / "tools" / "native_floors.toml").read_text()
    assert not [finding for finding in check_floors(table, installed_parts()) if "readable" in finding.message]


def answer(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


CLEAN = {"name": "numpy", "version": "2.4.6", "vulns": []}
UNKNOWN = {"name": "av", "skip_reason": "Dependency not found on PyPI and could not be audited: av (18.1.0)"}
HOLE = {"name": "pillow", "version": "9.0.0", "vulns": [{"id": "PYSEC-2022-10", "fix_versions": ["9.0.1"]}]}


def test_advisories_that_know_no_package_are_silent_not_green():
    assert judge("pypi", answer(UNKNOWN), "No known vulnerabilities found").silence.startswith(
        "knows none of 1 packages"
    )


def test_advisories_that_know_only_some_packages_fail_for_the_others():
    told = judge("pypi", answer(CLEAN, UNKNOWN), "")
    assert (told.silence, told.audited) == ("", 1)
    assert [finding.key for finding in told.findings] == ["advisory:av"]


def test_advisories_with_a_hole_name_package_hole_and_fix():
    (finding,) = judge("pypi", answer(CLEAN, HOLE), "").findings
    assert finding.message == "pillow==9.0.0: PYSEC-2022-10, fixed in 9.0.1"


def test_advisories_out_of_reach_are_silent():
    stderr = "requests.exceptions.ConnectionError: HTTPSConnectionPool(...): Max retries exceeded"
    assert judge("osv", "", stderr).silence == "cannot be reached (ConnectionError)"


def test_advisories_that_break_for_another_reason_fail():
    (finding,) = judge("osv", "", "ERROR: requirements.lock: invalid line").findings
    assert finding.message == "pip-audit failed: ERROR: requirements.lock: invalid line"


FFMPEG = Finding("native:ffmpeg", "too old")
WAIVER = Waiver("native:ffmpeg", "somebody", "format pin", date(2026, 11, 21), date(2026, 12, 21))


@pytest.mark.parametrize(
    ("today", "standing", "said"),
    [
        (date(2026, 12, 21), [], "WAIVED native:ffmpeg until 2026-12-21 by somebody: format pin"),
        (date(2026, 12, 22), [FFMPEG], "waiver of native:ffmpeg expired on 2026-12-21"),
    ],
)
def test_waiver_holds_through_its_last_day_and_no_longer(today, standing, said):
    assert apply_waivers([FFMPEG], [WAIVER], today) == (standing, [said])


def test_waiver_without_a_finding_is_said():
    assert apply_waivers([], [WAIVER], date(2026, 11, 22))[1] == ["waiver of native:ffmpeg silences nothing; remove it"]


@pytest.mark.parametrize(
    ("owner", "until", "said"), [("", "2026-12-01", "needs an owner"), ("somebody", "2027-01-01", "over 30 days")]
)
def test_waiver_without_owner_or_end_is_refused(tmp_path, owner, until, said):
    path = tmp_path / "waivers.toml"
    path.write_text(
        f'[[waiver]]\nfinding = "x"\nowner = "{owner}"\nreason = "r"\ngranted = 2026-11-21\nuntil = {until}\n'
    )
    with pytest.raises(ValueError, match=said):
        read_waivers(path)
