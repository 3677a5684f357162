"""The one table of engines, and the only place that chooses a stub over a real one."""

from __future__ import annotations

import logging

from actors.engine import Engine, EngineSpec
from actors.voices import espeak, stub
from actors.voices.espeak import EspeakVoices
from actors.voices.spoken_line import SpokenLine
from actors.voices.stub import StubVoices
from schemas.errors import Unavailable
from schemas.speech import SpeechRequest

VoicesEngine = Engine[SpeechRequest, SpokenLine]

ENGINES: dict[str, tuple[EngineSpec, ...]] = {"voices": (espeak.SPEC, stub.SPEC)}
"""Engine family -> its backends, best first."""

_LOG = logging.getLogger(__name__)


def open_voices() -> VoicesEngine:
    """A loaded voices engine: espeak-ng, or the stub that says why it stands in (`spec.degraded` and each result)."""
    voices = EspeakVoices()
    try:
        voices.load()
    except Unavailable as exc:
        _LOG.warning("voices fall back to %s: %s", stub.SPEC.name, exc)
        silent = StubVoices(degraded=f"{espeak.SPEC.name} is not available")
        silent.load()
        return silent
    return voices
