"""From a film or a sound to its semantic timeline: heard once in each way, then put together in milliseconds.

sound -> voice activity, sound classes, beats, loudness -> sound_evidence      one memo each: the dear part
      -> SpeechRecognition                                                     shared with captions
      -> parameters -> AudioSemanticTimelineSummary                            instant
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.caption_flow import recognitions
from pipelines.analysis.media_flow import Answer, ChosenEngine, MediaFlow
from pipelines.analysis.semantic_timeline import Heard, semantic_timeline
from pipelines.analysis.sound_tracks import SoundEvidence
from pipelines.executors import InProcess
from pipelines.outcome import ItemFailure
from pipelines.runner import Artifact, Batch, Executor, stored_artifact
from pipelines.stage import Output, Outputs, Stage, Work
from pipelines.streams.ray_sounds import RaySounds
from pipelines.streams.sound_listener import SoundListener
from pipelines.streams.sound_pass import SoundKind, SoundTask, rows_of
from schemas.audio_semantic_timeline import AudioSemanticTimelineSummary
from schemas.errors import InvalidInput, MediaUnreadable, ReelwrightError
from schemas.media_request import AUTO, AudioSemanticRequest
from schemas.speech_recognition import SpeechRecognition

AUDIO_SEMANTIC = "audio_semantic"
"""The purpose under which engines are wished for."""

SOUND_EVIDENCE = Stage("sound_evidence", "1", natives=("ffmpeg", "numpy", "cpu"), instant=False)
SEMANTIC_TIMELINE = Stage("audio_semantic_timeline", "2")

SEMANTIC_VERSION, STUB_VERSION = "audio_semantic_v1", "audio_semantic_stub_v1"

BACKEND, BACKEND_VERSION = "whisper_librosa", "whisper_librosa_v2"
"""The specification's names; which engines really answered stands in `backend_info`."""

SPECIFIED = {"librosa": "beats", "whisper": "speech"}
"""Dependencies that the specification names -> the engine that does their part, and so whose error is theirs."""


@dataclass(frozen=True)
class Listened:
    """What is heard in one asset."""

    asset: MediaAsset
    summary: AudioSemanticTimelineSummary
    answer: Answer


def listen(flow: MediaFlow, asset: MediaAsset, request: AudioSemanticRequest) -> Listened:
    """The semantic timeline of one asset.

    Raises:
        NotFound: there is no such rendition.
        MediaUnreadable: no sound, or the sound is damaged from its first sample on.
        InvalidInput: the rendition is neither film nor sound.
        Unavailable: an engine that is needed, and its stand-in, are not here.
    """
    [found] = listen_all(flow, [asset], [request])
    if isinstance(found, ReelwrightError):
        raise found
    return found


def listen_all(
    flow: MediaFlow, assets: Sequence[MediaAsset], requests: Sequence[AudioSemanticRequest]
) -> list[Listened | ReelwrightError]:
    """The semantic timeline of each asset, in order; one that cannot be read does not stop the others.

    All ask the same of engines.

    Raises:
        NotFound: there is no such rendition.
        InvalidInput: a rendition is neither film nor sound, or the speech engine does not know the language.
        Unavailable: an engine that is needed, and its stand-in, are not here.
    """
    results: list[Listened | ReelwrightError] = [
        MediaUnreadable(f"{asset.name!r} holds no sound, so there is nothing to listen to") for asset in assets
    ]
    sounds = [_sound(flow, asset, request) for asset, request in zip(assets, requests, strict=True)]
    sounding = [index for index, sound in enumerate(sounds) if sound.has_sound]
    if not sounding:
        return results
    request = requests[sounding[0]]
    kinds = _kinds(request)
    heard = _evidence(flow, [sounds[index] for index in sounding], kinds)
    words = _words(flow, [sounds[index] for index in sounding], request)
    for place, index in enumerate(sounding):
        own = heard[place * len(kinds) : (place + 1) * len(kinds)]
        failed = [one for one in (*own, words[place]) if isinstance(one, ReelwrightError)]
        if failed:
            results[index] = failed[0]
        else:
            parts = {kind: one for kind, one in zip(kinds, own, strict=True) if isinstance(one, Artifact)}
            said = words[place]
            results[index] = _listened(
                flow, assets[index], sounds[index], requests[index], parts, said if isinstance(said, Artifact) else None
            )
    return results


