"""The sound of a part of a film: on the clock of its picture to the sample, silence where there is none, of exact length."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from pipelines.media.film_sound import write_sound
from schemas.errors import MediaUnreadable
from tests.clips.cards import card_film
from tests.clips.damage import cut_off

HZ = 48_000


def ramp(path: Path, *, first_s: Fraction = Fraction(0), rate_hz: int = HZ, gap: range = range(0)) -> Path:
    """A second of sound whose sample n is n / 2 (mod 2^15); without the samples of `gap`; lossless."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=rate_hz, layout="mono")
        samples = (np.arange(rate_hz) // 2 % 32_768).astype(np.int16)
        for start in range(0, rate_hz, 1200):
            if start in gap:
                continue
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1200], format="s16", layout="mono")
            frame.rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
            frame.pts = start + round(first_s * rate_hz)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def part(source: Path, *, zero_s: Fraction | int = 0, start_s: Fraction | int = 0, samples: int = HZ) -> np.ndarray:
    """int16 (N,): the left channel of what is written; the right one must be the same."""
    target = source.with_suffix(".part.wav")
    write_sound(source, target, zero_s=Fraction(zero_s), start_s=Fraction(start_s), samples=samples)
    with wave.open(str(target)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (HZ, 2, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert np.array_equal(pcm[:, 0], pcm[:, 1])
    return pcm[:, 0]


def expected(first: int, end: int) -> np.ndarray:
    """float64: as loud on two sides as the one side was, which is 3 dB less on each."""
    numbers = np.arange(first, end)
    return np.where((numbers >= 0) & (numbers < HZ), numbers // 2 % 32_768, 0) * np.sqrt(0.5)


@pytest.mark.parametrize(
    ("start_s", "samples"),
    [(Fraction(0), HZ), (Fraction(1, 4), 12_000), (Fraction(1001, 30_000), 1601), (Fraction(9, 10), HZ)],
)
def test_part_begins_and_ends_on_its_samples(tmp_path, start_s, samples):
    found = part(ramp(tmp_path / "a.mkv"), start_s=start_s, samples=samples)
    first = round(start_s * HZ)
    assert len(found) == samples
    assert np.abs(found - expected(first, first + samples)).max() <= 1


def test_part_counts_from_the_first_frame_of_the_picture(tmp_path):
    """Whose clock begins at 0.1 s here, while the sound begins at 0."""
    found = part(ramp(tmp_path / "a.mkv"), zero_s=Fraction(1, 10), samples=4800)
    assert np.abs(found - expected(4800, 9600)).max() <= 1


def test_sound_that_begins_later_than_the_picture_is_silent_until_then(tmp_path):
    found = part(ramp(tmp_path / "a.mkv", first_s=Fraction(1, 5)), samples=HZ // 2)
    assert not found[: HZ // 5].any()
    assert np.abs(found[HZ // 5 :] - expected(0, HZ // 2 - HZ // 5)).max() <= 1


def test_hole_in_the_sound_is_silence_and_what_follows_is_on_time(tmp_path):
    found = part(ramp(tmp_path / "a.mkv", gap=range(12_000, 24_000)))
    assert not found[12_100:23_900].any()
    assert np.abs(found[24_100:] - expected(24_100, HZ)).max() <= 1


@pytest.mark.parametrize("rate_hz", [16_000, 32_000, 44_100])
@pytest.mark.parametrize("start_s", [Fraction(0), Fraction(1, 4)])
def test_sound_of_another_rate_keeps_its_length_and_time(tmp_path, rate_hz, start_s):
    source = tmp_path / "a.wav"
    with wave.open(str(source), "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        beep = np.zeros(rate_hz, "<i2")
        beep[rate_hz // 2 : rate_hz // 2 + rate_hz // 200] = 20_000
        file.writeframes(beep.tobytes())
    found = part(source, start_s=start_s, samples=HZ * 3 // 4)
    loud = np.flatnonzero(found > 20_000 * np.sqrt(0.5) / 2)
    first = round((Fraction(1, 2) - start_s) * HZ)
    assert len(found) == HZ * 3 // 4
    assert abs(loud[0] - first) <= 2 and abs(loud[-1] + 1 - (first + HZ // 200)) <= 2


def test_sound_of_another_rate_is_on_time_after_a_hole(tmp_path):
    found = part(ramp(tmp_path / "a.mkv", rate_hz=24_000, gap=range(6000, 12_000)))
    assert not found[12_100:23_900].any()
    # what the resampler holds back is heard before the hole
    assert np.abs(found[:11_990] - np.arange(11_990) / 4 * np.sqrt(0.5)).max() <= 30
    assert np.abs(found[24_100:] - np.arange(24_100, HZ) / 4 * np.sqrt(0.5)).max() <= 2


def test_part_after_the_end_of_the_sound_is_silent(tmp_path):
    found = part(ramp(tmp_path / "a.mkv"), start_s=3, samples=1000)
    assert len(found) == 1000 and not found.any()


def test_sound_of_a_film_with_edit_list_is_heard_with_its_frames(tmp_path):
    """AAC begins with samples that nobody hears; a player leaves them out, and so must this."""
    tone = part(card_film(tmp_path / "a.mp4", sounds=("aac",)), samples=HZ // 2).astype(float)
    wanted = np.sin(2 * np.pi * 330 * np.arange(HZ // 2) / HZ)
    lags = range(-60, 61)
    best = max(lags, key=lambda lag: float(np.dot(tone[100:-100], np.roll(wanted, lag)[100:-100])))
    assert abs(best) <= 2


def test_film_without_sound_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(MediaUnreadable, match="holds no sound"):
        part(card_film(tmp_path / "a.mp4"))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_sound_that_was_cut_off_leaves_nothing_half_written(tmp_path):
    source = cut_off(card_film(tmp_path / "a.mkv", sounds=("flac",)), tmp_path / "b.mkv", 0.5)
    found = part(source, samples=HZ)
    assert len(found) == HZ
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "b.mkv", "b.part.wav"]
