"""What media commands print: a summary for people, the documents for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rich.console import Console

from pipelines.analysis.caption_flow import Captioned
from pipelines.analysis.region_flow import FoundRegions
from pipelines.analysis.visual_flow import FoundVisuals
from pipelines.editing.anonymise import Anonymised
from pipelines.editing.render import Rendered
from schemas.anonymise_report import AnonymiseReport
from schemas.errors import ReelwrightError
from schemas.media_render_plan import MediaRenderPlan
from schemas.regions import FrameSpan, VideoRegionSummary
from serve import exit_codes
from serve.media_commands import PlannedRender
from serve.media_run import Outcome

T = TypeVar("T")

SHOWN = 8
"""Spans at risk that are listed one by one."""


def present(
    outcomes: Sequence[Outcome[T]],
    lines: Callable[[T], Sequence[str]],
    document: Callable[[T], dict[str, Any]],
    *,
    as_json: bool,
) -> int:
    """Prints every outcome, and returns the exit code: that of the first file that failed."""
    failed = [one for one in outcomes if isinstance(one.result, ReelwrightError)]
    if as_json:
        answers = [_as_json(one, document) for one in outcomes]
        print(json.dumps(answers[0] if len(answers) == 1 else answers, indent=2, ensure_ascii=False))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for one in outcomes:
            if isinstance(one.result, ReelwrightError):
                console.print(f"{one.name}: failed ({one.result.code}): {one.result.message}", markup=False)
                continue
            for line in lines(one.result):
                console.print(line, markup=False)
    error = failed[0].result if failed else None
    return exit_codes.exit_code(error) if isinstance(error, ReelwrightError) else exit_codes.DONE


def _as_json(outcome: Outcome[T], document: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    if isinstance(outcome.result, ReelwrightError):
        error = {"code": outcome.result.code, "message": outcome.result.message}
        return {"file": outcome.name, "error": error}
    return {"file": outcome.name, **document(outcome.result)}


def region_lines(found: FoundRegions) -> list[str]:
    """The regions of a film, a line a track."""
    summary = found.summary
    people, uncertain = len(summary.people), len(summary.tracks) - len(summary.people)
    lines = [
        f"{found.asset.name}: {_count(people, 'person', 'people')}, {uncertain} uncertain"
        f"   {film_words(summary)}   {found.answer.artifact.artifact_id}{_cached(found.answer.cache_hit)}"
    ]
    for track in summary.tracks:
        guessed = track.origins.count("h")
        held = f", {guessed} held" if guessed else ""
        lines.append(
            f"  {track.track_id} {track.verdict:<9} {span_words(track)}   confidence {track.confidence:.2f}"
            f"   {track.detections} detections{held}   mask {found.masks[track.track_id].artifact_id}"
        )
    lines += [f"  nobody could judge {span_words(span)}: damaged" for span in summary.unjudged]
    if summary.backend.degraded or summary.backend.backend_type == "stub":
        lines.append(f"  degraded: {summary.backend.name} looked ({summary.backend.degraded or 'a stub sees nobody'})")
    return lines


def region_document(found: FoundRegions) -> dict[str, Any]:
    """What `--json` prints of a film's regions."""
    return {
        "artifact_id": found.answer.artifact.artifact_id,
        "cache_hit": found.answer.cache_hit,
        "meta": dict(found.answer.artifact.meta),
        "masks": {name: mask.artifact_id for name, mask in found.masks.items()},
        "summary": found.summary.model_dump(mode="json"),
    }


def visual_lines(found: FoundVisuals) -> list[str]:
    """Shots and what separates them, then where people look."""
    return [*shot_lines(found), *(_subject_line(found))]


