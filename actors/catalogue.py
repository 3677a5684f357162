"""The one table of engines, and the only place that chooses a lesser backend over a better one.

choose(family, host) -> EngineChoice      the best backend that is here, checked in milliseconds; a plain value
build(choice) -> Engine                   in whatever process is to host it; not loaded yet
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any

from actors.beats import stub as hears_onsets
from actors.beats import tcn
from actors.engine import Engine, EngineSpec
from actors.face_embedding import facenet
from actors.faces import mtcnn, opencv
from actors.faces import stub as sees_nobody
from actors.placement import HostFacts, Placement, place
from actors.sound_classes import convolutional
from actors.sound_classes import stub as hears_levels
from actors.speech import sphinx, whisper
from actors.speech import stub as does_not_listen
from actors.visual import opencv as opencv_visual
from actors.visual import stub as measures_nothing
from actors.voice_activity import silero
from actors.voice_activity import stub as hears_loudness
from actors.voices import espeak
from actors.voices import stub as silent_voices
from actors.voices.espeak import EspeakVoices
from actors.voices.spoken_line import SpokenLine
from actors.voices.stub import StubVoices
from schemas.errors import InvalidInput, Unavailable
from schemas.speech import SpeechRequest

VoicesEngine = Engine[SpeechRequest, SpokenLine]

ANY_HOST = HostFacts(cpus=1, memory_mb=1 << 20)
"""For engines so small that nobody asks whether they fit."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Backend:
    """One implementation of a family."""

    spec: EngineSpec
    build: Callable[..., Engine[Any, Any]]
    """`build(placement, degraded=..., **options)`."""

    options: frozenset[str] = frozenset()
    """Names of the options that it takes; a fallback ignores those of a better backend."""


@dataclass(frozen=True)
class EngineChoice:
    """Which engine answers, where, and with what: a plain value that crosses process borders."""

    family: str
    backend: str
    placement: Placement = field(default_factory=Placement)
    degraded: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def _family(*backends: Backend) -> dict[str, Backend]:
    return {backend.spec.name: backend for backend in backends}


ENGINES: Mapping[str, Mapping[str, Backend]] = {
    "beats": _family(Backend(tcn.SPEC, tcn.TcnBeats), Backend(hears_onsets.SPEC, hears_onsets.StubBeats)),
    "face_embedding": _family(Backend(facenet.SPEC, facenet.FacenetEmbedding, frozenset({"weights"}))),
    "faces": _family(
        Backend(mtcnn.SPEC, mtcnn.MtcnnFaces),
        Backend(opencv.SPEC, opencv.OpencvFaces),
        Backend(sees_nobody.SPEC, sees_nobody.StubFaces),
    ),
    "sound_classes": _family(
        Backend(convolutional.SPEC, convolutional.ConvolutionalSoundClasses),
        Backend(hears_levels.SPEC, hears_levels.StubSoundClasses),
    ),
    "speech": _family(
        Backend(whisper.SPEC, whisper.WhisperSpeech, frozenset({"model", "weights", "language"})),
        Backend(sphinx.SPEC, sphinx.PocketSphinxSpeech, frozenset({"language"})),
        Backend(does_not_listen.SPEC, does_not_listen.StubSpeech, frozenset({"language"})),
    ),
    "voice_activity": _family(
        Backend(silero.SPEC, silero.SileroVoiceActivity),
        Backend(hears_loudness.SPEC, hears_loudness.StubVoiceActivity),
    ),
    "visual": _family(
        Backend(opencv_visual.SPEC, opencv_visual.OpencvVisualMeta),
        Backend(measures_nothing.SPEC, measures_nothing.StubVisualMeta),
    ),
    "voices": _family(Backend(espeak.SPEC, EspeakVoices), Backend(silent_voices.SPEC, StubVoices)),
}
"""Engine family -> its backends by name, best first: who is not here is stood in for by the next."""

Build = Callable[[EngineChoice], Engine[Any, Any]]
"""Makes the engine of a choice: here, or as a way to where it is hosted. What can be imported crosses processes."""


def choose(
    family: str, host: HostFacts, *, backend: str = "", device: str = "", options: Mapping[str, Any] | None = None
) -> EngineChoice:
    """The wanted backend, or the next of its family that is here, with the reason in `degraded`.

    Args:
        family: a key of ENGINES.
        host: what the engine may use.
        backend: the name to begin with; empty for the best.
        device: `cpu`, `cuda`, or empty for CUDA where there is one.
        options: of the wanted backend.

    Raises:
        InvalidInput: an unknown family, backend, option or device.
        Unavailable: not even the stub is here.
    """
    return _first(family, host, backend, device, options or {}, methodcaller("check"))[0]


def open_engine(
    family: str, host: HostFacts, *, backend: str = "", device: str = "", options: Mapping[str, Any] | None = None
) -> Engine[Any, Any]:
    """As `choose`, loaded in this process. A backend that does not load is passed over like one that is not here.

    Raises:
        InvalidInput: an unknown family, backend, option or device.
        Unavailable: not even the stub loads.
    """
    return _first(family, host, backend, device, options or {}, methodcaller("load"))[1]


def build(choice: EngineChoice) -> Engine[Any, Any]:
    """The engine of a choice, not loaded."""
    backend = _backends(choice.family)[choice.backend]
    return backend.build(choice.placement, degraded=choice.degraded, **choice.options)


def open_voices() -> VoicesEngine:
    """A loaded voices engine: espeak-ng, or the stub that says why it stands in (`spec.degraded` and each result)."""
    return open_engine("voices", ANY_HOST)


def _first(
    family: str,
    host: HostFacts,
    backend: str,
    device: str,
    options: Mapping[str, Any],
    probe: Callable[[Engine[Any, Any]], None],
) -> tuple[EngineChoice, Engine[Any, Any]]:
    known = _backends(family)
    names = list(known)
    wanted = backend or names[0]
    if wanted not in known:
        raise InvalidInput(f"{family} has no backend {wanted!r}; known are {', '.join(names)}")
    if unknown := sorted(set(options) - known[wanted].options):
        raise InvalidInput(f"{wanted} takes no option {unknown[0]!r}; it takes {sorted(known[wanted].options)}")
    missing: list[str] = []
    for name in names[names.index(wanted) :]:
        one = known[name]
        try:
            placement = place(one.spec, host, device if name == wanted else "")
            given = {key: options[key] for key in options if key in one.options}
            choice = EngineChoice(family, name, placement, "; ".join(missing), given)
            engine = build(choice)
            engine.check()
            place(engine.spec, host, placement.device)  # what it needs with the weights that it found
            probe(engine)
        except Unavailable as exc:
            missing.append(f"{name} is not available: {exc.message}")
            continue
        if missing:
            _LOG.warning("%s falls back to %s: %s", family, name, choice.degraded)
        return choice, engine
    raise Unavailable(f"no {family} engine is available: {'; '.join(missing)}")


def _backends(family: str) -> Mapping[str, Backend]:
    if family not in ENGINES:
        raise InvalidInput(f"there is no engine family {family!r}; known are {', '.join(ENGINES)}")
    return ENGINES[family]
