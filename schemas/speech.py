"""Speech: the measured timing of one spoken line. The sound itself is its sibling artifact."""

from __future__ import annotations

from pydantic import Field

from schemas.backend import Backend
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
    """What to say."""

    language: str = "en"
    """Language of the text (BCP 47)."""

    voice: Voice = Voice()
    emotion: Emotion = "neutral"
    pacing: Pacing = "normal"


class SpokenWord(Part):
    """One word of the line, [start, end) in samples."""

    text: str
    """The word as it stands in the line."""

    start_samples: int = Field(ge=0)
    """First sample of the word."""

    end_samples: int = Field(ge=0)
    """First sample after it."""


class SpokenPhoneme(Part):
    """One speech sound, [start, end) in samples, in IPA; `_` is a pause."""

    symbol: str
    """Mnemonic of the sound."""

    start_samples: int = Field(ge=0)
    """First sample of the sound."""

    end_samples: int = Field(ge=0)
    """First sample after it."""


class Speech(Document):
    """When each word and phoneme of a line sounds."""

    request: SpeechRequest
    sample_rate_hz: int = Field(gt=0)
    """Samples a second of the spoken line."""

    duration_samples: int = Field(ge=0)
    """Length of the spoken line, in samples."""

    words: tuple[SpokenWord, ...] = ()
    phonemes: tuple[SpokenPhoneme, ...] = ()
    backend: Backend