def shot_lines(found: FoundVisuals) -> list[str]:
    """The shots of a film, a line each, with how it begins."""
    meta = found.meta
    rate = "variable frame rate, " if meta.variable_frame_rate else ""
    lines = [
        f"{found.asset.name}: {_count(len(meta.shots), 'shot', 'shots')}"
        f"   {meta.width_px}x{meta.height_px}, {rate}{meta.frame_count} frames, {meta.duration_ms / 1000:.1f} s"
        f"   {found.answer.artifact.artifact_id}{_cached(found.answer.cache_hit)}"
    ]
    for shot in meta.shots:
        blank = "   blank" if shot.blank else ""
        lines.append(
            f"  {shot.index + 1:>4}  {span_words(shot)}   {shot.begins:<8}   motion {shot.motion_mean:.2f}"
            f" (up to {shot.motion_max:.2f}) widths a second{blank}"
        )
    lines += [
        f"  {one.kind} {clock(one.start_ms)}-{clock(one.end_ms)} (frames {one.first_frame}-{one.end_frame - 1})"
        f"   confidence {one.confidence:.2f}"
        for one in meta.boundaries
        if one.kind != "cut"
    ]
    lines += [f"  flash {span_words(flash)}: no cut" for flash in meta.flashes]
    return lines


def _subject_line(found: FoundVisuals) -> list[str]:
    samples = found.meta.samples
    faces, salient = (sum(sample.subject == source for sample in samples) for source in ("face", "saliency"))
    nothing = len(samples) - faces - salient
    return [
        f"  subject on {len(samples)} samples: {faces} times a face, {salient} times what stands out, {nothing} none"
    ]


def visual_document(found: FoundVisuals) -> dict[str, Any]:
    """What `--json` prints of a film's shots, motion and subject."""
    return {
        "artifact_id": found.answer.artifact.artifact_id,
        "cache_hit": found.answer.cache_hit,
        "meta": dict(found.answer.artifact.meta),
        "visual_meta": found.meta.model_dump(mode="json"),
    }


def caption_lines(found: Captioned) -> list[str]:
    """The captions of a film, as they would be read."""
    said = found.transcript
    words, cues = _count(len(said.words), "word", "words"), _count(len(said.segments), "caption", "captions")
    engine = f"{said.backend.name} {said.backend.model}".rstrip()
    lines = [
        f"{found.asset.name}: {words} in {cues}   language {said.language} ({said.language_source})   {engine}"
        f"   {found.answer.artifact.artifact_id}{_cached(found.answer.cache_hit)}"
    ]
    for segment in said.segments:
        lines.append(f"  {clock(segment.start_ms)}-{clock(segment.end_ms)}  {' / '.join(segment.lines)}")
    flagged = [word.text for word in said.words if word.in_non_speech]
    if flagged:
        lines.append(f"  where nobody speaks: {' '.join(flagged[:SHOWN])}{' ...' if len(flagged) > SHOWN else ''}")
    lines += [f"  not believed: {one}" for one in said.refused]
    lines += [
        f"  caption {one.cue_index + 1}: {one.rule} {one.measured:g}, limit {one.limit:g}" for one in said.violations
    ]
    for backend in (said.backend, said.voice_activity):
        if backend.degraded or backend.backend_type == "stub":
            lines.append(f"  degraded: {backend.name} stood in ({backend.degraded or 'a stub'})")
    return lines


def caption_document(found: Captioned) -> dict[str, Any]:
    """What `--json` prints of what is said in a film."""
    return {
        "artifact_id": found.answer.artifact.artifact_id,
        "cache_hit": found.answer.cache_hit,
        "meta": dict(found.answer.artifact.meta),
        "files": {kind: artifact.artifact_id for kind, artifact in found.files.items()},
        "transcript": found.transcript.model_dump(mode="json"),
    }


