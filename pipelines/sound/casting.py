"""Casting: which voice a character has, from who they are and nothing else.

Everybody has a voice of their own choice, drawn from their id. Two who would choose the same timbre are told apart by
seniority: who was there first keeps it, the other takes the next that is free. Seniority is the canon's order, then the
order in which the script introduces people, because no rule that sees the cast as a set can both keep voices apart and
never change one: A alone and B alone may choose the same timbre, so together one must yield. A character who is added
later yields to all who were there; one who is written into an earlier scene moves at most those who chose as they did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from schemas.canon import VoiceHint
from schemas.speech import Voice


@dataclass(frozen=True)
class Timbre:
    """A variant of espeak-ng that sounds like a person, and the pitches that suit it."""

    variant: str
    pitches: tuple[int, ...]


FEMALE = (
    Timbre("f1", (42, 50, 58)), Timbre("f2", (40, 48, 56)), Timbre("f3", (38, 46, 54)), Timbre("f4", (40, 50, 60)),
    Timbre("f5", (38, 46, 52)), Timbre("linda", (38, 46, 54)), Timbre("belinda", (40, 48, 54)),
)  # fmt: skip
MALE = (
    Timbre("m1", (38, 46, 54)), Timbre("m2", (36, 44, 52)), Timbre("m3", (34, 42, 50)), Timbre("m4", (38, 46, 54)),
    Timbre("m7", (32, 40, 50)), Timbre("john", (36, 44, 52)), Timbre("norbert", (36, 44, 54)),
    Timbre("adam", (34, 42, 50)), Timbre("Michael", (34, 42, 48)),
)  # fmt: skip
"""Chosen among espeak-ng's 106 variants: no echo, robot, whisper or croak, rms within 6 dB, f0 80 to 290 Hz."""

CHILD_LIFT, OLD_DROP = 26, 10
"""Pitch added for a child and taken away for the old, of 99."""

CHILD = tuple(Timbre(one.variant, tuple(pitch + CHILD_LIFT for pitch in one.pitches)) for one in FEMALE[:5])
OLD_FEMALE = (Timbre("grandma", (30, 38, 46)), *FEMALE[:3])
OLD_MALE = (Timbre("grandpa", (30, 36, 44)), *MALE[:4])

RATES_WPM = (152, 158, 164, 170, 176)
AGE_PACE = {"": 1.0, "adult": 1.0, "child": 1.05, "old": 0.88}
"""Factor on the rate by age."""


def cast_voices(hints: Mapping[str, VoiceHint]) -> dict[str, Voice]:
    """The voice of every character; no two share a variant while another that fits is free.

    Args:
        hints: by character_id, the longest known first. Characters of canon belong here even when they say nothing
            today: what they chose stays theirs from episode to episode.
    """
    voices: dict[str, Voice] = {}
    for character_id, hint in hints.items():
        voices[character_id] = cast_voice(character_id, hint, tuple(voices.values()))
    return voices


def cast_voice(character_id: str, hint: VoiceHint, taken: Collection[Voice] = ()) -> Voice:
    """The voice of a character: the same for the same id, hint and taken voices, on every machine.

    Args:
        taken: voices of other characters; a variant among them is not used again while another is free.
    """
    candidates = _timbres(hint, _draw(character_id, "gender", 2))
    first = _draw(character_id, "variant", len(candidates))
    order = candidates[first:] + candidates[:first]
    used = {voice.variant for voice in taken}
    timbre = next((one for one in order if one.variant not in used), order[0])
    pitch = timbre.pitches[_draw(character_id, "pitch", len(timbre.pitches))] + _draw(character_id, "shade", 5) - 2
    if hint.age == "old":
        pitch -= OLD_DROP
    rate = RATES_WPM[_draw(character_id, "rate", len(RATES_WPM))] * AGE_PACE[hint.age]
    return Voice(variant=timbre.variant, pitch=min(max(pitch, 0), 99), rate_wpm=round(rate))


def _timbres(hint: VoiceHint, coin: int) -> tuple[Timbre, ...]:
    """The timbres that fit a hint; a voice without a gender is drawn among all that fit its age."""
    if hint.age == "child":
        return CHILD
    female, male = (OLD_FEMALE, OLD_MALE) if hint.age == "old" else (FEMALE, MALE)
    if hint.gender == "neutral":
        return (*female[-2:], *male[-2:])
    chosen = hint.gender or ("female", "male")[coin]
    return female if chosen == "female" else male


def _draw(character_id: str, trait: str, count: int) -> int:
    """A number in [0, count) for a trait of a character: the first 8 bytes of SHA-256, modulo `count`."""
    return int.from_bytes(hashlib.sha256(f"{trait}:{character_id}".encode()).digest()[:8], "big") % count
