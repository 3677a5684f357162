"""How a line is said: pitch, range and rate from the voice, the emotion and the pacing.

The changes are small on purpose: a synthetic voice that is pushed far stops being the same person.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.speech import SpeechRequest
from schemas.vocabulary import Emotion, Pacing


@dataclass(frozen=True)
class Delivery:
    """Parameters of one utterance."""

    pitch: int
    """0 to 99, 50 is the voice's own."""

    pitch_range: int
    """0 (monotone) to 99, 50 is the voice's own."""

    rate_wpm: int
    """80 to 450 words a minute."""


EMOTIONS: dict[Emotion, tuple[int, int, float]] = {
    "neutral": (0, 0, 1.00),
    "happy": (8, 18, 1.06),
    "sad": (-8, -18, 0.88),
    "angry": (3, 24, 1.08),
    "afraid": (12, 8, 1.12),
    "surprised": (13, 28, 1.04),
    "tender": (-3, -6, 0.92),
    "worried": (5, -4, 0.97),
    "determined": (-4, 8, 0.98),
}
"""Emotion -> (pitch added, range added, factor on the rate)."""

PACING: dict[Pacing, float] = {"slow": 0.85, "normal": 1.0, "fast": 1.18}
"""Pacing -> factor on the rate."""


def delivery(request: SpeechRequest) -> Delivery:
    """The parameters that a request asks for, clamped to what espeak-ng accepts."""
    pitch, pitch_range, factor = EMOTIONS[request.emotion]
    rate_wpm = round(request.voice.rate_wpm * factor * PACING[request.pacing])
    return Delivery(
        pitch=_clamped(request.voice.pitch + pitch, 0, 99),
        pitch_range=_clamped(50 + pitch_range, 0, 99),
        rate_wpm=_clamped(rate_wpm, 80, 450),
    )


def _clamped(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)
