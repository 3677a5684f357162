"""What a speech engine is asked, and what it answers: the words of at most 30 s of sound, with times.

Every request stands alone: no text of the sound before is handed on, so that a window gives the same answer wherever it
lies and whatever is asked beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from schemas.backend import Backend
from schemas.errors import InvalidInput

SAMPLE_RATE_HZ = 16_000
LONGEST_S = 30

LanguageSource = Literal["hint", "detected", "assumed"]
"""`hint`: asked for. `detected`: heard. `assumed`: the engine knows no other one."""

WordTimesSource = Literal["attention", "segmentation", "shared"]
"""`attention`: the decoder's cross-attention. `segmentation`: the search itself. `shared`: the time of the segment,
given out by number of characters."""


def primary(language: str) -> str:
    """The first part of a tag in lower case: `en` of `en-US`."""
    return language.replace("_", "-").split("-")[0].strip().lower()


@dataclass(frozen=True)
class TranscribeRequest:
    """Sound to write down.

    Raises:
        InvalidInput: longer than LONGEST_S, not float32 mono, or not numbers.
    """

    pcm: NDArray[np.float32]
    """float32 (N,), mono at 16 kHz in [-1, 1]."""

    language: str = ""
    """BCP 47 tag of what is spoken; empty to let the engine find out."""

    def __post_init__(self) -> None:
        if self.pcm.dtype != np.float32 or self.pcm.ndim != 1:
            raise InvalidInput(f"speech needs float32 (N,), got {self.pcm.dtype} {self.pcm.shape}")
        if len(self.pcm) > LONGEST_S * SAMPLE_RATE_HZ:
            raise InvalidInput(
                f"speech takes at most {LONGEST_S} s in one request, got {len(self.pcm) / SAMPLE_RATE_HZ:.3f} s"
            )
        if not np.isfinite(self.pcm).all():
            raise InvalidInput("speech needs samples that are numbers; some are NaN or infinite")

    @property
    def duration_s(self) -> float:
        return len(self.pcm) / SAMPLE_RATE_HZ

    @property
    def primary_language(self) -> str:
        return primary(self.language)


@dataclass(frozen=True)
class HeardWord:
    """One word with its punctuation, in seconds from the beginning of the request's sound."""

    text: str
    start_s: float
    end_s: float
    probability: float
    """How sure the engine is of it, 0 to 1."""

    space_before: bool = True
    """False where the script puts no spaces between words."""


@dataclass(frozen=True)
class HeardSegment:
    """What was said without a longer pause, as the engine divides it."""

    start_s: float
    end_s: float
    words: tuple[HeardWord, ...]
    avg_logprob: float
    """Mean natural logarithm of the probabilities of its parts; 0 is certainty."""

    @property
    def text(self) -> str:
        spaced = ((" " if word.space_before else "") + word.text for word in self.words)
        return "".join(spaced).strip()


@dataclass(frozen=True)
class Transcription:
    """The answer to one request."""

    language: str
    """BCP 47 tag of the words; `und` when nothing tells."""

    language_source: LanguageSource
    language_probability: float
    """How likely the language is, 0 to 1; 1 for a hint."""

    no_speech_probability: float
    """How likely it is that nobody speaks, 0 to 1; 0 from an engine that cannot tell."""

    segments: tuple[HeardSegment, ...]
    """In order of time, without overlaps."""

    word_times: WordTimesSource
    backend: Backend
    refused: str = ""
    """Why text that the engine had was not believed; empty when nothing was left out."""
