"""What a user brings: a project file with its sources, a bare Fountain screenplay, an idea, or a season of these.

Every refusal names the file and the field. Sources are read from the project file's own folder and nowhere else, so
that a project file from a stranger reads nothing but what came with it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TypeVar

from pipelines.narrative.casting import cast_by_name, dress
from pipelines.narrative.fountain import read_fountain
from pipelines.narrative.names import identifier
from schemas.canon import Canon
from schemas.document import Document, Part, parsed_json
from schemas.errors import InvalidInput
from schemas.project import Project, ProjectFile
from schemas.script import Script
from schemas.season import Season, SeasonEpisode

LARGEST_FILE_BYTES = 20 * 1024 * 1024
"""A screenplay of 10,000 lines is about half a megabyte."""

SCREENPLAY_SUFFIXES = (".fountain", ".spmd")

_Read = TypeVar("_Read", bound=Document)


@dataclass(frozen=True)
class ProjectInput:
    """Everything that a run starts from."""

    project: Project
    script: Script | None
    """None when the script is still to be written from `project.premise`."""

    canon: Canon
    library: Path | None
    """Folder of the user's assets."""

    warnings: tuple[str, ...] = ()
    """What was understood but not as it may have been meant: unknown fields, for the most part."""


@dataclass(frozen=True)
class EpisodeInput:
    """One episode of a season, and what it starts from."""

    episode: SeasonEpisode
    path: Path
    """Of its project, absolute."""

    project: ProjectInput


def read_season(path: Path) -> tuple[Season, tuple[EpisodeInput, ...]]:
    """The season at `path`, and its episodes in their order, all of them readable.

    Raises:
        InvalidInput: the file, or what one of its episodes starts from, is missing or wrong; the message names it.
    """
    season, _ = _document(Season, _json_object(path), path)
    found = []
    for number, episode in enumerate(season.episodes):
        source = _source(path, f"episodes.{number}.project", episode.project)
        found.append(EpisodeInput(episode, source, read_project(source)))
    return season, tuple(found)


def read_project(path: Path) -> ProjectInput:
    """The project at `path`: a project file or an idea (`.json`), or a screenplay (`.fountain`).

    Raises:
        InvalidInput: a file is missing, a folder, too large, not UTF-8, damaged, or wrong in a field; or a source
            lies outside the project file's folder; or there is neither script nor premise.
    """
    suffix = path.suffix.lower()
    if suffix in SCREENPLAY_SUFFIXES:
        return _from_screenplay(path)
    if suffix == ".json":
        return _from_project_file(path)
    raise InvalidInput(f"{str(path)!r}: a project is a .json file and a screenplay a .fountain file, not {suffix!r}")


def _from_screenplay(path: Path) -> ProjectInput:
    script = _screenplay(path)
    settings = {"id": identifier(path.stem, "project"), "title": script.title, "language": script.language}
    project = Project.read({"schema_version": Project.VERSION, **settings})
    return ProjectInput(project, script, Canon(), None)


def _from_project_file(path: Path) -> ProjectInput:
    raw = _json_object(path)
    if "scenes" in raw and "id" not in raw:
        raise InvalidInput(f"{str(path)!r} is a Script, not a project: name it as sources.script in a project file")
    file, warnings = _document(ProjectFile, raw, path)
    canon = Canon()
    if file.sources.canon:
        source = _source(path, "sources.canon", file.sources.canon)
        canon, more = _document(Canon, _json_object(source), source)
        warnings += more
    library = None
    if file.sources.asset_library:
        library = _source(path, "sources.asset_library", file.sources.asset_library)
        if not library.is_dir():
            raise InvalidInput(f"{str(path)!r}: sources.asset_library {file.sources.asset_library!r} is not a folder")
    found = ProjectInput(file.project(), None, canon, library, warnings)
    if not file.sources.script:
        if not file.premise.strip():
            raise InvalidInput(f"{str(path)!r}: nothing to film: give sources.script or a premise")
        return found
    return _with_script(found, _source(path, "sources.script", file.sources.script), "language" in raw)


