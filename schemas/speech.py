"""Speech: the measured timing of one spoken line. The sound itself is its sibling artifact."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.document import Document, Part
from schemas.vocabulary import Emotion, Pacing


class Voice(Part):
    """How one character sounds."""

    variant: str = ""
    """Voice variant of the backend, for example `f2`; empty for its default."""

    pitch: int = Field(default=50, ge=0, le=99)
    """0 to 99, 50 is the voice's own."""

    rate_wpm: int = Field(default=165, ge=80, le=450)
    """Words a minute at normal pacing."""


class SpeechRequest(Part):
    """One line to speak."""

    text: str = Field(min_length=1)
    language: str = "en"
    voice: Voice = Voice()
    emotion: Emotion = "neutral"
    pacing: Pacing = "normal"


class SpokenWord(Part):
    """One word of the line, [start, end) in samples."""

    text: str
    start_samples: int = Field(ge=0)
    end_samples: int = Field(ge=0)


class SpokenPhoneme(Part):
    """One speech sound, [start, end) in samples, in IPA; `_` is a pause."""

    symbol: str
    start_samples: int = Field(ge=0)
    end_samples: int = Field(ge=0)


class Backend(Part):
    """Which engine gave a result."""

    backend_type: Literal["real", "stub"]
    name: str
    version: str
    model: str = ""
    degraded: str = ""
    """Why a lesser backend was used; empty when it was the first choice."""


class Speech(Document):
    """When each word and phoneme of a line sounds."""

    request: SpeechRequest
    sample_rate_hz: int = Field(gt=0)
    duration_samples: int = Field(ge=0)
    words: tuple[SpokenWord, ...] = ()
    phonemes: tuple[SpokenPhoneme, ...] = ()
    backend: Backend
