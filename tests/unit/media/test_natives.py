"""Digests of native libraries: stable, complete, and free of what an installer adds."""

from importlib.metadata import distribution

import pytest

from pipelines.natives import WHEELS, cpu_class, natives, natives_digest, wheel_digest
from schemas.errors import Defect


def test_natives_of_this_installation_names_every_library_once():
    digests = natives()
    assert set(digests) == {*WHEELS, "cpu"}
    libraries = [digests[name] for name in WHEELS]
    assert len(set(libraries)) == len(libraries)
    assert natives() == digests


def test_natives_digest_depends_on_the_names_and_not_on_their_order():
    assert natives_digest("ffmpeg", "cpu") == natives_digest("cpu", "ffmpeg")
    assert natives_digest("ffmpeg") != natives_digest("ffmpeg", "cpu")
    with pytest.raises(Defect, match="'vlc'"):
        natives_digest("vlc")


def with_record(monkeypatch, change):
    """The record of `av` with some of its lines changed."""
    lines = distribution("av").read_text("RECORD").splitlines()
    record = "\n".join(line for line in map(change, lines) if line)
    monkeypatch.setattr(type(distribution("av")), "read_text", lambda self, name: record if name == "RECORD" else None)
    return wheel_digest("av")


@pytest.fixture
def versioned(monkeypatch):
    monkeypatch.setattr(type(distribution("av")), "version", "18.1.0")


def test_wheel_digest_changes_with_the_bytes_of_a_library(monkeypatch, versioned):
    before = wheel_digest("av")
    assert (
        with_record(monkeypatch, lambda line: line.replace("sha256=", "sha256=x") if "libx264" in line else line)
        != before
    )


def test_wheel_digest_ignores_what_an_installer_adds(monkeypatch, versioned):
    """Scripts name the interpreter of this machine in their first line; byte code is made on it."""
    before = wheel_digest("av")
    record = distribution("av").read_text("RECORD")
    assert "../bin/pyav" in record and ".dist-info/" in record
    added = ("../", "__pycache__", ".dist-info/")
    assert with_record(monkeypatch, lambda line: "" if any(part in line for part in added) else line) == before


def test_wheel_digest_of_a_missing_wheel_says_which():
    with pytest.raises(Defect, match="no-such-wheel"):
        wheel_digest("no-such-wheel")


def test_cpu_class_is_one_of_the_known_classes():
    assert cpu_class() in {"avx512", "avx2", "avx", "sse4", "sse2", "sve", "neon", "generic"}