def anonymised_lines(done: Anonymised) -> list[str]:
    """What was covered, and where somebody should look again."""
    report = done.report
    if report.outcome == "skipped":
        lines = [
            f"{done.asset.name}: nobody was found; the film is as it was   {report.frame_count} frames looked through"
        ]
    else:
        lines = [
            f"{done.asset.name}: {report.covered_frames} of {report.frame_count} frames covered"
            f" ({report.effect}, {report.strength})   {done.video.artifact_id}"
        ]
    for track in report.tracks:
        guessed = f", {track.guessed_frames} frames on a guess" if track.guessed_frames else ""
        what = "kept" if track.kept else "covered"
        lines.append(f"  {track.track_id} {track.verdict:<9} {what} {span_words(track)}{guessed}")
    lines += [f"  left out: {part}" for part in report.left_out]
    lines.append(_audit_line(report))
    lines += [
        f"  look at {span_words(risk)}: {risk.reason.replace('_', ' ')}, confidence {risk.confidence:.2f}"
        for risk in report.at_risk[:SHOWN]
    ]
    if len(report.at_risk) > SHOWN:
        lines.append(f"  ... and {len(report.at_risk) - SHOWN} more in the report")
    return lines


def _audit_line(report: AnonymiseReport) -> str:
    if not report.audited_frames:
        return f"  not looked over: {report.auditor.degraded or 'no second detector is here'}"
    found = f"{len(report.at_risk)} spans at risk" if report.at_risk else "nothing at risk"
    return f"  looked over by {report.auditor.name} on {report.audited_frames} frames: {found}"


def anonymised_document(done: Anonymised) -> dict[str, Any]:
    """What `--json` prints of a covered film."""
    return {
        "video_artifact_id": done.video.artifact_id,
        "report_artifact_id": done.answer.artifact.artifact_id,
        "cache_hit": done.answer.cache_hit,
        "report": done.report.model_dump(mode="json"),
    }


def plan_lines(planned: PlannedRender) -> list[str]:
    """What a render would do, from what, and what is missing."""
    return [f"{planned.asset.name}: would be rendered", *_plan_lines(planned.plan)]


def rendered_lines(done: Rendered) -> list[str]:
    """What a render did."""
    return [f"{done.asset.name}: rendered   {done.video.artifact_id}{_cached(done.cache_hit)}", *_plan_lines(done.plan)]


def _plan_lines(plan: MediaRenderPlan) -> list[str]:
    rate = plan.edit_rate.fraction
    lines = [f"  {plan.width_px}x{plan.height_px}, {float(rate):.3f} frames a second, {plan.duration_ms / 1000:.1f} s"]
    lines += [
        f"  {step.kind.replace('_', ' ')}: {step.detail}   {step.artifact_id or ''}".rstrip() for step in plan.steps
    ]
    lines += [
        f"  from {one.kind} {one.artifact_id}   {one.backend_version}   {one.model_used}"
        for one in plan.dependency_notices
    ]
    return lines + [f"  warning: {warning}" for warning in plan.warnings]


def plan_document(planned: PlannedRender) -> dict[str, Any]:
    """What `--dry-run --json` prints."""
    return {"asset_id": planned.asset.asset_id, "plan": planned.plan.model_dump(mode="json")}


def rendered_document(done: Rendered) -> dict[str, Any]:
    """What `--json` prints of a render."""
    return {
        "video_artifact_id": done.video.artifact_id,
        "plan_artifact_id": done.plan_artifact.artifact_id,
        "cache_hit": done.cache_hit,
        "plan": done.plan.model_dump(mode="json"),
    }


def film_words(summary: VideoRegionSummary) -> str:
    """Size and length of a film."""
    rate = "variable frame rate, " if summary.variable_frame_rate else ""
    size = f"{summary.width_px}x{summary.height_px}"
    return f"{size}, {rate}{summary.frame_count} frames, {summary.duration_ms / 1000:.1f} s"


def span_words(span: FrameSpan) -> str:
    """`00:01.200-00:03.000 (frames 30-74)`: the last frame is the last that is meant."""
    return f"{clock(span.start_ms)}-{clock(span.end_ms)} (frames {span.first_frame}-{span.end_frame - 1})"


def clock(milliseconds: int) -> str:
    """`mm:ss.mmm`, with hours when there are any."""
    seconds, rest = divmod(milliseconds, 1000)
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _cached(cache_hit: bool) -> str:
    return " (as before)" if cache_hit else ""
