"""Set-up says what is missing, throws away what was interrupted, and is done only when all of it is."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

GOOD_PYTHON = """#!/bin/sh
# Stands for a Python 3.11 with venv: makes a .venv whose programs write down what they were asked.
case "$*" in
    -c*version_info*) exit 0 ;;
    -c*ensurepip*) exit ${NO_VENV:-0} ;;
    "-m venv .venv")
        mkdir -p .venv/bin
        cp "$0" .venv/bin/python
        printf '#!/bin/sh\\necho "uv $*" >>calls\\nexit ${UV_FAILS:-0}\\n' >.venv/bin/uv
        chmod +x .venv/bin/uv ;;
esac
echo "python $*" >>calls
"""
OLD_PYTHON = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit 0\nexit 1\n'


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "set_up.sh", tmp_path / "tools")
    (tmp_path / "host").mkdir()
    for program in ("sh", "dirname", "rm", "mkdir", "cp", "chmod", "touch"):
        (tmp_path / "host" / program).symlink_to(shutil.which(program) or program)
    return tmp_path


def install(clone: Path, name: str, text: str) -> None:
    (clone / "host" / name).write_text(text)
    (clone / "host" / name).chmod(0o755)


def set_up(clone: Path, **environment: str) -> tuple[int, str]:
    ran = subprocess.run(
        [clone / "tools" / "set_up.sh"],
        env={"PATH": str(clone / "host"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stderr


def calls(clone: Path) -> list[str]:
    return (clone / "calls").read_text().splitlines() if (clone / "calls").exists() else []


def test_set_up_from_nothing_installs_uv_by_hash_then_the_lock_then_the_project(clone):
    install(clone, "python3", GOOD_PYTHON)
    assert set_up(clone) == (0, "")
    venv, bootstrap, lock, project = calls(clone)
    assert venv == "python -m venv .venv"
    assert bootstrap.endswith("--require-hashes -r requirements.bootstrap")
    assert "--require-hashes" in lock
    assert "requirements.lock" in lock
    assert "--no-build-isolation --editable ." in project
    assert (clone / ".venv" / ".ready").exists()


def test_set_up_again_keeps_the_environment_and_only_installs(clone):
    install(clone, "python3", GOOD_PYTHON)
    set_up(clone)
    (clone / ".venv" / "mark").touch()
    (clone / "calls").unlink()
    assert set_up(clone)[0] == 0
    assert (clone / ".venv" / "mark").exists()
    assert [call.split()[0] for call in calls(clone)] == ["uv", "uv"]


def test_set_up_after_an_interruption_starts_anew(clone):
    install(clone, "python3", GOOD_PYTHON)
    assert set_up(clone, UV_FAILS="1")[0] == 1
    assert not (clone / ".venv" / ".ready").exists()
    (clone / ".venv" / "half-written").touch()
    assert set_up(clone)[0] == 0
    assert not (clone / ".venv" / "half-written").exists()
    assert (clone / ".venv" / ".ready").exists()


def test_set_up_whose_update_fails_is_not_ready_any_more(clone):
    install(clone, "python3", GOOD_PYTHON)
    set_up(clone)
    assert set_up(clone, UV_FAILS="1")[0] == 1
    assert not (clone / ".venv" / ".ready").exists()


def test_set_up_without_python_3_11_names_what_is_there_and_what_to_install(clone):
    install(clone, "python3", OLD_PYTHON)
    code, said = set_up(clone)
    assert code == 1
    assert "needs Python 3.11" in said
    assert "python3: Python 3.9.2" in said
    assert "apt-get install python3 python3-venv" in said
    assert not (clone / ".venv").exists()


def test_set_up_prefers_the_python_that_is_named(clone):
    install(clone, "python3", OLD_PYTHON)
    install(clone, "snake", GOOD_PYTHON)
    assert set_up(clone)[0] == 1
    assert set_up(clone, PYTHON="snake")[0] == 0


def test_set_up_without_the_venv_module_names_the_debian_package(clone):
    install(clone, "python3", GOOD_PYTHON)
    code, said = set_up(clone, NO_VENV="1")
    assert code == 1
    assert "apt-get install python3-venv" in said
    assert not (clone / ".venv").exists()


def test_make_lists_every_target_that_a_person_may_want():
    said = subprocess.run(
        ["make", "-C", ROOT, "help"], env=dict(os.environ), capture_output=True, text=True, check=True
    )
    listed = {line.split()[0] for line in said.stdout.splitlines() if line and not line.startswith("make")}
    assert {
        "episode",
        "test",
        "lint",
        "types",
        "layers",
        "audit",
        "soak",
        "bench",
        "schemas",
        "lock",
        "clean",
    } <= listed
