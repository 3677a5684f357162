"""Digests of the native libraries whose output artifacts carry, as identities need them.

A wheel records the SHA-256 of every file in it (shared objects, voices, fonts, code), so that a digest costs no reading
of libraries. AAC and floating point differ between CPU classes even with bit-exact flags, so a stage that carries
either names `cpu` too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import numpy as np

from schemas.canonical import fingerprint
from schemas.errors import Defect

WHEELS: Mapping[str, str] = {
    "espeak": "espeakng-loader",
    "ffmpeg": "av",
    "fonts": "pymupdf-fonts",
    "harfbuzz": "uharfbuzz",
    "numpy": "numpy",
    "opencv": "opencv-python-headless",
    "scipy": "scipy",
    "thorvg": "thorvg-python",
}
"""Name in a stage's `natives` -> the wheel that brings it. `cpu` stands beside them."""

_CPU_CLASSES = (
    ("avx512", ("AVX512F", "AVX512BW", "AVX512VL")),
    ("avx2", ("AVX2", "FMA3")),
    ("avx", ("AVX",)),
    ("sse4", ("SSE41", "SSE42")),
    ("sse2", ("SSE2",)),
    ("sve", ("SVE",)),
    ("neon", ("NEON",)),
)
"""Best first; a class is the features that FFmpeg and numpy choose their code by."""


def natives() -> dict[str, str]:
    """Name -> digest for every library of `WHEELS`, and `cpu`."""
    return {**_of_wheels(), "cpu": cpu_class()}


def natives_digest(*names: str) -> str:
    """One SHA-256 over the digests of some names of `natives`, in any order."""
    known = natives()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise Defect(f"unknown native libraries {unknown!r}; known are {sorted(known)!r}")
    return fingerprint({name: known[name] for name in sorted(set(names))})


def cpu_class() -> str:
    """The instruction set that decides the last bits of sound: `avx512`, `avx2`, `avx`, `sse4`, `sse2`, `sve`, `neon`,
    or `generic`."""
    features: Mapping[str, bool] = np._core._multiarray_umath.__cpu_features__  # type: ignore[attr-defined]
    return next((name for name, needed in _CPU_CLASSES if all(features.get(one) for one in needed)), "generic")


@cache
def _of_wheels() -> Mapping[str, str]:
    """Read once a process, which keeps the libraries that it has loaded; 60 ms."""
    return {name: wheel_digest(wheel) for name, wheel in WHEELS.items()}


def wheel_digest(wheel: str) -> str:
    """SHA-256 over version and recorded file hashes of an installed wheel.

    A wheel without a record (a distribution's own package) is known by its version alone.

    Raises:
        Defect: it is not installed.
    """
    try:
        installed = distribution(wheel)
    except PackageNotFoundError as exc:
        raise Defect(f"the wheel {wheel!r} is not installed; run make setup") from exc
    return fingerprint({"version": installed.version, "files": sorted(_recorded(installed))})


def _recorded(installed: Distribution) -> Iterator[tuple[str, str]]:
    """Path and hash of the wheel's own files. Left out is what the installer adds: scripts (their first line names the
    interpreter of this machine), byte code and its notes beside the metadata."""
    for path, digest, _ in csv.reader((installed.read_text("RECORD") or "").splitlines()):
        folders = path.split("/")[:-1]
        added = folders[:1] == [".."] or any(folder.endswith((".dist-info", "__pycache__")) for folder in folders)
        if digest and not added:
            yield path, digest
