"""From a film or a sound to captions: heard once, then divided by cuts and profile, then written as files.

    sound -> voice activity -> windows -> speech engine    one memo: the dear part
          -> cuts, profile -> AsrTranscript                instant
          -> SRT, VTT, ASS                                 instant

The sound goes through twice in blocks, once for who speaks when, once for the windows; an hour needs no more memory
than a minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from actors.catalogue import build
from actors.engine import Engine
from actors.speech.transcription import TranscribeRequest, Transcription
from actors.voice_activity.activity import Activity, ActivityMemory, ActivityRequest
from actors.voice_activity.spans import SpeechSpan, speech_spans
from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.caption_clock import CaptionClock, film_clock, sound_clock
from pipelines.analysis.film_look import cuts_of, film_shape, look_at_films
from pipelines.analysis.media_flow import Answer, ChosenEngine, MediaFlow
from pipelines.analysis.region_flow import face_sampling
from pipelines.analysis.speech_recognition import speech_recognition
from pipelines.analysis.speech_windows import SpeechWindow, speech_windows
from pipelines.analysis.transcript import transcript, transcript_track
from pipelines.media.speech_audio import cut_out, speech_blocks
from pipelines.rendering.subtitle_files import to_ass, to_srt, to_vtt
from pipelines.runner import Artifact
from pipelines.stage import Output, Outputs, Stage, Work, document_output
from schemas.errors import MediaUnreadable, ReelwrightError
from schemas.media_request import AUTO, CaptionsRequest, RegionsRequest
from schemas.speech_recognition import SpeechRecognition
from schemas.transcript import AsrTranscript

SPEECH_RECOGNITION = Stage("speech_recognition", "1", natives=("ffmpeg", "numpy", "cpu"), instant=False)
TRANSCRIPT = Stage("asr_transcript", "1")
CAPTION_FILES = Stage("caption_files", "1")

ASS_SIZE = (1920, 1080)
"""Script resolution of ASS for a sound without picture."""

SpeechEngine = Engine[TranscribeRequest, Transcription]
ActivityEngine = Engine[ActivityRequest, Activity]


@dataclass(frozen=True)
class Captioned:
    """What is said in one asset."""

    asset: MediaAsset
    transcript: AsrTranscript
    answer: Answer
    files: dict[str, Artifact]
    """`srt`, `vtt`, `ass` -> artifact."""


def caption(flow: MediaFlow, asset: MediaAsset, request: CaptionsRequest) -> Captioned:
    """The transcript of an asset and its caption files.

    Raises:
        MediaUnreadable: it has no sound, or the sound is damaged from its first sample on.
        InvalidInput: the engine does not know the language.
        Unavailable: no speech engine is here.
    """
    if not asset.has_sound:
        raise MediaUnreadable(f"{asset.name!r} holds no sound, so nothing is said in it")
    heard_artifact, heard = _heard(flow, asset, request)
    clock, size = _clock(flow, asset, request)
    speech = flow.engines.of("speech")
    parameters = {"language": request.language, "use_shots": request.use_shots}
    meta = flow.meta(asset.asset_id, speech, parameters) | {
        "duration_ms": round(heard.duration_samples * 1000 / heard.sample_rate_hz),
        "language": heard.language,
        "voice_activity": heard.voice_activity.name,
    }

    def make(_: Path) -> Outputs:
        found = transcript(heard, clock)
        return {"result": Output(found.name(), found.to_json(), schema_version=found.schema_version, meta=meta)}

    inputs = {"sound": asset.artifact.as_input(), "heard": heard_artifact.as_input()}
    work = Work(TRANSCRIPT, asset.name, make, inputs, {**parameters, "clock": _clock_words(clock)})
    made = flow.maker.make(work)
    found = flow.maker.document(AsrTranscript, made.result)
    return Captioned(
        asset, found, Answer(made.result, made.reused), caption_files(flow, asset.name, found, made.result, size)
    )


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


def _heard(flow: MediaFlow, asset: MediaAsset, request: CaptionsRequest) -> tuple[Artifact, SpeechRecognition]:
    language = "" if request.language == AUTO else request.language
    speech, activity = flow.engines.of("speech"), flow.engines.of("voice_activity")
    work = Work(
        SPEECH_RECOGNITION,
        asset.name,
        partial(_recognised, flow, asset, language, speech, activity),
        inputs={"sound": asset.artifact.as_input()},
        parameters={"language": language},
        backend={"speech": speech.spec.backend(), "voice_activity": activity.spec.backend()},
    )
    artifact = flow.maker.make(work).result
    return artifact, flow.maker.document(SpeechRecognition, artifact)


def _recognised(
    flow: MediaFlow, asset: MediaAsset, language: str, speech: ChosenEngine, activity: ChosenEngine, _: Path
) -> Outputs:
    path = flow.maker.path(asset.artifact)
    spans, total, missing = _spoken(path, build(activity.choice))
    windows = speech_windows(spans, total)

    def progress(share: float) -> None:
        flow.progress.item_part(SPEECH_RECOGNITION.name, asset.name, share)

    engine: SpeechEngine = build(speech.choice)
    try:
        engine.load()
        transcriptions = list(_transcribed(path, windows, language, engine, progress))
    finally:
        engine.close()
    found = speech_recognition(
        asset.asset_id,
        windows,
        transcriptions,
        spans,
        total,
        backend=speech.backend,
        voice_activity=activity.backend,
        language_hint=language,
        missing=missing,
    )
    return {"result": document_output(found)}


def _spoken(path: Path, engine: ActivityEngine) -> tuple[tuple[SpeechSpan, ...], int, list[tuple[int, int]]]:
    """Where somebody speaks, the length in samples, and where the file has no sound."""
    probabilities: list[Any] = []
    missing: list[tuple[int, int]] = []
    memory: ActivityMemory | None = None
    total = 0
    try:
        engine.load()
        for block in speech_blocks(path):
            [found] = engine.infer([ActivityRequest(block.pcm, memory)])
            probabilities.append(found.probabilities)
            memory, total = found.memory, block.start_samples + len(block.pcm)
            missing += block.missing
    finally:
        engine.close()
    return speech_spans(np.concatenate(probabilities), total), total, missing


def _transcribed(
    path: Path, windows: Sequence[SpeechWindow], language: str, engine: SpeechEngine, progress: Any
) -> Iterator[Transcription]:
    """What was heard in each window, as many at once as the engine takes."""
    ranges = [(one.start_samples, one.end_samples) for one in windows]
    waiting: list[TranscribeRequest] = []
    done = 0
    for pcm in cut_out(speech_blocks(path), ranges):
        waiting.append(TranscribeRequest(pcm, language))
        if len(waiting) == engine.spec.batch or done + len(waiting) == len(windows):
            yield from engine.infer(waiting)
            done, waiting = done + len(waiting), []
            progress(done / len(windows))


def _clock(flow: MediaFlow, asset: MediaAsset, request: CaptionsRequest) -> tuple[CaptionClock, tuple[int, int]]:
    """The grid that captions lie on, with the film's cuts, and the size of the picture."""
    if asset.form != "clip":
        return sound_clock(), ASS_SIZE
    usual = RegionsRequest(tenant_id=request.tenant_id, env=request.env, asset_id=request.asset_id)
    if not request.use_shots:
        shape = film_shape(flow, asset)
        return film_clock(shape.times, variable_frame_rate=shape.variable_frame_rate), (shape.width_px, shape.height_px)
    [look] = look_at_films(flow, [asset], lambda _: None, or_stored=face_sampling(usual))
    if isinstance(look, ReelwrightError):
        raise look
    shape = look.shape
    clock = film_clock(shape.times, variable_frame_rate=shape.variable_frame_rate, cut_frames=cuts_of(look))
    return clock, (shape.width_px, shape.height_px)


def _clock_words(clock: CaptionClock) -> dict[str, Any]:
    """What of a clock decides captions, for their identity."""
    return {
        "rate": [clock.rate.numerator, clock.rate.denominator],
        "cuts": list(clock.cuts_ticks),
        "end": clock.end_ticks,
        "frames": clock.ticks_are_frames,
    }
