"""AsrTranscript: what is said in a film or sound, word by word, and as captions that keep a delivery profile.

Milliseconds count from the first frame of the film, or from the first sample of a sound without picture; they are made
for the wire from ticks and samples and are never parsed back. Ticks count at `edit_rate`: frames where the film has a
fixed frame rate, milliseconds where it has none (variable frame rate, or no picture).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from schemas.backend import Backend
from schemas.captions import CaptionProfile, CaptionViolation
from schemas.document import Document, Identifier, Part
from schemas.speech_recognition import LanguageSource, WordTimes
from schemas.timing import EditRate


class MillisecondSpan(Part):
    """[start, end) in milliseconds."""

    start_ms: int = Field(ge=0)
    """When it begins, rounded."""

    end_ms: int = Field(ge=0)
    """When it is over, rounded."""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end_ms < self.start_ms:
            raise ValueError(f"[{self.start_ms}, {self.end_ms}) ms ends before it begins")
        return self


class TranscriptWord(MillisecondSpan):
    """One word with its punctuation."""

    text: str = Field(min_length=1)
    """The word as the engine wrote it."""

    probability: float = Field(ge=0, le=1)
    """How sure the engine is of it."""

    in_non_speech: bool = False
    """True when nobody speaks at that time, as voice activity hears it: the word may be made up."""

    space_before: bool = True
    """False where the script puts no spaces between words."""


class TranscriptSegment(MillisecondSpan):
    """One caption."""

    start_ticks: int = Field(ge=0)
    """First tick that shows it."""

    end_ticks: int = Field(ge=1)
    """First tick that no longer shows it."""

    first_frame: int | None = Field(default=None, ge=0)
    """First frame of the film that shows it, from 0; none without a picture."""

    end_frame: int | None = Field(default=None, ge=0)
    """First frame that no longer shows it; none without a picture."""

    first_word: int = Field(ge=0)
    """Its first word, an index into `words`."""

    end_word: int = Field(ge=0)
    """The word after its last one; a word too long for one caption counts where it begins."""

    lines: tuple[str, ...] = Field(min_length=1)
    """Lines of text, from top to bottom."""


class AsrTranscript(Document):
    """The words and the captions of one film or sound."""

    @classmethod
    def name(cls) -> str:
        return "asr_transcript"

    asset_id: Identifier
    """The film or sound."""

    language: str
    """BCP 47 tag of most of what is said; `und` when nothing was, and nobody gave a hint."""

    language_source: LanguageSource
    """Where the language is known from."""

    word_times: WordTimes
    """Where the times of words come from."""

    duration_ms: int = Field(ge=0)
    """Length of the sound from the first frame on, rounded."""

    edit_rate: EditRate
    profile: CaptionProfile
    """Limits that the segments were made for."""

    words: tuple[TranscriptWord, ...] = ()
    """Every word in order of time; none is left out."""

    segments: tuple[TranscriptSegment, ...] = ()
    """Captions in order, without overlaps; together they hold every word once."""

    violations: tuple[CaptionViolation, ...] = ()
    """Rules of the profile that a segment could not keep; `cue_index` counts segments."""

    missing: tuple[MillisecondSpan, ...] = ()
    """Where the file has no sound, or damaged sound."""

    refused: tuple[str, ...] = ()
    """Text that the engine had and that was not believed: how much, where, and why."""

    backend: Backend
    voice_activity: Backend
    """Which engine judged where anybody speaks."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for one, other in pairwise(self.segments):
            if other.start_ticks < one.end_ticks:
                raise ValueError(f"segments overlap: tick {other.start_ticks} comes before {one.end_ticks}")
        held = [index for one in self.segments for index in range(one.first_word, one.end_word)]
        if held != list(range(len(self.words))):
            raise ValueError(f"segments hold {len(held)} words, not each of the {len(self.words)} words once")
        return self
