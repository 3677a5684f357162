"""The quality report of a finished film: every gate of section 15, in one order, and whether it may be published."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import get_args

from pipelines.rendering.quality.audio_loudness import audio_loudness
from pipelines.rendering.quality.caption_sync import caption_sync
from pipelines.rendering.quality.missing_assets import missing_assets
from pipelines.rendering.quality.rights_license import rights_license
from pipelines.rendering.quality.runtime_pacing import runtime_pacing
from pipelines.rendering.quality.shot_timing import shot_timing
from pipelines.rendering.quality.story_gates import canon_continuity, content_safety
from pipelines.rendering.quality.verdict import Gate
from schemas.canon_diff import CanonDiff
from schemas.captions import CaptionTrack
from schemas.errors import InvalidInput
from schemas.project import Project
from schemas.render_output import GateOverride, GateResult
from schemas.render_plan import RenderPlan
from schemas.shotlist import ShotList

GATES: tuple[str, ...] = get_args(Gate)
"""Names of the gates, in the order of the report."""


def quality_report(
    *,
    film: Path,
    segments: Sequence[Path],
    dialogue_stem: Path,
    srt: bytes,
    shotlist: ShotList,
    captions: CaptionTrack,
    plan: RenderPlan,
    project: Project,
    canon_diff: CanonDiff | None,
    safety_findings: Collection[str],
    overrides: Mapping[str, GateOverride],
) -> tuple[GateResult, ...]:
    """One result a gate, in the order of `GATES`.

    Args:
        film: The finished MP4; picture, captions and sound are measured on it.
        segments: The file of each shot, in order, whose first pictures must stand in the film.
        dialogue_stem: WAV of all lines at the level they have in the mix.
        srt: Content of the SubRip file.
        shotlist: The timing lock.
        captions: The cues that film and SubRip file should hold.
        plan: Sources and rights of all assets.
        project: Its target duration.
        canon_diff: What the canon gate said; None when there was nothing to say.
        safety_findings: What the content check let through.
        overrides: Gate name -> who lets it pass, and why. It changes a failed gate alone.

    Raises:
        InvalidInput: an override names no gate.
    """
    unknown = sorted(set(overrides) - set(GATES))
    if unknown:
        raise InvalidInput(f"no gate is called {unknown[0]!r}; gates are {', '.join(GATES)}")
    results = (
        canon_continuity(canon_diff),
        missing_assets(plan, shotlist),
        runtime_pacing(film, shotlist, project),
        caption_sync(film, srt, captions, shotlist),
        shot_timing(film, segments, shotlist),
        audio_loudness(film, dialogue_stem, shotlist, plan),
        rights_license(plan),
        content_safety(safety_findings),
    )
    return tuple(_overridden(result, overrides.get(result.gate)) for result in results)


def publishable(report: Sequence[GateResult]) -> bool:
    """Whether no gate failed without an override, and none is missing from the report."""
    return {result.gate for result in report} == set(GATES) and all(result.status != "failed" for result in report)


def _overridden(result: GateResult, override: GateOverride | None) -> GateResult:
    if override is None or result.status != "failed":
        return result
    return result.model_copy(update={"status": "overridden", "override": override})
