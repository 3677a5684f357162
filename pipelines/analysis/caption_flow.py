"""From a film or a sound to captions: heard once, then divided by cuts and profile, then written as files.

sound -> speech_pass -> SpeechRecognition    one memo a sound: the dear part, here or through Ray Data
      -> cuts, profile -> AsrTranscript      instant
      -> SRT, VTT, ASS                       instant
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.caption_clock import CaptionClock, film_clock, sound_clock
from pipelines.analysis.film_look import FilmLook, cuts_of, film_shape, look_at_films
from pipelines.analysis.media_flow import Answer, MediaFlow
from pipelines.analysis.region_flow import face_sampling
from pipelines.analysis.transcript import transcript, transcript_track
from pipelines.executors import InProcess
from pipelines.outcome import ItemFailure
from pipelines.rendering.subtitle_files import to_ass, to_srt, to_vtt
from pipelines.runner import Artifact, Batch, Executor
from pipelines.stage import Output, Outputs, Stage, Work
from pipelines.streams.ray_speech import RaySpeech
from pipelines.streams.speech_listener import SpeechListener
from pipelines.streams.speech_pass import SpeechTask
from schemas.errors import MediaUnreadable, ReelwrightError
from schemas.media_request import AUTO, CaptionsRequest, RegionsRequest
from schemas.speech_recognition import SpeechRecognition
from schemas.transcript import AsrTranscript

SPEECH_RECOGNITION = Stage("speech_recognition", "1", natives=("ffmpeg", "numpy", "cpu"), instant=False)
TRANSCRIPT = Stage("asr_transcript", "1")
CAPTION_FILES = Stage("caption_files", "1")

ASS_SIZE = (1920, 1080)
"""Script resolution of ASS for a sound without picture."""


@dataclass(frozen=True)
class Captioned:
    """What is said in one asset."""

    asset: MediaAsset
    transcript: AsrTranscript
    answer: Answer
    files: dict[str, Artifact]
    """`srt`, `vtt`, `ass` -> artifact."""


@dataclass(frozen=True)
class _Grid:
    """What captions lie on: the clock with the film's cuts, and the size of the picture."""

    clock: CaptionClock
    size: tuple[int, int]


def captions(
    flow: MediaFlow, assets: Sequence[MediaAsset], request_for: Callable[[MediaAsset], CaptionsRequest]
) -> list[Captioned | ReelwrightError]:
    """The transcript of each asset and its caption files, in order; one that cannot be read does not stop the others.

    All ask the same.

    Raises:
        InvalidInput: the engine does not know the language.
        Unavailable: no speech engine is here.
    """
    results: list[Captioned | ReelwrightError] = [
        MediaUnreadable(f"{asset.name!r} holds no sound, so nothing is said in it") for asset in assets
    ]
    sounding = [index for index, asset in enumerate(assets) if asset.has_sound]
    if not sounding:
        return results
    request = request_for(assets[sounding[0]])
    language = "" if request.language == AUTO else request.language
    heard = recognitions(flow, [assets[index] for index in sounding], language)
    clocks = _clocks(flow, [assets[index] for index in sounding], request)
    for index, sound, clock in zip(sounding, heard, clocks, strict=True):
        if isinstance(sound, ReelwrightError):
            results[index] = sound
        elif isinstance(clock, ReelwrightError):
            results[index] = clock
        else:
            results[index] = _captioned(flow, assets[index], request_for(assets[index]), sound, clock)
    return results


def caption(flow: MediaFlow, asset: MediaAsset, request: CaptionsRequest) -> Captioned:
    """The transcript of one asset and its caption files.

    Raises:
        MediaUnreadable: it has no sound, or the sound is damaged from its first sample on.
        InvalidInput: the engine does not know the language.
        Unavailable: no speech engine is here.
    """
    [found] = captions(flow, [asset], lambda _: request)
    if isinstance(found, ReelwrightError):
        raise found
    return found


def _captioned(flow: MediaFlow, asset: MediaAsset, request: CaptionsRequest, sound: Artifact, grid: _Grid) -> Captioned:
    heard = flow.maker.document(SpeechRecognition, sound)
    speech = flow.engines.of("speech")
    parameters = {"language": request.language, "use_shots": request.use_shots}
    meta = flow.meta(asset.asset_id, speech, parameters) | {
        "duration_ms": round(heard.duration_samples * 1000 / heard.sample_rate_hz),
        "language": heard.language,
        "voice_activity": heard.voice_activity.name,
    }

    def make(_: Path) -> Outputs:
        found = transcript(heard, grid.clock)
        return {"result": Output(found.name(), found.to_json(), schema_version=found.schema_version, meta=meta)}

    inputs = {"sound": asset.artifact.as_input(), "heard": sound.as_input()}
    work = Work(TRANSCRIPT, asset.name, make, inputs, {**parameters, "clock": _clock_words(grid.clock)})
    made = flow.maker.make(work)
    found = flow.maker.document(AsrTranscript, made.result)
    files = caption_files(flow, asset.name, found, made.result, grid.size)
    return Captioned(asset, found, Answer(made.result, made.reused), files)


