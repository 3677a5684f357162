"""What every document has in common: a version, unknown fields kept, and errors that say what to do.

A reader accepts any MINOR of its MAJOR (unknown fields survive a round trip), upgrades an older MAJOR when a step is
registered in `UPGRADES`, and refuses everything else by name. Documents hold no paths, run ids, sites or clock times,
so that the same story gives the same bytes on every machine.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas.errors import InvalidInput, SchemaUnsupported

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,127}$")]
"""A name inside a document: letters, digits, `_`, `.`, `-`; 128 characters at most."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, 64 lower-case hexadecimal digits."""

ArtifactUri = Annotated[str, Field(pattern=r"^artifact://[A-Za-z0-9_\-]+/[A-Za-z0-9_\-]+/[A-Za-z0-9_\-]+$")]
"""`artifact://{tenant}/{env}/{artifact_id}`."""

UPGRADES: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""(document name, MAJOR) -> the step to MAJOR + 1. Empty while every document is at 1."""


class Part(BaseModel):
    """A frozen piece of a document. Unknown fields are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", use_attribute_docstrings=True, allow_inf_nan=False)


class Document(Part):
    """A versioned, frozen JSON document."""

    VERSION: ClassVar[str] = "1.0.0"

    schema_version: str = Field(default="", pattern=r"^\d+\.\d+\.\d+$")
    """Semantic version of the schema that this document was written with."""

    @model_validator(mode="before")
    @classmethod
    def _default_version(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "schema_version" not in raw:
            return {"schema_version": cls.VERSION, **raw}
        return raw

    @classmethod
    def name(cls) -> str:
        """The name in the registry and on the wire, for example `ShotList`."""
        return cls.__name__

    @classmethod
    def read(cls, raw: bytes | str | dict[str, Any]) -> Self:
        """The document in `raw`, upgraded to the newest MAJOR.

        Raises:
            SchemaUnsupported: `schema_version` is missing, or of a MAJOR without an upgrade step.
            InvalidInput: not JSON, or a field is missing or wrong; the message lists every such field.
        """
        if isinstance(raw, bytes | str):
            try:
                raw = parsed_json(raw)
            except (ValueError, RecursionError) as exc:
                raise InvalidInput(f"{cls.name()} is not valid JSON: {exc}") from exc
        if not isinstance(raw, dict):
            raise InvalidInput(f"{cls.name()} must be a JSON object, got {type(raw).__name__}")
        raw = cls._upgraded(raw)
        try:
            return cls.model_validate(raw)
        except ValidationError as exc:
            raise InvalidInput(f"{cls.name()}: {describe(exc)}", fields=_fields(exc)) from exc

    @classmethod
    def _upgraded(cls, raw: dict[str, Any]) -> dict[str, Any]:
        version = raw.get("schema_version")
        if version is None:
            raise SchemaUnsupported(
                f'{cls.name()}: required field schema_version is missing; write "schema_version": "{cls.VERSION}"'
            )
        major = _major(cls, version)
        newest = int(cls.VERSION.split(".")[0])
        while major < newest and (cls.name(), major) in UPGRADES:
            raw = UPGRADES[(cls.name(), major)](raw)
            major += 1
        if major != newest:
            raise SchemaUnsupported(
                f"{cls.name()}: schema_version {version!r} is not readable here, which reads {newest}.x; "
                f"migrate with the step {cls.name()} {major} -> {newest}",
                version=version,
            )
        return raw

    def to_json(self) -> bytes:
        """UTF-8 JSON, two-space indent, fields in declaration order, newline at the end. Same document, same bytes."""
        return (json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n").encode()


def parsed_json(raw: bytes | str) -> Any:
    """The value of a JSON text, without what Python lets through: NaN, half a surrogate pair, a name that stands twice.

    Raises:
        ValueError, RecursionError: it is not JSON, or one of these, or nested too deeply.
    """
    value = json.loads(raw, parse_constant=_refuse_constant, object_pairs_hook=_once_each)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as exc:
        raise ValueError(
            f"half of a surrogate pair is no text: {exc.object[max(0, exc.start - 30) : exc.end]!r}"
        ) from exc
    return value


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the field {twice!r} stands twice in one object")
    return value


def _major(cls: type[Document], version: Any) -> int:
    try:
        major, _, _ = (int(part) for part in version.split("."))
    except (AttributeError, ValueError) as exc:
        raise SchemaUnsupported(f"{cls.name()}: schema_version {version!r} is not MAJOR.MINOR.PATCH") from exc
    return major


def _fields(exc: ValidationError) -> list[str]:
    return [".".join(str(step) for step in error["loc"]) for error in exc.errors()]


def describe(exc: ValidationError) -> str:
    """The first five problems of a validation error, each with its field and the value found."""
    problems = []
    for error in exc.errors()[:5]:
        field = ".".join(str(step) for step in error["loc"]) or "document"
        found = "" if error["type"] == "missing" else f" (got {error['input']!r:.80})"
        problems.append(f"{field}: {error['msg']}{found}")
    more = len(exc.errors()) - len(problems)
    return "; ".join(problems) + (f"; and {more} more" if more > 0 else "")


def unknown_fields(part: Part, at: str = "") -> Iterator[str]:
    """Dotted paths of the fields that no schema names, depth first. They are kept; a caller may warn of them."""
    for extra in part.model_extra or {}:
        yield f"{at}{extra}"
    for name in type(part).model_fields:
        yield from _unknown_in(getattr(part, name), f"{at}{name}")


def _unknown_in(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, Part):
        yield from unknown_fields(value, at + ".")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _unknown_in(item, f"{at}.{index}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _unknown_in(item, f"{at}.{key}")
