"""A film in which nobody can be recognised: from its region summary to the covered film, looked over by a second pair
of eyes.

    summary -> cover plan -> rewrite, frame by frame -> film -> second detector -> report
            -> nothing to cover, and nothing in it but a picture and its sound: the film stays as it is
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from actors.catalogue import ENGINES
from pipelines.analysis.asset import MediaAsset, find_asset
from pipelines.analysis.film_look import FilmLook, film_shape, look_at_films
from pipelines.analysis.media_flow import Answer, ChosenEngine, MediaFlow
from pipelines.editing.cover_plan import CoverPlan, cover_plan
from pipelines.editing.effects import apply_region
from pipelines.editing.keep_person import kept_tracks
from pipelines.editing.leak_audit import anonymise_report
from pipelines.editing.stored_box import stored_box
from pipelines.editing.summary_choice import matching_summary
from pipelines.media.carried_streams import container_for, left_out, own_suffix
from pipelines.media.frame_reader import FilmShape
from pipelines.media.rewrite import EditableFrame, rewrite_film
from pipelines.media.source import known_as
from pipelines.runner import Artifact
from pipelines.stage import Output, Outputs, Stage, Work
from pipelines.streams.stretch import FaceSampling
from schemas.anonymise_report import AnonymiseReport
from schemas.errors import InvalidInput, ReelwrightError
from schemas.media_request import AnonymiseRequest
from schemas.regions import VideoRegionSummary

ANONYMISE = Stage("video_anonymise", "2", natives=("ffmpeg", "numpy", "opencv"), instant=False)
REPORT = Stage("anonymise_report", "2")

AUDIT_INTERVAL = 2
"""The second look comes so many times as seldom as the first, and is for faces so many times as large."""

MEDIA_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".webm": "video/webm"}


@dataclass(frozen=True)
class Anonymised:
    """A film that was made unrecognisable, and what is known about that."""

    asset: MediaAsset
    video: Artifact
    """The covered film; the asset itself when nobody was in it."""

    suffix: str
    """Of a file that holds it."""

    report: AnonymiseReport
    answer: Answer
    """The report's."""


def anonymise(flow: MediaFlow, asset: MediaAsset, request: AnonymiseRequest) -> Anonymised:
    """The covered film of an asset.

    Raises:
        NotFound: the named summary is not one of this asset, or there is no such portrait.
        Refused: only a stub looked for faces.
        Unavailable: somebody is to stay visible and there are no weights to know them by.
        MediaUnreadable, InvalidInput: the film cannot be decoded, or not be written anew.
    """
    summary_artifact, summary = matching_summary(flow, asset, request)
    keep: frozenset[str] = frozenset()
    if request.keep_asset_id is not None:
        portrait = find_asset(flow, request.keep_asset_id)
        keep = kept_tracks(flow, asset, portrait, summary, summary_artifact)
    plan = cover_plan(summary, keep)
    path = flow.maker.path(asset.artifact)
    if not plan.frames and not left_out(path):
        untouched = _Covered(asset.artifact, own_suffix(path), plan)
        return _reported(flow, asset, request, untouched, summary_artifact, summary, keep)
    suffix = container_for(path)
    shape = film_shape(flow, asset)
    parameters = {"effect": request.effect, "strength": request.strength, "keep": sorted(keep), "suffix": suffix}
    engine = flow.engines.of("faces")
    used = {VideoRegionSummary.name(): summary_artifact.artifact_id}
    meta = flow.meta(asset.asset_id, engine, parameters | used) | {
        "duration_ms": summary.duration_ms,
        "region_summary_id": summary_artifact.artifact_id,
        "backend_version": f"{summary.backend.name}-{summary.backend.version}",
        "model_used": summary.backend.model or summary.backend.name,
        "backend_type": summary.backend.backend_type,
    }
    work = Work(
        ANONYMISE,
        asset.name,
        partial(_covered, flow, asset, shape, plan, request, suffix, meta),
        inputs={"film": asset.artifact.as_input(), "summary": summary_artifact.as_input()},
        parameters=parameters,
    )
    video = flow.maker.make(work).result
    return _reported(flow, asset, request, _Covered(video, suffix, plan), summary_artifact, summary, keep)


@dataclass(frozen=True)
class _Covered:
    """The film that came of it."""

    video: Artifact
    suffix: str
    plan: CoverPlan