def _with_script(found: ProjectInput, path: Path, language_is_set: bool) -> ProjectInput:
    warnings = found.warnings
    if path.suffix.lower() in SCREENPLAY_SUFFIXES:
        script = cast_by_name(_screenplay(path), found.canon)
    elif path.suffix.lower() == ".json":
        script, more = _document(Script, _json_object(path), path)
        warnings += more
    else:
        raise InvalidInput(f"{str(path)!r}: a script is a .fountain or a .json file, not {path.suffix!r}")
    script = dress(script, found.canon)
    project = found.project
    if language_is_set:
        script = script.model_copy(update={"language": project.language})
    else:
        project = project.model_copy(update={"language": script.language})
    return replace(found, project=project, script=script, warnings=warnings)


def _screenplay(path: Path) -> Script:
    text = _text(path)
    try:
        return read_fountain(text, fallback_title=path.stem.replace("_", " ").replace("-", " ").strip().capitalize())
    except InvalidInput as exc:
        raise InvalidInput(f"{str(path)!r}: {exc.message}", **exc.detail) from exc


def _json_object(path: Path) -> dict[str, object]:
    try:
        raw = parsed_json(_text(path))
    except (ValueError, RecursionError) as exc:
        raise InvalidInput(f"{str(path)!r} is not valid JSON: {exc}") from exc
    if not isinstance(raw, dict):
        raise InvalidInput(f"{str(path)!r} must hold a JSON object, got {type(raw).__name__}")
    return raw


def _document(kind: type[_Read], raw: dict[str, object], path: Path) -> tuple[_Read, tuple[str, ...]]:
    """The document in `raw` and a warning for each field that no schema names."""
    try:
        document = kind.read(raw)
    except InvalidInput as exc:
        raise type(exc)(f"{str(path)!r}: {exc.message}", **exc.detail) from exc
    return document, tuple(f"{path.name}: {warning}" for warning in _unknown(document, ""))


def _unknown(value: object, at: str) -> Iterator[str]:
    if isinstance(value, Part):
        names = list(type(value).model_fields)
        for extra in value.model_extra or {}:
            near = difflib.get_close_matches(extra, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield f"unknown field {at + extra!r} is kept but not used{hint}"
        for name in names:
            yield from _unknown(getattr(value, name), f"{at}{name}.")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _unknown(item, f"{at}{index}.")


def _source(project: Path, field: str, relative: str) -> Path:
    """The source that `field` names, which must lie in the file's folder, links followed."""
    outside = f"{str(project)!r}: {field} {relative!r} must be a path inside the file's folder"
    for parts in (PurePosixPath(relative), PureWindowsPath(relative)):
        if parts.is_absolute() or parts.drive or ".." in parts.parts:
            raise InvalidInput(outside)
    if "\x00" in relative:
        raise InvalidInput(outside)
    folder = project.resolve().parent
    source = folder / relative
    if not source.resolve().is_relative_to(folder):
        raise InvalidInput(outside)
    if not source.exists():
        raise InvalidInput(f"{str(project)!r}: {field} {relative!r} does not exist in the file's folder")
    return source


def _text(path: Path) -> str:
    if path.is_dir():
        raise InvalidInput(f"{str(path)!r} is a folder: name the project file in it")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE_BYTES + 1)
    except FileNotFoundError as exc:
        raise InvalidInput(f"{str(path)!r} does not exist") from exc
    except OSError as exc:
        raise InvalidInput(f"{str(path)!r} cannot be read: {exc.strerror}") from exc
    if len(content) > LARGEST_FILE_BYTES:
        raise InvalidInput(f"{str(path)!r} is larger than {LARGEST_FILE_BYTES} bytes: not a project or a screenplay")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise InvalidInput(f"{str(path)!r} is not UTF-8 text: byte {content[exc.start]:#04x} at {exc.start}") from exc
