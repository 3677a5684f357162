"""The sources leg: what the shots need, where each thing comes from, and the plan that says so.

ShotList -> AssetManifest -> safety, people -> library | drawing, synthesis | placeholder -> RenderPlan -> rights
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from pipelines.assets.library import IndexedAsset, LeftOut, LibraryIndex, read_library, take_media
from pipelines.assets.manifest import asset_manifest
from pipelines.assets.resolver import Abilities, Resolution, resolve
from pipelines.flow.maker import Flow
from pipelines.flow.story import Story
from pipelines.flow.timing import SpokenArtifacts, Timing
from pipelines.imaging.character_design import design_character
from pipelines.imaging.props.prop import KNOWN_PROPS
from pipelines.media.clip import ClipReader
from pipelines.media.image import read_image
from pipelines.media.sound import read_audio
from pipelines.media.wave_file import write_wave
from pipelines.rendering.render_plan import render_plan
from pipelines.runner import Artifact, Made
from pipelines.sound.ambience import AMBIENCE_TAGS, ambience
from pipelines.sound.effects import EFFECT_TAGS, effect
from pipelines.sound.loudness import SAMPLE_RATE_HZ
from pipelines.sound.music import music_bed
from pipelines.stage import Output, Outputs, Stage, Work, document_output
from schemas.asset_manifest import AssetManifest, BackgroundNeed, CharacterNeed, PropNeed
from schemas.character_design import CharacterDesign
from schemas.errors import MediaUnreadable
from schemas.render_output import Shortfall
from schemas.render_plan import RenderPlan, ResolvedAsset
from schemas.timing import EditRate
from schemas.vocabulary import LocationSetting, Mood

ASSET_MANIFEST = Stage("asset_manifest", "2")
RENDER_PLAN = Stage("render_plan", "1")
LIBRARY_FILE = Stage("library_file", "1")
CHARACTER_PACK = Stage("character_pack", "1")
DRAWING = Stage("drawing", "1")
MUSIC_BED = Stage("music_bed", "1", natives=("numpy", "scipy", "cpu"))
AMBIENCE = Stage("ambience", "1", natives=("numpy", "scipy", "cpu"))
SOUND_EFFECT = Stage("sound_effect", "1", natives=("numpy", "scipy", "cpu"))
PLACEHOLDER = Stage("placeholder", "1")
"""Sounds are instant for a plan: the mix's identity needs their hashes, and a bed takes a fraction of a second."""

ABILITIES = Abilities(
    props=KNOWN_PROPS,
    sounds=EFFECT_TAGS,
    ambiences=AMBIENCE_TAGS,
    music=frozenset(get_args(Mood)),
    settings=frozenset(get_args(LocationSetting)),
)


@dataclass(frozen=True)
class Sources:
    """Everything that picture and sound are made from."""

    manifest: AssetManifest
    manifest_artifact: Artifact
    plan: RenderPlan
    plan_artifact: Artifact
    artifacts: Mapping[str, Artifact]
    """asset_id -> artifact."""

    designs: Mapping[str, CharacterDesign]
    """character_id -> design."""

    backgrounds: Mapping[str, BackgroundNeed]
    """asset_id -> need, which the drawing is made from."""

    @cached_property
    def resolved(self) -> Mapping[str, ResolvedAsset]:
        """asset_id -> its entry in the plan; a film of thousands of shots asks often."""
        return {asset.asset_id: asset for asset in self.plan.assets}


