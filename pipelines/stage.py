"""A stage: a pure function from documents and media to documents and media, under a name and a version.

A stage never reads the registry, the environment or the clock: `runner.py` finds its identity, reuses or runs it,
stores what it gives and records where it came from. Bump `version` whenever the same inputs give other bytes; the test
of golden hashes is red until you do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.canonical import fingerprint
from schemas.document import Document
from schemas.rights import Rights


@dataclass(frozen=True)
class Stage:
    """Name, version and what the bytes depend on beside inputs and parameters."""

    name: str
    version: str
    natives: tuple[str, ...] = ()
    """Native libraries whose output the result carries; their digests are part of the identity."""

    instant: bool = True
    """True when it takes milliseconds: a plan computes it in memory to look further ahead."""


@dataclass(frozen=True)
class Input:
    """One input: what the identity sees (`content_hash`) and what lineage records (`artifact_id`)."""

    content_hash: str
    artifact_id: str


@dataclass(frozen=True)
class Output:
    """One thing that a stage made: bytes, or a finished file in the scratch folder that the runner takes over."""

    kind: str
    content: bytes | Path
    media_type: str = "application/json"
    schema_version: str = "1.0.0"
    rights: Rights = field(default_factory=Rights)
    meta: Mapping[str, Any] = field(default_factory=dict)


def document_output(document: Document) -> Output:
    """The output that stores a document."""
    return Output(kind=document.name(), content=document.to_json(), schema_version=document.schema_version)


Outputs = Mapping[str, Output]
"""Output name -> output. A stage with one result calls it `result`."""


@dataclass(frozen=True)
class Work:
    """One unit of work: a stage applied to its inputs."""

    stage: Stage
    item: str
    """Which one of the stage's items this is, for people: a shot, a line, an asset. Not part of the identity."""

    make: Callable[[Path], Outputs]
    """Runs the function; large outputs are written into the given empty folder."""

    inputs: Mapping[str, Input] = field(default_factory=dict)
    """Role -> input."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    backend: Mapping[str, Any] = field(default_factory=dict)
    """Name, version and model of the engine that answers; part of the identity."""


def identity_of(work: Work, *, tenant: str, env: str, natives: Mapping[str, str]) -> str:
    """SHA-256 that the result of `work` is known by; `natives` holds a digest for each name in `work.stage.natives`."""
    return fingerprint(
        {
            "tenant": tenant,
            "env": env,
            "stage": work.stage.name,
            "version": work.stage.version,
            "parameters": dict(work.parameters),
            "inputs": {role: given.content_hash for role, given in work.inputs.items()},
            "backend": dict(work.backend),
            "natives": {name: natives[name] for name in work.stage.natives},
        }
    )
