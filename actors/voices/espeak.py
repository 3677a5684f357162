"""How would this line sound, and when does each word sound? Spoken by espeak-ng, formant synthesis, without a network.

Model: espeak-ng with its own voices and variants, from the wheel espeakng-loader.
Source: https://github.com/espeak-ng/espeak-ng
Licence: GPL-3.0-or-later for the library and its data; the sound it makes is the user's own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from actors.engine import EngineSpec
from actors.placement import Placement
from actors.voices.alignment import phoneme_times, sounding_range, word_times
from actors.voices.delivery import delivery
from actors.voices.natives import espeak_files, espeak_languages, espeak_variants, voices_digest
from actors.voices.speakable import speakable_text, voice_for
from actors.voices.spoken_line import SpokenLine
from actors.voices.utterance import initialise, speak
from schemas.backend import Backend
from schemas.errors import InvalidInput, Unavailable
from schemas.speech import Speech, SpeechRequest

SPEC = EngineSpec(name="espeak-ng", version="1.52.0+1", backend_type="real", memory_mb=40)
"""`+1` counts our own changes to what is made of the library's sound."""

SAMPLE_RATE_HZ = 22_050
"""espeak-ng's own rate; `load` refuses a library with another."""

UNSPEAKABLE_S = 0.3
"""Silence that stands for a line with nothing to say, such as `...` or `♪`."""


class EspeakVoices:
    """Voices engine over espeak-ng. Every line is spoken in a fork of the loaded state, hence always the same bytes."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._spec = replace(SPEC, degraded=degraded)
        self._library: ctypes.CDLL | None = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Finds the library and its data.

        Raises:
            Unavailable: espeak-ng is not installed, or not whole.
        """
        espeak_files()
        self._spec = replace(self._spec, digest=voices_digest())

    def load(self) -> None:
        """Loads the library and its data.

        Raises:
            Unavailable: espeak-ng is not installed, not whole, or speaks at another rate than SAMPLE_RATE_HZ.
        """
        self.check()
        library, rate_hz = initialise(espeak_files())
        if rate_hz != SAMPLE_RATE_HZ:
            raise Unavailable(f"espeak-ng speaks at {rate_hz!r} Hz, not {SAMPLE_RATE_HZ}")
        self._library = library

    def infer(self, batch: Sequence[SpeechRequest]) -> list[SpokenLine]:
        """One spoken line per request: int16 mono at 22,050 Hz, trimmed, times in samples of the trimmed sound.

        Raises:
            InvalidInput: a request names a voice variant that espeak-ng does not have.
            Unavailable: not loaded, or the speaking child died.
        """
        if self._library is None:
            raise Unavailable("espeak-ng is not loaded; call load() first")
        return [_spoken(self._library, request) for request in batch]

    def close(self) -> None:
        """Forgets the library. Its memory stays with the process: espeak-ng cannot be initialised twice."""
        self._library = None


def _spoken(library: ctypes.CDLL, request: SpeechRequest) -> SpokenLine:
    if request.voice.variant and request.voice.variant not in espeak_variants():
        raise InvalidInput(f"espeak-ng has no voice variant {request.voice.variant!r}", variant=request.voice.variant)
    text = speakable_text(request.text)
    language, degraded = voice_for(request.language, text, espeak_languages())
    model = f"{language}+{request.voice.variant}" if request.voice.variant else language
    backend = Backend(backend_type="real", name=SPEC.name, version=SPEC.version, model=model, degraded=degraded)
    if not text:
        return _silence(request, backend)
    utterance = speak(library, text, model, delivery(request))
    whole = np.frombuffer(utterance.pcm, dtype=np.int16)
    trim = sounding_range(whole, SAMPLE_RATE_HZ)
    if trim.end_exclusive == trim.start:
        return _silence(request, backend)
    speech = Speech(
        request=request,
        sample_rate_hz=SAMPLE_RATE_HZ,
        duration_samples=trim.end_exclusive - trim.start,
        words=word_times(text, utterance.events, trim),
        phonemes=phoneme_times(utterance.events, trim),
        backend=backend,
    )
    return SpokenLine(whole[trim.start : trim.end_exclusive].copy(), speech)


def _silence(request: SpeechRequest, backend: Backend) -> SpokenLine:
    samples = round(UNSPEAKABLE_S * SAMPLE_RATE_HZ)
    speech = Speech(request=request, sample_rate_hz=SAMPLE_RATE_HZ, duration_samples=samples, backend=backend)
    return SpokenLine(np.zeros(samples, np.int16), speech)
