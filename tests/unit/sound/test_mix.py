"""The mix: levels, ducking, stems that add up, and flat memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pyloudnorm
import pytest

from pipelines.media.wave_file import read_wave
from pipelines.sound.mix import mix
from pipelines.sound.mix_plan import MixPlan, PlacedClip, mix_plan


def _floats(path) -> np.ndarray:
    pcm, rate_hz = read_wave(path)
    assert rate_hz == 48_000
    return pcm.astype(np.float64) / 32_768


def _level_db(sound: np.ndarray, start_s: float, end_s: float) -> float:
    part = sound[round(start_s * 48_000) : round(end_s * 48_000)]
    return float(10 * np.log10(np.mean(part**2) + 1e-12))


def test_mix_has_the_length_loudness_and_peak_it_promises(shotlist, render_plan, load, tmp_path):
    plan = mix_plan(shotlist, render_plan())
    result = mix(plan, load, tmp_path)
    sound = _floats(result.mix)
    assert len(sound) == plan.total_samples == round(330 * 48_000 * 1001 / 30_000)
    assert pyloudnorm.Meter(48_000).integrated_loudness(sound) == pytest.approx(-16.0, abs=0.1)
    assert result.loudness_lufs == pytest.approx(-16.0, abs=0.1)
    assert result.true_peak_dbtp <= -1.5


def test_stems_add_up_to_the_mix_where_nothing_is_limited(shotlist, render_plan, load, tmp_path):
    result = mix(mix_plan(shotlist, render_plan(without=("sfx.door",))), load, tmp_path)
    total = sum(_floats(path) for path in (result.dialogue, result.music, result.effects))
    assert result.reduction_db == 0.0
    assert np.abs(total - _floats(result.mix)).max() < 2.5 / 32_768


def test_same_plan_gives_the_same_bytes(shotlist, render_plan, load, tmp_path):
    plan = mix_plan(shotlist, render_plan())
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        mix(plan, load, tmp_path / name)
    for stem in ("dialogue", "music", "effects", "mix"):
        assert (tmp_path / "a" / f"{stem}.wav").read_bytes() == (tmp_path / "b" / f"{stem}.wav").read_bytes()


def test_music_ducks_under_speech_and_comes_back(shotlist, render_plan, load, tmp_path):
    music = _floats(mix(mix_plan(shotlist, render_plan()), load, tmp_path).music)
    line_s = 91 * 1001 / 30_000
    under, after = _level_db(music, line_s + 0.2, line_s + 1.7), _level_db(music, 6.6, 7.6)
    assert after - under == pytest.approx(10.0, abs=0.7)


def test_peaky_line_does_not_clip_its_stem_and_stays_as_loud(tmp_path):
    """Peaks 20 dB over its loudness, as some voices have them."""
    line = (0.1 * np.sin(np.arange(144_000) / 8)).astype(np.float32)
    line[6000::12_000] = 0.9
    clip = PlacedClip(
        role="dialogue", asset_id="v", content_hash="0" * 64, start_sample=0, end_exclusive_sample=144_000,
        level_lufs=-18.0,
    )  # fmt: skip
    result = mix(MixPlan(total_samples=144_000, clips=(clip,)), lambda _: (line, 48_000), tmp_path)
    assert result.clipped_samples == 0
    assert result.loudness_lufs == pytest.approx(-16.0, abs=0.1)


def test_line_is_heard_in_its_place_only(shotlist, render_plan, load, tmp_path):
    dialogue = _floats(mix(mix_plan(shotlist, render_plan()), load, tmp_path).dialogue)
    heard = np.flatnonzero(np.abs(dialogue[:, 0]) > 0.01)
    start = round(91 * 48_000 * 1001 / 30_000)
    assert abs(heard[0] - start) < 48
    assert abs(heard[-1] - (start + 1.9 * 48_000)) < 96
    assert np.array_equal(dialogue[:, 0], dialogue[:, 1])


def test_muted_mix_has_the_same_music_at_another_gain_and_no_voice(shotlist, render_plan, load, tmp_path):
    results = {}
    for voice in ("spoken", "muted"):
        (tmp_path / voice).mkdir()
        results[voice] = mix(mix_plan(shotlist, render_plan(voice=voice)), load, tmp_path / voice)
    muted = results["muted"]
    total = _floats(muted.music) + _floats(muted.effects)
    under_limiter = np.abs(_floats(muted.mix)) <= np.abs(total) + 2.5 / 32_768
    assert under_limiter.all()
    assert muted.loudness_lufs == pytest.approx(-16.0, abs=0.1)
    assert np.abs(_floats(muted.dialogue)).max() > 0.1
    spoken_music, muted_music = _floats(results["spoken"].music), _floats(muted.music)
    ratio = 10 ** ((muted.gain_db - results["spoken"].gain_db) / 20)
    assert np.abs(muted_music - spoken_music * ratio).max() < (1 + ratio) / 32_768


def test_quiet_film_with_one_click_is_limited_at_the_click_only(tmp_path):
    """Its gain lifts hops over the ceiling that pass 1 only has a bound of at first."""
    random = np.random.Generator(np.random.PCG64(4))
    bed = np.clip(random.laplace(0, 0.014, (96_000, 2)), -0.11, 0.11).astype(np.float32)
    sounds = {"0" * 64: bed, "1" * 64: np.array([0.3, 0.3], np.float32)}
    clips = [
        PlacedClip(
            role="effects", asset_id="a", content_hash=content_hash, start_sample=start,
            end_exclusive_sample=240_000, loop=start == 0,
        )
        for content_hash, start in (("0" * 64, 0), ("1" * 64, 4800))
    ]  # fmt: skip
    plan = MixPlan(total_samples=240_000, clips=tuple(clips))
    result = mix(plan, lambda content_hash: (sounds[content_hash], 48_000), tmp_path)
    assert result.gain_db > 11
    assert result.true_peak_dbtp == pytest.approx(-3.0, abs=0.1)
    assert np.abs(_floats(result.effects) - _floats(result.mix))[48_000:].max() < 2.5 / 32_768


def test_film_without_a_sound_is_silence(tmp_path):
    result = mix(MixPlan(total_samples=100_001), lambda _: (np.zeros(1, np.int16), 48_000), tmp_path)
    assert result.silence
    assert result.true_peak_dbtp is None
    assert not _floats(result.mix).any()
    assert len(_floats(result.mix)) == 100_001


def test_memory_does_not_grow_with_the_film(tmp_path):
    random = np.random.Generator(np.random.PCG64(2))
    bed = (0.1 * random.standard_normal((48_000, 2))).astype(np.float32)

    def peak_bytes(seconds: int) -> int:
        clip = PlacedClip(
            role="music",
            asset_id="m",
            content_hash="0" * 64,
            start_sample=0,
            end_exclusive_sample=seconds * 48_000,
            loop=True,
        )
        tracemalloc.start()
        mix(MixPlan(total_samples=seconds * 48_000, clips=(clip,)), lambda _: (bed, 48_000), tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    peak_bytes(1)  # imports and caches
    assert peak_bytes(30) - peak_bytes(10) < 1_000_000  # 20 s of one stem as float32 alone are 8 MB
