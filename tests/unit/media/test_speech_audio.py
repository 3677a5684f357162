"""Sound for recognisers: on the film's own clock, in blocks of bounded size, with what is missing named."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction
from weakref import WeakSet

import av
import numpy as np
import pytest

from actors.voice_activity.activity import CHUNK_SAMPLES
from pipelines.media import speech_audio
from pipelines.media.limits import MediaLimits
from pipelines.media.speech_audio import BLOCK_SAMPLES, SAMPLE_RATE_HZ, SoundBlock, cut_out, speech_blocks
from schemas.errors import MediaUnreadable

RATE_HZ = 48_000


def clicks(*at_s: float, length_s: float = 3.0, channels: int = 2, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Silence (N, channels) with a short click at each time."""
    sound = np.zeros((round(length_s * rate_hz), channels))
    for one in at_s:
        start = round(one * rate_hz)
        sound[start : start + rate_hz // 500] = 0.5
    return sound


def film(path, sound, *, sound_from_s=0.0, picture_from_s=0.0, skip_s=(), frames=50):
    """A Matroska film of 25 frames a second with PCM sound; `skip_s` are stretches of sound that are not written."""
    with av.open(str(path), "w", format="matroska") as container:
        picture = container.add_stream("libx264", rate=25, options={"bf": "2", "preset": "ultrafast"})
        picture.width = picture.height = 64
        heard = container.add_stream("pcm_s16le", rate=RATE_HZ, layout="stereo")
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), index, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index + round(picture_from_s * 25), Fraction(1, 25)
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        size = RATE_HZ // 50
        for start in range(0, len(sound) - size + 1, size):
            if any(begin <= start / RATE_HZ < end for begin, end in skip_s):
                continue
            block = np.ascontiguousarray((sound[start : start + size] * 32767).astype("<i2").reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="stereo")
            frame.sample_rate, frame.time_base = RATE_HZ, Fraction(1, RATE_HZ)
            frame.pts = start + round(sound_from_s * RATE_HZ)
            container.mux(heard.encode(frame))
        container.mux(heard.encode(None))
    return path


def heard(path, **options):
    """The whole sound of a file, and where some is missing in seconds."""
    blocks = list(speech_blocks(path, **options))
    missing = [(start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ) for block in blocks for start, end in block.missing]
    return np.concatenate([block.pcm for block in blocks]), missing


def click_times(pcm):
    """When each click begins, in seconds."""
    loud = np.flatnonzero(np.abs(pcm) > 0.2)
    return [round(float(one) / SAMPLE_RATE_HZ, 3) for one in loud[np.diff(loud, prepend=-1000) > 500]]


def test_speech_blocks_sound_alone_begins_with_its_first_sample(tiny):
    pcm, missing = heard(tiny.wav("a.wav", clicks(0.5, 2.0)))
    assert (pcm.dtype, len(pcm), missing) == (np.float32, 3 * SAMPLE_RATE_HZ, [])
    assert click_times(pcm) == pytest.approx([0.5, 2.0], abs=0.001)


def test_speech_blocks_sound_that_starts_late_is_on_the_clock_of_the_first_frame(tmp_path):
    pcm, missing = heard(film(tmp_path / "a.mkv", clicks(0.5), sound_from_s=0.7))
    assert click_times(pcm) == pytest.approx([1.2], abs=0.001)
    assert missing == []


def test_speech_blocks_sound_before_the_first_frame_is_left_out(tmp_path):
    pcm, _ = heard(film(tmp_path / "a.mkv", clicks(0.5, 2.0), picture_from_s=1.2))
    assert click_times(pcm) == pytest.approx([0.8], abs=0.001)
    assert len(pcm) == pytest.approx(1.8 * SAMPLE_RATE_HZ, abs=16)


