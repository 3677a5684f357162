"""`regions`, `visual-meta`, `detect-shots`, `captions`, `anonymise`, `render`: from words to finished artifacts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from cluster.settings import EngineSettings
from pipelines.analysis.asset import MediaAsset, register
from pipelines.analysis.caller import check_caller
from pipelines.analysis.caption_flow import Captioned, caption
from pipelines.analysis.media_flow import MediaFlow
from pipelines.analysis.region_flow import FoundRegions, find_regions
from pipelines.analysis.visual_flow import FoundVisuals, find_visuals
from pipelines.editing.anonymise import Anonymised, anonymise
from pipelines.editing.render import Rendered, render
from pipelines.editing.render_plan import plan_render
from pipelines.progress import Progress
from schemas.errors import ReelwrightError
from schemas.media_render_plan import MediaRenderPlan
from schemas.media_request import (
    AnonymiseRequest,
    CaptionsRequest,
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
        return RegionsRequest.model_validate({**_caller(desk), "asset_id": asset.asset_id, **asked})

    def action(flow: MediaFlow) -> list[Outcome[FoundRegions]]:
        registered = [_registered(flow, file) for file in files]
        assets = [one for one in registered if isinstance(one, MediaAsset)]
        for asset in assets:
            check_caller(request(asset), desk.scope, dev_bypass=desk.settings.dev_bypass)
        found = iter(find_regions(flow, assets, request))
        return [
            Outcome(file.name, one if isinstance(one, ReelwrightError) else next(found))
            for file, one in zip(files, registered, strict=True)
        ]

    return run_media(desk, settings, progress, action, on_ray=on_ray or len(files) >= MANY)


def visuals_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], *, on_ray: bool, **asked: object
) -> list[Outcome[FoundVisuals]]:
    """Shots, motion and subject of each file."""

    def action(flow: MediaFlow) -> list[Outcome[FoundVisuals]]:
        registered = [_registered(flow, file) for file in files]
        assets = [one for one in registered if isinstance(one, MediaAsset)]
        found: Iterator[FoundVisuals | ReelwrightError] = iter(())
        if assets:
            named = {**_caller(desk), "asset_id": assets[0].asset_id, **asked}
            request = VisualMetaRequest.model_validate(named)
            check_caller(request, desk.scope, dev_bypass=desk.settings.dev_bypass)
            found = iter(find_visuals(flow, assets, request))
        return [
            Outcome(file.name, one if isinstance(one, ReelwrightError) else next(found))
            for file, one in zip(files, registered, strict=True)
        ]

    return run_media(desk, settings, progress, action, on_ray=on_ray or len(files) >= MANY)


def captions_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], *, on_ray: bool, **asked: object
) -> list[Outcome[Captioned]]:
    """What is said in each file."""

    def one(flow: MediaFlow, file: Path) -> Captioned:
        asset = register(flow, file)
        named = {**_caller(desk), "asset_id": asset.asset_id, "language": settings.captions_language, **asked}
        request = CaptionsRequest.model_validate(named)
        check_caller(request, desk.scope, dev_bypass=desk.settings.dev_bypass)
        return caption(flow, asset, request)

    def action(flow: MediaFlow) -> list[Outcome[Captioned]]:
        return [Outcome(file.name, _caught(partial(one, flow, file))) for file in files]

    return run_media(desk, settings, progress, action, on_ray=on_ray)


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
        portrait = register(flow, keep) if keep is not None else None
        return [Outcome(file.name, _caught(partial(one, flow, portrait, file))) for file in files]

    def one(flow: MediaFlow, portrait: MediaAsset | None, file: Path) -> Anonymised:
        asset = register(flow, file)
        kept = {"keep_asset_id": portrait.asset_id} if portrait else {}
        wanted = AnonymiseRequest.model_validate({**_caller(desk), "asset_id": asset.asset_id, **kept, **asked})
        check_caller(wanted, desk.scope, dev_bypass=desk.settings.dev_bypass)
        return anonymise(flow, asset, wanted)

    return run_media(desk, settings, progress, action, on_ray=on_ray)


def render_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], *, on_ray: bool, **asked: object
) -> list[Outcome[Rendered]]:
    """Each file rendered."""

    def one(flow: MediaFlow, file: Path) -> Rendered:
        return render(flow, *_render_request(desk, flow, file, asked))

    def action(flow: MediaFlow) -> list[Outcome[Rendered]]:
        return [Outcome(file.name, _caught(partial(one, flow, file))) for file in files]

    return run_media(desk, settings, progress, action, on_ray=on_ray)


def dry_run_command(
    desk: Desk, settings: EngineSettings, progress: Progress, files: Sequence[Path], **asked: object
) -> list[Outcome[PlannedRender]]:
    """What rendering each file would do."""

    def one(flow: MediaFlow, file: Path) -> PlannedRender:
        asset, request = _render_request(desk, flow, file, asked)
        return PlannedRender(asset, plan_render(flow, asset, request).plan)

    def action(flow: MediaFlow) -> list[Outcome[PlannedRender]]:
        return [Outcome(file.name, _caught(partial(one, flow, file))) for file in files]

    return run_media(desk, settings, progress, action)


def _render_request(
    desk: Desk, flow: MediaFlow, file: Path, asked: Mapping[str, object]
) -> tuple[MediaAsset, RenderRequest]:
    asset = register(flow, file)
    request = RenderRequest.model_validate({**_caller(desk), "asset_id": asset.asset_id, **asked})
    check_caller(request, desk.scope, dev_bypass=desk.settings.dev_bypass)
    return asset, request


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


def _registered(flow: MediaFlow, file: Path) -> MediaAsset | ReelwrightError:
    return _caught(lambda: register(flow, file))
