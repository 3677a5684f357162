"""Blocks of clips: whatever the blocks, the same sound; fades, loops and ducking where they belong."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.sound.hops import HOP_SAMPLES
from pipelines.sound.mix_plan import PlacedClip, Span
from pipelines.sound.placement import Block, GainCurve, add_clip, planes
from schemas.errors import InvalidInput

TOTAL = 100 * HOP_SAMPLES
DUCK = GainCurve([Span(start_sample=6000, end_exclusive_sample=8000)], before_s=0.01, hold_s=0.0, after_s=0.02)
NEVER = GainCurve([], before_s=1.0, hold_s=0.0, after_s=1.0)


def _clip(**fields) -> PlacedClip:
    calm = {
        "role": "music",
        "asset_id": "m",
        "content_hash": "0" * 64,
        "start_sample": 0,
        "end_exclusive_sample": TOTAL,
    }
    return PlacedClip(**{**calm, **fields})


def _heard(clip: PlacedClip, sound: np.ndarray, hops: int = 100) -> np.ndarray:
    film = np.zeros((2, TOTAL), np.float32)
    for start in range(0, TOTAL, hops * HOP_SAMPLES):
        end = min(start + hops * HOP_SAMPLES, TOTAL)
        add_clip(film[:, start:end], clip, sound, Block.between(start, end, DUCK, NEVER))
    return film


@pytest.mark.parametrize("hops", [1, 7, 33])
def test_clip_is_the_same_in_blocks_of_any_size(hops):
    sound = np.linspace(-1, 1, 2 * 3001, dtype=np.float32).reshape(2, -1)
    clip = _clip(
        start_sample=777, end_exclusive_sample=15_001, loop=True, duck_db=-10.0, gain_db=1.0, fade_in_samples=500,
        fade_out_samples=3000,
    )  # fmt: skip
    assert np.allclose(_heard(clip, sound, hops), _heard(clip, sound), atol=1e-6)


def test_loop_begins_again_where_it_ends():
    sound = np.arange(1000, dtype=np.float32)[None]
    heard = _heard(_clip(start_sample=130, loop=True), sound)
    assert not heard[:, :130].any()
    assert np.array_equal(heard[0, 130:], np.resize(sound[0], TOTAL - 130))
    assert np.array_equal(heard[0], heard[1])


def test_one_shot_ends_by_itself_and_is_cut_where_its_clip_ends():
    sound = np.ones((1, 1000), np.float32)
    assert np.flatnonzero(_heard(_clip(start_sample=200), sound)[0]).tolist() == list(range(200, 1200))
    cut = _heard(_clip(start_sample=200, end_exclusive_sample=500), sound)
    assert np.flatnonzero(cut[0]).tolist() == list(range(200, 500))


def test_fades_cross_at_equal_power():
    sound = np.ones((1, 4000), np.float32)
    out = _heard(_clip(end_exclusive_sample=4000, fade_out_samples=1000), sound)[0, 3000:4000]
    into = _heard(_clip(start_sample=3000, fade_in_samples=1000), sound)[0, 3000:4000]
    assert np.allclose(out**2 + into**2, 1.0, atol=1e-5)
    assert into[0] < 0.01 < 0.99 < into[-1]


def test_ducked_clip_is_down_while_somebody_speaks():
    heard = _heard(_clip(duck_db=-10.0), np.ones((1, TOTAL), np.float32))[0]
    assert np.allclose(heard[: 34 * HOP_SAMPLES], 1.0)
    assert np.allclose(heard[38 * HOP_SAMPLES : 8000], 10**-0.5, atol=0.005)
    assert np.allclose(heard[9200:], 1.0)


def test_sound_of_three_channels_is_refused():
    with pytest.raises(InvalidInput, match="3"):
        planes(np.zeros((10, 3), np.float32), 48_000)


def test_planes_of_a_line_are_a_copy_at_48_khz():
    line = np.full(2205, 16_384, np.int16)
    [plane] = planes(line, 22_050)
    assert len(plane) == 4800
    assert plane[2400] == pytest.approx(0.5, abs=1e-3)
