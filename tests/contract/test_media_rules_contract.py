"""What a media artifact must say before the registry takes it, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from cluster.registry.media_rules import mask_key
from cluster.registry.records import ParentLink, artifact_id_of
from cluster.registry.registry import ArtifactRegistry
from schemas.canonical import fingerprint
from schemas.errors import InvalidInput, NotFound, TenantMismatch


@pytest.fixture
def asset_id(ground) -> str:
    return ground.commit("film", kind="media_asset", media_type="video/mp4", names=("result",))["result"].artifact_id


def summary_meta(ground, asset_id: str, **changes: Any) -> dict[str, Any]:
    calm = {
        "tenant_id": ground.scope.tenant,
        "env": ground.scope.env,
        "asset_id": asset_id,
        "backend_version": "1",
        "model_used": "mtcnn",
        "backend_type": "real",
        "cache_key": "a|b",
        "duration_ms": 1000,
        "frame_sample_interval_ms": 200,
        "include_regions": ["face"],
    }
    return {key: value for key, value in (calm | changes).items() if value is not ...}


def test_complete_summary_is_registered_with_its_meta(ground, asset_id):
    meta = summary_meta(ground, asset_id)
    record = ground.commit("s", kind="video_region_summary", meta=meta, names=("result",))["result"]
    assert record.meta == meta


@pytest.mark.parametrize(
    "field", ["backend_version", "model_used", "backend_type", "cache_key", "duration_ms", "frame_sample_interval_ms"]
)
def test_summary_without_a_field_is_refused_and_the_field_named(ground, asset_id, field):
    meta = summary_meta(ground, asset_id, **{field: ...})
    with pytest.raises(InvalidInput, match=field):
        ground.commit(f"no {field}", kind="video_region_summary", meta=meta)


def test_transcript_without_a_language_is_refused(ground, asset_id):
    with pytest.raises(InvalidInput, match="language"):
        ground.commit("t", kind="asr_transcript", meta=summary_meta(ground, asset_id))


@pytest.mark.parametrize("field", ["tenant_id", "env"])
@pytest.mark.parametrize("value", [..., "", "t_unknown", "unknown", None, "t_other"])
def test_missing_unknown_or_foreign_tenant_is_refused(ground, asset_id, field, value):
    with pytest.raises(TenantMismatch, match=field):
        ground.commit("x", kind="visual_meta", meta=summary_meta(ground, asset_id, **{field: value}))


def test_dev_bypass_fills_in_what_is_missing_and_nothing_else(ground, asset_id):
    registry = ArtifactRegistry(ground.database, ground.blobs, ground.scope, "site-a", dev_bypass=True)

    class Bypassed(type(ground)):  # type: ignore[misc]
        registry = property(lambda _: registry)

    lenient = Bypassed(ground.url, ground.folder, ground.database, ground.scope)
    meta = summary_meta(ground, asset_id, tenant_id=..., env=...)
    record = lenient.commit("bypassed", kind="visual_meta", meta=meta, names=("result",))["result"]
    assert (record.meta["tenant_id"], record.meta["env"]) == (ground.scope.tenant, ground.scope.env)
    with pytest.raises(TenantMismatch):
        lenient.commit("foreign", kind="visual_meta", meta=summary_meta(ground, asset_id, tenant_id="t_other"))


def test_artifact_about_another_tenants_asset_answers_like_one_about_none(ground, asset_id):
    other = ground.of("t_stranger")
    errors = []
    for asset in (asset_id, "a_" + "0" * 32):
        with pytest.raises(NotFound) as caught:
            other.commit("x", kind="visual_meta", meta=summary_meta(other, asset))
        errors.append(caught.value.message.replace(asset, "ASSET"))
    assert errors[0] == errors[1]


def test_artifact_about_something_that_is_no_asset_is_refused(ground):
    script = ground.commit("script", names=("result",))["result"].artifact_id
    with pytest.raises(NotFound, match="no asset"):
        ground.commit("x", kind="visual_meta", meta=summary_meta(ground, script))


def test_mask_stands_under_the_key_of_the_specification(ground, asset_id):
    mask_id = artifact_id_of(fingerprint("mask"), "result")
    key = mask_key(ground.scope, asset_id, mask_id)
    assert key == f"tenants/{ground.scope.tenant}/dev/media_v2/{asset_id}/regions/{mask_id}.png"
    meta = summary_meta(ground, asset_id, track_id="t0", logical_key=key)
    assert (
        ground.commit("mask", kind="video_region_mask", meta=meta, names=("result",))["result"].artifact_id == mask_id
    )


@pytest.mark.parametrize(
    "key",
    [
        "regions/x.png",
        "/tmp/x.png",
        "tenants/t_other/dev/media_v2/{asset}/regions/{mask}.png",
        "tenants/{tenant}/dev/media_v2/{asset}0/regions/{mask}.png",
        "tenants/{tenant}/dev/media_v2/{asset}/../regions/{mask}.png",
        "tenants/{tenant}/dev/media_v2/{asset}/regions/other.png",
    ],
)
def test_mask_under_any_other_key_is_refused(ground, asset_id, key):
    mask_id = artifact_id_of(fingerprint("mask"), "result")
    wrong = key.format(tenant=ground.scope.tenant, asset=asset_id, mask=mask_id)
    meta = summary_meta(ground, asset_id, track_id="t0", logical_key=wrong)
    with pytest.raises(InvalidInput, match="key"):
        ground.commit("mask", kind="video_region_mask", meta=meta, names=("result",))


def test_children_of_a_summary_are_found_by_kind(ground, asset_id):
    parent = ground.commit("s", kind="video_region_summary", meta=summary_meta(ground, asset_id), names=("result",))
    links = [ParentLink(parent["result"].artifact_id, "summary")]
    child = ground.commit("c", b"child", kind="Script", parents=links, names=("result",))["result"]
    assert ground.registry.children(parent["result"].artifact_id) == (child,)
    assert ground.registry.children(parent["result"].artifact_id, "video_region_mask") == ()
    assert ground.of("t_stranger").registry.children(parent["result"].artifact_id) == ()
