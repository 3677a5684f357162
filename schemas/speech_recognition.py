"""SpeechRecognition: what was heard in one sound, window by window, before anybody thinks of captions.

It does not depend on the picture's cuts nor on a delivery profile: captions are made anew from it in milliseconds. All
times are in samples from the first frame of the film, or from the first sample of a sound without picture.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.backend import Backend
from schemas.document import Document, Identifier, Part

LanguageSource = Literal["hint", "detected", "assumed", "none"]
"""`hint`: asked for. `detected`: heard. `assumed`: the engine knows no other one. `none`: nothing was said."""

WordTimes = Literal["attention", "segmentation", "shared", "none"]
"""Where the times of words come from. `attention`: the decoder's cross-attention. `segmentation`: the search itself.
`shared`: the time of their segment, given out by number of characters. `none`: there are no words."""


class SampleSpan(Part):
    """[start, end) in samples."""

    start_samples: int = Field(ge=0)
    """First sample."""

    end_samples: int = Field(ge=0)
    """First sample after it."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_samples < self.start_samples:
            raise ValueError(f"[{self.start_samples}, {self.end_samples}) ends before it begins")
        return self


class RecognisedWord(SampleSpan):
    """One word with its punctuation."""

    text: str = Field(min_length=1)
    """The word as the engine wrote it."""

    probability: float = Field(ge=0, le=1)
    """How sure the engine is of it."""

    space_before: bool = True
    """False where the script puts no spaces between words."""


class RecognisedSegment(SampleSpan):
    """What was said without a longer pause, as the engine divides it."""

    avg_logprob: float = Field(le=0)
    """Mean natural logarithm of the probabilities of its parts; 0 is certainty."""

    words: tuple[RecognisedWord, ...] = Field(min_length=1)


class RecognisedWindow(SampleSpan):
    """A stretch of the sound that was recognised on its own."""

    language: str
    """BCP 47 tag of its words; `und` when nothing tells."""

    language_probability: float = Field(ge=0, le=1)
    """How likely the language is; 1 for a hint."""

    no_speech_probability: float = Field(ge=0, le=1)
    """How likely it is that nobody speaks in it; 0 from an engine that cannot tell."""

    refused: str = ""
    """Why text that the engine had was not believed; empty when nothing was left out."""

    segments: tuple[RecognisedSegment, ...] = ()


class SpeechRecognition(Document):
    """Words with their times, and where anybody speaks at all."""

    @classmethod
    def name(cls) -> str:
        return "speech_recognition"

    asset_id: Identifier
    """The film or sound."""

    language: str
    """BCP 47 tag of most of what was said; `und` when nothing was, and nobody gave a hint."""

    language_source: LanguageSource
    """Where the language is known from."""

    word_times: WordTimes
    """Where the times of words come from."""

    sample_rate_hz: int = Field(gt=0)
    """Samples a second of every time here."""

    duration_samples: int = Field(ge=0)
    """Length of the sound from the first frame on."""

    speech: tuple[SampleSpan, ...] = ()
    """Where somebody speaks, in order."""

    missing: tuple[SampleSpan, ...] = ()
    """Where the file has no sound, or damaged sound: silence stood for it."""

    windows: tuple[RecognisedWindow, ...] = ()
    """What was recognised, in order."""

    backend: Backend
    voice_activity: Backend
    """Which engine found `speech`."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for name, spans in (("speech", self.speech), ("windows", self.windows)):
            for one, other in pairwise(spans):
                if other.start_samples < one.end_samples:
                    raise ValueError(f"{name} overlap: {other.start_samples} comes before {one.end_samples}")
        return self
