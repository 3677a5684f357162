"""The voices engine without a synthesiser: silence of the length that the line would take, with plausible times.

It stands in where espeak-ng cannot be loaded, and in tests. Every result says `backend_type: "stub"`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from actors.engine import EngineSpec
from actors.placement import Placement
from actors.voices.delivery import delivery
from actors.voices.espeak import SAMPLE_RATE_HZ, UNSPEAKABLE_S
from actors.voices.speakable import speakable_text
from actors.voices.spoken_line import SpokenLine
from schemas.backend import Backend
from schemas.speech import Speech, SpeechRequest, SpokenPhoneme, SpokenWord

SPEC = EngineSpec(name="silent-voices", version="1", backend_type="stub", memory_mb=1)

SYLLABLES_PER_WORD = 1.45
"""Average of English running text; turns words a minute into syllables a second."""

VOWELS = re.compile(r"[aeiouyàáâãäåèéêëìíîïòóôõöùúûüаеёиоуыэюяαεηιουω]+", re.IGNORECASE)

VOWEL_SOUNDS = ("a", "e", "i", "o", "u")
CONSONANT_SOUNDS = ("t", "n", "s", "m", "l", "k", "b", "f")


class StubVoices:
    """Voices engine that says nothing, at the right length."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "") -> None:
        self._spec = replace(SPEC, degraded=degraded)

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Nothing to look for."""

    def load(self) -> None:
        """Nothing to load."""

    def infer(self, batch: Sequence[SpeechRequest]) -> list[SpokenLine]:
        """One silent line per request, words spread by their syllables, a consonant and a vowel a syllable."""
        return [_estimated(request, self._spec) for request in batch]

    def close(self) -> None:
        """Nothing to free."""


def syllables(word: str) -> int:
    """Estimated syllables: groups of vowels, at least one; in scripts without vowel letters one a character."""
    letters = [character for character in word if character.isalnum()]
    if letters and not any(character.isascii() or VOWELS.match(character) for character in letters):
        return len(letters)
    return max(1, len(VOWELS.findall(word)))


def _estimated(request: SpeechRequest, spec: EngineSpec) -> SpokenLine:
    words = speakable_text(request.text).split()
    counts = [syllables(word) for word in words]
    syllables_a_second = delivery(request).rate_wpm * SYLLABLES_PER_WORD / 60
    seconds = sum(counts) / syllables_a_second if words else UNSPEAKABLE_S
    samples = round(seconds * SAMPLE_RATE_HZ)
    bounds = [samples * sum(counts[:index]) // max(1, sum(counts)) for index in range(len(counts) + 1)]
    speech = Speech(
        request=request,
        sample_rate_hz=SAMPLE_RATE_HZ,
        duration_samples=samples,
        words=tuple(
            SpokenWord(text=word, start_samples=start, end_samples=end)
            for word, start, end in zip(words, bounds, bounds[1:], strict=False)
        ),
        phonemes=_sounds(counts, samples),
        backend=Backend(backend_type="stub", name=spec.name, version=spec.version, degraded=spec.degraded),
    )
    return SpokenLine(np.zeros(samples, np.int16), speech)


def _sounds(counts: Sequence[int], samples: int) -> tuple[SpokenPhoneme, ...]:
    """A consonant and a vowel for each syllable, in turn, so that a mouth moves."""
    total = 2 * sum(counts)
    sounds = []
    for index in range(total):
        table = VOWEL_SOUNDS if index % 2 else CONSONANT_SOUNDS
        start, end = samples * index // total, samples * (index + 1) // total
        sounds.append(SpokenPhoneme(symbol=table[(index // 2) % len(table)], start_samples=start, end_samples=end))
    return tuple(sounds)
