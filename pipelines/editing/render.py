"""A film rendered with what is known about it: a part of it, faces covered, another aspect, captions.

    plan -> what is missing is made -> picture (render_picture) -> sound of that part -> one MP4

The result is a film of its own, H.264 and AAC at a fixed frame rate; for a copy that differs from its source in
nothing but covered faces there is `anonymise`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.caption_flow import caption, captions
from pipelines.analysis.media_flow import MediaFlow
from pipelines.analysis.transcript import transcript_track
from pipelines.analysis.visual_flow import find_visuals
from pipelines.editing.cover_plan import cover_plan
from pipelines.editing.reframe import frame_path
from pipelines.editing.render_picture import PictureWork, render_picture
from pipelines.editing.render_plan import RenderSources, covering, plan_render
from pipelines.editing.summary_choice import look_ahead, matching_summary
from pipelines.media.film import assemble_film
from pipelines.media.film_sound import write_sound
from pipelines.media.soundtrack import SAMPLE_RATE_HZ
from pipelines.media.source import known_as
from pipelines.runner import Artifact, stored_artifact
from pipelines.stage import Output, Outputs, Stage, Work, document_output
from schemas.captions import CaptionTrack, Cue
from schemas.errors import Defect, ReelwrightError
from schemas.media_render_plan import MediaRenderPlan
from schemas.media_request import CaptionsRequest, RenderRequest, VisualMetaRequest
from schemas.regions import VideoRegionSummary
from schemas.timing import EditRate
from schemas.transcript import AsrTranscript
from schemas.visual_meta import VisualMeta

RENDER_PLAN = Stage("media_render_plan", "1")
RENDER = Stage(
    "video_render", "2", natives=("ffmpeg", "numpy", "opencv", "thorvg", "harfbuzz", "fonts", "cpu"), instant=False
)


@dataclass(frozen=True)
class Rendered:
    """A rendered film and the plan that it was made by."""

    asset: MediaAsset
    plan: MediaRenderPlan
    plan_artifact: Artifact
    video: Artifact
    cache_hit: bool
    suffix: str = ".mp4"


def render(flow: MediaFlow, asset: MediaAsset, request: RenderRequest) -> Rendered:
    """The film of a request.

    Raises:
        InvalidInput: the trim lies outside the film, or the aspect leaves nothing.
        Refused: faces are to be covered and only a stub can look for them.
        MediaUnreadable: the film is damaged, or has no sound to caption.
    """
    sources = _complete(flow, asset, request, plan_render(flow, asset, request))
    plan = sources.plan
    used = [one for one in (sources.regions, sources.transcript, sources.visual) if one is not None]
    inputs = {"film": asset.artifact.as_input()} | {one.kind: stored_artifact(one).as_input() for one in used}
    parameters = request.model_dump(mode="json", exclude={"tenant_id", "env", "user_id"})
    plan_artifact = flow.maker.make(
        Work(RENDER_PLAN, asset.name, lambda _: {"result": document_output(plan)}, inputs, parameters)
    ).result
    meta = {
        **flow.meta(
            asset.asset_id, flow.engines.of("visual"), parameters | {one.kind: one.artifact_id for one in used}
        ),
        "backend": "render",
        "backend_version": f"{RENDER.name}-{RENDER.version}",
        "model_used": "x264",
        "duration_ms": plan.duration_ms,
        "dependency_notices": [one.model_dump(mode="json") for one in plan.dependency_notices],
    }
    work = Work(
        RENDER,
        asset.name,
        partial(_rendered, flow, asset, request, sources, meta),
        inputs={**inputs, "plan": plan_artifact.as_input()},
        parameters=parameters,
    )
    made = flow.maker.make(work)
    return Rendered(asset, plan, plan_artifact, made.result, made.reused)


def make_ahead(
    flow: MediaFlow, assets: Sequence[MediaAsset], request_for: Callable[[MediaAsset], RenderRequest]
) -> None:
    """Makes what renders of several films lack, each kind in one stream; all ask the same.

    A film that cannot be read says so when its turn comes.
    """
    lacking: dict[str, list[MediaAsset]] = {}
    for asset in assets:
        try:
            for kind in _lacking(request_for(asset), plan_render(flow, asset, request_for(asset))):
                lacking.setdefault(kind, []).append(asset)
        except ReelwrightError as exc:
            flow.progress.note(f"{asset.name}: {exc.message}")
    if faces := lacking.get(VideoRegionSummary.name()):
        look_ahead(flow, faces, lambda asset: covering(request_for(asset), asset))
    if sounds := lacking.get(AsrTranscript.name()):
        captions(flow, sounds, lambda asset: CaptionsRequest.given(_named(request_for(asset))))
    if films := lacking.get(VisualMeta.name()):
        find_visuals(flow, films, VisualMetaRequest.given(_named(request_for(films[0]))))


def _lacking(request: RenderRequest, sources: RenderSources) -> list[str]:
    """Kinds that a render needs and that are not there."""
    needs = {
        VideoRegionSummary.name(): request.cover_faces is not None and sources.regions is None,
        AsrTranscript.name(): request.captions != "none" and sources.transcript is None,
        VisualMeta.name(): bool(request.aspect) and sources.visual is None,
    }
    return [kind for kind, lacks in needs.items() if lacks]


def _named(request: RenderRequest) -> dict[str, str]:
    return {"tenant_id": request.tenant_id, "env": request.env, "asset_id": request.asset_id}


def _complete(flow: MediaFlow, asset: MediaAsset, request: RenderRequest, sources: RenderSources) -> RenderSources:
    """The sources with what was missing made, and the plan of that. Faces above all: without them nothing goes out."""
    lacking = _lacking(request, sources)
    if VideoRegionSummary.name() in lacking:
        cover_plan(matching_summary(flow, asset, covering(request, asset))[1])  # refuses what only a stub looked at
    if AsrTranscript.name() in lacking:
        caption(flow, asset, CaptionsRequest.given(_named(request)))
    if VisualMeta.name() in lacking:
        [found] = find_visuals(flow, [asset], VisualMetaRequest.given(_named(request)))
        if isinstance(found, ReelwrightError):
            raise found
    complete = plan_render(flow, asset, request) if lacking else sources
    if still := _lacking(request, complete):
        raise Defect(f"what was made for {asset.name!r} is not found again: {', '.join(still)}")
    return complete


def _rendered(
    flow: MediaFlow,
    asset: MediaAsset,
    request: RenderRequest,
    sources: RenderSources,
    meta: dict[str, Any],
    folder: Path,
) -> Outputs:
    plan, path = sources.plan, flow.maker.path(asset.artifact)
    track = _captions(flow, sources)
    work = PictureWork(plan, sources.shape, effect=request.cover_faces or "blur", strength=request.strength)
    if sources.regions is not None:
        summary = flow.maker.document(VideoRegionSummary, stored_artifact(sources.regions))
        work = replace(work, covers=cover_plan(summary))
    if sources.visual is not None:
        visual = flow.maker.document(VisualMeta, stored_artifact(sources.visual))
        work = replace(work, path=frame_path(visual, (plan.width_px, plan.height_px)))
    if track is not None and request.captions == "burned_in":
        work = replace(work, cues=track.cues)
    picture, film = folder / "picture.mp4", folder / "film.mp4"
    with known_as(path, asset.name):
        render_picture(path, picture, work, partial(flow.progress.item_part, RENDER.name, asset.name))
        sound = _sound(asset, path, sources, folder)
    assemble_film(
        film,
        segments=[picture],
        rate=plan.edit_rate,
        mix_wav=sound,
        cues=track if request.captions == "track" else None,
        language=track.language if track is not None else "und",
        title="",
    )
    return {"result": Output("video_render", film, "video/mp4", schema_version="", meta=meta)}


def _sound(asset: MediaAsset, path: Path, sources: RenderSources, folder: Path) -> Path | None:
    if not asset.has_sound:
        return None
    plan, times = sources.plan, sources.shape.times
    ticks = plan.end_tick - plan.first_tick
    wav = folder / "sound.wav"
    write_sound(
        path,
        wav,
        zero_s=times.pts[0] * times.time_base,
        start_s=plan.first_tick / plan.edit_rate.fraction,
        samples=plan.edit_rate.boundary_samples(ticks, SAMPLE_RATE_HZ),
    )
    return wav


def _captions(flow: MediaFlow, sources: RenderSources) -> CaptionTrack | None:
    """The captions of the kept part, on the grid of the render; one that begins before it or goes on after is cut."""
    if sources.transcript is None:
        return None
    track = transcript_track(flow.maker.document(AsrTranscript, stored_artifact(sources.transcript)))
    plan = sources.plan
    cues = []
    for cue in track.cues:
        start = _on_grid(cue.start_ticks, track.edit_rate, plan.edit_rate) - plan.first_tick
        end = _on_grid(cue.end_ticks, track.edit_rate, plan.edit_rate) - plan.first_tick
        start, end = max(0, start), min(end, plan.end_tick - plan.first_tick)
        if start < end:
            cues.append(Cue(**cue.model_dump() | {"start_ticks": start, "end_ticks": end}))
    return track.model_copy(update={"edit_rate": plan.edit_rate, "cues": tuple(cues), "violations": ()})


def _on_grid(ticks: int, given: EditRate, wanted: EditRate) -> int:
    return ticks if given == wanted else round(Fraction(ticks) / given.fraction * wanted.fraction)
