"""What the registry takes and gives: frozen values, no connection behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from schemas.canonical import fingerprint
from schemas.errors import Defect

Origin = Literal["local", "external"]
"""Where the computing was done: on a machine of ours, or by a provider."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredBlob:
    """Bytes that lie safely in the blob store."""

    content_hash: str
    """SHA-256 of the bytes, 64 lower-case hexadecimal digits."""

    size_bytes: int


@dataclass(frozen=True)
class ParentLink:
    """One input of an artifact: which artifact it was, and what it was used as."""

    artifact_id: str
    role: str
    """The stage's name for this input, for example `script`."""


@dataclass(frozen=True)
class NewArtifact:
    """One output of a stage, its bytes stored, waiting for its row."""

    output: str
    """Name of the output within its stage; one identity may have several."""

    kind: str
    """What it is, for example `ShotList` or `video`."""

    blob: StoredBlob
    media_type: str
    schema_version: str
    """Version of the document's schema; empty for media."""

    rights: Mapping[str, Any]
    """A dump of `schemas.rights.Rights`."""

    meta: Mapping[str, Any] = field(default_factory=dict)
    """What is worth knowing and belongs to no identity: fallbacks, warnings, literal cache keys."""

    pinned: bool = False
    """Never evict these bytes. What an outside provider made or what cost money is pinned without asking."""


@dataclass(frozen=True)
class ArtifactRecord:
    """One row of the registry. Rows stay for ever; their bytes may be evicted and rebuilt to the same hash."""

    artifact_id: str
    identity: str
    """SHA-256 over everything that decided these bytes; see DESIGN, "The one idea"."""

    output: str
    kind: str
    stage: str
    stage_version: str
    tenant: str
    env: str
    content_hash: str
    size_bytes: int
    media_type: str
    schema_version: str
    parents: tuple[ParentLink, ...]
    """Inputs in the stage's order; empty for what came from outside."""

    parameters: dict[str, Any]
    origin: Origin
    backend: dict[str, Any]
    rights: dict[str, Any]
    cost_usd: float
    site_id: str
    meta: dict[str, Any]
    pinned: bool
    created_at: datetime
    """When the row was written, UTC."""

    @property
    def uri(self) -> str:
        """`artifact://{tenant}/{env}/{artifact_id}`."""
        return f"artifact://{self.tenant}/{self.env}/{self.artifact_id}"


@dataclass(frozen=True)
class Observation:
    """Something that happened once and is no function of anything: an upload, a decision, a provider's answer."""

    kind: str
    occurrence: str
    """What tells this happening from every other of its kind."""

    payload: dict[str, Any]
    actor: str
    """User who caused it."""

    rank: int
    """0 for the first report of this occurrence, which is the one that counts; 1, 2, ... for differing later ones."""

    observed_at: datetime
    """When it was recorded, UTC."""


def artifact_id_of(identity: str, output: str) -> str:
    """The id of the artifact that `identity` yields under the name `output`: `a_` and 32 hexadecimal digits.

    Raises:
        Defect: `identity` is not a SHA-256.
    """
    if not _SHA256.fullmatch(identity):
        raise Defect(f"identity {identity!r} is not 64 lower-case hexadecimal digits")
    return "a_" + fingerprint({"identity": identity, "output": output})[:32]


def check_content_hash(content_hash: str) -> str:
    """`content_hash` itself, when it is one: it becomes part of a path.

    Raises:
        Defect: it is not 64 lower-case hexadecimal digits.
    """
    if not _SHA256.fullmatch(content_hash):
        raise Defect(f"content hash {content_hash!r} is not 64 lower-case hexadecimal digits")
    return content_hash
