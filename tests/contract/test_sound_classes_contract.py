"""One suite over every sound classes engine: what a caller may rely on, whichever it gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from actors.sound_chunks import SoundBlock, heard_whole
from actors.sound_classes.convolutional import ConvolutionalSoundClasses
from actors.sound_classes.hearing import FLOOR_DB, GRID, LEVEL
from actors.sound_classes.stub import StubSoundClasses
from schemas.errors import InvalidInput, Unavailable
from tools.noises import noise_of

RATE_HZ = 16_000


@pytest.fixture(scope="module", params=[ConvolutionalSoundClasses, StubSoundClasses], ids=["convolutional", "stub"])
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    engine = request.param()
    engine.load()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    """70 s, over two chunks."""
    return np.concatenate([noise_of("machine", 70_000, 40.0), noise_of("weather", 70_001, 30.0)])


def heard(engine: Any, sound: np.ndarray) -> np.ndarray:
    [answer] = engine.infer([SoundBlock(sound, ends=True)])
    return answer.frames


@pytest.mark.parametrize("samples", [0, 1, 320, 321, 40_000, GRID.chunk_frames * GRID.hop_samples + 1])
def test_sound_of_any_length_gets_a_row_every_20_ms(engine, samples):
    frames = heard(engine, np.zeros(samples, np.float32))
    assert frames.shape == (-(-samples // GRID.hop_samples), 4)
    assert frames.dtype == np.float32


def test_likelihoods_are_likelihoods_and_levels_are_decibels(engine, sound):
    frames = heard(engine, sound)
    assert 0 <= frames[:, :LEVEL].min() <= frames[:, :LEVEL].max() <= 1
    assert -60 < frames[:, LEVEL].max() <= 0
    assert heard(engine, np.zeros(RATE_HZ, np.float32))[:, LEVEL].max() == FLOOR_DB


def test_full_scale_sine_at_1_khz_has_minus_3_decibels_and_one_at_100_hz_19_less(engine):
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    levels = [
        np.median(heard(engine, np.sin(2 * np.pi * hz * time_s).astype(np.float32))[:, LEVEL]) for hz in (1000, 100)
    ]
    assert levels[0] == pytest.approx(-3.0, abs=0.1)
    assert levels[1] - levels[0] == pytest.approx(-19.1, abs=0.3)


@pytest.mark.parametrize("seconds", [0.7, 10.0, 30.72, 61.44])
def test_answers_are_the_same_bytes_wherever_the_blocks_were_cut(engine, sound, seconds):
    samples = int(seconds * RATE_HZ)
    blocks = [sound[start : start + samples] for start in range(0, len(sound), samples)]
    assert heard_whole(engine, blocks).tobytes() == heard(engine, sound).tobytes()


def test_memory_does_not_grow_with_the_sound_and_ends_with_it(engine, sound):
    [first] = engine.infer([SoundBlock(sound)])
    [second] = engine.infer([SoundBlock(sound, first.memory)])
    [last] = engine.infer([SoundBlock(sound, second.memory, ends=True)])
    assert max(len(first.memory.samples), len(second.memory.samples)) <= GRID.seen_samples
    assert last.memory is None


def test_stand_in_says_why_in_every_result(engine):
    standing_in = type(engine)(degraded="the better one is away")
    standing_in.load()
    [answer] = standing_in.infer([SoundBlock(np.zeros(100, np.float32))])
    assert answer.backend.degraded == standing_in.spec.degraded == "the better one is away"
    assert (answer.backend.name, answer.backend.backend_type) == (engine.spec.name, engine.spec.backend_type)


@pytest.mark.parametrize("pcm", [np.zeros((10, 2), np.float32), np.zeros(10), np.array([np.nan], np.float32)])
def test_request_that_is_no_mono_sound_is_refused(pcm):
    with pytest.raises(InvalidInput, match="a block of sound needs"):
        SoundBlock(pcm)


def test_close_is_harmless_twice_and_before_load(engine):
    fresh = type(engine)()
    fresh.close()
    fresh.close()
    if fresh.spec.backend_type == "real":
        with pytest.raises(Unavailable, match=r"call load\(\) first"):
            fresh.infer([SoundBlock(np.zeros(10, np.float32))])
