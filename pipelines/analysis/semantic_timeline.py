"""What was heard in each way -> one timeline: a pure function of arrays, parameters and documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.beats.activations import Activations
from actors.beats.tracking import track_beats
from pipelines.analysis.sound_sections import sections
from pipelines.analysis.sound_tracks import ClassSpan, SoundEvidence, SoundTracks, sound_tracks
from pipelines.media.momentary_loudness import NOTHING_LUFS, REACH_S, STEP_S
from schemas.audio_semantic_timeline import (
    AudioEvent,
    AudioSemanticTimelineSummary,
    BeatEvent,
    Loudness,
    LoudnessWindow,
    ProgrammeSection,
    Rhythm,
    SoundClass,
    TimelineWord,
    TrackSpan,
)
from schemas.media_request import AudioSemanticRequest
from schemas.speech_recognition import SpeechRecognition

SILENCE, REMAINDER = 3, 4
"""Codes of events, after speech, music and noise."""

SHORTEST_EVENT_MS = 100
"""A remainder between two others that is shorter goes to the one before."""

NEAR_SPEECH_S = 0.5
"""Words so near to speech are said; engines differ about where they begin."""

UNDER_QUANTILE = 0.1
"""Music under speech is as loud as the sound is in the speaker's breaths: at this quantile of the level."""


@dataclass(frozen=True)
class Heard:
    """One sound, heard in each way that was asked for."""

    loudness_rows: NDArray[np.float32]
    """float32 (steps, 1), `pipelines/media/momentary_loudness.py`."""

    loudness_facts: Mapping[str, Any]
    classes: SoundEvidence | None
    activations: Activations | None
    said: SpeechRecognition | None


def semantic_timeline(
    asset_id: str, request: AudioSemanticRequest, heard: Heard, meta: Mapping[str, Any]
) -> AudioSemanticTimelineSummary:
    """The timeline of a sound.

    Args:
        asset_id: the film or sound.
        request: what was asked.
        heard: what was heard.
        meta: what the timeline says of itself.
    """
    meter = _Meter(heard.loudness_rows[:, 0])
    total_s = heard.classes.total_samples / 16_000 if heard.classes is not None else len(meter.lufs) * STEP_S
    words = _words(heard.said)
    events: tuple[AudioEvent, ...] = ()
    tracks: tuple[TrackSpan, ...] = ()
    programme: tuple[ProgrammeSection, ...] = ()
    if heard.classes is not None:
        found = sound_tracks(heard.classes, request.min_silence_ms / 1000)
        tracks = _tracks(found)
        words = tuple(one for one in words if _is_said(one, found))
        events = _events(found, round(total_s * 1000), meter, words)
        programme = tuple(
            ProgrammeSection(start_ms=_ms(one.start_s), end_ms=_ms(one.end_s), labels=one.labels)
            for one in sections(found, total_s)
        )
    beats, rhythm = _beats(heard.activations)
    return AudioSemanticTimelineSummary(
        asset_id=asset_id,
        artifact_id=request.artifact_id,
        duration_ms=round(total_s * 1000),
        events=events,
        beats=beats,
        tracks=tracks,
        sections=programme,
        words=words,
        language=heard.said.language if heard.said is not None else "und",
        loudness=Loudness(
            integrated_lufs=heard.loudness_facts["integrated_lufs"],
            range_lu=heard.loudness_facts["range_lu"],
            true_peak_dbtp=heard.loudness_facts["true_peak_dbtp"],
            windows=meter.windows(round(total_s * 1000), request.loudness_window_ms),
        ),
        rhythm=rhythm,
        meta=meta,
    )


