"""What the engines heard every few milliseconds -> spans of speech, music, noise and silence, which may overlap.

    voice activity, speech likelihood -> speech      spans of Silero's hysteresis that the classes do not deny
    music likelihood                  -> music       two states, a cost for each change
    noise likelihood                  -> noise       likewise, and whatever sounds and is nothing else
    level, the floor of the recording -> silence     what is hardly louder than the recording's own floor

Pure functions of arrays: the same evidence and parameters, the same spans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from actors.sound_classes.hearing import FRAME_S, GRID, LEVEL, MUSIC, NOISE, SPEECH
from actors.voice_activity.spans import SpanRules, speech_spans

Mask = NDArray[np.bool_]
"""bool (frames,), a frame every 20 ms."""

MUSIC_BIAS, MUSIC_UNDER_SPEECH_BIAS = 2.2, 3.3
"""Log odds from which a frame speaks for music. The network was taught by synthetic voices and takes some real ones for
music, up to 4 (95th percentile; median 2.5), where music under real speech has 4 to 8. Machines reach 3 for a while."""

NOISE_BIAS = 1.0

SPEECH_DENIED = 0.7
"""Mean log odds of speech below which voice activity alone makes no speech: it takes some instruments for voices."""

CHANGE_COST = {"music": 90.0, "noise": 60.0}
"""Log odds that a change must win: 1.8 s (1.2 s) of frames that are sure by 1 each."""

SUREST = 4.0
"""Log odds of one frame count no more than that."""

ABOVE_FLOOR_DB = 5.0
"""What is not louder than the floor by so much is silence."""

QUIETEST_FLOOR_DB, LOUDEST_FLOOR_DB = -75.0, -52.0
"""The floor counts as if it were in this range: digital silence hides no whisper, and a recording that is nothing but
noise is noise."""

FLOOR_SHARE = 0.02
"""Part of a recording that is at its floor."""

SMOOTH_S = 0.4
"""Levels are those of so long a stretch."""

SHORTEST_NOISE_S = 1.0
"""What sounds for less and is nothing else belongs to its neighbours: breath, the end of a room."""


@dataclass(frozen=True)
class SoundEvidence:
    """What the engines heard in a whole sound."""

    classes: NDArray[np.float32]
    """float32 (frames, 4), rows of `actors/sound_classes/hearing.py`."""

    activity: NDArray[np.float32]
    """float32 (frames of 32 ms,): likelihood of speech."""

    total_samples: int
    """Length of the sound at 16 kHz."""


@dataclass(frozen=True)
class ClassSpan:
    """A stretch, [start, end) in seconds."""

    start_s: float
    end_s: float
    confidence: float
    """Mean likelihood of its class, [0, 1]; of silence, 1."""


@dataclass(frozen=True)
class SoundTracks:
    """Spans of each class, in order and apart; classes overlap, but silence overlaps nothing."""

    speech: tuple[ClassSpan, ...]
    music: tuple[ClassSpan, ...]
    noise: tuple[ClassSpan, ...]
    silence: tuple[ClassSpan, ...]


def sound_tracks(evidence: SoundEvidence, min_silence_s: float) -> SoundTracks:
    """The tracks of a sound.

    Args:
        evidence: of the whole of it.
        min_silence_s: shorter pauses are part of what is around them.
    """
    rows = evidence.classes
    if not len(rows):
        return SoundTracks((), (), (), ())
    silent = _silent(rows[:, LEVEL])
    pauses = _runs(silent, round(min_silence_s / FRAME_S))
    quiet = _mask(pauses, len(rows))
    odds = _log_odds(rows[:, :LEVEL])
    speech = _joined(_speech(evidence, odds[:, SPEECH]), min_silence_s, quiet)
    said = _mask([(round(start / FRAME_S), round(end / FRAME_S)) for start, end in speech], len(rows))
    silence = quiet & ~said
    bias = np.where(said, MUSIC_UNDER_SPEECH_BIAS, MUSIC_BIAS)
    music = _lasting(np.where(silence, -SUREST, odds[:, MUSIC] - bias), CHANGE_COST["music"]) & ~silence
    heard = _lasting(np.where(silence, -SUREST, odds[:, NOISE] - NOISE_BIAS), CHANGE_COST["noise"]) & ~silence
    rest = ~(said | music | silence)
    noise = (heard & ~music) | rest
    end_s = evidence.total_samples / (GRID.hop_samples / FRAME_S)

    def spans(mask: Mask, column: int, shortest_s: float = 0.0) -> tuple[ClassSpan, ...]:
        found = _runs(mask, max(1, round(shortest_s / FRAME_S)))
        return tuple(
            ClassSpan(first * FRAME_S, min(last * FRAME_S, end_s), round(float(rows[first:last, column].mean()), 4))
            for first, last in found
        )

    return SoundTracks(
        speech=tuple(
            ClassSpan(start, min(end, end_s), round(_mean(rows[:, SPEECH], start, end), 4)) for start, end in speech
        ),
        music=spans(music, MUSIC),
        noise=spans(noise, NOISE, SHORTEST_NOISE_S),
        silence=tuple(
            ClassSpan(first * FRAME_S, min(last * FRAME_S, end_s), 1.0)
            for first, last in _runs(silence, round(min_silence_s / FRAME_S))
        ),
    )


def floor_db(level_db: NDArray[np.float32]) -> float:
    """The level of the recording's own floor, in dB(A), held within QUIETEST_FLOOR_DB and LOUDEST_FLOOR_DB."""
    found = float(np.quantile(_smoothed(level_db), FLOOR_SHARE)) if len(level_db) else QUIETEST_FLOOR_DB
    return min(max(found, QUIETEST_FLOOR_DB), LOUDEST_FLOOR_DB)


