"""What would a render of a film do, from which artifacts? The newest that fit; what is missing is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from cluster.registry.records import ArtifactRecord
from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.caption_clock import film_clock
from pipelines.analysis.film_look import film_shape
from pipelines.analysis.media_flow import MediaFlow
from pipelines.editing.reframe import framed_size
from pipelines.editing.summary_choice import stored_summary
from pipelines.media.frame_reader import FilmShape
from schemas.errors import InvalidInput
from schemas.media_render_plan import DependencyNotice, MediaRenderPlan, RenderStep
from schemas.media_request import AnonymiseRequest, RenderRequest
from schemas.regions import VideoRegionSummary
from schemas.timing import EditRate


@dataclass(frozen=True)
class RenderSources:
    """The plan, and the artifacts that it names."""

    plan: MediaRenderPlan
    shape: FilmShape
    regions: ArtifactRecord | None = None
    transcript: ArtifactRecord | None = None
    visual: ArtifactRecord | None = None


def plan_render(flow: MediaFlow, asset: MediaAsset, request: RenderRequest) -> RenderSources:
    """The plan for a request. Makes nothing.

    Raises:
        InvalidInput: the trim lies outside the film.
        MediaUnreadable: the film cannot be read.
    """
    shape = film_shape(flow, asset)
    rate = render_rate(shape)
    first, end = _kept(shape, rate, request)
    wanted = {
        "video_region_summary": request.cover_faces is not None,
        "visual_meta": bool(request.aspect),
        "asr_transcript": request.captions != "none",
    }
    found = {kind: _chosen(flow, asset, request, kind) for kind, needed in wanted.items() if needed}
    width_px, height_px = framed_size(shape, request.aspect)
    plan = MediaRenderPlan(
        asset_id=asset.asset_id,
        width_px=width_px,
        height_px=height_px,
        edit_rate=rate,
        first_tick=first,
        end_tick=end,
        duration_ms=round((end - first) * 1000 / rate.fraction),
        steps=tuple(_steps(request, found)),
        dependency_notices=tuple(_notice(record) for record in found.values() if record is not None),
        warnings=tuple(_warnings(found)),
    )
    return RenderSources(
        plan, shape, found.get("video_region_summary"), found.get("asr_transcript"), found.get("visual_meta")
    )


def covering(request: RenderRequest, asset: MediaAsset) -> AnonymiseRequest:
    """What a render asks of the faces that it covers: as closely looked for as by `anonymise`."""
    return AnonymiseRequest(tenant_id=request.tenant_id, env=request.env, asset_id=asset.asset_id)


def _chosen(flow: MediaFlow, asset: MediaAsset, request: RenderRequest, kind: str) -> ArtifactRecord | None:
    """The newest artifact of a kind that was made from the asset, by the engine that would be asked now; of summaries
    one that is close enough, of visual meta one that knows of faces."""
    if kind == VideoRegionSummary.name():
        return stored_summary(flow, asset, covering(request, asset))
    engine = flow.engines.of(_FAMILIES[kind]).backend
    found = [
        one
        for one in flow.shelf.children(asset.asset_id, kind)
        if one.meta["asset_id"] == asset.asset_id
        and one.meta["backend_version"] == f"{engine.name}-{engine.version}"
        and one.meta["model_used"] == (engine.model or engine.name)
        and one.parameters.get("faces", True)
    ]
    return found[-1] if found else None


def render_rate(shape: FilmShape) -> EditRate:
    """Frames a second of the result: the film's own, or its average when that varies."""
    clock = film_clock(shape.times, variable_frame_rate=False)
    return clock.rate


_FAMILIES = {"asr_transcript": "speech", "visual_meta": "visual"}

_WARNINGS = {
    "video_region_summary": "there is no video_region_summary of this film that fits; faces would be looked for first",
    "visual_meta": "there is no visual_meta of this film; it would be made first",
    "asr_transcript": "there is no asr_transcript of this film; it would be made first",
}


def _kept(shape: FilmShape, rate: EditRate, request: RenderRequest) -> tuple[int, int]:
    """[first, end) ticks of the film that are kept."""
    total = max(1, round(shape.times.duration_s * rate.fraction))
    first = round(Fraction(request.trim.start_ms, 1000) * rate.fraction)
    end = total if request.trim.end_ms is None else round(Fraction(request.trim.end_ms, 1000) * rate.fraction)
    if first >= total or end <= first:
        raise InvalidInput(
            f"the film lasts {round(shape.times.duration_s * 1000)} ms; nothing is left of it between "
            f"{request.trim.start_ms} and {request.trim.end_ms} ms"
        )
    return first, min(end, total)


def _steps(request: RenderRequest, found: dict[str, ArtifactRecord | None]) -> list[RenderStep]:
    def from_kind(kind: str) -> str | None:
        record = found.get(kind)
        return None if record is None else record.artifact_id

    steps = []
    if request.trim.start_ms or request.trim.end_ms is not None:
        end = "the end" if request.trim.end_ms is None else f"{request.trim.end_ms} ms"
        steps.append(RenderStep(kind="trim", detail=f"keep {request.trim.start_ms} ms to {end}"))
    if request.cover_faces is not None:
        detail = f"{request.cover_faces}, {request.strength}"
        steps.append(RenderStep(kind="cover_faces", detail=detail, artifact_id=from_kind("video_region_summary")))
    if request.aspect:
        steps.append(RenderStep(kind="reframe", detail=request.aspect, artifact_id=from_kind("visual_meta")))
    if request.captions != "none":
        burned = request.captions == "burned_in"
        steps.append(
            RenderStep(
                kind="burn_in_captions" if burned else "caption_track",
                detail="drawn into the picture" if burned else "a track that players switch on",
                artifact_id=from_kind("asr_transcript"),
            )
        )
    return steps


def _warnings(found: dict[str, ArtifactRecord | None]) -> Iterator[str]:
    for kind, record in found.items():
        if record is None:
            yield _WARNINGS[kind]
        elif record.meta["degraded"] or record.meta["backend_type"] == "stub":
            yield f"the {kind} is by {record.meta['backend']}: {record.meta['degraded'] or 'a stub'}"


def _notice(record: ArtifactRecord) -> DependencyNotice:
    return DependencyNotice(
        kind=record.kind,
        artifact_id=record.artifact_id,
        backend_version=record.meta["backend_version"],
        model_used=record.meta["model_used"],
        cache_key=record.meta["cache_key"],
    )
