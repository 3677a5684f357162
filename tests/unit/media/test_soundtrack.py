"""Sound encoded in stretches is as whole as sound encoded at one go."""

import hashlib

import av
import numpy as np
import pytest

from pipelines.media import soundtrack
from pipelines.media.soundtrack import FRAME_SAMPLES, add_soundtrack, sound_packets
from schemas.errors import Defect


def busy(samples: int) -> np.ndarray:
    """Stereo (N, 2): noise, tones, and a sharp attack every 3,000 samples, so that short windows stand at every seam."""
    rng = np.random.default_rng(5)
    time_s = np.arange(samples) / 48_000
    mono = 0.02 * rng.standard_normal(samples) + 0.1 * np.sin(2 * np.pi * 330 * time_s)
    decay = np.exp(-np.arange(800) / 120) * np.sin(np.arange(800) * 0.4)
    for start in range(500, samples - 800, 3000):
        mono[start : start + 800] += 0.5 * decay
    return np.stack([mono, np.roll(mono, 25)], axis=1)


def encoded(tiny, mix, samples: int, name: str = "a.mp4"):
    path = tiny.folder / name
    with av.open(
        str(path), "w", format="mp4", options={"fflags": "+bitexact", "movie_timescale": "48000"}
    ) as container:
        stream = add_soundtrack(container, "eng")
        pts = []
        for packet in sound_packets(stream, mix, samples, 2000):
            pts.append(packet.pts)
            container.mux(packet)
    return path, pts


def heard(path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


@pytest.mark.parametrize("samples", [1, 1023, 1024, 1025, 40 * 1024, 40 * 1024 + 1, 56 * 1024 - 1, 80 * 1024, 130_001])
def test_soundtrack_of_any_length_has_every_packet_once_and_its_exact_duration(tiny, monkeypatch, samples):
    monkeypatch.setattr(soundtrack, "STRETCH_FRAMES", 40)
    path, pts = encoded(tiny, tiny.wav("mix.wav", busy(samples)), samples)
    assert pts == [FRAME_SAMPLES * (number - 1) for number in range(len(pts))]
    assert len(pts) == 1 + -(-samples // FRAME_SAMPLES)
    with av.open(str(path)) as container:
        assert container.streams.audio[0].duration == samples


def test_soundtrack_at_a_seam_is_as_exact_as_elsewhere(tiny, monkeypatch):
    """A seam whose windows did not fit would add an error of the size of the signal, some 30 dB above the coding noise."""
    samples = 400 * FRAME_SAMPLES
    mix = tiny.wav("mix.wav", busy(samples))
    whole = heard(encoded(tiny, mix, samples)[0])[:, :samples]
    monkeypatch.setattr(soundtrack, "STRETCH_FRAMES", 40)
    joined = heard(encoded(tiny, mix, samples, "b.mp4")[0])[:, :samples]
    truth = (busy(samples) * 32767).astype("<i2").T / 32768

    def noise_db(sound):
        return 10 * np.log10(np.square(sound - truth).reshape(2, -1, FRAME_SAMPLES).mean(axis=(0, 2)) + 1e-12)

    seams = np.arange(40, 400, 40)
    worse_db = (noise_db(joined) - noise_db(whole))[np.concatenate([seams - 1, seams])]
    assert worse_db.max() < 3


def test_soundtrack_is_the_same_bytes_on_any_number_of_workers(tiny, monkeypatch):
    monkeypatch.setattr(soundtrack, "STRETCH_FRAMES", 40)
    mix = tiny.wav("mix.wav", busy(200_000))
    hashes = set()
    for workers in (1, 2, 5):
        monkeypatch.setattr(soundtrack, "_WORKERS", workers)
        hashes.add(hashlib.sha256(encoded(tiny, mix, 200_000)[0].read_bytes()).hexdigest())
    assert len(hashes) == 1


def test_soundtrack_of_a_mono_mix_is_heard_on_both_sides(tiny):
    sound = heard(encoded(tiny, tiny.wav("mix.wav", busy(48_000)[:, 0]), 48_000)[0])
    assert sound.shape[0] == 2
    assert np.abs(sound[0] - sound[1]).max() < 0.02
    assert np.abs(sound).max() > 0.3


def test_soundtrack_of_a_mix_at_another_rate_is_refused(tiny):
    with pytest.raises(Defect, match="44100 Hz"):
        encoded(tiny, tiny.wav("mix.wav", busy(48_000), rate_hz=44_100), 48_000)