def test_speech_blocks_sound_that_is_over_before_the_first_frame_is_one_empty_block(tmp_path):
    path = film(tmp_path / "a.mkv", clicks(0.5, length_s=1.0), picture_from_s=2.0)
    assert [(block.start_samples, len(block.pcm), block.missing) for block in speech_blocks(path)] == [(0, 0, ())]


@pytest.mark.parametrize("block", [BLOCK_SAMPLES, 1024])
def test_speech_blocks_hole_is_silence_and_named_once(tmp_path, monkeypatch, block):
    monkeypatch.setattr(speech_audio, "BLOCK_SAMPLES", block)
    pcm, missing = heard(film(tmp_path / "a.mkv", clicks(0.5, 2.5), skip_s=[(1.0, 1.8)]))
    assert click_times(pcm) == pytest.approx([0.5, 2.5], abs=0.002)
    assert missing == [pytest.approx((1.0, 1.8), abs=0.002)]


def test_speech_blocks_are_on_the_clock_of_a_film_of_ours(film):
    pcm, missing = heard(film)
    assert missing == []
    assert np.sqrt(np.mean(pcm[2000:14000] ** 2)) > 0.05


@pytest.mark.parametrize(("channels", "rate_hz"), [(1, 8_000), (8, 48_000), (2, 44_100), (6, 96_000)])
def test_speech_blocks_any_layout_and_rate_is_mixed_to_mono_without_clipping(tiny, channels, rate_hz):
    loud = np.full((rate_hz, channels), 0.99)
    pcm, _ = heard(tiny.wav("a.wav", loud, rate_hz))
    assert len(pcm) == SAMPLE_RATE_HZ
    assert 0.9 < np.abs(pcm[4000:12000]).max() <= 1.0


def test_speech_blocks_opposite_readers_in_two_channels_are_both_heard(tiny):
    sound = np.zeros((RATE_HZ, 2))
    sound[10_000:10_100, 0] = sound[30_000:30_100, 1] = 0.9
    assert len(click_times(heard(tiny.wav("a.wav", sound))[0])) == 2


def test_speech_blocks_of_any_size_hold_the_same_samples(tiny, monkeypatch):
    path = tiny.wav("a.wav", np.random.default_rng(1).uniform(-0.5, 0.5, (RATE_HZ * 2, 2)))
    whole, _ = heard(path)
    monkeypatch.setattr(speech_audio, "BLOCK_SAMPLES", 4096)
    blocks = list(speech_blocks(path))
    assert [len(block.pcm) for block in blocks[:-1]] == [4096] * (len(blocks) - 1)
    assert [block.start_samples for block in blocks] == list(range(0, len(whole), 4096))
    assert np.array_equal(np.concatenate([block.pcm for block in blocks]), whole)


def test_block_is_a_whole_number_of_voice_activity_chunks():
    assert BLOCK_SAMPLES % CHUNK_SAMPLES == 0


