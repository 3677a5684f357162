"""Music, ambience and effects: they sound, they loop, they differ, and they are always the same."""

from __future__ import annotations

from functools import cache
from typing import get_args

import numpy as np
import pytest

from pipelines.adaptation.soundscape import AMBIENCE_BY_SETTING
from pipelines.sound.ambience import AMBIENCE_TAGS, KNOWN_AMBIENCES, PLACES, ambience
from pipelines.sound.effects import EFFECT_TAGS, KNOWN_EFFECTS, RECIPES, effect
from pipelines.sound.loudness import clip_lufs
from pipelines.sound.music import music_bed
from pipelines.sound.sound_tags import SYNONYMS
from schemas.vocabulary import Mood

# Sounds are pure: made once, looked at by several tests. Purity itself is tested in another process.
made_bed = cache(music_bed)
made_ambience = cache(ambience)
made_effect = cache(effect)


def _seam_is_smooth(sound: np.ndarray) -> bool:
    """The step from the last sample to the first is no larger than steps inside the loop are."""
    return bool(np.abs(sound[0] - sound[-1]).max() <= np.abs(np.diff(sound, axis=0)).max())


def _bands(sound: np.ndarray) -> np.ndarray:
    """Share of the power in seven octaves from 60 Hz."""
    power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / 48_000)
    shares = np.array([power[(hz >= low) & (hz < 2 * low)].sum() for low in 60 * 2.0 ** np.arange(7)])
    return shares / shares.sum()


@pytest.mark.parametrize("mood", get_args(Mood))
def test_music_bed_is_a_seamless_loop(mood):
    bed = made_bed(mood)
    assert bed.dtype == np.float32
    assert 24 <= len(bed) / 48_000 <= 40
    assert np.abs(bed).max() == pytest.approx(0.7, abs=1e-3)
    assert _seam_is_smooth(bed)
    seconds = np.sqrt((bed[: len(bed) // 48_000 * 48_000].reshape(-1, 96_000) ** 2).mean(axis=1))
    assert seconds.min() > 0.2 * seconds.max()  # no hole anywhere in the loop


def test_urgent_music_has_more_attacks_than_sad_music():
    def attacks(mood: Mood) -> float:
        level = np.log(np.sqrt((made_bed(mood)[: 24 * 48_000].reshape(-1, 2400) ** 2).mean(axis=1)) + 1e-3)
        return float(np.maximum(np.diff(level), 0).mean())

    assert attacks("urgent") > 2 * attacks("sad")


@pytest.mark.parametrize("name", sorted(KNOWN_AMBIENCES))
def test_ambience_is_a_seamless_stereo_loop(name):
    loop = made_ambience(name)
    assert loop is not None
    assert 10 <= len(loop) / 48_000 <= 20
    assert _seam_is_smooth(loop)
    assert -30 < clip_lufs(loop.T) < -10
    assert not np.array_equal(loop[:, 0], loop[:, 1])


def test_ambiences_differ_in_their_spectrum():
    cave, rain, night = (_bands(made_ambience(name)) for name in ("cave", "rain", "night"))
    assert np.abs(cave - rain).sum() > 0.8
    assert np.abs(night - rain).sum() > 0.5


@pytest.mark.parametrize("name", sorted({*RECIPES, "waves"}))
def test_effect_sounds_and_ends_in_silence(name):
    sound = made_effect(name)
    assert sound is not None
    assert 0.2 < len(sound) / 48_000 < 6
    assert -34 < clip_lufs(sound.T) < -14
    assert np.abs(sound).max() <= 0.5
    assert np.abs(sound[-480:]).max() < 0.01 * np.abs(sound).max()


def test_unknown_tags_have_no_sound():
    assert effect("quux") is None
    assert ambience("quux") is None


def test_tags_are_read_as_people_write_them():
    assert np.array_equal(effect("Door Slam"), made_effect("door"))
    assert np.array_equal(ambience("Harbor"), made_ambience("harbour"))


def test_every_synonym_leads_to_a_sound():
    assert set(SYNONYMS.values()) <= KNOWN_EFFECTS


def test_tags_that_are_known_are_those_that_get_a_sound(monkeypatch):
    """The resolver believes the sets of tags; names are what counts here, so every recipe is replaced by a tone."""
    tone = np.sin(np.arange(200_000, dtype=np.float32))
    for name, (_, level_lufs) in RECIPES.items():
        monkeypatch.setitem(RECIPES, name, (lambda _: tone[:20_000], level_lufs))
    for name in PLACES:
        monkeypatch.setitem(PLACES, name, lambda _: np.stack([tone, tone]))
    for tag in (*SYNONYMS, *RECIPES, *PLACES, "Door Slam", "  SEA-gulls ", "Seagulls", "quux", ""):
        assert (tag in EFFECT_TAGS) == (effect(tag) is not None), tag
        assert (tag in AMBIENCE_TAGS) == (ambience(tag) is not None), tag
    assert "gulls" in EFFECT_TAGS
    assert "sea" in AMBIENCE_TAGS
    assert None not in EFFECT_TAGS


def test_every_place_of_the_shot_planner_has_an_ambience():
    assert {*AMBIENCE_BY_SETTING.values(), "rain", "storm", "night"} <= KNOWN_AMBIENCES
