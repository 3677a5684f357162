"""From films to region summaries and masks: looked at once, joined, described, stored under the specified keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from cluster.registry.media_rules import mask_key
from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.film_look import FILM_PASS, FilmLook, cuts_of, look_at_films, sightings
from pipelines.analysis.media_flow import Answer, ChosenEngine, MediaFlow
from pipelines.analysis.regions import region_summary
from pipelines.editing.masks import region_mask
from pipelines.media.frame_reader import FilmShape
from pipelines.media.poster import grey_png
from pipelines.outcome import ItemFailure
from pipelines.runner import Artifact
from pipelines.stage import Output, Outputs, Stage, Work
from pipelines.streams.stretch import FaceSampling
from schemas.errors import ReelwrightError
from schemas.media_request import RegionsRequest
from schemas.regions import RegionTrack, VideoRegionSummary

REGIONS = Stage("video_regions", "2")
REGION_MASK = Stage("video_region_mask", "1", natives=("ffmpeg", "numpy"))

LOOKED_BY = f"{FILM_PASS.name}-{FILM_PASS.version}, {REGIONS.name}-{REGIONS.version}"
"""In the meta of every summary: who covers a film must not do it by what an older version overlooked."""

LEAST_FACE_PX, MOST_FACE_PX = 20, 48
"""MTCNN finds nothing much below 20 pixels; above 48 a face can be recognised however large the picture is."""

FACE_SHARE = 18
"""The smallest face that matters is this part of the shorter side, within these bounds."""


@dataclass(frozen=True)
class FoundRegions:
    """The regions of one film."""

    asset: MediaAsset
    look: FilmLook
    summary: VideoRegionSummary
    answer: Answer
    masks: dict[str, Artifact]
    """track_id -> mask."""


def smallest_face_px(shape: FilmShape, request: RegionsRequest) -> int:
    """Narrowest face that is looked for, pixels of the upright picture."""
    share = round(min(shape.width_px, shape.height_px) / FACE_SHARE)
    return request.smallest_face_px or min(MOST_FACE_PX, max(LEAST_FACE_PX, share))


def face_sampling(request: RegionsRequest) -> Callable[[FilmShape], FaceSampling]:
    """How films are searched for a request."""
    return lambda shape: FaceSampling(request.frame_sample_interval_ms, smallest_face_px(shape, request))


def find_regions(
    flow: MediaFlow, assets: Sequence[MediaAsset], request_for: Callable[[MediaAsset], RegionsRequest]
) -> list[FoundRegions | ReelwrightError]:
    """The regions of each film, in order; one that cannot be read does not stop the others. All ask the same."""
    if not assets:
        return []
    looks = look_at_films(flow, assets, face_sampling(request_for(assets[0])))
    return [
        look if isinstance(look, ReelwrightError) else _regions(flow, look, request_for(look.asset)) for look in looks
    ]


def _regions(flow: MediaFlow, look: FilmLook, request: RegionsRequest) -> FoundRegions:
    engine = flow.engines.of("faces")
    smallest_px = smallest_face_px(look.shape, request)
    parameters = {
        "frame_sample_interval_ms": request.frame_sample_interval_ms,
        "min_confidence": request.min_confidence,
        "smallest_face_px": smallest_px,
        "include_regions": list(request.include_regions),
    }

    def make(_: Path) -> Outputs:
        asset_id = look.asset.asset_id
        found = region_summary(
            asset_id, look.shape, sightings(look), cuts_of(look), request, smallest_px, engine.backend
        )
        meta = flow.meta(asset_id, engine, parameters) | {
            "duration_ms": found.duration_ms,
            "frame_sample_interval_ms": request.frame_sample_interval_ms,
            "include_regions": list(request.include_regions),
            "people": len(found.people),
            "looked_by": LOOKED_BY,
        }
        return {"result": Output(found.name(), found.to_json(), schema_version=found.schema_version, meta=meta)}

    inputs = {"film": look.asset.artifact.as_input()}
    inputs |= {f"segment.{number:05}": one.as_input() for number, one in enumerate(look.artifacts)}
    backend = engine.spec.backend()
    work = Work(REGIONS, look.asset.name, make, inputs=inputs, parameters=parameters, backend=backend)
    made = flow.maker.make(work)
    summary = flow.maker.document(VideoRegionSummary, made.result)
    answer = Answer(made.result, made.reused)
    return FoundRegions(look.asset, look, summary, answer, _masks(flow, look.asset, summary, answer.artifact, engine))


def _masks(
    flow: MediaFlow, asset: MediaAsset, summary: VideoRegionSummary, parent: Artifact, engine: ChosenEngine
) -> dict[str, Artifact]:
    works = [_mask_work(flow, asset, summary, track, parent, engine) for track in summary.tracks]
    masks = {}
    for track, made in zip(summary.tracks, flow.maker.make_all(works), strict=True):
        if isinstance(made, ItemFailure):
            raise made.error
        masks[track.track_id] = made.result
    return masks


def _mask_work(
    flow: MediaFlow,
    asset: MediaAsset,
    summary: VideoRegionSummary,
    track: RegionTrack,
    parent: Artifact,
    engine: ChosenEngine,
) -> Work:
    # The key holds the artifact's id, which follows from everything but what `make` does.
    plan = Work(
        REGION_MASK,
        f"{asset.name} {track.track_id}",
        lambda _: {},
        inputs={"summary": parent.as_input(), "film": asset.artifact.as_input()},
        parameters={"track_id": track.track_id},
        backend=engine.spec.backend(),
    )
    meta = flow.meta(asset.asset_id, engine, {"track_id": track.track_id}) | {
        "track_id": track.track_id,
        "frame": track.best_frame,
        "duration_ms": summary.duration_ms,
        "logical_key": mask_key(flow.scope, asset.asset_id, flow.maker.artifact_id(plan)),
    }
    return Work(plan.stage, plan.item, partial(_mask, summary, track, meta), plan.inputs, plan.parameters, plan.backend)


def _mask(summary: VideoRegionSummary, track: RegionTrack, meta: dict[str, object], _: Path) -> Outputs:
    """White where the region is on the track's best frame, as the effects draw it; black elsewhere."""
    picture = np.zeros((summary.height_px, summary.width_px), np.uint8)
    box = track.boxes[track.best_frame - track.first_frame]
    mask = region_mask(box, "ellipse", (summary.height_px, summary.width_px))
    if mask is not None:
        picture[mask.part] = np.minimum(mask.weights, 255)
    return {"result": Output("video_region_mask", grey_png(picture), "image/png", schema_version="", meta=meta)}
