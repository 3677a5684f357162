"""The package leg: a ShotList, an AssetManifest and a RenderPlan that came from outside, as the film leg wants them.

    source stored, whole  -> used
    voice line            -> its stored sound and timing, else spoken again: the very same bytes, or refused
    anything else         -> drawn or synthesised here, else a placeholder; the film is then `degraded`

No story: nothing here reads a line for its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cluster.registry.records import ArtifactRecord
from pipelines.assets.library import LibraryIndex
from pipelines.assets.resolver import Resolution, resolve
from pipelines.flow.maker import Flow
from pipelines.flow.sources import ABILITIES, Sources, character_designs, check_media, source_artifacts
from pipelines.flow.story import TAKE_IN
from pipelines.flow.timing import SpokenArtifacts, Timing, speak
from pipelines.rendering.package_rules import package_problems
from pipelines.runner import Artifact, stored_artifact
from pipelines.stage import Stage
from schemas.asset_manifest import AssetManifest, VoiceLineNeed
from schemas.document import Document
from schemas.errors import InvalidInput, MediaUnreadable, NotFound
from schemas.project import HumanCheckpoints, Project, TargetDuration
from schemas.render_output import Shortfall
from schemas.render_plan import RenderPlan, ResolvedAsset
from schemas.shotlist import ShotList
from schemas.speech import Speech, SpeechRequest

EFFECTIVE_PLAN = Stage("effective_plan", "1")


class Shelf(Protocol):
    """What the registry holds, within one scope."""

    def resolve(self, uri: str) -> ArtifactRecord: ...

    def find(self, identity: str) -> Mapping[str, ArtifactRecord]:
        """Output name -> record; empty when any of the bytes is gone."""
        ...


@dataclass(frozen=True)
class Package:
    """The three documents, and where each stands in the registry; a document that came inline stands nowhere yet."""

    shotlist: ShotList
    manifest: AssetManifest
    plan: RenderPlan
    stored: Mapping[str, Artifact]
    """Kind of document -> artifact."""

    def artifact(self, flow: Flow, document: Document) -> Artifact:
        """The artifact of one of the three."""
        return self.stored.get(document.name()) or flow.taken(document, TAKE_IN)


def terms_of(shotlist: ShotList) -> Project:
    """What a package without a project is judged by: the strictest policy, and exactly the length that is locked."""
    locked_s = shotlist.edit_rate.seconds(shotlist.duration_ticks)
    return Project(
        id="render_package",
        title=shotlist.title[:200] or "Untitled",
        language=shotlist.language,
        target_duration=TargetDuration(min_s=locked_s, max_s=locked_s),
        human_checkpoints=HumanCheckpoints(approve_canon_diff=False, approve_shotlist_timing_lock=False),
    )


def take_package(flow: Flow, package: Package, shelf: Shelf) -> tuple[Timing, Sources]:
    """The locked timeline of a package and a source for everything in it.

    Raises:
        InvalidInput: the documents do not belong together, a source is not the caller's, or a line cannot be spoken in
            the time that is locked for it.
        SafetyViolation, RightsDenied: an asset may not be used.
    """
    shotlist, manifest, plan = package.shotlist, package.manifest, package.plan
    problems = package_problems(shotlist, manifest, plan)
    if problems:
        raise InvalidInput("; ".join(problems), problems=list(problems))
    project = terms_of(shotlist)
    shotlist_artifact = package.artifact(flow, shotlist)
    manifest_artifact = package.artifact(flow, manifest)
    plan_artifact = package.artifact(flow, plan)
    flow.findings += flow.guards.shot_list(shotlist, shotlist_artifact, project)
    flow.findings += flow.guards.manifest(manifest, manifest_artifact, project)
    flow.guards.render_plan(plan)

    spoken = _spoken(flow, shotlist, manifest, plan, shelf)
    held, lost = _held(flow, plan, shelf)
    made, changed = _made_here(flow, manifest, spoken, [asset for asset in plan.assets if asset.asset_id in lost])
    artifacts = {**held, **made, **{need.asset_id: spoken[need.element_id].audio for need in _used(manifest, spoken)}}
    effective = _effective(flow, plan, changed, lost)
    if effective is not plan:
        sources = {asset.asset_id: asset.content_hash for asset in effective.assets}
        _, plan_artifact = flow.document(
            EFFECTIVE_PLAN, lambda: effective, RenderPlan, {"plan": plan_artifact}, parameters={"sources": sources}
        )
    flow.files["RenderPlan.json"] = plan_artifact
    voices = {need.speaker_id: need.voice for need in manifest.voice_lines}
    return Timing(shotlist, shotlist_artifact, spoken, voices), Sources(
        manifest=manifest,
        manifest_artifact=manifest_artifact,
        plan=effective,
        plan_artifact=plan_artifact,
        artifacts=artifacts,
        designs=character_designs(flow, manifest, effective, artifacts),
        backgrounds={need.asset_id: need for need in manifest.backgrounds},
    )


def _used(manifest: AssetManifest, spoken: Mapping[str, SpokenArtifacts]) -> list[VoiceLineNeed]:
    return [need for need in manifest.voice_lines if need.element_id in spoken]


def _spoken(
    flow: Flow, shotlist: ShotList, manifest: AssetManifest, plan: RenderPlan, shelf: Shelf
) -> dict[str, SpokenArtifacts]:
    """element_id -> the sound that the plan names, and when each of its words is said."""
    planned = {asset.asset_id: asset for asset in plan.assets}
    needs = [need for need in manifest.voice_lines if need.asset_id in planned]
    spoken = {}
    for need in needs:
        siblings = _siblings(planned[need.asset_id], shelf)
        if siblings is not None:
            timing, audio = (stored_artifact(siblings[name]) for name in ("timing", "audio"))
            spoken[need.element_id] = SpokenArtifacts(flow.maker.document(Speech, timing), timing, audio)
    again = [need for need in needs if need.element_id not in spoken]
    spoken |= speak(flow, {need.element_id: _request(need) for need in again})
    for need in again:
        asset, audio = planned[need.asset_id], spoken[need.element_id].audio
        if audio.content_hash != asset.content_hash:
            raise InvalidInput(
                f"{need.asset_id!r}: the sound {asset.content_hash} of the plan is not here, and the voices here "
                f"speak the line otherwise ({audio.content_hash}): its timing would not hold; plan again",
                asset_id=need.asset_id,
            )
    _check_lengths(shotlist, spoken)
    return {need.element_id: spoken[need.element_id] for need in needs}


def _siblings(asset: ResolvedAsset, shelf: Shelf) -> Mapping[str, ArtifactRecord] | None:
    record = _record(asset, shelf)
    if record is None or record.output != "audio":
        return None
    found = shelf.find(record.identity)
    return found if {"timing", "audio"} <= found.keys() else None


def _request(need: VoiceLineNeed) -> SpeechRequest:
    return SpeechRequest(
        text=need.text, language=need.language, voice=need.voice, emotion=need.emotion, pacing=need.pacing
    )


def _check_lengths(shotlist: ShotList, spoken: Mapping[str, SpokenArtifacts]) -> None:
    for shot, line in shotlist.lines():
        speech = spoken[line.element_id].speech
        needed = shotlist.edit_rate.ticks_covering(speech.duration_samples, speech.sample_rate_hz)
        if needed > line.duration_ticks:
            raise InvalidInput(
                f"shot {shot.shot_id!r}: the line {line.element_id!r} takes {needed} ticks to say and "
                f"{line.duration_ticks} are locked for it",
                shot_id=shot.shot_id,
            )


def _held(flow: Flow, plan: RenderPlan, shelf: Shelf) -> tuple[dict[str, Artifact], dict[str, str]]:
    """asset_id -> artifact of every source that is here, and asset_id -> why another one is not."""
    held: dict[str, Artifact] = {}
    lost: dict[str, str] = {}
    for asset in plan.assets:
        if asset.kind == "voice":
            continue
        record = _record(asset, shelf)
        if record is None:
            lost[asset.asset_id] = f"{asset.uri} is not in this registry"
        elif not shelf.find(record.identity):
            lost[asset.asset_id] = f"the bytes of {asset.uri} were let go"
        elif reason := _unusable(flow, asset, stored_artifact(record)):
            lost[asset.asset_id] = reason
        else:
            held[asset.asset_id] = stored_artifact(record)
    return held, lost


def _record(asset: ResolvedAsset, shelf: Shelf) -> ArtifactRecord | None:
    try:
        record = shelf.resolve(asset.uri)
    except NotFound:
        return None
    if record.content_hash != asset.content_hash:
        raise InvalidInput(
            f"{asset.asset_id!r}: {asset.uri} has the content {record.content_hash}, not {asset.content_hash}",
            asset_id=asset.asset_id,
        )
    return record


def _unusable(flow: Flow, asset: ResolvedAsset, artifact: Artifact) -> str:
    """Why the file of a library cannot be used; what this site made itself was never anything else."""
    if asset.source != "local_library":
        return ""
    try:
        check_media(flow.maker.path(artifact), asset.form)
    except MediaUnreadable as exc:
        return exc.message
    return ""


def _made_here(
    flow: Flow, manifest: AssetManifest, spoken: Mapping[str, SpokenArtifacts], assets: Sequence[ResolvedAsset]
) -> tuple[dict[str, Artifact], dict[str, tuple[Resolution, Artifact]]]:
    """What takes over for sources that are not here: asset_id -> artifact, and with the choice that was made."""
    if not assets:
        return {}, {}
    wanted = {asset.asset_id for asset in assets}
    chosen = [one for one in resolve(manifest, LibraryIndex(), ABILITIES) if one.asset_id in wanted]
    found, _ = source_artifacts(flow, manifest, spoken, chosen, None)
    made = {one.asset_id: found[one.asset_id] for one in chosen}
    return made, {one.asset_id: (one, made[one.asset_id]) for one in chosen}


def _effective(
    flow: Flow, plan: RenderPlan, changed: Mapping[str, tuple[Resolution, Artifact]], lost: Mapping[str, str]
) -> RenderPlan:
    """The plan as it is carried out. What was made again to the very same bytes is no change."""
    assets = []
    for asset in plan.assets:
        if asset.source == "placeholder":
            flow.shortfalls.append(Shortfall(kind="placeholder", subject=asset.asset_id, reason=asset.flag))
        if asset.asset_id not in changed or changed[asset.asset_id][1].content_hash == asset.content_hash:
            assets.append(asset)
            continue
        choice, artifact = changed[asset.asset_id]
        kind = "placeholder" if choice.source == "placeholder" else "fallback_backend"
        reason = "; ".join(filter(None, (lost[asset.asset_id], choice.flag)))
        flow.shortfalls.append(Shortfall(kind=kind, subject=asset.asset_id, reason=reason))
        assets.append(choice.resolved(artifact.uri, artifact.content_hash, artifact.media_type))
    return plan if tuple(assets) == plan.assets else plan.model_copy(update={"assets": tuple(assets)})
