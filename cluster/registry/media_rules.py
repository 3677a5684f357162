"""What an artifact of a media engine must say about itself before it is registered, and under which key it may stand.

The kinds, their fields and the key of a mask are the specification's (V01, section 9). A field that is missing, another
tenant's name and a key outside the asset's own folder are refused, so that whoever finds such an artifact can rely on
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster.registry.records import NewArtifact
from cluster.tenancy.scope import TenantScope, check_name
from schemas.errors import InvalidInput, TenantMismatch

MEDIA_ASSET = "media_asset"
"""A file that somebody brought: what every other media artifact is about."""

_ALWAYS = frozenset({"tenant_id", "env", "asset_id", "backend_version", "model_used", "backend_type", "cache_key"})

REQUIRED: Mapping[str, frozenset[str]] = {
    "video_region_summary": _ALWAYS | {"duration_ms", "frame_sample_interval_ms", "include_regions"},
    "video_region_mask": _ALWAYS | {"logical_key", "track_id"},
    "visual_meta": _ALWAYS | {"duration_ms", "frame_sample_interval_ms"},
    "asr_transcript": _ALWAYS | {"duration_ms", "language"},
    "video_anonymised": _ALWAYS | {"duration_ms", "region_summary_id"},
    "video_render": _ALWAYS | {"duration_ms", "dependency_notices"},
}
"""Kind -> the fields of its meta."""


def mask_key(scope: TenantScope, asset_id: str, artifact_id: str) -> str:
    """Where the specification puts a mask: `tenants/{tenant}/{env}/media_v2/{asset_id}/regions/{artifact_id}.png`."""
    return f"{asset_prefix(scope, asset_id)}regions/{artifact_id}.png"


def asset_prefix(scope: TenantScope, asset_id: str) -> str:
    """What every logical key of an asset starts with; it ends in `/`, lest `a1` be taken for the start of `a10`."""
    return f"{scope.folder}/media_v2/{asset_id}/"


def checked_meta(
    output: NewArtifact, scope: TenantScope, artifact_id: str, *, dev_bypass: bool = False
) -> Mapping[str, Any]:
    """The meta of an output, complete; that of a kind without rules as it is.

    Args:
        output: what is to be registered.
        scope: whose it will be.
        artifact_id: the id that it will have.
        dev_bypass: in development, a missing tenant or environment is taken as the scope's own.

    Raises:
        InvalidInput: a field is missing, or the logical key is not the asset's own.
        TenantMismatch: tenant or environment is missing, a placeholder, or not the scope's.
    """
    required = REQUIRED.get(output.kind)
    if required is None:
        return output.meta
    meta = {"tenant_id": scope.tenant, "env": scope.env, **output.meta} if dev_bypass else dict(output.meta)
    for field, own in (("tenant_id", scope.tenant), ("env", scope.env)):
        given = meta.get(field)
        check_name(field, given if isinstance(given, str) else "")
        if given != own:
            raise TenantMismatch(f"{output.kind} of {field} {given!r} cannot be registered by {own!r}", field=field)
    missing = sorted(field for field in required if meta.get(field) in (None, ""))
    if missing:
        raise InvalidInput(f"{output.kind} cannot be registered without {', '.join(missing)}", fields=missing)
    _check_key(output.kind, meta, scope, artifact_id)
    return meta


def _check_key(kind: str, meta: Mapping[str, Any], scope: TenantScope, artifact_id: str) -> None:
    key = meta.get("logical_key")
    if key is None:
        return
    if not str(key).startswith(asset_prefix(scope, meta["asset_id"])) or ".." in str(key).split("/"):
        prefix = asset_prefix(scope, meta["asset_id"])
        raise InvalidInput(f"{kind} has the key {key!r}, which does not begin with {prefix!r}", key=key)
    if kind == "video_region_mask" and key != mask_key(scope, meta["asset_id"], artifact_id):
        wanted = mask_key(scope, meta["asset_id"], artifact_id)
        raise InvalidInput(f"a mask has the key {wanted!r}, not {key!r}", key=key)
