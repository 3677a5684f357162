"""WAV files."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.media.wave_file import WaveWriter, read_wave, resample, write_wave
from schemas.errors import InvalidInput, MediaUnreadable


def test_written_samples_are_read_back(tmp_path):
    pcm = np.arange(-3000, 3000, dtype=np.int16).reshape(-1, 2)
    write_wave(tmp_path / "a.wav", pcm, 48_000)
    read, rate_hz = read_wave(tmp_path / "a.wav")
    assert rate_hz == 48_000
    assert np.array_equal(read, pcm)


def test_stream_gives_the_bytes_of_the_whole(tmp_path):
    pcm = np.arange(5000, dtype=np.int16)
    write_wave(tmp_path / "whole.wav", pcm, 22_050)
    with WaveWriter(tmp_path / "stream.wav", sample_rate_hz=22_050, channels=1) as out:
        for start in range(0, 5000, 700):
            out.write(pcm[start : start + 700])
    assert (tmp_path / "stream.wav").read_bytes() == (tmp_path / "whole.wav").read_bytes()


def test_failed_stream_leaves_no_file(tmp_path):
    with (
        pytest.raises(InvalidInput, match="2 channels"),
        WaveWriter(tmp_path / "a.wav", sample_rate_hz=48_000, channels=2) as out,
    ):
        out.write(np.zeros(10, np.int16))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [0, 20, 100])
def test_damaged_file_is_refused_by_name(tmp_path, cut):
    path = tmp_path / "a.wav"
    write_wave(path, np.zeros(1000, np.int16), 48_000)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(MediaUnreadable, match=r"a\.wav"):
        read_wave(path)


def test_resample_keeps_pitch_and_place():
    tone = np.sin(2 * np.pi * 1000 * np.arange(22_050) / 22_050).astype(np.float32)
    out = resample(tone, 22_050, 48_000)
    assert len(out) == 48_000
    expected = np.sin(2 * np.pi * 1000 * np.arange(48_000) / 48_000)
    assert np.abs(out - expected)[1000:-1000].max() < 0.01


def test_resample_does_not_wrap_the_end_into_the_beginning():
    step = np.concatenate([np.zeros(1000), np.ones(20_000)]).astype(np.float32)
    assert np.abs(resample(step, 22_050, 48_000)[:1000]).max() < 1 / 32_768


def test_resample_of_planes_is_that_of_each_channel():
    planes = np.random.Generator(np.random.PCG64(1)).standard_normal((2, 2205)).astype(np.float32)
    both = resample(planes, 22_050, 48_000)
    assert both.shape == (2, 4800)
    assert np.allclose(both[1], resample(planes[1], 22_050, 48_000), atol=1e-6)
