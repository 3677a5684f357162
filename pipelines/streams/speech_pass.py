"""One sound heard, for whoever wants its words: who speaks when, windows, and what is said in each.

    file -> blocks -> voice activity -> Listened -> windows -> sound of each -> speech engine -> SpeechRecognition

The steps are functions of plain values, so that they run here in a row or in the tasks and actors of a dataset, and
give the same document. The sound goes through twice in blocks; an hour needs no more memory than a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actors.catalogue import EngineChoice
from actors.engine import Engine
from actors.speech.transcription import TranscribeRequest, Transcription
from actors.voice_activity.activity import Activity, ActivityMemory, ActivityRequest
from actors.voice_activity.spans import SpeechSpan, speech_spans
from pipelines.analysis.speech_recognition import speech_recognition
from pipelines.analysis.speech_windows import SpeechWindow, speech_windows
from pipelines.media.source import known_as
from pipelines.media.speech_audio import Pcm, SoundBlock, cut_out, speech_blocks
from schemas.backend import Backend
from schemas.speech_recognition import SpeechRecognition

SpeechEngine = Engine[TranscribeRequest, Transcription]
ActivityEngine = Engine[ActivityRequest, Activity]


@dataclass(frozen=True)
class SpeechTask:
    """One sound to write down."""

    path: str
    asset_id: str
    name: str
    """Of the file, for people."""

    language: str
    """BCP 47 hint; empty to let the engine find out."""

    speech: EngineChoice
    activity: EngineChoice
    speech_backend: Backend
    """As the document names it."""

    activity_backend: Backend


@dataclass(frozen=True)
class Listened:
    """Where somebody speaks in a sound."""

    spans: tuple[SpeechSpan, ...]
    total_samples: int
    missing: tuple[tuple[int, int], ...]
    """[start, end) in samples: the file has no sound there."""

    @property
    def windows(self) -> tuple[SpeechWindow, ...]:
        """What the speech engine is asked about, one after the other."""
        return speech_windows(self.spans, self.total_samples)


def listened(task: SpeechTask, engine: ActivityEngine) -> Listened:
    """Where somebody speaks.

    Raises:
        MediaUnreadable: the file has no sound, or is damaged from its first sample on.
    """
    probabilities: list[NDArray[np.float32]] = []
    missing: list[tuple[int, int]] = []
    memory: ActivityMemory | None = None
    total = 0
    for block in _blocks(task):
        [found] = engine.infer([ActivityRequest(block.pcm, memory)])
        probabilities.append(found.probabilities)
        memory, total = found.memory, block.start_samples + len(block.pcm)
        missing += block.missing
    return Listened(speech_spans(np.concatenate(probabilities), total), total, tuple(missing))


def window_sounds(task: SpeechTask, windows: Sequence[SpeechWindow]) -> Iterator[Pcm]:
    """The sound of each window, in order."""
    return cut_out(_blocks(task), [(one.start_samples, one.end_samples) for one in windows])


def _blocks(task: SpeechTask) -> Iterator[SoundBlock]:
    with known_as(path := Path(task.path), task.name):
        yield from speech_blocks(path)


def recognised(task: SpeechTask, heard: Listened, answers: Sequence[Transcription]) -> SpeechRecognition:
    """The document of a sound whose windows were all answered."""
    return speech_recognition(
        task.asset_id,
        heard.windows,
        answers,
        heard.spans,
        heard.total_samples,
        backend=task.speech_backend,
        voice_activity=task.activity_backend,
        language_hint=task.language,
        missing=heard.missing,
    )


def recognise(
    task: SpeechTask, activity: ActivityEngine, speech: SpeechEngine, progress: Callable[[float], None]
) -> SpeechRecognition:
    """All of it in this process, as many windows at once as the engine takes.

    Raises:
        MediaUnreadable: the file has no sound, or is damaged from its first sample on.
        InvalidInput: the engine does not know the language.
    """
    heard = listened(task, activity)
    waiting: list[TranscribeRequest] = []
    answers: list[Transcription] = []
    for pcm in window_sounds(task, heard.windows):
        waiting.append(TranscribeRequest(pcm, task.language))
        if len(waiting) == speech.spec.batch or len(answers) + len(waiting) == len(heard.windows):
            answers += speech.infer(waiting)
            waiting = []
            progress(len(answers) / len(heard.windows))
    return recognised(task, heard, answers)
