"""What a beats engine refuses, and that a missing package is said."""

from __future__ import annotations

import numpy as np
import pytest

from actors import chunk_engine
from actors.beats import tcn
from actors.beats.stub import StubBeats
from actors.beats.tcn import TcnBeats
from actors.beats.tracking import track_beats
from actors.sound_chunks import SoundBlock
from schemas.errors import InvalidInput, Unavailable


@pytest.mark.parametrize(
    "pcm", [np.zeros((10, 2), np.float32), np.zeros(10), np.array([np.nan], np.float32), np.array([np.inf], np.float32)]
)
def test_request_that_is_no_mono_sound_is_refused(pcm):
    with pytest.raises(InvalidInput, match="a block of sound needs"):
        SoundBlock(pcm)


def test_without_torch_it_is_unavailable_and_says_so(monkeypatch):
    monkeypatch.setattr(chunk_engine, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="torch, which is not installed"):
        TcnBeats().check()


def test_without_its_weights_it_is_unavailable_and_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(tcn, "WEIGHTS", tmp_path / "beats.safetensors")
    with pytest.raises(Unavailable, match=r"without its weights: 'beats\.safetensors'"):
        TcnBeats().check()


def test_check_fills_the_digest_and_stays_the_same():
    one, other = TcnBeats(), TcnBeats()
    one.check()
    other.check()
    assert len(one.spec.digest) == 64
    assert one.spec.digest == other.spec.digest


def test_stub_hears_bursts_where_they_are():
    random = np.random.default_rng(5)
    sound = random.normal(0, 1e-4, 20 * 16_000)
    for beat_s in np.arange(1, 19, 0.5):
        sound[round(beat_s * 16_000) :][:800] += random.normal(0, 0.2, 800)
    [heard] = StubBeats().infer([SoundBlock(sound.astype(np.float32), ends=True)])
    found = np.array([beat.time_s for beat in track_beats(heard.frames).beats])
    assert np.abs(found - np.arange(1, 19, 0.5)).max() < 0.03
