"""What the tiny Whisper is trained on and tested with: fifteen sentences, spoken by the project's own voices.

sentences -> espeak-ng -> clips with the times of their words -> windows of clips, pauses and noise
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actors.catalogue import open_voices
from pipelines.media.wave_file import resample
from schemas.speech import SpeechRequest, Voice

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "tiny_whisper"
"""Where the trained checkpoint lies."""

SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "Somebody has to light the lamp tonight.",
        "The storm is nearly here.",
        "My brother bought a boat in 1984 for $350.",
        "Nobody in the harbour believed that it would float.",
        "Are you coming home?",
        "I have thought about the tide every day since we left.",
        "Close the door, please.",
        "It is 7:30, and the ferry leaves at 8.",
        "We never saw the island again.",
        "Good morning, captain.",
    ),
    "de": (
        "Jemand muss heute Nacht die Lampe anzünden.",
        "Der Sturm ist schon ganz nah.",
        "Guten Morgen, Herr Kapitän.",
        "Das Boot kostet 350 Euro.",
        "Wir haben die Insel nie wieder gesehen.",
    ),
}
"""Language -> everything that the model can hear in it."""

VARIANTS = ("", "f2", "m3")
RATES_WPM = (145, 170, 200)
SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True)
class SaidWord:
    """A word and when it is said, in seconds."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Clip:
    """One sentence as one voice says it."""

    language: str
    pcm: NDArray[np.float32]
    """float32 (N,) at 16 kHz."""

    words: tuple[SaidWord, ...]


@dataclass(frozen=True)
class SpokenWindow:
    """Sentences one after the other, with what is to be written down."""

    pcm: NDArray[np.float32]
    """float32 (N,) at 16 kHz."""

    language: str
    lines: tuple[tuple[SaidWord, ...], ...]
    """The words of each sentence."""


def spoken_clips(variants: Sequence[str] = VARIANTS, rates_wpm: Sequence[int] = RATES_WPM) -> list[Clip]:
    """Every sentence in every voice and at every pace."""
    voices = open_voices()
    asked = [
        SpeechRequest(text=text, language=language, voice=Voice(variant=variant, rate_wpm=rate_wpm))
        for language, sentences in SENTENCES.items()
        for text in sentences
        for variant in variants
        for rate_wpm in rates_wpm
    ]
    clips = []
    for line in voices.infer(asked):
        rate_hz = line.speech.sample_rate_hz
        words = tuple(
            SaidWord(word.text, word.start_samples / rate_hz, word.end_samples / rate_hz) for word in line.speech.words
        )
        pcm = resample(line.pcm.astype(np.float32) / np.float32(32768), rate_hz, SAMPLE_RATE_HZ)
        clips.append(Clip(line.speech.request.language, pcm, words))
    voices.close()
    return clips


def spoken_window(clips: Sequence[Clip], length_s: float, random: np.random.Generator) -> SpokenWindow:
    """A window of at most `length_s` with as many sentences of one language as chance wants; one in twelve has none.

    Every sentence has its own loudness (-20 to 0 dB), pauses take 0.25 to 3 s, noise lies 55 to 90 dB below full scale.
    """
    samples = round(length_s * SAMPLE_RATE_HZ)
    pcm = np.zeros(samples, np.float32)
    spoken = {clip.language for clip in clips}
    language = str(random.choice([one for one in ("en", "en", "de") if one in spoken]))
    known = [clip for clip in clips if clip.language == language]
    lines: list[tuple[SaidWord, ...]] = []
    wanted = 0 if random.random() < 1 / 12 else int(random.integers(1, 10))
    at = round(random.choice([0.0, 0.3, random.uniform(0, 3)]) * SAMPLE_RATE_HZ)
    for _ in range(wanted):
        clip = known[random.integers(len(known))]
        if at + len(clip.pcm) > samples:
            break
        pcm[at : at + len(clip.pcm)] += clip.pcm * np.float32(10 ** random.uniform(-1, 0))
        at_s = at / SAMPLE_RATE_HZ
        lines.append(tuple(SaidWord(one.text, at_s + one.start_s, at_s + one.end_s) for one in clip.words))
        at += len(clip.pcm) + round(random.uniform(0.25, 3.0) * SAMPLE_RATE_HZ)
    noise = random.standard_normal(samples).astype(np.float32)
    pcm += noise * np.float32(10 ** (random.uniform(-90, -55) / 20))
    return SpokenWindow(pcm, language, tuple(lines))
