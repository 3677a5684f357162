"""A RenderPackage carried out, or planned: everything from the shot list on, with nothing made that nobody wants."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipelines.episode import make_film
from pipelines.flow.film import caption
from pipelines.flow.maker import Flow
from pipelines.flow.package import Package, Shelf, take_package, terms_of
from pipelines.flow.picture import FRAME_S, REFERENCE_PIXELS
from pipelines.flow.sign_off import Terms
from pipelines.flow.sound import mix_sound
from pipelines.planning import Plan
from pipelines.rendering.quality.missing_assets import missing_assets
from pipelines.rendering.quality.report import GATES
from pipelines.rendering.quality.rights_license import rights_license
from pipelines.rendering.quality.story_gates import canon_continuity, content_safety
from pipelines.runner import Artifact
from schemas.render_output import GateResult, RenderOutput
from schemas.render_package import DesiredOutput
from schemas.render_plan import RenderPlan
from schemas.shotlist import ShotList

SOUND_S, FILM_S, SIGN_OFF_S = 0.030, 0.018, 0.042
"""Mixing, joining and measuring a second of film, in the proportion to FRAME_S that the example episode shows."""

DOCUMENTS = {
    "ShotList.json": "shotlist", "AssetManifest.json": "asset_manifest", "RenderPlan.json": "render_plan",
    "CaptionTrack.json": "caption_track",
}  # fmt: skip
OUTPUTS: Mapping[DesiredOutput, Mapping[str, str]] = {
    "video": {"episode.mp4": "video", "poster.png": "poster", "RenderOutput.json": "render_output"},
    "captions": {"captions.srt": "captions", "captions.vtt": "captions_vtt"},
    "audio_stems": {f"stems/{stem}.wav": f"audio_stems.{stem}" for stem in ("dialogue", "music", "effects")},
}
"""What was asked for -> file name in the flow -> output name of the contract."""


@dataclass(frozen=True)
class PackageOutcome:
    """What a package gave."""

    outputs: Mapping[str, Artifact]
    """Output name -> artifact, of what was asked for."""

    lineage: Mapping[str, Artifact]
    """Artifact name -> artifact, the documents on the way included."""

    output: RenderOutput | None
    """The verdict on the film; None when none was asked for."""


def render_package(flow: Flow, package: Package, shelf: Shelf, wanted: Collection[DesiredOutput]) -> PackageOutcome:
    """The outputs of a package. A Plan in place of an Execution makes nothing and knows what would be made.

    Raises:
        InvalidInput: the documents do not belong together.
        Refused: safety or rights say no.
    """
    timing, sources = take_package(flow, package, shelf)
    flow.files["ShotList.json"], flow.files["AssetManifest.json"] = timing.artifact, sources.manifest_artifact
    output = None
    if "video" in wanted:
        made = make_film(flow, timing, sources, Terms(terms_of(package.shotlist)))
        output = None if isinstance(flow.maker, Plan) else flow.maker.document(RenderOutput, made)
    else:
        if "captions" in wanted:
            caption(flow, timing, sources)
        if "audio_stems" in wanted:
            mix_sound(flow, timing, sources)
    outputs = {
        name: flow.files[file_name] for one in wanted for file_name, name in OUTPUTS.get(one, {}).items()
    }  # fmt: skip
    documents = {name: flow.files[file_name] for file_name, name in DOCUMENTS.items() if file_name in flow.files}
    return PackageOutcome(outputs, {**documents, **outputs}, output)


def gates_ahead(shotlist: ShotList, plan: RenderPlan, findings: Collection[str]) -> tuple[GateResult | str, ...]:
    """Every gate in order: its verdict where documents decide, its bare name where the finished file does."""
    known: dict[str, GateResult] = {
        one.gate: one
        for one in (
            canon_continuity(None), missing_assets(plan, shotlist), rights_license(plan), content_safety(findings),
        )
    }  # fmt: skip
    return tuple(known.get(gate, gate) for gate in GATES)


def estimated_s(plan: Plan, shotlist: ShotList, render_plan: RenderPlan) -> float:
    """Seconds on one core for what a plan would make."""
    ticks = {shot.shot_id: shot.duration_ticks for shot in shotlist.shots}
    film_s = shotlist.edit_rate.seconds(shotlist.duration_ticks)
    frame_s = FRAME_S * render_plan.picture.width_px * render_plan.picture.height_px / REFERENCE_PIXELS
    of_film = {"mix": SOUND_S, "film": FILM_S, "render_output": SIGN_OFF_S}
    return sum(
        ticks.get(work.item, 0) * frame_s if work.stage in ("segment", "slate") else of_film.get(work.stage, 0) * film_s
        for work in plan.works
        if work.action == "make"
    )