def _silent(level_db: NDArray[np.float32]) -> Mask:
    silent: Mask = _smoothed(level_db) < floor_db(level_db) + ABOVE_FLOOR_DB
    return silent


def _smoothed(level_db: NDArray[np.float32]) -> NDArray[np.float64]:
    """dB of the mean power over SMOOTH_S around each frame."""
    frames = max(1, round(SMOOTH_S / FRAME_S)) | 1
    power = np.pad(10 ** (level_db.astype(np.float64) / 10), frames // 2, "edge")
    sums = np.concatenate([[0.0], np.cumsum(power)])
    mean = (sums[frames:] - sums[:-frames]) / frames
    smoothed: NDArray[np.float64] = 10 * np.log10(np.maximum(mean, 1e-12))
    return smoothed


def _speech(evidence: SoundEvidence, odds: NDArray[np.float64]) -> list[tuple[float, float]]:
    """[start, end) of each stretch that voice activity and the classes hold for speech, in seconds."""
    rate_hz = GRID.hop_samples / FRAME_S
    rules = SpanRules(longest_samples=max(1, evidence.total_samples) + 1)
    found = speech_spans(evidence.activity, evidence.total_samples, rules)
    spans = [(span.start_samples / rate_hz, span.end_samples / rate_hz) for span in found]
    return [span for span in spans if _mean(odds, *span) >= SPEECH_DENIED]


def _joined(spans: Sequence[tuple[float, float]], gap_s: float, quiet: Mask) -> list[tuple[float, float]]:
    """Spans with shorter pauses than `gap_s` closed, and longer ones where it is not silent in them: a room,
    music."""
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined:
            pause = quiet[round(joined[-1][1] / FRAME_S) : round(start / FRAME_S)]
            if start - joined[-1][1] < gap_s or (start - joined[-1][1] < 4 * gap_s and not pause.any()):
                joined[-1] = (joined[-1][0], end)
                continue
        joined.append((start, end))
    return joined


def _lasting(odds: NDArray[np.float64], cost: float) -> Mask:
    """The likeliest course of a class that is there or not, where each change costs `cost` (Viterbi)."""
    weights = np.clip(odds, -SUREST, SUREST)
    count = len(weights)
    came_on = np.zeros(count, np.bool_)
    came_off = np.zeros(count, np.bool_)
    on, off = 0.0, 0.0
    for frame, weight in enumerate(weights.tolist()):
        came_on[frame], came_off[frame] = off - cost > on, on - cost > off
        on, off = max(on, off - cost) + weight / 2, max(off, on - cost) - weight / 2
    course = np.zeros(count, np.bool_)
    state = on > off
    for frame in range(count - 1, -1, -1):
        course[frame] = state
        if came_on[frame] if state else came_off[frame]:
            state = not state
    return course


def _log_odds(likely: NDArray[np.float32]) -> NDArray[np.float64]:
    held = np.clip(likely.astype(np.float64), 1e-6, 1 - 1e-6)
    odds: NDArray[np.float64] = np.log(held / (1 - held))
    return odds


def _mean(values: NDArray[np.floating], start_s: float, end_s: float) -> float:
    first = min(round(start_s / FRAME_S), max(0, len(values) - 1))
    part = values[first : max(first + 1, round(end_s / FRAME_S))]
    return float(part.mean()) if len(part) else 0.0


def _runs(mask: Mask, shortest: int) -> list[tuple[int, int]]:
    """[first, last) of each run of at least `shortest` frames."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2) if b - a >= shortest]


def _mask(runs: Sequence[tuple[int, int]], frames: int) -> Mask:
    mask = np.zeros(frames, np.bool_)
    for first, last in runs:
        mask[first:last] = True
    return mask
