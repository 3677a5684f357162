"""RenderPlan: which source serves each requirement, at which profile. It may not move a single frame."""

from __future__ import annotations

from typing import Literal

from schemas.document import ArtifactUri, Document, Hash, Identifier, Part
from schemas.project import PictureFormat
from schemas.rights import Rights
from schemas.timing import EditRate
from schemas.vocabulary import CameraMovement, RenderProfile


class ResolvedAsset(Part):
    """The source of one requirement."""

    asset_id: Identifier
    """Requirement that is served, as AssetManifest names it."""

    kind: Literal["character", "background", "prop", "voice", "sound", "ambience", "music"]
    """What the requirement asks for."""

    source: Literal["local_library", "generated_local", "placeholder"]
    """Where it came from."""

    form: Literal["drawing", "image", "clip", "audio", "placeholder"]
    """`drawing` is a design that the shot renderer draws; image, clip and audio are media files."""

    uri: ArtifactUri
    """Where it stands in the registry."""

    content_hash: Hash
    """SHA-256 of its bytes."""

    media_type: str
    """IANA media type, for example `image/png`."""

    rights: Rights = Rights()
    fallbacks: tuple[Literal["generated_local", "placeholder"], ...] = ()
    """What takes over, in order, when this source fails."""

    flag: str = ""
    """Why this is a placeholder; empty otherwise."""

    motion: CameraMovement | None = None
    """How a still of the library is moved; None to follow the shot."""


class RenderPlan(Document):
    """Profile, format and resolved sources of a render."""

    title: str
    """Title of the film."""

    profile: RenderProfile
    """Profile to render at."""

    picture: PictureFormat
    edit_rate: EditRate
    timing_lock_hash: Hash
    """Lock of the ShotList that this plan renders."""

    captions: Literal["sidecar", "burned_in"] = "sidecar"
    """Sidecar files and the caption track are always written; `burned_in` draws them too."""

    voice: Literal["spoken", "muted"] = "spoken"
    """`muted` takes the voices out of the mix and changes nothing else."""

    assets: tuple[ResolvedAsset, ...] = ()
    """Sorted by asset_id."""

    def asset(self, asset_id: str) -> ResolvedAsset | None:
        """The source of a requirement, None when the plan does not hold it."""
        return next((asset for asset in self.assets if asset.asset_id == asset_id), None)
