"""From films to visual meta: the look that regions take serves shots, motion and subject too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.boundaries import find_boundaries
from pipelines.analysis.film_look import FilmLook, look_at_films
from pipelines.analysis.media_flow import Answer, MediaFlow
from pipelines.analysis.region_flow import FoundRegions, face_sampling, find_regions
from pipelines.analysis.visual_meta import visual_meta
from pipelines.stage import Output, Outputs, Stage, Work
from schemas.errors import ReelwrightError
from schemas.media_request import RegionsRequest, VisualMetaRequest
from schemas.regions import VideoRegionSummary
from schemas.visual_meta import VisualMeta

VISUAL_META = Stage("visual_meta", "1", natives=("numpy", "opencv", "cpu"))


@dataclass(frozen=True)
class FoundVisuals:
    """The visual meta of one film."""

    asset: MediaAsset
    look: FilmLook
    meta: VisualMeta
    answer: Answer


def find_visuals(
    flow: MediaFlow, assets: Sequence[MediaAsset], request: VisualMetaRequest
) -> list[FoundVisuals | ReelwrightError]:
    """The visual meta of each film, in order; one that cannot be read does not stop the others.

    Args:
        flow: the run.
        assets: films.
        request: what is asked of each; its asset is that of the first.
    """
    usual = RegionsRequest(tenant_id=request.tenant_id, env=request.env, asset_id=request.asset_id)
    if request.faces:
        return [
            found if isinstance(found, ReelwrightError) else _visuals(flow, found.look, request, found)
            for found in find_regions(flow, assets, lambda _: usual)
        ]
    looks = look_at_films(flow, assets, lambda _: None, or_stored=face_sampling(usual))
    return [look if isinstance(look, ReelwrightError) else _visuals(flow, look, request, None) for look in looks]


def _visuals(flow: MediaFlow, look: FilmLook, request: VisualMetaRequest, faces: FoundRegions | None) -> FoundVisuals:
    engine = flow.engines.of("visual")
    parameters = {"frame_sample_interval_ms": request.frame_sample_interval_ms, "faces": request.faces}
    summary: VideoRegionSummary | None = faces.summary if faces else None

    def make(_: Path) -> Outputs:
        found = visual_meta(
            look.asset.asset_id,
            look.shape,
            look.seen.track,
            find_boundaries(look.seen.track),
            summary,
            engine.backend,
            interval_ms=request.frame_sample_interval_ms,
        )
        meta = flow.meta(look.asset.asset_id, engine, parameters) | {
            "duration_ms": found.duration_ms,
            "frame_sample_interval_ms": found.frame_sample_interval_ms,
            "shots": len(found.shots),
        }
        return {"result": Output(found.name(), found.to_json(), schema_version=found.schema_version, meta=meta)}

    inputs = {"film": look.asset.artifact.as_input()}
    # Of a look only the signals count here, which are the same with and without faces; so that either look gives the
    # same answer, their hash stands in the parameters and the look itself only in the lineage of the regions.
    signals = look.signals_digest
    if faces is not None:
        inputs["regions"] = faces.answer.artifact.as_input()
    work = Work(
        VISUAL_META,
        look.asset.name,
        make,
        inputs=inputs,
        parameters={**parameters, "signals": signals},
        backend=engine.spec.backend(),
    )
    made = flow.maker.make(work)
    return FoundVisuals(
        look.asset, look, flow.maker.document(VisualMeta, made.result), Answer(made.result, made.reused)
    )
