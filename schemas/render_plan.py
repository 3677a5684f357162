"""RenderPlan: which source serves each requirement, at which profile. It may not move a single frame."""

from __future__ import annotations

from typing import Literal

from schemas.document import ArtifactUri, Document, Hash, Identifier, Part
from schemas.project import PictureFormat
from schemas.rights import Rights
from schemas.timing import EditRate
from schemas.vocabulary import RenderProfile


class ResolvedAsset(Part):
    """The source of one requirement."""

    asset_id: Identifier
    kind: Literal["character", "background", "prop", "voice", "sound", "ambience", "music"]
    source: Literal["local_library", "generated_local", "placeholder"]
    form: Literal["drawing", "image", "clip", "audio", "placeholder"]
    """`drawing` is a design that the shot renderer draws; image, clip and audio are media files."""

    uri: ArtifactUri
    content_hash: Hash
    media_type: str
    rights: Rights = Rights()
    fallbacks: tuple[Literal["generated_local", "placeholder"], ...] = ()
    """What takes over, in order, when this source fails."""

    flag: str = ""
    """Why this is a placeholder; empty otherwise."""


class RenderPlan(Document):
    """Profile, format and resolved sources of a render."""

    title: str
    profile: RenderProfile
    picture: PictureFormat
    edit_rate: EditRate
    timing_lock_hash: Hash
    """Lock of the ShotList that this plan renders."""

    captions: Literal["sidecar", "burned_in"] = "sidecar"
    """Sidecar files and the caption track are always written; `burned_in` draws them too."""

    voice: Literal["spoken", "muted"] = "spoken"
    assets: tuple[ResolvedAsset, ...] = ()
    """Sorted by asset_id."""

    def asset(self, asset_id: str) -> ResolvedAsset | None:
        """The source of a requirement, None when the plan does not hold it."""
        return next((asset for asset in self.assets if asset.asset_id == asset_id), None)
