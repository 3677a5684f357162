"""AudioSemanticTimeline: what is heard in a sound and when, for editors and for video that follows it.

Milliseconds count from the first frame of the film, or from the first sample of a sound without picture. `events`
divide the time between them, as the specification has it; `tracks` say what sounds at once, and `sections` what a
programme is made of. All lists are in order of time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from schemas.document import Document, Identifier, Part
from schemas.transcript import MillisecondSpan

EventKind = Literal["speech", "music", "silence", "other"]

SoundClass = Literal["speech", "music", "noise", "silence"]


class AudioEvent(MillisecondSpan):
    """A stretch with one thing in the foreground: speech before music before noise."""

    kind: EventKind
    """`other` is noise; `meta.label` says so."""

    loudness_lufs: float | None = None
    """Mean of the momentary loudness in it (EBU R128), LUFS; none where nothing was measured."""

    confidence: float | None = Field(default=None, ge=0, le=1)
    """Mean likelihood of the class in it."""

    transcription: str | None = None
    """What is said in it; none where nothing was written down."""

    speaker_id: str | None = None
    """Who speaks; none while speakers are not told apart."""

    meta: Mapping[str, Any] = Field(default_factory=dict)
    """`label` of `other`; `under` and `under_level_lufs` of what sounds below speech."""


class BeatEvent(Part):
    """One beat."""

    time_ms: int = Field(ge=0)
    """When it is, rounded."""

    beat_index: int | None = Field(default=None, ge=0)
    """Counted from 0 in the whole sound."""

    bar_index: int | None = Field(default=None, ge=0)
    """Counted from 0 in the whole sound; none where the bars are not known."""

    subdivision: int | None = Field(default=None, ge=1)
    """Parts that the music around it divides a beat into."""

    position: int | None = Field(default=None, ge=1)
    """In its bar, from 1, the downbeat; none where the bars are not known."""


class TrackSpan(MillisecondSpan):
    """A stretch in which a class sounds, whatever else does."""

    label: SoundClass
    """What sounds."""

    confidence: float = Field(ge=0, le=1)
    """Mean likelihood of the class in it."""


class ProgrammeSection(MillisecondSpan):
    """A stretch with the same classes in it; short pauses are part of it."""

    labels: tuple[SoundClass, ...] = Field(min_length=1)
    """`speech`, `music` or both; else `noise` or `silence`."""


class TimelineWord(MillisecondSpan):
    """One word with its punctuation."""

    text: str = Field(min_length=1)
    """The word as the engine wrote it."""

    probability: float = Field(ge=0, le=1)
    """How sure the engine is of it."""


class LoudnessWindow(MillisecondSpan):
    """How loud a window is, by the momentary loudness of EBU R128 (400 ms, every 100 ms)."""

    mean_lufs: float | None
    """Mean over its energy; none for digital silence."""

    max_lufs: float | None
    """The loudest 400 ms in it."""


class Loudness(Part):
    """How loud the sound is, all channels at their own sample rate (EBU R128, EBU Tech 3341 and 3342)."""

    integrated_lufs: float | None
    """Gated loudness of the whole; none when nothing passes the gate."""

    range_lu: float | None
    """Loudness range."""

    true_peak_dbtp: float | None
    """Largest true peak of any channel."""

    windows: tuple[LoudnessWindow, ...] = ()


class Rhythm(Part):
    """The beat of the whole sound."""

    stable: bool
    """Whether there is a beat that lasts anywhere in it; if not, no beat is made up."""

    tempo_bpm: float | None = Field(default=None, gt=0)
    """Median over its beats; none without a stable beat."""

    beats_per_bar: int | None = Field(default=None, ge=1)
    """Of most bars; none where no bars are known."""

    confidence: float = Field(ge=0, le=1)
    """Mean likelihood of the beats; of the best row that was not sure enough, without a stable beat."""


class AudioSemanticTimelineSummary(Document):
    """What is heard in one sound, or in the part of it that a clip uses."""

    @classmethod
    def name(cls) -> str:
        return "audio_semantic_timeline"

    asset_id: Identifier
    """The film or sound."""

    artifact_id: Identifier | None = None
    """The rendition of it that was listened to; none for the asset itself."""

    duration_ms: int = Field(ge=0)
    """Length of the sound, rounded; of the clip's window in a slice."""

    events: tuple[AudioEvent, ...] = ()
    """Apart from each other; empty when speech and music were not asked for."""

    beats: tuple[BeatEvent, ...] = ()
    """Empty without a stable beat, or when beats were not asked for."""

    tracks: tuple[TrackSpan, ...] = ()
    """What sounds at once."""

    sections: tuple[ProgrammeSection, ...] = ()
    """What the programme is made of."""

    words: tuple[TimelineWord, ...] = ()
    """Every word that was heard where somebody speaks."""

    language: str = "und"
    """BCP 47 tag of most of what is said; `und` when nothing is known."""

    loudness: Loudness
    rhythm: Rhythm | None = None
    """None when beats were not asked for."""

    meta: Mapping[str, Any] = Field(default_factory=dict)
    """Backend, parameters, `semantic_version`, `audio_semantic_cache_key`, `backend_info`; of a slice, the clip."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for one, other in pairwise(self.events):
            if other.start_ms < one.end_ms:
                raise ValueError(f"events overlap: {other.start_ms} comes before {one.end_ms}")
        if any(other.time_ms < one.time_ms for one, other in pairwise(self.beats)):
            raise ValueError("beats are not in order of time")
        return self

    def first_speech_ms(self) -> int | None:
        """When the first speech begins; None without any."""
        return next((one.start_ms for one in self.events if one.kind == "speech"), None)


def spans_within(spans: Sequence[Any], start_ms: int, end_ms: int) -> tuple[Any, ...]:
    """Spans trimmed to [start_ms, end_ms) and counted from its beginning; what lies outside is left out."""
    return tuple(
        one.model_copy(
            update={"start_ms": max(one.start_ms, start_ms) - start_ms, "end_ms": min(one.end_ms, end_ms) - start_ms}
        )
        for one in spans
        if max(one.start_ms, start_ms) < min(one.end_ms, end_ms)
    )
