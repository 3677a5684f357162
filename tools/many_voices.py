"""People who talk, for `train_sound_classes`: espeak-ng's voices in many languages, moods and rates, with pauses."""

from __future__ import annotations

from typing import get_args

import numpy as np

from actors.catalogue import open_voices
from pipelines.media.wave_file import resample
from schemas.speech import SpeechRequest, Voice
from schemas.vocabulary import Emotion, Pacing
from tools.beatless_sounds import TEXT
from tools.music_sounds import RATE_HZ, Sound

VARIANTS = (
    "", "", "f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "klatt", "klatt2", "klatt3",
    "klatt4", "croak", "adam", "belinda", "benjamin", "boris", "caleb", "david", "edward", "iven", "john", "linda",
    "Alicia", "Andrea", "Annie", "Denis", "Diogo", "Gene", "Hugo", "Marco", "Michael", "Nguyen", "Reed", "steph",
)  # fmt: skip

LANGUAGES = (
    "en",
    "en",
    "en-us",
    "en-gb-scotland",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "pl",
    "pt",
    "sv",
    "fi",
    "tr",
    "id",
    "cs",
)
"""Read English text by their own rules: other sounds, other melodies."""


def talking(seed: int, length_s: float) -> Sound:
    """float32 (N,), mono at 16 kHz: one voice, lines with pauses of 0.1 to 1.2 s; the same from the same seed."""
    random = np.random.default_rng([seed, 6])
    voices = open_voices()
    voice = Voice(
        variant=str(random.choice(VARIANTS)),
        pitch=int(random.integers(10, 90)),
        rate_wpm=int(random.integers(120, 235)),
    )
    language = str(random.choice(LANGUAGES))
    parts: list[Sound] = []
    while sum(map(len, parts)) < length_s * RATE_HZ:
        text = " ".join(random.choice(TEXT.split(), int(random.integers(4, 22)))) + str(random.choice([".", "?", "!"]))
        asked = SpeechRequest(
            text=text, language=language, voice=voice,
            emotion=str(random.choice(get_args(Emotion))), pacing=str(random.choice(get_args(Pacing))),
        )  # fmt: skip
        [line] = voices.infer([asked])
        parts.append(resample((line.pcm / 32768).astype(np.float32), line.speech.sample_rate_hz, RATE_HZ))
        parts.append(np.zeros(int(random.uniform(0.1, 1.2) * RATE_HZ), np.float32))
    voices.close()
    return np.concatenate(parts)[: int(length_s * RATE_HZ)]
