"""A film or sound that somebody brings, taken into the store: the same bytes are the same asset.

The file is copied, since its owner may change it; its name stands in the meta and decides nothing.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from cluster.registry.media_rules import MEDIA_ASSET
from pipelines.analysis.media_flow import MediaFlow
from pipelines.media.probe import MediaFacts, probe
from pipelines.runner import Artifact, stored_artifact
from pipelines.stage import Output, Outputs, Stage, Work
from schemas.errors import InvalidInput, MediaUnreadable

REGISTRATION = Stage("media_asset", "1", instant=False)


@dataclass(frozen=True)
class MediaAsset:
    """A registered film, sound or picture."""

    artifact: Artifact
    name: str
    """The name of the file when it was first brought, for people."""

    form: str
    """`clip`, `audio` or `image`."""

    has_sound: bool

    @property
    def asset_id(self) -> str:
        """Its id; the id of its artifact."""
        return self.artifact.artifact_id


def register(flow: MediaFlow, path: Path) -> MediaAsset:
    """The asset of a file, taken in unless the same bytes are here already.

    Raises:
        MediaUnreadable: missing, no media file that is accepted, damaged, or beyond the limits.
        InvalidInput: the file changed while it was read.
    """
    facts = probe(path)
    content_hash = _sha256(path)

    def take(folder: Path) -> Outputs:
        taken = folder / "asset"
        shutil.copyfile(path, taken)
        if _sha256(taken) != content_hash:
            raise InvalidInput(f"{path.name!r} changed while it was read")
        return {"result": Output(MEDIA_ASSET, taken, facts.media_type, schema_version="", meta=_meta(path, facts))}

    work = Work(REGISTRATION, item=path.name, make=take, parameters={"content_hash": content_hash})
    return _asset(flow.maker.make(work).result)


def find_asset(flow: MediaFlow, asset_id: str) -> MediaAsset:
    """The asset of an id.

    Raises:
        NotFound: this scope has none; another tenant's answers the same.
    """
    return _asset(stored_artifact(flow.stored(asset_id, MEDIA_ASSET)))


def _asset(artifact: Artifact) -> MediaAsset:
    meta = artifact.meta
    return MediaAsset(artifact, str(meta["file_name"]), str(meta["form"]), bool(meta["channels"]))


def _meta(path: Path, facts: MediaFacts) -> dict[str, object]:
    return {
        "file_name": path.name,
        "form": facts.form,
        "format": facts.format,
        "width_px": facts.width_px,
        "height_px": facts.height_px,
        "frame_rate": [facts.frame_rate.numerator, facts.frame_rate.denominator],
        "duration_ms": round(facts.duration_s * 1000),
        "sample_rate_hz": facts.sample_rate_hz,
        "channels": facts.channels,
    }


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise MediaUnreadable(f"{path.name!r} cannot be read: {exc.strerror}") from exc