def cache_key(request: AudioSemanticRequest) -> str:
    """The specification's literal form; what it does not name is added where it is not the default."""
    words: list[Any] = [
        request.tenant_id, request.env, request.asset_id, request.artifact_id, request.include_beats,
        request.include_speech_music, request.min_silence_ms, request.loudness_window_ms, BACKEND_VERSION,
        request.user_id or "anonymous",
    ]  # fmt: skip
    if not request.transcribe:
        words.append("transcribe=False")
    if request.language != AUTO:
        words.append(f"language={request.language}")
    return "|".join(map(str, words))


def _sound(flow: MediaFlow, asset: MediaAsset, request: AudioSemanticRequest) -> MediaAsset:
    """What is listened to: the asset, or the rendition that the request names."""
    if request.artifact_id is None or request.artifact_id == asset.asset_id:
        return asset
    record = flow.shelf.get(request.artifact_id)
    if not record.media_type.startswith(("audio/", "video/")):
        raise InvalidInput(f"artifact {request.artifact_id!r} is {record.media_type}, neither film nor sound")
    return replace(asset, artifact=stored_artifact(record), has_sound=True)


def _kinds(request: AudioSemanticRequest) -> list[SoundKind]:
    kinds: list[SoundKind] = ["loudness"]
    if request.include_speech_music:
        kinds += ["voice_activity", "sound_classes"]
    if request.include_beats:
        kinds.append("beats")
    return kinds


def _engines(flow: MediaFlow, kinds: Sequence[SoundKind]) -> dict[SoundKind, ChosenEngine | None]:
    return {kind: None if kind == "loudness" else flow.engines.of(kind, purpose=AUDIO_SEMANTIC) for kind in kinds}


def _evidence(
    flow: MediaFlow, sounds: Sequence[MediaAsset], kinds: Sequence[SoundKind]
) -> list[Artifact | ReelwrightError]:
    """For each sound, for each kind: what was heard."""
    engines = _engines(flow, kinds)
    tasks: list[SoundTask] = []
    works: list[Work] = []
    for sound in sounds:
        for kind in kinds:
            engine = engines[kind]
            task = SoundTask(
                str(flow.maker.path(sound.artifact)), sound.name, kind, engine.choice if engine is not None else None
            )
            tasks.append(task)
            works.append(
                Work(
                    SOUND_EVIDENCE,
                    f"{sound.name} ({kind.replace('_', ' ')})",
                    partial(_heard_here, task),
                    inputs={"sound": sound.artifact.as_input()},
                    parameters={"kind": kind},
                    backend=engine.spec.backend() if engine is not None else {},
                )
            )
    with SoundListener(flow.build) as listener:

        def worth(_: Sequence[int]) -> Executor:
            return RaySounds(flow.num_cpus, flow.build) if flow.on_ray else InProcess()

        made = flow.maker.make_batch(Batch(works, listener, lambda index, _: tasks[index], worth))
    return [one.error if isinstance(one, ItemFailure) else one.result for one in made]


def _heard_here(task: SoundTask, _: Path) -> Outputs:
    with SoundListener() as listener:
        return listener(task)


def _words(
    flow: MediaFlow, sounds: Sequence[MediaAsset], request: AudioSemanticRequest
) -> Sequence[Artifact | ReelwrightError | None]:
    if not (request.transcribe and request.include_speech_music):
        return [None] * len(sounds)
    return recognitions(flow, sounds, "" if request.language == AUTO else request.language, AUDIO_SEMANTIC)