def _covered(
    flow: MediaFlow,
    asset: MediaAsset,
    shape: FilmShape,
    plan: CoverPlan,
    request: AnonymiseRequest,
    suffix: str,
    meta: dict[str, Any],
    folder: Path,
) -> Outputs:
    path, total = flow.maker.path(asset.artifact), len(shape.times.pts)
    lost = set(range(total))

    def edit(index: int, frame: EditableFrame) -> bool:
        lost.discard(index)
        # What the decoder had to guess may show a face that no look saw.
        if index in plan.whole or frame.is_damaged:
            box = (0.0, 0.0, float(shape.stored_width_px), float(shape.stored_height_px))
            apply_region(frame.planes, box, request.effect, "strong", "frame")
            return True
        boxes = plan.boxes.get(index, ())
        for box in boxes:
            apply_region(frame.planes, stored_box(box, shape), request.effect, request.strength)
        return bool(boxes)

    def progress(done: int) -> None:
        flow.progress.item_part(ANONYMISE.name, asset.name, done / total)

    target = folder / f"film{suffix}"
    with known_as(path, asset.name):
        rewritten = rewrite_film(path, target, edit=edit, progress=progress)
    if rewritten.frames < 1:
        raise InvalidInput(f"{asset.name!r} has no frame that could be written")
    what = {"left_out": list(rewritten.left_out), "edited_frames": rewritten.edited_frames, "lost_frames": sorted(lost)}
    return {
        "result": Output(
            "video_anonymised",
            target,
            MEDIA_TYPES.get(suffix, "video/mp4"),
            schema_version="",
            meta=meta | what,
        )
    }


def _reported(
    flow: MediaFlow,
    asset: MediaAsset,
    request: AnonymiseRequest,
    covered: _Covered,
    summary_artifact: Artifact,
    summary: VideoRegionSummary,
    keep: Collection[str],
) -> Anonymised:
    sampling = FaceSampling(
        summary.frame_sample_interval_ms * AUDIT_INTERVAL, summary.smallest_face_px * AUDIT_INTERVAL
    )
    auditor, look = _second_look(flow, asset, covered, summary, sampling)
    behind = tuple(covered.video.meta.get("left_out", ()))

    def make(_: Path) -> Outputs:
        report = anonymise_report(
            asset_id=asset.asset_id,
            summary_id=summary_artifact.artifact_id,
            video_id=covered.video.artifact_id,
            summary=summary,
            plan=covered.plan,
            request=request,
            keep=keep,
            left_out=behind,
            lost_frames=covered.video.meta.get("lost_frames", ()),
            auditor=auditor.backend,
            look=look,
            audit_interval_ms=sampling.interval_ms,
        )
        return {"result": Output(report.name(), report.to_json(), schema_version=report.schema_version)}

    inputs = {"summary": summary_artifact.as_input(), "video": covered.video.as_input()}
    inputs |= {f"audit.{number:05}": one.as_input() for number, one in enumerate(look.artifacts if look else ())}
    parameters = {"effect": request.effect, "strength": request.strength, "keep": sorted(keep)}
    work = Work(REPORT, asset.name, make, inputs, parameters, backend=auditor.spec.backend())
    made = flow.maker.make(work)
    report = flow.maker.document(AnonymiseReport, made.result)
    return Anonymised(asset, covered.video, covered.suffix, report, Answer(made.result, made.reused))


def _second_look(
    flow: MediaFlow, asset: MediaAsset, covered: _Covered, summary: VideoRegionSummary, sampling: FaceSampling
) -> tuple[ChosenEngine, FilmLook | None]:
    """Another detector than the first, and what it sees of the finished film; nothing when no other is here."""
    others = [name for name in ENGINES["faces"] if name != summary.backend.name]
    auditor = flow.engines.of("faces", others[0])
    if auditor.spec.backend_type == "stub" or auditor.spec.name == summary.backend.name:
        return auditor, None
    finished = MediaAsset(covered.video, f"{asset.name} (finished)", "clip", asset.has_sound)
    # Here, also where films stream through Ray: one film at a time comes out of the encoder.
    [look] = look_at_films(replace(flow, on_ray=False), [finished], lambda _: sampling, detector=auditor.spec.name)
    if isinstance(look, ReelwrightError):
        raise look
    return auditor, look
