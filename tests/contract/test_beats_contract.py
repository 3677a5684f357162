"""One suite over every beats engine: what a caller may rely on, whichever it gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from actors.beats.activations import CHUNK_FRAMES
from actors.beats.mel import HOP_SAMPLES
from actors.beats.stub import StubBeats
from actors.beats.tcn import TcnBeats
from actors.beats.tracking import track_beats
from actors.sound_chunks import SoundBlock, heard_whole
from schemas.errors import Unavailable
from tools.annotated_music import Recipe, rendered

RATE_HZ = 16_000


@pytest.fixture(scope="module", params=[TcnBeats, StubBeats], ids=["tcn", "stub"])
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    engine = request.param()
    engine.load()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    """70 s, over two chunks."""
    return rendered(Recipe.drawn(70_200, length_s=70.0, meter="4/4", drums="rock", curve="human", breaks=0.0)).pcm


def blocks(sound: np.ndarray, samples: int) -> list[np.ndarray]:
    return [sound[start : start + samples] for start in range(0, len(sound), samples)]


def heard(engine: Any, sound: np.ndarray) -> np.ndarray:
    [answer] = engine.infer([SoundBlock(sound, ends=True)])
    return answer.frames


@pytest.mark.parametrize("samples", [0, 1, 320, 321, 40_000, CHUNK_FRAMES * HOP_SAMPLES + 1])
def test_sound_of_any_length_gets_a_row_every_20_ms(engine, samples):
    activations = heard(engine, np.zeros(samples, np.float32))
    assert activations.shape == (-(-samples // HOP_SAMPLES), 3)
    assert activations.dtype == np.float32


def test_likelihoods_are_likelihoods_and_onsets_not_negative(engine, music):
    activations = heard(engine, music)
    assert 0 <= activations[:, :2].min() <= activations[:, :2].max() <= 1
    assert activations[:, 2].min() >= 0


@pytest.mark.parametrize("seconds", [0.7, 10.0, 30.72, 61.44])
def test_activations_are_the_same_bytes_wherever_the_blocks_were_cut(engine, music, seconds):
    whole = heard(engine, music)
    assert heard_whole(engine, blocks(music, int(seconds * RATE_HZ))).tobytes() == whole.tobytes()


def test_activations_are_the_same_bytes_alone_and_in_a_batch(engine, music):
    requests = [SoundBlock(music), SoundBlock(music[5000:], ends=True), SoundBlock(music[:9000], ends=True)]
    together = engine.infer(requests)
    alone = [engine.infer([one])[0] for one in reversed(requests)][::-1]
    assert [one.frames.tobytes() for one in together] == [one.frames.tobytes() for one in alone]


def test_memory_does_not_grow_with_the_sound_and_ends_with_it(engine, music):
    [first] = engine.infer([SoundBlock(music)])
    [second] = engine.infer([SoundBlock(music, first.memory)])
    [last] = engine.infer([SoundBlock(music, second.memory, ends=True)])
    assert max(len(first.memory.samples), len(second.memory.samples)) * 4 < 2.8e6
    assert last.memory is None


def test_silence_holds_no_beat(engine):
    track = track_beats(heard(engine, np.zeros(20 * RATE_HZ, np.float32)))
    assert (track.beats, track.tempo_bpm, track.stable) == ((), None, False)


def test_every_result_names_its_backend(engine, music):
    [answer] = engine.infer([SoundBlock(music[:1000])])
    assert (answer.backend.name, answer.backend.version) == (engine.spec.name, engine.spec.version)
    assert answer.backend.backend_type == engine.spec.backend_type


def test_stand_in_says_why_in_every_result(engine, music):
    standing_in = type(engine)(degraded="the better one is away")
    standing_in.load()
    [answer] = standing_in.infer([SoundBlock(music[:1000])])
    assert answer.backend.degraded == standing_in.spec.degraded == "the better one is away"


def test_close_is_harmless_twice_and_before_load(engine):
    fresh = type(engine)()
    fresh.close()
    fresh.close()
    if fresh.spec.backend_type == "real":
        with pytest.raises(Unavailable, match=r"call load\(\) first"):
            fresh.infer([SoundBlock(np.zeros(10, np.float32))])