class _Meter:
    """Momentary loudness by time. The value of a step is that of the 0.4 s that end with it."""

    def __init__(self, lufs: NDArray[np.float32]) -> None:
        self.lufs = lufs.astype(np.float64)
        self._centres_s = (np.arange(len(lufs)) + 1) * STEP_S - REACH_S / 2

    def between(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        """Values whose middle lies between; the nearest one when none does."""
        inside = self.lufs[(self._centres_s >= start_s) & (self._centres_s < end_s)]
        if len(inside) or not len(self.lufs):
            return inside
        return self.lufs[[int(np.abs(self._centres_s - (start_s + end_s) / 2).argmin())]]

    def mean(self, start_s: float, end_s: float) -> float | None:
        """LUFS of the mean energy."""
        values = self.between(start_s, end_s)
        power = float(np.mean(10 ** (values / 10))) if len(values) else 0.0
        return _lufs(10 * np.log10(power)) if power > 0 else None

    def windows(self, total_ms: int, window_ms: int) -> tuple[LoudnessWindow, ...]:
        """Windows one after the other; the last may be shorter."""
        found = []
        for start_ms in range(0, total_ms, window_ms):
            end_ms = min(start_ms + window_ms, total_ms)
            values = self.between(start_ms / 1000, end_ms / 1000)
            loudest = _lufs(float(values.max())) if len(values) else None
            mean = self.mean(start_ms / 1000, end_ms / 1000)
            found.append(LoudnessWindow(start_ms=start_ms, end_ms=end_ms, mean_lufs=mean, max_lufs=loudest))
        return tuple(found)


def _lufs(value: float) -> float | None:
    return round(float(value), 1) if value > NOTHING_LUFS + 1 else None


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _tracks(found: SoundTracks) -> tuple[TrackSpan, ...]:
    named: dict[SoundClass, tuple[ClassSpan, ...]] = {
        "speech": found.speech, "music": found.music, "noise": found.noise, "silence": found.silence,
    }  # fmt: skip
    spans = [
        TrackSpan(label=label, start_ms=_ms(one.start_s), end_ms=_ms(one.end_s), confidence=min(one.confidence, 1.0))
        for label, ones in named.items()
        for one in ones
    ]
    return tuple(sorted(spans, key=lambda one: (one.start_ms, one.end_ms, one.label)))


def _events(found: SoundTracks, total_ms: int, meter: _Meter, words: Sequence[TimelineWord]) -> tuple[AudioEvent, ...]:
    """The time, divided: speech before music before noise; what is none of them is silence."""
    labels = np.full(total_ms, REMAINDER, np.int8)
    confidences = np.ones(total_ms)
    for code, spans in ((3, found.silence), (2, found.noise), (1, found.music), (0, found.speech)):
        for one in spans:
            labels[_ms(one.start_s) : _ms(one.end_s)] = code
            confidences[_ms(one.start_s) : _ms(one.end_s)] = one.confidence
    borders = np.flatnonzero(np.diff(np.concatenate([[-1], labels, [-1]])))
    pieces = [(int(a), int(b), int(labels[a])) for a, b in pairwise(borders)]
    return tuple(
        _event(code, start, end, float(confidences[start:end].mean()), found, meter, words)
        for start, end, code in _without_remainders(pieces)
    )


def _without_remainders(pieces: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Remainders go to the neighbour that is not silence; of two, to the earlier one."""
    whole = [one for one in pieces if one[2] != REMAINDER and one[1] - one[0] >= SHORTEST_EVENT_MS]
    if not whole:
        return [(pieces[0][0], pieces[-1][1], SILENCE)] if pieces else []
    inner = [
        one[1] if one[2] == SILENCE != other[2] else other[0] for one, other in pairwise(whole)
    ]  # where what lies between two ends
    kept: list[tuple[int, int, int]] = []
    for start, end, (_, _, code) in zip([pieces[0][0], *inner], [*inner, pieces[-1][1]], whole, strict=True):
        if kept and kept[-1][2] == code:
            kept[-1] = (kept[-1][0], end, code)
        else:
            kept.append((start, end, code))
    return kept


def _event(
    code: int,
    start_ms: int,
    end_ms: int,
    confidence: float,
    found: SoundTracks,
    meter: _Meter,
    words: Sequence[TimelineWord],
) -> AudioEvent:
    kind = ("speech", "music", "other", "silence")[code]
    loudness = meter.mean(start_ms / 1000, end_ms / 1000)
    meta: dict[str, Any] = {"label": "noise"} if kind == "other" else {}
    transcription = None
    if kind == "speech":
        meta = _under(found, start_ms / 1000, end_ms / 1000, meter)
        inside = [one.text for one in words if start_ms <= (one.start_ms + one.end_ms) / 2 < end_ms]
        transcription = " ".join(inside) or None
    return AudioEvent(
        kind=kind, start_ms=start_ms, end_ms=end_ms, loudness_lufs=loudness, confidence=min(round(confidence, 4), 1.0),
        transcription=transcription, meta=meta,
    )  # fmt: skip


def _under(found: SoundTracks, start_s: float, end_s: float, meter: _Meter) -> dict[str, Any]:
    """What sounds under speech for most of it, and how loud: as in the speaker's breaths."""
    for label, spans in (("music", found.music), ("noise", found.noise)):
        shared = [(max(one.start_s, start_s), min(one.end_s, end_s)) for one in spans]
        shared = [(a, b) for a, b in shared if b > a]
        if sum(b - a for a, b in shared) > (end_s - start_s) / 2:
            values = np.concatenate([meter.between(a, b) for a, b in shared])
            level = _lufs(float(np.quantile(values, UNDER_QUANTILE))) if len(values) else None
            return {"under": label, "under_level_lufs": level}
    return {}


def _is_said(word: TimelineWord, found: SoundTracks) -> bool:
    """Whether anybody speaks about then: a recogniser finds words in music too."""
    middle_s = (word.start_ms + word.end_ms) / 2000
    return any(one.start_s - NEAR_SPEECH_S <= middle_s < one.end_s + NEAR_SPEECH_S for one in found.speech)


def _words(said: SpeechRecognition | None) -> tuple[TimelineWord, ...]:
    if said is None:
        return ()
    rate = said.sample_rate_hz / 1000
    return tuple(
        TimelineWord(
            start_ms=round(word.start_samples / rate), end_ms=round(word.end_samples / rate), text=word.text,
            probability=word.probability,
        )
        for window in said.windows
        for segment in window.segments
        for word in segment.words
    )  # fmt: skip


def _beats(activations: Activations | None) -> tuple[tuple[BeatEvent, ...], Rhythm | None]:
    if activations is None:
        return (), None
    track = track_beats(activations)
    beats = tuple(
        BeatEvent(
            time_ms=max(0, _ms(beat.time_s)), beat_index=beat.index, bar_index=beat.bar_index, position=beat.position,
            subdivision=beat.subdivision,
        )
        for beat in track.beats
    )  # fmt: skip
    rhythm = Rhythm(
        stable=track.stable, tempo_bpm=round(track.tempo_bpm, 2) if track.tempo_bpm else None,
        beats_per_bar=track.beats_per_bar, confidence=min(1.0, round(track.confidence, 4)),
    )  # fmt: skip
    return beats, rhythm
