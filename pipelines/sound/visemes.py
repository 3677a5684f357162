"""Mouths: which shape a speaking mouth has in each tick, from the phonemes of the line.

samples   |--h--|----ə----|--l--|------ˈəʊ------|--_--|
ticks     |   rest open   |  tongue  |  round  | round | rest |      the shape that fills most of the tick;
                                                                     lips that close are never skipped
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Literal

from schemas.speech import Speech, SpokenPhoneme
from schemas.timing import EditRate

Viseme = Literal["closed", "open", "wide", "round", "narrow", "teeth", "tongue", "rest"]
"""Shapes that the drawing knows. `rest` is the mouth of the feeling, not speaking."""

SOUNDS: tuple[tuple[Viseme, str], ...] = (
    ("closed", "mpbɱʙɓ"),
    ("teeth", "fvʋszʃʒɕʑʂʐçcɟʝ"),
    ("tongue", "lɫɭʎʟnɲɳŋɴtdʈɖɗθðrɾɽʀʁɹɻjɬɮɺ"),
    ("narrow", "uwʊʍɯyʏɥʉɰβɸ"),
    ("round", "oɔɒøœɵɞɤɔ"),
    ("wide", "ieɪɛæɘɨ"),
    ("open", "aɑɐʌəɜɚɝäɶkɡgxɣqɢχħhɦʕʔħɧ"),
)
"""Viseme -> the IPA letters that show it."""

VISEME_OF: dict[str, Viseme] = {letter: viseme for viseme, letters in SOUNDS for letter in letters}

WEIGHT: dict[Viseme, int] = {"closed": 3, "teeth": 2}
"""How much a tick's share counts, beside 1: eyes miss a skipped closing of the lips before anything else."""


def viseme(symbol: str) -> Viseme:
    """The mouth of an IPA symbol as espeak-ng gives it: stress and length marks ignored, the first known letter counts.

    A pause, and a mark that stands alone, is `rest`.
    """
    for letter in unicodedata.normalize("NFD", symbol):
        if letter in VISEME_OF:
            return VISEME_OF[letter]
    return "rest"


def mouth_track(speech: Speech, rate: EditRate) -> tuple[Viseme, ...]:
    """One viseme for each tick of the line, from its first sample; as many as `rate.ticks_covering` its samples.

    The second half of a diphthong is not shown; the mouth rests where nothing sounds.
    """
    ticks = rate.ticks_covering(speech.duration_samples, speech.sample_rate_hz)
    bounds = [rate.boundary_samples(tick, speech.sample_rate_hz) for tick in range(ticks + 1)]
    track: list[Viseme] = []
    first = 0
    for start, end in pairwise(bounds):
        while first < len(speech.phonemes) and speech.phonemes[first].end_samples <= start:
            first += 1
        track.append(_dominant(speech.phonemes, first, start, end))
    return tuple(track)


def _dominant(phonemes: tuple[SpokenPhoneme, ...], first: int, start: int, end: int) -> Viseme:
    """The viseme with the largest weighted share of [start, end); the earlier one wins a tie."""
    shares: dict[Viseme, int] = {}
    for phoneme in phonemes[first:]:
        if phoneme.start_samples >= end:
            break
        shape = viseme(phoneme.symbol)
        overlap = min(end, phoneme.end_samples) - max(start, phoneme.start_samples)
        shares[shape] = shares.get(shape, 0) + overlap * WEIGHT.get(shape, 1)
    return max(shares, key=lambda shape: shares[shape]) if shares else "rest"
