"""Which region summary is a film covered by? One that looked at least as closely as covering needs, or a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cluster.registry.records import ArtifactRecord
from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.film_look import film_shape
from pipelines.analysis.media_flow import MediaFlow
from pipelines.analysis.region_flow import LOOKED_BY, find_regions, smallest_face_px
from pipelines.runner import Artifact, stored_artifact
from schemas.errors import InvalidInput, NotFound, ReelwrightError
from schemas.media_request import MOST_COVERED_INTERVAL_MS, AnonymiseRequest, RegionsRequest
from schemas.regions import VideoRegionSummary


def matching_summary(
    flow: MediaFlow, asset: MediaAsset, request: AnonymiseRequest
) -> tuple[Artifact, VideoRegionSummary]:
    """The summary that is asked for by id; else the latest that is close enough; else a new one.

    Raises:
        NotFound: the id is not that of a summary of this asset.
        InvalidInput: that summary looked too seldom.
        Refused: only a stub looked for faces.
        MediaUnreadable: the film cannot be decoded.
    """
    if request.region_summary_id is not None:
        record = flow.stored(request.region_summary_id, VideoRegionSummary.name())
        if record.meta["asset_id"] != asset.asset_id:
            raise NotFound(f"no {VideoRegionSummary.name()} {request.region_summary_id!r} of asset {asset.asset_id!r}")
        interval_ms = record.parameters["frame_sample_interval_ms"]
        if interval_ms > MOST_COVERED_INTERVAL_MS:
            raise InvalidInput(
                f"summary {record.artifact_id!r} looked every {interval_ms} ms; "
                f"to cover a film it must have looked at least every {MOST_COVERED_INTERVAL_MS} ms"
            )
    else:
        found = stored_summary(flow, asset, request)
        if found is None:
            return _looked_for(flow, asset, request)
        record = found
    artifact = stored_artifact(record)
    return artifact, flow.maker.document(VideoRegionSummary, artifact)


def stored_summary(flow: MediaFlow, asset: MediaAsset, request: AnonymiseRequest) -> ArtifactRecord | None:
    """The latest summary of a film by the detector that would look now, made by looking at least as closely.

    One that looked less often, for larger faces, or dropped more, would leave faces uncovered.

    Raises:
        MediaUnreadable: the film cannot be read.
    """
    detector = flow.engines.of("faces").backend
    records = [
        record
        for record in flow.shelf.children(asset.asset_id, VideoRegionSummary.name())
        if record.meta["asset_id"] == asset.asset_id
        and record.meta["backend_type"] == "real"
        and record.meta["backend_version"] == f"{detector.name}-{detector.version}"
        and record.meta["model_used"] == (detector.model or detector.name)
        and record.meta.get("looked_by") == LOOKED_BY
        and "face" in record.meta["include_regions"]
    ]
    if not records:
        return None
    wanted = wanted_regions(request)
    smallest_px = smallest_face_px(film_shape(flow, asset), wanted)
    close = [
        record
        for record in records
        if record.parameters["frame_sample_interval_ms"] <= wanted.frame_sample_interval_ms
        and record.parameters["smallest_face_px"] <= smallest_px
        and record.parameters["min_confidence"] <= wanted.min_confidence
    ]
    return close[-1] if close else None


def look_ahead(
    flow: MediaFlow, assets: Sequence[MediaAsset], request_for: Callable[[MediaAsset], AnonymiseRequest]
) -> None:
    """Looks at all films that have no summary to be covered by, in one stream; all ask the same.

    A film that cannot be read says so when its turn comes.
    """
    lacking = []
    for asset in assets:
        request = request_for(asset)
        try:
            if request.region_summary_id is None and stored_summary(flow, asset, request) is None:
                lacking.append(asset)
        except ReelwrightError as exc:
            flow.progress.note(f"{asset.name}: {exc.message}")
    find_regions(flow, lacking, lambda asset: wanted_regions(request_for(asset)))


def wanted_regions(request: AnonymiseRequest) -> RegionsRequest:
    """How closely a film is looked at that is to be covered."""
    return RegionsRequest(
        tenant_id=request.tenant_id,
        env=request.env,
        asset_id=request.asset_id,
        frame_sample_interval_ms=request.frame_sample_interval_ms,
    )


def _looked_for(flow: MediaFlow, asset: MediaAsset, request: AnonymiseRequest) -> tuple[Artifact, VideoRegionSummary]:
    [found] = find_regions(flow, [asset], lambda _: wanted_regions(request))
    if isinstance(found, ReelwrightError):
        raise found
    return found.answer.artifact, found.summary
