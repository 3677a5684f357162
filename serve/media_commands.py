"""`regions`, `visual-meta`, `detect-shots`, `captions`, `listen`, `anonymise`, `render`: words to artifacts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from cluster.settings import EngineSettings
from pipelines.analysis.asset import MediaAsset, register
from pipelines.analysis.caller import check_caller
from pipelines.analysis.caption_flow import Captioned, captions
from pipelines.analysis.media_flow import MediaFlow
from pipelines.analysis.origin_flow import MappedMix, map_mix
from pipelines.analysis.region_flow import FoundRegions, find_regions
from pipelines.analysis.semantic_flow import Listened, listen_all
from pipelines.analysis.visual_flow import FoundVisuals, find_visuals
from pipelines.editing.anonymise import Anonymised, anonymise
from pipelines.editing.render import Rendered, make_ahead, render
from pipelines.editing.render_plan import plan_render
from pipelines.editing.summary_choice import look_ahead
from pipelines.progress import Progress
from schemas.errors import ReelwrightError
from schemas.media_render_plan import MediaRenderPlan
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
from serve.desk import Desk
from serve.media_run import Outcome, run_media

T = TypeVar("T")

MANY = 2
"""From so many files on, frames stream through Ray Data."""


def regions_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], *, on_ray: bool, **asked: object
) -> list[Outcome[FoundRegions]]:
    """The regions of each file."""

    def request(asset: MediaAsset) -> RegionsRequest:
        return RegionsRequest.given({**_caller(desk), "asset_id": asset.asset_id, **asked})

    def action(flow: MediaFlow) -> list[Outcome[FoundRegions]]:
        registered = _all_registered(desk, flow, files, request)
        found = iter(find_regions(flow, [one for one in registered if isinstance(one, MediaAsset)], request))
        return [
            Outcome(file.name, one if isinstance(one, ReelwrightError) else next(found))
            for file, one in zip(files, registered, strict=True)
        ]

    return run_media(desk, settings, progress, action, on_ray=on_ray or len(files) >= MANY)


def visuals_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], *, on_ray: bool, **asked: object
) -> list[Outcome[FoundVisuals]]:
    """Shots, motion and subject of each file."""

    def request(asset: MediaAsset) -> VisualMetaRequest:
        return VisualMetaRequest.given({**_caller(desk), "asset_id": asset.asset_id, **asked})

    def action(flow: MediaFlow) -> list[Outcome[FoundVisuals]]:
        registered = _all_registered(desk, flow, files, request)
        assets = [one for one in registered if isinstance(one, MediaAsset)]
        found = iter(find_visuals(flow, assets, request(assets[0])) if assets else ())
        return [
            Outcome(file.name, one if isinstance(one, ReelwrightError) else next(found))
            for file, one in zip(files, registered, strict=True)
        ]

    return run_media(desk, settings, progress, action, on_ray=on_ray or len(files) >= MANY)


def captions_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], *, on_ray: bool, **asked: object
) -> list[Outcome[Captioned]]:
    """What is said in each file."""

    def request(asset: MediaAsset) -> CaptionsRequest:
        named = {**_caller(desk), "asset_id": asset.asset_id, "language": settings.captions_language, **asked}
        return CaptionsRequest.given(named)

    def action(flow: MediaFlow) -> list[Outcome[Captioned]]:
        registered = _all_registered(desk, flow, files, request)
        found = iter(captions(flow, [one for one in registered if isinstance(one, MediaAsset)], request))
        return [
            Outcome(file.name, one if isinstance(one, ReelwrightError) else next(found))
            for file, one in zip(files, registered, strict=True)
        ]

    return run_media(desk, settings, progress, action, on_ray=on_ray or len(files) >= MANY)


def listen_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], *, on_ray: bool, **asked: object
) -> list[Outcome[Listened]]:
    """What is heard in each file."""

    def request(asset: MediaAsset) -> AudioSemanticRequest:
        return AudioSemanticRequest.given({**_caller(desk), "asset_id": asset.asset_id, **asked})

    def action(flow: MediaFlow) -> list[Outcome[Listened]]:
        registered = _all_registered(desk, flow, files, request)
        assets = [one for one in registered if isinstance(one, MediaAsset)]
        found = iter(listen_all(flow, assets, [request(one) for one in assets]))
        return [
            Outcome(file.name, one if isinstance(one, ReelwrightError) else next(found))
            for file, one in zip(files, registered, strict=True)
        ]

    return run_media(desk, settings, progress, action, on_ray=on_ray or len(files) >= MANY)


def origin_command(
    desk: Desk, settings: EngineSettings, progress: Progress, mix: Path, sources: Sequence[Path]
) -> list[Outcome[MappedMix]]:
    """Which source is heard when in a mix."""

    def action(flow: MediaFlow) -> list[Outcome[MappedMix]]:
        def mapped() -> MappedMix:
            offered = [register(flow, one).asset_id for one in sources]
            asset = register(flow, mix)
            request = AudioOriginRequest.given(
                {**_caller(desk), "asset_id": asset.asset_id, "source_asset_ids": offered}
            )
            check_caller(request, desk.scope, dev_bypass=desk.settings.dev_bypass)
            return map_mix(flow, asset, request)

        return [Outcome(mix.name, _caught(mapped))]

    return run_media(desk, settings, progress, action)


def anonymise_command(
    desk: Desk,
    settings: EngineSettings,
    progress: Progress,
    files: Sequence[Path],
    *,
    keep: Path | None,
    on_ray: bool,
    **asked: object,
) -> list[Outcome[Anonymised]]:
    """A covered copy of each file; who is on the picture `keep` stays visible."""

    def action(flow: MediaFlow) -> list[Outcome[Anonymised]]:
        if keep is not None:
            flow.engines.of("face_embedding")  # before an hour is spent on films
        kept = {"keep_asset_id": register(flow, keep).asset_id} if keep is not None else {}

        def request(asset: MediaAsset) -> AnonymiseRequest:
            return AnonymiseRequest.given({**_caller(desk), "asset_id": asset.asset_id, **kept, **asked})

        registered = _all_registered(desk, flow, files, request)
        look_ahead(flow, [one for one in registered if isinstance(one, MediaAsset)], request)
        return _each(files, registered, lambda asset: anonymise(flow, asset, request(asset)))

    return run_media(desk, settings, progress, action, on_ray=on_ray or len(files) >= MANY)


def render_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], *, on_ray: bool, **asked: object
) -> list[Outcome[Rendered]]:
    """Each file rendered."""

    def request(asset: MediaAsset) -> RenderRequest:
        return RenderRequest.given({**_caller(desk), "asset_id": asset.asset_id, **asked})

    def action(flow: MediaFlow) -> list[Outcome[Rendered]]:
        registered = _all_registered(desk, flow, files, request)
        make_ahead(flow, [one for one in registered if isinstance(one, MediaAsset)], request)
        return _each(files, registered, lambda asset: render(flow, asset, request(asset)))

    return run_media(desk, settings, progress, action, on_ray=on_ray or len(files) >= MANY)


def dry_run_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], **asked: object
) -> list[Outcome[PlannedRender]]:
    """What rendering each file would do."""

    def request(asset: MediaAsset) -> RenderRequest:
        return RenderRequest.given({**_caller(desk), "asset_id": asset.asset_id, **asked})

    def action(flow: MediaFlow) -> list[Outcome[PlannedRender]]:
        registered = _all_registered(desk, flow, files, request)
        return _each(
            files, registered, lambda asset: PlannedRender(asset, plan_render(flow, asset, request(asset)).plan)
        )

    return run_media(desk, settings, progress, action)


@dataclass(frozen=True)
class PlannedRender:
    """What a render would do."""

    asset: MediaAsset
    plan: MediaRenderPlan


def _caught(call: Callable[[], T]) -> T | ReelwrightError:
    """The result, or the error as a value: one file must not stop the others."""
    try:
        return call()
    except ReelwrightError as exc:
        return exc


def _caller(desk: Desk) -> dict[str, str]:
    return {"tenant_id": desk.scope.tenant, "env": desk.scope.env, "user_id": desk.scope.user_id}


def _all_registered(
    desk: Desk, flow: MediaFlow, files: Sequence[Path], request_for: Callable[[MediaAsset], MediaRequest]
) -> list[MediaAsset | ReelwrightError]:
    """Each file as an asset of the caller's, or why it is none.

    Raises:
        TenantMismatch: what would be asked does not belong to the caller.
    """
    registered = [_caught(partial(register, flow, file)) for file in files]
    for one in registered:
        if isinstance(one, MediaAsset):
            check_caller(request_for(one), desk.scope, dev_bypass=desk.settings.dev_bypass)
    return registered


def _each(
    files: Sequence[Path], registered: Sequence[MediaAsset | ReelwrightError], call: Callable[[MediaAsset], T]
) -> list[Outcome[T]]:
    """What each asset becomes; one that fails does not stop the others."""
    return [
        Outcome(file.name, one if isinstance(one, ReelwrightError) else _caught(partial(call, one)))
        for file, one in zip(files, registered, strict=True)
    ]