def _listened(
    flow: MediaFlow,
    asset: MediaAsset,
    sound: MediaAsset,
    request: AudioSemanticRequest,
    parts: dict[SoundKind, Artifact],
    said: Artifact | None,
) -> Listened:
    engines = [one for one in _engines(flow, list(parts)).values() if one is not None]
    if said is not None:
        engines.append(flow.engines.of("speech", purpose=AUDIO_SEMANTIC))
    meta = flow_meta(request, engines)

    def make(_: Path) -> Outputs:
        heard = Heard(
            loudness_rows=rows_of(flow.maker.path(parts["loudness"])),
            loudness_facts=parts["loudness"].meta,
            classes=_classes(flow, parts),
            activations=rows_of(flow.maker.path(parts["beats"])) if "beats" in parts else None,
            said=flow.maker.document(SpeechRecognition, said) if said is not None else None,
        )
        made = semantic_timeline(asset.asset_id, request, heard, meta)
        return {"result": Output(made.name(), made.to_json(), schema_version=made.schema_version, meta=meta)}

    inputs = {"asset": asset.artifact.as_input(), "sound": sound.artifact.as_input()}
    inputs |= {kind: one.as_input() for kind, one in parts.items()}
    if said is not None:
        inputs["said"] = said.as_input()
    parameters = {"cache_key": cache_key(request), "backends": [one.backend.model_dump(mode="json") for one in engines]}
    made = flow.maker.make(Work(SEMANTIC_TIMELINE, asset.name, make, inputs, parameters))
    summary = flow.maker.document(AudioSemanticTimelineSummary, made.result)
    return Listened(asset, summary, Answer(made.result, made.reused))


def _classes(flow: MediaFlow, parts: dict[SoundKind, Artifact]) -> SoundEvidence | None:
    if "sound_classes" not in parts:
        return None
    return SoundEvidence(
        classes=rows_of(flow.maker.path(parts["sound_classes"])),
        activity=rows_of(flow.maker.path(parts["voice_activity"])),
        total_samples=int(parts["voice_activity"].meta["total_samples"]),
    )


def flow_meta(request: AudioSemanticRequest, engines: Sequence[ChosenEngine]) -> dict[str, Any]:
    """What the timeline says of itself, by the specification's names."""
    stubs = [one for one in engines if one.spec.backend_type == "stub"]
    named = {one.choice.family: one for one in engines}
    speech = named.get("speech")
    dependencies = {
        family: {
            "engine": family,
            "backend": one.spec.name,
            "version": one.spec.version,
            "backend_type": one.spec.backend_type,
            "model": one.spec.model,
            "error": one.spec.degraded or None,
        }
        for family, one in sorted(named.items())
    }
    return {
        "tenant_id": request.tenant_id,
        "env": request.env,
        "asset_id": request.asset_id,
        "backend": "stub" if stubs else BACKEND,
        "backend_version": BACKEND_VERSION,
        "backend_type": "stub" if stubs else BACKEND,
        "model_used": (speech.spec.model or speech.spec.name) if speech is not None else "",
        "semantic_version": STUB_VERSION if stubs else SEMANTIC_VERSION,
        "include_beats": request.include_beats,
        "include_speech_music": request.include_speech_music,
        "min_silence_ms": request.min_silence_ms,
        "loudness_window_ms": request.loudness_window_ms,
        "transcribe": request.transcribe,
        "language_hint": request.language,
        "speed_change_limit": 1.05,
        "audio_semantic_cache_key": cache_key(request),
        "cache_key": cache_key(request),
        "degraded": "; ".join(one.spec.degraded for one in engines if one.spec.degraded),
        "backend_info": {
            "service": "audio_semantic_timeline",
            "backend_version": BACKEND_VERSION,
            "dependencies": dependencies
            | {name: dependencies[family] for name, family in SPECIFIED.items() if family in dependencies},
        },
    }