def caption_files(
    flow: MediaFlow, name: str, found: AsrTranscript, artifact: Artifact, size: tuple[int, int] = ASS_SIZE
) -> dict[str, Artifact]:
    """The transcript's captions as files.

    Args:
        flow: the run.
        name: of the asset, for people.
        found: the transcript.
        artifact: the transcript's.
        size: width and height of the picture, for ASS.
    """

    def make(_: Path) -> Outputs:
        track = transcript_track(found)
        return {
            "srt": Output("captions", to_srt(track), "application/x-subrip", schema_version=""),
            "vtt": Output("captions", to_vtt(track), "text/vtt", schema_version=""),
            "ass": Output("captions", to_ass(track, *size), "text/x-ssa", schema_version=""),
        }

    work = Work(CAPTION_FILES, name, make, {"transcript": artifact.as_input()}, {"size": list(size)})
    return dict(flow.maker.make(work).outputs)


def recognitions(
    flow: MediaFlow, assets: Sequence[MediaAsset], language: str, purpose: str = ""
) -> list[Artifact | ReelwrightError]:
    """The `SpeechRecognition` of each sound, in order.

    Args:
        flow: the run.
        assets: each with a sound.
        language: BCP 47 hint; empty to let the engine find out.
        purpose: whose wish chooses the engines; empty for captions.

    Raises:
        InvalidInput: the engine does not know the language.
        Unavailable: no speech engine is here.
    """
    speech = flow.engines.of("speech", purpose=purpose)
    activity = flow.engines.of("voice_activity", purpose=purpose)
    tasks = [
        SpeechTask(
            path=str(flow.maker.path(asset.artifact)),
            asset_id=asset.asset_id,
            name=asset.name,
            language=language,
            speech=speech.choice,
            activity=activity.choice,
            speech_backend=speech.backend,
            activity_backend=activity.backend,
        )
        for asset in assets
    ]
    with SpeechListener(partial(flow.progress.item_part, SPEECH_RECOGNITION.name), flow.build) as listener:
        works = [
            Work(
                SPEECH_RECOGNITION,
                asset.name,
                partial(_heard_here, task),
                inputs={"sound": asset.artifact.as_input()},
                parameters={"language": language},
                backend={"speech": speech.spec.backend(), "voice_activity": activity.spec.backend()},
            )
            for asset, task in zip(assets, tasks, strict=True)
        ]

        def worth(_: Sequence[int]) -> Executor:
            return RaySpeech(flow.num_cpus, flow.engines.host()) if flow.on_ray else InProcess()

        made = flow.maker.make_batch(Batch(works, listener, lambda index, _: tasks[index], worth))
    return [one.error if isinstance(one, ItemFailure) else one.result for one in made]


def _heard_here(task: SpeechTask, _: Path) -> Outputs:
    with SpeechListener(lambda _name, _share: None) as listener:
        return listener(task)


def _clocks(flow: MediaFlow, assets: Sequence[MediaAsset], request: CaptionsRequest) -> list[_Grid | ReelwrightError]:
    """The grid of each; films are looked at together."""
    usual = RegionsRequest(tenant_id=request.tenant_id, env=request.env, asset_id=request.asset_id)
    films = [asset for asset in assets if asset.form == "clip"] if request.use_shots else []
    looks = dict(
        zip(
            (film.asset_id for film in films),
            look_at_films(flow, films, lambda _: None, or_stored=face_sampling(usual)),
            strict=True,
        )
    )
    return [_grid(flow, asset, looks.get(asset.asset_id)) for asset in assets]


def _grid(flow: MediaFlow, asset: MediaAsset, look: FilmLook | ReelwrightError | None) -> _Grid | ReelwrightError:
    if isinstance(look, ReelwrightError):
        return look
    if asset.form != "clip":
        return _Grid(sound_clock(), ASS_SIZE)
    try:
        shape = look.shape if look is not None else film_shape(flow, asset)
    except ReelwrightError as exc:
        return exc
    cuts = cuts_of(look) if look is not None else ()
    clock = film_clock(shape.times, variable_frame_rate=shape.variable_frame_rate, cut_frames=cuts)
    return _Grid(clock, (shape.width_px, shape.height_px))


def _clock_words(clock: CaptionClock) -> dict[str, Any]:
    """What of a clock decides captions, for their identity."""
    return {
        "rate": [clock.rate.numerator, clock.rate.denominator],
        "cuts": list(clock.cuts_ticks),
        "end": clock.end_ticks,
        "frames": clock.ticks_are_frames,
    }
