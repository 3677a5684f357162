"""Finished films from the store to where the user wants them: whole or not at all, and never over a source or each
other."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from pipelines.analysis.caption_flow import Captioned
from pipelines.media.whole_file import whole_file
from pipelines.runner import Artifact
from schemas.errors import InvalidInput, ReelwrightError, Unavailable
from serve.desk import Desk
from serve.media_run import Outcome


class FinishedFilm(Protocol):
    """A film in the store: `Anonymised`, or `Rendered`."""

    @property
    def video(self) -> Artifact: ...

    @property
    def suffix(self) -> str: ...


F = TypeVar("F", bound=FinishedFilm)


def check_names(sources: Sequence[Path], *outs: Path | None) -> None:
    """Whether what comes of several sources can lie in one folder; asked before hours are spent on them.

    Raises:
        InvalidInput: two sources have names that differ in folder or suffix only, and a place to write to is given.
    """
    if all(out is None for out in outs):
        return
    named: dict[str, Path] = {}
    for source in sources:
        other = named.setdefault(source.stem, source)
        if other != source:
            raise InvalidInput(f"{str(other)!r} and {str(source)!r} would be written over each other; one at a time")


def write_films(desk: Desk, outcomes: Sequence[Outcome[F]], sources: Sequence[Path], out: Path | None) -> None:
    """Writes each finished film to `out`, or to a file of its name in the folder `out`; nothing when `out` is None.

    A name without a suffix is a folder's.

    Raises:
        InvalidInput: `out` is a file and there are several films, is a source, or has a suffix that does not fit.
        Unavailable: it cannot be written.
    """
    if out is None:
        return
    folder = out.is_dir() or len(outcomes) > 1 or not out.suffix
    if folder and out.exists() and not out.is_dir():
        raise InvalidInput(f"--out {str(out)!r} is a file, and there are {len(outcomes)} films")
    targets = [
        (outcome.result, out / f"{source.stem}{outcome.result.suffix}" if folder else out, source)
        for outcome, source in zip(outcomes, sources, strict=True)
        if not isinstance(outcome.result, ReelwrightError)
    ]
    for done, target, source in targets:
        if target.suffix.lower() != done.suffix:
            raise InvalidInput(
                f"--out {target.name!r} does not end in {done.suffix!r}, which holds all of {source.name!r}"
            )
        if target.exists() and any(target.samefile(one) for one in sources):
            raise InvalidInput(f"--out {str(target)!r} is a source; its faces would be lost for good")
    for done, target, _ in targets:
        _copy(desk, done.video.content_hash, target)


def write_captions(
    desk: Desk, outcomes: Sequence[Outcome[Captioned]], sources: Sequence[Path], wanted: Mapping[str, Path | None]
) -> None:
    """Writes caption files: `wanted` has a path, or a folder, for each kind that is.

    Raises:
        InvalidInput: a path is a file and there are several films.
        Unavailable: one cannot be written.
    """
    for kind, out in wanted.items():
        if out is None:
            continue
        folder = out.is_dir() or len(outcomes) > 1
        if folder and out.exists() and not out.is_dir():
            raise InvalidInput(f"--{kind} {str(out)!r} is a file, and there are {len(outcomes)} films")
        for outcome, source in zip(outcomes, sources, strict=True):
            if not isinstance(outcome.result, ReelwrightError):
                target = out / f"{source.stem}.{kind}" if folder else out
                _copy(desk, outcome.result.files[kind].content_hash, target)


def _copy(desk: Desk, content_hash: str, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target) as partial:
            shutil.copyfile(desk.blobs.path(content_hash), partial)
    except OSError as exc:
        raise Unavailable(f"{str(target)!r} cannot be written: {exc.strerror}") from exc
