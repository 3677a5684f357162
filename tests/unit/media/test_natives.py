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


def test_wheel_digest_changes_with_the_bytes_of_a_library(monkeypatch):
    before = wheel_digest("av")
    files = distribution("av").files
    library = next(file for file in files if "libx264" in file.name)
    monkeypatch.setattr(type(distribution("av")), "files", [file for file in files if file != library])
    assert wheel_digest("av") != before


def test_wheel_digest_ignores_scripts_whose_first_line_names_the_machine(monkeypatch):
    before = wheel_digest("av")
    files = distribution("av").files
    assert any(file.parts[0] == ".." for file in files)
    monkeypatch.setattr(type(distribution("av")), "files", [file for file in files if file.parts[0] != ".."])
    assert wheel_digest("av") == before


def test_wheel_digest_of_a_missing_wheel_says_which():
    with pytest.raises(Defect, match="no-such-wheel"):
        wheel_digest("no-such-wheel")


def test_cpu_class_is_one_of_the_known_classes():
    assert cpu_class() in {"avx512", "avx2", "avx", "sse4", "sse2", "sve", "neon", "generic"}
