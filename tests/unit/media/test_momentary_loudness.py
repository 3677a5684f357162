"""Loudness as EBU R128 has it, of any number of channels and any sample rate, on the clock of the film."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from pipelines.media.momentary_loudness import NOTHING_LUFS, momentary_loudness
from schemas.errors import MediaUnreadable


def sine(path: Path, seconds: float, level_db: float, *, channels: int = 2, rate_hz: int = 48_000) -> Path:
    """1 kHz at a peak level, on every channel."""
    time_s = np.arange(int(seconds * rate_hz)) / rate_hz
    pcm = 10 ** (level_db / 20) * np.sin(2 * np.pi * 1000 * time_s)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.repeat(pcm[:, None], channels, 1) * 32767).astype("<i2").tobytes())
    return path


def measured(path: Path):
    *rows, facts = momentary_loudness(path)
    return np.concatenate(rows)[:, 0], facts


@pytest.mark.parametrize("level_db", [-23.0, -33.0])
@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 192_000])
def test_stereo_sine_is_as_loud_as_tech_3341_says(tmp_path, level_db, rate_hz):
    """Its test signals 1 and 2."""
    lufs, facts = measured(sine(tmp_path / "a.wav", 3.0, level_db, rate_hz=rate_hz))
    assert facts["integrated_lufs"] == pytest.approx(level_db, abs=0.1)
    assert facts["true_peak_dbtp"] == pytest.approx(level_db, abs=0.3)
    assert np.abs(lufs[5:] - level_db).max() < 0.1
    assert len(lufs) == 30


def test_one_channel_has_3_lu_less_and_eight_have_more(tmp_path):
    levels = [measured(sine(tmp_path / f"{n}.wav", 2.0, -23.0, channels=n))[1]["integrated_lufs"] for n in (1, 2, 8)]
    assert levels[0] == pytest.approx(-26.0, abs=0.1)
    assert levels[2] > levels[1] + 4


def test_silence_has_no_loudness(tmp_path):
    lufs, facts = measured(sine(tmp_path / "a.wav", 2.0, -200.0))
    assert (lufs == NOTHING_LUFS).all()
    assert (facts["integrated_lufs"], facts["true_peak_dbtp"]) == (None, None)


def test_long_sound_comes_a_minute_at_a_time(tmp_path):
    rows = list(momentary_loudness(sine(tmp_path / "a.wav", 150.0, -23.0, channels=1, rate_hz=8_000)))[:-1]
    assert [len(one) for one in rows] == [600, 600, 300]


def test_what_holds_no_sound_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"no sound")
    with pytest.raises(MediaUnreadable):
        list(momentary_loudness(path))
