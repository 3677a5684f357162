"""What can be asked of the media engines: one table from which routes, workers and documentation are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.caption_flow import caption
from pipelines.analysis.media_flow import MediaFlow
from pipelines.analysis.origin_flow import map_mix
from pipelines.analysis.region_flow import find_regions
from pipelines.analysis.semantic_flow import listen
from pipelines.analysis.visual_flow import find_visuals
from pipelines.editing.anonymise import anonymise
from pipelines.editing.render import render
from pipelines.editing.render_plan import plan_render
from schemas.errors import ReelwrightError
from schemas.media_request import (
    AnonymiseRequest,
    AudioOriginRequest,
    AudioSemanticRequest,
    CaptionsRequest,
    MediaRequest,
    RegionsRequest,
    RenderRequest,
    VisualMetaRequest,
)
from serve.http.media_answers import (
    AnonymisedAnswer,
    AudioOriginAnswer,
    CaptionsAnswer,
    RegionsAnswer,
    RenderedAnswer,
    RenderPlanAnswer,
    SemanticTimelineAnswer,
    VisualMetaAnswer,
)
from serve.listen_present import listened_document, origin_document
from serve.media_commands import PlannedRender
from serve.media_present import (
    anonymised_document,
    caption_document,
    plan_document,
    region_document,
    rendered_document,
    visual_document,
)

Document = dict[str, Any]


@dataclass(frozen=True)
class MediaCall:
    """One call: where it is posted to, what it takes, what it does."""

    kind: str
    """Of the job."""

    path: str
    summary: str
    request: type[MediaRequest]
    answer: type[BaseModel]
    """Of the document that `run` gives."""

    families: tuple[str, ...]
    """Engines whose versions decide the answer."""

    run: Callable[[MediaFlow, MediaAsset, Any], Document]
    queue: str = "local_ai_queue"


def _regions(flow: MediaFlow, asset: MediaAsset, request: RegionsRequest) -> Document:
    [found] = find_regions(flow, [asset], lambda _: request)
    if isinstance(found, ReelwrightError):
        raise found
    return region_document(found)


def _visuals(flow: MediaFlow, asset: MediaAsset, request: VisualMetaRequest) -> Document:
    [found] = find_visuals(flow, [asset], request)
    if isinstance(found, ReelwrightError):
        raise found
    return visual_document(found)


def _captions(flow: MediaFlow, asset: MediaAsset, request: CaptionsRequest) -> Document:
    return caption_document(caption(flow, asset, request))


def _listen(flow: MediaFlow, asset: MediaAsset, request: AudioSemanticRequest) -> Document:
    return listened_document(listen(flow, asset, request))


def _origin(flow: MediaFlow, asset: MediaAsset, request: AudioOriginRequest) -> Document:
    return origin_document(map_mix(flow, asset, request))


def _anonymise(flow: MediaFlow, asset: MediaAsset, request: AnonymiseRequest) -> Document:
    return anonymised_document(anonymise(flow, asset, request))


def _dry_run(flow: MediaFlow, asset: MediaAsset, request: RenderRequest) -> Document:
    return plan_document(PlannedRender(asset, plan_render(flow, asset, request).plan))


def _render(flow: MediaFlow, asset: MediaAsset, request: RenderRequest) -> Document:
    return rendered_document(render(flow, asset, request))


CALLS: Mapping[str, MediaCall] = {
    one.kind: one
    for one in (
        MediaCall(
            "video_regions", "/video/regions", "Find the faces of a film", RegionsRequest, RegionsAnswer,
            ("faces", "visual"), _regions,
        ),
        MediaCall(
            "visual_meta", "/video/visual-meta/analyze", "Measure shots, motion and subject", VisualMetaRequest,
            VisualMetaAnswer, ("visual", "faces"), _visuals,
        ),
        MediaCall(
            "captions", "/video/captions/generate", "Write down and caption what is said", CaptionsRequest,
            CaptionsAnswer, ("speech", "voice_activity", "visual"), _captions,
        ),
        MediaCall(
            "audio_semantic_timeline", "/audio/semantic-timeline/analyze", "Say what is heard in a sound, and when",
            AudioSemanticRequest, SemanticTimelineAnswer,
            ("voice_activity", "sound_classes", "beats", "audio_semantic/speech"), _listen,
        ),
        MediaCall(
            "audio_origin", "/audio/mix-origin", "Say which source is heard when in a finished mix",
            AudioOriginRequest, AudioOriginAnswer, (), _origin, queue="cpu_queue",
        ),
        MediaCall(
            "anonymise", "/video/anonymise/faces", "Cover every face of a film", AnonymiseRequest, AnonymisedAnswer,
            ("faces", "visual"), _anonymise, queue="media_queue",
        ),
        MediaCall(
            "render_dry_run", "/video/render/dry-run", "Say what a render would do", RenderRequest, RenderPlanAnswer,
            ("faces", "visual", "speech"), _dry_run, queue="cpu_queue",
        ),
        MediaCall(
            "render", "/video/render", "Render a film with what is known about it", RenderRequest, RenderedAnswer,
            ("faces", "visual", "speech"), _render, queue="media_queue",
        ),
    )
}  # fmt: skip
"""Kind of job -> the call."""
