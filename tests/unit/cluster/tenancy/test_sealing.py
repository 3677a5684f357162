"""Sealed values open under their key, for their purpose, unchanged, and in no other way."""

from __future__ import annotations

import base64
import threading

import pytest

from cluster.tenancy.sealing import Sealer
from schemas.errors import Defect, InvalidInput

OLD, NEW = b"o" * 32, b"n" * 32


def test_sealed_value_comes_back_and_is_never_the_same_twice():
    sealer = Sealer([NEW])
    first, second = sealer.seal("sécret", "p"), sealer.seal("sécret", "p")
    assert first != second and "cret" not in first
    assert sealer.open(first, "p") == sealer.open(second, "p") == "sécret"


def test_sealed_value_opens_after_the_key_was_rotated():
    sealed = Sealer([OLD]).seal("x", "p")
    assert Sealer([NEW, OLD]).open(sealed, "p") == "x"
    with pytest.raises(Defect):
        Sealer([NEW]).open(sealed, "p")


def test_sealed_value_of_another_purpose_or_changed_does_not_open():
    sealer = Sealer([NEW])
    sealed = sealer.seal("x", "p")
    with pytest.raises(Defect, match="'q'"):
        sealer.open(sealed, "q")
    content = bytearray(base64.b64decode(sealed))
    for place in range(len(content)):
        changed = content.copy()
        changed[place] ^= 1
        with pytest.raises(Defect):
            sealer.open(base64.b64encode(changed).decode(), "p")


def test_digest_needs_the_key():
    assert Sealer([NEW]).digest("host") == Sealer([NEW]).digest("host") != Sealer([OLD]).digest("host")


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b""]])
def test_keys_of_the_wrong_length_are_refused(keys):
    with pytest.raises(InvalidInput, match="32 bytes"):
        Sealer(keys)


def test_key_file_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "store" / "sealing.key"
    barrier, sealed = threading.Barrier(8), []

    def first_use():
        barrier.wait()
        sealed.append(Sealer.from_file(path).seal("x", "p"))

    threads = [threading.Thread(target=first_use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [Sealer.from_file(path).open(value, "p") for value in sealed] == ["x"] * 8
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["sealing.key"]


def test_key_file_with_something_else_is_refused(tmp_path):
    path = tmp_path / "sealing.key"
    path.write_text("not a key!\n")
    with pytest.raises(InvalidInput, match=r"sealing\.key"):
        Sealer.from_file(path)
