"""Signing off: the gates measure the finished file; RenderOutput says what it is and whether it may be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.flow.film import Captions, Film
from pipelines.flow.maker import Flow
from pipelines.flow.sound import Sound
from pipelines.flow.sources import Sources
from pipelines.flow.timing import Timing
from pipelines.rendering.quality.report import publishable, quality_report
from pipelines.runner import Artifact
from pipelines.stage import Stage, Work, document_output
from schemas.canon_diff import CanonDiff
from schemas.project import Project
from schemas.render_output import GateOverride, GateResult, Lineage, OutputFile, RenderOutput

RENDER_OUTPUT = Stage("render_output", "1", natives=("ffmpeg", "numpy", "scipy", "cpu"), instant=False)


@dataclass(frozen=True)
class Terms:
    """What a film is judged by, and what lies before its shot list."""

    project: Project
    canon_diff: CanonDiff | None = None
    documents: Mapping[str, Artifact] = field(default_factory=dict)
    """Kind of document -> artifact, for the lineage."""


def sign_off(
    flow: Flow,
    terms: Terms,
    timing: Timing,
    sources: Sources,
    segments: Sequence[Artifact],
    sound: Sound,
    captions: Captions,
    film: Film,
) -> Artifact:
    """The RenderOutput of a film."""
    shown = {"title": timing.shotlist.title, "captions": [line for cue in captions.track.cues for line in cue.lines]}
    flow.findings += flow.guards.output(shown, terms.project)
    documents = {
        **terms.documents,
        "ShotList": timing.artifact,
        "AssetManifest": sources.manifest_artifact,
        "RenderPlan": sources.plan_artifact,
        "CaptionTrack": captions.artifact,
    }
    stems = {"dialogue": sound.dialogue, "music": sound.music, "effects": sound.effects}
    shortfalls = tuple(sorted(flow.shortfalls, key=lambda one: (one.kind, one.subject)))

    def measured() -> tuple[GateResult, ...]:
        return quality_report(
            film=flow.maker.path(film.video),
            segments=[flow.maker.path(segment) for segment in segments],
            dialogue_stem=flow.maker.path(sound.dialogue),
            srt=flow.maker.read(captions.srt),
            shotlist=timing.shotlist,
            captions=captions.track,
            plan=sources.plan,
            project=terms.project,
            canon_diff=terms.canon_diff,
            safety_findings=flow.findings,
            overrides=flow.options.overrides,
        )

    def output() -> RenderOutput:
        report = measured()
        return RenderOutput(
            title=timing.shotlist.title,
            status="degraded" if shortfalls else "completed",
            profile=flow.options.profile,
            picture=sources.plan.picture,
            edit_rate=timing.shotlist.edit_rate,
            duration_ticks=timing.shotlist.duration_ticks,
            timing_lock_hash=timing.shotlist.timing_lock_hash,
            video=_file(film.video),
            captions_srt=_file(captions.srt),
            captions_vtt=_file(captions.vtt),
            stems={name: _file(stem) for name, stem in stems.items()},
            poster=_file(film.poster),
            shortfalls=shortfalls,
            quality_report=report,
            publishable=publishable(report),
            lineage=tuple(
                Lineage(document=name, uri=one.uri, content_hash=one.content_hash) for name, one in documents.items()
            ),
        )

    inputs = {
        **documents, "video": film.video, "poster": film.poster, "srt": captions.srt, "vtt": captions.vtt,
        **{f"stem.{name}": stem for name, stem in stems.items()},
    }  # fmt: skip
    work = Work(
        RENDER_OUTPUT,
        item="RenderOutput",
        make=lambda _: {"result": document_output(output())},
        inputs={role: one.as_input() for role, one in inputs.items()},
        parameters={
            "shortfalls": [one.model_dump(mode="json") for one in shortfalls],
            "findings": sorted(flow.findings),
            "overrides": _overrides(flow.options.overrides),
        },
    )
    artifact = flow.maker.make(work).result
    flow.files["RenderOutput.json"] = artifact
    return artifact


def _overrides(overrides: Mapping[str, GateOverride]) -> dict[str, object]:
    return {gate: override.model_dump(mode="json") for gate, override in sorted(overrides.items())}


def _file(artifact: Artifact) -> OutputFile:
    return OutputFile(
        uri=artifact.uri,
        content_hash=artifact.content_hash,
        media_type=artifact.media_type,
        size_bytes=artifact.size_bytes,
    )