def test_speech_blocks_hold_one_block_in_memory_however_long_the_sound(tiny):
    path = tiny.wav("long.wav", np.zeros(8_000 * 150), 8_000)
    tracemalloc.start()
    total = sum(len(block.pcm) for block in speech_blocks(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 150 * SAMPLE_RATE_HZ
    assert peak < 3.5 * 4 * BLOCK_SAMPLES < 0.75 * 4 * total


@pytest.mark.parametrize("name", ["clip", "picture"])
def test_speech_blocks_file_without_sound_is_refused_by_name(tiny, tmp_path, name):
    if name == "clip":
        path = tiny.segment("clip.mp4", 3, 90)
    else:
        path = tmp_path / "picture.png"
        with av.open(str(path), "w", format="image2") as container:
            stream = container.add_stream("png")
            stream.width = stream.height = 16
            stream.pix_fmt = "rgb24"
            container.mux(stream.encode(av.VideoFrame(16, 16, "rgb24")))
            container.mux(stream.encode(None))
    with pytest.raises(MediaUnreadable, match=rf"'{path.name}' holds no sound"):
        list(speech_blocks(path))


def test_speech_blocks_longer_than_the_limit_is_refused_by_name(tiny):
    path = tiny.wav("a.wav", clicks())
    with pytest.raises(MediaUnreadable, match=r"'a.wav' lasts 3 s, at most 2 s"):
        list(speech_blocks(path, limits=MediaLimits(duration_s=2.0)))


def test_speech_blocks_times_that_lie_about_the_length_are_refused(tmp_path):
    path = film(tmp_path / "a.mkv", clicks(length_s=1.0), sound_from_s=40.0, frames=5)
    with pytest.raises(MediaUnreadable, match=r"'a.mkv' (lasts|sounds longer)"):
        list(speech_blocks(path, limits=MediaLimits(duration_s=20.0)))


def test_speech_blocks_cut_off_file_is_heard_up_to_its_end(tiny):
    whole = tiny.wav("a.wav", clicks(0.5, 2.5))
    (tiny.folder / "cut.wav").write_bytes(whole.read_bytes()[: 44 + RATE_HZ * 4])
    pcm, _ = heard(tiny.folder / "cut.wav")
    assert len(pcm) == SAMPLE_RATE_HZ
    assert click_times(pcm) == pytest.approx([0.5], abs=0.001)


@pytest.mark.parametrize(("name", "form", "codec", "sample_format"), [
    ("a.flac", "flac", "flac", "s16"), ("a.m4a", "ipod", "aac", "fltp"),
])  # fmt: skip
def test_speech_blocks_damaged_packets_are_passed_over_and_named(tmp_path, name, form, codec, sample_format):
    path = tmp_path / name
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=RATE_HZ, layout="mono")
        noise = np.random.default_rng(2).normal(0, 0.1, (1, RATE_HZ * 2))
        whole = noise.astype(np.float32) if sample_format == "fltp" else (noise * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(whole, format=sample_format, layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
        container.mux([*stream.encode(frame), *stream.encode(None)])
    raw = bytearray(path.read_bytes())
    middle, length = len(raw) // 2, len(raw) // 10
    raw[middle : middle + length] = np.random.default_rng(4).bytes(length)
    path.write_bytes(raw)
    pcm, missing = heard(path)
    assert len(pcm) == pytest.approx(2 * SAMPLE_RATE_HZ, abs=600)
    assert missing and 0.8 < missing[0][0] < missing[-1][1] < 1.5


@pytest.mark.parametrize("raw", [b"", b"#EXTM3U\nhttp://x/y.ts\n", b"RIFF\x24\x00\x00\x00WAVEfmt ", b"\x00" * 500])
def test_speech_blocks_file_that_is_no_sound_is_refused_by_name(tmp_path, raw):
    (tmp_path / "odd.wav").write_bytes(raw)
    with pytest.raises(MediaUnreadable, match=r"'odd.wav'"):
        list(speech_blocks(tmp_path / "odd.wav"))


def test_cut_out_ranges_are_the_samples_of_the_whole(tiny, monkeypatch):
    path = tiny.wav("a.wav", np.random.default_rng(3).uniform(-0.5, 0.5, (RATE_HZ, 2)))
    whole, _ = heard(path)
    monkeypatch.setattr(speech_audio, "BLOCK_SAMPLES", 1000)
    ranges = [(0, 10), (5, 2500), (2400, 2450), (9000, 9000), (15_000, 99_000), (17_000, 18_000)]
    parts = list(cut_out(speech_blocks(path), ranges))
    assert [part.tobytes() for part in parts] == [whole[start:end].tobytes() for start, end in ranges]


def test_cut_out_lets_go_of_blocks_that_are_behind():
    alive: WeakSet[SoundBlock] = WeakSet()

    def blocks():
        for index in range(50):
            block = SoundBlock(index * 100, np.zeros(100, np.float32))
            alive.add(block)
            yield block

    for part in cut_out(blocks(), [(start, start + 150) for start in range(0, 4800, 150)]):
        assert len(part) == 150
        assert len(alive) <= 4