def find_sources(flow: Flow, story: Story, timing: Timing, library: Path | None) -> Sources:
    """Sources for every requirement of the shot list.

    Raises:
        SafetyViolation, RightsDenied: an asset may not be used.
        Paused: a person has to accept the characters.
    """
    manifest, manifest_artifact = flow.document(
        ASSET_MANIFEST,
        lambda: asset_manifest(story.script, timing.shotlist, timing.voices),
        AssetManifest,
        {"script": story.script_artifact, "shotlist": timing.artifact},
        file_name="AssetManifest.json",
    )
    flow.findings += flow.guards.manifest(manifest, manifest_artifact, story.project)
    resolutions, artifacts = _found(flow, manifest, timing.spoken, library)
    for one in resolutions:
        if one.source == "placeholder":
            flow.shortfalls.append(Shortfall(kind="placeholder", subject=one.asset_id, reason=one.flag))
        for note in one.notes:
            flow.progress.note(f"asset library: {note}")
    resolved = tuple(
        one.resolved(artifact.uri, artifact.content_hash, artifact.media_type)
        for one in resolutions
        for artifact in (artifacts[one.asset_id],)
    )
    options = flow.options
    plan, plan_artifact = flow.document(
        RENDER_PLAN,
        lambda: render_plan(story.project, timing.shotlist, resolved, options.profile, options.captions, options.voice),
        RenderPlan,
        {"project": story.project_artifact, "shotlist": timing.artifact} | artifacts,
        file_name="RenderPlan.json",
        parameters={
            "profile": options.profile,
            "captions": options.captions,
            "voice": options.voice,
            "sources": {one.asset_id: [one.source, one.form, one.flag] for one in resolutions},
        },
    )
    flow.guards.render_plan(plan)
    return Sources(
        manifest=manifest,
        manifest_artifact=manifest_artifact,
        plan=plan,
        plan_artifact=plan_artifact,
        artifacts=artifacts,
        designs=character_designs(flow, manifest, plan, artifacts),
        backgrounds={need.asset_id: need for need in manifest.backgrounds},
    )


def character_designs(
    flow: Flow, manifest: AssetManifest, plan: RenderPlan, artifacts: Mapping[str, Artifact]
) -> dict[str, CharacterDesign]:
    """character_id -> design of every character that the plan has drawn.

    Raises:
        InvalidInput: what the plan calls a drawing is none.
    """
    drawn = {asset.asset_id for asset in plan.assets if asset.form == "drawing"}
    return {
        need.character_id: flow.maker.document(CharacterDesign, artifacts[need.asset_id])
        for need in manifest.character_packs
        if need.asset_id in drawn
    }


def _found(
    flow: Flow, manifest: AssetManifest, spoken: Mapping[str, SpokenArtifacts], library: Path | None
) -> tuple[tuple[Resolution, ...], dict[str, Artifact]]:
    """A resolution and an artifact for every requirement. A library file that turns out to be damaged is left out and
    the requirement resolved again, so that its fallback takes over."""
    index = read_library(library) if library is not None else LibraryIndex()
    while True:
        resolutions = resolve(manifest, index, ABILITIES)
        artifacts, broken = source_artifacts(flow, manifest, spoken, resolutions, library)
        if not broken:
            return resolutions, artifacts
        index = LibraryIndex(
            assets=tuple(asset for asset in index.assets if asset.name not in broken),
            left_out=(
                *index.left_out,
                *(LeftOut(one.name, one.metadata, broken[one.name]) for one in index.assets if one.name in broken),
            ),
        )


def source_artifacts(
    flow: Flow,
    manifest: AssetManifest,
    spoken: Mapping[str, SpokenArtifacts],
    resolutions: Sequence[Resolution],
    library: Path | None,
) -> tuple[dict[str, Artifact], dict[str, str]]:
    """asset_id -> artifact of every resolution and voice line, and library asset name -> why it cannot be used.

    Voice lines exist already; the rest is taken in, drawn, synthesised or stood in for.
    """
    artifacts = {
        need.asset_id: spoken[need.element_id].audio for need in manifest.voice_lines if need.element_id in spoken
    }
    makers = _makers(manifest)
    broken: dict[str, str] = {}
    works = [(one, _work(one, makers, library)) for one in resolutions if one.asset_id not in artifacts]
    for stage in (LIBRARY_FILE, CHARACTER_PACK, DRAWING, MUSIC_BED, AMBIENCE, SOUND_EFFECT, PLACEHOLDER):
        of_stage = [(one, work) for one, work in works if work.stage is stage]
        for (one, _), made in zip(of_stage, flow.maker.make_all([work for _, work in of_stage]), strict=True):
            if isinstance(made, Made):
                artifacts[one.asset_id] = made.result
            elif one.library_asset is not None and isinstance(made.error, MediaUnreadable):
                broken[one.library_asset.name] = made.error.message
            else:
                raise made.error
    return artifacts, broken


