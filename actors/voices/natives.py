"""The native files of espeak-ng: where they lie, which languages and variants they hold, and their digest.

Nothing here loads the library. The digest stands in identities, so that a line spoken by another espeak-ng is another
artifact.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.errors import Unavailable


@dataclass(frozen=True)
class EspeakFiles:
    """The library and its data folder, as the `espeakng-loader` wheel brings them."""

    library: Path
    data: Path


@cache
def espeak_files() -> EspeakFiles:
    """Where espeak-ng lies.

    Raises:
        Unavailable: the wheel is not installed, or not whole.
    """
    try:
        import espeakng_loader
    except ImportError as exc:
        raise Unavailable(f"espeak-ng is not installed: {exc}") from exc
    files = EspeakFiles(Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path()))
    if not files.library.is_file() or not (files.data / "phontab").is_file():
        raise Unavailable(f"espeak-ng is not whole: {str(files.library)!r}, {str(files.data)!r}")
    return files


@cache
def voices_digest() -> str:
    """SHA-256 over the library's bytes and every data file's relative name and bytes, in name order.

    About 40 ms for 18 MB, once a process.

    Raises:
        Unavailable: espeak-ng is not here.
    """
    files = espeak_files()
    digest = hashlib.sha256(hashlib.sha256(files.library.read_bytes()).digest())
    for name, path in sorted((path.relative_to(files.data).as_posix(), path) for path in files.data.rglob("*")):
        if path.is_file():
            digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@cache
def espeak_languages() -> dict[str, str]:
    """Language tag in lower case -> voice name (path below `lang/`), for every voice in the data folder.

    A voice file lists its tags as `language TAG [PRIORITY]`; where two list the same tag, the file's own name decides.
    """
    languages: dict[str, str] = {}
    root = espeak_files().data / "lang"
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        voice = path.relative_to(root).as_posix()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            words = line.split()
            if len(words) > 1 and words[0] == "language":
                languages.setdefault(words[1].lower(), voice)
        languages[path.name.lower()] = voice
    return languages


@cache
def espeak_variants() -> frozenset[str]:
    """Names of the voice variants in the data folder, for example `f2`."""
    return frozenset(path.name for path in (espeak_files().data / "voices" / "!v").iterdir() if path.is_file())
