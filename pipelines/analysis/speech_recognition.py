"""Windows and what an engine heard in each -> SpeechRecognition, on the clock of the film."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from actors.speech.transcription import SAMPLE_RATE_HZ, HeardSegment, Transcription
from actors.voice_activity.spans import SpeechSpan
from pipelines.analysis.speech_windows import SpeechWindow
from schemas.backend import Backend
from schemas.errors import Defect
from schemas.speech_recognition import (
    LanguageSource,
    RecognisedSegment,
    RecognisedWindow,
    RecognisedWord,
    SampleSpan,
    SpeechRecognition,
    WordTimes,
)


def speech_recognition(
    asset_id: str,
    windows: Sequence[SpeechWindow],
    transcriptions: Sequence[Transcription],
    spans: Sequence[SpeechSpan],
    total_samples: int,
    *,
    backend: Backend,
    voice_activity: Backend,
    language_hint: str = "",
    missing: Sequence[tuple[int, int]] = (),
) -> SpeechRecognition:
    """The document of what was heard.

    Args:
        asset_id: the film or sound.
        windows: what was recognised, in order.
        transcriptions: one for each window.
        spans: where somebody speaks.
        total_samples: length of the sound.
        backend: the speech engine, which answers even when there was nothing to ask it.
        voice_activity: the engine that found the spans.
        language_hint: what the engine was told; empty for nothing.
        missing: [start, end) in samples without sound in the file.

    Raises:
        Defect: not one transcription for each window.
    """
    if len(windows) != len(transcriptions):
        raise Defect(f"{len(windows)} windows, but {len(transcriptions)} transcriptions")
    language, source = spoken_language(transcriptions, language_hint)
    said = [one for one in transcriptions if one.segments]
    word_times: WordTimes = said[0].word_times if said else "none"
    return SpeechRecognition(
        asset_id=asset_id,
        language=language,
        language_source=source,
        word_times=word_times,
        sample_rate_hz=SAMPLE_RATE_HZ,
        duration_samples=total_samples,
        speech=tuple(SampleSpan(start_samples=one.start_samples, end_samples=one.end_samples) for one in spans),
        missing=tuple(SampleSpan(start_samples=start, end_samples=end) for start, end in missing),
        windows=tuple(_window(window, heard) for window, heard in zip(windows, transcriptions, strict=True)),
        backend=backend,
        voice_activity=voice_activity,
    )


def spoken_language(transcriptions: Sequence[Transcription], hint: str = "") -> tuple[str, LanguageSource]:
    """The language that most was said in, and who says so.

    Every window votes with the seconds that are spoken in it, weighted by how likely its language is.
    """
    seconds: defaultdict[str, float] = defaultdict(float)
    for one in transcriptions:
        spoken_s = sum(segment.end_s - segment.start_s for segment in one.segments)
        seconds[one.language] += spoken_s * max(one.language_probability, 0.01)
    if not any(seconds.values()):
        return (hint, "hint") if hint else ("und", "none")
    if hint:
        return hint, "hint"
    language = max(sorted(seconds), key=seconds.__getitem__)
    return language, next(one.language_source for one in transcriptions if one.language == language)


def _window(window: SpeechWindow, heard: Transcription) -> RecognisedWindow:
    return RecognisedWindow(
        start_samples=window.start_samples,
        end_samples=window.end_samples,
        language=heard.language,
        language_probability=round(heard.language_probability, 4),
        no_speech_probability=round(heard.no_speech_probability, 4),
        refused=heard.refused,
        segments=tuple(_segment(segment, window.start_samples) for segment in heard.segments),
    )


def _segment(segment: HeardSegment, offset: int) -> RecognisedSegment:
    def at(time_s: float) -> int:
        return offset + round(time_s * SAMPLE_RATE_HZ)

    return RecognisedSegment(
        start_samples=at(segment.start_s),
        end_samples=at(segment.end_s),
        avg_logprob=segment.avg_logprob,
        words=tuple(
            RecognisedWord(
                start_samples=at(word.start_s),
                end_samples=at(word.end_s),
                text=word.text,
                probability=word.probability,
                space_before=word.space_before,
            )
            for word in segment.words
        ),
    )