@dataclass(frozen=True)
class _Maker:
    """How a requirement is made locally."""

    stage: Stage
    parameters: Mapping[str, object]
    make: Callable[[Path], Outputs]


def _makers(manifest: AssetManifest) -> dict[str, _Maker]:
    """asset_id -> how it is drawn or synthesised here."""
    makers = {}
    for person in manifest.character_packs:
        makers[person.asset_id] = _Maker(
            CHARACTER_PACK, person.model_dump(mode="json"), partial(_character_pack, person)
        )
    drawn: tuple[BackgroundNeed | PropNeed, ...] = (*manifest.backgrounds, *manifest.props)
    for need in drawn:
        fields = need.model_dump(mode="json")
        makers[need.asset_id] = _Maker(DRAWING, fields, partial(_drawing, fields))
    for bed in manifest.music:
        makers[bed.asset_id] = _sound(MUSIC_BED, {"mood": bed.mood}, partial(music_bed, bed.mood))
    for place in manifest.ambiences:
        makers[place.asset_id] = _sound(AMBIENCE, {"tag": place.tag}, partial(ambience, place.tag))
    for noise in manifest.sounds:
        makers[noise.asset_id] = _sound(SOUND_EFFECT, {"tag": noise.tag}, partial(effect, noise.tag))
    return makers


def _character_pack(need: CharacterNeed, _: Path) -> Outputs:
    return {"result": document_output(design_character(need))}


def _drawing(fields: Mapping[str, object], _: Path) -> Outputs:
    return {"result": _as_json(fields)}


def _sound(
    stage: Stage, parameters: Mapping[str, object], synthesise: Callable[[], NDArray[np.float32] | None]
) -> _Maker:
    def make(folder: Path) -> Outputs:
        pcm = synthesise()
        assert pcm is not None
        whole = np.clip(np.rint(pcm * 32767), -32768, 32767).astype(np.int16)
        write_wave(folder / "sound.wav", whole, SAMPLE_RATE_HZ)
        return {"result": Output(stage.name, folder / "sound.wav", "audio/wav")}

    return _Maker(stage, parameters, make)


def _work(one: Resolution, makers: Mapping[str, _Maker], library: Path | None) -> Work:
    if one.library_asset is not None and library is not None:
        return _library_work(one, one.library_asset, library)
    if one.source == "placeholder":
        fields = {"asset_id": one.asset_id, "placeholder": one.flag}
        return Work(PLACEHOLDER, one.asset_id, lambda _: {"result": _as_json(fields)}, parameters=fields)
    maker = makers[one.asset_id]
    return Work(maker.stage, one.asset_id, maker.make, parameters=maker.parameters)


def _library_work(one: Resolution, asset: IndexedAsset, library: Path) -> Work:
    def make(folder: Path) -> Outputs:
        taken = folder / "file"
        take_media(library, asset, taken)
        check_media(taken, asset.metadata.media_kind)
        return {"result": Output("library_file", taken, asset.media_type, rights=one.rights)}

    rights = one.rights.model_dump(mode="json")
    return Work(LIBRARY_FILE, one.asset_id, make, parameters={"content_hash": asset.content_hash, "rights": rights})


def check_media(path: Path, kind: str) -> None:
    """Opens a media file as far as its use will need.

    Raises:
        MediaUnreadable: it is damaged or beyond the limits.
    """
    if kind == "image":
        read_image(path, max_side_px=64)
    elif kind == "clip":
        with ClipReader(path, EditRate()) as clip:
            clip.frame_at(0)
    else:
        read_audio(path)


def _as_json(fields: Mapping[str, object]) -> Output:
    content = (json.dumps(fields, indent=2, ensure_ascii=False) + "\n").encode()
    return Output("drawing", content)
