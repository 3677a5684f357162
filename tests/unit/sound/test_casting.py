"""Voices of characters."""

from __future__ import annotations

from itertools import combinations

import pytest

from actors.voices.natives import espeak_variants
from pipelines.sound.casting import CHILD, FEMALE, MALE, OLD_FEMALE, OLD_MALE, cast_voice, cast_voices
from schemas.canon import VoiceHint

CAST = [f"character_{index}" for index in range(12)]


def test_every_timbre_is_a_variant_of_the_backend():
    assert {one.variant for one in (*FEMALE, *MALE, *CHILD, *OLD_FEMALE, *OLD_MALE)} <= espeak_variants()


def test_voice_belongs_to_the_character():
    assert cast_voice("mara", VoiceHint()) == cast_voice("mara", VoiceHint())


def test_voices_of_different_characters_differ():
    voices = [cast_voice(one, VoiceHint()) for one in CAST]
    assert all(first != second for first, second in combinations(voices, 2))


def test_variant_of_another_character_is_not_taken_again():
    taken = []
    for one in CAST[:7]:
        taken.append(cast_voice(one, VoiceHint(gender="female"), taken))
    assert len({voice.variant for voice in taken}) == len(FEMALE)


@pytest.mark.parametrize(("gender", "timbres"), [("female", FEMALE), ("male", MALE)])
def test_gender_chooses_the_timbre(gender, timbres):
    names = {one.variant for one in timbres}
    assert all(cast_voice(one, VoiceHint(gender=gender)).variant in names for one in CAST)


def test_children_speak_higher_and_the_old_slower():
    for one in CAST:
        adult = cast_voice(one, VoiceHint(gender="female", age="adult"))
        assert cast_voice(one, VoiceHint(gender="female", age="child")).pitch > adult.pitch
        assert cast_voice(one, VoiceHint(gender="female", age="old")).rate_wpm < adult.rate_wpm


def women(*people):
    return {one: VoiceHint(gender="female") for one in people}


def test_cast_voices_of_a_full_cast_are_told_apart():
    voices = cast_voices(women(*CAST[: len(FEMALE)]))
    assert len({voice.variant for voice in voices.values()}) == len(FEMALE)


def test_cast_voices_character_added_later_changes_no_voice():
    for count in range(1, len(FEMALE)):
        before, after = cast_voices(women(*CAST[:count])), cast_voices(women(*CAST[: count + 1]))
        assert {one: after[one] for one in before} == before


def test_cast_voices_character_without_a_rival_has_the_voice_of_their_own_choice():
    assert cast_voices(women("mara"))["mara"] == cast_voice("mara", VoiceHint(gender="female"))


def test_cast_voices_rival_who_came_later_yields():
    first = cast_voice("mara", VoiceHint(gender="female"))
    rival = next(
        name for name in (f"r{index}" for index in range(99))
        if cast_voice(name, VoiceHint(gender="female")).variant == first.variant
    )  # fmt: skip
    voices = cast_voices(women("mara", rival))
    assert voices["mara"] == first and voices[rival].variant != first.variant
    assert cast_voices(women(rival, "mara"))["mara"].variant != first.variant
